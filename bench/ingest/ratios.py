"""What is compared: ratios within each round, so that what disturbed a round disturbs both sides; and the aims.

A round's ratio is one target's rate by another's in the same round and with as many phones. Medians over the rounds are
what is quoted, the lowest and the highest say how far to trust them.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.ingest.measure import Measured

AGAINST = {
    "tus": "x tus",
    "tus_work": "x tus, same work",
    "nginx": "x nginx",
    "tuspy": "x tuspy",
    "tuspy_work": "x tuspy, same work",
    "limit": "x limit",
}
"""Targets that Acopio is held against, and what the column is called."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread | None:
        """None when there are no values."""
        return cls(statistics.median(values), min(values), max(values)) if values else None

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def ratio(runs: Sequence[Measured], target: str, other: str, phones: int) -> Spread | None:
    """How many times `other`'s records `target` took; None when no round has both."""
    theirs = {run.round: run.rate for run in runs if run.target == other and run.phones == phones}
    ours = [run for run in runs if run.target == target and run.phones == phones]
    return Spread.of([run.rate / theirs[run.round] for run in ours if theirs.get(run.round)])


def table(runs: Sequence[Measured]) -> str:
    """A line for each of Acopio's two ways and each number of phones, a column for each target that was there."""
    names = [name for name in AGAINST if any(run.target == name for run in runs)]
    lines = [f"{'Rates by theirs, median (low-high)':36}" + "".join(f"{AGAINST[name]:>20}" for name in names)]
    for target, label in (("acopio", "acopio"), ("acopio2", "acopio + second copy")):
        for phones in sorted({run.phones for run in runs if run.target == target}):
            found = [ratio(runs, target, name, phones) for name in names]
            cells = "".join(f"{one or '-'!s:>20}" for one in found)
            lines.append(f"  {f'{label}, {phones} phone' + ('s' if phones > 1 else ''):34}{cells}")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure that the project has set itself. `at_least`: more is better; otherwise it must stay below."""

    says: str
    goal: float
    measured: Callable[[Sequence[Measured]], Spread | None]
    at_least: bool = True

    def line(self, runs: Sequence[Measured]) -> str | None:
        """What was seen beside it; None when the run did not measure it."""
        seen = self.measured(runs)
        if seen is None:
            return None
        reached = seen.median >= self.goal if self.at_least else seen.median < self.goal
        sign = ">=" if self.at_least else "<"
        return f"  {self.says:52}{sign:>3} {self.goal:<6g}{seen!s:>24}   {'reached' if reached else 'NOT reached'}"


def _times(target: str, other: str, phones: int) -> Callable[[Sequence[Measured]], Spread | None]:
    return lambda runs: ratio(runs, target, other, phones)


def _p95(phones: int) -> Callable[[Sequence[Measured]], Spread | None]:
    return lambda runs: Spread.of([one.p95_ms for one in runs if one.target == "acopio" and one.phones == phones])


AIMS = (
    Aim("64 phones: x @tus/server as shipped", 2.2, _times("acopio", "tus", 64)),
    Aim("64 phones: x @tus/server given the same work", 4.5, _times("acopio", "tus_work", 64)),
    Aim("64 phones: share of the machine's limit", 0.6, _times("acopio", "limit", 64)),
    Aim("64 phones: with a second copy, share of without", 0.6, _times("acopio2", "acopio", 64)),
    Aim("8 phones: p95 in ms", 20, _p95(8), at_least=False),
)


def aims(runs: Sequence[Measured]) -> str:
    """The aims that this run could measure, and whether it reached them; empty when there are none."""
    lines = [line for aim in AIMS if (line := aim.line(runs)) is not None]
    return "\n".join(["Aimed at, and seen: median (low-high)", *lines]) if lines else ""
