"""The second copy of each lote, made and synced before its acuses are given (SPEC §1.5; row X1).

One thread takes lotes in order, several at a time, and never leaves a hole behind, so that "copied up to N" is one
number. Whenever it reaches its place, it first compares what is there, sets aside what is damaged, and copies again
what is missing; while nothing is to be copied it compares the rest, slowly. Whatever fails is tried again for ever.
How it is doing is computed when someone asks (`estado`), so that a place that hangs cannot hide that it does.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server import metrics
from server.clock import Clock, iso_utc, system_clock
from server.diario import lote as lotes
from server.diario.comparison import Hallazgo, Slow, inspect
from server.diario.lote import file_name
from server.diario.places.place import Motivo, PlaceError, SecondPlace, reason
from server.errors import DiarioError

log = logging.getLogger("acopio.segunda_copia")

GROUP_LOTES = 32
GROUP_BYTES = 32 * 1024 * 1024
PAUSE_MAX_S = 30.0
FINDINGS_KEPT = 200
FINDINGS_LOGGED = 20
_WAITING_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Estado:
    """How the second copy is at this moment. Instants are milliseconds of Unix time."""

    motivo: Motivo | None
    """Why acuses are not given; None while all is well."""
    desde_ms: int
    """Since when it has been so, well or not."""
    pendientes: int
    """Lotes that are committed and not copied."""
    confirmado: int
    confirmado_ms: int | None
    """When a lote was last confirmed in this process."""
    clase: str
    lugar: str
    """Where it is, for the administrator alone; `clase` and `nota` may be seen by all."""
    nota: str
    hallazgos: int
    """Lotes found wrong in this process, healed or not."""

    @property
    def bien(self) -> bool:
        """Whether acuses can be given."""
        return self.motivo is None


class SecondCopy:
    """Copies lotes on a thread of its own, heals what it finds wrong, and tells how far it is."""

    def __init__(
        self,
        place: SecondPlace,
        diario: Path,
        *,
        on_advance: Callable[[int], None],
        keep: Mapping[str, Path] | None = None,
        clock: Clock = system_clock,
        monotonic: Callable[[], float] = time.monotonic,
        espera_s: float = 30.0,
        pause_s: float = 1.0,
        pace_s: float = 1.0,
    ) -> None:
        """`keep`: files that go beside the lotes, by name. `espera_s`: silence after which a place does not answer.

        `pause_s`: before the first new try (then doubled). `pace_s`: between two pieces of the slow comparison.
        """
        self.place = place
        self._diario = diario
        self._on_advance = on_advance
        self._keep = keep or {}
        self._clock = clock
        self._monotonic = monotonic
        self._espera_s = espera_s
        self._pause_s = self._first_pause_s = pause_s
        self._pace_s = pace_s
        self._wake = threading.Condition()
        self._stop = False
        self._wanted = 0
        self._waiting: deque[tuple[int, float]] = deque()
        self._reached = False
        self._looked = threading.Event()
        self._todo: deque[int] = deque()
        self._next_new = 1
        self._order: deque[int] = deque()
        self._done: set[int] = set()
        self._suspects: set[int] = set()
        self._findings: deque[Hallazgo] = deque(maxlen=FINDINGS_KEPT)
        self._told: set[Hallazgo] = set()
        self._found = 0
        self._busy_at: float | None = None
        self._failure: tuple[Motivo, int] | None = None
        self._well_ms = clock()
        self._confirmed_ms: int | None = None
        self.confirmed = 0
        """Every lote up to this number is in the second place, synced."""
        self.slow = Slow(place, diario)
        self._thread = threading.Thread(target=self._run, name="segunda-copia", daemon=True)

    # -- for whoever uses it ------------------------------------------------------------------------------------------

    def start(self, ultimo: int) -> None:
        """Begin; `ultimo` is the newest lote of the index."""
        self.want(ultimo)
        self._thread.start()

    def first_look(self, seconds: float) -> Motivo | None:
        """Wait for the place to be reached once, though not for long; the reason, if waiting longer cannot help."""
        self._looked.wait(seconds)
        failure = self._failure
        return failure[0] if failure is not None and failure[0].grave else None

    def want(self, numero: int) -> None:
        """A lote has been committed and is to be copied."""
        with self._wake:
            if numero > self._wanted:
                self._wanted = numero
                if len(self._waiting) < _WAITING_KEPT:
                    self._waiting.append((numero, self._monotonic()))
                self._wake.notify()

    def stop(self) -> None:
        """End the thread, or leave it behind if its place hangs; what is not copied yet will be at the next start."""
        with self._wake:
            self._stop = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=3)
        with contextlib.suppress(OSError):
            self.place.close()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    @property
    def pending(self) -> int:
        """Lotes that are committed and not copied."""
        return max(0, self._wanted - self.confirmed)

    @property
    def error(self) -> str | None:
        """Code of the reason for which no acuses are given; None while all is well."""
        motivo = self.estado().motivo
        return None if motivo is None else motivo.value

    def estado(self) -> Estado:
        """How it is, now: also when the thread is inside a call that does not come back."""
        motivo, since = None, self._well_ms
        if (failure := self._failure) is not None:
            motivo, since = failure
        elif (silent_s := self._silent_s()) > self._espera_s:
            motivo, since = Motivo.NO_RESPONDE, self._ago(silent_s)
        elif (oldest_s := self._oldest_s()) > self._espera_s:
            motivo, since = Motivo.ATRASADA, self._ago(oldest_s)
        return Estado(
            motivo, since, self.pending, self.confirmed, self._confirmed_ms, self.place.clase,
            self.place.describe(), self.place.nota, self._found,
        )  # fmt: skip

    def take_findings(self) -> list[Hallazgo]:
        """What was found wrong since the last call, each once."""
        taken = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._findings.popleft())
        return taken

    # -- the thread ---------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop:
            try:
                self._moved()
                if not self._reached:
                    self._reach()
                elif group := self._group():
                    self._copy(group)
                else:
                    self._busy_at = None
                    self._rest()
            except Exception as error:  # noqa: BLE001 -- a copier that dies in silence would stop every acuse unsaid
                self._fail(error)
            finally:
                self._busy_at = None

    def _reach(self) -> None:
        """Find out what the place really holds: it may have lost lotes, or hold some that another box wrote."""
        hasta = self._wanted
        self.place.connect()
        found = inspect(self.place, self._diario, hasta, self._moved, also=set(self._suspects), had=self.confirmed)
        self._report(found.hallazgos)
        marca = iso_utc(self._clock()).translate(str.maketrans("", "", "-:."))
        for numero in found.apartar:
            self.place.set_aside(numero, marca)
        self._keep_beside(marca)
        self._suspects.clear()
        with self._wake:
            self._todo, self._next_new = deque(found.faltan), hasta + 1
            self._order.clear()
            self._done.clear()
        self._reached = True
        if not found.faltan and self._wanted <= hasta:
            self._healed()
        self._advance()
        self._looked.set()

    def _healed(self) -> None:
        """It took something, or holds all there is: being reached alone is not yet being well."""
        if self._failure is not None:
            log.info("segunda copia restablecida")
            self._failure, self._well_ms = None, self._clock()
        self._pause_s = self._first_pause_s

    def _keep_beside(self, marca: str) -> None:
        for nombre, path in self._keep.items():
            content, there = path.read_bytes(), self.place.load(nombre)
            if there == content:
                continue
            if there:
                # Keys that this box no longer has may be the only ones that open something.
                self.place.store(f"{marca}.{nombre}", there)
            self.place.store(nombre, content)

    def _group(self) -> list[tuple[int, Path]]:
        """The next lotes that wait, in order; those that the place had lost are looked at before they are sent."""
        with self._wake:
            wanted = self._wanted
        group: list[tuple[int, Path]] = []
        size = 0
        while len(group) < GROUP_LOTES and size < GROUP_BYTES:
            if self._todo:
                numero = self._todo[0]
                path = self._diario / file_name(numero)
                self._check(path)
                self._todo.popleft()
            elif self._next_new <= wanted:
                numero = self._next_new
                path = self._diario / file_name(numero)
                self._next_new += 1
            else:
                break
            group.append((numero, path))
            size += path.stat().st_size
        return group

    def _check(self, path: Path) -> None:
        self._moved()
        try:
            lotes.verify(path)
        except (DiarioError, FileNotFoundError) as error:
            raise PlaceError(Motivo.DIARIO, f"{path.name} está dañado") from error

    def _copy(self, group: Sequence[tuple[int, Path]]) -> None:
        with self._wake:
            self._order.extend(numero for numero, _ in group)
        self.place.put(group, self._moved, self._taken)
        if self._order:
            raise PlaceError(Motivo.FALLA, "el lugar no dijo haber tomado todo lo que se le dio")
        self._healed()

    def _taken(self, numero: int) -> None:
        """From any thread of the place: a lote is durable there. What is told is told in order."""
        with self._wake:
            self._done.add(numero)
            before = len(self._order)
            while self._order and self._order[0] in self._done:
                self._done.discard(self._order.popleft())
            moved = len(self._order) < before
        self._moved()
        if moved:
            self._advance()

    def _advance(self) -> None:
        with self._wake:
            ahead = self._order or self._todo
            confirmed = (ahead[0] if ahead else self._next_new) - 1
            if confirmed < self.confirmed:  # the place has lost some: they count as waiting from now on
                self._waiting.clear()
                self._waiting.append((self._wanted, self._monotonic()))
            self.confirmed = confirmed
            self._confirmed_ms = self._clock()
            while self._waiting and self._waiting[0][0] <= confirmed:
                self._waiting.popleft()
        self._on_advance(confirmed)

    def _rest(self) -> None:
        """Wait for work; while there is none, compare a piece now and then."""
        with self._wake:
            if self._wake.wait_for(lambda: self._stop or self._wanted >= self._next_new, self._pace_s):
                return
        self._moved()
        suspect = self.slow.step(self.confirmed)
        if suspect is not None:
            self._suspects.add(suspect)
            self._reached = False

    def _fail(self, error: Exception) -> None:
        motivo = reason(error)
        self._reached = False
        metrics.SECOND_COPY_FAILURES.labels(motivo.value).inc()
        if self._failure is None or self._failure[0] is not motivo:
            detalle = error.detalle if isinstance(error, PlaceError) else type(error).__name__
            log.error("segunda copia detenida", extra={"datos": {"motivo": motivo.value, "detalle": detalle}})
            self._failure = (motivo, self._failure[1] if self._failure else self._clock())
        if motivo is Motivo.FALLA and not isinstance(error, OSError):
            log.exception("error inesperado en la segunda copia")
        self._looked.set()
        with contextlib.suppress(OSError):
            self.place.close()
        self._busy_at = None
        with self._wake:
            self._wake.wait_for(lambda: self._stop, self._pause_s)
        self._pause_s = min(PAUSE_MAX_S, self._pause_s * 2)

    def _report(self, findings: Sequence[Hallazgo]) -> None:
        news = [finding for finding in findings if finding not in self._told]
        self._told = set(findings)
        self._findings.extend(news)
        self._found += len(news)
        for finding in news:
            metrics.SECOND_COPY_FINDINGS.labels(finding.clase.value).inc()
        for finding in news[:FINDINGS_LOGGED]:
            datos = {"lote": finding.numero, "clase": finding.clase.value, "en_total": len(news)}
            log.error("lote que no coincide con su segunda copia", extra={"datos": datos})

    # -- time ---------------------------------------------------------------------------------------------------------

    def _moved(self) -> None:
        self._busy_at = self._monotonic()

    def _silent_s(self) -> float:
        busy = self._busy_at
        return 0.0 if busy is None else self._monotonic() - busy

    def _oldest_s(self) -> float:
        try:
            return self._monotonic() - self._waiting[0][1]
        except IndexError:
            return 0.0

    def _ago(self, seconds: float) -> int:
        return self._clock() - int(seconds * 1000)
