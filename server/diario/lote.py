"""One lote: a plain tar file with the sobres of one group commit, their acuses, and a manifest (row X1).

Anyone can read it with `tar`. The manifest is the last member, so that offsets are known while the lote grows and a
lote without one is torn. It lists every member with its SHA-256 and names the manifest before it: hashing the
manifest alone seals the whole lote and the chain. Written under a temporary name, synced, renamed, folder synced.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from server.errors import DiarioError

MANIFEST = "manifiesto.json"
FIRST_ANTERIOR = bytes(32)
_BLOCK = 512
_NAME_LENGTH = 100
_END = bytes(2 * _BLOCK)
_MAX_WRITEV = 512
_MAX_MANIFEST = 64 * 1024 * 1024


def file_name(numero: int) -> str:
    """`0000000123.tar`."""
    return f"{numero:010d}.tar"


class Miembro(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the tar: where its bytes begin and what they must hash to."""

    nombre: str
    posicion: int
    tam: int
    sha256: str


class Entrada(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One fact of a lote. `clase`: `sobre` (with acuse), `conflicto` (without), or `evento` (alta, baja; no file)."""

    clase: str
    datos: dict[str, Any]
    sobre: Miembro | None = None
    acuse: Miembro | None = None


class Manifiesto(msgspec.Struct, frozen=True, kw_only=True):
    """The last member of a lote."""

    lote: int
    anterior: str
    creado: str
    entradas: list[Entrada]
    v: int = 1


@dataclass(slots=True)
class LoteBuilder:
    """A lote that is being gathered in memory. Not thread-safe: it belongs to the write thread."""

    numero: int
    anterior: bytes
    creado: str
    read_soon: bool = False
    """A second copy will read the file at once."""
    _chunks: list[bytes | memoryview] = field(default_factory=list)
    _entradas: list[Entrada] = field(default_factory=list)
    _size: int = 0

    def __len__(self) -> int:
        return len(self._entradas)

    @property
    def size(self) -> int:
        """Bytes gathered so far."""
        return self._size

    def mark(self) -> tuple[int, int, int]:
        """A point to come back to when the operation that adds next fails."""
        return len(self._chunks), len(self._entradas), self._size

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what was added since `mark`."""
        chunks, entradas, self._size = mark
        del self._chunks[chunks:]
        del self._entradas[entradas:]

    def add(
        self,
        clase: str,
        datos: dict[str, Any],
        *,
        sobre: tuple[str, bytes | memoryview, bytes] | None = None,
        acuse: tuple[str, bytes] | None = None,
    ) -> int:
        """Add a fact; `sobre` is (name, bytes, SHA-256). Returns where the sobre's bytes will begin, or -1."""
        miembro = self._member(*sobre) if sobre else None
        recibo = self._member(acuse[0], acuse[1], hashlib.sha256(acuse[1]).digest()) if acuse else None
        self._entradas.append(Entrada(clase=clase, datos=datos, sobre=miembro, acuse=recibo))
        return miembro.posicion if miembro else -1

    def _member(self, nombre: str, content: bytes | memoryview, digest: bytes) -> Miembro:
        self._chunks.append(header(nombre, len(content)))
        posicion = self._size + _BLOCK
        self._chunks.append(content)
        padding = -len(content) % _BLOCK
        self._chunks.append(bytes(padding))
        self._size = posicion + len(content) + padding
        return Miembro(nombre=nombre, posicion=posicion, tam=len(content), sha256=digest.hex())

    def write(self, folder: Path) -> bytes:
        """Put the lote on stable storage. Returns the hash of its manifest: the next lote's `anterior`.

        Raises OSError; then nothing with the lote's final name exists.
        """
        manifest = msgspec.json.encode(
            Manifiesto(
                lote=self.numero, anterior=self.anterior.hex(), creado=self.creado, entradas=list(self._entradas)
            )
        )
        resumen = hashlib.sha256(manifest).digest()
        self._member(MANIFEST, manifest, resumen)
        self._chunks.append(_END)
        self._size += len(_END)
        final = folder / file_name(self.numero)
        temporary = final.with_suffix(".tmp")
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                _write_all(fd, self._chunks)
                os.fsync(fd)
                if not self.read_soon:
                    give_cache_back(fd)
            finally:
                os.close(fd)
            temporary.rename(final)
            sync_folder(folder)
        except OSError:
            temporary.unlink(missing_ok=True)
            final.unlink(missing_ok=True)
            raise
        return resumen


def header(nombre: str, tam: int) -> bytes:
    """The tar header of a member, byte for byte as `tarfile` writes it: that takes longer than the member's row.

    `nombre`: at most 100 characters of ASCII; `tam`: bytes, under 8 GiB. Raises ValueError.
    """
    block = bytearray(_TEMPLATE)
    name = nombre.encode("ascii")
    if len(name) > _NAME_LENGTH:
        raise ValueError(f"{len(name)} caracteres: {nombre}")
    block[: len(name)] = name
    block[124:135] = b"%011o" % tam
    block[148:155] = b"%06o\0" % sum(block)
    return bytes(block)


def _template() -> bytes:
    info = tarfile.TarInfo("")
    info.mode = 0o600
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    block[148:156] = b" " * 8  # as which the checksum counts itself
    return bytes(block)


_TEMPLATE = _template()


def _write_all(fd: int, chunks: list[bytes | memoryview]) -> None:
    views = [memoryview(chunk) for chunk in chunks if len(chunk)]
    while views:
        written = os.writev(fd, views[:_MAX_WRITEV])
        done = 0
        while done < len(views) and written >= len(views[done]):
            written -= len(views[done])
            done += 1
        views = views[done:]
        if written:
            views[0] = views[0][written:]


def give_cache_back(fd: int) -> None:
    """Tell the kernel that nobody will read this synced file soon: its pages serve the next one.

    Writing to pages that were just used costs a third of writing to fresh ones, on a virtual machine above all.
    """
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folder(folder: Path) -> None:
    """Make a rename or an unlink in this folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_manifest(path: Path) -> tuple[Manifiesto, bytes]:
    """The manifest of a lote and its hash. Raises DiarioError when the lote is torn or is something else."""
    try:
        with tarfile.open(path, "r:") as tar:
            members = tar.getmembers()
            last = members[-1] if members else None
            if last is None or last.name != MANIFEST or last.size > _MAX_MANIFEST:
                raise DiarioError(f"El lote {path.name} está incompleto: no tiene manifiesto.")
            raw = _content(path, last.offset_data, last.size)
        manifest = msgspec.json.decode(raw, type=Manifiesto)
    except (tarfile.TarError, msgspec.MsgspecError, EOFError) as error:
        raise DiarioError(f"El lote {path.name} no se puede leer.") from error
    if file_name(manifest.lote) != path.name:
        raise DiarioError(f"El lote {path.name} dice ser el {manifest.lote}.")
    return manifest, hashlib.sha256(raw).digest()


def _content(path: Path, posicion: int, tam: int) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = os.pread(fd, tam, posicion)
    finally:
        os.close(fd)
    if len(content) != tam:
        raise DiarioError(f"El lote {path.name} está truncado.")
    return content


def read_member(folder: Path, numero: int, posicion: int, tam: int) -> bytes:
    """The bytes of one member, with one pread. Raises DiarioError or OSError."""
    return _content(folder / file_name(numero), posicion, tam)


def verify(path: Path) -> Manifiesto:
    """Read a whole lote and check every member against its manifest. Raises DiarioError."""
    manifest, _ = read_manifest(path)
    for entrada in manifest.entradas:
        for miembro in (entrada.sobre, entrada.acuse):
            if miembro is None:
                continue
            content = _content(path, miembro.posicion, miembro.tam)
            if hashlib.sha256(content).hexdigest() != miembro.sha256:
                raise DiarioError(f"En el lote {path.name}, {miembro.nombre} está alterado.")
    return manifest


def numbers(folder: Path) -> Iterator[int]:
    """The numbers of the lotes in a folder, ascending. Files with other names are passed over."""
    found = (int(path.stem) for path in folder.glob("*.tar") if path.stem.isascii() and path.stem.isdigit())
    yield from sorted(found)
