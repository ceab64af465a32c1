"""From the acuse to the report: phones send, what they sent is read and classed, the coordination shares it out, two
operators decide by keyboard, five are contested, a hearing changes two; report and acta say so and the sums hold.

What is on the cards is drawn, so the right answer to each registro is known (device_sim.synthetic.trampas).
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from device_sim.scenarios import SCENARIOS, Padron, places, sittings
from device_sim.synthetic.trampas import Trampa
from e2e.conftest import SEED, _environment
from e2e.pages.esperar import IMAGENES, SALA, until
from e2e.pages.portal import Portal
from e2e.poblada import Poblada, session
from e2e.test_audiencia import local
from e2e.test_keyboard import tab_to
from server import demo
from server.app import INDEX, writing
from server.clock import system_clock
from server.config import Settings
from server.domain.reglas import PREFIJO
from server.store import ajustes, trabajos
from server.store.connection import open_reader
from server.store.writer import Tx

pytestmark = [pytest.mark.e2e, pytest.mark.socket]
PHONES, EACH = 3, 8
UNJUST = 2
"""Honest registros that an operator finds against; the hearing puts them right."""
Visto = tuple[int, int]
"""(auxiliar, registro): what an operator sees of a folio."""


@dataclass
class Jornada:
    """A box whose phones have sent. `trampas`: what is wrong with which registro; nothing is with the rest."""

    box: Poblada
    settings: Settings
    trampas: dict[Visto, Trampa]

    def settled(self) -> None:
        """Wait until the pipeline has nothing to do."""
        reader = open_reader(self.settings.datos / INDEX)
        try:
            for _ in range(600):
                if not trabajos.pending(reader):
                    return
                time.sleep(0.2)
        finally:
            reader.close()
        raise AssertionError("the pipeline did not come to its end")


@pytest.fixture(scope="module")
def jornada(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jornada]:
    folder = tmp_path_factory.mktemp("despues")
    place, port = demo.Place(folder), demo.free_port()
    env = _environment(place, port)
    auxiliares = demo._prepare(place, env, SEED)[:PHONES]
    settings = Settings.from_env(env)
    box = Poblada(f"http://127.0.0.1:{port}", place)
    with writing(settings, system_clock) as writer:
        writer.run(lambda tx: _sessions(tx, box))
    with demo.serving(env, box.url, folder / "servidor.log"):
        status, result = demo.run_phones(place, env, box.url, EACH, SEED, auxiliares)
        assert status == 0, result
        people = places(Padron(SEED, demo.PADRON_SIZE), PHONES, EACH + 1, SEED)
        trampas = {
            (one.auxiliar, registro): sitting.trampa
            for number, (one, mine) in enumerate(zip(auxiliares, people, strict=True), 1)
            for registro, sitting in enumerate(sittings(SCENARIOS["mesa"], mine[1:], SEED * 1000 + number), 1)
            if sitting.trampa is not None
        }
        made = Jornada(box, settings, trampas)
        made.settled()
        yield made


def _sessions(tx: Tx, box: Poblada) -> None:
    ajustes.poner(tx.conn, f"{PREFIJO}segunda_pct", "0", None, tx.now_ms)
    accounts = tx.conn.execute("SELECT correo, rol, aspirante_id, id FROM cuentas").fetchall()
    for correo, rol, aspirante, id_ in accounts:
        quien = f"aspirante{aspirante}" if rol == "aspirante" else correo.partition("@")[0]
        box.cookies[quien] = session(tx, id_)


def test_from_the_acuse_to_the_acta(jornada: Jornada, browser: Browser, pictures: Path) -> None:
    size = {"width": 1440, "height": 900}
    who = {quien: jornada.box.open(browser, quien, viewport=size).new_page() for quien in jornada.box.cookies}
    assert len(jornada.trampas) == PHONES
    sent = PHONES * EACH
    assert sum(classes(who["administracion"], jornada.box).values()) == sent
    assert classes(who["administracion"], jornada.box)["Con inconsistencia"] == 0

    balance(who["administracion"], jornada.box, sent, pictures)
    wrong = {**{one: trampa.inciso for one, trampa in jornada.trampas.items()}}
    first = decide(who["mesa"], jornada.box, wrong, 0, pictures)
    second = decide(who["mesa2"], jornada.box, wrong, UNJUST)
    assert (len(first), len(second)) == (sent // 2, sent // 2)
    assert not first & second, "nobody's registro was the other's too"
    jornada.settled()
    before = classes(who["administracion"], jornada.box)
    assert before["Con inconsistencia"] == len(wrong) + UNJUST
    assert before["En Lista Nominal, en mesa de control"] == before["En procesamiento"] == 0
    assert sum(before.values()) == sent

    hearing = contest(who["aspirante1"], jornada.box, len(wrong) + UNJUST)
    hear(who["administracion"], who["audiencia"], jornada.box, hearing, wrong, pictures)
    jornada.settled()
    after = classes(who["administracion"], jornada.box)
    assert after["Con inconsistencia"] == len(wrong)
    assert sum(after.values()) == sent
    assert classes(who["aspirante1"], jornada.box) == after, "the aspirante reads the same figures"

    acta = who["aspirante1"].context.request.get(f"{jornada.box.url}/aspirante/audiencias/{hearing}/acta.pdf").body()
    text = " ".join("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(acta)).pages).split())
    assert len(set(re.findall(r"\d{6}-\d{6}-\d{7}-\d{6}-[\dX]", text))) == len(wrong) + UNJUST
    assert "Cambiaron a válido" in text
    for page in who.values():
        page.context.close()


def classes(page: Page, box: Poblada) -> dict[str, int]:
    """What was sent, by class, as the report of the first aspirante says it."""
    at = "/opl/avance/1" if "opl" in page.url or page.url == "about:blank" else "/aspirante/estadisticas/avance"
    page.goto(box.url + at)
    rows = page.get_by_role("row").filter(has=page.locator(".etiqueta")).all()
    found = {}
    for row in rows:
        name = row.get_by_role("rowheader").inner_text().splitlines()[0]
        label = row.locator(".etiqueta").first.inner_text()
        found[name.replace(label, "").strip()] = int(row.get_by_role("cell").first.inner_text().replace(",", ""))
    assert len(found) == 11, found
    return found


def balance(page: Page, box: Poblada, sent: int, pictures: Path) -> None:
    """The coordination sees how much waits, and shares it out by halves."""
    page.goto(f"{box.url}/opl/mesa")
    expect(page.get_by_role("main")).to_contain_text(str(sent))
    Portal(page, box.url).picture("opl-mesa", pictures)
    page.get_by_role("link", name="Asignar registros").click()
    for name in ("Tomás Villaseñor Cruz", "Irma Quezada Lira"):
        page.get_by_label(name).check()
    page.get_by_role("button", name="Ver lo que hará").click()
    expect(page.get_by_role("region", name="Lo que recibirá cada quien").get_by_role("row")).to_have_count(3)
    Portal(page, box.url).picture("opl-mesa-asignar", pictures)
    page.get_by_role("button", name="Asignar").first.click()
    expect(page.get_by_role("status")).to_be_visible()


def decide(page: Page, box: Poblada, wrong: dict[Visto, str], unjust: int, pictures: Path | None = None) -> set[Visto]:
    """All that is assigned to this operator, by keyboard alone. `unjust`: how many honest ones are found against."""
    page.goto(f"{box.url}/mesa")
    tab_to(page, "revis")
    page.keyboard.press("Enter")
    seen: set[Visto] = set()
    while True:
        until(page, IMAGENES)
        page.wait_for_timeout(320)  # what is shown must be seen before a key counts
        here = page.locator("article.mesa").get_attribute("data-revision")
        folio = re.search(r"(\d{6})-\d{7}-(\d{6})-[\dX]", page.get_by_role("heading", level=1).inner_text())
        assert folio, page.get_by_role("heading", level=1).inner_text()
        one = int(folio[1]), int(folio[2])
        seen.add(one)
        inciso = wrong.get(one, "")
        if not inciso and unjust:
            inciso, unjust = "l", unjust - 1
        elif inciso and pictures is not None:
            Portal(page, box.url).picture("mesa-revision", pictures)
        if inciso:
            page.keyboard.press(inciso)
            expect(page.locator("#c-detalle")).to_be_focused()
            if inciso in "hj":
                page.keyboard.type("Se ve en la imagen")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("v")
        until(
            page,
            "before => { const now = document.querySelector('article.mesa');"
            " return !now || now.dataset.revision !== before; }",
            here,
        )  # fmt: skip
        page.wait_for_timeout(50)
        if not page.locator("article.mesa").count():
            return seen


def contest(page: Page, box: Poblada, how_many: int) -> str:
    """Every inconsistent one is contested; the number of the hearing."""
    page.goto(f"{box.url}/aspirante/estadisticas/inconsistencias")
    page.get_by_role("link", name="Pedir garantía de audiencia").click()
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(how_many)
    for n in range(how_many):
        boxes.nth(n).check()
    page.get_by_role("button", name="Impugnar los marcados").click()
    expect(page.get_by_role("status")).to_contain_text("quedaron impugnados")
    return page.url.partition("?")[0].rpartition("/")[2]


def hear(
    admin: Page, reviewer: Page, box: Poblada, hearing: str, wrong: dict[Visto, str], pictures: Path
) -> None:  # fmt: skip
    """Scheduled, begun, each looked at again in the room: what was wrong is confirmed, the rest becomes valid."""
    admin.goto(f"{box.url}/opl/audiencias/{hearing}")
    admin.get_by_role("link", name="Programar", exact=True).click()
    admin.get_by_label("Fecha y hora").fill(local(20))
    admin.get_by_label("Lugar").fill("Sala de sesiones")
    admin.get_by_label("Oficialía Electoral").fill("Lic. Oralia Campos")
    admin.get_by_label("Rubén Escobedo Paz").check()
    admin.get_by_role("button", name="Programar").click()
    expect(admin.get_by_role("status")).to_contain_text("quedó programada")
    admin.get_by_role("link", name="Iniciar").click()
    admin.get_by_label("Quiénes asisten").fill("Aspirante\nSu representante")
    admin.get_by_role("button", name="Iniciar").click()
    expect(admin.get_by_role("status")).to_contain_text("inició")

    total = len(wrong) + UNJUST
    reviewer.set_viewport_size({"width": 1920, "height": 1080})
    reviewer.goto(f"{box.url}/opl/audiencias/{hearing}")
    reviewer.get_by_role("link", name="Entrar a la sala").click()
    until(reviewer, SALA)
    Portal(reviewer, box.url).picture("audiencia-sala", pictures)
    for done in range(1, total + 1):
        folio = re.search(r"(\d{6})-\d{7}-(\d{6})-[\dX]", reviewer.locator("h1 .folio").inner_text())
        assert folio
        reviewer.keyboard.press("1" if (int(folio[1]), int(folio[2])) in wrong else "2")
        reviewer.keyboard.press("Enter")
        expect(reviewer.locator(".sala-avance")).to_contain_text(f"{done} de {total}")
    admin.goto(f"{box.url}/opl/audiencias/{hearing}")
    admin.get_by_role("link", name="Concluir").click()
    admin.get_by_label("Revisé el borrador").check()
    admin.get_by_role("button", name="Concluir y guardar el acta").click()
    expect(admin.get_by_role("status")).to_contain_text("acta quedó guardada")
