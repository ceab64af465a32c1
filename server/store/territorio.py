"""To whom the régimen de excepción was granted (rows B5, F3)."""

from __future__ import annotations

import sqlite3


def excepciones(conn: sqlite3.Connection, solicitud: int, recibido_ms: int) -> list[str]:
    """The municipios for which paper received then is admitted; "": the whole territory.

    One that was revoked still covers what was received before.
    """
    rows = conn.execute(
        "SELECT municipio FROM excepciones WHERE solicitud = ? AND (revocada_ms IS NULL OR revocada_ms > ?)",
        (solicitud, recibido_ms),
    )
    return [row["municipio"] for row in rows]
