"""The second copy of each lote, made and synced before its acuses are given (SPEC §1.5; row X1).

A place is anything that can take a lote durably and say which it has. A folder (another disk, a mounted share) is
here; others stand behind the same three methods. The copier takes lotes in order and never skips one, so that
"copied up to N" is one number.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from server.diario import lote as lotes
from server.diario.lote import file_name, read_manifest, sync_folder
from server.errors import DiarioError

log = logging.getLogger("acopio.segunda_copia")


class SecondPlace(Protocol):
    """Where second copies go. Every method may raise OSError: the place is gone, full or slow."""

    def newest(self) -> int:
        """Number of the newest lote that it holds without a hole; 0 for none."""

    def put(self, path: Path, numero: int) -> None:
        """Take this lote durably. Taking it again is harmless."""

    def describe(self) -> str:
        """What the administrator calls it."""


class FolderPlace:
    """A folder, best on another disk. It must exist already: an unmounted disk must not look like an empty one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest(self) -> int:
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        numero = 0
        for found in lotes.numbers(self.folder):
            if found != numero + 1:
                break
            numero = found
        return numero

    def put(self, path: Path, numero: int) -> None:
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        final = self.folder / file_name(numero)
        temporary = final.with_suffix(".tmp")
        with path.open("rb") as source, temporary.open("wb") as target:
            shutil.copyfileobj(source, target, 1024 * 1024)
            target.flush()
            os.fsync(target.fileno())
            lotes.give_cache_back(target.fileno())
            lotes.give_cache_back(source.fileno())
        if temporary.stat().st_size != path.stat().st_size:
            raise OSError("la segunda copia quedó incompleta")
        temporary.rename(final)
        sync_folder(self.folder)

    def describe(self) -> str:
        return "carpeta"


class SecondCopy:
    """Copies lotes in order on a thread of its own, retries for ever, and tells how far it is."""

    def __init__(self, place: SecondPlace, diario: Path, *, on_advance: Callable[[int], None], pause_s: float = 1.0):
        self.place = place
        self._diario = diario
        self._on_advance = on_advance
        self._pause_s = pause_s
        self._wanted = 0
        self._wake = threading.Condition()
        self._stop = False
        self.confirmed = 0
        """Every lote up to this number is in the second place, synced."""
        self.error: str | None = None
        """Why the last attempt failed; None while all is well."""
        self._thread = threading.Thread(target=self._run, name="segunda-copia", daemon=True)

    def start(self, ultimo: int) -> None:
        """Begin; `ultimo` is the newest lote of the index."""
        self._wanted = ultimo
        self._thread.start()

    def want(self, numero: int) -> None:
        """A lote has been committed and is to be copied."""
        with self._wake:
            self._wanted = max(self._wanted, numero)
            self._wake.notify()

    def stop(self) -> None:
        """End the thread; what is not copied yet will be at the next start."""
        with self._wake:
            self._stop = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    @property
    def pending(self) -> int:
        """Lotes that are committed and not copied."""
        return max(0, self._wanted - self.confirmed)

    def _run(self) -> None:
        known = False
        while True:
            with self._wake:
                while not self._stop and known and self._wanted <= self.confirmed:
                    self._wake.wait()
                if self._stop:
                    return
                wanted = self._wanted
            try:
                if not known:
                    self._resume(wanted)
                    known = True
                    continue
                numero = self.confirmed + 1
                self.place.put(self._diario / file_name(numero), numero)
            except Exception as error:  # noqa: BLE001 -- a copier that dies in silence would stop every acuse unsaid
                known = False
                if self.error is None:
                    log.error("segunda copia detenida", extra={"datos": {"motivo": type(error).__name__}})
                self.error = type(error).__name__
                with self._wake:
                    self._wake.wait(self._pause_s)
                continue
            if self.error is not None:
                log.info("segunda copia restablecida")
                self.error = None
            self.confirmed = numero
            self._on_advance(numero)

    def _resume(self, wanted: int) -> None:
        """Find out how far the place really is: it may have lost lotes, or hold some that another box wrote."""
        newest = min(self.place.newest(), wanted)
        while newest > 0 and not self._same(newest):
            newest -= 1
        # Its name may be there without ever having been synced (a kill, or a failed sync, came between the two); those
        # before it were. So it is taken once more before anything rests on it.
        newest = max(0, newest - 1)
        self.confirmed = newest
        self._on_advance(newest)

    def _same(self, numero: int) -> bool:
        if not isinstance(self.place, FolderPlace):
            return True
        try:
            mine = read_manifest(self._diario / file_name(numero))[1]
            return read_manifest(self.place.folder / file_name(numero))[1] == mine
        except DiarioError:
            log.error("lote dañado en la segunda copia", extra={"datos": {"lote": numero}})
            return False
