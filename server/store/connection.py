"""How a connection to the index is opened. PRAGMAs are said here and nowhere else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

BUSY_MS = 5_000

Connection = sqlite3.Connection
"""What rooms above the store name a connection by: they pass it on, and never speak SQL themselves."""

IndexFailure = sqlite3.DatabaseError
"""The index cannot be read or written."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one connection that writes: WAL, FULL, foreign keys, transactions said by hand.

    FULL, not NORMAL: the commit itself must be synced before an acuse is given. Checkpoints are left to the writer
    thread (`wal_autocheckpoint=0`), so that a replica of the WAL can be trusted. What a registro changes is more than
    SQLite undoes from memory by itself: without `temp_store=MEMORY` each one would be written to a temporary file too.
    """
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    conn.row_factory = sqlite3.Row
    try:
        conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = FULL")
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA wal_autocheckpoint = 0")
        conn.execute("PRAGMA temp_store = MEMORY")
        conn.execute("PRAGMA trusted_schema = OFF")
    except sqlite3.DatabaseError:
        conn.close()
        raise
    return conn


def open_reader(path: Path) -> sqlite3.Connection:
    """A read-only connection; a write through it fails."""
    conn = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False,
        cached_statements=256,
    )  # fmt: skip
    conn.row_factory = sqlite3.Row
    conn.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    conn.execute("PRAGMA query_only = ON")
    return conn


def truncate_wal(conn: Connection) -> bool:
    """Bring all of the WAL into the database and empty it; False when a reader stood in the way."""
    return int(conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]) == 0
