"""Finding an apoyo by its folio, for the pages of the mesa (row G5)."""

from __future__ import annotations

import sqlite3

from server.store.apoyos import PAPEL_DESDE


def apoyo_of_folio(conn: sqlite3.Connection, folio: str) -> int | None:
    """The id of the apoyo with this folio; of a phone's by its registro, otherwise among those of paper."""
    row = conn.execute("SELECT id FROM registros WHERE folio = ? AND tipo = 'apoyo'", (folio,)).fetchone()
    row = row or conn.execute("SELECT id FROM apoyos WHERE id >= ? AND folio = ?", (PAPEL_DESDE, folio)).fetchone()
    return int(row[0]) if row else None
