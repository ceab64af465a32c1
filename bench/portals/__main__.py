"""`bench/portals/run`: boxes of three sizes, every page at every server in turn, round after round, then the tables."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from bench.ingest import machine
from bench.ingest.procs import BenchError
from bench.portals import report, servers, triggers
from bench.portals.fill import Filled, fill
from bench.portals.load import Asked, ask
from bench.portals.servers import DATASETTE_NAME, OURS, RECOUNTING, Page
from bench.portals.triggers import Cost

HERE = Path(__file__).parent
FULL = {"seconds": 3.0, "rounds": 3, "sizes": [1_000, 100_000, 1_000_000], "inserts": 20_000}
QUICK = {"seconds": 0.5, "rounds": 1, "sizes": [1_000, 20_000], "inserts": 3_000}
BYTES_EACH = 3_500
"""Of an index, for one apoyo, copies included."""


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip() and int(part) > 0]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench/portals/run", description="Measures the portals' pages as a box fills."
    )
    parser.add_argument("--seconds", type=float, help="how long each page is asked for (default: 3)")
    parser.add_argument("--rounds", type=int, help="each page so many times (default: 3)")
    parser.add_argument("--sizes", type=_numbers, help="apoyos in each box (default: 1000,100000,1000000)")
    parser.add_argument(
        "--inserts", type=int, help="registros inserted to weigh the triggers (default: 20000; 0: skip)"
    )
    parser.add_argument("--no-peers", action="store_true", help="only our pages")
    parser.add_argument("--work", type=Path, default=HERE / ".trabajo", help="folder on a disk; emptied afterwards")
    parser.add_argument("--quick", action="store_true", help="a smoke: small boxes, one round")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if not options.sizes or not 0 < options.seconds <= 60 or not 0 < options.rounds <= 20 or options.inserts < 0:
        parser.error("out of bounds")
    return options


def _ask_all(
    server: str, box: Filled, pages: list[Page], port: int, options: argparse.Namespace, number: int
) -> list[Asked]:
    found = []
    for page in pages:
        seen = ask(server, box.size, page.name, port, page.path, page.cookie, options.seconds, page.right)
        if seen is None:
            if number == 1:
                print(f"left out: {server} has no page for «{page.name}»", flush=True)
            continue
        seen.round = number
        found.append(seen)
        print(f"  round {number}, {box.size:>9,}, {server:18}{page.name:40}{seen.rate:8.1f}/s", flush=True)
    return found


def _one_round(options: argparse.Namespace, boxes: list[Filled], peers: list[str], number: int) -> list[Asked]:
    found: list[Asked] = []
    for box in boxes:
        turn = [OURS, *peers]
        shift = (number - 1) % len(turn)
        for server in turn[shift:] + turn[:shift]:
            if server == DATASETTE_NAME:
                with servers.datasette(box) as port:
                    found += _ask_all(server, box, servers.tables(box), port, options, number)
            else:
                pages = servers.reports(box) + servers.consultas(box) if server == OURS else servers.recounted(box)
                with servers.ours(box, counters=server == OURS) as port:
                    found += _ask_all(server, box, pages, port, options, number)
    return found


def _run(options: argparse.Namespace, work: Path) -> None:
    peers: list[str] = []
    if not options.no_peers:
        peers.append(RECOUNTING)
        reason = servers.have_datasette()
        if reason is None:
            peers.append(DATASETTE_NAME)
        else:
            print(f"left out: {DATASETTE_NAME}: {reason}", flush=True)
    machine.check_disk(work, sum(options.sizes) * BYTES_EACH)
    boxes = []
    for size in sorted(options.sizes):
        began = time.perf_counter()
        (work / str(size)).mkdir()
        boxes.append(fill(work / str(size), size))
        print(f"filled a box with {size:,} apoyos in {time.perf_counter() - began:.0f} s", flush=True)
    runs: list[Asked] = []
    costs: list[Cost] = []
    for number in range(1, options.rounds + 1):
        runs += _one_round(options, boxes, peers, number)
        if options.inserts:
            for variant in triggers.VARIANTS:
                cost = triggers.measure(boxes[min(1, len(boxes) - 1)], work, options.inserts, variant)
                cost.round = number
                costs.append(cost)
    _tell(options, work, runs, costs, peers)


def _tell(options: argparse.Namespace, work: Path, runs: list[Asked], costs: list[Cost], peers: list[str]) -> None:
    programs = {"datasette": servers.datasette_version()} if DATASETTE_NAME in peers else {}
    seen = machine.describe(work, programs)
    print("\n" + "\n".join(f"{name}: {value}" for name, value in seen.items()) + "\n")
    sections = [report.pages(runs), report.ratios(runs)]
    sections.append(report.targets(runs, [servers.REPORT, servers.DETAIL, servers.DETAIL_RANGE, servers.ALL]))
    if costs:
        sections.append(report.costs(costs))
    for section in sections:
        print("\n".join(section) + "\n", flush=True)
    folder = HERE / "resultados"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    data = {"machine": seen, "runs": [asdict(one) for one in runs], "costs": [asdict(one) for one in costs]}
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 when everything was measured."""
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _stop)
    options.work.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=options.work))
    try:
        _run(options, work)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
        with contextlib.suppress(OSError):
            options.work.rmdir()
    return 0


if __name__ == "__main__":
    sys.exit(main())
