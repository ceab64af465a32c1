"""The machine's own limit for our work: everything that an acuse demands, in one process, without HTTP.

Not our own path without its front door, but the quickest that one process of this language can do with the same checks
and the same durability, so that whatever our path wastes shows as distance from it:

- the bytes are there already, mapped: nothing is received, nothing copied;
- one pass of SHA-256 serves the código and the signature; the curve, the KEM and the cipher are OpenSSL's;
- a group is appended to one segment, allocated beforehand, and synced once (our lote is a file of its own, renamed,
  its folder synced); its rows are one statement, synced by the commit (WAL, FULL). No session, mail, job or trigger;
- three threads check and one stores, each group while the next is being checked.

What holds it back is the interpreter: `cryptography` keeps its lock while it verifies, opens and signs (two threads are
no quicker at that than one), and only hashing, writing and syncing go on beside it.

Runs as a process of its own, so that its CPU can be told from the bench's:
`python -m bench.ingest.limit <box> <folder> <in flight> <each> <warm-up> <seconds>`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from bench.ingest import phones, procs
from bench.ingest.measure import Measured, empty, percentile
from bench.ingest.phones import BenchPhone, Sealed
from server import keyring
from server.acuse.issue import issue
from server.app import KEYS
from server.clock import system_clock
from server.keyring import Keyring
from sync_protocol import registro as registros
from sync_protocol import sealing, sobre
from sync_protocol.signing import low_s
from tests import factories

CHECKERS = 3
"""One more than the processors of a small machine; measured with 1 to 4."""
GROUP = 64
"""Records in a group at most."""
_AHEAD = 1 << 28
"""Bytes of the segment that are allocated at once."""
_DIGEST = ec.ECDSA(Prehashed(hashes.SHA256()))
_TABLE = """CREATE TABLE registros (folio TEXT PRIMARY KEY, codigo TEXT NOT NULL, posicion INTEGER NOT NULL,
tam INTEGER NOT NULL, acuse TEXT NOT NULL) STRICT, WITHOUT ROWID"""
_INSERT = """INSERT INTO registros SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
FROM json_each(?)"""


@dataclass(frozen=True, slots=True)
class Work:
    """One record, and the key of the device that signed it."""

    key: ec.EllipticCurvePublicKey
    sealed: Sealed
    body: memoryview


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be stored; `began`: when it was taken up."""

    folio: str
    codigo: str
    body: memoryview
    acuse: str
    began: float


class Store:
    """A segment and an index. `keep` returns when both hold the group for good."""

    def __init__(self, folder: Path) -> None:
        self._segment = os.open(folder / "segment", os.O_WRONLY | os.O_CREAT, 0o600)
        self._end = self._allocated = 0
        self._conn = sqlite3.connect(folder / "index.db", isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", _TABLE):
            self._conn.execute(statement)

    def keep(self, group: list[Checked]) -> None:
        """Append, sync, commit."""
        size = sum(len(one.body) for one in group)
        if self._end + size > self._allocated:
            os.posix_fallocate(self._segment, self._allocated, _AHEAD)
            os.fsync(self._segment)
            self._allocated += _AHEAD
        rows, place = [], self._end
        for one in group:
            rows.append((one.folio, one.codigo, place, len(one.body), one.acuse))
            place += len(one.body)
        if os.pwritev(self._segment, [one.body for one in group], self._end) != size:
            raise OSError("the segment took less than it was given")
        os.fdatasync(self._segment)
        self._end = place
        self._conn.execute(_INSERT, (json.dumps(rows),))

    def close(self) -> None:
        """Close both."""
        self._conn.close()
        os.close(self._segment)


def check(keys: Keyring, work: Work, institucion: str) -> Checked:
    """Conditions 1 to 3 of SPEC §1, and the acuse. Raises BenchError, a protocol error or a cryptographic one."""
    began, now = time.perf_counter(), system_clock()
    parsed = sobre.parse(work.body)
    cabecera = parsed.cabecera
    # One pass for both: the código is the digest of what is signed and then of the signature.
    running = hashlib.sha256(parsed.signed_part)
    digest = running.copy().digest()
    running.update(parsed.signature)
    codigo = running.digest()
    if codigo != work.sealed.codigo or cabecera.folio.registro != work.sealed.registro:
        raise procs.BenchError("limit: another record than was announced")
    signature = bytes(parsed.signature)
    if low_s(signature) != signature:
        raise procs.BenchError("limit: the other form of a signature")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    work.key.verify(encode_dss_signature(r, s), digest, _DIGEST)
    content = sealing.open_sobre(parsed, keys.aperturas[cabecera.key_id])
    registros.decode(content, tipo=cabecera.tipo, folio=cabecera.folio)
    acuse = issue(cabecera, codigo, len(work.body), now, institucion, keys.firma)
    return Checked(str(cabecera.folio), codigo.hex(), work.body, acuse, began)


class _Run:
    """Threads that check and one that stores, with a bound on what is in flight."""

    def __init__(self, keys: Keyring, institucion: str, store: Store, work: list[Work], in_flight: int) -> None:
        self._keys, self._institucion, self._store = keys, institucion, store
        self._source = iter(work)
        self._free = threading.Semaphore(in_flight)
        self._worth = max(1, in_flight // 4)
        self._checked: queue.SimpleQueue[Checked | None] = queue.SimpleQueue()
        self.waits: list[tuple[float, float]] = []
        """When each record was taken up, and when it was durable."""
        self.over = threading.Event()
        """Nobody begins another record: the window has closed, the work is spent, or something failed."""
        self.failure: BaseException | None = None
        self._threads = [threading.Thread(target=self._guarded, args=(self._check,)) for _ in range(CHECKERS)]
        self._threads.append(threading.Thread(target=self._guarded, args=(self._keep,)))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is in flight. Raises what failed."""
        self.over.set()
        for thread in self._threads:
            thread.join()
        if self.failure is not None:
            raise self.failure

    def _guarded(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except BaseException as error:  # noqa: BLE001 -- raised by stop()
            self.failure = self.failure or error
            self.over.set()
            for _ in range(CHECKERS):  # whoever waits for a free place, or for something to store
                self._free.release()
                self._checked.put(None)

    def _check(self) -> None:
        while True:
            self._free.acquire()
            if self.over.is_set() or (work := next(self._source, None)) is None:
                break
            self._checked.put(check(self._keys, work, self._institucion))
        self.over.set()
        self._free.release()  # the other one may be waiting for a place
        self._checked.put(None)

    def _keep(self) -> None:
        checking = CHECKERS
        while checking > 0:
            # Fewer, larger groups: a quarter of what is in flight is worth waiting for.
            taken = [self._checked.get()]
            while len(taken) < self._worth and None not in taken:
                taken.append(self._checked.get())
            with contextlib.suppress(queue.Empty):
                while len(taken) < GROUP:
                    taken.append(self._checked.get_nowait())
            group = [one for one in taken if one is not None]
            checking -= len(taken) - len(group)
            if group:
                self._store.keep(group)
                now = time.perf_counter()
                self.waits.extend((one.began, now) for one in group)
                self._free.release(len(group))


def run(box: Path, folder: Path, in_flight: int, each: int, warmup: float, seconds: float) -> Measured:
    """Take the queues of as many phones as may be in flight, interleaved, for so many seconds."""
    fleet = phones.load(box, in_flight, each)
    settings = phones.settings(box)
    keys = keyring.load(settings.datos / KEYS, factories.SECRET.encode())
    store = Store(folder)
    running = _Run(keys, settings.institucion, store, _interleaved(fleet), in_flight)
    os.sync()
    running.start()
    try:
        running.over.wait(warmup)
        cpu, opened, resident = time.process_time(), time.perf_counter(), _resident()
        running.over.wait(seconds)
        cpu, closed = time.process_time() - cpu, time.perf_counter()
    finally:
        running.stop()
        store.close()
    waits = sorted(1000 * (ended - began) for began, ended in running.waits if opened < ended <= closed)
    if not waits:
        raise procs.BenchError("limit: nothing was stored within the window")
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
        memory_opened_mb=resident,
        memory_closed_mb=_resident(),
    )


def _interleaved(fleet: list[BenchPhone]) -> list[Work]:
    curves = [ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), one.key.public.point) for one in fleet]
    rows = zip(*(zip(one.file.sobres, one.sobres, strict=True) for one in fleet), strict=True)
    return [Work(key, sealed, body) for row in rows for key, (sealed, body) in zip(curves, row, strict=True)]


def _resident() -> float:
    return procs.memory_mb([os.getpid()], "VmRSS")


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
