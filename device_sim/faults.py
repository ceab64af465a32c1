"""A line without a network: `AsgiLine` calls a server in this process, for tests that must cut at an exact byte.

Lines with a network are in `lines`; their names can be had from here too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import httpx2

from device_sim.lines.profiles import PROFILES, LineProfile
from device_sim.lines.proxy import Line

__all__ = ["NO_FAULT", "PROFILES", "AsgiLine", "Fault", "Line", "LineProfile", "Plan"]


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
