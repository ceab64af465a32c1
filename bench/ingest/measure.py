"""One run: a target, so many phones, one window; and what came of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import msgspec

from bench.ingest import procs
from bench.ingest.generator import drive
from bench.ingest.phones import BenchPhone
from bench.ingest.targets import Target


class Measured(msgspec.Struct, kw_only=True):
    """The figures of one run. Times of one record in ms; `cpu_ms` is the server's, `client_cpu_ms` the generator's."""

    target: str
    label: str
    phones: int
    round: int = 0
    stored: int = 0
    records: int
    seconds: float
    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    client_cpu_ms: float
    session_ms: float = 0.0
    """Opening the session beforehand, shared out over the records of its manifest; not part of the other figures."""
    memory_peak_mb: float
    memory_opened_mb: float
    memory_closed_mb: float
    memory_shared_out_mb: float = 0.0
    """At the end of the window, with what several processes share counted once."""
    processes: int = 1
    meters: dict[str, float] = {}
    """The server's own counters, as differences over the whole run, warm-up included."""


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the sorted values lies."""
    return values[min(len(values) - 1, int(share * len(values)))]


def empty(folder: Path) -> None:
    """Give the space of a run's files back, and leave their names until the end of the bench.

    Deleting thousands of files after one run would slow the next one down (machine.spread says why).
    """
    for path in folder.rglob("*"):
        if path.is_file():
            os.truncate(path, 0)


def measure(target: Target, box: Path, work: Path, fleet: list[BenchPhone], warmup: float, seconds: float) -> Measured:
    """Start the target, let the phones send, check every answer, end it, and give the disk's space back."""
    folder = Path(tempfile.mkdtemp(prefix=target.name + "-", dir=work))
    cpu: list[float] = []
    resident: list[float] = []
    meters: list[dict[str, float]] = []
    try:
        with target.running(folder, box, fleet) as server:
            members = procs.family(server.pid)

            def read_meters() -> None:
                cpu.append(procs.cpu_seconds(members))
                resident.append(procs.memory_mb(members, "VmRSS"))

            os.sync()  # what others have left to be written must not be paid by this one
            meters.append(server.meters())
            session_ms = 1000 * server.sessions_s / sum(len(queue) for queue in server.jobs)
            load = drive(
                server.address, server.jobs, ok=server.ok, warmup=warmup, seconds=seconds,
                on_open=read_meters, on_close=read_meters,
            )  # fmt: skip
            peak, shared_out = procs.memory_mb(members), procs.shared_out_mb(members)
            meters.append(server.meters())
            server.check(load.replies)
    except OSError as error:
        raise procs.BenchError(f"{target.label}: {error}\n{procs.tail(folder / 'log')}") from error
    finally:
        empty(folder)
    measured = load.measured
    if not measured:
        raise procs.BenchError(f"{target.label}: nothing came back within the window")
    waits = sorted(1000 * (reply.ended - reply.began) for reply in measured)
    count = len(measured)
    return Measured(
        target=target.name,
        label=target.label,
        phones=len(fleet),
        records=count,
        seconds=load.seconds,
        rate=count / load.seconds,
        p50_ms=percentile(waits, 0.50),
        p95_ms=percentile(waits, 0.95),
        p99_ms=percentile(waits, 0.99),
        cpu_ms=1000 * (cpu[1] - cpu[0]) / count,
        client_cpu_ms=1000 * load.client_cpu_s / count,
        session_ms=session_ms,
        memory_peak_mb=peak,
        memory_opened_mb=resident[0],
        memory_closed_mb=resident[1],
        memory_shared_out_mb=shared_out,
        processes=len(members),
        meters={name: value - meters[0].get(name, 0.0) for name, value in meters[1].items()},
    )
