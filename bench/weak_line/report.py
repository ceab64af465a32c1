"""The table that a run prints, and which of the targets it held."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHARES = {"edge": 0.92, "3g": 0.82, "cortes": 0.80, "cortes6": 0.45}
WIRE = 1.2
CUT_LINES = ("cortes", "cortes6")
TITLES = {
    "edge": "64 kbit/s, 800 ms, 3 % loss",
    "3g": "1 Mbit/s, 300 ms, 1 % loss",
    "cortes": "256 kbit/s, cut every 5 to 35 s",
    "cortes6": "256 kbit/s, cut every 6 s",
}


@dataclass(frozen=True, slots=True)
class Run:
    """One contestant once over one line. `wire`: bytes of packets that left the phone, for each of the payload."""

    contestant: str
    label: str
    line: str
    seed: int
    records: int
    of: int
    seconds: float
    share: float
    wire: float
    both_ways: float
    cuts: int

    @property
    def complete(self) -> bool:
        """Whether everything arrived in time."""
        return self.records == self.of


def line_of(run: Run) -> str:
    """A run in one line, while others are still going on."""
    came = f"{run.seconds:6.1f} s" if run.complete else f"{run.records} of {run.of} in {run.seconds:.0f} s"
    return f"{run.line:8} {run.label:36} {came:>16}  {run.share:.2f} of the line"


def how(why_not: str | None, record: int, rounds: int) -> str:
    """What the figures stand on."""
    kind = (
        "TUN devices between network namespaces: packets, real TCP (cubic)"
        if why_not is None
        else f"a proxy in user space, without packets or their loss ({why_not}): shares are not those of a real line"
    )
    return f"Records of {record:,} bytes; {rounds} rounds, medians, each contestant on a line of its own. Line: {kind}."


def table(runs: Sequence[Run]) -> str:
    """One block for each line."""
    return "\n\n".join(
        _block(line, [run for run in runs if run.line == line]) for line in dict.fromkeys(run.line for run in runs)
    )


def _median(runs: Sequence[Run], of: Callable[[Run], float]) -> float:
    return statistics.median(of(run) for run in runs)


def _block(line: str, runs: Sequence[Run]) -> str:
    names = list(dict.fromkeys(run.contestant for run in runs))
    rows = {name: [run for run in runs if run.contestant == name] for name in names}
    shares = {name: _median(row, lambda run: run.share) for name, row in rows.items()}
    best = max((share for name, share in shares.items() if name != "acopio"), default=0.0)
    heads = f"{'share':>7}{'(low-high)':>13}{'x best peer':>13}{'seconds':>9}{'wire':>7}{'both':>7}{'cuts':>6}  done"
    lines = [f"{TITLES[line]:38}{heads}"]
    for name, row in rows.items():
        spread = f"({min(run.share for run in row):.2f}-{max(run.share for run in row):.2f})"
        ratio = f"{shares[name] / best:.2f}" if best else "-"
        done = sum(run.complete for run in row)
        wire, both = _median(row, lambda run: run.wire), _median(row, lambda run: run.both_ways)
        lines.append(
            f"{row[0].label:38}{shares[name]:7.2f}{spread:>13}{ratio:>13}{_median(row, lambda run: run.seconds):9.1f}"
            f"{wire:7.2f}{both:7.2f}{_median(row, lambda run: run.cuts):6.0f}  {done} of {len(row)}"
        )
    return "\n".join(lines)


def targets(runs: Sequence[Run]) -> str:
    """The project's own numbers beside what it aims at."""
    lines = ["targets of acopio:"]
    for line in dict.fromkeys(run.line for run in runs):
        own = [run for run in runs if run.line == line and run.contestant == "acopio"]
        if not own:
            continue
        share = _median(own, lambda run: run.share)
        said = f"  {line:8} share {share:.2f}, at least {SHARES[line]:.2f}: {_held(share >= SHARES[line])}"
        if line in CUT_LINES:
            wire = _median(own, lambda run: run.wire)
            said += f"; bytes on the wire {wire:.2f} times the payload, under {WIRE}: {_held(wire < WIRE)}"
        lines.append(said)
    return "\n".join(lines)


def _held(yes: bool) -> str:
    return "held" if yes else "MISSED"
