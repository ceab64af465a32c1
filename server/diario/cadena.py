"""The chain of lotes: which number comes next, which one it must name, and what is newer than the index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from server.diario import lote as lotes
from server.diario.lote import FIRST_ANTERIOR, LoteBuilder, Manifiesto
from server.errors import DiarioError


class Diario:
    """The folder of lotes and the end of its chain. Used by the write thread only, once recovery is over."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ultimo = 0
        """Number of the newest lote that the index has; 0 when there is none."""
        self.resumen = FIRST_ANTERIOR
        """Hash of that lote's manifest."""
        self.read_soon = False
        """Whether a second copy reads each lote as soon as it is written."""

    def prepare(self) -> None:
        """Make the folder, drop what an interrupted write left under a temporary name, and sync the names.

        Always, and before anything is read: a lote that was renamed just before the process was killed is about to
        enter the index, and its acuses to be given, though nobody ever synced its name.
        """
        if not self.folder.exists():
            self.folder.mkdir(parents=True, mode=0o700)
            lotes.sync_folder(self.folder.parent.parent)
        for path in self.folder.glob("*.tmp"):
            path.unlink()
        # The folder's own name must survive a power cut too, or the first lotes would be nowhere.
        lotes.sync_folder(self.folder.parent)
        lotes.sync_folder(self.folder)

    def begin(self, creado: str) -> LoteBuilder:
        """A new lote at the end of the chain."""
        return LoteBuilder(self.ultimo + 1, self.resumen, creado, self.read_soon)

    def advance(self, numero: int, resumen: bytes) -> None:
        """The lote `numero` is in the index now."""
        self.ultimo, self.resumen = numero, resumen

    def withdraw(self, numero: int) -> None:
        """Take back a lote whose index commit failed, before anyone was told of it. Raises OSError."""
        (self.folder / lotes.file_name(numero)).unlink(missing_ok=True)
        lotes.sync_folder(self.folder)

    def newer_than(self, numero: int, resumen: bytes) -> Iterator[tuple[Manifiesto, bytes]]:
        """The lotes after `numero`, in order, each checked against the one before. Raises DiarioError at a hole."""
        for found in lotes.numbers(self.folder):
            if found <= numero:
                continue
            if found != numero + 1:
                raise DiarioError(f"Falta el lote {numero + 1} en el diario; el siguiente es el {found}.")
            manifest, digest = lotes.read_manifest(self.folder / lotes.file_name(found))
            if manifest.anterior != resumen.hex():
                raise DiarioError(f"El lote {found} no sigue al {numero}: la cadena está rota.")
            yield manifest, digest
            numero, resumen = found, digest
