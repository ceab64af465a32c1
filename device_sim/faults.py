"""Bad lines, by seed: a TCP line that cuts, delays, throttles and goes silent, and the same without a network.

`Line` stands between a phone and a server on this machine. `AsgiLine` calls a server in this process, for tests that
must cut at an exact byte. Neither knows the protocol: both see bytes.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

import httpx2

_PIECE = 8 * 1024
_BUFFER = 8 * 1024


@dataclass(frozen=True, slots=True)
class LineProfile:
    """How bad a line is. `cut_every`: bytes between two cuts, drawn between these bounds; None: it never cuts.

    `lost_replies` and `silences`: the share of cuts that wait for the server's next answer and lose it, and of those
    that leave both ends connected while nothing gets through any more.
    """

    cut_every: tuple[int, int] | None = None
    lost_replies: float = 0.0
    silences: float = 0.0
    delay_s: tuple[float, float] = (0.0, 0.0)
    bytes_per_s: int | None = None


PROFILES: dict[str, LineProfile] = {
    "buena": LineProfile(),
    "cortes": LineProfile(
        cut_every=(150_000, 400_000), lost_replies=0.3, silences=0.05, delay_s=(0.005, 0.04), bytes_per_s=700_000
    ),
    "lenta": LineProfile(delay_s=(0.2, 0.4), bytes_per_s=32_000),
    "muda": LineProfile(cut_every=(200_000, 500_000), silences=1.0),
}

_Cut = Literal["now", "reply", "silence"]
_Pair = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class Line:
    """One phone's line to `server` (`http://host:port`), open while it is entered. Use `url` in the server's place."""

    def __init__(self, server: str, profile: LineProfile, seed: int) -> None:
        parts = urlsplit(server)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._profile = profile
        self._rng = random.Random(seed)
        self._pairs: set[_Pair] = set()
        self._silent: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._free_at = 0.0
        self._left, self._kind = self._next_cut()
        self.url = ""
        self.cuts = 0
        self.carried = 0
        """Bytes that got through, both ways."""

    async def __aenter__(self) -> Self:
        listener = socket.socket()
        # Small buffers: what the line has not carried must wait at the phone, not in this process.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        listener.bind(("127.0.0.1", 0))
        self._server = await asyncio.start_server(self._connected, sock=listener, limit=_BUFFER)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._server.close()
        self._drop(self._pairs | self._silent)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            there, here = await asyncio.open_connection(*self._target, limit=_BUFFER)
        except OSError:
            writer.transport.abort()
            return
        pair = (writer, here)
        self._pairs.add(pair)
        try:
            await asyncio.gather(self._carry(reader, here, pair, up=True), self._carry(there, writer, pair, up=False))
        except (OSError, asyncio.CancelledError):
            pass  # An end went away, or the line closed; both sockets go below.
        finally:
            self._drop({pair})

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, pair: _Pair, up: bool) -> None:
        while data := await source.read(_PIECE):
            await self._pace(len(data))
            if pair in self._silent:
                continue
            if target.is_closing():
                return  # Cut meanwhile, by what went the other way.
            passing = self._allowed(len(data), up)
            if passing < len(data):
                # What arrives before the cut arrives: the server keeps it, the phone does not know how much it was.
                target.write(data[:passing])
                await target.drain()
                self.carried += passing
                self._cut()
                continue
            target.write(data)
            await target.drain()
            self.carried += len(data)
        if not target.is_closing():
            target.write_eof()

    def _allowed(self, count: int, up: bool) -> int:
        """How many of these bytes get through before the next cut."""
        if self._profile.cut_every is None:
            return count
        if self._kind == "reply" and self._left <= 0:
            return 0 if not up else count
        if count > self._left and self._kind != "reply":
            return self._left
        self._left -= count
        return count

    def _cut(self) -> None:
        self.cuts += 1
        if self._kind == "silence":
            self._silent |= self._pairs
            self._pairs.clear()
        else:
            self._drop(self._pairs)
        self._left, self._kind = self._next_cut()

    def _drop(self, pairs: set[_Pair]) -> None:
        for pair in tuple(pairs):
            for writer in pair:
                writer.transport.abort()
            self._pairs.discard(pair)
            self._silent.discard(pair)

    def _next_cut(self) -> tuple[int, _Cut]:
        bounds = self._profile.cut_every or (0, 0)
        draw = self._rng.random()
        lost, silent = self._profile.lost_replies, self._profile.silences
        kind: _Cut = "reply" if draw < lost else "silence" if draw < lost + silent else "now"
        return self._rng.randint(*bounds), kind

    async def _pace(self, count: int) -> None:
        """Everything on this line, both ways, shares its rate; each piece has its own delay."""
        loop = asyncio.get_running_loop()
        wait = self._rng.uniform(*self._profile.delay_s)
        if self._profile.bytes_per_s is not None:
            self._free_at = max(self._free_at, loop.time()) + count / self._profile.bytes_per_s
            wait = max(wait, self._free_at - loop.time())
        if wait > 0:
            await asyncio.sleep(wait)


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request in `AsgiLine`.

    `cut_up`: the server gets so many bytes of the body and then loses the line. `lose_reply`: the server does all its
    work, the phone hears nothing. `twice`: the request arrives two times, the phone hears the second answer.
    `silent`: nothing arrives and nobody answers. `instead`: somebody else answers, the server is not reached.
    """

    cut_up: int | None = None
    lose_reply: bool = False
    twice: bool = False
    silent: bool = False
    instead: Callable[[], httpx2.Response] | None = None


NO_FAULT = Fault()
Message = MutableMapping[str, Any]
AsgiApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]
Plan = Callable[[httpx2.Request], Fault]


class AsgiLine(httpx2.AsyncBaseTransport):
    """A server in this process at the other end of a line whose faults `plan` decides, request by request."""

    def __init__(self, app: AsgiApp, plan: Plan) -> None:
        self._app = app
        self._plan = plan

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry a request, as httpx2 asks."""
        fault = self._plan(request)
        assert isinstance(request.stream, httpx2.AsyncByteStream)
        if fault.instead is not None:
            async for _ in request.stream:
                pass
            other = fault.instead()
            return httpx2.Response(other.status_code, headers=other.headers, stream=_Body(other.content))
        if fault.silent:
            raise httpx2.ReadTimeout("nobody answers", request=request)
        body = [piece async for piece in _up_to(request.stream, fault.cut_up)]
        whole = fault.cut_up is None
        answer = await self._serve(request, body, whole=whole)
        if fault.twice:
            answer = await self._serve(request, body, whole=whole)
        if fault.lose_reply or not whole or answer is None:
            raise httpx2.ReadError("cut", request=request)
        return answer

    async def _serve(self, request: httpx2.Request, body: list[bytes], *, whole: bool) -> httpx2.Response | None:
        pieces = [*body]
        started: Message = {}
        content: list[bytes] = []

        async def receive() -> Message:
            if pieces:
                return {"type": "http.request", "body": pieces.pop(0), "more_body": True}
            if whole:
                return {"type": "http.request", "body": b"", "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                content.append(message.get("body", b""))

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }
        try:
            await self._app(scope, receive, send)
        except Exception:
            # Frameworks raise their own kind of error when the peer is gone; any other is a bug to be seen.
            if whole:
                raise
        if not started:
            return None
        head = request.method == "HEAD" or started["status"] == 204
        stream = _Body(b"" if head else b"".join(content))
        return httpx2.Response(started["status"], headers=started.get("headers", []), stream=stream)


class _Body(httpx2.AsyncByteStream):
    """An answer still to be read, as one from a network is."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


async def _up_to(stream: httpx2.AsyncByteStream, limit: int | None) -> AsyncIterator[bytes]:
    left = limit
    async for piece in stream:
        if left is None:
            yield piece
            continue
        if left:
            yield piece[:left]
        left = max(0, left - len(piece))
        if not left:
            return
