"""The signed Declaraciones de Confidencialidad, and who accepted them (row A1)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_SELECT = (
    "SELECT id, cuenta_id, archivo_id, estado, motivo, entregada_ms, resuelta_ms, resuelta_por FROM declaraciones "
)


@dataclass(frozen=True, slots=True)
class Declaracion:
    """One that was handed in. `estado`: entregada, aceptada, devuelta; `resuelta_por` None: at the console."""

    id: int
    cuenta_id: int
    archivo_id: int
    estado: str
    motivo: str
    entregada_ms: int
    resuelta_ms: int | None
    resuelta_por: int | None


def add(conn: sqlite3.Connection, cuenta_id: int, archivo_id: int, now_ms: int) -> int:
    """One is handed in; returns its id."""
    cursor = conn.execute(
        "INSERT INTO declaraciones (cuenta_id, archivo_id, estado, entregada_ms) VALUES (?, ?, 'entregada', ?)",
        (cuenta_id, archivo_id, now_ms),
    )
    return int(cursor.lastrowid or 0)


def get(conn: sqlite3.Connection, id_: int) -> Declaracion | None:
    """One."""
    return _one(conn.execute(_SELECT + "WHERE id = ?", (id_,)))


def newest_of(conn: sqlite3.Connection, cuenta_id: int) -> Declaracion | None:
    """The last one that this account handed in."""
    return _one(conn.execute(_SELECT + "WHERE cuenta_id = ? ORDER BY id DESC LIMIT 1", (cuenta_id,)))


def accepted(conn: sqlite3.Connection, cuenta_id: int) -> bool:
    """Whether one of this account was accepted."""
    row = conn.execute(
        "SELECT 1 FROM declaraciones WHERE cuenta_id = ? AND estado = 'aceptada' LIMIT 1", (cuenta_id,)
    ).fetchone()
    return row is not None


def resolve(conn: sqlite3.Connection, id_: int, estado: str, motivo: str, por: int | None, now_ms: int) -> bool:
    """Accept or return it; False when somebody did so before."""
    cursor = conn.execute(
        "UPDATE declaraciones SET estado = ?, motivo = ?, resuelta_por = ?, resuelta_ms = ? "
        "WHERE id = ? AND estado = 'entregada'",
        (estado, motivo, por, now_ms, id_),
    )
    return cursor.rowcount == 1


def _one(cursor: sqlite3.Cursor) -> Declaracion | None:
    row = cursor.fetchone()
    return Declaracion(**dict(row)) if row else None
