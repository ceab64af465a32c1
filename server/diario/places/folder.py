"""A folder as the second place: another disk, a mounted share. It must exist already.

Bytes go from page cache to page cache inside the kernel (`sendfile`, which never shares blocks between both files as
`copy_file_range` may), and one sync of the folder serves a whole group.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from server.diario.lote import file_name, give_cache_back, sync_folder
from server.diario.places.place import APARTADOS, Motivo, Moved, PlaceError, Taken

_CHUNK = 8 * 1024 * 1024
_PROBE = "prueba"


class FolderPlace:
    """A folder, best on another disk. An unmounted disk must not look like an empty one, so it is never created."""

    clase = "carpeta"

    def __init__(self, folder: Path, beside: Path | None = None) -> None:
        """`beside`: the diario; a folder on the same disk is said to be."""
        self.folder = folder
        self._beside = beside
        self.nota = ""

    def describe(self) -> str:
        return f"carpeta {self.folder}"

    def connect(self) -> None:
        self._present()
        same_disk = self._beside is not None and self._beside.stat().st_dev == self.folder.stat().st_dev
        self.nota = (
            "Está en el mismo disco que el diario: si el disco se pierde, se pierden ambos." if same_disk else ""
        )
        self.store(_PROBE, b"acopio\n")
        (self.folder / _PROBE).unlink()
        # A lote may have its name without ever having been synced there: a kill, or a failed sync, came in between.
        sync_folder(self.folder)

    def listing(self, moved: Moved) -> Mapping[int, int]:
        self._present()
        return sizes(self.folder, moved)

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        self._present()
        with contextlib.ExitStack() as stack:
            written = [self._write(stack, numero, path, moved) for numero, path in group]
            for fd, _, _ in written:
                os.fsync(fd)
                give_cache_back(fd)
                moved()
            for _, temporary, final in written:
                if os.path.lexists(final):
                    self._must_be_the_same(temporary, final)
                else:
                    temporary.rename(final)
        sync_folder(self.folder)
        for numero, _ in group:
            taken(numero)

    def _write(self, stack: contextlib.ExitStack, numero: int, path: Path, moved: Moved) -> tuple[int, Path, Path]:
        final = self.folder / file_name(numero)
        temporary = final.with_suffix(".tmp")
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            target = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, target)
            size, done = os.fstat(source).st_size, 0
            while done < size:
                sent = os.sendfile(target, source, done, min(_CHUNK, size - done))
                if not sent:
                    raise PlaceError(Motivo.FALLA, f"el lote {numero} se acortó mientras se copiaba")
                done += sent
                moved()
            give_cache_back(source)
        finally:
            os.close(source)
        return target, temporary, final

    def _must_be_the_same(self, temporary: Path, final: Path) -> None:
        same = temporary.read_bytes() == final.read_bytes()
        temporary.unlink()
        if not same:
            raise PlaceError(Motivo.DISTINTA, f"ya había otro {final.name}")

    def read(self, numero: int, posicion: int, tam: int) -> bytes:
        fd = os.open(self.folder / file_name(numero), os.O_RDONLY | os.O_CLOEXEC)
        try:
            # What memory still holds says nothing about the disk.
            os.posix_fadvise(fd, posicion, tam, os.POSIX_FADV_DONTNEED)
            return os.pread(fd, tam, posicion)
        finally:
            os.close(fd)

    def checksum(self, numero: int) -> bytes | None:
        return None

    def set_aside(self, numero: int, marca: str) -> None:
        aside = self.folder / APARTADOS
        if not aside.is_dir():
            aside.mkdir(mode=0o700)
            sync_folder(self.folder)
        target = aside / f"{numero:010d}.{marca}.tar"
        if target.exists():
            raise PlaceError(Motivo.DISTINTA, "ya hay un lote apartado con ese nombre")
        (self.folder / file_name(numero)).rename(target)
        sync_folder(aside)
        sync_folder(self.folder)

    def load(self, nombre: str) -> bytes | None:
        try:
            return (self.folder / nombre).read_bytes()
        except FileNotFoundError:
            return None

    def store(self, nombre: str, content: bytes) -> None:
        self._present()
        temporary = self.folder / f"{nombre}.tmp"
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(fd)
        temporary.rename(self.folder / nombre)
        sync_folder(self.folder)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _present(self) -> None:
        if not self.folder.is_dir():
            raise PlaceError(Motivo.NO_ESTA, "la carpeta no existe")


def sizes(folder: Path, moved: Moved = lambda: None) -> dict[int, int]:
    """Every lote of a folder by its number, with its size. Files with other names are passed over. Raises OSError."""
    return dict(_sizes(folder, moved))


def _sizes(folder: Path, moved: Moved) -> Iterator[tuple[int, int]]:
    with os.scandir(folder) as entries:
        for n, entry in enumerate(entries):
            if n % 1_000 == 0:
                moved()
            numero = number_of(entry.name)
            if numero is not None:
                yield numero, entry.stat().st_size


def number_of(name: str) -> int | None:
    """The number of the lote with this file name; None when it is no lote's."""
    stem, dot, suffix = name.partition(".")
    if dot and suffix == "tar" and len(stem) == 10 and stem.isascii() and stem.isdigit():
        return int(stem)
    return None
