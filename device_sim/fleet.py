"""Many phones at once: their altas, a day of captures without a network, and the sending over a line each of its own.

Every phone has its own folder, queue, key, line and seed; they share a process pool for the pictures. The figures at
the end are taken from the phones' ledgers, whose acuses are verified once more, offline.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from device_sim import identity as identities
from device_sim.backoff import Backoff
from device_sim.capture import Shot, capture_apoyo, capture_testigos, take
from device_sim.device import Synced, phone_of
from device_sim.enrolment import ask_code, enrol, open_own_outbox
from device_sim.errors import PhoneError, Stopped
from device_sim.events import Event
from device_sim.identity import Account, Identity
from device_sim.inbox import codes, wait_for_code
from device_sim.lines.profiles import LineProfile
from device_sim.lines.proxy import Line
from device_sim.outbox import Outbox, Queued
from device_sim.scenarios import Padron, Scenario, Sitting, places, sittings
from device_sim.transport import Timeouts, Transport
from sync_protocol import acuse as acuses
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.signing import PrivateKey

PICTURES_AHEAD = 2


class Member(msgspec.Struct, frozen=True):
    """One phone to be: whose it is. A file of phones may say more; the rest is passed over."""

    solicitud: int
    auxiliar: int
    correo: str
    tipo_cuenta: Literal["google", "facebook", "x"] = "google"
    persona: int | None = None
    """Who the auxiliar is, by their place in the padrón: the testigos of the alta show them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a fleet is to do."""

    server: str
    folder: Path
    members: tuple[Member, ...]
    inbox: str
    registros: int
    seed: int
    line: LineProfile
    password: str
    padron: Padron
    scenario: Scenario
    timeouts: Timeouts = Timeouts(connect=10, send=10, answer=10)  # noqa: RUF009 -- frozen
    backoff_base_s: float = 0.15
    backoff_cap_s: float = 3.0


class Watch(Protocol):
    """Who looks on: progress bars, or lines of text."""

    def stage(self, name: str) -> None:
        """Alta, captura or envío begins."""

    def captured(self, phone: str, count: int, total: int) -> None:
        """One more sobre is in a phone's queue."""

    def sending(self, phone: str, queue: tuple[Queued, ...]) -> None:
        """A phone begins to send this queue."""

    def event(self, phone: str, event: Event) -> None:
        """Something happened while a phone was sending."""


@dataclass(slots=True)
class PhoneResult:
    """How one phone ended. `acuses`: ledger lines whose acuse verifies offline."""

    name: str
    solicitud: int
    auxiliar: int
    dispositivo: int = 0
    capturados: int = 0
    acuses: int = 0
    borrados: int = 0
    carried: int = 0
    """Bytes that the line carried, both ways."""
    synced: Synced | None = None
    stopped: Stopped | None = None
    ledger: list[dict[str, str]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Every sobre off the phone, each with an acuse that verifies."""
        done = self.synced is not None and self.synced.done
        return done and self.capturados == self.acuses == self.borrados > 0


@dataclass(slots=True)
class _Seat:
    """A phone while the fleet runs."""

    name: str
    folder: Path
    member: Member
    seed: int
    result: PhoneResult
    identity: Identity | None = None
    key: PrivateKey | None = None
    outbox: Outbox | None = None

    @property
    def ready(self) -> tuple[Identity, PrivateKey, Outbox]:
        """What an alta gives. Raises PhoneError when it failed."""
        if self.identity is None or self.key is None or self.outbox is None:
            raise PhoneError("sin_alta", "Este teléfono no quedó dado de alta.")
        return self.identity, self.key, self.outbox


@dataclass(slots=True)
class FleetResult:
    """All phones, and how long each stage took."""

    phones: list[PhoneResult]
    seconds: dict[str, float]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing anywhere."""
        return bool(self.phones) and all(phone.complete for phone in self.phones)


async def run_fleet(plan: Plan, watch: Watch, executor: Executor, clock_ms: Callable[[], int]) -> FleetResult:
    """Altas, captures, sending. What goes wrong with one phone stands in its result and stops no other."""
    seats = [
        _Seat(
            name := f"telefono-{number}",
            plan.folder / name,
            member,
            plan.seed * 1000 + number,
            PhoneResult(name, member.solicitud, member.auxiliar),
        )
        for number, member in enumerate(plan.members, start=1)
    ]
    # Two phones of one auxiliar read the same mailbox: one asks after the other, or they would take each other's code.
    mailboxes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    people = places(plan.padron, len(seats), plan.registros + 1, plan.seed)
    result = FleetResult([seat.result for seat in seats], {})
    try:
        async with _stage("alta", watch, result), asyncio.TaskGroup() as group:
            for seat in seats:
                group.create_task(_noting(seat, _alta(plan, seat, clock_ms, mailboxes[seat.member.correo])))
        async with _stage("captura", watch, result), asyncio.TaskGroup() as group:
            for seat, mine in zip(seats, people, strict=True):
                group.create_task(_noting(seat, _capture(plan, seat, mine, watch, executor, clock_ms)))
        async with _stage("envio", watch, result), asyncio.TaskGroup() as group:
            for seat in seats:
                group.create_task(_noting(seat, _send(plan, seat, watch, clock_ms)))
        for seat in seats:
            _take_stock(seat)
    finally:
        for seat in seats:
            if seat.outbox is not None:
                seat.outbox.close()
    return result


@contextlib.asynccontextmanager
async def _stage(name: str, watch: Watch, result: FleetResult) -> AsyncIterator[None]:
    watch.stage(name)
    began = time.perf_counter()
    yield
    result.seconds[name] = round(time.perf_counter() - began, 2)


async def _noting(seat: _Seat, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except PhoneError as error:
        seat.result.stopped = seat.result.stopped or Stopped(error.code, error.text)


async def _alta(plan: Plan, seat: _Seat, clock_ms: Callable[[], int], mailbox: asyncio.Lock) -> None:
    """The phone's alta, on a good line; one that has it already only needs its password."""
    account = Account(
        solicitud=seat.member.solicitud,
        auxiliar=seat.member.auxiliar,
        tipo_cuenta=seat.member.tipo_cuenta,
        correo=seat.member.correo,
    )
    known = identities.load(seat.folder)
    if known is None or known.alta is None:
        transport, inbox = Transport(plan.server), Transport(plan.inbox)
        try:
            async with mailbox:
                stopped = await _enrol(plan, seat, account, transport, inbox, clock_ms)
        finally:
            await transport.aclose()
            await inbox.aclose()
        if stopped is not None:
            raise PhoneError(stopped.code, stopped.text)
        known = identities.load(seat.folder)
    assert known is not None
    seat.identity = known
    # PBKDF2 holds the processor for a while: not in the loop that the other phones need.
    seat.key = await asyncio.to_thread(identities.unlock, known, plan.password)
    seat.outbox = open_own_outbox(seat.folder, known.account, known.registered[0])
    seat.result.dispositivo = known.registered[0].dispositivo


async def _enrol(
    plan: Plan,
    seat: _Seat,
    account: Account,
    transport: Transport,
    inbox: Transport,
    clock_ms: Callable[[], int],
) -> Stopped | None:
    backoff = _backoff(plan, seat)
    before = await codes(inbox, account.correo)
    if isinstance(before, Stopped):
        return before
    refused = await ask_code(transport, account, backoff)
    if refused is not None:
        return refused
    code = await wait_for_code(inbox, account.correo, len(before), backoff.sleep)
    if isinstance(code, Stopped):
        return code
    answer = await enrol(seat.folder, account, code, plan.password, transport, backoff, clock_ms=clock_ms)
    return answer if isinstance(answer, Stopped) else None


async def _capture(
    plan: Plan, seat: _Seat, people: list[int], watch: Watch, executor: Executor, clock_ms: Callable[[], int]
) -> None:
    """Testigos and apoyos, with no network: pictures in the pool, numbering and sealing one after the other."""
    identity, key, outbox = seat.ready
    own = people[0] if seat.member.persona is None else seat.member.persona
    day = [Sitting(own, seat.seed), *sittings(plan.scenario, people[1:], seat.seed)]
    total = len(day)
    todo = deque(day if outbox.captured == 0 else day[1:])
    loop = asyncio.get_running_loop()
    coming: deque[asyncio.Future[Shot]] = deque()
    while todo or coming:
        while todo and len(coming) < PICTURES_AHEAD:
            sitting = todo.popleft()
            persona = plan.padron.persona(sitting.index)
            otra = plan.padron.persona(sitting.otra) if sitting.trampa else None
            coming.append(
                loop.run_in_executor(executor, take, persona, sitting.seed, sitting.defects, sitting.trampa, otra)
            )
        shot = await coming.popleft()
        capture = capture_testigos if outbox.captured == 0 else capture_apoyo
        capture(outbox, identity, key, shot, clock_ms=clock_ms())
        watch.captured(seat.name, outbox.captured, total)


async def _send(plan: Plan, seat: _Seat, watch: Watch, clock_ms: Callable[[], int]) -> None:
    """Over a line of its own. A phone that the line kills begins again with what is on its disk."""
    sending: asyncio.Task[Synced] | None = None

    def die() -> None:
        if sending is not None:
            sending.cancel()

    async with Line(plan.server, plan.line, seat.seed, on_death=die) as line:
        while seat.result.synced is None:
            died = line.deaths
            watch.sending(seat.name, seat.ready[2].pending())
            sending = asyncio.create_task(_sync(plan, seat, line.url, watch, clock_ms))
            try:
                seat.result.synced = await sending
            except asyncio.CancelledError:
                if line.deaths == died:
                    sending.cancel()
                    raise
                identity, _, outbox = seat.ready
                outbox.close()
                seat.outbox = open_own_outbox(seat.folder, identity.account, identity.registered[0])
            finally:
                seat.result.carried = line.carried


async def _sync(plan: Plan, seat: _Seat, url: str, watch: Watch, clock_ms: Callable[[], int]) -> Synced:
    identity, key, outbox = seat.ready
    transport = Transport(url, timeouts=plan.timeouts)
    try:
        phone = phone_of(
            seat.folder,
            identity,
            key,
            outbox,
            transport,
            _backoff(plan, seat),
            clock_ms,
            on_event=lambda event: watch.event(seat.name, event),
        )
        return await phone.sync()
    finally:
        await transport.aclose()


def _take_stock(seat: _Seat) -> None:
    """The figures, from what is on the disk: each acuse of the ledger is verified again, with nobody's help."""
    identity = identities.load(seat.folder)
    if seat.outbox is None or identity is None:
        return
    keys = acuses.keys_from_jwks(identity.registered[0].jwks)
    seat.result.capturados = seat.outbox.captured
    for line in seat.outbox.ledger():
        seat.result.borrados += 1
        seat.result.ledger.append({"folio": line.folio, "codigo": line.codigo, "acuse": line.acuse})
        with contextlib.suppress(RemoteProtocolError):
            said = acuses.read(line.acuse, keys)
            seat.result.acuses += (said.folio, said.codigo) == (line.folio, line.codigo)


def _backoff(plan: Plan, seat: _Seat) -> Backoff:
    # Shorter than a phone in the street would wait: the line is a wire, and someone is looking at the screen.
    return Backoff(random.Random(seat.seed), base_s=plan.backoff_base_s, cap_s=plan.backoff_cap_s, max_failures=12)
