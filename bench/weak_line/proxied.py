"""The line where nobody is root: the proxy of `acopio sim line`, as a process of its own, with its figures."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.ingest.procs import BenchError, end, tail
from device_sim.lines.profiles import PROFILES
from device_sim.lines.proxy import Line


@contextlib.contextmanager
def line(profile: str, seed: int, server: str, folder: Path, figures: Path) -> Iterator[str]:
    """Its address; once it has ended, `figures` is there."""
    with (folder / "line.log").open("wb") as log:
        command = [sys.executable, "-m", "bench.weak_line.proxied", profile, str(seed), server, str(figures)]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    try:
        said = process.stdout.readline().decode().strip()
        if not said.startswith("http"):
            raise BenchError(f"the line did not start:\n{tail(folder / 'line.log')}")
        yield said
    finally:
        end(process)
        process.stdout.close()


async def _run(profile: str, seed: int, server: str) -> dict[str, int]:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Line(server, PROFILES[profile], seed) as between:
        print(between.url, flush=True)
        await stop.wait()
        up, down = between.offered
        return {"up": up, "down": down, "lost": 0, "cuts": between.cuts}


if __name__ == "__main__":
    seen = asyncio.run(_run(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
    Path(sys.argv[4]).write_text(json.dumps(seen), encoding="utf-8")
