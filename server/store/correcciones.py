"""Misread data made right by the mesa (row G1). Values are wrapped before they come here."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


def vigentes(conn: sqlite3.Connection, apoyo_id: int) -> dict[str, bytes]:
    """The newest value of each campo that was corrected, still wrapped."""
    rows = conn.execute("SELECT campo, despues FROM correcciones WHERE apoyo_id = ? ORDER BY id", (apoyo_id,))
    return {row["campo"]: row["despues"] for row in rows}


@dataclass(frozen=True, slots=True)
class Correccion:
    """That a datum was made right; not what it says."""

    id: int
    campo: str
    cuenta_id: int
    en_ms: int


def add(
    conn: sqlite3.Connection, apoyo_id: int, campo: str, antes: bytes, despues: bytes, cuenta: int, now_ms: int
) -> int:
    """A datum that was misread, both values wrapped; returns its id. The checks of the apoyo are done again."""
    cursor = conn.execute(
        "INSERT INTO correcciones (apoyo_id, campo, antes, despues, cuenta_id, en_ms) VALUES (?, ?, ?, ?, ?, ?)",
        (apoyo_id, campo, antes, despues, cuenta, now_ms),
    )
    return int(cursor.lastrowid or 0)


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> list[Correccion]:
    """What was made right in an apoyo, oldest first, without values."""
    rows = conn.execute(
        "SELECT id, campo, cuenta_id, en_ms FROM correcciones WHERE apoyo_id = ? ORDER BY id", (apoyo_id,)
    )
    return [Correccion(**dict(row)) for row in rows]


def ultima(conn: sqlite3.Connection, apoyo_id: int) -> int:
    """The id of the newest correction of an apoyo; 0 when there is none."""
    row = conn.execute("SELECT coalesce(max(id), 0) FROM correcciones WHERE apoyo_id = ?", (apoyo_id,)).fetchone()
    return int(row[0])
