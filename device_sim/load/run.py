"""The whole load: processes of phones, the server and its samples, what is done to it in mid-load, the last count."""

from __future__ import annotations

import math
import multiprocessing
import os
import platform
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol, assert_never

import msgspec

from device_sim.errors import PhoneError
from device_sim.fleet import Member
from device_sim.load import worker
from device_sim.load.plan import Fault, LoadPlan, WorkerPlan, arrivals
from device_sim.load.results import Event, LoadResult, PhoneOutcome, ServerSample, Tick
from device_sim.load.server import OwnServer, sample

SAMPLE_S = 1.0
_LEAD_S = 0.5
"""Between the word to begin and the beginning, so that all processes have heard it."""


class Watch(Protocol):
    """Who looks on: progress bars, or lines of text."""

    def progress(self, stage: str, done: float, total: float, said: str = "") -> None:
        """How far a stage is: alta, captura, espera, envio, comprobacion. Two may overlap."""


@dataclass(slots=True)
class Target:
    """Whom the phones talk to. `own` is None for a server that runs already."""

    url: str
    inbox: str
    members: tuple[Member, ...]
    own: OwnServer | None = None


def minutes_ahead(plan: LoadPlan, now: float) -> float:
    """When the periodo of our own server should end: a whole minute, with time for altas and sealing before a surge."""
    if plan.pattern != "surge":
        return math.ceil((now + 30 * 86_400) / 60) * 60
    prepared = 10 + plan.phones * 0.08 + plan.sobres * 0.008 / plan.processes
    return math.ceil((now + prepared + plan.window_s) / 60) * 60


def run(plan: LoadPlan, target: Target, folder: Path, watch: Watch) -> LoadResult:
    """Run it. Raises PhoneError when it cannot begin; what goes wrong later stands in the result."""
    group = _Group(plan, target, folder, watch)
    try:
        return group.run()
    finally:
        group.close()


@dataclass(slots=True)
class _Group:
    """All processes, from the first alta to the last check."""

    plan: LoadPlan
    target: Target
    folder: Path
    watch: Watch
    _processes: list[tuple[BaseProcess, Connection]] = field(default_factory=list)
    _ticks: list[list[Tick]] = field(default_factory=list)
    _phones: list[PhoneOutcome] = field(default_factory=list)
    _trouble: str = ""
    _termina_ms: int = 0
    _done: Counter[str] = field(default_factory=Counter)

    def run(self) -> LoadResult:
        self._spawn()
        termina_ms = self._prepare()
        start = self._begin(termina_ms)
        events = [Event(self.plan.window_s, "fin del periodo")] if self.plan.pattern == "surge" else []
        began = datetime.fromtimestamp(start, UTC).isoformat(timespec="seconds")
        with _Sampling(self.target, start, self.plan.faults) as sampling:
            seconds = self._send(start)
        self._check()
        stored = None
        own = self.target.own
        if own is not None and not self._trouble:
            own.stop()
            try:
                stored = own.count()
            except PhoneError as error:
                self._trouble = error.text
        trouble = self._trouble or sampling.trouble
        return LoadResult(
            self.plan, self.plan.line, began, _machine(), seconds, self._ticks,
            sorted(self._phones, key=lambda phone: phone.number), sampling.samples, events + sampling.events,
            own is not None, stored, trouble,
        )  # fmt: skip

    def close(self) -> None:
        for process, connection in self._processes:
            connection.close()
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()

    def _spawn(self) -> None:
        plan, when = self.plan, arrivals(self.plan)
        context = multiprocessing.get_context("spawn")
        for index in range(plan.processes):
            mine = range(index, plan.phones, plan.processes)
            if not mine:
                continue
            ours, theirs = context.Pipe()
            part = WorkerPlan(
                plan=plan,
                server=self.target.url,
                inbox=self.target.inbox,
                folder=str(self.folder),
                members=tuple((number + 1, self.target.members[number]) for number in mine),
                arrivals=tuple(when[number] for number in mine),
            )
            process = context.Process(target=worker.main, args=(theirs, msgspec.msgpack.encode(part)), daemon=True)
            process.start()
            theirs.close()
            self._processes.append((process, ours))
            self._ticks.append([])

    def _hear(self, until: Callable[[worker.Said], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
        """Listen until every process has said what `until` waits for. Raises PhoneError when one cannot go on."""
        open_ = {id(connection): (index, connection) for index, (_, connection) in enumerate(self._processes)}
        while open_:
            meanwhile()
            for ready in wait([connection for _, connection in open_.values()], timeout=0.5):
                assert isinstance(ready, Connection)
                index, _ = open_[id(ready)]
                try:
                    said = worker.read(ready)
                except (EOFError, OSError) as error:
                    raise PhoneError("carga", "Un proceso de teléfonos terminó antes de tiempo.") from error
                self._note(index, said)
                if until(said):
                    del open_[id(ready)]

    def _note(self, index: int, said: worker.Said) -> None:
        match said:
            case worker.Progress():
                self._count(said)
            case worker.Ticked():
                self._ticks[index].append(said.tick)
            case worker.Checked():
                self._phones += said.phones
            case worker.Failed():
                raise PhoneError("carga", said.text)
            case worker.Ready():
                self._termina_ms = max(self._termina_ms, said.termina_ms)
            case worker.Ended():
                pass
            case _:
                assert_never(said)

    def _count(self, said: worker.Progress) -> None:
        totals = {"alta": self.plan.phones, "captura": self.plan.sobres, "comprobacion": self.plan.phones}
        self._done[said.stage] += said.count
        self.watch.progress(said.stage, self._done[said.stage], totals[said.stage])

    def _prepare(self) -> int:
        self._hear(lambda said: isinstance(said, worker.Ready))
        return self._termina_ms

    def _begin(self, termina_ms: int) -> float:
        """The instant of the start: at once, or so long before the end of the periodo."""
        start = time.time() + _LEAD_S
        if self.plan.pattern == "surge":
            waiting = termina_ms / 1000 - self.plan.window_s - start
            if waiting > 0 and self.target.own is not None:
                while (left := termina_ms / 1000 - self.plan.window_s - time.time() - _LEAD_S) > 0:
                    self.watch.progress("espera", waiting - left, waiting)
                    time.sleep(min(0.5, left))
                start = time.time() + _LEAD_S
        for _, connection in self._processes:
            worker.go(connection, start)
        return start

    def _send(self, start: float) -> float:
        def show() -> None:
            last = [each[-1] for each in self._ticks if each]
            acuses, sending = sum(tick.acuses for tick in last), sum(tick.sending for tick in last)
            refused, flying = sum(tick.refused for tick in last), sum(tick.in_flight for tick in last)
            done = sum(tick.phones_done for tick in last)
            self.watch.progress(
                "envio",
                acuses,
                self.plan.sobres,
                f"{sending} teléfonos envían, {done} terminaron; {flying} en vuelo, {refused} respuestas 503",
            )

        self._hear(lambda said: isinstance(said, worker.Ended), show)
        return time.time() - start

    def _check(self) -> None:
        for _, connection in self._processes:
            worker.go(connection, time.time())
        self._hear(lambda said: isinstance(said, worker.Checked))


class _Sampling(threading.Thread):
    """Looks at the server every second, and does to it what the plan says. Enter it for as long as the load lasts."""

    def __init__(self, target: Target, start: float, faults: tuple[Fault, ...]) -> None:
        super().__init__(name="muestras", daemon=True)
        self.samples: list[ServerSample] = []
        self.events: list[Event] = []
        self.trouble = ""
        self._target, self._start = target, start
        self._faults = sorted(faults, key=lambda fault: fault.at_s)
        self._over = threading.Event()

    def __enter__(self) -> _Sampling:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        own = self._target.own
        while not self._over.wait(SAMPLE_S):
            now = time.time() - self._start
            self.samples.append(sample(self._target.url, now, own.pid if own else None))
            if own is not None and self._faults and self._faults[0].at_s <= now:
                try:
                    self._strike(own, self._faults.pop(0))
                except PhoneError as error:
                    self.trouble = error.text
                    return

    def _strike(self, own: OwnServer, fault: Fault) -> None:
        at = time.time() - self._start
        if fault.kind == "kill":
            own.kill()
            self.events.append(Event(at, "kill -9 del servidor"))
            self._over.wait(fault.seconds)
            own.start()
            self.events.append(Event(time.time() - self._start, "servidor de nuevo en marcha"))
        else:
            own.pause()
            self.events.append(Event(at, "servidor en pausa"))
            self._over.wait(fault.seconds)
            own.resume()
            self.events.append(Event(time.time() - self._start, "servidor sigue"))


def _machine() -> str:
    name = platform.processor() or platform.machine()
    return f"{os.cpu_count()} procesadores ({name}), {platform.system()}, Python {platform.python_version()}"
