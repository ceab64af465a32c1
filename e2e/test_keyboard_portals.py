"""The portals by keyboard alone: skip link, menu, filter, row, a form that comes back and is sent again. Both with
JavaScript and without; and what a page does by itself disturbs nobody who is in it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.poblada import Poblada, poblada
from e2e.test_keyboard import tab_to

pytestmark = [pytest.mark.e2e, pytest.mark.socket]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poblada]:
    with poblada(tmp_path_factory.mktemp("teclado"), phones=False) as made:
        yield made


@pytest.fixture(params=[True, False], ids=["con JavaScript", "sin JavaScript"])
def page(request: pytest.FixtureRequest, browser: Browser, box: Poblada) -> Iterator[Page]:
    context = box.open(
        browser, "administracion", java_script_enabled=request.param, viewport={"width": 1280, "height": 800}
    )
    yield context.new_page()
    context.close()


def focused(page: Page) -> str:
    """Id of what has the focus."""
    return str(page.locator(":focus").get_attribute("id"))


def test_from_the_skip_link_to_a_saved_form(box: Poblada, page: Page) -> None:
    page.goto(f"{box.url}/opl")
    tab_to(page, "Ir al contenido", most=1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#contenido$"))
    page.goto(f"{box.url}/opl")
    tab_to(page, "^Aspirantes$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Aspirantes")

    tab_to(page, "Nombre o folio")
    page.keyboard.type(box.ejemplos["folio_sin_confirmar"])
    tab_to(page, "Filtrar")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?texto=\d+"))
    row = page.locator("tbody a")
    expect(row).to_have_count(1)
    name = row.inner_text()
    tab_to(page, f"^{re.escape(name)}$")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)

    tab_to(page, "^Modificar$")
    page.keyboard.press("Enter")
    tab_to(page, "Lugar de nacimiento")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    tab_to(page, "Número de oficio")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("OPL/SE/099/2026")
    page.keyboard.press("Enter")
    expect(page.locator(".errores")).to_be_visible()
    assert focused(page) == "c-lugar_nacimiento", "the focus goes to the first wrong field"
    expect(page.get_by_label("Número de oficio")).to_have_value("OPL/SE/099/2026")
    page.keyboard.type("Jerez")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    # What differs in this registro is told again, and must be said to have been seen.
    tab_to(page, "^Revisé")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Jerez")


def test_a_page_that_reads_itself_again_disturbs_nobody(box: Poblada, browser: Browser) -> None:
    """The reporte de avance asks every 15 seconds: focus, scroll and what is open stay; the figures are new."""
    context = box.open(browser, "operacion", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.clock.install()
    page.goto(f"{box.url}/opl/avance/{box.ejemplos['folio']}")
    table = page.get_by_role("region", name="Cifras por día")
    table.evaluate("one => { one.focus(); one.scrollTop = 60; window.before = one; }")
    page.evaluate("window.scrollTo(0, 500)")
    before = page.evaluate("[scrollY, document.activeElement === window.before, document.activeElement.scrollTop]")
    assert before[1:] == [True, 60]
    said = page.locator(".actualizado time").inner_text()
    for _ in range(2):
        time.sleep(1.1)  # the browser's clock is ours, the server's is not: it tells seconds
        with page.expect_response(lambda answer: "hx-request" in answer.request.headers) as answer:
            page.clock.run_for(15_500)
        assert answer.value.status == 200
    expect(page.locator(".actualizado time")).not_to_have_text(said)
    after = page.evaluate("[scrollY, document.activeElement === window.before, document.activeElement.scrollTop]")
    assert after == before
    context.close()


def test_filters_are_addresses(box: Poblada, browser: Browser) -> None:
    """A plain GET: the address can be shared, and going back undoes it."""
    context = box.open(browser, "administracion", viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{box.url}/opl/auxiliares")
    page.goto(f"{box.url}/opl/registros")
    page.get_by_text("Filtros", exact=True).press("Enter")
    page.get_by_label("Válido").select_option("no")
    page.get_by_role("button", name="Filtrar").press("Enter")
    expect(page).to_have_url(re.compile(r"valido=no"))
    expect(page.get_by_text("Filtros (1)")).to_be_visible()
    url = page.url
    page.go_back()
    expect(page.get_by_text("Filtros", exact=True)).to_be_visible()
    page.goto(url)
    expect(page.locator(".puestos")).to_contain_text("Válido")
    context.close()
