"""Misread data made right by the mesa (row G1). Values are wrapped before they come here."""

from __future__ import annotations

import sqlite3


def vigentes(conn: sqlite3.Connection, apoyo_id: int) -> dict[str, bytes]:
    """The newest value of each campo that was corrected, still wrapped."""
    rows = conn.execute("SELECT campo, despues FROM correcciones WHERE apoyo_id = ? ORDER BY id", (apoyo_id,))
    return {row["campo"]: row["despues"] for row in rows}


def ultima(conn: sqlite3.Connection, apoyo_id: int) -> int:
    """The id of the newest correction of an apoyo; 0 when there is none."""
    row = conn.execute("SELECT coalesce(max(id), 0) FROM correcciones WHERE apoyo_id = ?", (apoyo_id,)).fetchone()
    return int(row[0])
