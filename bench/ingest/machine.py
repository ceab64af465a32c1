"""What the figures were measured on; and the check that the work folder is on a disk."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from bench.ingest.procs import BenchError


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
