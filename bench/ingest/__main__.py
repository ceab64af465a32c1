"""`bench/ingest/run`: every target in turn, round after round, then the tables."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import msgspec

from bench.ingest import breakdown, growth, install, limit, machine, phones, ratios, report
from bench.ingest.breakdown import Steps
from bench.ingest.measure import Measured, measure
from bench.ingest.procs import BenchError
from bench.ingest.targets import Acopio, Nginx, Target
from bench.ingest.tus_peers import NODE, PYTHON, TusPeer

HERE = Path(__file__).parent
USUAL: list[Target] = [
    Acopio(), Acopio(second=True), TusPeer(NODE), TusPeer(NODE, work=True), Nginx(), TusPeer(PYTHON),
    TusPeer(PYTHON, work=True),
]  # fmt: skip
UNUSUAL: list[Target] = [TusPeer(server, work, patch=True) for server in (NODE, PYTHON) for work in (False, True)]
"""The peers' slower ways, for whoever wants to see that they are (POST+PATCH)."""
TARGETS = {one.name: one for one in (*USUAL, *UNUSUAL)}
LIMIT = "limit"
GROWTH_PHONES = 8
FULL = {"seconds": 3.0, "warmup": 0.5, "rounds": 3, "phones": [1, 8, 64], "stored": [1_000, 100_000]}
QUICK = {"seconds": 0.8, "warmup": 0.2, "rounds": 1, "phones": [8], "stored": [1_000, 10_000]}
STEPS_SOBRES = 60


@dataclass(slots=True)
class Results:
    """Everything that was seen."""

    runs: list[Measured] = field(default_factory=list)
    stored: list[Measured] = field(default_factory=list)
    as_served: list[Steps] = field(default_factory=list)
    plain: list[Steps] = field(default_factory=list)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip() and int(part) > 0]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/ingest/run", description="Measures the intake of sobres beside other servers, over loopback."
    )
    # What is not said is filled in below: --quick has a measure of its own.
    parser.add_argument("--seconds", type=float, help="length of one window (default: 3)")
    parser.add_argument("--warmup", type=float, help="seconds before it (default: 0.5)")
    parser.add_argument("--rounds", type=int, help="each target so many times (default: 3)")
    parser.add_argument("--phones", type=_numbers, help="at once (default: 1,8,64)")
    parser.add_argument(
        "--targets", default=",".join([*(one.name for one in USUAL), LIMIT]),
        help=f"of %(default)s, {','.join(one.name for one in UNUSUAL)}; or none, for --stored alone",
    )  # fmt: skip
    parser.add_argument("--stored", type=_numbers, help="registros held already (default: 1000,100000; 0: skip)")
    parser.add_argument("--work", type=Path, default=HERE / ".trabajo", help="folder on a disk; emptied afterwards")
    parser.add_argument("--quick", action="store_true", help="a smoke of about twenty seconds: 8 phones, one round")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.targets = [] if options.targets == "none" else options.targets.split(",")
    unknown = set(options.targets) - {*TARGETS, LIMIT}
    if unknown or not 0 < options.seconds <= 60 or not 0 < options.rounds <= 20 or not 0 <= options.warmup <= 10:
        parser.error(f"unknown targets: {', '.join(sorted(unknown))}" if unknown else "out of bounds")
    if not options.phones or max(options.phones) > 256:
        parser.error("--phones takes numbers from 1 to 256")
    if not options.targets and not options.stored:
        parser.error("nothing to measure")
    return options


def _present(names: list[str]) -> list[str]:
    """The targets that can run here; a peer that cannot is named and left out."""
    needs = {"tus": install.have_tus, "tuspy": install.have_tuspy, "nginx": install.have_nginx}
    found = []
    for name in names:
        need = needs.get(name.partition("_")[0])
        reason = need() if need is not None else None
        if reason is None:
            found.append(name)
        else:
            print(f"left out: {TARGETS[name].label}: {reason}", flush=True)
    return found


def _prepare(options: argparse.Namespace, box: Path) -> None:
    counts = set(options.phones) if options.targets else set()
    if options.stored:
        counts.add(GROWTH_PHONES)
    queues = [0] * max(counts)
    for count in counts:
        each = _each(options, count)
        queues[:count] = [max(length, each) for length in queues[:count]]
    # The sobres, and what the fastest target writes in one window.
    records = sum(queues) + 2_000 * (1 + round(options.seconds + options.warmup))
    machine.check_disk(box, records * phones.RECORD_BYTES)
    print(f"sealing {sum(queues):,} sobres for {len(queues)} phones ...", flush=True)
    phones.prepare(box, queues)


def _each(options: argparse.Namespace, count: int) -> int:
    return max(STEPS_SOBRES, phones.queue_length(count, options.seconds + options.warmup))


def _one_round(options: argparse.Namespace, names: list[str], box: Path, work: Path, number: int, to: Results) -> None:
    for count in options.phones:
        each = _each(options, count)
        fleet = phones.load(box, count, each)
        # Another one begins each time, so that none always follows the same neighbour.
        turn = (number - 1) % len(names)
        for name in names[turn:] + names[:turn]:
            if name == LIMIT:
                seen = limit.measure(box, work, count, each, options.warmup, options.seconds)
            else:
                seen = measure(TARGETS[name], box, work, fleet, options.warmup, options.seconds)
            seen.round = number
            to.runs.append(seen)
            print(f"  round {number}, {count:2} phones, {seen.label:36}{seen.rate:7.0f}/s", flush=True)
    as_served, plain = breakdown.steps(box, phones.load(box, 1, STEPS_SOBRES)[0], STEPS_SOBRES)
    to.as_served.append(as_served)
    to.plain.append(plain)


def _stored(options: argparse.Namespace, boxes: dict[int, Path], work: Path, number: int, to: Results) -> None:
    each = _each(options, GROWTH_PHONES)
    for count, box in boxes.items():
        fleet = phones.load(work / "box", GROWTH_PHONES, each)
        seen = measure(TARGETS["acopio"], box, work, fleet, options.warmup, options.seconds)
        seen.stored = count
        to.stored.append(seen)
        print(f"  round {number}, {count:,} stored: {seen.rate:.0f}/s", flush=True)


def _run(options: argparse.Namespace, work: Path) -> Results:
    names = _present(options.targets)
    box = work / "box"
    box.mkdir()
    _prepare(options, box)
    boxes = {}
    for count in options.stored:
        boxes[count] = work / f"box-{count}"
        boxes[count].mkdir()
        growth.fill(box, boxes[count], count)
    results = Results()
    for number in range(1, options.rounds + 1):
        if names:
            _one_round(options, names, box, work, number, results)
        _stored(options, boxes, work, number, results)
    # In the order of the table, whatever the order of the rounds was.
    results.runs.sort(key=lambda run: names.index(run.target))
    return results


def _print(options: argparse.Namespace, about: dict[str, str], results: Results) -> None:
    print("\n" + "; ".join(value if name in ("cpu", "kernel") else f"{name} {value}" for name, value in about.items()))
    print(
        f"Records of {phones.RECORD_BYTES:,} bytes over loopback; {options.rounds} rounds of {options.seconds:g} s, "
        "interleaved; medians.\n"
    )
    if results.runs:
        print(report.comparison(results.runs), end="\n\n")
        print(ratios.table(results.runs), end="\n\n")
        if aims := ratios.aims(results.runs):
            print(aims, end="\n\n")
        if any(run.target.startswith("acopio") for run in results.runs):
            print(report.where_the_time_goes(results.runs, results.as_served, results.plain), end="\n\n")
    if results.stored:
        print(report.growth(results.stored), end="\n\n")
    print(report.remarks([*results.runs, *results.stored]))


def _save(options: argparse.Namespace, about: dict[str, str], results: Results) -> Path:
    folder = HERE / "resultados"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    kept = {
        "machine": about,
        "options": {name: value for name, value in vars(options).items() if name != "work"},
        "runs": msgspec.to_builtins(results.runs),
        "stored": msgspec.to_builtins(results.stored),
        "steps_ms": {"server": results.as_served, "pycryptodome": results.plain},
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path


def _interrupted(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


def main(arguments: list[str] | None = None) -> int:
    """Run it; returns the exit status."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _interrupted)
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=options.work, ignore_cleanup_errors=True) as work:
            machine.spread(Path(work))
            results = _run(options, Path(work))
            about = machine.describe(Path(work), install.versions())
        _print(options, about, results)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted; nothing was left running", file=sys.stderr)
        return 130
    finally:
        with contextlib.suppress(OSError):
            options.work.rmdir()
    print(f"\nwritten: bench/ingest/resultados/{_save(options, about, results).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
