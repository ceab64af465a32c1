"""A whole run: episode after episode, each from its own seed, until so many faults struck or one broke a promise.

The seed of episode n is `seed * 100_000 + n`: `--desde n --episodios 1` repeats it alone.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from torture import disk_shim, plan
from torture.box import SERVE
from torture.disk_shim import Mode, Op, Rule
from torture.episode import Episode, Outcome, Setting
from torture.model import Finding

_ROOM = 2 * 1024**3
"""Free bytes that memory must have for the boxes to lie there; else they lie on the disk."""


@dataclass(slots=True)
class Result:
    """What a run came to. `kept`: folders of episodes with findings."""

    seed: int
    steps: int
    planted: str = ""
    episodes: list[Outcome] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def faults(self) -> Counter[str]:
        """How many of each kind struck."""
        return sum((one.faults for one in self.episodes), Counter())

    @property
    def figures(self) -> Counter[str]:
        """What else was counted."""
        return sum((one.figures for one in self.episodes), Counter())

    @property
    def statuses(self) -> Counter[str]:
        """Answers of the server, by status and code."""
        return sum((one.statuses for one in self.episodes), Counter())

    @property
    def findings(self) -> list[tuple[int, Finding]]:
        """Every broken promise, with the seed of its episode."""
        return [(one.seed, finding) for one in self.episodes for finding in one.findings]


LIES: dict[str, Rule] = {
    "lotes-sin-sync": Rule((Op.SYNC,), Mode.LIE, "*/caja/diario/*.tmp", count=disk_shim.FOREVER),
    "carpeta-sin-sync": Rule((Op.SYNC_FOLDER,), Mode.LIE, "*/caja/diario", count=disk_shim.FOREVER),
    "segunda-sin-sync": Rule((Op.SYNC,), Mode.LIE, "*/segunda/*.tmp", count=disk_shim.FOREVER),
}
"""Defects of the disk that the run must find: a sync that answers well and does nothing."""

ENTRIES: dict[str, tuple[str, ...]] = {
    name: ("-m", "torture.planted", name) for name in ("sin-esperar-segunda", "acuse-antes", "sobre-dos-veces")
}
"""Defects of the server that the run must find (torture/planted.py)."""


def run(
    seed: int,
    faults: int,
    *,
    steps: int = 80,
    first: int = 1,
    episodes: int | None = None,
    folder: Path | None = None,
    planted: str = "",
    shim: bool = True,
    on_episode: Callable[[int, Result], None] = lambda number, result: None,
) -> Result:
    """Run until `faults` have struck, `episodes` are done, or something was found.

    Raises NoCompilerError; without the `shim` no compiler is needed, and faults of disk, light and clock are left out.
    """
    began = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix="acopio-tortura-", dir=folder or _memory())).resolve()
    result = Result(seed, steps, planted)
    library = disk_shim.build(work) if shim else None
    base = Setting(0, work, library, planted=LIES.get(planted), entry=ENTRIES.get(planted, SERVE))
    number = first
    try:
        while not result.findings and result.faults.total() < faults:
            if episodes is not None and number >= first + episodes:
                break
            own = seed * 100_000 + number
            setting = replace(base, seed=own, folder=work / f"episodio-{number}")
            outcome = asyncio.run(Episode(setting, plan.draw(own, steps, setting.groups)).run())
            result.episodes.append(outcome)
            result.seconds = time.monotonic() - began
            if outcome.findings:
                result.kept.append(setting.folder)
            else:
                shutil.rmtree(setting.folder)
            on_episode(number, result)
            number += 1
    finally:
        if not result.kept:
            shutil.rmtree(work, ignore_errors=True)
    return result


def _memory() -> Path | None:
    """A folder in memory, so that the machine's own disk is neither worn nor waited for; None when there is no room."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM:
        return memory
    return None
