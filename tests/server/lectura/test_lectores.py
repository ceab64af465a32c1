"""The pool of readers: an image that kills, hangs or swells its process costs one attempt of one registro (row F1)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.lectura.lectores import Lectores, LecturaFallida

FUNCION = "tests.server.lectura.lectores_de_prueba:obedece"
pytestmark = pytest.mark.anyio


@asynccontextmanager
async def lectores(cuantos: int = 1, **options: object) -> AsyncIterator[Lectores]:
    pool = Lectores(cuantos, **{"funcion": FUNCION, **options})  # type: ignore[arg-type]
    pool.start()
    try:
        yield pool
    finally:
        await pool.stop()
        assert not pool.pids


async def motivo(pool: Lectores, orden: bytes) -> str:
    with pytest.raises(LecturaFallida) as caught:
        await pool.leer({"foto": orden})
    return caught.value.motivo


async def test_one_process_reads_many_and_starts_only_when_there_is_work() -> None:
    async with lectores() as pool:
        assert pool.pids == []
        read = [await pool.leer({"foto": bytes([n])}) for n in range(3)]
        assert [one.huellas["foto"] for one in read] == [b"\0", b"\1", b"\2"]
        assert [one.lector for one in read] == [str(pool.pids[0])] * 3


async def test_a_reader_has_no_settings_no_keys_and_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACOPIO_FRASE", "la de la caja")
    async with lectores() as pool:
        assert (await pool.leer({"foto": b"x"})).ilegibles == (str(min(19, os.nice(0) + 10)),)


async def test_several_read_at_once_and_each_answer_is_its_own() -> None:
    async with lectores(2) as pool:
        read = await asyncio.gather(*(pool.leer({"foto": b"%d" % n}) for n in range(40)))
        assert [one.huellas["foto"] for one in read] == [b"%d" % n for n in range(40)]
        assert {one.lector for one in read} == set(map(str, pool.pids))
        assert len(pool.pids) == 2


@pytest.mark.faults
@pytest.mark.parametrize(
    ("orden", "esperado"),
    [(b"truena", "lector_murio"), (b"se va", "lector_murio"), (b"falla", "lector_error"), (b"traga", "lector_error")],
)
async def test_an_image_that_breaks_its_reader_costs_one_attempt(orden: bytes, esperado: str) -> None:
    async with lectores(memoria=2 * 1024**3) as pool:
        assert await motivo(pool, orden) == esperado
        assert (await pool.leer({"foto": b"la que sigue"})).huellas == {"foto": b"la que sigue"}


@pytest.mark.faults
async def test_the_others_go_on_beside_one_that_dies() -> None:
    async with lectores(2) as pool:
        orders = [b"truena" if n % 5 == 0 else b"%d" % n for n in range(15)]
        done = await asyncio.gather(*(pool.leer({"foto": one}) for one in orders), return_exceptions=True)
        for orden, one in zip(orders, done, strict=True):
            if orden == b"truena":
                assert isinstance(one, LecturaFallida)
                assert one.motivo == "lector_murio"
            else:
                assert not isinstance(one, BaseException)
                assert one.huellas["foto"] == orden


@pytest.mark.faults
async def test_one_that_hangs_ends_by_its_own_processor_time() -> None:
    async with lectores(segundos=0.3, reloj=1_000) as pool:
        assert await motivo(pool, b"se cuelga") == "lector_lento"
        assert (await pool.leer({"foto": b"otra"})).huellas == {"foto": b"otra"}


@pytest.mark.faults
async def test_one_that_sleeps_is_ended_by_the_clock() -> None:
    async with lectores(segundos=0.1, reloj=50) as pool:
        before = await pool.leer({"foto": b"antes"})
        assert await motivo(pool, b"se duerme") == "lector_lento"
        after = await pool.leer({"foto": b"otra"})
        assert after.lector != before.lector


async def test_what_a_library_prints_is_no_answer() -> None:
    async with lectores() as pool:
        assert (await pool.leer({"foto": b"habla"})).huellas == {"foto": b"habla"}


async def test_a_process_is_replaced_after_so_many() -> None:
    async with lectores(tareas=2) as pool:
        read = [(await pool.leer({"foto": b"x"})).lector for _ in range(4)]
        assert read[0] == read[1] != read[2] == read[3]


@pytest.mark.faults
async def test_an_answer_that_nobody_waits_for_reaches_nobody_else() -> None:
    async with lectores() as pool:
        await pool.leer({"foto": b"x"})
        forsaken = asyncio.create_task(pool.leer({"foto": b"se duerme"}))
        await asyncio.sleep(0)
        forsaken.cancel()
        with pytest.raises(asyncio.CancelledError):
            await forsaken
        assert (await pool.leer({"foto": b"y"})).huellas == {"foto": b"y"}


@pytest.mark.faults
async def test_stopping_ends_what_is_being_read_and_what_waits() -> None:
    async with lectores() as pool:
        await pool.leer({"foto": b"x"})
        waiting = [asyncio.create_task(motivo(pool, b"se duerme")) for _ in range(3)]
        await asyncio.sleep(0)
        pids = pool.pids
        await pool.stop()
        assert await asyncio.gather(*waiting) == ["lector_detenido"] * 3
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert await motivo(pool, b"x") == "lector_detenido"


async def test_without_processes_a_thread_reads() -> None:
    pool = Lectores(0)
    pool.start()
    read = await pool.leer({"anverso": b"nada", "reverso": b"", "foto": b"", "firma": b"\xff\xd8"})
    assert read.ilegibles == ("anverso", "reverso", "foto", "firma")
    await pool.stop()
    assert await motivo(pool, b"x") == "lector_detenido"


@pytest.mark.faults
@pytest.mark.parametrize("orden", ["x", "se cuelga"])
def test_readers_end_with_a_server_that_is_killed(orden: str) -> None:
    """The server is a process of its own here; its reader is idle, or hangs in a loop."""
    script = (
        "import asyncio, sys\n"
        "from server.lectura.lectores import Lectores\n"
        "async def main():\n"
        f"    pool = Lectores(1, segundos=2, funcion='{FUNCION}'); pool.start()\n"
        "    await pool.leer({'foto': b'x'})\n"
        "    print(pool.pids[0], flush=True)\n"
        f"    await pool.leer({{'foto': {orden.encode()!r}}})\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert server.stdout is not None
    with server, server.stdout:
        pid = int(server.stdout.readline())
        server.send_signal(signal.SIGKILL)
        server.wait()
    _until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    """Whether that process is there and does something: a zombie whose parent is elsewhere does nothing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _until(reached: Callable[[], bool], tries: int = 600) -> None:
    for _ in range(tries):
        if reached():
            return
        time.sleep(0.1)  # another process is waited for
    raise AssertionError("still there")
