"""What the figures were measured on; and the check that the work folder is on a disk."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import sys
from pathlib import Path

from bench.ingest.procs import BenchError

# linux/fs.h, for 64-bit machines: FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_TOPDIR_FL.
_GET_FLAGS = 0x80086601
_SET_FLAGS = 0x40086602
_TOP_FOLDER = 0x00020000


def file_system(folder: Path) -> str:
    """The kind of file system that a folder is on."""
    kind, best = "unknown", -1
    path = folder.resolve()
    for line in Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines():
        _, mount, name, *_ = line.split()
        if path.is_relative_to(mount) and len(mount) >= best:
            kind, best = name, len(mount)
    return kind


def check_disk(folder: Path, needed: int) -> None:
    """Raises BenchError when syncing there would mean nothing, or when there is no room."""
    kind = file_system(folder)
    if kind in ("tmpfs", "ramfs"):
        raise BenchError(f"the work folder is in memory ({kind}): choose one on a disk with --work")
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BenchError(f"the work folder needs {needed >> 20} MB, {free >> 20} are free: choose another with --work")


def spread(folder: Path) -> None:
    """Ask ext4 to put the folders in this one far apart, where it does that (`chattr +T`).

    It passes over inodes that were deleted in the last minutes, one by one, whenever it makes a file: files that
    others have deleted nearby would slow one run and not the next.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            flags = int.from_bytes(fcntl.ioctl(fd, _GET_FLAGS, bytes(8)), sys.byteorder)
            fcntl.ioctl(fd, _SET_FLAGS, (flags | _TOP_FOLDER).to_bytes(8, sys.byteorder))
    finally:
        os.close(fd)


def describe(folder: Path, programs: dict[str, str]) -> dict[str, str]:
    """Processor, kernel, file system and versions; nothing that names the machine."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return {
        "cpu": f"{os.cpu_count()} x {model}",
        "kernel": f"Linux {platform.release()}",
        "file system": file_system(folder),
        "python": platform.python_version(),
        **programs,
    }
