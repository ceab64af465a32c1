"""Where lotes come back from: the second copy, a backup, what is left of the box itself.

A source can list numbers and bring a lote by its number; nothing that it brings is believed before it is verified.
A folder is read as what it is, so that a lote of the same disk costs nothing; other places by their own reading.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server import keyring
from server.diario import lote as lotes
from server.diario.places.place import SecondPlace
from server.errors import ConfigurationError, DiarioError

CHECKING = "revisando"
"""Where a lote lies until it is verified: its name is part of what is verified."""

_PIECE = 4 * 1024 * 1024


class Fuente(Protocol):
    """A place that has lotes. Every method may raise OSError: the place is gone, or cannot be read."""

    def numbers(self) -> Iterable[int]:
        """The numbers that it has, in any order; there may be holes."""

    def size(self, numero: int) -> int:
        """Bytes that bringing this lote would take on the disk to which it is brought."""

    def fetch(self, numero: int, target: Path) -> None:
        """Bring a lote to `target`, which does not exist yet. FileNotFoundError when it has none of this number."""

    def keys(self) -> bytes | None:
        """The wrapped keys that lie beside its lotes; None when there are none."""

    def describe(self) -> str:
        """What the administrator calls it."""


@dataclass(frozen=True, slots=True)
class Carpeta:
    """A folder of lotes. `llaves`: where the wrapped keys would be. `link`: on the same disk, no byte is copied."""

    folder: Path
    llaves: Path
    nombre: str
    link: bool = False

    def numbers(self) -> Iterable[int]:
        if not self.folder.is_dir():
            raise FileNotFoundError(self.folder)
        return lotes.numbers(self.folder)

    def size(self, numero: int) -> int:
        return 0 if self.link else (self.folder / lotes.file_name(numero)).stat().st_size

    def fetch(self, numero: int, target: Path) -> None:
        source = self.folder / lotes.file_name(numero)
        if self.link:
            os.link(source, target)
            return
        with source.open("rb") as reading, target.open("xb") as writing:
            shutil.copyfileobj(reading, writing, 1 << 20)
            writing.flush()
            os.fsync(writing.fileno())

    def keys(self) -> bytes | None:
        path = self.llaves / keyring.FILE
        return path.read_bytes() if path.exists() else None

    def describe(self) -> str:
        return self.nombre


class Lugar:
    """A second place of any kind (SFTP, S3) as a source: reached once, listed once, read in pieces."""

    def __init__(self, place: SecondPlace, nombre: str) -> None:
        self._place, self._nombre = place, nombre
        self._sizes: Mapping[int, int] | None = None

    def _listing(self) -> Mapping[int, int]:
        if self._sizes is None:
            self._place.connect()
            self._sizes = self._place.listing(lambda: None)
        return self._sizes

    def numbers(self) -> Iterable[int]:
        return self._listing()

    def size(self, numero: int) -> int:
        return self._listing()[numero]

    def fetch(self, numero: int, target: Path) -> None:
        if numero not in self._listing():
            raise FileNotFoundError(lotes.file_name(numero))
        posicion = 0
        with target.open("xb") as writing:
            while piece := self._place.read(numero, posicion, _PIECE):
                writing.write(piece)
                posicion += len(piece)
            writing.flush()
            os.fsync(writing.fileno())

    def keys(self) -> bytes | None:
        self._listing()
        return self._place.load(keyring.FILE)

    def describe(self) -> str:
        return self._nombre


def bring(fuente: Fuente, numero: int, folder: Path, anterior: bytes, resumen: bytes | None) -> int:
    """Put a lote into `folder`, once every byte of it is verified and it follows the one before; returns its size.

    `anterior`, `resumen`: 32 bytes, what the manifest before it hashes to, and itself where that is known. Raises
    DiarioError, OSError; then nothing of it is there. The folder is not synced.
    """
    name = lotes.file_name(numero)
    checking = folder / CHECKING
    checking.mkdir(exist_ok=True, mode=0o700)
    try:
        fuente.fetch(numero, checking / name)
        manifest = lotes.verify(checking / name)
        if manifest.anterior != anterior.hex():
            raise DiarioError(f"El lote {numero} no sigue al {numero - 1}.")
        if resumen is not None and lotes.read_manifest(checking / name)[1] != resumen:
            raise DiarioError(f"El lote {numero} no es el que el índice conoce.")
        size = (checking / name).stat().st_size
        (checking / name).rename(folder / name)
        return size
    finally:
        shutil.rmtree(checking)


def second_copy(place: Path) -> Fuente:
    """The second copy, as ACOPIO_SEGUNDA_COPIA names it. Raises ConfigurationError when it is not there."""
    if not place.is_dir():
        raise ConfigurationError(
            f"No existe la carpeta de la segunda copia ({place}): monte su disco, o corrija ACOPIO_SEGUNDA_COPIA."
        )
    return Carpeta(place, place, "la segunda copia")
