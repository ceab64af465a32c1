"""Captura manual in the browser: the régimen is granted, a package of five is typed by keyboard alone, one of them a
second time by somebody else, the difference settled, the package closed; the aspirante reads what was noted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.conftest import _acopio, _environment
from e2e.looks import check
from e2e.pages.portal import Portal
from e2e.poblada import PADRON, SEED, Poblada, make
from server import demo, seed
from server.app import writing
from server.clock import CENTRO, system_clock
from server.config import Settings
from server.domain import captura_papel
from server.domain.captura_papel import CAMPOS
from server.store.writer import Tx

pytestmark = [pytest.mark.e2e, pytest.mark.socket]

CEDULAS = 5


@dataclass(frozen=True)
class Mesa:
    """A box whose next package has exactly one cédula that is typed twice: `drawn`."""

    box: Poblada
    people: list[dict[str, str]]
    drawn: int
    scripts: bool


@pytest.fixture(params=[True, False], ids=["con JavaScript", "sin JavaScript"])
def mesa(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mesa]:
    place, port = demo.Place(tmp_path), demo.free_port()
    env = _environment(place, port)
    _acopio("init", env=env)
    padron = tmp_path / "padron.csv"
    _acopio("padron", str(padron), "--size", str(PADRON), "--seed", str(SEED), env=env, module="device_sim")
    box = Poblada(f"http://127.0.0.1:{port}", place)
    make(box, env)
    package = int(box.ejemplos["paquete_sin_nada"]) + 1
    share, drawn = _one_of(package)

    def draw(tx: Tx) -> None:
        tx.conn.execute("UPDATE ajustes SET valor = ? WHERE clave = 'regla_papel_doble_pct'", (str(share),))

    with writing(Settings.from_env(env), system_clock) as writer:
        writer.run(draw)
    people = [row for row in seed.padron_rows(padron) if row["fecha_nacimiento"] < "2000"]
    people = [row for row in people if row["situacion"] == "LISTA_NOMINAL"][20:]
    with demo.serving(env, box.url, tmp_path / "servidor.log"):
        yield Mesa(box, people, drawn, request.param)


def _one_of(package: int) -> tuple[int, int]:
    """(share, number): the smallest share by which a number of this package is drawn, and the first that is."""
    for share in range(1, 101):
        drawn = [n for n in range(1, CEDULAS + 1) if captura_papel.se_repite(package, n, share)]
        if drawn:
            return share, drawn[0]
    raise AssertionError


def test_a_package_of_five_by_keyboard(mesa: Mesa, browser: Browser) -> None:
    folder = os.environ.get("ACOPIO_MIRAR")
    context = mesa.box.open(
        browser, "administracion", java_script_enabled=mesa.scripts, viewport={"width": 1440, "height": 900}
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    portal = Portal(page, mesa.box.url)
    package = grant_and_open(mesa, portal)

    mesa.box.enter(context, "operacion")
    portal.open("/opl").menu("Captura manual").follow("P-5").follow("Capturar")
    for numero in range(1, CEDULAS):
        expect(page.get_by_label("Cédula número")).to_have_value(str(numero))
        person = mesa.people[numero]
        changes = {"nombre": "OTRO NOMBRE"} if numero == mesa.drawn else {}
        type_cedula(page, {**person, **changes}, "sin_firma" if numero == 1 else "")
        again(page)
        if folder and numero == 1:
            pictures(page, Path(folder), f"captura-{mesa.scripts}")
    last = {**mesa.people[CEDULAS], **({"nombre": "OTRO NOMBRE"} if mesa.drawn == CEDULAS else {})}
    hints(mesa, page, last, folder)
    portal.heading("Paquete P-5")
    portal.open(f"/opl/captura/paquetes/{package}/repetir")
    portal.heading("Paquete P-5")
    expect(portal.main).to_contain_text("no hay cédulas que usted deba repetir")

    mesa.box.enter(context, "administracion")
    portal.open(f"/opl/captura/paquetes/{package}").follow("Segunda captura")
    expect(page.get_by_label("Cédula número")).to_have_value(str(mesa.drawn))
    assert "OTRO NOMBRE" not in page.content()
    type_cedula(page, mesa.people[mesa.drawn], "sin_firma" if mesa.drawn == 1 else "")
    again(page)
    portal.heading("Paquete P-5")
    portal.open(f"/opl/captura/paquetes/{package}/cerrar")
    expect(portal.main).to_contain_text("Todavía no se puede cerrar")

    portal.open("/opl/captura/conciliar")
    page.get_by_role("row", name="P-5").get_by_role("link").click()
    expect(portal.main).to_contain_text("OTRO NOMBRE")
    if folder:
        pictures(page, Path(folder), f"conciliar-{mesa.scripts}")
    for choice in page.get_by_label(re.compile(r"^\s*Segunda: ")).all():
        choice.check()
    portal.press("Guardar como quedó")
    expect(portal.main).to_contain_text("La cédula quedó conciliada.")

    portal.open(f"/opl/captura/paquetes/{package}").follow("Cerrar el paquete").press("Cerrar el paquete")
    expect(portal.main).to_contain_text("El paquete quedó cerrado.")
    assert page.locator("tbody .etiqueta.bien").count() == CEDULAS
    if folder:
        pictures(page, Path(folder), f"paquete-{mesa.scripts}")
    if mesa.scripts:
        assert check(page, "paquete", dark=False) == []
    folio = page.locator("tbody a.folio").last.inner_text()

    mesa.box.enter(context, "aspirante")
    portal.open(f"/aspirante/estadisticas/registros?folio={folio}").follow(folio)
    expect(portal.main).to_contain_text("Sin firma")
    expect(portal.main).to_contain_text(mesa.people[1]["apellido_paterno"])
    context.close()
    assert [one for one in complaints if "422" not in one] == []


def grant_and_open(mesa: Mesa, portal: Portal) -> str:
    """Returns the id of the package."""
    today = datetime.now(CENTRO)
    portal.open("/opl/captura/excepciones/nueva")
    portal.write("Aspirante", mesa.box.ejemplos["folio"]).tick("Todo el territorio")
    portal.write("Oficio", "OPL/CG/040/2026").write("Fecha", f"{today - timedelta(days=3):%Y-%m-%d}")
    portal.press("Otorgar")
    expect(portal.main).to_contain_text("El régimen de excepción quedó otorgado.")
    portal.open("/opl/captura/paquetes/nuevo").write("Aspirante", mesa.box.ejemplos["folio"])
    portal.write("Folio del paquete", "P-5").write("Cédulas que trae", str(CEDULAS))
    portal.write("Recepción", f"{today - timedelta(minutes=5):%Y-%m-%dT%H:%M}").press("Abrir el paquete")
    portal.heading("Paquete P-5")
    found = re.search(r"paquetes/(\d+)", portal.page.url)
    assert found
    return found[1]


def type_cedula(page: Page, person: dict[str, str], criterio: str, *, enter: bool = True) -> None:
    """The seven data one after another from where the cursor is, the criterion by the arrows, Enter."""
    expect(page.locator(":focus")).to_have_attribute("id", "c-clave_elector")
    for campo in CAMPOS:
        expect(page.locator(":focus")).to_have_attribute("name", campo)
        page.keyboard.type(person[campo])
        page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("name", "criterio")
    for _ in range(list(captura_papel.CRITERIOS).index(criterio) + 1 if criterio else 0):
        page.keyboard.press("ArrowDown")
    if enter:
        page.keyboard.press("Enter")


def again(page: Page) -> None:
    """A hint was shown, before Enter or by it (another name than the clave's, what the padrón says): once it has been
    seen, Enter saves."""
    page.wait_for_timeout(700)
    page.wait_for_load_state()
    if page.locator("[data-aviso]").count():
        page.keyboard.press("Enter")


def hints(mesa: Mesa, page: Page, person: dict[str, str], folder: str | None) -> None:
    """The last one is typed with a CIC that the package has already: it is told, nothing is lost, Enter saves."""
    wrong = {**person, "cic": mesa.people[2]["cic"]}
    if mesa.scripts:
        type_cedula(page, wrong, "", enter=False)
        expect(page.locator("[data-aviso=repetida]")).to_be_visible()
        if folder:
            pictures(page, Path(folder), "avisos")
        assert check(page, "captura con avisos") == []
        page.locator("#c-nombre").press("Enter")
    else:
        type_cedula(page, wrong, "")
        expect(page.locator("[data-aviso=repetida]")).to_be_visible()
        for campo in CAMPOS:
            expect(page.locator(f"#c-{campo}")).to_have_value(wrong[campo])
        expect(page.locator(":focus")).to_have_attribute("name", re.compile("clave_elector|cic"))
        page.keyboard.press("Enter")


def pictures(page: Page, folder: Path, name: str) -> None:
    """To be looked at."""
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
