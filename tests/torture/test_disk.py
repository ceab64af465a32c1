"""The model of the disk keeps its laws, and the shim sees whatever Python and SQLite do to a file."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import sqlite3
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from torture import disk_shim
from torture.disk import Change, Disk, File, ShimBlindError
from torture.disk_shim import FOREVER, Levers, Mode, Op, Rule

needs_compiler = pytest.mark.skipif(disk_shim.compiler() is None, reason="no hay compilador de C")


class Log:
    """Writes what the shim would write."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.handles = 0

    def __call__(self, op: Op, path: str = "", second: str = "", *, handle: int = 0, offset: int = 0, error: int = 0,
                 data: bytes = b"") -> None:  # fmt: skip
        head = struct.pack(
            "<IBBHHQQI", 0x4F504552, op, error, len(path.encode()), len(second.encode()), handle, offset, len(data)
        )
        with self.path.open("ab") as file:
            file.write(head + path.encode() + second.encode() + data)

    def open(self, path: Path | str, flags: int = 1) -> int:
        self.handles += 1
        self(Op.OPEN, str(path), handle=self.handles, offset=flags)
        return self.handles


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "raiz"
    made.mkdir()
    (made / "vieja").write_bytes(b"ya estaba")
    return made


def after_cut(root: Path, log: Log, seed: int) -> dict[str, bytes]:
    disk = Disk(log.path, root, seed=seed)
    raw = log.path.read_bytes()
    disk.follow()
    disk.cut_power()
    log.path.write_bytes(raw)
    found = {one.name: one.read_bytes() for one in root.iterdir()}
    for one in root.iterdir():
        one.unlink()
    (root / "vieja").write_bytes(b"ya estaba")
    return found


def test_what_was_synced_with_its_folder_is_there_after_every_power_cut(root: Path, tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    file = log.open(root / "nuevo.tmp")
    log(Op.WRITE, handle=file, data=b"a" * 3000)
    log(Op.SYNC, handle=file)
    log(Op.RENAME, str(root / "nuevo.tmp"), str(root / "nuevo"))
    folder = log.open(root, 4)
    log(Op.SYNC_FOLDER, handle=folder)
    for seed in range(40):
        assert after_cut(root, log, seed) == {"vieja": b"ya estaba", "nuevo": b"a" * 3000}


@pytest.mark.parametrize("missing", ["sync of the file", "sync of the folder", "sync of the file that failed"])
def test_what_lacks_a_sync_is_lost_after_some_power_cut(root: Path, tmp_path: Path, missing: str) -> None:
    log = Log(tmp_path / "log")
    file = log.open(root / "nuevo.tmp")
    log(Op.WRITE, handle=file, data=b"a" * 3000)
    if missing != "sync of the file":
        log(Op.SYNC, handle=file, error="failed" in missing)
        if "failed" in missing:
            log(Op.SYNC, handle=file)  # the kernel has nothing left to write: it answers well, and the bytes are gone
    log(Op.RENAME, str(root / "nuevo.tmp"), str(root / "nuevo"))
    if missing != "sync of the folder":
        log(Op.SYNC_FOLDER, handle=log.open(root, 4))
    found = [after_cut(root, log, seed).get("nuevo") for seed in range(60)]
    assert b"a" * 3000 in found, "it may be there all the same"
    assert [one for one in found if one != b"a" * 3000], "and it may not"


def test_writes_are_torn_at_sectors_and_never_inside_one() -> None:
    torn = set()
    for seed in range(200):
        file = File(bytearray(2048), bytearray(2048))
        file.change(Change(256, b"x" * 1500))
        file.cut(random.Random(seed))
        sectors = tuple(bytes(file.safe[at : at + 512]).strip(b"\0") for at in range(0, 2048, 512))
        assert [len(one) for one in sectors if one] == [
            n for n, one in zip((256, 512, 512, 220), sectors, strict=True) if one
        ]
        torn.add(tuple(bool(one) for one in sectors))
    assert {(False,) * 4, (True,) * 4} < torn


def test_a_call_that_the_shim_missed_is_noticed(root: Path, tmp_path: Path) -> None:
    disk = Disk(tmp_path / "log", root, seed=1)
    disk.check_sight()
    (root / "vieja").write_bytes(b"otra cosa")
    with pytest.raises(ShimBlindError):
        disk.check_sight()


WORK = textwrap.dedent("""
    import os, pathlib, shutil, sqlite3, sys, time
    root = pathlib.Path(sys.argv[1])
    conn = sqlite3.connect(root / "x.db", isolation_level=None)
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("CREATE TABLE t (a)")
    for n in range(50):
        conn.execute("INSERT INTO t VALUES (?)", ("x" * 900,))
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.execute("INSERT INTO t VALUES (1)")
    (root / "sub").mkdir()
    with (root / "sub" / "a.tmp").open("wb") as file:
        file.write(b"b" * 100_000)
        file.flush()
        os.fsync(file.fileno())
    (root / "sub" / "a.tmp").rename(root / "sub" / "a")
    shutil.copyfile(root / "sub" / "a", root / "sub" / "b")
    fd = os.open(root / "sub" / "c", os.O_RDWR | os.O_CREAT)
    os.writev(fd, [b"1" * 700, b"2" * 900] * 20)
    os.pwrite(fd, b"3" * 10, 5)
    os.ftruncate(fd, 2000)
    os.lseek(fd, 0, os.SEEK_END)
    os.write(fd, b"fin")
    os.close(fd)
    os.truncate(root / "sub" / "b", 10)
    os.replace(root / "sub" / "c", root / "sub" / "b")
    (root / "vieja").unlink()
    with (root / "sub" / "a").open("ab") as file:
        file.write(b"al final")
    print(time.time(), flush=True)
    os._exit(0)
""")


def shimmed(tmp_path: Path, root: Path, *rules: Rule, clock_ms: int = 0, work: str = WORK) -> tuple[Levers, str]:
    levers = Levers(tmp_path / "palancas")
    levers.clock_offset_ms = clock_ms
    for slot, rule in enumerate(rules):
        levers.arm(slot, rule)
    env = {**os.environ, **levers.environment(disk_shim.build(tmp_path), tmp_path / "log", root)}
    made = subprocess.run(
        [sys.executable, "-c", work, str(root)], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    return levers, made.stdout + made.stderr


@needs_compiler
def test_the_shim_sees_all_that_python_and_sqlite_write(tmp_path: Path, root: Path) -> None:
    disk = Disk(tmp_path / "log", root, seed=1)
    levers, said = shimmed(tmp_path, root)
    assert float(said) > 0
    disk.follow()
    disk.check_sight()
    assert levers.calls(Op.SYNC) > 50, "a sync for each commit"
    assert levers.calls(Op.WRITE) > 100


BUSY = textwrap.dedent("""
    import os, sys, threading, time
    from pathlib import Path
    root, how = Path(sys.argv[1]), sys.argv[2]
    def write(name):
        with (root / name).open("wb", buffering=0) as file:
            while True:
                file.write(os.urandom(4096) * 64)
                if file.tell() > 2_000_000:
                    file.seek(0)
    for name in "abc":
        threading.Thread(target=write, args=(name,), daemon=True).start()
    time.sleep(0.05)
    if how == "_exit":
        os._exit(0)
    if how == "exit":
        sys.exit(0)
    print("ya", flush=True)
    time.sleep(60)
""")


@needs_compiler
@pytest.mark.parametrize("how", ["killed from outside", "_exit", "exit"])
def test_no_record_is_torn_when_a_busy_process_ends(tmp_path: Path, root: Path, how: str) -> None:
    shim = disk_shim.build(tmp_path)
    for attempt in range(12):
        disk = Disk(tmp_path / "log", root, seed=1)
        levers = Levers(tmp_path / "palancas")
        env = {**os.environ, **levers.environment(shim, tmp_path / "log", root)}
        with subprocess.Popen([sys.executable, "-c", BUSY, str(root), how], env=env, stdout=subprocess.PIPE) as process:
            if how.startswith("killed"):
                assert process.stdout is not None
                process.stdout.readline()
                with levers.held():
                    process.kill()
                    process.wait()
            assert process.wait(30) == (-9 if how.startswith("killed") else 0)
        disk.follow()
        disk.check_sight()
        disk.forget_log()
        levers.close()
        assert disk.operations > 3, attempt


@needs_compiler
def test_the_shim_moves_the_clock(tmp_path: Path, root: Path) -> None:
    _, now = shimmed(tmp_path, root, work="import time; print(time.time_ns())")
    _, later = shimmed(tmp_path, root, clock_ms=86_400_000 * 30, work="import time; print(time.time_ns())")
    assert 29.9 < (int(later) - int(now)) / 1e9 / 86_400 < 30.1


@needs_compiler
@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule((Op.SYNC,), Mode.FAIL, "*/sub/a.tmp", errno.EIO), "Input/output error"),
        (Rule((Op.WRITE,), Mode.FAIL, "*/x.db-wal", errno.ENOSPC, count=FOREVER, skip=9), "full"),
        (Rule((Op.SYNC,), Mode.FAIL, "*/x.db-wal", errno.EIO, skip=20), "disk I/O error"),
        (Rule((Op.RENAME,), Mode.FAIL_AFTER, "*/a.tmp", errno.EIO), "Input/output error"),
        (Rule((Op.OPEN,), Mode.FAIL, "*/sub/c", errno.EMFILE), "Too many open files"),
        (Rule((Op.SYNC,), Mode.KILL_BEFORE, "*/x.db-wal", skip=3), ""),
    ],
    ids=lambda value: value.mode.name if isinstance(value, Rule) else "",
)
def test_rules_strike_where_they_should(tmp_path: Path, root: Path, rule: Rule, says: str) -> None:
    disk = Disk(tmp_path / "log", root, seed=1)
    levers, said = shimmed(tmp_path, root, rule)
    assert says in said
    assert "." not in said or "Error" in said, "it did not come to its end"
    assert levers.fired(0) >= 1
    disk.follow()
    disk.check_sight()


def rows(path: Path) -> int:
    with contextlib.closing(sqlite3.connect(path)) as conn:
        try:
            return int(conn.execute("SELECT count(*) FROM t").fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not even the table is there


@needs_compiler
def test_sqlite_keeps_what_it_committed_through_power_cuts_and_loses_it_when_the_disk_lies(
    tmp_path: Path, root: Path
) -> None:
    """The same work, cut at the same place: with true syncs every row is there, with lies some are gone."""
    work = textwrap.dedent("""
        import os, sqlite3, sys
        conn = sqlite3.connect(sys.argv[1] + "/x.db", isolation_level=None)
        conn.execute("PRAGMA journal_mode = WAL"); conn.execute("PRAGMA synchronous = FULL")
        conn.execute("CREATE TABLE t (a)")
        for n in range(30):
            conn.execute("INSERT INTO t VALUES (?)", (n,))
        os._exit(0)
    """)
    left: dict[bool, list[int]] = {False: [], True: []}
    for lies in (False, True):
        for seed in range(6):
            own = tmp_path / f"{lies}-{seed}"
            own.mkdir()
            (tmp_path / "log").unlink(missing_ok=True)
            disk = Disk(tmp_path / "log", own, seed=seed)
            lie = Rule((Op.SYNC,), Mode.LIE, "*/x.db-wal", count=FOREVER)
            shimmed(tmp_path, own, *([lie] if lies else []), work=work)
            disk.follow()
            disk.cut_power()
            left[lies].append(rows(own / "x.db"))
    assert left[False] == [30] * 6
    assert min(left[True]) < 30
