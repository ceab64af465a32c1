"""Who is let in when the server is full, and when the others are to come back (SPEC §10; row D5).

Sans-IO: the clock (seconds that only go forward), the load and the randomness are parameters; `gate.py` joins it to
the event loop. It rules over the bodies of uploads and nothing else: sessions, HEAD, altas and acuses pass without
asking, so manifests come first and small requests never starve.

An upload that finds no place waits a moment, without its body being read; places that come free go to the phone that
has had least: fewest sobres delivered of late and fewest under way, each few seconds of waiting counting for one, so
that a phone with nothing yet goes before one with many, and nobody waits for ever. Who is not let in within that
moment is told `ocupado` and a Retry-After that is a place in a queue: each refusal gets the next instant at which, at
the pace of the last seconds, a place will be free. So returns are spread as wide as the crowd is large.
"""

from __future__ import annotations

import math
import random
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum

ALWAYS_TAKEN = 32
"""So many complete sobres may wait for their checks and their commit, however long that takes."""
AGE_S = 5.0
"""Seconds of waiting that weigh as much as one sobre delivered."""
HALF_LIFE_S = 300.0
"""After so long, what a phone had delivered counts half."""
PACE_S = 5.0
"""The pace of deliveries is that of about so many seconds."""
SLOWEST_PACE = 20.0
"""Sobres a second that are expected of a server that has not shown its pace yet, or stands still."""
SOONEST_S = 1.0
LATEST_S = 30.0
"""Bounds of Retry-After. Beyond the latest, returns are spread over its second half."""
CALM_S = 10.0
"""So long after the last refusal, sessions may offer again as many uploads at once as the settings say."""
REMEMBERED = 65_536
"""Phones whose share is remembered."""


class Reason(StrEnum):
    """Why an upload was not let in."""

    PLACES = "lugares"
    MEMORY = "memoria"
    WRITER = "escritor"
    PHONE = "telefono"
    DISK = "disco"


@dataclass(frozen=True, slots=True)
class Limits:
    """`places`: uploads at once. `memory`: bytes of bodies. `drain_s`: how old the oldest sobre may get that is
    complete and still waits for its commit. `queue`, `patience_s`: how many uploads wait for a place, and how long."""

    places: int
    per_phone: int
    memory: int
    disk_reserve: int = 0
    drain_s: float = 2.0
    queue: int = 256
    patience_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Load:
    """What the rest of the server says of itself, in bytes."""

    memory: int
    disk_free: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Not now. `retry_after`: whole seconds."""

    reason: Reason
    retry_after: int


@dataclass(slots=True, eq=False)
class Ticket:
    """One upload that asked to be let in. `since`: when its phone first asked in vain, or now."""

    phone: int
    since: float
    let_in: bool = False
    inside: bool = False
    refusal: Refusal | None = None

    @property
    def decided(self) -> bool:
        """Whether it waits no more."""
        return self.let_in or self.refusal is not None


@dataclass(slots=True)
class _Share:
    """What a phone has had of late."""

    delivered: float
    at: float

    def now(self, now: float) -> float:
        return self.delivered * math.exp2((self.at - now) / HALF_LIFE_S)


@dataclass(slots=True)
class _Waiting:
    """A phone that was told to come back: since when, and when it is due."""

    since: float
    due: float


@dataclass(slots=True)
class Admission:
    """The state of the door. Every method takes the instant; none waits."""

    limits: Limits
    rng: random.Random = field(default_factory=random.Random)
    active: int = 0
    _busy: dict[int, int] = field(default_factory=dict)
    _queue: list[Ticket] = field(default_factory=list)
    _taking: dict[object, float] = field(default_factory=dict)
    _shares: OrderedDict[int, _Share] = field(default_factory=OrderedDict)
    _outside: OrderedDict[int, _Waiting] = field(default_factory=OrderedDict)
    _pace: float = 0.0
    _pace_at: float = 0.0
    _next_return: float = -math.inf
    _last_refusal: float = -math.inf

    # -- coming and going -------------------------------------------------------------------------------------------

    def arrive(self, phone: int, load: Load, now: float) -> tuple[Ticket, list[Ticket]]:
        """An upload asks. Its ticket, and every ticket that this decided (perhaps its own, perhaps none)."""
        before = self._outside.get(phone)
        ticket = Ticket(phone, before.since if before else now)
        if load.disk_free < self.limits.disk_reserve:
            return ticket, [self._refuse(ticket, Reason.DISK, now)]
        if self._busy.get(phone, 0) + sum(one.phone == phone for one in self._queue) >= self.limits.per_phone:
            return ticket, [self._refuse(ticket, Reason.PHONE, now)]
        self._queue.append(ticket)
        decided = self.pump(load, now)
        if len(self._queue) > self.limits.queue:
            worst = max(self._queue, key=lambda one: self._rank(one, now))
            self._queue.remove(worst)
            decided.append(self._refuse(worst, self._lack(load, now) or Reason.PLACES, now))
        return ticket, decided

    def pump(self, load: Load, now: float) -> list[Ticket]:
        """Let in whoever comes first while there is room; the tickets that were let in."""
        found = []
        while self._queue and self._lack(load, now) is None:
            best = min(self._queue, key=lambda one: self._rank(one, now))
            self._queue.remove(best)
            best.let_in = best.inside = True
            self.active += 1
            self._busy[best.phone] = self._busy.get(best.phone, 0) + 1
            self._outside.pop(best.phone, None)
            found.append(best)
        return found

    def give_up(self, ticket: Ticket, load: Load, now: float) -> list[Ticket]:
        """Its patience is over: it is let in now, or refused. The tickets that this decided."""
        decided = self.pump(load, now)
        if not ticket.decided:
            self._queue.remove(ticket)
            decided.append(self._refuse(ticket, self._lack(load, now) or Reason.PLACES, now))
        return decided

    def leave(self, ticket: Ticket, load: Load, now: float) -> list[Ticket]:
        """An upload has ended, or its request is gone while it waited. The tickets that this decided."""
        if ticket.inside:
            ticket.inside = False
            self.active -= 1
            self._busy[ticket.phone] -= 1
            if not self._busy[ticket.phone]:
                del self._busy[ticket.phone]
        elif ticket in self._queue:
            self._queue.remove(ticket)
        return self.pump(load, now)

    def taking(self, token: object, now: float) -> None:
        """All bytes of a sobre are here: its checks and its commit begin."""
        self._taking[token] = now

    def taken(self, token: object, phone: int, load: Load, now: float, *, delivered: bool) -> list[Ticket]:
        """They have ended. The tickets that this decided."""
        self._taking.pop(token, None)
        if delivered:
            self._pace = self.pace(now) + 1 / PACE_S
            self._pace_at = now
            share = self._shares.pop(phone, None)
            self._shares[phone] = _Share((share.now(now) if share else 0.0) + 1, now)
            if len(self._shares) > REMEMBERED:
                self._shares.popitem(last=False)
        return self.pump(load, now)

    # -- what it says of itself -------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Uploads that wait at the door."""
        return len(self._queue)

    def outside(self, now: float) -> int:
        """Phones that were told to come back, are due, and have not been let in since."""
        self._forget(now)
        return len(self._outside)

    def longest_wait_s(self, now: float) -> float:
        """How long ago the phone that has waited longest first asked; 0 when none waits."""
        self._forget(now)
        since = [one.since for one in self._queue]
        since += [next(iter(self._outside.values())).since] if self._outside else []
        return now - min(since, default=now)

    def pace(self, now: float) -> float:
        """Sobres delivered a second, of late."""
        return self._pace * math.exp(-(now - self._pace_at) / PACE_S)

    def at_once(self, wanted: int, now: float) -> int:
        """Uploads at once that a session may offer its phone: one each while there is a crowd."""
        return 1 if self._queue or now - self._last_refusal < CALM_S else wanted

    # -- inside -----------------------------------------------------------------------------------------------------

    def _lack(self, load: Load, now: float) -> Reason | None:
        """What there is not enough of; None when one more may come in."""
        if self.active >= self.limits.places:
            return Reason.PLACES
        if load.memory >= self.limits.memory:
            return Reason.MEMORY
        oldest = next(iter(self._taking.values()), now)
        if len(self._taking) >= ALWAYS_TAKEN and now - oldest > self.limits.drain_s:
            return Reason.WRITER
        return None

    def _rank(self, ticket: Ticket, now: float) -> float:
        share = self._shares.get(ticket.phone)
        had = (share.now(now) if share else 0.0) + self._busy.get(ticket.phone, 0)
        return had - (now - ticket.since) / AGE_S

    def _refuse(self, ticket: Ticket, reason: Reason, now: float) -> Ticket:
        if reason is Reason.DISK:
            wait = self.rng.uniform(LATEST_S / 2, LATEST_S)
        elif reason is Reason.PHONE:
            # Its own uploads are in its way, not the crowd: it keeps no place in the queue.
            wait = self.rng.uniform(SOONEST_S, 2 * SOONEST_S)
        else:
            wait = self._next_place(now)
            self._last_refusal = now
        retry_after = math.ceil(wait)
        ticket.refusal = Refusal(reason, retry_after)
        if reason is not Reason.PHONE:
            self._outside[ticket.phone] = _Waiting(ticket.since, now + retry_after)
            self._outside.move_to_end(ticket.phone)
            if len(self._outside) > REMEMBERED:
                self._outside.popitem(last=False)
        return ticket

    def _next_place(self, now: float) -> float:
        """Seconds until the next instant that nobody was told yet, at the pace of deliveries."""
        self._next_return = max(self._next_return, now + SOONEST_S) + 1 / max(self.pace(now), SLOWEST_PACE)
        wait = self._next_return - now
        if wait > LATEST_S:
            self._next_return = now + LATEST_S
            return self.rng.uniform(LATEST_S / 2, LATEST_S)
        # Whole seconds on the wire: without a little chance those of one second would come as one.
        return wait + self.rng.uniform(0, wait / 4)

    def _forget(self, now: float) -> None:
        """Phones that were due long ago and never came: another server has them, or their battery is empty."""
        gone = [phone for phone, one in self._outside.items() if one.due + LATEST_S < now]
        for phone in gone:
            del self._outside[phone]
