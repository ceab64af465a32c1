"""The mesa de control by keyboard alone: twenty registros with mixed verdicts, an undo and a correction; some of the
same without JavaScript; what happens when a decision cannot be saved (rows G1, G2, G5)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from e2e.conftest import _acopio, _environment
from e2e.pages import esperar
from e2e.poblada import Poblada, picture, session
from e2e.test_keyboard import tab_to
from server import demo, keyring, seed
from server.app import KEYS, writing
from server.clock import system_clock
from server.config import Settings
from server.domain.reglas import PREFIJO
from server.store import ajustes
from server.store.writer import Tx
from sync_protocol.registro import IMAGENES
from tests import factories
from tests.registros_en_mesa import recibir, variadas

pytestmark = [pytest.mark.e2e, pytest.mark.socket]
HOW_MANY = 40
COLOURS = ("#1f6f54", "#335c99", "#7a1f3d", "#6b4700")
PERSONA = {"nombre": "ROSALÍA", "cic": "123456789", "ocr": "0123456789012"}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poblada]:
    """A server whose mesa has forty registros and two operators."""
    folder = tmp_path_factory.mktemp("mesa")
    place, port = demo.Place(folder), demo.free_port()
    env = _environment(place, port)
    _acopio("init", env=env)
    made = Poblada(f"http://127.0.0.1:{port}", place)
    settings = Settings.from_env(env)
    keys = keyring.load(settings.datos / KEYS, keyring.read_secret(settings.llave_archivo, settings.frase))
    with writing(settings, system_clock) as writer:
        writer.run(lambda tx: _fill(tx, made, keys))
    with demo.serving(env, made.url, folder / "servidor.log"):
        yield made


def _fill(tx: Tx, box: Poblada, keys: keyring.Keyring) -> None:
    [sembrado] = seed.sow(tx, factories.catalogue(tx.now_ms, auxiliares=1))
    ajustes.poner(tx.conn, f"{PREFIJO}segunda_pct", "0", None, tx.now_ms)
    phone = factories.enrol(tx, sembrado, keys.apertura.public)
    images = [
        {tipo: picture(f"{tipo} {n}", colour) for tipo, colour in zip(IMAGENES, COLOURS, strict=True)}
        for n in range(HOW_MANY)
    ]
    recibir(tx, keys, phone, variadas(images, [PERSONA], HOW_MANY))
    for quien in ("ana", "beto", "carla"):
        cuenta = tx.conn.execute(
            "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
            "VALUES ('operacion', ?, 'Mesa de control', ?, '', 'activa', ?)",
            (quien.title(), f"{quien}@ejemplo.mx", tx.now_ms),
        ).lastrowid
        box.cookies[quien] = session(tx, int(cuenta or 0))


@pytest.fixture
def context(browser: Browser, box: Poblada) -> Iterator[BrowserContext]:
    made = box.open(browser, "ana", viewport={"width": 1440, "height": 900})
    yield made
    made.close()


def begin(page: Page, box: Poblada) -> None:
    page.goto(f"{box.url}/mesa")
    tab_to(page, "revis")
    page.keyboard.press("Enter")
    expect(page.locator(".mesa-tablero")).to_be_visible()


def revision(page: Page) -> str:
    return str(page.locator("article.mesa").get_attribute("data-revision"))


def next_after(page: Page, before: str) -> None:
    """The next registro is in sight, with its images; and long enough for a key to count."""
    expect(page.locator("article.mesa")).not_to_have_attribute("data-revision", before)
    esperar.until(page, esperar.IMAGENES)
    page.wait_for_timeout(320)


def test_twenty_by_keyboard(box: Poblada, context: BrowserContext) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    begin(page, box)
    decided = 0
    while decided < 20:
        here = revision(page)
        assert page.locator("#mesa-antesala img").count() <= 8, "those of the next two, and nobody else's"
        if decided == 3:  # a detail typed
            page.keyboard.press("i")
            expect(page.locator("#c-detalle")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("#e-detalle")).to_contain_text("pide un detalle")
            page.keyboard.type("Vive con gorra: v s x")  # keys are letters while one writes
            page.keyboard.press("Enter")
        elif decided == 6:
            page.keyboard.press("e")
            page.keyboard.press("Enter")
        elif decided == 9:
            page.keyboard.press("x")
            page.keyboard.type("La credencial es de un país que no está en la lista.")
            tab_to(page, "Elevar a la autoridad")
            page.keyboard.press("Enter")
        elif decided == 12:  # corrected first
            page.keyboard.press("t")
            expect(page.get_by_role("heading", level=1)).to_have_text("Corregir datos mal leídos")
            tab_to(page, "^Nombre")
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.type("ROSALBA")
            page.keyboard.press("Enter")
            expect(page.get_by_text("Corregido; se captó: ROSALÍA")).to_be_visible()
            here = revision(page)
            page.keyboard.press("v")
        elif decided == 15:  # decided, undone, decided otherwise
            page.keyboard.press("v")
            next_after(page, here)
            after = revision(page)
            page.keyboard.press("u")
            expect(page.locator("#mesa-aviso")).to_contain_text("Se deshizo: Válido.")
            next_after(page, after)
            here = revision(page)
            page.keyboard.press("g")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("v")
        next_after(page, here)
        decided += 1
    assert complaints == []
    page.wait_for_timeout(500)
    page.goto(f"{box.url}/mesa")
    expect(page.locator("main")).to_contain_text("20 de 400")
    assert page.locator(".vacio-caja").count() == 0


def test_on_to_another_page_before_the_decision_was_sent(box: Poblada, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{box.url}/mesa")
    done = re.compile(r"(\d+) de 400")
    before = int(done.findall(page.locator("main").inner_text())[0])
    begin(page, box)
    expect(page.locator("#mesa-antesala img")).to_have_count(8)
    page.wait_for_timeout(320)
    page.evaluate("""() => {
        window.requestAnimationFrame = () => 0;  // a box that is slow to draw: the decision waits for that
        for (const key of "vt") document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    }""")
    expect(page.get_by_role("heading", level=1)).to_have_text("Corregir datos mal leídos")
    page.goto(f"{box.url}/mesa")
    expect(page.locator("main")).to_contain_text(f"{before + 1} de 400")


def test_looking_by_keyboard(box: Poblada, context: BrowserContext) -> None:
    page = context.new_page()
    begin(page, box)
    page.wait_for_timeout(300)
    lens, image = page.locator(".mesa-lente:visible"), page.locator(".mesa-marco img").first
    page.keyboard.press("3")
    expect(lens).to_have_count(1)
    page.keyboard.press("3")
    expect(lens).to_have_count(4)
    page.keyboard.press("5")
    expect(lens).to_have_count(2)
    page.keyboard.press("0")
    for key in ("+", "ArrowLeft", "r", "o", "p"):
        page.keyboard.press(key)
    styles = page.locator(".mesa-marco img").evaluate_all("all => all.map(one => one.style.transform)")
    assert len(set(styles)) <= 4
    assert all("scale(1" in one and "rotate(90deg)" in one for one in styles), styles
    assert "contrast(1.4) brightness(1.3)" in str(image.get_attribute("style"))
    page.keyboard.press("w")
    assert "scale(1) rotate(0deg)" in str(image.get_attribute("style"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    here = revision(page)
    page.keyboard.press("v")
    assert revision(page) == here, "no key decides behind the help"
    # Off, and remembered.
    page.get_by_label("Usar teclas de una letra").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    page.reload()
    page.wait_for_timeout(400)
    page.keyboard.press("v")
    page.wait_for_timeout(200)
    assert revision(page) == here
    assert page.evaluate("localStorage.getItem('mesa-teclas')") == "no"


def test_a_decision_that_cannot_be_saved_is_not_lost(box: Poblada, browser: Browser) -> None:
    with box.open(browser, "carla", viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        begin(page, box)
        here = revision(page)

        def refuse(route: Route) -> None:
            route.fulfill(status=409, json={"codigo": "pantalla_ajena", "texto": "", "mensaje": "Ábralo otra vez."})

        page.route("**/decidir", refuse)
        page.wait_for_timeout(400)
        page.keyboard.press("v")
        alert = page.locator("#mesa-problemas")
        expect(alert).to_contain_text("Una decisión no se guardó.")
        page.unroute("**/decidir")
        page.get_by_role("button", name="Abrir otra vez ese registro").click()
        expect(page.locator("article.mesa")).to_have_attribute("data-revision", here)
        page.wait_for_timeout(400)
        page.keyboard.press("v")
        next_after(page, here)
        # The session ends while the page is open.
        here = revision(page)
        context.clear_cookies()
        page.keyboard.press("v")
        expect(alert).to_contain_text("Su sesión terminó")
        page.get_by_role("button", name="Volver a ese registro").click()
        expect(page.locator("article.mesa")).to_have_attribute("data-revision", here)
        box.enter(context, "carla")
        page.wait_for_timeout(400)
        page.keyboard.press("v")
        next_after(page, here)


def test_the_same_without_javascript(box: Poblada, browser: Browser) -> None:
    with box.open(browser, "beto", java_script_enabled=False, viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{box.url}/mesa")
        tab_to(page, "Empezar a revisar")
        page.keyboard.press("Enter")
        heading = page.locator("#mesa-titulo")
        first = heading.inner_text()
        expect(page.locator(".mesa-herramientas")).to_be_hidden()
        tab_to(page, "^Válido")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Guardado: válido.")).to_be_visible()
        assert heading.inner_text() != first
        page.get_by_role("radio", name=re.compile(r"ilegible|dato no se lee")).focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Inconsistente").press("Enter")
        expect(page.locator(".errores")).to_be_visible()
        page.get_by_label("Detalle").fill("No se lee el OCR")
        page.get_by_role("button", name="Inconsistente").press("Enter")
        expect(page.get_by_text("Guardado: con inconsistencia.")).to_be_visible()
        page.get_by_role("button", name="Deshacer la anterior").press("Enter")
        expect(page.get_by_text("La decisión se deshizo")).to_be_visible()
        page.get_by_role("button", name="Dejar para después").press("Enter")
        expect(page.get_by_text("El registro anterior quedó para después.")).to_be_visible()
        with context.expect_page() as opened:
            page.get_by_role("link", name=re.compile("Abrir.*anverso")).click()
        assert opened.value.url.endswith("/imagen/anverso")
