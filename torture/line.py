"""A line that knows where a request ends: it cuts, loses replies, sends twice, late, in another order, or lies.

It stands between one phone and the server, and every answer of the server passes by `Witness`, those too that the
phone never gets: an acuse that left the server is given, whoever heard it. (`device_sim.faults.Line` sees only bytes.)
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from device_sim.lines.proxy import close

LIMIT = 4 * 1024 * 1024
_PORTAL = b"<html><body>Acepte las condiciones para navegar</body></html>"


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a hundred requests each fault strikes."""

    corte_subiendo: float = 12
    respuesta_perdida: float = 9
    duplicada: float = 8
    tardia: float = 8
    lenta: float = 1
    silencio: float = 0.5
    portal_cautivo: float = 2
    reordenada: float = 4


FAULTS = Share.__slots__


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to a request."""

    method: str
    path: str
    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes


Witness = Callable[[Answer], None]


@dataclass(slots=True)
class _Request:
    head: bytes
    body: bytes
    method: str
    path: str

    @property
    def raw(self) -> bytes:
        return self.head + self.body


class _BrokenError(Exception):
    """The server, or the line to it, is gone."""


@dataclass(slots=True)
class TortureLine:
    """One phone's line to the server on `port`. Its faults are drawn from `seed`, request by request."""

    port: int
    seed: int
    witness: Witness
    share: Share = field(default_factory=Share)
    clean: bool = False
    """Carry everything as it should be, from now on."""
    counts: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    _rng: random.Random = field(init=False)
    _server: asyncio.Server = field(init=False)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _cut_off: list[asyncio.WriteTransport] = field(default_factory=list)
    """Closed ones to the server, which stay until what was written has gone: not longer than the line."""
    _held: asyncio.Event | None = None

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=LIMIT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await close(self._server)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for transport in self._cut_off:
            transport.abort()

    @property
    def url(self) -> str:
        """The server, as the phone sees it."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _later(self, work: asyncio.Task[None]) -> None:
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._later(task)
        try:
            while (request := await _read_request(reader)) is not None:
                self.requests += 1
                answer = await self._carry(request)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (OSError, _BrokenError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except asyncio.CancelledError:
            # The harness ends: the stream's own callback would otherwise complain of a task that was cancelled.
            pass
        finally:
            writer.transport.abort()

    def _draw(self) -> str:
        if self.clean:
            return ""
        draw = self._rng.uniform(0, 100)
        for name in FAULTS:
            draw -= getattr(self.share, name)
            if draw < 0:
                return name
        return ""

    async def _carry(self, request: _Request) -> bytes | None:
        """What the phone gets; None when its line breaks."""
        fault = self._draw()
        if fault == "corte_subiendo":
            await self._cut(request, self._rng.randrange(len(request.raw)), 0.0)
            return None
        if fault == "lenta":
            # Longer than the server keeps a slow body in memory, and then a cut or not.
            half = self._rng.randrange(len(request.raw))
            if self._rng.random() < 0.5:
                await self._cut(request, half, 1.7)
                return None
            self.counts[fault] += 1
            return (await self._ask(request, pause_at=half, pause_s=1.7)).raw
        if fault in ("portal_cautivo", "silencio"):
            await self._reach()
        if fault == "portal_cautivo":
            self.counts[fault] += 1
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(_PORTAL) + _PORTAL
        if fault == "silencio":
            self.counts[fault] += 1
            await asyncio.sleep(8)
            return None
        if fault == "reordenada":
            # It waits until another request of this phone has passed, or for a while.
            self._held = held = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(held.wait(), 0.5)
                self.counts[fault] += 1
        elif self._held is not None:
            self._held.set()
            self._held = None
        if fault == "duplicada":
            return await self._twice(request)
        answer = await self._ask(request)
        if fault == "respuesta_perdida":
            self.counts[fault] += 1
            return None
        if fault == "tardia":
            self._later(asyncio.create_task(self._again(request, self._rng.uniform(0.05, 3))))
        return answer.raw

    async def _reach(self) -> None:
        """Raises OSError while the server is down: what nobody could have answered is no fault of the line."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.transport.abort()

    async def _cut(self, request: _Request, upto: int, wait_s: float) -> None:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            self._cut_off.append(writer.transport)
            try:
                writer.write(request.raw[:upto])
                await writer.drain()
                await asyncio.sleep(wait_s)
                self.counts["lenta" if wait_s else "corte_subiendo"] += 1
            finally:
                # What was written before arrives; an abort would take it back from the kernel.
                writer.close()

    async def _twice(self, request: _Request) -> bytes:
        """Both copies at once, on two connections; the phone hears one of the answers."""
        both = await asyncio.gather(self._ask(request), self._ask(request), return_exceptions=True)
        answers = [one for one in both if isinstance(one, Answer)]
        self.counts["duplicada"] += len(answers) == 2
        if not answers:
            raise _BrokenError
        return self._rng.choice(answers).raw

    async def _again(self, request: _Request, wait_s: float) -> None:
        """A copy that was under way all the time."""
        await asyncio.sleep(wait_s)
        with contextlib.suppress(OSError, _BrokenError, asyncio.IncompleteReadError):
            await self._ask(request)
            self.counts["tardia"] += 1

    async def _ask(self, request: _Request, pause_at: int = 0, pause_s: float = 0.0) -> Answer:
        """Carry a request there and its answer back. Raises OSError or _BrokenError when the server is gone."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LIMIT)
        try:
            if pause_s:
                writer.write(request.raw[:pause_at])
                await writer.drain()
                await asyncio.sleep(pause_s)
            writer.write(request.raw[pause_at if pause_s else 0 :])
            await writer.drain()
            answer = await _read_answer(reader, request)
        except asyncio.IncompleteReadError as error:
            raise _BrokenError from error
        finally:
            writer.transport.abort()
        self.witness(answer)
        return answer


async def _read_request(reader: asyncio.StreamReader) -> _Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
    length = int(_headers(head).get("content-length", "0"))
    return _Request(head, await reader.readexactly(length), method, path)


async def _read_answer(reader: asyncio.StreamReader, request: _Request) -> Answer:
    head = await reader.readuntil(b"\r\n\r\n")
    status, headers = int(head.split(b" ", 2)[1]), _headers(head)
    if status == 100:
        return await _read_answer(reader, request)
    empty = request.method == "HEAD" or status in (204, 304)
    body = b"" if empty else await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(request.method, request.path, status, headers, body, head + body)


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
