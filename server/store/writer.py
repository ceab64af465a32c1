"""The one write thread and its group commit: what is waiting is committed together, behind one lote of the diario.

Order, for each group (ARCHITECTURE.md, "the writer"): BEGIN IMMEDIATE; the rows of every operation, each in a
savepoint of its own; the lote synced, if anything must be told to a phone; COMMIT, synced; then the results. An
operation that fails is undone alone. If the lote or the commit fails, none of the group happened and each caller is
told; the lote is withdrawn before anyone has heard of it. Only when nobody can know whether the commit happened (its
sync failed: SQLite would find it in the WAL after a crash) does the lote stay, and the process must be started again:
a start brings index and diario together, whichever it was.
"""

from __future__ import annotations

import errno
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from server.clock import Clock, iso_utc
from server.errors import AppError
from server.store import lotes as lotes_store
from server.store.connection import Connection, open_writer

log = logging.getLogger("acopio.escritor")

T = TypeVar("T")

GROUP_OPERATIONS = 256
GROUP_BYTES = 32 * 1024 * 1024
CHECKPOINT_FRAMES = 4_000
"""Pages in the WAL after which the writer makes a checkpoint (16 MB)."""


class Builder(Protocol):
    """A lote that is being gathered (server.diario.lote.LoteBuilder)."""

    numero: int

    def __len__(self) -> int: ...
    @property
    def size(self) -> int:
        """Bytes gathered so far."""

    def mark(self) -> tuple[int, int, int]:
        """A point to come back to."""

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what came after."""

    def add(
        self,
        clase: str,
        datos: dict[str, Any],
        *,
        sobre: tuple[str, bytes | memoryview, bytes] | None = None,
        acuse: tuple[str, bytes] | None = None,
    ) -> int:
        """Add a fact; returns where the sobre's bytes begin."""

    def write(self, folder: Path) -> bytes:
        """Put it on stable storage."""


class Journal(Protocol):
    """The diario as the writer sees it (server.diario.cadena.Diario)."""

    folder: Path

    def begin(self, creado: str) -> Builder:
        """A new lote at the end of the chain."""

    def advance(self, numero: int, resumen: bytes) -> None:
        """That lote is committed."""

    def withdraw(self, numero: int) -> None:
        """Take back a lote whose commit failed."""


@dataclass(slots=True)
class Tx:
    """What an operation works with: the connection inside a transaction, the lote, and the instant."""

    conn: sqlite3.Connection
    lote: Builder
    now_ms: int


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The result of an operation, durable. `lote`: the newest lote at that moment (for the second copy)."""

    value: T
    lote: int


Callback = Callable[[Done[Any] | BaseException], object]


@dataclass(slots=True)
class _Job:
    operation: Callable[[Tx], Any]
    callback: Callback
    weight: int = 0
    alone: bool = False
    result: Any = None
    error: BaseException | None = None


@dataclass(slots=True)
class GroupStats:
    """What one group cost, in seconds; for metrics and for the bench's "where the time goes"."""

    operations: int = 0
    bytes: int = 0
    rows_s: float = 0.0
    lote_s: float = 0.0
    commit_s: float = 0.0


@dataclass
class Writer:
    """Owns the write connection. `submit` from any thread; callbacks run on the write thread and must be short."""

    path: Path
    journal: Journal
    clock: Clock
    on_commit: Callable[[int], None] = lambda numero: None
    on_group: Callable[[GroupStats], None] = lambda stats: None
    on_broken: Callable[[str], None] = lambda reason: None
    """Told, once the callers have been, that only another start can go on; `serve` ends the process."""
    before_end: Callable[[], None] = lambda: None
    """Called on the write thread when nothing is written any more, before the last checkpoint."""
    checkpoints: bool = True
    """Whether the writer makes checkpoints itself. Never while a replica follows the WAL: they are its own then."""
    conn: sqlite3.Connection = field(init=False)
    broken: str | None = None
    """Why nothing can be written any more; the process must be started again."""

    def __post_init__(self) -> None:
        self.conn = open_writer(self.path)
        self._jobs: queue.Queue[_Job | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="escritor", daemon=True)
        self._gate = threading.Lock()
        self._closed = False
        self._newest = 0

    def start(self) -> None:
        """Begin to take operations. Before this, `conn` may be used directly (migrations, replay)."""
        self._newest = lotes_store.newest(self.conn).numero
        # What a failed sync left in the WAL can be read and may not be on the disk: written anew, it is.
        self._checkpoint()
        self._thread.start()

    def stop(self) -> None:
        """Finish what is waiting, make a checkpoint and close. What comes later is told that there is no store."""
        self._close()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
        self.conn.close()

    def _close(self) -> None:
        with self._gate:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)

    @property
    def failure(self) -> str | None:
        """Why nothing can be written; None while all is well."""
        return self.broken or (None if self._thread.is_alive() else "el hilo del escritor terminó")

    @property
    def waiting(self) -> int:
        """Operations in the queue."""
        return self._jobs.qsize()

    def submit(self, operation: Callable[[Tx], Any], callback: Callback, weight: int = 0) -> None:
        """Queue an operation; `weight` is about how many bytes it adds to the lote.

        Every operation is answered: one that comes after `stop`, or after the thread's end, with an error at once.
        """
        with self._gate:
            if not self._closed:
                self._jobs.put(_Job(operation, callback, weight))
                return
        callback(AppError("almacen_no_disponible", "el escritor se detuvo", retry_after=5))

    def alone(self, action: Callable[[Connection], T]) -> T:
        """Do something between two groups, outside a transaction, while nothing is written; wait for it.

        From a thread that may block. Raises what `action` raised, or AppError when the writer has stopped.
        """
        future: Future[T] = Future()

        def callback(result: Done[Any] | BaseException) -> None:
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result.value)

        with self._gate:
            if not self._closed:
                self._jobs.put(_Job(lambda _: action(self.conn), callback, alone=True))
            else:
                future.set_exception(AppError("almacen_no_disponible", "el escritor se detuvo", retry_after=5))
        return future.result()

    def run(self, operation: Callable[[Tx], T]) -> Done[T]:
        """Queue an operation and wait for it, from a thread that may block. Raises what the operation raised."""
        ready = threading.Event()
        outcome: list[Done[T] | BaseException] = []

        def callback(result: Done[Any] | BaseException) -> None:
            outcome.append(result)
            ready.set()

        self.submit(operation, callback)
        ready.wait()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]

    def _run(self) -> None:
        try:
            self._take_groups()
        finally:
            # However it ended, nobody may wait for ever for a thread that is gone.
            self._close()
            self._refuse_waiting()

    def _refuse_waiting(self) -> None:
        while not self._jobs.empty():
            if job := self._jobs.get_nowait():
                job.callback(AppError("almacen_no_disponible", "el escritor se detuvo", retry_after=5))

    def _take_groups(self) -> None:
        running = True
        while running:
            group = [job] if (job := self._jobs.get()) else []
            running = bool(group)
            alone = group.pop() if group and group[0].alone else None
            weight = group[0].weight if group else 0
            while running and alone is None and len(group) < GROUP_OPERATIONS and weight < GROUP_BYTES:
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    running = False
                elif job.alone:
                    alone = job
                else:
                    group.append(job)
                    weight += job.weight
            if group:
                self._commit(group)
            if alone is not None:
                self._do_alone(alone)
        try:
            self.before_end()
        finally:
            self._checkpoint()

    def _do_alone(self, job: _Job) -> None:
        try:
            result: Done[Any] | BaseException = Done(job.operation(cast(Tx, None)), self._newest)
        except Exception as error:  # noqa: BLE001 -- it is the caller's, who waits for it
            result = error
        job.callback(result)

    def _commit(self, group: list[_Job]) -> None:
        stats = GroupStats(operations=len(group))
        failure: BaseException | None = None
        try:
            if self.broken:
                raise AppError("almacen_no_disponible", self.broken)
            self._transaction(group, stats)
        except BaseException as error:  # whatever it is, every caller of the group must hear of it
            failure = _as_app_error(error)
            log.error("grupo no confirmado", extra={"datos": {"motivo": repr(error)[:200], "operaciones": len(group)}})
            if not isinstance(error, Exception):
                raise
        finally:
            self._answer(group, stats, failure)
        if self.broken:
            self.on_broken(self.broken)
        elif failure is None:
            self._checkpoint(CHECKPOINT_FRAMES)
        elif isinstance(failure, AppError) and failure.code == "sin_espacio":
            self._checkpoint()  # the WAL may be what fills the disk

    def _answer(self, group: list[_Job], stats: GroupStats, failure: BaseException | None) -> None:
        if failure is None:
            try:
                self.on_commit(self._newest)
                self.on_group(stats)
            except Exception:  # what is durable is told, whoever else should have heard of it
                log.exception("grupo confirmado sin aviso")
        for job in group:
            try:
                job.callback(failure or job.error or Done(job.result, self._newest))
            except Exception:  # one caller that is gone must not take the write thread with it
                log.exception("quien esperaba ya no está")

    def _transaction(self, group: list[_Job], stats: GroupStats) -> None:
        began = time.perf_counter()
        now = self.clock()
        lote = self.journal.begin(iso_utc(now))
        self.conn.execute("BEGIN IMMEDIATE")
        written = committing = False
        try:
            tx = Tx(self.conn, lote, now)
            lote = self._rows(group, tx)
            stats.rows_s = time.perf_counter() - began
            resumen = b""
            if len(lote):
                entries = len(lote)
                resumen = lote.write(self.journal.folder)
                written = True
                lotes_store.insert(self.conn, lote.numero, resumen, entries, lote.size, now)
                stats.bytes = lote.size
            stats.lote_s = time.perf_counter() - began - stats.rows_s
            committing = True
            self.conn.execute("COMMIT")
        except BaseException as error:
            self._undo(lote.numero if written else None, in_doubt=committing and not _surely_undone(error))
            raise
        if written:
            self.journal.advance(lote.numero, resumen)
            self._newest = lote.numero
        stats.commit_s = time.perf_counter() - began - stats.rows_s - stats.lote_s

    def _rows(self, group: list[_Job], tx: Tx) -> Builder:
        """Every operation's rows. A group in which nothing fails needs no savepoints; otherwise it is begun again."""
        try:
            for job in group:
                job.result = job.operation(tx)
        except (OSError, sqlite3.OperationalError):
            raise
        except Exception:  # noqa: BLE001 -- whose it was is found out below, one operation at a time
            self.conn.execute("ROLLBACK")
            self.conn.execute("BEGIN IMMEDIATE")
            tx.lote = self.journal.begin(iso_utc(tx.now_ms))
            for job in group:
                job.result = None
                self._apply(job, tx)
        return tx.lote

    def _apply(self, job: _Job, tx: Tx) -> None:
        mark = tx.lote.mark()
        tx.conn.execute("SAVEPOINT operacion")
        try:
            job.result = job.operation(tx)
        except (OSError, sqlite3.OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 -- one bad operation must not undo its neighbours
            tx.conn.execute("ROLLBACK TO operacion")
            tx.lote.back_to(mark)
            job.error = error
        tx.conn.execute("RELEASE operacion")

    def _undo(self, lote_written: int | None, *, in_doubt: bool) -> None:
        try:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK")
            if lote_written is not None and in_doubt:
                # Withdrawn, it would be missing if the commit turned up again; and its number may not be used twice.
                self.broken = "no se sabe si el índice confirmó el último grupo"
                log.critical("el almacén debe reiniciarse", extra={"datos": {"motivo": self.broken}})
            elif lote_written is not None:
                self.journal.withdraw(lote_written)
        except (OSError, sqlite3.Error) as error:
            # A lote without its rows would be replayed at the next start: harmless, but its number is taken.
            self.broken = f"no se pudo deshacer: {type(error).__name__}"
            log.critical("el almacén debe reiniciarse", extra={"datos": {"motivo": repr(error)[:200]}})

    def _checkpoint(self, at_least: int = 0) -> None:
        if not self.checkpoints:
            return
        wal = self.path.with_name(self.path.name + "-wal")
        try:
            if wal.stat().st_size >= at_least * 4096:
                self.conn.execute("PRAGMA wal_checkpoint(PASSIVE)" if at_least else "PRAGMA wal_checkpoint(TRUNCATE)")
        except (OSError, sqlite3.Error) as error:
            log.warning("punto de control pospuesto", extra={"datos": {"motivo": type(error).__name__}})


def _surely_undone(error: BaseException) -> bool:
    """Whether a COMMIT that ended so left nothing behind. With no room, the frame that makes it one was not written."""
    return getattr(error, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_BUSY")


def _as_app_error(error: BaseException) -> BaseException:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return AppError("sin_espacio", retry_after=60)
    if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
        return AppError("sin_espacio", retry_after=60)
    if isinstance(error, OSError | sqlite3.Error):
        return AppError("almacen_no_disponible", retry_after=5)
    return error
