"""A server as an institute would start it, phones that send to it over a bad line, and a browser to look at it.

Everything is a process of its own, as in real life. What the demo knows of starting and waiting is used from there.
"""

from __future__ import annotations

import csv
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from server import demo
from server.seed import Sembrado

ROOT = Path(__file__).parents[1]
APOYOS = 2
"""By phone; with the testigos of its alta, each sends one more."""
SEED = 2026


@dataclass(frozen=True)
class Site:
    """A server in its own folder. `auxiliares`: who was registered, with the Ids that reach them in real life."""

    url: str
    auxiliares: tuple[Sembrado, ...]


@dataclass(frozen=True)
class Delivered:
    """What the phones came to, as they report it themselves."""

    result: dict[str, Any]

    def of(self, auxiliar: Sembrado) -> dict[str, Any]:
        """The figures of this auxiliar's phone."""
        return next(phone for phone in self.result["telefonos"] if phone["auxiliar"] == auxiliar.auxiliar)


def _environment(place: demo.Place, port: int) -> dict[str, str]:
    """The settings of the demo, and none of whoever runs the tests."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ACOPIO_")}
    return {**outside, **place.settings_env, "ACOPIO_ESCUCHA": f"127.0.0.1:{port}"}


def _acopio(*arguments: str, env: dict[str, str], module: str = "server") -> str:
    """One order of the command line, as LEEME.md has an administrator give it."""
    run = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


_GROUPS = {
    "paginas": ("test_every_portal_page::test_every_page",),
    "telefonos": ("test_auxiliar", "test_demo", "test_every_page", "test_front_page", "test_keyboard"),
    "formas": ("test_every_portal_page", "test_keyboard_portals"),
    "mesa": ("test_mesa", "test_captura"),
    "recorridos": ("test_portales",),
    "despues": ("test_despues_del_acuse",),
    "audiencia": ("test_audiencia",),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups that run side by side, each with a server of its own, the longest first: what begins last is soon done."""
    places = {which: n for n, group in enumerate(_GROUPS.values()) for which in group}
    names = [*_GROUPS, "otras"]

    def place(item: pytest.Item) -> int:
        module = item.path.stem
        return places.get(f"{module}::{item.name}", places.get(module, len(_GROUPS)))

    for item in items:
        item.add_marker(pytest.mark.xdist_group(names[place(item)]))
    items.sort(key=place)


@contextmanager
def _site(folder: Path) -> Iterator[tuple[Site, demo.Place, dict[str, str]]]:
    place, port = demo.Place(folder), demo.free_port()
    env = _environment(place, port)
    _acopio("init", env=env)
    said = _acopio(
        "seed", "--proceso", "Proceso Electoral Local", "--cargo", "Presidencia Municipal",
        "--inicia", "01/01/2020 00:00", "--termina", "31/12/2099 18:00",
        "--aspirante", "Aurelia|Montes|Quiñones|aurelia.montes@ejemplo.mx",
        "--auxiliar", "Itzel|Barrera|Nava|itzel.barrera@ejemplo.mx",
        "--auxiliar", "Rogelio|Peña|Ibarra|rogelio.pena@ejemplo.mx",
        env=env,
    )  # fmt: skip
    made = tuple(
        Sembrado(int(solicitud), int(auxiliar), correo)
        for solicitud, auxiliar, correo in re.findall(r"Id de proceso (\d+), Id de auxiliar (\d+): (\S+)", said)
    )
    assert len(made) == 2, said
    url = f"http://127.0.0.1:{port}"
    with demo.serving(env, url, folder / "servidor.log"):
        yield Site(url, made), place, env


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, demo.Place, dict[str, str]]]:
    """The server of most journeys, with the demo's inbox open."""
    with _site(tmp_path_factory.mktemp("opl")) as made:
        yield made


@pytest.fixture(scope="session")
def delivered(started: tuple[Site, demo.Place, dict[str, str]]) -> Delivered:
    """Two phones have captured offline and sent over a line that was cut, and the acuses have come by mail."""
    site, place, env = started
    status, result = demo.run_phones(place, env, site.url, APOYOS, SEED, list(site.auxiliares))
    assert status == 0, result
    expected = result["totales"]["acuses"]
    assert demo.wait_for_mail(site.url, list(site.auxiliares), expected=expected) == expected
    return Delivered(result)


@pytest.fixture(scope="session")
def site(started: tuple[Site, demo.Place, dict[str, str]], delivered: Delivered) -> Site:
    """The server, once the phones are done."""
    return started[0]


@pytest.fixture(scope="session")
def new_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that nobody has used yet."""
    with _site(tmp_path_factory.mktemp("opl-nuevo")) as (site, _, _):
        yield site


@dataclass(frozen=True)
class EmptyBox:
    """A server that has nothing but its keys and a padrón: nobody is in it yet.

    `people`: adults in the padrón, each with its place there. `acopio`: an order of the console.
    `phones`: lets phones of these auxiliares capture and send.
    """

    url: str
    people: list[dict[str, str]]
    acopio: Callable[..., str]
    phones: Callable[[list[Sembrado]], dict[str, Any]]


@pytest.fixture
def empty_box(tmp_path: Path) -> Iterator[EmptyBox]:
    """A box of one's own for a journey that begins with nothing."""
    place, port = demo.Place(tmp_path), demo.free_port()
    env = _environment(place, port)
    padron = tmp_path / "padron.csv"
    _acopio("init", env=env)
    _acopio("padron", str(padron), "--size", "2000", "--seed", str(SEED), env=env, module="device_sim")
    _acopio("padron", "import", str(padron), "--corte", "2026-10-31", env=env)
    with padron.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "lugar": str(place)} for place, row in enumerate(csv.DictReader(file))]
    people = [row for row in rows[:60] if row["situacion"] == "LISTA_NOMINAL"]
    people = [row for row in people if row["fecha_nacimiento"] < "2005"]
    url = f"http://127.0.0.1:{port}"

    def phones(auxiliares: list[Sembrado]) -> dict[str, Any]:
        status, result = demo.run_phones(place, env, url, APOYOS, SEED, auxiliares)
        assert status == 0, result
        return result

    with demo.serving(env, url, tmp_path / "servidor.log"):
        yield EmptyBox(url, people, functools.partial(_acopio, env=env), phones)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the journeys leave the manuals' screenshots: docs/img when `ACOPIO_FOTOS=si`, else nowhere that stays."""
    if os.environ.get("ACOPIO_FOTOS") == "si":
        return ROOT / "docs" / "img"
    return tmp_path_factory.mktemp("fotos")


def _chromium() -> str:
    noted = ROOT / ".venv" / ".chromium"
    named = noted.read_text(encoding="utf-8").strip() if noted.exists() else os.environ.get("ACOPIO_CHROMIUM")
    found = named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not found:
        pytest.fail("No hay navegador: ejecute deploy/preparar-navegador o indique ACOPIO_CHROMIUM.")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run; each test gets a context of its own."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=_chromium(), args=arguments)
        yield launched
        launched.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens a page in a new context (`java_script_enabled`, `color_scheme`, … as Playwright has them).

    At the end the test fails if the browser complained, for example that the content security policy stopped something,
    or if anything was missing that no test asked for on purpose (`page.goto` of an unknown address is the only one).
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        # What a page could not load is judged below, by its address.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    def look(response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            complaints.append(f"{response.status} {response.url}")

    def open_(**options: Any) -> Page:
        context = browser.new_context(locale="es-MX", timezone_id="America/Mexico_City", **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", complain)
        page.on("response", look)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page on a wide screen."""
    return open_page(viewport={"width": 1440, "height": 900})
