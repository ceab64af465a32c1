"""Partial files: what has arrived of an upload so far. The offset is the length of the file, and nothing else."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


class Partials:
    """The folder of partial files, one per upload id. Methods may raise OSError (a full disk, above all)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Make the folder."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, upload_id: str) -> Path:
        return self.folder / upload_id

    def offset(self, upload_id: str) -> int:
        """Bytes that can be read back; 0 when there are none."""
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, upload_id: str, offset: int, chunks: Iterable[bytes]) -> int:
        """Write at `offset`, cut off what lay beyond, and sync. Returns the new offset.

        What part of it could be written before an error stays and counts: the file's length says so.
        """
        fd = os.open(self._path(upload_id), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(fd, offset)
            os.lseek(fd, offset, os.SEEK_SET)
            for chunk in chunks:
                view = memoryview(chunk)
                while view:
                    written = os.write(fd, view)
                    view = view[written:]
                    offset += written
            os.fsync(fd)
        finally:
            os.close(fd)
        return offset

    def truncate(self, upload_id: str, offset: int) -> None:
        """Cut back to `offset`: a chunk whose checksum does not hold is discarded."""
        if self.offset(upload_id) > offset:
            os.truncate(self._path(upload_id), offset)

    def read(self, upload_id: str) -> bytes:
        """Everything held; empty when there is nothing."""
        try:
            return self._path(upload_id).read_bytes()
        except FileNotFoundError:
            return b""

    def sha256(self, upload_id: str) -> bytes:
        """SHA-256 of what is held."""
        return hashlib.sha256(self.read(upload_id)).digest()

    def unlink(self, upload_id: str) -> None:
        """Forget it."""
        self._path(upload_id).unlink(missing_ok=True)

    def ids(self) -> set[str]:
        """The uploads of which something is held."""
        return {path.name for path in self.folder.iterdir()}
