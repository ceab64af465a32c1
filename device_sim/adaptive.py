"""What a phone makes of its line: how many uploads at once, how long to wait, how much to risk (SPEC §8.4). No IO.

`LineView` is told what happened, with the instant, and answers questions. Every constant has its reason; the figures
behind them are those of `bench/weak_line`.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

SEGMENT = 1448
"""Payload of a TCP segment on a path of 1500 bytes."""
FLOW_WINDOW = 8 * SEGMENT
"""What one TCP flow surely keeps on its way where one packet in a hundred is lost: 1.22 / sqrt(0.01) is 12 segments on
average, and a third less for a while after each loss. A line that holds more than this needs more flows than one."""
LONG_S = 0.1
"""A round trip from which on two flows are tried before the rate is known: a wireless line, not a wire."""
SLOW_START_S = 3.0
"""For so long the rate may be only what TCP has dared so far."""
PIECE = 16 * 1024
"""Bytes of a body that are handed over at a time; fewer where little may be on its way."""
SMALL_PIECE = 4 * 1024
HELD = 64 * 1024
"""What the phone's system may still hold when all of a body has been handed over."""
PATIENCE = 3
"""Round trips, at their worst, of which one may go by in silence: a packet lost twice costs so many."""
SHORTEST_S = 4.0
"""Less is never called silence: TCP's own second attempts come after one second, then two."""
SERVER_S = 2.0
"""What a busy server may take over an answer."""
MEMORY_S = 5.0
"""Seconds of sending after which what was seen of the rate counts for a third."""
CUTS_MEMORY_S = 120.0
FREQUENT_RECORDS = 3
"""Cuts are frequent when less than so many records would fit between two."""
SMALLEST_BODY = 64 * 1024
SMALLEST_BUFFER = 16 * 1024
"""What TCP sends in its first round trip, and little more."""
FRUITLESS = 2
"""So many bodies in a row, of which much was sent and nothing arrived, are a proxy's doing and not the line's."""


@dataclass(slots=True)
class LineView:
    """One phone's knowledge of one line. Instants are seconds of a clock that does not go back."""

    body_limit: int | None = None
    """Longest body that seems to pass; None: any. Halved where a proxy cuts bodies, and then kept."""
    shortest: float | None = None
    """The shortest round trip seen: the line's own delay, without its queue."""
    _smoothed: float = 0.0
    _deviation: float = 0.0
    _bytes: float = 0.0
    _seconds: float = 0.0
    _sending: int = 0
    _last: float = 0.0
    _record: float = 270_000.0
    _cuts: deque[float] = field(default_factory=lambda: deque(maxlen=8))
    _fruitless: int = 0

    # What happened

    def round_trip(self, seconds: float) -> None:
        """A question of one packet and its answer: as RFC 6298 keeps them."""
        if self.shortest is None:
            self.shortest, self._smoothed, self._deviation = seconds, seconds, seconds / 2
            return
        self.shortest = min(self.shortest, seconds)
        self._deviation += (abs(seconds - self._smoothed) - self._deviation) / 4
        self._smoothed += (seconds - self._smoothed) / 8

    def begins(self, now: float, size: int) -> None:
        """A body begins to go out."""
        if not self._sending:
            self._last = now
        self._sending += 1
        self._record += (max(size, SEGMENT) - self._record) / 4

    def took(self, now: float, count: int) -> None:
        """So many bytes of bodies arrived at the other end; or were taken, where the system cannot tell."""
        self._pass(now)
        self._bytes += count

    def ends(self, now: float) -> None:
        """A body is handed over, or broke off."""
        self._pass(now)
        self._sending = max(0, self._sending - 1)

    def _pass(self, now: float) -> None:
        if not self._sending:
            return
        passed = max(0.0, now - self._last)
        keep = math.exp(-passed / MEMORY_S)
        self._bytes, self._seconds, self._last = self._bytes * keep, self._seconds * keep + passed, now

    def cut(self, now: float) -> None:
        """The line broke. What breaks together counts once."""
        if not self._cuts or now - self._cuts[-1] > 1.0:
            self._cuts.append(now)

    def arrived(self, sent: int, kept: int) -> None:
        """After a cut the server was asked: of `sent` bytes that the line took, it has `kept`."""
        if kept > 0 or sent < HELD:
            self._fruitless = 0
            return
        self._fruitless += 1
        if self._fruitless >= FRUITLESS:
            self.body_refused(sent)

    def body_refused(self, size: int) -> None:
        """Something between here and the server does not let a body of this size pass."""
        self._fruitless = 0
        self.body_limit = max(SMALLEST_BODY, min(size, self.body_limit or size) // 2)

    # What follows

    @property
    def rate(self) -> float | None:
        """Bytes a second that the line takes, of all bodies together; None until it has been watched for a second."""
        return self._bytes / self._seconds if self._seconds >= 1.0 and self._bytes else None

    @property
    def worst_round_trip(self) -> float | None:
        """The round trip that is not yet silence."""
        return None if self.shortest is None else self._smoothed + 4 * self._deviation

    def cut_every(self, now: float) -> float | None:
        """Mean seconds between the cuts of the last two minutes; None when there was none."""
        recent = [at for at in self._cuts if now - at < CUTS_MEMORY_S]
        return None if not recent else (now - recent[0]) / len(recent) if len(recent) > 1 else CUTS_MEMORY_S

    def cuts_often(self, now: float) -> bool:
        """Whether few records fit between two cuts."""
        every, rate = self.cut_every(now), self.rate
        return every is not None and rate is not None and every < FREQUENT_RECORDS * self._record / rate

    def flows(self, now: float, offered: int) -> int:
        """How many bodies to send at once, of the `offered` that the server bears; 1 or more."""
        if self.shortest is None or self.cuts_often(now):
            return 1
        wanted = 1 + int((self.rate or 0.0) * self.shortest / FLOW_WINDOW)
        if self.shortest >= LONG_S and self._seconds < SLOW_START_S:
            wanted = max(2, wanted)
        return max(1, min(offered, wanted))

    def buffer(self, now: float) -> int | None:
        """Bytes that a connection should hold, on their way or waiting to be; None: as many as the system likes.

        On a line that has been cut, whatever is on its way at the next cut is sent again. Elsewhere it is left to TCP:
        where packets are lost, what was confirmed out of order takes room too.
        """
        rate = self.rate
        if rate is None or self.shortest is None or self.cut_every(now) is None:
            return None
        # Three times: one is on its way, one is being confirmed, and the system asks for more when a third is gone.
        return max(SMALLEST_BUFFER, int(3 * rate * self.shortest))

    def piece(self, now: float) -> int:
        """Bytes to hand over at a time: the system takes a piece whole, whatever its buffer was set to."""
        return PIECE if self.buffer(now) is None else SMALL_PIECE

    def connect_s(self, at_most: float) -> float:
        """How long to wait for a connection."""
        worst = self.worst_round_trip
        return at_most if worst is None else min(at_most, max(SHORTEST_S, PATIENCE * worst))

    def silence_s(self, at_most: float) -> float:
        """How long the line may take none of a body before it is given up."""
        worst, rate = self.worst_round_trip, self.rate
        if worst is None or rate is None:
            return at_most
        return min(at_most, max(SHORTEST_S, PATIENCE * worst + 4 * PIECE * max(1, self._sending) / rate))

    def answer_s(self, at_most: float, sent: int) -> float:
        """How long to wait for the answer to a request whose body had `sent` bytes."""
        worst, rate = self.worst_round_trip, self.rate
        if worst is None or (rate is None and sent > SEGMENT):
            return at_most
        drain = 0.0 if rate is None else min(sent, HELD) / rate
        return min(at_most, max(SHORTEST_S, SERVER_S + PATIENCE * worst + 2 * drain))
