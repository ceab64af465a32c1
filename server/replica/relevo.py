"""Putting a restored box in the place of what was there, so that a crash in the middle can be finished.

Everything happens inside the data folder, by renames: its own name may be a mount point, or its parent not ours to
write (systemd, containers). `restaurando/` becomes the box's content; what was there goes to `anterior-<moment>/`, and
nothing is deleted.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from server.diario.lote import sync_folder
from server.store import padron

WORK = "restaurando"
READY = "verificado"
"""Written into the work folder when all of it has been verified: from then on the exchange is only to be finished."""
PLACING = "colocando"
"""The same, once the old content is out of the way."""
BEFORE = "anterior-"
_STAY = ("candado", WORK, padron.CARPETA)
"""The padrón's files are named by their content, and no backup has them: an index that comes back finds its own."""


def begin(datos: Path) -> Path:
    """An empty work folder. What an interrupted restore left there unverified is dropped."""
    work = datos / WORK
    if work.exists():
        shutil.rmtree(work)
    work.mkdir(mode=0o700)
    return work


def pending(datos: Path) -> bool:
    """Whether an exchange was begun and not finished: until it is, the folder is neither the old box nor the new."""
    return any((datos / WORK / mark).exists() for mark in (READY, PLACING))


def exchange(datos: Path, moment: str) -> Path:
    """Put the verified work folder in place; returns where the old content is. Raises OSError."""
    work = datos / WORK
    _sync_tree(work)
    name, again = BEFORE + moment, 1
    while (datos / name).exists():  # two restores in one second: what the first kept stays apart
        again += 1
        name = f"{BEFORE}{moment}-{again}"
    temporary = work / f"{READY}.tmp"
    with temporary.open("w", encoding="ascii") as file:
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(work / READY)
    sync_folder(work)
    return finish(datos)


def finish(datos: Path) -> Path:
    """The exchange itself, from wherever it stopped: first the old content out, then the new one in."""
    work = datos / WORK
    placing = work / PLACING
    if not placing.exists():
        before = datos / (work / READY).read_text(encoding="ascii")
        before.mkdir(mode=0o700, exist_ok=True)
        for path in datos.iterdir():
            if path.name not in _STAY and not path.name.startswith(BEFORE):
                path.rename(before / path.name)
        sync_folder(before)
        sync_folder(datos)
        (work / READY).rename(placing)
        sync_folder(work)
    before = datos / placing.read_text(encoding="ascii")
    for path in work.iterdir():
        if path != placing:
            path.rename(datos / path.name)
    sync_folder(datos)
    placing.unlink()
    work.rmdir()
    with contextlib.suppress(OSError):
        before.rmdir()  # there was nothing to keep
    sync_folder(datos)
    return before


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
    sync_folder(folder)
