"""What a load is to be: how many phones with how much each, over which line, and who arrives when."""

from __future__ import annotations

import math
import random
from typing import Literal

import msgspec

from device_sim.fleet import Member

Pattern = Literal["surge", "steady", "ramp"]
PATTERNS: dict[Pattern, str] = {
    "surge": "última noche: cada vez más hasta el fin del periodo, y los rezagados después",
    "steady": "parejo",
    "ramp": "en aumento",
}
_AFTER = 0.2
"""Share of the phones of a surge that come after the end, in the hours of grace."""
_STEEP = 3.0
_TAIL = 0.5
"""The late ones come within this share of the window, after the end."""


class Fault(msgspec.Struct, frozen=True):
    """What is done to our own server in mid-load, so many seconds after the start: killed and started again (`kill`),
    or stopped for `seconds` as a stuck disk or a suspended machine would (`pause`)."""

    kind: Literal["kill", "pause"]
    at_s: float
    seconds: float = 0.0


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `size`: bytes of a sobre, about. `window_s`: over how long phones arrive, before the end in a surge."""

    phones: int
    records: int
    line: str
    pattern: Pattern
    window_s: float
    seed: int = 1
    size: int = 270_000
    processes: int = 2
    give_up_s: float = 1800.0
    """Phones that are not done so long after the last arrival are reported as they are."""
    faults: tuple[Fault, ...] = ()

    @property
    def sobres(self) -> int:
        """All of them, with the testigos of each phone."""
        return self.phones * (self.records + 1)

    @property
    def last_arrival_s(self) -> float:
        """After so long everyone has come."""
        return self.window_s * (1 + _TAIL) if self.pattern == "surge" else self.window_s


class WorkerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The part of one process: its phones, by number, and whose they are."""

    plan: LoadPlan
    server: str
    inbox: str
    folder: str
    members: tuple[tuple[int, Member], ...]
    arrivals: tuple[float, ...]


def arrivals(plan: LoadPlan) -> tuple[float, ...]:
    """When each phone arrives, in seconds after the start; in a surge the periodo ends at `window_s`."""
    rng = random.Random(plan.seed)
    return tuple(_arrival(plan, rng) for _ in range(plan.phones))


def _arrival(plan: LoadPlan, rng: random.Random) -> float:
    draw, window = rng.random(), plan.window_s
    match plan.pattern:
        case "steady":
            return draw * window
        case "ramp":
            return math.sqrt(draw) * window
        case "surge":
            if rng.random() < _AFTER:
                # The late ones: most of them at once, fewer and fewer after.
                return window + draw * draw * window * _TAIL
            return window * math.log1p(draw * math.expm1(_STEEP)) / _STEEP
