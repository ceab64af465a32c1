"""Every table is STRICT, every enum has its CHECK, foreign keys hold, and the index is opened as it must be."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.store.connection import open_writer
from server.store.migrations import migrate

ENUMS = {"tipo", "estatus", "estado", "etapa", "clase", "situacion", "tipo_cuenta", "ambito"}


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    made = open_writer(tmp_path / "indice.db")
    migrate(made)
    migrate(made)
    yield made
    made.close()


def test_every_table_is_strict(conn: sqlite3.Connection) -> None:
    tables = conn.execute(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
    ).fetchall()
    loose = [name for name, strict in tables if not strict and not name.startswith(("sqlite_", "_sqlite"))]
    assert loose == []
    assert len(tables) > 15


def test_every_enum_is_checked(conn: sqlite3.Connection) -> None:
    for name, sql in conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
        for column in ENUMS:
            if re.search(rf"^\s+{column} TEXT", sql or "", re.M):
                # A hot column may ask for its ordinary value first.
                checked = rf"^\s+{column} TEXT[^\n]*CHECK \({column} (= '\w*' OR {column} )?IN"
                assert re.search(checked, sql, re.M), (name, column)


def test_the_connection_that_writes(conn: sqlite3.Connection) -> None:
    def pragma(name: str) -> object:
        return conn.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2, "FULL: the commit itself is synced before an acuse is given"
    assert pragma("foreign_keys") == 1
    assert pragma("temp_store") == 2, "MEMORY: what undoes a statement is not written to a file with each registro"
    assert pragma("wal_autocheckpoint") == 0
    assert conn.execute("PRAGMA foreign_key_check").fetchall() == []
