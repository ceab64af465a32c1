"""Rows of the bitácora: append-only, hash-chained. server.bitacora says which events there are."""

from __future__ import annotations

import hashlib
import sqlite3

FIRST_ANTERIOR = bytes(32)


def _digest(anterior: bytes, en_ms: int, evento: str, actor: str, objeto: str, datos: str) -> bytes:
    parts = (str(en_ms), evento, actor, objeto, datos)
    return hashlib.sha256(anterior + b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)).digest()


def append(conn: sqlite3.Connection, en_ms: int, evento: str, actor: str, objeto: str, datos: str) -> None:
    """One more event at the end of the chain."""
    row = conn.execute("SELECT resumen FROM bitacora ORDER BY id DESC LIMIT 1").fetchone()
    anterior = row[0] if row else FIRST_ANTERIOR
    conn.execute(
        "INSERT INTO bitacora (en_ms, evento, actor, objeto, datos, anterior, resumen) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (en_ms, evento, actor, objeto, datos, anterior, _digest(anterior, en_ms, evento, actor, objeto, datos)),
    )


def first_break(conn: sqlite3.Connection) -> int | None:
    """Id of the first event that does not follow from the one before; None when the chain holds."""
    anterior = FIRST_ANTERIOR
    for row in conn.execute(
        "SELECT id, en_ms, evento, actor, objeto, datos, anterior, resumen FROM bitacora ORDER BY id"
    ):
        expected = _digest(anterior, row["en_ms"], row["evento"], row["actor"], row["objeto"], row["datos"])
        if row["anterior"] != anterior or row["resumen"] != expected:
            return int(row["id"])
        anterior = row["resumen"]
    return None
