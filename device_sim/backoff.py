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
        ceiling = min(self.cap_s, self.base_s * 2 ** min(failures - 1, 30))
        # On top of what the server asked for, or every phone would come back in the same instant.
        return at_least + self.rng.uniform(0, ceiling)
