"""What is told of the second copy: two mails for an outage, however it flickers, and an event for each change."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from server.diario.places.place import Motivo
from server.diario.second_copy import Estado
from server.notify.second_copy_watch import BIEN, FUERA, Aviso, Vista, look, remembered
from tests.factories import NOW
from tests.server.asgi import Harness, running

MINUTE = 60_000
AFTER = 5 * MINUTE


def estado(motivo: Motivo | None, desde_ms: int = NOW) -> Estado:
    return Estado(motivo, desde_ms, 3, 7, None, "carpeta", "carpeta x", "", 0)


def told(minutes: list[str]) -> list[tuple[int, str]]:
    """A character for each minute: `x` away, `.` well. Returns (minute, mail)."""
    vista, mails = Vista(), []
    for minute, sign in enumerate("".join(minutes)):
        now = NOW + minute * MINUTE
        paso = look(vista, estado(Motivo.LLENA if sign == "x" else None, now), now, AFTER)
        vista = paso.vista
        if paso.aviso is not None:
            mails.append((minute, paso.aviso.aviso))
    return mails


@pytest.mark.parametrize(
    ("minutes", "mails"),
    [
        ("..........", []),
        ("..xxxx......", []),
        ("..xxxxxxxxxx", [(7, FUERA)]),
        ("..xxxxxxxx........", [(7, FUERA), (15, BIEN)]),
        ("x.x.x.x.x.x.x.x.x.x.x.......", [(6, FUERA), (26, BIEN)]),
        ("xxxxxxx....x...x....x......", [(5, FUERA), (26, BIEN)]),
        ("xxxxxx......xxxxxxx......", [(5, FUERA), (11, BIEN), (17, FUERA), (24, BIEN)]),
    ],
)
def test_one_outage_is_two_mails_however_it_flickers(minutes: str, mails: list[tuple[int, str]]) -> None:
    assert told([minutes]) == mails


def test_an_outage_is_dated_from_its_beginning() -> None:
    vista = look(Vista(), estado(Motivo.SIN_CONEXION), NOW, AFTER).vista
    vista = look(vista, estado(None), NOW + MINUTE, AFTER).vista
    paso = look(vista, estado(Motivo.LLENA, NOW + 2 * MINUTE), NOW + AFTER, AFTER)
    assert paso.aviso is not None
    assert (paso.aviso.desde_ms, paso.aviso.motivo, paso.aviso.pendientes) == (NOW, "llena", 3)
    assert paso.cambio


def test_every_change_is_one_and_what_goes_on_is_none() -> None:
    signs = [None, Motivo.LLENA, Motivo.LLENA, Motivo.SIN_CONEXION, None, None]
    vista, changes = Vista(), []
    for n, motivo in enumerate(signs):
        paso = look(vista, estado(motivo), NOW + n, AFTER)
        vista = paso.vista
        changes.append(paso.cambio)
    assert changes == [False, True, False, True, True, False]


def test_a_restart_neither_forgets_nor_repeats() -> None:
    away = msgspec.json.encode(Aviso(aviso=FUERA, desde_ms=NOW, en_ms=NOW + AFTER)).decode()
    vista = remembered(away)
    assert look(vista, estado(Motivo.LLENA), NOW + 9 * MINUTE, AFTER).aviso is None
    vista = look(vista, estado(None), NOW + 10 * MINUTE, AFTER).vista
    over = look(vista, estado(None), NOW + 15 * MINUTE, AFTER).aviso
    assert over is not None
    assert (over.aviso, over.desde_ms) == (BIEN, NOW)
    assert remembered(msgspec.json.encode(over).decode()) == Vista()
    assert remembered(None) == Vista()


def test_an_outage_from_the_folder_to_the_mailbox_and_the_bitacora(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, second=True, correo_administrador="sistemas@ejemplo.mx", espera_acuse_ms=50) as h:
            await outage(h)

    asyncio.run(run())


async def outage(h: Harness) -> None:
    second, watch = h.box.settings.segunda_copia, h.app.state.watch
    assert second is not None
    phone = await h.phone()

    async def looked(minutes: int = 0) -> list[str]:
        h.clock.advance(minutes * MINUTE)
        await asyncio.to_thread(watch.look)
        await h.app.state.outbox.send_due()
        return [str(message["Subject"]) for message in h.mail.messages if "sistemas" in str(message["To"])]

    async def until(away: bool) -> None:
        copier = h.box.second_copy
        assert copier is not None
        async with asyncio.timeout(60):
            while (copier.error is not None) is not away or (not away and copier.pending):
                await asyncio.sleep(0.02)

    await until(False)
    assert await looked() == []
    away = second.rename(second.with_name("desmontada"))
    await h.send(phone, phone.capture())
    await until(True)
    assert await looked() == []
    assert len(await looked(6)) == 1
    assert len(await looked(60)) == 1, "never a second one"
    message = h.mail.messages[-1]
    assert "segunda copia" in str(message["Subject"])
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "no está montado" in text
    assert "Lotes por copiar: 1" in text
    away.rename(second)
    await until(False)
    assert len(await looked()) == 1
    assert len(await looked(6)) == 2
    assert len(await looked(60)) == 2
    events = [row[0] for row in h.box.reader.execute("SELECT evento FROM bitacora ORDER BY id")]
    assert [one for one in events if one.startswith("segunda_copia")] == [
        "segunda_copia_detenida", "segunda_copia_restablecida",
    ]  # fmt: skip


def test_without_an_address_nothing_waits_in_the_outbox(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, second=True, espera_acuse_ms=50) as h:
            second = h.box.settings.segunda_copia
            assert second is not None
            second.rename(second.with_name("desmontada"))
            phone = await h.phone()
            await h.send(phone, phone.capture())
            h.clock.advance(60 * MINUTE)
            await asyncio.to_thread(h.app.state.watch.look)
            assert h.box.reader.execute("SELECT count(*) FROM correos WHERE clase = 'aviso'").fetchone()[0] == 0

    asyncio.run(run())
