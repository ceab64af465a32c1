"""Every page of the portals, as everybody who has it sees it: e2e/paginas.py says which, this looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, expect

from e2e.looks import check
from e2e.pages.portal import Portal
from e2e.paginas import EMPTY, ERRORES, PAGES, WRONG, Vista
from e2e.poblada import Poblada, poblada, vacia
from server.registro import plantilla

pytestmark = [pytest.mark.e2e, pytest.mark.socket]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poblada]:
    with poblada(tmp_path_factory.mktemp("poblada")) as made:
        yield made


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poblada]:
    with vacia(tmp_path_factory.mktemp("vacia")) as made:
        yield made


@dataclass
class Watched:
    """A page that is used for many visits, and what its browser complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def complain(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def look(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{self.page.url}: {response.status} {response.url}")


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(locale="es-MX", timezone_id="America/Mexico_City")
    context.set_default_timeout(10_000)
    watched = Watched(context.new_page())
    watched.page.on("console", watched.complain)
    watched.page.on("response", watched.look)
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    yield watched
    context.close()
    assert watched.complaints == []


def visit(box: Poblada, page: Page, vista: Vista) -> int:
    """Open an address as somebody; returns the status."""
    box.enter(page.context, vista.quien)
    answer = page.goto(box.url + vista.direccion.format(**box.ejemplos))
    assert answer is not None
    return answer.status


def prepare(box: Poblada, page: Page) -> None:
    """What is made through the pages: a file of auxiliares with wrong rows, a memory card, a login half way."""
    portal = Portal(page, box.url)
    visit(box, page, Vista("aspirante", "/aspirante/estadisticas/registros?dispositivo=2"))
    box.ejemplos["registro"] = page.locator("tbody a").first.inner_text()
    visit(box, page, Vista("aspirante", "/aspirante/auxiliares/carga"))
    header = plantilla.csv().decode("utf-8-sig").splitlines()[0]
    rows = [f"Ana,Ruiz,{'W' * 120},31/02/1990,12,esto no es un correo,g,CLAVE,CURP,", "Solo,tres,datos"] * 3
    content = "\r\n".join([header, *rows, ""]).encode()
    portal.attach("Archivo", f"{'auxiliares-' * 12}.csv", content, "text/csv").press("Subir y revisar")
    expect(page.get_by_role("heading", name="Por corregir")).to_be_visible()
    box.ejemplos["carga"] = page.url.rpartition("/")[2]
    visit(box, page, Vista("administracion", "/opl/tarjetas"))
    card = f"{'registro-' * 20}.sobre"
    portal.attach("Archivos de la tarjeta", card, b"esto no es un sobre", "application/octet-stream")
    portal.press("Recibir los sobres")
    expect(page.get_by_role("main")).to_contain_text("primero los que piden")
    box.ejemplos["tarjeta"] = page.url.rpartition("/")[2].partition("?")[0]
    visit(box, page, Vista("nadie", "/entrar/aspirante"))
    portal.fill(Usuario="alguien@ejemplo.mx", Folio_único="1").press("Continuar")
    [step] = page.context.cookies()
    box.cookies["a_medias"] = f"{step['name']}={step['value']}"


EXPECTED = {"/invitacion/vencida": 410, "/restablecer/vencida": 410}
"""Addresses whose page says that something is over."""


def test_every_page(box: Poblada, watched: Watched) -> None:
    prepare(box, watched.page)
    found: list[str] = []
    for place, vista in (pair for views in PAGES.values() for pair in enumerate(views)):
        status = visit(box, watched.page, vista)
        if status != EXPECTED.get(vista.direccion, 200):
            found.append(f"{vista.quien} {vista.direccion}: {status}")
        # The same page in another state has the same colours.
        found += check(watched.page, f"{vista.quien} {vista.direccion}", dark=place == 0)
    assert not found, "\n".join(found)


def test_every_form_that_comes_back(box: Poblada, watched: Watched) -> None:
    """The error beside its field, the focus on the first wrong one, and all of it as readable as before."""
    if "a_medias" not in box.cookies:
        prepare(box, watched.page)
    page, found = watched.page, []
    portal = Portal(page, box.url)
    for mal in WRONG:
        name = f"{mal.vista.quien} {mal.vista.direccion}, mal"
        visit(box, page, mal.vista)
        for label, value in mal.escribe:
            portal.write(label, value)
        portal.press(mal.boton)
        if not portal.errors():
            found.append(f"{name}: no dice nada")
        elif not page.evaluate("document.activeElement.ariaInvalid === 'true'"):
            found.append(f"{name}: el foco queda en {page.evaluate('document.activeElement.outerHTML.slice(0, 80)')}")
        found += check(page, name, dark=False)
    assert not found, "\n".join(found)


def test_every_refusal_is_a_page(box: Poblada, watched: Watched) -> None:
    found = []
    for vista in ERRORES:
        status = visit(box, watched.page, vista)
        menu = watched.page.get_by_role("navigation", name="Menú")
        assert status in (403, 404), vista
        assert menu.count() == (vista.quien != "nadie"), "whoever is in keeps the menu"
        found += check(watched.page, f"{vista.quien} {vista.direccion}")
    assert not found, "\n".join(found)


def test_an_empty_box(empty: Poblada, watched: Watched) -> None:
    found = []
    for direccion in EMPTY:
        assert visit(empty, watched.page, Vista("administracion", direccion)) == 200
        found += check(watched.page, f"sin nada {direccion}", dark=False)
    assert not found, "\n".join(found)
