"""What a disk really holds: a model fed with the shim's log, from which a power cut is drawn.

The laws, as strict as POSIX and stricter than most file systems: bytes are safe once a sync of *their* file answered
well; a name (made, renamed, removed) is safe once a sync of *its folder* did. Everything else may be there or not,
written in another order, or torn at 512-byte sectors. A sync of a file that failed loses the bytes it covered: no
later one tries again.
"""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from torture.disk_shim import Op

SECTOR = 512
_HEAD = struct.Struct("<IBBHHQQI")
_RECORD = 0x4F504552
_CREATE, _TRUNCATE, _FOLDER = 1, 2, 4
NOT_ON_DISK = ("-shm", "candado")
"""Files that mean nothing after the machine went down: SQLite's shared memory, and the lock."""


@dataclass(slots=True)
class Change:
    """A write at an offset; with `data` None the file is cut or stretched to `offset`."""

    offset: int
    data: bytes | None

    def apply(self, content: bytearray) -> None:
        """Do it to these bytes; a hole is zeros."""
        if self.data is None:
            del content[self.offset :]
            content.extend(bytes(self.offset - len(content)))
            return
        end = self.offset + len(self.data)
        if end > len(content):
            content.extend(bytes(end - len(content)))
        content[self.offset : end] = self.data


@dataclass(slots=True, eq=False)
class File:
    """One file. `seen`: what processes read; `safe`: what is on the platter; `pending`: between the two, in order."""

    seen: bytearray = field(default_factory=bytearray)
    safe: bytearray = field(default_factory=bytearray)
    pending: list[Change] = field(default_factory=list)

    def change(self, change: Change) -> None:
        """A process changed it."""
        change.apply(self.seen)
        self.pending.append(change)

    def sync(self) -> None:
        """A sync answered well."""
        for change in self.pending:
            change.apply(self.safe)
        self.pending.clear()

    def fail(self, rng: random.Random) -> None:
        """A sync failed: what reached the platter is luck, and the rest is never tried again."""
        for change in self.pending:
            if rng.random() < 0.5:
                change.apply(self.safe)
        self.pending.clear()

    def cut(self, rng: random.Random) -> None:
        """The power went: some of what was pending is there."""
        if self.pending:
            for change in _survivors(self.pending, rng):
                change.apply(self.safe)
            self.pending.clear()
        self.seen = bytearray(self.safe)


class Folder:
    """A folder; its names are kept by the disk."""


Node = File | Folder


@dataclass(slots=True)
class Renaming:
    """One change of names, all of it or nothing: each path and what it names from then on (None: nothing)."""

    names: tuple[tuple[str, Node | None], ...]

    @property
    def folders(self) -> set[str]:
        """The folders whose sync makes it safe."""
        return {path.rpartition("/")[0] for path, _ in self.names}


class ShimBlindError(Exception):
    """The shim missed something that happened to the disk: no power cut drawn from its log could be believed."""


class Disk:
    """The watched folders as a disk would have them. What is there at the start is safe."""

    def __init__(self, log: Path, *roots: Path, seed: int) -> None:
        self._log, self._roots = log, roots
        self._rng = random.Random(seed)
        self._read_to = 0
        self._handles: dict[int, tuple[str, Node]] = {}
        self.names: dict[str, Node] = {}
        """As processes see them."""
        self.safe_names: dict[str, Node] = {}
        self.pending: list[Renaming] = []
        self.operations = 0
        for root in roots:
            self._load(root)
        self.safe_names = dict(self.names)

    def _load(self, path: Path) -> None:
        self.names[str(path)] = Folder()
        for found in sorted(path.iterdir()):
            if found.is_dir():
                self._load(found)
            elif not _fleeting(str(found)):
                content = found.read_bytes()
                self.names[str(found)] = File(bytearray(content), bytearray(content))

    # The log

    def follow(self) -> None:
        """Read what the log has grown by. No process may be writing to it."""
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._read_to)
            raw = file.read()
        at = 0
        while at < len(raw):
            magic, op, error, first, second, handle, offset, length = _HEAD.unpack_from(raw, at)
            if magic != _RECORD:
                raise ShimBlindError("la bitácora del disco está dañada")
            at += _HEAD.size
            path = raw[at : at + first].decode()
            other = raw[at + first : at + first + second].decode()
            at += first + second
            data = raw[at : at + length]
            at += length
            self.operations += 1
            self._happened(Op(op), bool(error), path, other, handle, offset, data)
        self._read_to += len(raw)

    def forget_log(self) -> None:
        """Begin the log anew; everything in it has been followed."""
        self._log.unlink(missing_ok=True)
        self._read_to = 0
        self._handles.clear()

    def _happened(self, op: Op, failed: bool, path: str, other: str, handle: int, offset: int, data: bytes) -> None:
        if op is Op.OPEN:
            self._open(path, handle, offset)
        elif op is Op.WRITE:
            self._file(handle).change(Change(offset, data))
        elif op is Op.TRUNCATE:
            (self._file(handle) if handle else self._named(path)).change(Change(offset, None))
        elif op in (Op.SYNC, Op.SYNC_FOLDER):
            self._sync(handle, failed)
        elif op is Op.MKDIR:
            self._rename((path, Folder()))
        elif op in (Op.UNLINK, Op.RMDIR):
            self._rename((path, None))
        elif op is Op.LINK:
            self._rename((other, self._named(path)))
        elif op is Op.RENAME:
            self._rename((path, None), (other, self._named(path)))

    def _open(self, path: str, handle: int, flags: int) -> None:
        node = self.names.get(path)
        if node is None:
            if not flags & _CREATE:
                raise ShimBlindError(f"se abrió {path}, que nadie creó")
            node = File()
            self._rename((path, node))
        if flags & _TRUNCATE and isinstance(node, File) and node.seen:
            node.change(Change(0, None))
        self._handles[handle] = path, node

    def _file(self, handle: int) -> File:
        node = self._handles[handle][1]
        assert isinstance(node, File)
        return node

    def _named(self, path: str) -> File:
        node = self.names.get(path)
        if not isinstance(node, File):
            raise ShimBlindError(f"{path} no es un archivo conocido")
        return node

    def _rename(self, *names: tuple[str, Node | None]) -> None:
        for path, node in names:
            if node is None:
                self.names.pop(path, None)
            else:
                self.names[path] = node
        self.pending.append(Renaming(names))

    def _sync(self, handle: int, failed: bool) -> None:
        path, node = self._handles[handle]
        if isinstance(node, File):
            if failed:
                node.fail(self._rng)
            else:
                node.sync()
            return
        if failed:
            return  # A file system that could not write its journal forgets nothing of it, or stops altogether.
        for one in self.pending:
            if path in one.folders:
                self._make_safe(one)
        self.pending = [one for one in self.pending if path not in one.folders]

    def _make_safe(self, renaming: Renaming) -> None:
        for path, node in renaming.names:
            if node is None:
                self.safe_names.pop(path, None)
            else:
                self.safe_names[path] = node

    # The power cut

    def check_sight(self) -> None:
        """What the model says processes see must be what is there. Raises ShimBlindError if the shim missed a call."""
        there = {
            str(found): found
            for root in self._roots
            for found in root.rglob("*")
            if not _fleeting(str(found)) and not found.is_socket()  # bound, not opened: it holds nothing
        }
        known = {path for path in self.names if not _fleeting(path)} - {str(root) for root in self._roots}
        if there.keys() != known:
            raise ShimBlindError(f"nombres que no cuadran: {sorted(there.keys() ^ known)[:4]}")
        for path, found in there.items():
            node = self.names[path]
            if isinstance(node, File) and found.read_bytes() != node.seen:
                raise ShimBlindError(f"{path} no contiene lo que se vio escribir")

    def cut_power(self) -> int:
        """Draw what the disk holds now, and make the folders hold just that. Returns how many changes were at stake."""
        stake = len(self.pending) + sum(len(file.pending) for file in self._files())
        for renaming in _some(self.pending, self._rng):
            self._make_safe(renaming)
        self.pending.clear()
        held: dict[str, Node] = {}
        for path in sorted(self.safe_names):
            whole = path in {str(root) for root in self._roots} or path.rpartition("/")[0] in held
            if whole and not _fleeting(path):
                held[path] = self.safe_names[path]
        self.names, self.safe_names = held, dict(held)
        for file in self._files():
            file.cut(self._rng)
        self.forget_log()
        self._write_out()
        return stake

    def _files(self) -> Iterator[File]:
        found = {id(node): node for names in (self.names, self.safe_names) for node in names.values()}
        yield from (node for node in found.values() if isinstance(node, File))

    def _write_out(self) -> None:
        for root in self._roots:
            for found in root.iterdir():
                if found.is_dir():
                    shutil.rmtree(found)
                else:
                    found.unlink()
        for path, node in self.names.items():
            if isinstance(node, Folder):
                Path(path).mkdir(mode=0o700, exist_ok=True)
            else:
                Path(path).write_bytes(node.safe)


def _fleeting(path: str) -> bool:
    return path.endswith(NOT_ON_DISK)


def _some(pending: list[Renaming], rng: random.Random) -> list[Renaming]:
    """Which changes of names survive: none, all, those up to some moment, or any of them."""
    draw = rng.random()
    if draw < 0.35:
        return []
    if draw < 0.6:
        return pending
    if draw < 0.9:
        return pending[: rng.randint(0, len(pending))]
    return [one for one in pending if rng.random() < 0.5]


def _survivors(pending: list[Change], rng: random.Random) -> list[Change]:
    """Which writes survive: none, all, those up to some moment with the last one torn, or any sectors of any."""
    draw = rng.random()
    if draw < 0.3:
        return []
    if draw < 0.5:
        return pending
    if draw < 0.75:
        upto = rng.randrange(len(pending))
        return [*pending[:upto], *_torn(pending[upto], rng)]
    return [piece for change in pending for piece in _torn(change, rng)]


def _torn(change: Change, rng: random.Random) -> list[Change]:
    """The sectors of a write that got there."""
    if change.data is None:
        return [change] if rng.random() < 0.5 else []
    pieces = []
    start = 0
    while start < len(change.data):
        end = min(len(change.data), start + SECTOR - (change.offset + start) % SECTOR)
        if rng.random() < 0.5:
            pieces.append(Change(change.offset + start, change.data[start:end]))
        start = end
    return pieces
