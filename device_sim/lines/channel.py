"""One direction of a narrow line, without IO: when what is put into it comes out, and what never does."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from device_sim.lines.profiles import LineProfile


@dataclass(slots=True)
class Channel:
    """`rng` draws the losses and the delays. Instants are seconds of any clock that does not go back."""

    profile: LineProfile
    rng: random.Random
    _free_at: float = 0.0
    _last: float = 0.0
    carried: int = field(default=0)
    """Bytes that the narrow place has taken."""

    def backlog(self, now: float) -> float:
        """Bytes that wait before the narrow place."""
        rate = self.profile.bytes_per_s
        return 0.0 if rate is None else max(0.0, self._free_at - now) * rate

    def room_at(self, now: float) -> float:
        """When the queue takes more, for whoever can wait."""
        rate = self.profile.bytes_per_s
        return now if rate is None else max(now, self._free_at - self.profile.queue / rate)

    def put(self, now: float, size: int) -> float:
        """When `size` bytes that enter now arrive at the other end; they never overtake those before them."""
        if self.profile.bytes_per_s is not None:
            self._free_at = max(self._free_at, now) + size / self.profile.bytes_per_s
        self.carried += size
        self._last = max(self._last, max(now, self._free_at) + self.rng.uniform(*self.profile.delay_s))
        return self._last

    def packet(self, now: float, size: int) -> float | None:
        """The same for a packet: None when it is lost, before the narrow place, or when the queue is full."""
        if self.rng.random() < self.profile.loss:
            return None
        if self.profile.bytes_per_s is not None and self.backlog(now) + size > self.profile.queue:
            return None
        return self.put(now, size)

    def clear(self, now: float) -> None:
        """The line broke: nothing waits any more."""
        self._free_at = now
        self._last = now
