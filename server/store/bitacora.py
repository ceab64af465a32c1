"""Rows of the bitácora: append-only, hash-chained. server.bitacora says which events there are."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Tramo:
    """How far a reading of the chain has come. `rota_en`: the first event that does not follow, or None."""

    leidos: int = 0
    hasta: int = 0
    resumen: bytes = FIRST_ANTERIOR
    primero_ms: int | None = None
    ultimo_ms: int | None = None
    rota_en: int | None = None


def follow(conn: sqlite3.Connection, tramo: Tramo, cuantos: int = -1) -> Tramo:
    """Read on from where `tramo` ended, at most `cuantos` events. Events are never changed, so pieces are as good as
    one reading, and none of them holds the WAL for long."""
    leidos, anterior, hasta = tramo.leidos, tramo.resumen, tramo.hasta
    primero, ultimo = tramo.primero_ms, tramo.ultimo_ms
    for row in conn.execute(
        "SELECT id, en_ms, evento, actor, objeto, datos, anterior, resumen FROM bitacora "
        "WHERE id > ? ORDER BY id LIMIT ?",
        (tramo.hasta, cuantos),
    ):
        expected = _digest(anterior, row["en_ms"], row["evento"], row["actor"], row["objeto"], row["datos"])
        if row["anterior"] != anterior or row["resumen"] != expected:
            return Tramo(leidos, hasta, anterior, primero, ultimo, rota_en=int(row["id"]))
        leidos, hasta, anterior = leidos + 1, int(row["id"]), row["resumen"]
        primero, ultimo = row["en_ms"] if primero is None else primero, row["en_ms"]
    return Tramo(leidos, hasta, anterior, primero, ultimo)


def first_break(conn: sqlite3.Connection) -> int | None:
    """Id of the first event that does not follow from the one before; None when the chain holds."""
    return follow(conn, Tramo()).rota_en
