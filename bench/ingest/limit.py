"""The machine's own limit for our work: everything in one process, no HTTP.

The same functions that the server calls, in the same order and on as many threads: check and sign on two workers,
then the writer with its groups, lotes and commits. Runs as a process of its own, so that its CPU and memory can be
told from the bench's: `python -m bench.ingest.limit <box> <folder> <in flight> <each> <warm-up> <seconds>`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.ingest import phones, procs
from bench.ingest.measure import Measured, empty, percentile
from bench.ingest.phones import BenchPhone, Sealed
from server.acuse.issue import issue
from server.app import Box, open_box
from server.clock import system_clock
from server.intake.accept_registro import Arrival, accept
from server.intake.check_sobre import Expected, check
from server.intake.device_auth import DeviceAuth, Phone
from server.intake.open_session import SUBIDAS_URL, open_session
from server.store.writer import Done
from sync_protocol.session import EstadoSobre

WORKERS = 2
"""As in server/intake/reception.py."""


@dataclass(slots=True)
class _Tally:
    """What came out, written by the writer's thread."""

    free: threading.Semaphore
    waits: list[tuple[float, float]] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)


def run(box: Path, folder: Path, in_flight: int, each: int, warmup: float, seconds: float) -> Measured:
    """Take the queues of as many phones as may be in flight, interleaved, for so many seconds."""
    fleet = phones.load(box, in_flight, each)
    phones.copy_box(box, folder)
    settings = phones.settings(folder)
    opened = open_box(settings, system_clock)
    opened.writer.start()
    try:
        auth = DeviceAuth(opened.reader, system_clock)
        known = [auth.phone(phone.file.dispositivo) for phone in fleet]
        sessions = [_session(opened, phone) for phone in fleet]
        work = [
            (phone, sesion_id, sealed, body)
            for row in zip(*(zip(phone.file.sobres, phone.sobres, strict=True) for phone in fleet), strict=True)
            for phone, sesion_id, (sealed, body) in zip(known, sessions, row, strict=True)
        ]
        os.sync()
        return _timed(opened, work, in_flight, warmup, seconds)
    finally:
        opened.close()


def _session(box: Box, phone: BenchPhone) -> int:
    request = phone.manifest()
    answers = tuple(EstadoSobre(registro=entry.registro, estado="nuevo", url=SUBIDAS_URL) for entry in request.sobres)
    return box.writer.run(lambda tx: open_session(tx, request, b"", answers, box.settings)).value.id


def _timed(
    box: Box, work: list[tuple[Phone, int, Sealed, memoryview]], in_flight: int, warmup: float, seconds: float
) -> Measured:
    tally = _Tally(threading.Semaphore(in_flight))
    clock = time.perf_counter
    opened = cpu = 0.0
    edge = clock() + warmup
    resident = []
    with ThreadPoolExecutor(WORKERS) as pool:
        for phone, sesion_id, sealed, body in work:
            tally.free.acquire()
            if tally.failed or (opened and clock() >= edge):
                break
            if not opened and clock() >= edge:
                cpu, opened = time.process_time(), clock()
                edge = opened + seconds
                resident.append(_resident())
            pool.submit(_guarded(tally, _one, box, tally, phone, sesion_id, sealed, body, clock()))
        closed, cpu = clock(), time.process_time() - cpu
        resident.append(_resident())
    box.writer.run(lambda tx: None)  # the last groups
    if tally.failed:
        raise tally.failed[0]
    waits = sorted(1000 * (ended - began) for began, ended in tally.waits if opened < ended <= closed)
    if not opened or not waits:
        raise procs.BenchError("limit: the window never opened")
    return Measured(
        target="limit",
        label="limit: one process, no HTTP",
        phones=in_flight,
        records=len(waits),
        seconds=closed - opened,
        rate=len(waits) / (closed - opened),
        p50_ms=percentile(waits, 0.50),
        p95_ms=percentile(waits, 0.95),
        p99_ms=percentile(waits, 0.99),
        cpu_ms=1000 * cpu / len(waits),
        client_cpu_ms=0.0,
        memory_peak_mb=procs.memory_mb([os.getpid()]),
        memory_opened_mb=resident[0],
        memory_closed_mb=resident[1],
    )


def _resident() -> float:
    return procs.memory_mb([os.getpid()], "VmRSS")


def _guarded(tally: _Tally, function: Callable[..., None], *arguments: object) -> Callable[[], None]:
    def call() -> None:
        try:
            function(*arguments)
        except Exception as error:  # noqa: BLE001 -- told by the thread that waits
            tally.failed.append(error)
            tally.free.release()

    return call


def _one(box: Box, tally: _Tally, phone: Phone, sesion_id: int, sealed: Sealed, body: memoryview, began: float) -> None:
    settings = box.settings
    raw = bytes(body)  # a server has the bytes in memory of its own
    now = system_clock()
    expected = Expected(
        phone.solicitud, phone.auxiliar, phone.id, sealed.registro, sealed.codigo, sealed.size, phone.llaves
    )
    checked = check(raw, expected, box.keys.aperturas)
    acuse = issue(checked.cabecera, checked.codigo, len(raw), now, settings.institucion, box.keys.firma)
    arrival = Arrival(checked, acuse, now, sesion_id, settings.gracia_ms, settings.sesion_quieta_ms)

    def told(result: Done[object] | BaseException) -> None:
        if isinstance(result, BaseException):
            tally.failed.append(result)
        elif getattr(result.value, "acuse", "") != acuse:
            tally.failed.append(procs.BenchError(f"limit: no acuse: {result.value!r}"))
        tally.waits.append((began, time.perf_counter()))
        tally.free.release()

    box.writer.submit(lambda tx: accept(tx, arrival), told, len(raw))


def measure(box: Path, work: Path, in_flight: int, each: int, warmup: float, seconds: float) -> Measured:
    """The same in a process of its own."""
    folder = Path(tempfile.mkdtemp(prefix="limit-", dir=work))
    try:
        arguments = [str(box), str(folder), str(in_flight), str(each), str(warmup), str(seconds)]
        return msgspec.json.decode(
            procs.output([sys.executable, "-m", "bench.ingest.limit", *arguments], timeout=120 + seconds), type=Measured
        )
    finally:
        empty(folder)


def main(box: str, folder: str, in_flight: str, each: str, warmup: str, seconds: str) -> None:
    """Print the figures as JSON."""
    measured = run(Path(box), Path(folder), int(in_flight), int(each), float(warmup), float(seconds))
    sys.stdout.buffer.write(msgspec.json.encode(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
