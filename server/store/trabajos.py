"""The queue of work that stages hand to each other by rows. The first job comes with the registro (a trigger)."""

from __future__ import annotations

import sqlite3


def pending(conn: sqlite3.Connection) -> dict[str, int]:
    """How much waits, by stage."""
    return dict(
        conn.execute("SELECT etapa, count(*) FROM trabajos WHERE estado = 'pendiente' GROUP BY etapa").fetchall()
    )
