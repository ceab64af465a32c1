"""Files that a browser sends in place of a card: sobres one by one, or the card's folder as a .zip or .tar (row X7).

Nobody's word is taken for what a file is or how large: names are made harmless, archives are read member by member,
and neither may cost more memory or disk than is said here.
"""

from __future__ import annotations

import errno
import io
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO

from server.tarjeta.archivos import Archivo
from sync_protocol import tarjeta
from sync_protocol.sobre import MAGIC, MAX_SOBRE

MAX_FILES = 20_000
"""Files of one delivery."""
MAX_BYTES = 2 * 1024**3
"""Bytes of sobres of one delivery."""
MAX_ENTRIES = 100_000
"""Entries of an archive that are looked at, sobres or not."""
MAX_READ = 4 * 1024**2
"""Bytes that a reader of archives may take into memory at once: its lists are as long as a stranger says."""
RESERVE = 600 * 1024**2
"""Free bytes that are not for deliveries: the diario is on the same disk."""
_COMPONENTS = 6
_NAME_BYTES = 150
_CHUNK = 64 * 1024
_HEAD = 512
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, ValueError, IndexError)
"""What the standard library says of a damaged archive; IndexError where a length in a zip's header lies."""


class Clase(StrEnum):
    """What a file turned out to be. ILEGIBLE: part of an archive that cannot be read."""

    SOBRE = "sobre"
    RESPUESTA = "respuesta"
    AJENO = "ajeno"
    ILEGIBLE = "ilegible"


@dataclass(frozen=True, slots=True)
class Recibido:
    """One file. `nombre`: as it is shown, and where its answer goes; `tam`: bytes kept, 0 when it was not."""

    nombre: str
    clase: Clase
    tam: int = 0


@dataclass(slots=True)
class Charola:
    """Where the sobres of a delivery are laid. `avisos`: what a person should know of archives that were not whole.

    `reserva`: bytes of the disk that it leaves alone.
    """

    carpeta: Path
    reserva: int = RESERVE
    recibidos: list[Recibido] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)
    _bytes: int = 0
    _full: bool = False

    def take(self, name: str, content: IO[bytes]) -> None:
        """One uploaded file; an archive is opened. `content` can seek and stands at its beginning. Raises OSError."""
        head = content.read(_HEAD)
        content.seek(0)
        base = PurePosixPath(safe_path(name)).name
        if tarjeta.is_sobre(base, head):
            self._keep(name, content)
        elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            self._archive(base, _zip_members(content))
        elif head[257:262] == b"ustar":
            self._archive(base, _tar_members(content))
        else:
            self._note(name, Clase.RESPUESTA if tarjeta.is_answer(base) else Clase.AJENO)

    def sobres(self) -> tuple[Archivo, ...]:
        """What is to be taken in, by name: the sobres of a phone come in the order of their counters."""
        found = [Archivo(Path(one.nombre), one.tam) for one in self.recibidos if one.clase is Clase.SOBRE]
        return tuple(sorted(found, key=lambda one: one.relativo))

    def _archive(self, name: str, members: Iterator[tuple[str, IO[bytes]]]) -> None:
        try:
            for entry, (path, content) in enumerate(members):
                if self._full or entry >= MAX_ENTRIES:
                    self._say(f"«{name}» trae demasiados archivos: se tomaron los primeros. Suba el resto aparte.")
                    return
                self._member(path, content)
        except _DAMAGED:
            self._say(f"«{name}» está dañado o incompleto: se tomó lo que se pudo leer. Haga el archivo otra vez.")
        except (NotImplementedError, RuntimeError):
            self._say(f"«{name}» tiene contraseña o una compresión que no se admite: use un .zip o .tar común.")

    def _member(self, path: str, content: IO[bytes]) -> None:
        base = PurePosixPath(safe_path(path)).name
        try:
            head = content.read(len(MAGIC))
            if tarjeta.is_sobre(base, head):
                self._keep(path, content, head)
            else:
                self._note(path, Clase.RESPUESTA if tarjeta.is_answer(base) else Clase.AJENO)
        except _DAMAGED:
            self._note(path, Clase.ILEGIBLE)

    def _keep(self, name: str, content: IO[bytes], head: bytes = b"") -> None:
        """At most one byte more than a sobre may have: enough to see that it is too large."""
        if len(self.recibidos) >= MAX_FILES or self._bytes >= MAX_BYTES:
            if not self._full:
                self._say(
                    "Son demasiados archivos para una sola entrega: se tomaron los primeros. Suba el resto aparte."
                )
            self._full = True
            return
        if shutil.disk_usage(self.carpeta).free < self.reserva:
            raise OSError(errno.ENOSPC, "the disk is for the diario")
        shown = self._name(name)
        target = self.carpeta / shown
        target.parent.mkdir(parents=True, exist_ok=True)
        size = 0
        try:
            with target.open("xb") as file:
                chunk = head
                while True:
                    size += file.write(chunk)
                    chunk = content.read(min(_CHUNK, MAX_SOBRE + 1 - size))
                    if not chunk:
                        break
        except BaseException:
            target.unlink(missing_ok=True)
            self._taken.discard(shown.casefold())
            raise
        self._bytes += size
        self.recibidos.append(Recibido(shown, Clase.SOBRE, size))

    def _note(self, name: str, clase: Clase) -> None:
        if len(self.recibidos) < MAX_FILES:
            self.recibidos.append(Recibido(safe_path(name), clase))
        else:
            self._full = True

    def _say(self, text: str) -> None:
        if text not in self.avisos:
            self.avisos.append(text)

    def _name(self, name: str) -> str:
        """Where it is laid: never where another lies, whatever the case of its letters."""
        path = safe_path(name)
        number = 1
        while (shown := path if number == 1 else f"otra-{number}/{path}").casefold() in self._taken:
            number += 1
        self._taken.add(shown.casefold())
        return shown


def safe_path(name: str) -> str:
    """A name that somebody gave, as a path below a folder: no way up or out, no controls, nothing too long."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    clean = [_component(part) for part in parts[-_COMPONENTS:]]
    return "/".join(clean) or "sin-nombre"


def _component(part: str) -> str:
    shown = "".join(sign if sign.isprintable() and sign not in ':*?"<>|' else "_" for sign in part)
    raw = shown.encode("utf-8", "replace")
    if len(raw) <= _NAME_BYTES:
        return raw.decode("utf-8")
    # The end says what it is: `.sobre`, `.acuse`.
    return raw[: _NAME_BYTES - 40].decode("utf-8", "ignore") + "…" + raw[-30:].decode("utf-8", "ignore")


class _Guarded(io.RawIOBase):
    """A file whose reader cannot be made to take more than MAX_READ at once by what is written in it."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MAX_READ:
            raise ValueError("too much at once")
        content = self._inner.read(MAX_READ + 1 if size is None or size < 0 else size)
        if len(content) > MAX_READ:
            raise ValueError("too much at once")
        return content


def _zip_members(content: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(_Guarded(content)) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                with archive.open(info) as member:
                    yield info.filename, member


def _tar_members(content: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=_Guarded(content), mode="r:") as archive:  # plain: sobres do not get smaller
        while (info := archive.next()) is not None:
            vars(archive)["members"].clear()  # it would keep every one
            member = archive.extractfile(info) if info.isreg() and not info.issparse() else None
            if member is not None:
                yield info.name, member
    content.seek(-min(_HEAD, content.seek(0, io.SEEK_END)), io.SEEK_END)
    if any(content.read(_HEAD)):
        raise tarfile.ReadError("no end")  # cut between two members: tarfile would say nothing
