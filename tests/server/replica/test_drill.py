"""The restore drill: the box is deleted under load, restored with one command, and the phones sync again (row X1).

`SIMULACROS=30 pytest tests/server/replica/test_drill.py` does it thirty times in a row, `SEMILLA=…` in another way.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from server import keyring
from server.app import DIARIO, INDEX, KEYS, open_index
from server.clock import system_clock
from server.diario import lote as lotes
from server.store import bitacora, registros
from server.store.connection import open_reader
from server.store.writer import Tx
from sync_protocol import sobre
from tests import factories
from tests.factories import FrozenClock, Phone
from tests.server.test_faults import Sender, Server

DRILLS = int(os.environ.get("SIMULACROS", "2"))
SEED = int(os.environ.get("SEMILLA", "20270605"))
PORTAL_TABLES = {
    "procesos": "*",
    "periodos": "*",
    "aspirantes": "*",
    "auxiliares": "*",
    "dispositivos": "*",
    "correos": "id, clave, clase, auxiliar_id",
    "sesiones_sync": "id, nonce, token_resumen",
    "bitacora": "*",
}
"""What is nowhere but in the index, and the columns of it that only grow."""


def portal_data(index: Path) -> dict[str, set[tuple[Any, ...]]]:
    """Everything that the portals would miss, as it is committed now."""
    reader = open_reader(index)
    try:
        return {
            table: {tuple(row) for row in reader.execute(f"SELECT {columns} FROM {table}")}
            for table, columns in PORTAL_TABLES.items()
        }
    finally:
        reader.close()


async def replicated_since(server: Server, at_ms: int) -> None:
    """Wait until the health page says that the replica has all that was committed by then."""
    async with httpx2.AsyncClient() as client, asyncio.timeout(120):
        while True:
            part = (await client.get(f"{server.url}/salud/listo")).json()["partes"]["replica"]
            if part["estado"] == "bien" and part["hasta_ms"] >= at_ms:
                return
            await asyncio.sleep(0.05)


def lose_the_box(server: Server, box: Path, rng: random.Random) -> None:
    """`rm -rf` and kill -9, in either order."""
    if rng.random() < 0.5:
        shutil.rmtree(box, ignore_errors=True)
        server.kill()
    else:
        server.kill()
    while box.exists():
        shutil.rmtree(box, ignore_errors=True)


def acopio(server: Server, *arguments: str) -> str:
    """A command of the console, as one person would give it."""
    done = subprocess.run(
        [sys.executable, "-m", "server", *arguments], env=server.env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def enrol_phones(config: factories.Settings, clock: FrozenClock) -> tuple[list[Phone], keyring.Keyring]:
    sembrados = factories.make_box(config, clock)
    keys = keyring.load(config.datos / KEYS, factories.SECRET.encode())
    writer, _ = open_index(config, clock)
    writer.start()

    def enrol(tx: Tx) -> list[Phone]:
        return [factories.enrol(tx, one, keys.apertura.public) for one in sembrados for _ in range(2)]

    phones = writer.run(enrol).value
    writer.stop()
    return phones, keys


async def drill(server: Server, senders: list[Sender], box: Path, rng: random.Random) -> dict[str, Any]:
    """Load, loss, restore; returns what the portals had that the replica was said to hold."""
    await server.start()
    work = [asyncio.create_task(sender.sync(10_000)) for sender in senders]
    await asyncio.sleep(rng.uniform(0.2, 1.5))
    before = await asyncio.to_thread(portal_data, box / INDEX)
    await replicated_since(server, system_clock())
    await asyncio.sleep(rng.uniform(0.0, 0.7))
    lost = asyncio.create_task(asyncio.to_thread(lose_the_box, server, box, rng))
    await lost
    for task in work:
        task.cancel()
    for outcome in await asyncio.gather(*work, return_exceptions=True):
        # A server whose folder vanishes may answer with any error; what it may not do is give an acuse.
        assert isinstance(outcome, asyncio.CancelledError | AssertionError), outcome
    said = await asyncio.to_thread(acopio, server, "restore")
    assert "Restaurado" in said
    return before


@pytest.mark.socket
@pytest.mark.faults
@pytest.mark.timeout(180 + 60 * DRILLS)
def test_the_box_is_lost_under_load_and_restored_with_one_command(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    config = factories.settings(tmp_path, second=True, replica=str(tmp_path / "replica"))
    Path(tmp_path / "replica").mkdir()
    assert config.segunda_copia is not None
    phones, keys = enrol_phones(config, FrozenClock(system_clock()))
    server = Server(tmp_path, ACOPIO_REPLICA=str(tmp_path / "replica"))
    senders = [Sender(phone, server.url, dict(keys.publicas)) for phone in phones]

    async def run() -> None:
        try:
            for n in range(DRILLS):
                for sender in senders:
                    sender.limit = 40 * (n + 1)
                before = await drill(server, senders, config.datos, rng)
                after = portal_data(config.datos / INDEX)
                for table, rows in before.items():
                    assert rows <= after[table], f"{table}: something that the replica had is not there again"
                check_chain(config.datos / INDEX)
            await server.start()
            await asyncio.gather(*(sender.sync(4) for sender in senders))
            server.kill()
        finally:
            server.close()

    asyncio.run(run())
    told = {codigo: given for sender in senders for codigo, given in sender.told.items()}
    sent = {sobre.codigo_de_integridad(raw): raw for sender in senders for raw in sender.queue}
    assert len(told) == len(sent) > 8 * DRILLS
    reader = open_reader(config.datos / INDEX)
    for codigo, raw in sent.items():
        row = registros.by_folio(reader, sobre.parse_header(raw).folio)
        assert row is not None
        assert told[codigo] == {row.acuse}, "the same acuse, byte for byte, before and after every loss"
        for folder in (config.datos / DIARIO, config.segunda_copia):
            assert lotes.read_member(folder, row.lote, row.posicion, row.tam) == raw
    assert registros.count(reader) == len(sent), "none twice"
    reader.close()
    check_chain(config.datos / INDEX)
    assert "Todo coincide" in acopio(server, "verify")


def check_chain(index: Path) -> None:
    reader = open_reader(index)
    try:
        assert bitacora.first_break(reader) is None
        with pytest.raises(sqlite3.OperationalError):
            reader.execute("DELETE FROM bitacora")
    finally:
        reader.close()
