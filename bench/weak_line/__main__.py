"""`bench/weak_line/run`: every contestant on every line, round after round, then the table."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from bench.ingest import install, machine
from bench.ingest.procs import BenchError, free_port
from bench.weak_line import phone, proxied, report, tun
from bench.weak_line.contestants import CONTESTANTS, Contestant, Ends, Seen, have_tus, run, versions
from bench.weak_line.report import Run
from device_sim.lines.profiles import PROFILES

HERE = Path(__file__).parent
PORT = 8000


@dataclass(frozen=True, slots=True)
class Course:
    """How many records go over a line, and after how many seconds a run is ended, done or not."""

    records: int
    limit_s: float


FULL = {"edge": Course(6, 330), "3g": Course(16, 130), "cortes": Course(12, 260), "cortes6": Course(6, 150)}
QUICK = {"edge": Course(1, 90), "3g": Course(4, 45), "cortes": Course(3, 75), "cortes6": Course(2, 60)}


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/weak_line/run", description="Measures phones on bad lines beside other ways to upload."
    )
    parser.add_argument("--lines", default=",".join(FULL), help="of %(default)s")
    parser.add_argument("--contestants", default=",".join(CONTESTANTS), help="of %(default)s")
    parser.add_argument("--rounds", type=int, help="each so many times, with other losses and cuts (default: 3)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--proxy", action="store_true", help="a proxy in place of real packets, as where root is not")
    parser.add_argument("--work", type=Path, default=HERE / ".trabajo", help="folder on a disk; emptied afterwards")
    parser.add_argument("--quick", action="store_true", help="a smoke of about two minutes: one round, few records")
    options = parser.parse_args(arguments)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.lines = options.lines.split(",")
    options.contestants = options.contestants.split(",")
    unknown = {*options.lines} - {*FULL} | {*options.contestants} - {*CONTESTANTS}
    if unknown or not 0 < options.rounds <= 20:
        parser.error(f"unknown: {', '.join(sorted(unknown))}" if unknown else "--rounds takes numbers from 1 to 20")
    return options


def _present(names: list[str]) -> list[Contestant]:
    """The contestants that can run here; one that cannot is named and left out."""
    missing = have_tus() if any(name.startswith("tus") for name in names) else None
    found = []
    for name in names:
        if missing is None or not name.startswith("tus"):
            found.append(CONTESTANTS[name])
        else:
            print(f"left out: {CONTESTANTS[name].label}: {missing}", flush=True)
    return found


def _one(contestant: Contestant, line: str, course: Course, seed: int, folder: Path, *, packets: bool) -> Run:
    """One contestant once over one line."""
    figures = folder / "line.json"
    if packets:
        name = f"ab{os.getpid()}-{folder.parent.name}-{folder.name}"
        with tun.street(name, line, seed, folder) as (street, figures):
            ends = Ends(street.at_phone, street.at_server, (tun.SERVER, PORT), f"http://{tun.SERVER}:{PORT}")
            seen = run(contestant, ends, folder, course.records, course.limit_s)
    else:
        listen = ("127.0.0.1", free_port())
        with proxied.line(line, seed, f"http://{listen[0]}:{listen[1]}", folder, figures) as url:
            seen = run(contestant, Ends((), (), listen, url), folder, course.records, course.limit_s)
    return _result(contestant, line, course, seed, seen, json.loads(figures.read_text(encoding="utf-8")))


def _result(contestant: Contestant, line: str, course: Course, seed: int, seen: Seen, figures: dict[str, int]) -> Run:
    delivered = sum(one.bytes for one in seen.deliveries)
    # Who was not done in time is counted with all of it.
    seconds = seen.deliveries[-1].seconds if seen.complete else course.limit_s
    rate = PROFILES[line].bytes_per_s
    assert rate is not None
    return Run(
        contestant.name,
        contestant.label,
        line,
        seed,
        records=len(seen.deliveries),
        of=course.records,
        seconds=seconds,
        share=delivered / seconds / rate,
        wire=figures["up"] / delivered if delivered else 0.0,
        both_ways=(figures["up"] + figures["down"]) / delivered if delivered else 0.0,
        cuts=figures["cuts"],
    )


def _run(options: argparse.Namespace, work: Path, *, packets: bool) -> list[Run]:
    contestants = _present(options.contestants)
    courses = QUICK if options.quick else FULL
    runs: list[Run] = []
    for number in range(options.rounds):
        seed = options.seed + number
        jobs = []
        for index, line in enumerate(options.lines):
            place = work / f"{number}{index}"
            place.mkdir()
            if any(one.name == "acopio" for one in contestants):
                (place / "acopio").mkdir()
                phone.prepare(place / "acopio", courses[line].records)
            for turn, contestant in enumerate(contestants):
                folder = place / str(turn)
                folder.mkdir()
                jobs.append((contestant, line, courses[line], seed, folder))
        # Each on a line of its own, all at once: lines are what is slow here, and a busy second strikes all alike.
        with ThreadPoolExecutor(len(jobs)) as pool:
            waiting = [pool.submit(_one, *job, packets=packets) for job in jobs]
            for job in waiting:
                seen = job.result()
                runs.append(seen)
                print(f"  round {number + 1}, {report.line_of(seen)}", flush=True)
    return runs


def _interrupted(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)


def main(arguments: list[str] | None = None) -> int:
    """Run it; returns the exit status."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _interrupted)
    why_not = "--proxy" if options.proxy else tun.available()
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=options.work, ignore_cleanup_errors=True) as work:
            runs = _run(options, Path(work), packets=why_not is None)
            about = machine.describe(Path(work), install.versions() | versions())
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    finally:
        with contextlib.suppress(OSError):
            options.work.rmdir()
    print("\n" + "; ".join(value if name in ("cpu", "kernel") else f"{name} {value}" for name, value in about.items()))
    print(report.how(why_not, phone.RECORD_BYTES, options.rounds), end="\n\n")
    print(report.table(runs), end="\n\n")
    print(report.targets(runs))
    print(f"\nwritten: bench/weak_line/resultados/{_save(options, about, runs, why_not).name}")
    return 0


def _save(options: argparse.Namespace, about: dict[str, str], runs: list[Run], why_not: str | None) -> Path:
    folder = HERE / "resultados"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    kept = {
        "machine": about,
        "options": {name: value for name, value in vars(options).items() if name != "work"},
        "line": "packets" if why_not is None else "proxy",
        "runs": [asdict(one) for one in runs],
    }
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    sys.exit(main())
