"""Migrations of the index: `NNNN_name.sql` in this folder, applied once each, in order, with sqlite-utils.

Append-only: a file that has been released is never edited.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib import resources

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations


def statements(script: str) -> Iterator[str]:
    """Split a script into statements; a trigger's body stays whole.

    `executescript` would commit the transaction in which the migration is recorded.
    """
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
    if pending.strip():
        yield pending


def _collected() -> Migrations:
    migrations = Migrations("acopio")
    files = (entry for entry in resources.files(__package__).iterdir() if entry.name.endswith(".sql"))
    for entry in sorted(files, key=lambda entry: entry.name):
        script = entry.read_text(encoding="utf-8")

        def apply(db: Database, script: str = script) -> None:
            for statement in statements(script):
                db.execute(statement)

        migrations(name=entry.name.removesuffix(".sql"))(apply)
    return migrations


def migrate(conn: sqlite3.Connection) -> None:
    """Bring the index to the newest schema."""
    _collected().apply(Database(conn))
