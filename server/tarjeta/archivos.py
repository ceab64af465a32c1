"""The files of a card: found, read, answered. Of what is on it nothing is ever deleted or altered (SPEC §12).

Only answers are written, each under a temporary name first. A card is nobody's friend: links are not followed, odd
names are names like any other, and a file may change or vanish while it is read.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from sync_protocol import tarjeta
from sync_protocol.sobre import MAGIC, MAX_SOBRE


@dataclass(frozen=True, slots=True)
class Archivo:
    """A file that is offered as a sobre. `relativo`: below the card's folder; `tam`: bytes, as the folder says."""

    relativo: Path
    tam: int


@dataclass(frozen=True, slots=True)
class Encontrado:
    """What a look over the card gave. `ajenos`: files that are none of ours; `ilegibles`: could not be looked at."""

    sobres: tuple[Archivo, ...]
    ajenos: int
    ilegibles: tuple[Path, ...]


class CardGoneError(Exception):
    """The card was pulled out."""


@dataclass(frozen=True, slots=True)
class Tarjeta:
    """A card's folder, as it was when the import began: another device under the same path is another card."""

    carpeta: Path
    dispositivo: int
    inodo: int

    @classmethod
    def at(cls, folder: Path) -> Tarjeta:
        """Raises OSError."""
        found = folder.stat()
        return cls(folder, found.st_dev, found.st_ino)

    def check(self) -> None:
        """Raises CardGoneError when this is not that card any more."""
        try:
            now = self.carpeta.stat()
            os.listdir(self.carpeta)  # noqa: PTH208 -- a card that is gone fails here, not in stat
        except OSError as error:
            raise CardGoneError(str(self.carpeta)) from error
        if (now.st_dev, now.st_ino) != (self.dispositivo, self.inodo):
            raise CardGoneError(str(self.carpeta))

    def look(self) -> Encontrado:
        """Every sobre on the card, by name: the sobres of a phone come in the order of their counters."""
        sobres: list[Archivo] = []
        unreadable: list[Path] = []
        others = 0

        def failed(error: OSError) -> None:
            unreadable.append(Path(os.fsdecode(error.filename or self.carpeta)))

        for folder, folders, names in os.walk(self.carpeta, onerror=failed):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                path = Path(folder, name)
                try:
                    size, head = _peek(path)
                except OSError:
                    if name.lower().endswith(tarjeta.SOBRE):
                        unreadable.append(path)
                    else:
                        others += 1
                    continue
                if size is not None and tarjeta.is_sobre(name, head):
                    sobres.append(Archivo(path.relative_to(self.carpeta), size))
                elif not tarjeta.is_answer(name):
                    others += 1
        return Encontrado(tuple(sobres), others, tuple(unreadable))

    def read(self, archivo: Archivo) -> bytes:
        """The file's bytes, at most one more than a sobre may have. Raises OSError."""
        fd = _open(self.carpeta / archivo.relativo)
        with os.fdopen(fd, "rb") as file:
            return file.read(MAX_SOBRE + 1)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)


def _peek(path: Path) -> tuple[int | None, bytes]:
    """(size, first bytes); no size for what is no plain file."""
    if not stat.S_ISREG(path.lstat().st_mode):
        return None, b""
    fd = _open(path)
    try:
        return os.fstat(fd).st_size, os.read(fd, len(MAGIC))
    finally:
        os.close(fd)


class Respuestas:
    """Where answers go: beside the sobres of `tarjeta`, or into a folder of their own with the same paths below it."""

    def __init__(self, carpeta: Path, tarjeta: Tarjeta | None = None) -> None:
        self._carpeta = carpeta
        self._tarjeta = tarjeta
        self._touched: set[Path] = set()

    @classmethod
    def beside(cls, tarjeta: Tarjeta) -> Respuestas:
        """On the card itself: nothing is ever written to the empty folder that a card leaves behind."""
        return cls(tarjeta.carpeta, tarjeta)

    def writable(self) -> bool:
        """Whether answers can be written here at all; nothing is tried."""
        try:
            return os.access(self._carpeta, os.W_OK) and not os.statvfs(self._carpeta).f_flag & os.ST_RDONLY
        except OSError:
            return False

    def put(self, archivo: Archivo, suffix: str, content: bytes, fallback: str, slot: int) -> bool:
        """Write an answer unless exactly it is there already; says whether it was written. Raises OSError.

        `fallback`: the name without suffix if the sobre's own is too long for one; `slot`: whose temporary name.
        """
        folder = self._carpeta / archivo.relativo.parent
        try:
            return self._put(folder, archivo.relativo.name + suffix, content, slot)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return self._put(folder, fallback + suffix, content, slot)

    def _put(self, folder: Path, name: str, content: bytes, slot: int) -> bool:
        target = folder / name
        try:
            with os.fdopen(_open(target), "rb") as file:
                if file.read(len(content) + 1) == content:
                    return False
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise
        if self._tarjeta is None:
            folder.mkdir(parents=True, exist_ok=True)
        elif folder.stat().st_dev != self._tarjeta.dispositivo:
            raise OSError(errno.ENODEV, "la tarjeta ya no está")
        temporary = folder / f".acopio-{slot}.tmp"
        temporary.unlink(missing_ok=True)
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            with os.fdopen(fd, "wb") as file:
                file.write(content)
            temporary.rename(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        self._touched.add(folder)
        return True

    def settle(self) -> None:
        """Everything written so far is on the card when this returns. Raises OSError, or CardGoneError.

        Once for all of them: a sync for each would take minutes on a slow card, and an answer that is torn by a card
        pulled out too soon is found and written again next time.
        """
        if self._tarjeta is not None:
            self._tarjeta.check()
        for folder in sorted(self._touched)[:1]:
            fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                _sync_filesystem(fd)
            finally:
                os.close(fd)


def _sync_filesystem(fd: int) -> None:
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()
    elif syncfs(fd) != 0:
        raise OSError(ctypes.get_errno(), "syncfs")
