"""The only network code of a phone: requests over HTTP/1.1, every outcome a value.

A silent line is given up after seconds, whatever it is silent about: connecting, taking our bytes, answering; how many
follows from what the line has shown (`adaptive`). Answers are read up to a limit and never followed elsewhere. What an
answer means is decided elsewhere (`tus_client`, `calls`).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import httpx2

from device_sim.adaptive import LineView
from device_sim.sockets import LITTLE_UNSENT, Sockets
from sync_protocol.tus_client import HttpReply
from sync_protocol.tus_headers import OFFSET_OCTET_STREAM, TUS_VERSION

MAX_ANSWER = 16 * 1024 * 1024
"""A session's answer with the acuses of 5,000 sobres is some 5 MB."""
_IDLE_S = 15.0
"""A connection that was idle for longer is not used again: a NAT on the way may have forgotten it without a word, and
to find that out takes longer than to connect."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

CutReason = Literal["sin_linea", "corte", "silencio"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of silence that a phone bears at most; less where the line has shown that it is quicker.
    `whole_answer` bounds an answer that drips."""

    connect: float = 10.0
    send: float = 30.0
    answer: float = 30.0
    whole_answer: float = 300.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, from whoever it came. `headers` have lower-case names."""

    method: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float:
        """Seconds that the server asks for; 0 when it does not, or asks in a way we do not read."""
        value = self.headers.get("retry-after", "")
        return float(min(int(value), 3600)) if value.isascii() and value.isdigit() and len(value) < 6 else 0.0

    @property
    def http(self) -> HttpReply:
        """As `tus_client` takes it."""
        return HttpReply(self.method, self.status, self.headers)


@dataclass(frozen=True, slots=True)
class Cut:
    """No answer came."""

    reason: CutReason


Outcome = Reply | Cut
OnBytes = Callable[[int], None]
"""Told, as a body goes out, how many of its bytes have been handed to the line."""


class Transport:
    """One phone's line to one server."""

    def __init__(
        self,
        server: str,
        *,
        timeouts: Timeouts | None = None,
        connection: httpx2.AsyncBaseTransport | None = None,
        authority: Path | None = None,
    ) -> None:
        """`connection` takes the place of the network in tests; `authority` is a CA file for a server's own TLS."""
        self._server = server.rstrip("/") + "/"
        self._origin = urlsplit(self._server)[:2]
        self._timeouts = timeouts or Timeouts()
        self.line = LineView()
        """What this phone knows of its line."""
        self._sockets = Sockets()
        self.wire_bytes = 0
        """Bytes of HTTP in both directions, heads included, as handed to and taken from the line."""
        self._client = httpx2.AsyncClient(
            transport=connection or self._network(authority),
            timeout=httpx2.Timeout(None, connect=self._timeouts.connect),
            follow_redirects=False,
            trust_env=False,
        )

    def _network(self, authority: Path | None) -> httpx2.AsyncBaseTransport:
        tls = ssl.create_default_context(cafile=authority) if self._origin[0] == "https" else False
        return httpx2.AsyncHTTPTransport(
            verify=tls,
            trust_env=False,
            http2=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=_IDLE_S),
            socket_options=LITTLE_UNSENT,
        )

    async def aclose(self) -> None:
        """Close the line."""
        await self._client.aclose()

    @property
    def trusted(self) -> bool:
        """Whether what this server publishes may be believed: TLS, or a server on this very machine."""
        return self._origin[0] == "https" or urlsplit(self._server).hostname in _LOOPBACK

    def resolve(self, url: str) -> str | None:
        """An address that the server gave, made whole; None when it leads to another host, where no token goes."""
        whole = urljoin(self._server, url)
        return whole if url and urlsplit(whole)[:2] == self._origin else None

    async def get(self, path: str, *, token: str = "") -> Outcome:
        """GET, with a session's token or without."""
        return await self._request("GET", self._server + path.lstrip("/"), _bearer(token))

    async def post(self, path: str, body: bytes, content_type: str) -> Outcome:
        """POST of a small body."""
        return await self._request(
            "POST", self._server + path.lstrip("/"), {"content-type": content_type}, memoryview(body)
        )

    async def tus(
        self,
        method: Literal["HEAD", "PATCH", "DELETE"],
        url: str,
        *,
        token: str,
        raw: bytes = b"",
        offset: int = 0,
        on_bytes: OnBytes | None = None,
    ) -> Outcome:
        """A request to an upload; a PATCH sends `raw` from `offset` to its end in one request, or as much as passes."""
        headers = {"tus-resumable": TUS_VERSION, **_bearer(token)}
        if method != "PATCH":
            return await self._request(method, url, headers)
        headers |= {"content-type": OFFSET_OCTET_STREAM, "upload-offset": str(offset)}
        body = memoryview(raw)[offset : offset + self.body_size(len(raw) - offset)]
        return await self._request(method, url, headers, body, on_bytes)

    def flows(self, offered: int) -> int:
        """How many bodies to send at once now, of the `offered` that the server bears."""
        return self.line.flows(asyncio.get_running_loop().time(), offered)

    def body_size(self, left: int) -> int:
        """How many of `left` bytes go into one request: all, unless something on the way cuts bodies."""
        return min(left, self.line.body_limit or left)

    async def _request(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: memoryview | None = None,
        on_bytes: OnBytes | None = None,
    ) -> Outcome:
        limits, line, loop = self._timeouts, self.line, asyncio.get_running_loop()
        headers |= {"accept-encoding": "identity"}
        size = 0 if body is None else len(body)
        if body is not None:
            headers["content-length"] = str(size)
        connect_s, began, connected = line.connect_s(limits.connect), loop.time(), 0.0
        deadline = asyncio.timeout(connect_s + line.answer_s(limits.answer, size))

        async def traced(name: str, info: Mapping[str, Any]) -> None:
            nonlocal began, connected
            if name == "connection.connect_tcp.started":
                began = loop.time()
            elif name == "connection.connect_tcp.complete":
                connected = loop.time() - began
                line.round_trip(connected)
                self._sockets.add(info["return_value"])

        async def pieces(whole: memoryview) -> AsyncIterator[bytes]:
            # Asked for the next piece, the line has taken the one before: the clock of its silence starts again.
            line.begins(loop.time(), len(whole))
            try:
                start = 0
                while start < len(whole):
                    deadline.reschedule(loop.time() + line.silence_s(limits.send))
                    piece = bytes(whole[start : start + line.piece(loop.time())])
                    yield piece
                    start += len(piece)
                    self.wire_bytes += len(piece)
                    line.took(loop.time(), self._sockets.arrived(len(piece), line.buffer(loop.time())))
                    if on_bytes is not None:
                        on_bytes(start)
            finally:
                line.ends(loop.time())
            deadline.reschedule(loop.time() + line.answer_s(limits.answer, size))

        try:
            async with deadline:
                request = self._client.build_request(
                    method,
                    url,
                    headers=headers,
                    content=None if body is None else pieces(body),
                    timeout=httpx2.Timeout(None, connect=connect_s),
                    extensions={"trace": traced},
                )
                self.wire_bytes += _head_size(request.headers) + len(url)
                answer = await self._client.send(request, stream=True)
                if not connected and not size:
                    line.round_trip(loop.time() - began)
                try:
                    content = await self._read(answer, deadline)
                finally:
                    await answer.aclose()
        except (TimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout):
            return self._cut("silencio")
        except (httpx2.ConnectError, httpx2.ConnectTimeout):
            return self._cut("sin_linea")
        except (httpx2.HTTPError, OSError):
            return self._cut("corte")
        lowered = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(method, answer.status_code, lowered, content)

    def _cut(self, reason: CutReason) -> Cut:
        self.line.cut(asyncio.get_running_loop().time())
        self._sockets.recount()
        return Cut(reason)

    async def _read(self, answer: httpx2.Response, deadline: asyncio.Timeout) -> bytes:
        """The body as it came, up to the limit: what is longer is not our server's, and nobody reads it."""
        loop = asyncio.get_running_loop()
        last = loop.time() + self._timeouts.whole_answer
        self.wire_bytes += _head_size(answer.headers)
        content = bytearray()
        async for piece in answer.aiter_raw():
            deadline.reschedule(min(last, loop.time() + self._timeouts.answer))
            content += piece
            if len(content) > MAX_ANSWER:
                break
        self.wire_bytes += len(content)
        return bytes(content)


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if token else {}


def _head_size(headers: httpx2.Headers) -> int:
    # Name, colon, space, value, CR and LF; and the first line, near enough.
    return 20 + sum(len(name) + len(value) + 4 for name, value in headers.raw)
