"""The load generator: many phones on one thread, each with one connection kept open and one record on its way.

It is the same for every target and does as little as it can (epoll and non-blocking sockets; bodies are views on a
mapped file and are never copied here), so that what is measured is the server. What comes back is kept as it came and
judged afterwards, except for the status, which must be right at once.
"""

from __future__ import annotations

import gc
import re
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.ingest.procs import BenchError

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
DRAIN_S = 30.0
"""How long answers that are still due may take once the window is over."""


@dataclass(frozen=True, slots=True)
class Job:
    """One request, ready to be written. `then`: the second request of a record, made of the first one's answer."""

    head: bytes
    body: memoryview
    then: Callable[[bytes], Job] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a record. `head`: status line and headers as they came; `first`: those of a creation before it."""

    phone: int
    job: int
    began: float
    ended: float
    head: bytes
    first: bytes = b""

    def header(self, name: str) -> str:
        """A header of the answer; empty when it is not there."""
        return header(self.head, name)

    @property
    def upload(self) -> str:
        """The id that a creation gave."""
        return header(self.first or self.head, "location").rpartition("/")[2]


def header(head: bytes, name: str) -> str:
    """A header of an answer; empty when it is not there."""
    found = re.search(rb"\r\n" + name.encode() + rb": *([^\r]*)", head, re.IGNORECASE)
    return found[1].decode("latin-1") if found else ""


@dataclass(slots=True)
class Load:
    """What a run saw. Only what came back between `opened` and `closed` is measured; everything is checked."""

    replies: list[Reply] = field(default_factory=list)
    opened: float = 0.0
    closed: float = 0.0
    client_cpu_s: float = 0.0

    @property
    def measured(self) -> list[Reply]:
        """The answers inside the window."""
        return [reply for reply in self.replies if self.opened < reply.ended <= self.closed]

    @property
    def seconds(self) -> float:
        """Length of the window."""
        return self.closed - self.opened


class _Line:
    """One phone's connection."""

    __slots__ = ("_began", "_body", "_first", "_jobs", "_next", "_ok", "_received", "_sent", "_then", "phone", "socket")

    def __init__(self, phone: int, address: tuple[str, int], jobs: Sequence[Job], ok: frozenset[bytes]) -> None:
        self.phone = phone
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._jobs = jobs
        self._ok = ok
        self._next = 0
        self._body = memoryview(b"")
        self._then: Callable[[bytes], Job] | None = None
        self._first = b""
        self._sent = 0
        self._began = 0.0
        self._received = b""

    @property
    def exhausted(self) -> bool:
        """Nothing is left to send."""
        return self._next >= len(self._jobs)

    def begin(self) -> bool:
        """Start the next request; says whether more of it is still to be written."""
        job = self._jobs[self._next]
        self._next += 1
        self._first = b""
        self._began = time.perf_counter()
        return self._start(job)

    @property
    def more(self) -> bool:
        """A first request was answered: the second one of the same record follows."""
        return self._then is not None and bool(self._first)

    def go_on(self) -> bool:
        """Start the second request of a record; says whether more of it is still to be written."""
        assert self._then is not None
        return self._start(self._then(self._first))

    def _start(self, job: Job) -> bool:
        self._body, self._then, self._received = job.body, job.then, b""
        written = self.socket.sendmsg((job.head, job.body))
        if written < len(job.head):
            raise BenchError("a head did not fit into an empty socket buffer")
        self._sent = written - len(job.head)
        return self._sent < len(self._body)

    def write(self) -> bool:
        """Write on; says whether more is still to be written."""
        self._sent += self.socket.send(self._body[self._sent :])
        return self._sent < len(self._body)

    def read(self) -> Reply | None:
        """Read on; the answer once it is whole. After a first request there is none: `more` says so."""
        piece = self.socket.recv(65536)
        if not piece:
            raise BenchError(f"the server closed phone {self.phone}'s line: {self._received[:300]!r}")
        self._received += piece
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or not _whole(self._received, end):
            return None
        head = self._received[: end + 2]
        if head[9:12] not in self._ok or _CLOSE.search(head):
            raise BenchError(f"phone {self.phone} was answered: {self._received[:1000]!r}")
        if self._then is not None:
            self._first = head
            return None
        return Reply(self.phone, self._next - 1, self._began, time.perf_counter(), head, self._first)


def _whole(received: bytes, end: int) -> bool:
    head = received[: end + 2]
    length = _LENGTH.search(head)
    if length is not None:
        return len(received) >= end + 4 + int(length[1])
    return received.endswith(b"0\r\n\r\n") if _CHUNKED.search(head) else True


@contextmanager
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def drive(
    address: tuple[str, int],
    queues: Sequence[Sequence[Job]],
    *,
    ok: frozenset[bytes],
    warmup: float,
    seconds: float,
    on_open: Callable[[], None],
    on_close: Callable[[], None],
) -> Load:
    """Let every phone send its queue, one record after the other, until the window is over or a queue is empty.

    `on_open` and `on_close` are called at the ends of the window: the caller reads the server's meters there.
    Raises BenchError at the first answer whose status is not in `ok`.
    """
    load = Load()
    lines: dict[int, _Line] = {}
    poller = select.epoll()
    try:
        for phone, jobs in enumerate(queues):
            line = _Line(phone, address, jobs, ok)
            lines[line.socket.fileno()] = line
            poller.register(line.socket.fileno(), 0)
        with _no_collector():
            _run(load, poller, lines, warmup, seconds, on_open, on_close)
    finally:
        poller.close()
        for line in lines.values():
            line.socket.close()
    return load


def _run(
    load: Load,
    poller: select.epoll,
    lines: dict[int, _Line],
    warmup: float,
    seconds: float,
    on_open: Callable[[], None],
    on_close: Callable[[], None],
) -> None:
    both, reading = select.EPOLLIN | select.EPOLLOUT, select.EPOLLIN
    clock = time.perf_counter
    for fd, line in lines.items():
        poller.modify(fd, both if line.begin() else reading)
    busy = len(lines)
    spent = False
    edge = clock() + warmup
    while busy:
        if clock() >= edge or (spent and load.opened and not load.closed):
            if not load.opened:
                on_open()
                load.client_cpu_s = -time.process_time()
                load.opened = clock()
                edge = load.opened + seconds
            elif not load.closed:
                load.closed = clock()
                load.client_cpu_s += time.process_time()
                on_close()
                edge = clock() + DRAIN_S
            else:
                raise BenchError(f"{busy} answers did not come within {DRAIN_S:.0f} s")
        for fd, event in poller.poll(max(0.0, min(edge - clock(), 0.05))):
            line = lines[fd]
            reply = line.read() if event & ~select.EPOLLOUT else None
            if reply is not None:
                load.replies.append(reply)
                if load.closed or line.exhausted:
                    busy -= 1
                    poller.unregister(fd)
                else:
                    poller.modify(fd, both if line.begin() else reading)
                    spent = spent or line.exhausted
            elif line.more:
                poller.modify(fd, both if line.go_on() else reading)
            elif event & select.EPOLLOUT and not line.write():
                poller.modify(fd, reading)
    if not load.closed:
        raise BenchError("the phones had nothing left to send before the window was over")
