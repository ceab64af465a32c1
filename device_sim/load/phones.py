"""A phone of the load while it sends: `device.Phone` over a shaped line, and what is seen of it from outside."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from device_sim.backoff import Backoff
from device_sim.device import Phone
from device_sim.enrolment import JOSE
from device_sim.events import AcuseVerified, Event, LineCut, Sent
from device_sim.load.line import LineTransport, PhoneLine
from device_sim.load.results import PhoneOutcome, Tick
from device_sim.load.stock import Enrolled, FileQueue
from device_sim.transport import OnBytes, Outcome, Reply, Transport
from sync_protocol import acuse as acuses
from sync_protocol import session
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.session import Entrada, SolicitudSesion
from sync_protocol.signing import b64url

_LATER_S = (1.0, 5.0)
"""A phone whose sync ended before its time begins another by itself, as the app does while it is open."""
_GRAIN_S = 0.01
"""Clocks of two kinds of sleep differ by so much."""


@dataclass(slots=True)
class Watch:
    """What is seen of all phones of a process. `clock`: seconds after the start."""

    clock: Callable[[], float]
    tick: Tick = field(default_factory=Tick)

    def take(self) -> Tick:
        """The tick so far; what is only of this tick begins again."""
        taken = self.tick
        taken.t = self.clock()
        self.tick = Tick(**{name: getattr(taken, name) for name in _CUMULATIVE})
        return taken


_CUMULATIVE = tuple(name for name in Tick.__struct_fields__ if name not in ("t", "deliveries", "answers"))


class WatchedTransport(Transport):
    """Counts requests and answers, and whether the phone comes back before it was told to."""

    def __init__(self, server: str, line: PhoneLine, watch: Watch) -> None:
        tls = ssl.create_default_context() if server.startswith("https:") else None
        super().__init__(server, connection=LineTransport(line, tls))
        self._watch = watch
        self._not_before: dict[str, float] = {}

    @property
    def still_waiting(self) -> int:
        """Addresses to which the phone was told to come back, and has not."""
        return len(self._not_before)

    async def post(self, path: str, body: bytes, content_type: str) -> Outcome:
        self._watch.tick.sessions += path == "sync/sesiones"
        return await self._watched(path, super().post(path, body, content_type))

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
        whole, last = len(raw) - offset, 0.0
        watch, told = self._watch, 0

        def note(count: int) -> None:
            nonlocal last, told
            watch.tick.wire_bytes += count - told
            told = count
            if count == whole:
                last = watch.clock()
            if on_bytes is not None:
                on_bytes(count)

        watch.tick.in_flight += method == "PATCH"
        try:
            outcome = await self._watched(
                url, super().tus(method, url, token=token, raw=raw, offset=offset, on_bytes=note)
            )
        finally:
            watch.tick.in_flight -= method == "PATCH"
        if method == "PATCH" and isinstance(outcome, Reply) and outcome.status == 204:
            watch.tick.payload_bytes += whole
            watch.tick.answers.append((watch.clock(), watch.clock() - last))
        return outcome

    async def _watched(self, what: str, asking: Awaitable[Outcome]) -> Outcome:
        watch = self._watch
        due = self._not_before.pop(what, None)
        if due is not None:
            watch.tick.told_to_wait -= 1
            if watch.clock() + _GRAIN_S < due:
                watch.tick.too_soon += 1
            else:
                watch.tick.honoured += 1
        watch.tick.requests += 1
        outcome = await asking
        if isinstance(outcome, Reply) and outcome.status in (429, 503, 507):
            watch.tick.refused += 1
            watch.tick.retry_after_s += outcome.retry_after
            if outcome.retry_after:
                self._not_before[what] = watch.clock() + outcome.retry_after
                watch.tick.told_to_wait += 1
        return outcome


@dataclass(slots=True)
class LoadPhone:
    """One phone with its queue. `arrives_s`: when it begins to send."""

    number: int
    enrolled: Enrolled
    queue: FileQueue
    arrives_s: float
    line: PhoneLine
    outcome: PhoneOutcome = field(init=False)
    _first: dict[Folio, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        captured = self.queue.captured
        self.outcome = PhoneOutcome(self.number, self.arrives_s, None, captured, 0, 0, 0, 0, 0)

    async def run(self, server: str, watch: Watch, until_s: float, rng: random.Random) -> None:
        """Arrive, send everything, and come back by itself until it is done or time is up."""
        await asyncio.sleep(max(0.0, self.arrives_s - watch.clock()))
        self.outcome.arrived_s = watch.clock()
        transport = WatchedTransport(server, self.line, watch)
        keys = acuses.keys_from_jwks(self.enrolled.alta.jwks)

        def on_event(event: Event) -> None:
            self._note(event, watch)

        phone = Phone(self.queue, self.enrolled.key, keys, transport, Backoff(rng), _clock_ms, on_event=on_event)
        watch.tick.sending += 1
        try:
            async with asyncio.timeout(max(0.0, until_s - watch.clock())):
                while True:
                    synced = await phone.sync()
                    self.outcome.resumed += synced.counts.resumed
                    watch.tick.resumed += synced.counts.resumed
                    if not synced.left:
                        break
                    self.outcome.stopped = synced.stopped.code if synced.stopped else "pendientes"
                    await asyncio.sleep(rng.uniform(*_LATER_S))
            self.outcome.stopped = ""
            watch.tick.phones_done += 1
        except TimeoutError:
            self.outcome.stopped = self.outcome.stopped or "tiempo"
        finally:
            watch.tick.sending -= 1
            watch.tick.told_to_wait -= transport.still_waiting
            await transport.aclose()
            self.line.close()
            self.outcome.cuts = self.line.cuts

    def _note(self, event: Event, watch: Watch) -> None:
        match event:
            case Sent():
                self._first.setdefault(event.folio, watch.clock())
            case LineCut():
                watch.tick.cuts += 1
            case AcuseVerified():
                now = watch.clock()
                watch.tick.acuses += 1
                self.outcome.delivered += 1
                self.outcome.ended_s = now if self.outcome.delivered == self.outcome.captured else None
                watch.tick.deliveries.append((now, now - self._first.pop(event.folio, now)))
            case _:
                pass

    async def check(self, transport: Transport) -> None:
        """Ask for every acuse of the ledger again, in one session, and compare byte for byte."""
        owner, ledger = self.queue.folio(0), {line.registro: line for line in self.queue.ledger()}
        keys = acuses.keys_from_jwks(self.enrolled.alta.jwks)
        said = {line.registro: acuses.read(line.acuse, keys) for line in ledger.values()}
        request = SolicitudSesion(
            solicitud=owner.solicitud,
            auxiliar=owner.auxiliar,
            dispositivo=owner.dispositivo,
            nonce=b64url(random.SystemRandom().randbytes(18)),
            reloj_ms=_clock_ms(),
            sobres=tuple(
                Entrada(line.registro, said[line.registro].tam, b64url(bytes.fromhex(line.codigo)))
                for line in ledger.values()
            ),
        )
        reply = await transport.post("sync/sesiones", session.sign(request, self.enrolled.key).encode("ascii"), JOSE)
        if not isinstance(reply, Reply) or reply.status != 200:
            return
        try:
            answer = session.decode_answer(reply.body)
        except RemoteProtocolError:
            return
        self.outcome.checked = self.outcome.differing = 0
        for told in answer.sobres:
            same = told.estado == "acusado" and told.acuse == ledger[told.registro].acuse
            self.outcome.checked += same
            self.outcome.differing += not same


def _clock_ms() -> int:
    return time.time_ns() // 1_000_000
