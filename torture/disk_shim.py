"""Builds the shim of the disk (`disk_shim.c`), and moves its levers: rules, clock, counters.

The levers are a file that the shim maps; its layout is `struct control` of the C source. A rule strikes the calls of
some operations on paths that match a pattern: after `skip` of them, `count` times, in one of the ways of `Mode`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import mmap
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

SOURCE = Path(__file__).with_name("disk_shim.c")
MAGIC = 0x41434F50494F3031
RULES = 32
FOREVER = 0xFFFFFFFF
_RULES_AT = 512
_RULE = struct.Struct("<8I96s")
_HOLD_AT, _BUSY_AT = 144, 148
_SIZE = _RULES_AT + RULES * _RULE.size


class Op(IntEnum):
    """What a process does to a disk."""

    OPEN = 0
    WRITE = 1
    TRUNCATE = 2
    RENAME = 3
    UNLINK = 4
    MKDIR = 5
    SYNC = 6
    SYNC_FOLDER = 7
    LINK = 8
    RMDIR = 9


class Mode(IntEnum):
    """What happens to a call that a rule strikes.

    FAIL: an error, and nothing was done (a failed sync loses what it covered). FAIL_AFTER: an error, though it was
    done. SHORT: half is written. SLOW: it takes its time. LIE: a sync answers well and does nothing. KILL_…: SIGKILL.
    """

    FAIL = 1
    FAIL_AFTER = 2
    SHORT = 3
    SLOW = 4
    LIE = 5
    KILL_BEFORE = 6
    KILL_AFTER = 7


@dataclass(frozen=True, slots=True)
class Rule:
    """Which calls, how many of them, and what becomes of them. `pattern`: as fnmatch(3), over the whole path."""

    ops: tuple[Op, ...]
    mode: Mode
    pattern: str
    error: int = errno.EIO
    skip: int = 0
    count: int = 1
    milliseconds: int = 0


class NoCompilerError(Exception):
    """There is no C compiler, so the disk cannot be made to fail."""


def compiler() -> str | None:
    """The C compiler of this machine."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(folder: Path) -> Path:
    """The shim, compiled into `folder` unless this very source is there already. Raises NoCompilerError."""
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    library = folder / f"disk_shim-{digest}.so"
    if library.exists():
        return library
    command = compiler()
    if command is None:
        raise NoCompilerError("No hay compilador de C: instale gcc (en Debian, apt-get install gcc libc6-dev).")
    folder.mkdir(parents=True, exist_ok=True)
    half = library.with_suffix(f".{os.getpid()}")
    made = subprocess.run(
        [command, "-shared", "-fPIC", "-O2", "-o", str(half), str(SOURCE), "-ldl", "-lpthread"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        raise NoCompilerError(f"El compilador de C no pudo con {SOURCE.name}: {made.stderr.strip()[:400]}")
    half.rename(library)
    return library


class Levers:
    """The shared file of one server's shim."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(struct.pack("<Q", MAGIC).ljust(_SIZE, b"\0"))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)

    def close(self) -> None:
        """Let go of the file."""
        self._map.close()

    def environment(self, library: Path, log: Path, *roots: Path) -> Mapping[str, str]:
        """What a process must be started with to live on this disk."""
        return {
            "LD_PRELOAD": str(library),
            "TORTURE_CONTROL": str(self.path),
            "TORTURE_LOG": str(log),
            "TORTURE_ROOTS": ":".join(str(root) for root in roots),
        }

    def arm(self, slot: int, rule: Rule) -> None:
        """Put a rule in force in one of the slots, from 0; what was there is over."""
        self.disarm(slot)
        ops = sum(1 << op for op in rule.ops)
        raw = _RULE.pack(
            0, ops, rule.mode, rule.error, rule.skip, rule.count, 0, rule.milliseconds, rule.pattern.encode()
        )
        at = self._at(slot)
        self._map[at : at + _RULE.size] = raw
        # Last, and alone: the shim looks at a rule only once it is active.
        self._map[at : at + 4] = struct.pack("<I", 1)

    def disarm(self, slot: int) -> int:
        """End a rule; returns how often it struck."""
        at = self._at(slot)
        self._map[at : at + 4] = bytes(4)
        return self.fired(slot)

    def fired(self, slot: int) -> int:
        """How often the rule in this slot has struck."""
        at = self._at(slot)
        return int(struct.unpack("<I", self._map[at + 24 : at + 28])[0])

    @property
    def clock_offset_ms(self) -> int:
        """How far the server's clock is off."""
        return int(struct.unpack("<q", self._map[8:16])[0]) // 1_000_000

    @clock_offset_ms.setter
    def clock_offset_ms(self, value: int) -> None:
        self._map[8:16] = struct.pack("<q", value * 1_000_000)

    @contextlib.contextmanager
    def held(self, within_s: float = 10.0) -> Iterator[None]:
        """While this lasts, no call of the disk begins, and none is half done: the moment to kill the process.

        Raises TimeoutError when one takes longer than `within_s`.
        """
        self._map[_HOLD_AT : _HOLD_AT + 4] = struct.pack("<I", 1)
        try:
            until = time.monotonic() + within_s
            while self._map[_BUSY_AT : _BUSY_AT + 4] != bytes(4):
                if time.monotonic() > until:
                    raise TimeoutError(f"una llamada al disco no termina en {within_s} s")
                time.sleep(0.0002)
            yield
        finally:
            self._map[_HOLD_AT : _HOLD_AT + 4] = bytes(4)

    def calls(self, op: Op) -> int:
        """How many calls of this kind the shim has seen."""
        return int(struct.unpack_from("<Q", self._map, 16 + 8 * op)[0])

    @staticmethod
    def _at(slot: int) -> int:
        assert 0 <= slot < RULES
        return _RULES_AT + slot * _RULE.size
