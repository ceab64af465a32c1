"""A garantía de audiencia in the browser: five are contested, the OPL gives a date, a reviewer changes two by keyboard
in the room, and the acta and the reports say so."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from e2e import looks
from e2e.conftest import SEED, _acopio, _environment
from e2e.poblada import FIRMADA, PADRON, Poblada, _account, make, session
from server import demo
from server.app import writing
from server.clock import CENTRO, system_clock
from server.config import Settings
from server.domain.garantia_audiencia import MINUTO
from server.domain.mesa import Ronda
from server.domain.roles import Rol
from server.mesa_control import bandeja, dictamen, garantia_audiencia
from server.mesa_control.dictamen import Decision
from server.mesa_control.garantia_audiencia import Programacion
from server.security import cuentas
from server.store import apoyos, audiencia_registros, revisiones
from server.store.apoyos import Situacion
from server.store.audiencia_registros import Impugnables
from server.store.writer import Tx

pytestmark = [pytest.mark.e2e, pytest.mark.socket]
HOY = datetime.now(CENTRO)


@pytest.fixture(scope="module")
def caja(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poblada]:
    """Six apoyos by phone that an operator found inconsistent; one of them has a hearing today already."""
    folder = tmp_path_factory.mktemp("audiencia")
    place, port = demo.Place(folder), demo.free_port()
    env = _environment(place, port)
    _acopio("init", env=env)
    _acopio("padron", str(folder / "padron.csv"), "--size", str(PADRON), "--seed", str(SEED), env=env,
            module="device_sim")  # fmt: skip
    box = Poblada(f"http://127.0.0.1:{port}", place)
    make(box, env, revisada=False)
    with demo.serving(env, box.url, folder / "servidor.log"):
        status, result = demo.run_phones(place, env, box.url, 3, SEED, box.sembrados)
        assert status == 0, result
    with writing(Settings.from_env(env), system_clock) as writer:
        writer.run(lambda tx: _mesa(tx, box))
    with demo.serving(env, box.url, folder / "servidor.log"):
        yield box


def _mesa(tx: Tx, box: Poblada) -> None:
    conn, folio = tx.conn, int(box.ejemplos["folio"])
    [operador] = conn.execute("SELECT id FROM cuentas WHERE rol = 'operacion' AND estatus = 'activa'").fetchone()
    [admin] = conn.execute("SELECT id FROM cuentas WHERE rol = 'administracion'").fetchone()
    [aspirante] = conn.execute("SELECT id FROM cuentas WHERE aspirante_id = ?", (folio,)).fetchone()
    for (id_,) in conn.execute("SELECT id FROM registros WHERE tipo = 'apoyo' ORDER BY id").fetchall():
        apoyos.set_situacion(conn, id_, Situacion.LISTA_NOMINAL)
        if revisiones.pendiente_de(conn, id_) is None:
            revisiones.add(conn, id_, folio, Ronda.PRIMERA, tx.now_ms, tx.now_ms + 10**9)
        revision = conn.execute("SELECT id FROM revisiones WHERE apoyo_id = ?", (id_,)).fetchone()[0]
        bandeja.reclamar(tx, revision, operador)
        done = dictamen.decidir(tx, Decision(revision, operador, "inconsistente", "e", "En blanco y negro"))
        if not done.firme:  # drawn for a second opinion: here one is enough
            said = ("inconsistente", "e", "En blanco y negro")
            dictamen.por_autoridad(tx, id_, operador, *said, tx.now_ms, done.dictamen)
    made = _account(tx, "Rita Robles Arce", "rita@ejemplo.mx", Rol.AUDIENCIA)
    cuentas.accept_invitation(tx, made.token, "$argon2id$nada")
    cuentas.declare_at_console(tx, made.cuenta, FIRMADA)
    box.cookies["revisora"] = session(tx, made.cuenta)
    first = [one for one, _ in audiencia_registros.all_impugnables(conn, folio, Impugnables())][:1]
    asked = garantia_audiencia.solicitar(tx, folio, Impugnables(), first, "", cuenta=aspirante)
    garantia_audiencia.programar(
        tx, asked.audiencia, Programacion(tx.now_ms + 60 * MINUTO, 60, "Sala 2", "Lic. Nadia Ruiz", (made.cuenta,)),
        aceptados=(), cuenta=admin,
    )  # fmt: skip


def local(minutes: int) -> str:
    at = datetime.now(CENTRO).timestamp() + minutes * 60
    return datetime.fromtimestamp(at, CENTRO).strftime("%Y-%m-%dT%H:%M")


def _figure(page: Page, label: str) -> int:
    row = page.locator(".cifras > div", has=page.get_by_text(label, exact=True))
    return int(row.locator("dd").inner_text().replace(",", ""))


def test_five_are_contested_and_a_hearing_changes_two(caja: Poblada, browser: Browser, pictures: Path) -> None:
    who = {
        quien: caja.open(browser, quien, viewport={"width": 1440, "height": 900}).new_page()
        for quien in ("aspirante", "administracion", "revisora")
    }
    aspirante, admin, revisora = who["aspirante"], who["administracion"], who["revisora"]
    problems: list[str] = []

    aspirante.goto(f"{caja.url}/aspirante/estadisticas/inconsistencias")
    before = _figure(aspirante, "Inconsistentes según la mesa")
    aspirante.get_by_role("link", name="Pedir garantía de audiencia").click()
    boxes = aspirante.get_by_role("checkbox")
    expect(boxes).to_have_count(5)
    problems += looks.check(aspirante, "nueva")
    for n in range(5):
        boxes.nth(n).check()
    aspirante.get_by_label("Lo que quiere manifestar").fill("Las credenciales son originales.")
    aspirante.get_by_role("button", name="Impugnar los marcados").click()
    expect(aspirante.get_by_role("status")).to_contain_text("quedaron impugnados")
    hearing = aspirante.url.partition("?")[0].rpartition("/")[2]
    problems += looks.check(aspirante, "solicitada")

    _schedule(caja, admin, hearing, problems)
    admin.get_by_role("link", name="Iniciar").click()
    admin.get_by_label("Quiénes asisten").fill("Aspirante\nSu representante")
    admin.get_by_role("button", name="Iniciar").click()
    expect(admin.get_by_role("status")).to_contain_text("inició")

    _hear(caja, admin, revisora, hearing, problems, pictures)

    admin.goto(f"{caja.url}/opl/audiencias/{hearing}")
    admin.get_by_role("link", name="Concluir").click()
    admin.get_by_label("Revisé el borrador").check()
    problems += looks.check(admin, "concluir")
    admin.get_by_role("button", name="Concluir y guardar el acta").click()
    expect(admin.get_by_role("status")).to_contain_text("acta quedó guardada")
    problems += looks.check(admin, "concluida")

    aspirante.goto(f"{caja.url}/aspirante/audiencias/{hearing}")
    assert (_figure(aspirante, "Impugnados"), _figure(aspirante, "Cambiaron a válido")) == (5, 2)
    assert _figure(aspirante, "Se confirmó la inconsistencia") == 2
    acta = aspirante.context.request.get(f"{caja.url}/aspirante/audiencias/{hearing}/acta.pdf").body()
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(acta)).pages)
    assert len(re.findall(r"\d{6}-\d{6}-\d{7}-\d{6}-[\dX]", text)) == 5
    for said in ("Cambiaron a válido", "Sin firma", "Las credenciales son originales.", "Rita Robles Arce"):
        assert said in " ".join(text.split()), said
    aspirante.goto(f"{caja.url}/aspirante/estadisticas/inconsistencias")
    assert _figure(aspirante, "Inconsistentes según la mesa") == before - 2
    aspirante.goto(f"{caja.url}/aspirante/audiencias")
    problems += looks.check(aspirante, "lista")
    assert problems == []
    for page in who.values():
        page.context.close()


def _schedule(caja: Poblada, admin: Page, hearing: str, problems: list[str]) -> None:
    admin.goto(f"{caja.url}/opl/audiencias")
    problems += looks.check(admin, "agenda")
    admin.goto(f"{caja.url}/opl/audiencias/{hearing}")
    admin.get_by_role("link", name="Programar", exact=True).click()
    expect(admin.get_by_text("Mesa de control", exact=False).locator("input")).to_have_count(0)
    admin.get_by_label("Fecha y hora").fill(local(20))
    admin.get_by_label("Lugar").fill("Sala de sesiones")
    admin.get_by_label("Oficialía Electoral").fill("Lic. Oralia Campos")
    admin.get_by_label("Rita Robles Arce").check()
    admin.get_by_role("button", name="Programar").click()
    expect(admin.locator("#conflictos")).to_contain_text("se recomienda una hora")
    problems += looks.check(admin, "conflicto")
    admin.get_by_label("Lo leí").check()
    admin.get_by_role("button", name="Programar").click()
    expect(admin.get_by_role("status")).to_contain_text("quedó programada")
    problems += looks.check(admin, "programada")


def _hear(
    caja: Poblada, admin: Page, revisora: Page, hearing: str, problems: list[str], pictures: Path
) -> None:  # fmt: skip
    """Two become valid, one another inciso, two are confirmed: keys only. The second screen follows."""
    revisora.set_viewport_size({"width": 1920, "height": 1080})
    revisora.goto(f"{caja.url}/opl/audiencias/{hearing}")
    admin.goto(f"{caja.url}/opl/audiencias/{hearing}")
    revisora.get_by_role("link", name="Entrar a la sala").click()
    expect(revisora.locator(".sala-avance")).to_contain_text("0 de 5")
    admin.get_by_role("link", name="Pantalla para la sala").click()
    expect(admin.locator("h1")).to_contain_text(revisora.locator("h1 .folio").inner_text())
    for image in revisora.locator(".sala-imagenes img").all():
        assert image.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    assert revisora.locator(".sala-imagenes img").count() == 4
    revisora.screenshot(path=str(pictures / "audiencia-sala.png"))
    assert revisora.evaluate("document.documentElement.scrollHeight") <= 1080, "all of it in sight of the room"
    problems += looks.check(revisora, "sala")
    revisora.set_viewport_size({"width": 1920, "height": 1080})
    first = revisora.locator("h1 .folio").inner_text()
    revisora.keyboard.press("ArrowRight")
    expect(revisora.locator("h1 .folio")).not_to_have_text(first)
    revisora.keyboard.press("ArrowLeft")
    expect(revisora.locator("h1 .folio")).to_have_text(first)
    for done, keys in enumerate((("2",), ("2",), ("3", "m"), ("1",), ("1",)), 1):
        for key in keys:
            revisora.keyboard.press(key)
        if keys[0] == "3":
            expect(revisora.get_by_label("Inciso")).to_have_value("m")
            revisora.keyboard.press("Tab")
        revisora.keyboard.press("Enter")
        expect(revisora.locator(".sala-avance")).to_contain_text(f"{done} de 5")
        expect(admin.locator(".sala-avance")).to_contain_text(f"{done} de 5")
    expect(revisora.get_by_text("No le queda ningún registro")).to_be_visible()
    admin.screenshot(path=str(pictures / "audiencia-pantalla.png"))
