"""A bad line inside the phone's own connection: rate, delay, losses and cuts, cheap enough for hundreds of phones.

`faults.Line` is a proxy: every byte passes this process twice, and each phone has a listener. Here the shaping sits in
the stream that the HTTP client writes to. The price: the kernel's TCP does not see the losses; each one stalls its own
stream for a round trip, as a fast retransmission does. What is measured is the crowd, not the line (`acopio sim line`).
"""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import httpcore2
import httpx2

from device_sim.faults import PROFILES, LineProfile

PIECE = 16 * 1024
_PACKET = 1400
_SEND_BUFFER = 32 * 1024


@dataclass(frozen=True, slots=True)
class LoadLine:
    """`bytes_per_s`: up, for all connections of a phone. `rtt_s`: bounds of a round trip. `loss`: share of packets.
    `cut_every_s`, `cut_every_bytes`: bounds of what lies between two cuts."""

    bytes_per_s: float | None = None
    rtt_s: tuple[float, float] = (0.0, 0.0)
    loss: float = 0.0
    cut_every_s: tuple[float, float] | None = None
    cut_every_bytes: tuple[int, int] | None = None


def of_profile(profile: LineProfile) -> LoadLine:
    """The same line as the proxy's, but for lost replies and silences: those are tested elsewhere."""
    low, high = profile.delay_s
    return LoadLine(profile.bytes_per_s, (2 * low, 2 * high), cut_every_bytes=profile.cut_every)


LINES: dict[str, LoadLine] = {
    **{name: of_profile(profile) for name, profile in PROFILES.items() if not profile.silences or profile.lost_replies},
    "3g": LoadLine(125_000, (0.25, 0.35), loss=0.01),
    "edge": LoadLine(8_000, (0.7, 0.9), loss=0.03),
    "cortada": LoadLine(32_000, (0.08, 0.12), cut_every_s=(5.0, 35.0)),
}


class PhoneLine(httpcore2.AsyncNetworkBackend):
    """One phone's line: all its connections share the rate, and a cut takes them all."""

    def __init__(self, line: LoadLine, seed: int) -> None:
        self._line = line
        self._rng = random.Random(seed)
        self._free_at = 0.0
        self._wires: set[_Wire] = set()
        self._left = self._draw_bytes()
        self._timer: asyncio.TimerHandle | None = None
        self.cuts = 0

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the client's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Open a connection, one round trip later. Raises httpcore2.ConnectError or ConnectTimeout."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                await self.round_trip()
                transport, wire = await loop.create_connection(lambda: _Wire(self), host, port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout from error
        except OSError as error:
            raise httpcore2.ConnectError from error
        raw: socket.socket = transport.get_extra_info("socket")
        # Small, so that what the line has not carried waits here; no more than a piece in this process's memory.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        transport.set_write_buffer_limits(PIECE)
        self._wires.add(wire)
        self._wind()
        return _Stream(self, transport, wire)

    async def sleep(self, seconds: float) -> None:
        """As the HTTP client asks between attempts."""
        await asyncio.sleep(seconds)

    async def round_trip(self) -> None:
        """Nothing moves for one."""
        if self._line.rtt_s[1]:
            await asyncio.sleep(self._rng.uniform(*self._line.rtt_s))

    async def pace(self, count: int) -> None:
        """Wait until the line has carried so many bytes, and longer where packets were lost."""
        line = self._line
        if line.bytes_per_s is not None:
            now = asyncio.get_running_loop().time()
            self._free_at = max(self._free_at, now) + count / line.bytes_per_s
            await asyncio.sleep(self._free_at - now)
        if line.loss:
            whole = 1 - (1 - line.loss) ** (1 + count // _PACKET)
            if self._rng.random() < whole:
                await self.round_trip()
        if self._left is not None:
            self._left -= count
            if self._left <= 0:
                self.cut()
                self._left = self._draw_bytes()

    def cut(self) -> None:
        """Every connection is gone; what had arrived has arrived."""
        self.cuts += 1
        for wire in tuple(self._wires):
            wire.abort()

    def gone(self, wire: _Wire) -> None:
        """A connection has ended."""
        self._wires.discard(wire)

    def close(self) -> None:
        """The phone is done: no more cuts, no more connections."""
        if self._timer is not None:
            self._timer.cancel()
        for wire in tuple(self._wires):
            wire.abort()

    def _wind(self) -> None:
        if self._line.cut_every_s is not None and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._rng.uniform(*self._line.cut_every_s), self._strike)

    def _strike(self) -> None:
        self._timer = None
        if self._wires:
            self.cut()

    def _draw_bytes(self) -> int | None:
        bounds = self._line.cut_every_bytes
        return None if bounds is None else self._rng.randint(*bounds)


class _Wire(asyncio.Protocol):
    """What has come from the server, and whether it takes more."""

    def __init__(self, line: PhoneLine) -> None:
        self._line = line
        self._transport: asyncio.Transport | None = None
        self._held = bytearray()
        self._changed = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self.ended = False
        self.lost: Exception | None = None

    @property
    def answered(self) -> bool:
        """Something came that nobody has read yet, or nothing can come any more."""
        return bool(self._held) or self.ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        self._held += data
        self._changed.set()

    def eof_received(self) -> bool:
        self.ended = True
        self._changed.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended, self.lost = True, exc or (None if self.ended else ConnectionResetError())
        self._changed.set()
        self._writable.set()
        self._line.gone(self)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def abort(self) -> None:
        self.ended, self.lost = True, ConnectionResetError()
        if self._transport is not None:
            self._transport.abort()

    async def writable(self) -> None:
        await self._writable.wait()

    async def take(self, limit: int) -> bytes:
        """The next bytes; empty at the end. Raises OSError when the connection broke with nothing left to read."""
        while not self._held:
            if self.lost is not None:
                raise OSError(str(self.lost)) from self.lost
            if self.ended:
                return b""
            self._changed.clear()
            await self._changed.wait()
        data = bytes(self._held[:limit])
        del self._held[:limit]
        return data


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection as the HTTP client sees it."""

    def __init__(self, line: PhoneLine, transport: asyncio.Transport, wire: _Wire) -> None:
        self._line, self._transport, self._wire = line, transport, wire
        self._asked = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """The first bytes of an answer come one round trip after the question."""
        try:
            data = await self._wire.take(max_bytes)
        except OSError as error:
            raise httpcore2.ReadError from error
        if self._asked:
            self._asked = False
            await self._line.round_trip()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Piece by piece as the line carries them. An answer that comes before the end ends the writing."""
        self._asked = True
        for start in range(0, len(buffer), PIECE):
            if self._wire.answered:
                raise httpcore2.WriteError("la respuesta llegó antes que el final")
            piece = buffer[start : start + PIECE]
            await self._line.pace(len(piece))
            if self._wire.ended or self._transport.is_closing():
                raise httpcore2.WriteError("la conexión se cerró")
            self._transport.write(piece)
            await self._wire.writable()

    async def aclose(self) -> None:
        """Close."""
        self._transport.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        """TLS over the same line."""
        loop = asyncio.get_running_loop()
        await self._line.round_trip()
        try:
            async with asyncio.timeout(timeout):
                upgraded = await loop.start_tls(
                    self._transport, self._wire, ssl_context, server_hostname=server_hostname
                )
        except (OSError, TimeoutError) as error:
            raise httpcore2.ConnectError from error
        assert upgraded is not None
        return _Stream(self._line, upgraded, self._wire)

    def get_extra_info(self, info: str) -> Any:
        """What the client asks of a connection: whether an idle one has been closed by the server."""
        return self._wire.ended if info == "is_readable" else None


class LineTransport(httpx2.AsyncHTTPTransport):
    """httpx2's own transport over a `PhoneLine`."""

    def __init__(self, line: PhoneLine, tls: ssl.SSLContext | None) -> None:
        super().__init__(verify=False, trust_env=False)
        # The client has no parameter for the network below its pool; the pool has.
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls, max_connections=None, max_keepalive_connections=None, keepalive_expiry=4.0,
            network_backend=line,
        )  # fmt: skip
