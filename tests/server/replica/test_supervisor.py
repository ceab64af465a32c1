"""Litestream beside the writer: its death, the loss of its place, a folder that is full; acuses never wait for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from server.app import INDEX, open_index, writing
from server.clock import system_clock
from server.errors import ConfigurationError
from server.replica import litestream, supervisor
from server.replica.destino import INSIDE, MARK, Destino
from server.store import bitacora, registros
from server.store.connection import open_reader
from tests import factories
from tests.server.asgi import Harness, running
from tests.server.test_faults import Server

pytestmark = [pytest.mark.socket, pytest.mark.faults]


def with_replica(folder: Path, **changes: object) -> factories.Settings:
    (folder / "replica").mkdir(exist_ok=True)
    return factories.settings(folder, replica=str(folder / "replica"), **changes)


@contextlib.asynccontextmanager
async def replicating(folder: Path, **changes: object) -> AsyncIterator[Harness]:
    clock = factories.FrozenClock(system_clock())
    config = with_replica(folder, **changes)
    async with running(folder, config=config, clock=clock) as h:
        await until(lambda: replica(h).estado.activa)
        yield h


def replica(h: Harness) -> supervisor.Replica:
    assert h.box.replica is not None
    return h.box.replica


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):  # a loaded machine is slow, not wrong
        while not condition():
            await asyncio.sleep(0.02)


async def deliver(h: Harness, phone: factories.Phone) -> str:
    return (await h.send(phone, phone.capture())).headers["acopio-acuse"]


async def copied(h: Harness) -> None:
    """Wait until the replica has all that is committed now."""
    h.clock.advance(1)
    at = h.clock()
    await until(lambda: replica(h).estado.activa and (replica(h).estado.sincronizada_ms or 0) >= at)


def restored(folder: Path, name: str = "vuelto.db") -> sqlite3.Connection:
    """The index as the replica has it."""
    work = folder / f"trabajo-{name}"
    work.mkdir()
    place = Destino(folder=folder / "replica")
    litestream.restore_index((folder / "caja" / INDEX).resolve(), place, work / name, work, until=None)
    return open_reader(work / name)


async def part(h: Harness) -> dict[str, object]:
    answer = await h.request("GET", "/salud/listo")
    assert answer.status == 200, "the replica stops no acuse"
    return answer.json()["partes"]["replica"]


def test_what_is_committed_is_in_the_replica_and_the_health_page_says_until_when(tmp_path: Path) -> None:
    async def run() -> None:
        async with replicating(tmp_path) as h:
            phone = await h.phone()
            for _ in range(3):
                await deliver(h, phone)
            await copied(h)
            with contextlib.closing(restored(tmp_path)) as back:
                assert registros.count(back) == 3
                assert bitacora.first_break(back) is None
            said = await part(h)
            assert said["estado"] == "bien"
            metrics = (await h.request("GET", "/metrics")).body.decode()
            assert "acopio_replica_disponible 1.0" in metrics
            assert "acopio_replica_retraso_segundos" in metrics

    asyncio.run(run())


def test_the_writer_makes_no_checkpoint_while_litestream_lives(tmp_path: Path) -> None:
    async def run() -> None:
        async with replicating(tmp_path) as h:
            assert h.box.writer.checkpoints is False
            assert h.box.writer.conn.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0
            wal = h.box.settings.datos / f"{INDEX}-wal"
            size = wal.stat().st_size
            h.box.writer._checkpoint()
            assert wal.stat().st_size == size > 0
        assert h.box.writer.checkpoints is True, "it is dead, and the folder is the writer's again"
        assert not wal.exists() or wal.stat().st_size == 0

    asyncio.run(run())


@pytest.mark.parametrize("deaths", [3])
def test_kill_9_of_litestream_alone_and_the_replica_is_whole_again(tmp_path: Path, deaths: int) -> None:
    async def run() -> None:
        async with replicating(tmp_path) as h:
            phone = await h.phone()
            told = 0
            for death in range(deaths):
                pid, starts = replica(h).pid, replica(h).estado.arranques
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                await deliver(h, phone)  # at once: nobody waits for Litestream
                told += 1
                await until(lambda starts=starts: replica(h).estado.arranques > starts and replica(h).estado.activa)
                await deliver(h, phone)
                told += 1
                await copied(h)
                with contextlib.closing(restored(tmp_path, f"{death}.db")) as back:
                    assert registros.count(back) == told
                    assert bitacora.first_break(back) is None
            events = [
                row[0]
                for row in h.box.reader.execute("SELECT evento FROM bitacora WHERE evento LIKE 'replica%' ORDER BY id")
            ]
            assert events == ["replica_detenida", "replica_restablecida"] * deaths

    asyncio.run(run())


def test_it_dies_with_its_server(tmp_path: Path) -> None:
    async def run() -> None:
        config = with_replica(tmp_path, second=True)
        factories.make_box(config, factories.FrozenClock(system_clock()))
        server = Server(tmp_path, ACOPIO_REPLICA=str(config.replica))
        try:
            for _ in range(2):
                await server.start()
                lock = config.datos / litestream.FOLDER / litestream.LOCK
                pid = int(lock.read_text())
                assert Path(f"/proc/{pid}").exists()
                with pytest.raises(litestream.ReplicaError, match="sigue vivo"), litestream.held(config.datos, 0):
                    pass
                server.kill()
                litestream.ensure_none(config.datos)
        finally:
            server.close()

    asyncio.run(run())


def test_one_that_outlived_its_server_is_never_written_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(litestream, "WAIT_S", 0.1)
    config = with_replica(tmp_path)
    factories.make_box(config, factories.FrozenClock())
    holder = (
        "import sys, pathlib; from server.replica import litestream\n"
        "with litestream.held(pathlib.Path(sys.argv[1])): print('listo', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(config.datos)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for attempt in (lambda: writing(config, factories.FrozenClock()).__enter__(), lambda: open_index(config, None)):
            with pytest.raises(ConfigurationError, match="Litestream anterior"):
                attempt()
        process.communicate()
    with writing(config, factories.FrozenClock()):
        pass


def test_a_command_of_the_console_between_two_runs_leaves_a_replica_that_can_be_restored(tmp_path: Path) -> None:
    async def run() -> None:
        async with replicating(tmp_path) as h:
            phone = await h.phone()
            await deliver(h, phone)
            config = h.box.settings
        with writing(config, h.clock) as writer:
            writer.run(lambda tx: factories.seed.sow(tx, factories.catalogue(h.clock(), auxiliares=3)))
        async with running(tmp_path, config=config, clock=h.clock, fresh=False) as h:
            await deliver(h, phone)
            await copied(h)
            with contextlib.closing(restored(tmp_path)) as back:
                assert registros.count(back) == 2
                assert back.execute("SELECT count(*) FROM auxiliares").fetchone()[0] == 5

    asyncio.run(run())


@pytest.mark.parametrize("loss", ["gone", "emptied"])
def test_a_place_that_vanishes_is_not_begun_anew_by_itself_and_heals(tmp_path: Path, loss: str) -> None:
    """An unmounted disk leaves an empty folder; what Litestream would write there cannot be restored from."""

    async def run() -> None:
        async with replicating(tmp_path) as h:
            phone = await h.phone()
            await deliver(h, phone)
            away, starts = tmp_path / "desmontado", replica(h).estado.arranques
            (tmp_path / "replica").rename(away)
            if loss == "emptied":
                (tmp_path / "replica").mkdir()
            await until(lambda: not replica(h).estado.activa)
            await deliver(h, phone)
            if loss == "gone":
                assert (await part(h))["estado"] == "mal"
                shutil.rmtree(tmp_path / "replica", ignore_errors=True)
                away.rename(tmp_path / "replica")
            await until(lambda: replica(h).estado.arranques > starts and replica(h).estado.activa)
            await deliver(h, phone)
            await copied(h)
            with contextlib.closing(restored(tmp_path)) as back:
                assert registros.count(back) == 3

    asyncio.run(run())


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_place_that_takes_nothing_stops_no_acuse_and_heals(tmp_path: Path, fault: str) -> None:
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("montar un disco pequeño de verdad requiere root en Linux")
    (tmp_path / "replica").mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "acopio", str(tmp_path / "replica")]
    remount = ["mount", "-o"]
    if subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("este equipo no permite montar un tmpfs")

    async def run() -> None:
        async with replicating(tmp_path) as h:
            ballast = tmp_path / "replica" / "indice" / "lastre"
            if fault == "read-only":
                subprocess.run([*remount, "remount,ro", str(tmp_path / "replica")], check=True)
            else:
                with contextlib.suppress(OSError), ballast.open("wb") as file:
                    file.write(bytes(2 << 20))
            phone = await h.phone()
            for _ in range(5):
                await deliver(h, phone)
            h.clock.advance(1)
            stuck = replica(h).estado.sincronizada_ms
            await until(lambda: replica(h)._motivo != "")
            assert replica(h).estado.sincronizada_ms == stuck
            if fault == "read-only":
                subprocess.run([*remount, "remount,rw", str(tmp_path / "replica")], check=True)
            else:
                ballast.unlink()
            await copied(h)
            with contextlib.closing(restored(tmp_path)) as back:
                assert registros.count(back) == 5

    try:
        asyncio.run(run())
    finally:
        subprocess.run(["umount", str(tmp_path / "replica")], check=True)


def test_a_replica_out_of_which_files_were_taken_is_said(tmp_path: Path) -> None:
    async def run() -> None:
        async with replicating(tmp_path) as h:
            replica(h)._next_check = 0.0
            shutil.rmtree(tmp_path / "replica" / INSIDE / "ltx" / "0")
            shutil.rmtree(tmp_path / "replica" / INSIDE / "ltx" / "9", ignore_errors=True)
            await until(lambda: "restaurar" in replica(h).estado.motivo)
            await deliver(h, await h.phone())
            assert (await part(h))["estado"] == "mal"

    asyncio.run(run())


def test_a_hung_litestream_is_given_up_and_nothing_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "SYNC_S", 0.2)

    async def run() -> None:
        async with replicating(tmp_path) as h:
            replica(h).give_up_s = 0.5
            pid, starts = replica(h).pid, replica(h).estado.arranques
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            phone = await h.phone()
            await deliver(h, phone)
            await until(lambda: replica(h).estado.arranques > starts and replica(h).estado.activa)
            await deliver(h, phone)

    asyncio.run(run())


def test_without_its_place_at_the_start_the_server_serves_and_says_so(tmp_path: Path) -> None:
    async def run() -> None:
        config = with_replica(tmp_path)
        (tmp_path / "replica").rmdir()
        async with running(tmp_path, config=config) as h:
            await deliver(h, await h.phone())
            said = await part(h)
            assert said["estado"] == "mal"
            assert "no existe la carpeta" in str(said["texto"])
            assert str(tmp_path) not in str(said["texto"]), "anyone may open that page"
            (tmp_path / "replica").mkdir()
            await until(lambda: replica(h).estado.activa)

    asyncio.run(run())


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "ajena"
    folder.mkdir()
    (folder / "tesis.odt").write_bytes(b"x")
    assert "tiene otras cosas" in str(Destino(folder=folder).prepare())
    assert not (folder / MARK).exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://cubeta/ruta?region=mx", {"url": "s3://cubeta/ruta?region=mx"}),
        (
            "sftp://acopio:cl%40ve@respaldo.ejemplo.mx:2222/srv/r?key-path=/etc/acopio/sftp",
            {
                "type": "sftp", "host": "respaldo.ejemplo.mx:2222", "user": "acopio", "password": "cl@ve",
                "path": "/srv/r", "key-path": "/etc/acopio/sftp",
            },
        ),
    ],
)  # fmt: skip
def test_places_as_litestream_takes_them(text: str, expected: dict[str, str]) -> None:
    assert Destino.parse(text).config == expected
    assert "cl" not in Destino.parse(text).describe().replace("acopio", "") or "cubeta" in text


@pytest.mark.parametrize("text", ["ftp://x/y", "s3://", "https://x"])
def test_places_that_are_none(text: str) -> None:
    with pytest.raises(ConfigurationError, match="ACOPIO_REPLICA"):
        Destino.parse(text)


def test_what_a_box_cannot_have_is_said_at_the_start(tmp_path: Path) -> None:
    inside = factories.settings(tmp_path, replica=str(tmp_path / "caja" / "replica"))
    same = factories.settings(tmp_path, second=True, replica=str(tmp_path / "segunda"))
    factories.make_box(inside, factories.FrozenClock())
    (tmp_path / "segunda").mkdir()
    for config, why in ((inside, "fuera de la carpeta"), (same, "distintas")):
        with pytest.raises(ConfigurationError, match=why):
            factories_open(config)


def factories_open(config: factories.Settings) -> None:
    from server.app import open_box

    open_box(config, factories.FrozenClock())


def test_the_secret_of_the_box_is_not_in_litestreams_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACOPIO_FRASE", "una frase")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/x")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    assert "ACOPIO_FRASE" not in litestream._environment()
    assert "AWS_CA_BUNDLE" not in litestream._environment()
    assert litestream._environment()["AWS_ACCESS_KEY_ID"] == "k"
