"""The queue of work that stages hand to each other by rows."""

from __future__ import annotations

import sqlite3


def add(conn: sqlite3.Connection, folio: str, etapa: str, now_ms: int) -> None:
    """Work for a stage; the same work again changes nothing."""
    conn.execute(
        "INSERT INTO trabajos (folio, etapa, estado, creado_ms) VALUES (?, ?, 'pendiente', ?) ON CONFLICT DO NOTHING",
        (folio, etapa, now_ms),
    )


def pending(conn: sqlite3.Connection) -> dict[str, int]:
    """How much waits, by stage."""
    return dict(
        conn.execute("SELECT etapa, count(*) FROM trabajos WHERE estado = 'pendiente' GROUP BY etapa").fetchall()
    )
