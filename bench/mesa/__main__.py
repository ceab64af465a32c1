"""`bench/mesa/run`: a box with work in its mesa, the real server, an operator over HTTP and one in a browser."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from bench.ingest import machine, phones
from bench.ingest.procs import BenchError, free_port, started
from bench.mesa import browser, server
from bench.mesa.browser import Day, Painted
from bench.mesa.fill import Filled, fill
from bench.mesa.server import Asked, percentile

HERE = Path(__file__).parent
FULL = {"people": 24, "registros": 700, "asked": 60, "painted": 60, "decisions": 400, "think": 0.6}
QUICK = {"people": 3, "registros": 80, "asked": 10, "painted": 8, "decisions": 20, "think": 0.4}
TARGET_MS = 100.0
"""From the key to four painted images, p95, when prefetched."""
BYTES_EACH = 400_000


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/mesa/run", description="Measures the review screen of the mesa.")
    parser.add_argument("--people", type=int, help="different people photographed (default: 24; 2 s of CPU each)")
    parser.add_argument("--registros", type=int, help="registros in the mesa (default: 700)")
    parser.add_argument("--asked", type=int, help="registros asked for over HTTP (default: 60)")
    parser.add_argument("--painted", type=int, help="key presses timed in the browser (default: 60)")
    parser.add_argument("--decisions", type=int, help="decisions by keyboard (default: 400)")
    parser.add_argument("--think", type=float, help="seconds that the operator looks at each (default: 0.6)")
    parser.add_argument("--work", type=Path, default=HERE / ".trabajo", help="folder on a disk; emptied afterwards")
    parser.add_argument("--quick", action="store_true", help="a smoke: a small box, few decisions")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    needed = options.painted + options.decisions + options.decisions // 40 + 20
    if options.registros < needed:
        parser.error(f"these decisions need {needed} registros")
    if min(options.people, options.asked, options.painted, options.decisions) < 1 or not 0.35 <= options.think <= 30:
        parser.error("out of bounds")  # the page itself takes no decision within 0.3 s of showing a registro
    return options


def _line(name: str, values: Sequence[float], unit: str = "ms") -> str:
    return (
        f"{name:52}{percentile(values, 0.5):>9.1f}{percentile(values, 0.95):>9.1f}{max(values):>9.1f}  {unit}"
        f"  n={len(values)}"
    )


def _tell(cold: list[Asked], warm: list[Asked], painted: list[Painted], day: Day) -> list[str]:
    p95 = percentile([one.painted for one in painted], 0.95)
    held = "held" if p95 < TARGET_MS else "NOT HELD"
    return [
        f"{'':52}{'p50':>9}{'p95':>9}{'most':>9}",
        _line("server, cold: claim, open, page", [one.page for one in cold]),
        _line("server, cold: then its four images", [one.images for one in cold]),
        _line("server, cold: both", [one.total for one in cold]),
        _line("server, in memory: four images", [one.images for one in warm]),
        _line("size of all of it", [one.kilobytes for one in cold], "KB"),
        _line("browser, prefetched: key to the next registro", [one.shown for one in painted]),
        _line("browser, prefetched: key to four images painted", [one.painted for one in painted]),
        "",
        f"{day.decisions} decisions by keyboard in {day.total:.1f} s, of which {day.thinking:.1f} s looking: the "
        f"system adds {day.added_ms:.0f} ms to each; {day.saved} saved, {day.errors} problems",
        f"key to four painted images, p95 below {TARGET_MS:.0f} ms when prefetched: seen {p95:.1f}: {held}",
    ]


def _run(options: argparse.Namespace, work: Path) -> None:
    machine.check_disk(work, options.registros * BYTES_EACH)
    began = time.perf_counter()
    box: Filled = fill(work / "caja", options.registros, options.people, operators=2)
    print(f"a mesa with {options.registros:,} registros in {time.perf_counter() - began:.0f} s", flush=True)
    port = free_port()
    env = phones.environment(box.folder, port)
    with started([sys.executable, "-m", "server", "serve"], work / "log", port, env=env, cwd=Path.cwd()):
        cold, warm = server.measure(port, box.cookies[0], options.asked)
        print(f"  asked for {len(cold)} registros over HTTP", flush=True)
        with browser.operator(f"http://127.0.0.1:{port}", box.cookies[1]) as page:
            painted = browser.key_to_paint(page, options.painted)
            print(f"  timed {len(painted)} keys in the browser", flush=True)
            day = browser.day(page, options.decisions, options.think)
    seen = machine.describe(work, {})
    print("\n" + "\n".join(f"{name}: {value}" for name, value in seen.items()) + "\n")
    print("\n".join(_tell(cold, warm, painted, day)) + "\n", flush=True)
    if day.saved != day.decisions or day.errors:
        raise BenchError("not every decision was saved: the figures are worth nothing")
    folder = HERE / "resultados"
    folder.mkdir(exist_ok=True)
    data = {
        "machine": seen, "cold": [asdict(one) for one in cold], "warm": [asdict(one) for one in warm],
        "painted": [asdict(one) for one in painted], "day": asdict(day),
    }  # fmt: skip
    (folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(json.dumps(data, indent=1), encoding="utf-8")


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
