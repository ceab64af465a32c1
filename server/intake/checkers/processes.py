"""Checkers as processes: the cryptography of a sobre leaves the server's interpreter free for lines and rows.

A sobre is copied into the arena once and nothing else is; what a process is told and says is a few hundred bytes. A
process that dies is replaced, and the phones whose sobres it had are asked to send again in a moment.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from server import metrics
from server.errors import AppError
from server.intake.check_sobre import Checked, Expected
from server.intake.checkers.arena import Arena, Extent
from server.intake.checkers.judge import CheckKeys, Done, Verdict
from server.intake.checkers.wire import MAX_PACKET, Answer, Hello, Job
from sync_protocol import sobre

log = logging.getLogger("acopio.revisores")

IN_FLIGHT = 32
"""Jobs that one process may have: enough to keep it busy, few enough for the socket's buffer."""
RESTART_S = 1.0
_STOP_S = 5.0


@dataclass(frozen=True, slots=True)
class _Pending:
    """A job under way, with what is needed to answer whoever asked."""

    expected: Expected
    recibido_ms: int
    done: Done
    chunks: Sequence[bytes]
    size: int


@dataclass(slots=True)
class _Child:
    """One process and what it is working on."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    jobs: dict[int, tuple[_Pending, Extent]] = field(default_factory=dict)


class ProcessCheckers:
    """So many processes. Everything but the verdicts' `release` happens on the event loop's thread."""

    def __init__(self, keys: CheckKeys, count: int, memory: int) -> None:
        self._keys = keys
        self._count = count
        self._arena = Arena(memory)
        self._waiting: deque[_Pending] = deque()
        self._children: list[_Child] = []
        self._number = 0
        self._stopped = False
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Answer)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """See Checkers."""
        self._loop = asyncio.get_running_loop()
        for _ in range(self._count):
            self._spawn()

    def stop(self) -> None:
        """See Checkers. Called from a thread, while the loop still turns."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        for child in self._children:
            try:
                child.process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        self._children.clear()
        self._arena.close()

    async def _end(self) -> None:
        self._stopped = True
        while self._waiting:
            self._waiting.popleft().done(_later())
        for child in self._children:
            self._let_go(child)

    @property
    def pids(self) -> list[int]:
        """The processes that are there now."""
        return [child.process.pid for child in self._children]

    # -- jobs -------------------------------------------------------------------------------------------------------

    def submit(self, chunks: Sequence[bytes], expected: Expected, recibido_ms: int, done: Done) -> None:
        """See Checkers."""
        size = sum(map(len, chunks))
        if self._stopped or not self._children:
            done(_later())
        elif size == 0:
            done(AppError("integridad_distinta"))
        else:
            self._waiting.append(_Pending(expected, recibido_ms, done, chunks, size))
            self._pump()

    def _pump(self) -> None:
        """Hand out what waits, in order, as long as there is memory and somebody to do it."""
        while self._waiting and self._children:
            child = min(self._children, key=lambda one: len(one.jobs))
            if len(child.jobs) >= IN_FLIGHT:
                return
            extent = self._arena.take(self._waiting[0].size)
            if extent is None:
                return
            pending = self._waiting.popleft()
            try:
                self._hand_out(pending, child, extent)
            except BlockingIOError:  # the line is full: its next answer makes room
                self._arena.give(extent)
                self._waiting.appendleft(pending)
                return
            except OSError:
                self._arena.give(extent)
                self._waiting.appendleft(pending)
                self._lost(child)

    def _hand_out(self, pending: _Pending, child: _Child, extent: Extent) -> None:
        self._number += 1
        self._arena.fill(extent, pending.chunks)
        e = pending.expected
        job = Job(
            self._number, extent.start, e.solicitud, e.auxiliar, e.dispositivo, e.registro, e.codigo, e.tam,
            extent.size, tuple(llave.point for llave in e.llaves), pending.recibido_ms,
        )  # fmt: skip
        child.line.send(self._encoder.encode(job))
        child.jobs[job.number] = (pending, extent)

    def _readable(self, child: _Child) -> None:
        while True:
            try:
                packet = child.line.recv(MAX_PACKET)
            except BlockingIOError:
                break
            except OSError:
                packet = b""
            if not packet:
                self._lost(child)
                break
            self._answered(child, self._decoder.decode(packet))
        self._pump()

    def _answered(self, child: _Child, answer: Answer) -> None:
        pending, extent = child.jobs.pop(answer.number)
        if answer.code:
            self._arena.give(extent)
            pending.done(AppError(answer.code, answer.detail))
            return
        raw = self._arena.view[extent.start : extent.start + extent.size]
        checked = Checked(sobre.parse_header(raw), raw, pending.expected.codigo, answer.capturado_ms, answer.desfase_ms)
        pending.done(Verdict(checked, answer.acuse, lambda: self._release(extent)))

    def _release(self, extent: Extent) -> None:
        """From any thread."""
        self._arena.give(extent)
        if self._waiting and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._pump)

    # -- processes --------------------------------------------------------------------------------------------------

    def _spawn(self) -> None:
        assert self._loop is not None
        if self._stopped:
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        fds = (theirs.fileno(), self._arena.fd)
        try:
            process = subprocess.Popen(  # noqa: S603 -- our own interpreter, our own module
                [sys.executable, "-m", "server.intake.checkers.child", *map(str, fds)],
                pass_fds=fds,
                stdin=subprocess.DEVNULL,
                env=_environment(),
            )
        except OSError as error:
            ours.close()
            log.error("revisor sin iniciar", extra={"datos": {"motivo": type(error).__name__}})
            self._loop.call_later(RESTART_S, self._spawn)
            return
        finally:
            theirs.close()
        keys = self._keys
        seeds = tuple(key.seed for key in keys.aperturas.values())
        ours.send(self._encoder.encode(Hello(seeds, keys.firma.scalar, keys.institucion, self._arena.size)))
        ours.setblocking(False)
        child = _Child(process, ours)
        self._children.append(child)
        metrics.CHECKERS.set(len(self._children))
        self._loop.add_reader(ours.fileno(), self._readable, child)
        self._pump()

    def _let_go(self, child: _Child) -> None:
        """Close its line and answer for what it had."""
        assert self._loop is not None
        self._loop.remove_reader(child.line.fileno())
        child.line.close()
        jobs, child.jobs = child.jobs, {}
        for pending, extent in jobs.values():
            self._arena.give(extent)
            pending.done(_later())

    def _lost(self, child: _Child) -> None:
        if child not in self._children:
            return
        self._children.remove(child)
        metrics.CHECKERS.set(len(self._children))
        self._let_go(child)
        if self._stopped:
            return
        metrics.CHECKERS_LOST.inc()
        log.error("revisor perdido", extra={"datos": {"quedan": len(self._children)}})
        assert self._loop is not None
        self._loop.run_in_executor(None, child.process.wait)
        self._loop.call_later(RESTART_S, self._spawn)


def _environment() -> dict[str, str]:
    """Ours without the settings, secrets among them; with the way to our modules."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ACOPIO_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _later() -> AppError:
    return AppError("ocupado", retry_after=2)
