"""Waiting between attempts: exponential, with full jitter, never less than the server asked for (SPEC §8.4).

Randomness and sleep are parameters: tests neither wait nor depend on luck.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Backoff:
    """How patient a phone is. `max_failures`: attempts in a row without progress before it leaves it for later."""

    rng: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    base_s: float = 0.5
    cap_s: float = 60.0
    max_failures: int = 8

    def delay(self, failures: int, at_least: float = 0.0) -> float:
        """Seconds before the next attempt, after so many failures in a row (1 or more)."""
        if at_least > 0:
            # The server spreads returns itself and knows the crowd: a little chance on top, so that those who were told
            # the same second do not come in the same instant, but never so much that its places stay empty.
            return at_least + self.rng.uniform(0, min(self.cap_s, max(self.base_s, at_least / 4)))
        return self.rng.uniform(0, min(self.cap_s, self.base_s * 2 ** min(failures - 1, 30)))
