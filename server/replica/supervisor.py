"""Keeps Litestream running beside the writer, by the rules that testing gave, and tells how far the replica is.

The rules (each was found by a replica that could not be restored):
1. while Litestream lives, nobody else makes a checkpoint: the writer's own are off from before its start until it is
   known to be dead;
2. it begins only when no other one lives on the folder, after a `wal_checkpoint(TRUNCATE)` that succeeded, and with no
   memory of earlier runs: the first thing it sends is the whole index as it is then. So what was checkpointed while
   it was away can never be missing from the middle of a replica;
3. it dies with the server (`atado.py`);
4. every wait is ours, and has an end;
5. a writer that never pauses keeps it from making checkpoints: when the WAL has grown, the writer is held for as
   long as one `sync` takes.

Its death, or the loss of its place, stops nothing: acuses rest on the diario, not on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from server import bitacora, metrics
from server.bitacora import Evento
from server.clock import Clock
from server.errors import AppError, ConfigurationError
from server.replica import litestream
from server.replica.destino import Destino
from server.replica.litestream import ReplicaError, Run
from server.store.connection import Connection, truncate_wal
from server.store.writer import Tx, Writer

log = logging.getLogger("acopio.replica")

TICK_S = 0.5
"""How often the replica is asked to hold all that is committed: so much of the portals' work a restore may lose."""
SYNC_S = 5.0
GIVE_UP_S = 300.0
"""How long Litestream may fail before it is stopped: what it cannot send piles up on the data disk."""
FIRST_S = 3600.0
"""The same until a run's first copy is whole: a large index on a slow line takes its time."""
LONGEST_PAUSE_S = 60.0
WAL_MAX = 32 * 1024 * 1024
"""Past this the writer is held for a moment, so that Litestream gets its turn to make a checkpoint."""
HOLD_S = 2.0
HOLD_EVERY_S = 10.0
DISK_LOW = 64 * 1024 * 1024
"""With less free space Litestream is stopped and the WAL emptied: acuses come first."""
RECHECK_S = 3600.0
VERIFY_S = 10.0


@dataclass(frozen=True, slots=True)
class Estado:
    """How the replica is. `sincronizada_ms`: all that was committed by then is in it; None when there is none yet."""

    activa: bool
    motivo: str
    sincronizada_ms: int | None
    arranques: int


@dataclass
class Replica:
    """One replica of one index. The coroutines belong to the main thread's loop; `stop` may come from any thread."""

    datos: Path
    index: Path
    destino: Destino
    writer: Writer
    clock: Clock
    tick_s: float = TICK_S
    give_up_s: float = GIVE_UP_S
    _run: Run | None = None
    _activa: bool = False
    _motivo: str = "Aún no empieza."
    _synced_ms: int | None = None
    _good_at: float = 0.0
    _starts: int = 0
    _pause_s: float = 0.0
    _next_try: float = 0.0
    _next_hold: float = 0.0
    _next_check: float = 0.0
    _verified: bool = False
    _whole: bool = False
    _detail: str = ""
    """What Litestream said: for the log, never for a page that anyone may open."""
    _told: bool | None = None
    _ended: bool = False
    _guard: threading.Lock = field(default_factory=threading.Lock)
    """Held by whoever starts, asks or ends Litestream."""

    @property
    def estado(self) -> Estado:
        """For the health page and the metrics; from any thread."""
        return Estado(self._activa, self._motivo, self._synced_ms, self._starts)

    @property
    def pid(self) -> int | None:
        """Litestream's process, while it runs."""
        run = self._run
        return run.process.pid if run is not None else None

    async def start(self, patience_s: float = 15.0) -> None:
        """The first run; returns when the replica is whole, or goes on without it when that takes too long."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            await self._step()
            if self._activa or self._run is None:
                return
            await asyncio.sleep(0.05)

    async def run(self) -> None:
        """Watch over it until cancelled."""
        while True:
            try:
                await self._step()
            except Exception as error:
                log.exception("la vigilancia de la réplica falló")
                self._down(f"error interno ({type(error).__name__})")
            await asyncio.sleep(self.tick_s)

    def stop(self) -> None:
        """Bring the replica up to date, if that is quick, and end Litestream. Harmless twice."""
        with self._guard:
            self._ended = True
            if self._run is not None:
                if self._activa and self._run.sync(SYNC_S) is None:
                    self._synced_ms = self.clock()
                self._kill()
            self.writer.checkpoints = True
            self._activa, self._motivo = False, "El servidor se detuvo."

    # -- one step ---------------------------------------------------------------------------------------------------

    async def _step(self) -> None:
        if self._run is None:
            if time.monotonic() >= self._next_try:
                await self._begin()
            return
        failure = await asyncio.to_thread(self._look)
        if failure is None:
            self._up()
        elif self.pid is None:
            self._down(failure)
        else:
            self._failing(failure)

    async def _begin(self) -> None:
        """Start Litestream; must run on the main thread (atado.py says why)."""
        assert threading.current_thread() is threading.main_thread()
        self._pause_s = min(max(1.0, self._pause_s * 2), LONGEST_PAUSE_S)
        self._next_try = time.monotonic() + self._pause_s
        failure = await asyncio.to_thread(self._ready)
        if failure is not None:
            self._down(failure)
            return
        with self._guard:
            if self._ended:
                return
            try:
                self._run = Run.start(self.index, self.destino)
            except (OSError, ReplicaError, ConfigurationError) as error:
                self.writer.checkpoints = True
                failure = str(error)
        if failure is not None:
            self._down(failure)
            return
        self._starts += 1
        metrics.REPLICA_STARTS.inc()
        self._verified = self._whole = False
        self._good_at = time.monotonic()
        self._motivo = "Se prepara una copia completa del índice."

    def _ready(self) -> str | None:
        """Everything that must hold before a start; why it does not, or None. Off the main thread."""
        failure = self.destino.prepare()
        if failure is not None:
            return failure
        if self._disk_low():
            return "queda muy poco espacio en el disco de datos"
        try:
            with litestream.held(self.datos):
                if not self.writer.alone(self._hand_over):
                    return "una lectura larga del índice impide empezar; se reintenta"
        except (AppError, OSError, ReplicaError) as error:
            return str(error)
        return None

    def _hand_over(self, conn: Connection) -> bool:
        """On the write thread: an empty WAL, and from here on no checkpoint but Litestream's."""
        if not truncate_wal(conn):
            return False
        self.writer.checkpoints = False
        return True

    def _look(self) -> str | None:
        """Ask Litestream to bring all that is committed to the replica; why it did not, or None."""
        with self._guard:
            run = self._run
            if run is None or self._ended:
                return "detenida"
            if not run.alive:
                self._detail = run.last_words()
                self._kill()
                return f"Litestream terminó solo (código {run.process.returncode}); se inicia otra vez"
            if not self.destino.present():
                self._kill()
                return "la carpeta de la réplica ya no está, o alguien la vació"
            if self._disk_low():
                self._kill()
                return "queda muy poco espacio en el disco de datos"
            asked = self.clock()
            failure = None
            if detail := self._sync(run):
                self._detail, failure = detail, "Litestream no pudo copiar"
            if failure is None and not self._verified:
                failure = self._verify()
            if failure is None:
                self._synced_ms = asked
            elif time.monotonic() - self._good_at > (self.give_up_s if self._whole else FIRST_S):
                self._kill()
                failure += "; se deja descansar y se reintenta"
            return failure

    def _sync(self, run: Run) -> str | None:
        now = time.monotonic()
        if self._wal_size() <= WAL_MAX or now < self._next_hold:
            return run.sync(SYNC_S)
        self._next_hold = now + HOLD_EVERY_S
        try:
            return self.writer.alone(lambda _: run.sync(HOLD_S))
        except AppError as error:
            return str(error)

    def _verify(self) -> str | None:
        """A replica may be unusable though every sync succeeds: somebody may have taken files out of it."""
        failure = litestream.restorable(self.datos, VERIFY_S)
        if failure is None:
            self._verified = True
            return None
        self._kill()
        self._detail = failure
        return "lo que hay en la réplica no se podría restaurar: vacíe ese lugar"

    # -- state ------------------------------------------------------------------------------------------------------

    def _kill(self) -> None:
        """End the run; when it is known to be dead the writer makes its own checkpoints again."""
        assert self._run is not None
        self._run.kill()
        self._run = None
        self.writer.checkpoints = True

    def _up(self) -> None:
        self._activa, self._motivo, self._detail, self._whole = True, "", "", True
        self._good_at = time.monotonic()
        self._pause_s = 0.0
        if self._good_at >= self._next_check:
            self._next_check = self._good_at + RECHECK_S
            self._verified = False
        self._tell(True, "")

    def _failing(self, reason: str) -> None:
        if self._activa or self._told is not None:
            self._motivo = reason
        # The first seconds of a run are no failure; neither is one slow answer.
        if time.monotonic() - self._good_at > 2 * SYNC_S:
            self._down(reason)

    def _down(self, reason: str) -> None:
        if self._ended:
            return
        self._activa, self._motivo = False, reason
        self._tell(False, reason)

    def _tell(self, good: bool, reason: str) -> None:
        if self._told == good:
            return
        first, self._told = self._told is None, good
        if good:
            log.info("réplica del índice al día", extra={"datos": {"arranques": self._starts}})
            evento = Evento.REPLICA_RESTABLECIDA
        else:
            log.error("réplica del índice detenida", extra={"datos": {"motivo": reason, "detalle": self._detail}})
            evento = Evento.REPLICA_DETENIDA
        if good and first:
            return

        def record(tx: Tx) -> None:
            bitacora.record(tx.conn, tx.now_ms, evento, actor="sistema")

        self.writer.submit(record, lambda result: None)

    # -- small questions --------------------------------------------------------------------------------------------

    def _wal_size(self) -> int:
        with contextlib.suppress(OSError):
            return self.index.with_name(self.index.name + "-wal").stat().st_size
        return 0

    def _disk_low(self) -> bool:
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self.datos).free < DISK_LOW
        return False
