"""Faults as normal operation: kill -9 of the real server at any moment, and a disk that is really full."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from server import keyring
from server.app import DIARIO, KEYS, open_index
from server.clock import system_clock
from server.diario import lote as lotes
from server.store import registros
from server.store.connection import open_reader
from server.store.writer import Tx
from sync_protocol import acuse as acuses
from sync_protocol import session, sobre
from tests import factories
from tests.factories import FrozenClock, Phone
from tests.server.asgi import OCTETS, running

KILLS = 8


class Server:
    """`acopio serve` as a process of its own, on 127.0.0.1."""

    def __init__(self, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            **os.environ,
            "ACOPIO_DATOS": str(folder / "caja"),
            "ACOPIO_FRASE": factories.SECRET,
            "ACOPIO_SEGUNDA_COPIA": str(folder / "segunda"),
            "ACOPIO_ESCUCHA": f"127.0.0.1:{self.port}",
            **settings,
        }
        self._log = (folder / "servidor.log").open("ab")
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "server", "serve"], env=self.env, stderr=self._log)
        async with httpx2.AsyncClient() as client, asyncio.timeout(90):
            while True:
                with contextlib.suppress(httpx2.TransportError):
                    if (await client.get(f"{self.url}/salud/vivo")).status_code == 200:
                        return
                assert self.process.poll() is None, "the server must start again after any kill"
                await asyncio.sleep(0.05)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(30)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self._log.close()


class Sender:
    """A phone that keeps trying: the least that SPEC §8 asks for. `told`: every acuse it was ever given, by code."""

    limit = 60

    def __init__(self, phone: Phone, url: str, keys: dict[str, acuses.PublicKey]) -> None:
        self.phone, self.url, self.keys = phone, url, keys
        self.queue: list[bytes] = []
        self.told: dict[bytes, set[str]] = {}

    def _take(self, raw: bytes, token: str) -> None:
        codigo = sobre.codigo_de_integridad(raw)
        folio = sobre.parse_header(raw).folio
        acuses.verify(token, self.keys, folio=folio, codigo=codigo, tam=len(raw))
        self.told.setdefault(codigo, set()).add(token)

    async def sync(self, rounds: int) -> None:
        """Sessions and uploads for a while; every sobre stays in the manifest, so that acuses are told again."""
        async with httpx2.AsyncClient(base_url=self.url, timeout=10) as client:
            for _ in range(rounds):
                with contextlib.suppress(httpx2.TransportError):
                    await self._round(client)
                await asyncio.sleep(0.01)

    async def _round(self, client: httpx2.AsyncClient) -> None:
        if len(self.queue) < self.limit:
            self.queue.append(self.phone.capture(size=4_000))
        answer = await client.post("/sync/sesiones", content=self.phone.session_jws(*self.queue))
        assert answer.status_code in (200, 503), answer.text
        if answer.status_code != 200:
            return
        opened = session.decode_answer(answer.content)
        by_registro = {sobre.parse_header(raw).folio.registro: raw for raw in self.queue}
        for told in opened.sobres:
            raw = by_registro[told.registro]
            assert told.estado != "rechazado", told
            if told.acuse:
                self._take(raw, told.acuse)
            elif told.url:
                headers = {
                    **OCTETS, "authorization": f"Bearer {opened.token}", "upload-offset": str(told.offset),
                }  # fmt: skip
                reply = await client.patch(told.url, content=raw[told.offset :], headers=headers)
                assert reply.status_code in (204, 409, 503), reply.text
                if "acopio-acuse" in reply.headers:
                    self._take(raw, reply.headers["acopio-acuse"])


@pytest.mark.socket
@pytest.mark.faults
@pytest.mark.parametrize("seed", [20261121])
def test_kill_9_at_any_moment_and_every_acuse_ever_given_is_still_true(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    config = factories.settings(tmp_path, second=True)
    clock = FrozenClock(system_clock())
    sembrados = factories.make_box(config, clock)
    keys = keyring.load(config.datos / KEYS, factories.SECRET.encode())
    writer, _ = open_index(config, clock)
    writer.start()

    def enrol(tx: Tx) -> list[Phone]:
        return [factories.enrol(tx, one, keys.apertura.public) for one in sembrados for _ in range(2)]

    phones = writer.run(enrol).value
    writer.stop()

    async def run() -> list[Sender]:
        server = Server(tmp_path)
        senders = [Sender(phone, server.url, dict(keys.publicas)) for phone in phones]
        try:
            for _ in range(KILLS):
                await server.start()
                work = [asyncio.create_task(sender.sync(1_000)) for sender in senders]
                await asyncio.sleep(rng.uniform(0.1, 0.9))
                server.kill()
                for task in work:
                    task.cancel()
                for outcome in await asyncio.gather(*work, return_exceptions=True):
                    assert isinstance(outcome, asyncio.CancelledError), outcome
            await server.start()
            await asyncio.gather(*(sender.sync(3) for sender in senders))
            server.kill(signal.SIGINT)
        finally:
            server.close()
        return senders

    senders = asyncio.run(run())
    sent = [raw for sender in senders for raw in sender.queue]
    assert len(sent) > KILLS * len(senders) / 2
    reader = open_reader(config.datos / "indice.db")
    for sender in senders:
        for raw in sender.queue:
            given = sender.told[sobre.codigo_de_integridad(raw)]
            row = registros.by_folio(reader, sobre.parse_header(raw).folio)
            assert row is not None
            assert given == {row.acuse}, "the same acuse, byte for byte, before and after every kill"
            for folder in (config.datos / DIARIO, config.segunda_copia):
                assert folder is not None
                assert lotes.read_member(folder, row.lote, row.posicion, row.tam) == raw
    assert registros.count(reader) == len(sent)
    reader.close()
    for numero in lotes.numbers(config.datos / DIARIO):
        lotes.verify(config.datos / DIARIO / lotes.file_name(numero))


@pytest.mark.faults
def test_a_full_disk_says_so_loses_nothing_and_gives_no_acuse_that_is_not_true(tmp_path: Path) -> None:
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip(
            "montar un disco pequeño de verdad requiere root en Linux; sin él queda la prueba con fallos simulados"
        )
    disk = tmp_path / "disco"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "acopio", str(disk)], check=False)
    if mounted.returncode != 0:
        pytest.skip("este equipo no permite montar un tmpfs")
    try:
        asyncio.run(_fill(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def _fill(disk: Path) -> None:
    ballast = disk / "lastre"
    async with running(disk) as h:
        phone = await h.phone()
        told: dict[bytes, str] = {}
        full: list[bytes] = []
        ballast.write_bytes(bytes(shutil.disk_usage(disk).free - 500_000))
        for _ in range(30):
            raw = phone.capture(size=30_000)
            answer = await h.request("POST", "/sync/sesiones", body=phone.session_jws(raw))
            if answer.status == 200:
                opened = session.decode_answer(answer.body)
                answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
            if "acopio-acuse" in answer.headers:
                told[raw] = answer.headers["acopio-acuse"]
            else:
                assert (answer.status, answer.codigo) == (507, "sin_espacio")
                full.append(raw)
        assert told
        assert full
        ballast.unlink()
        again = {one.registro: one for one in (await h.session(phone, *told, *full)).sobres}
        for raw, acuse in told.items():
            assert again[sobre.parse_header(raw).folio.registro].acuse == acuse
        for raw in full[:5]:
            assert "acopio-acuse" in (await h.send(phone, raw)).headers
    for numero in lotes.numbers(disk / "caja" / DIARIO):
        lotes.verify(disk / "caja" / DIARIO / lotes.file_name(numero))
