"""A TCP proxy that is a bad line: between any client and a server, by seed, on this machine.

What goes into it comes out late, in pieces, or never, as its profile says (`profiles`). It sees bytes; only the two
middle boxes know requests. Loss is a delay here: the kernels at both ends talk to this proxy and lose nothing.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

from device_sim.lines.channel import Channel
from device_sim.lines.middlebox import PORTAL, TOO_LONG, BodyGate
from device_sim.lines.profiles import LineProfile

_PIECE = 8 * 1024
_BUFFER = 8 * 1024
_PIECES_ON_THE_WAY = 16
_SEGMENT = 1448

Happening = Literal["corte", "respuesta_perdida", "silencio", "vuelve", "portal", "cuerpo", "olvido", "muerte"]
_Cut = Literal["now", "reply", "silence"]


@dataclass(eq=False, slots=True)
class _Pair:
    """A client's connection and the one to the server that goes with it."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    gate: BodyGate | None
    used: float
    silent: bool = False
    """Both ends are connected, and nothing gets through."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


async def close(server: asyncio.Server) -> None:
    """Listen no more. Connections that were taken a moment ago come to their task first: asyncio drops one that it
    meets between the two, and its socket is left to the collector."""
    loop = asyncio.get_running_loop()
    for listener in server.sockets:
        loop.remove_reader(listener.fileno())
    for _ in range(5):
        await asyncio.sleep(0)
    server.close()


class Line:
    """A line to `server` (`http://host:port`), open while it is entered. Use `url` in the server's place."""

    def __init__(
        self,
        server: str,
        profile: LineProfile,
        seed: int,
        *,
        listen: tuple[str, int] = ("127.0.0.1", 0),
        watch: Callable[[Happening], None] = lambda _: None,
        on_death: Callable[[], None] = lambda: None,
    ) -> None:
        """`watch` is told what the line does; `on_death` is called when the profile says that the phone dies."""
        parts = urlsplit(server)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listen = listen
        self._profile = profile
        self._rng = random.Random(seed)
        self._watch = watch
        self._on_death = on_death
        self._up = Channel(profile, self._rng)
        self._down = Channel(profile, self._rng)
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clock: asyncio.Task[None] | None = None
        self._there = asyncio.Event()
        self._there.set()
        self._left, self._kind = self._next_cut()
        self._lives = self._next_death()
        self._portal_until = 0.0
        self.url = ""
        self.cuts = 0
        self.deaths = 0
        self.carried = 0
        """Bytes that got through, both ways."""

    @property
    def offered(self) -> tuple[int, int]:
        """Bytes that were put into it, from the client and from the server, whatever became of them."""
        return self._up.carried, self._down.carried

    async def __aenter__(self) -> Self:
        listener = socket.socket()
        # Small buffers: what the line has not carried must wait at the phone, not in this process.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(self._listen)
            self._server = await asyncio.start_server(self._connected, sock=listener, limit=_BUFFER)
        except OSError:
            listener.close()
            raise
        self.url = f"http://{self._listen[0]}:{listener.getsockname()[1]}"
        if self._profile.portal_s is not None:
            self._portal_until = asyncio.get_running_loop().time() + self._profile.portal_s
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await close(self._server)
        for pair in tuple(self._pairs):
            self._drop(pair)
        tasks = [*self._tasks, *([self._clock] if self._clock else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._clock is None and self._profile.cut_seconds is not None:
            self._clock = asyncio.create_task(self._cut_by_the_clock(self._profile.cut_seconds))
        try:
            # While there is no line its first packet is sent again and again; then it makes its round trip.
            await self._there.wait()
            await asyncio.sleep(2 * self._rng.uniform(*self._profile.delay_s))
            if asyncio.get_running_loop().time() < self._portal_until:
                await self._portal(reader, writer)
                return
            there, here = await asyncio.open_connection(*self._target, limit=_BUFFER)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            writer.transport.abort()
            return
        limit = self._profile.body_limit
        gate = None if limit is None else BodyGate(limit)
        pair = _Pair(writer, here, gate, asyncio.get_running_loop().time())
        self._pairs.add(pair)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._carry(reader, here, pair, up=True))
                group.create_task(self._carry(there, writer, pair, up=False))
        except* (OSError, asyncio.CancelledError):
            pass  # An end went away, or the line closed; both sockets go below.
        finally:
            self._drop(pair)

    async def _portal(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self._watch("portal")
        writer.write(PORTAL)
        writer.write_eof()
        while await reader.read(_PIECE):
            pass
        writer.close()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, pair: _Pair, up: bool) -> None:
        """Read at the pace of the line; what was read is on its way, and arrives in order or not at all."""
        loop, channel = asyncio.get_running_loop(), self._up if up else self._down
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_PIECES_ON_THE_WAY)
        arrivals = asyncio.create_task(self._arrive(on_the_way, target, pair, up))
        try:
            while data := await source.read(_PIECE):
                now = loop.time()
                await asyncio.sleep(max(0.0, channel.room_at(now) - now))
                late = self._lost_for(len(data))
                await on_the_way.put((channel.put(loop.time(), len(data)) + late, data))
                if arrivals.done():
                    break
            await on_the_way.put((0.0, b""))
            await arrivals
        finally:
            arrivals.cancel()

    def _lost_for(self, count: int) -> float:
        """The round trips that the packets of a piece lose when some of them must be sent again."""
        packets = -(-count // _SEGMENT)
        lost = self._profile.loss > 0 and any(self._rng.random() < self._profile.loss for _ in range(packets))
        return 2 * self._profile.delay_s[1] if lost else 0.0

    async def _arrive(
        self, on_the_way: asyncio.Queue[tuple[float, bytes]], target: asyncio.StreamWriter, pair: _Pair, up: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at, data = await on_the_way.get()
            if not data:
                break
            await asyncio.sleep(max(0.0, at - loop.time()))
            self._forget(pair, loop.time())
            if pair.silent or target.is_closing():
                continue
            if up and pair.gate is not None:
                data = pair.gate.passing(data)
                if pair.gate.closed:
                    self._refuse(pair)
                    continue
            passing = self._allowed(len(data), up)
            target.write(data[:passing])
            await target.drain()
            self.carried += passing
            if passing < len(data):
                # What arrives before the cut arrives: the server keeps it, the phone does not know how much it was.
                self._cut()
            elif up:
                self._age(len(data))
        if not pair.silent and not target.is_closing():
            target.write_eof()

    def _forget(self, pair: _Pair, now: float) -> None:
        limit = self._profile.forgets_s
        if limit is not None and not pair.silent and now - pair.used > limit:
            pair.silent = True
            self._watch("olvido")
        pair.used = now

    def _refuse(self, pair: _Pair) -> None:
        """The proxy's own answer. What the client still sends is read and thrown away, or it would never hear it."""
        pair.silent = True
        self._watch("cuerpo")
        pair.client.write(TOO_LONG)
        pair.client.write_eof()
        pair.server.transport.abort()

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
            self._watch("silencio")
            for pair in self._pairs:
                pair.silent = True
        else:
            self._watch("respuesta_perdida" if self._kind == "reply" else "corte")
            for pair in tuple(self._pairs):
                self._drop(pair)
        self._left, self._kind = self._next_cut()

    async def _cut_by_the_clock(self, every: tuple[float, float]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._rng.uniform(*every))
            self.cuts += 1
            self._watch("corte")
            for pair in self._pairs:
                # The phone's system tells it at once; the server is left with a line that died without a word.
                pair.silent = True
                pair.client.transport.abort()
            self._up.clear(loop.time())
            self._down.clear(loop.time())
            if self._profile.away_s:
                self._there.clear()
                await asyncio.sleep(self._profile.away_s)
                self._there.set()
                self._watch("vuelve")

    def _age(self, count: int) -> None:
        if self._lives is None:
            return
        self._lives -= count
        if self._lives <= 0:
            self.deaths += 1
            self._lives = self._next_death()
            self._watch("muerte")
            for pair in tuple(self._pairs):
                self._drop(pair)
            self._on_death()

    def _drop(self, pair: _Pair) -> None:
        pair.client.transport.abort()
        pair.server.transport.abort()
        self._pairs.discard(pair)

    def _next_cut(self) -> tuple[int, _Cut]:
        bounds = self._profile.cut_every or (0, 0)
        draw = self._rng.random()
        lost, silent = self._profile.lost_replies, self._profile.silences
        kind: _Cut = "reply" if draw < lost else "silence" if draw < lost + silent else "now"
        return self._rng.randint(*bounds), kind

    def _next_death(self) -> int | None:
        bounds = self._profile.dies_after
        return None if bounds is None else self._rng.randint(*bounds)
