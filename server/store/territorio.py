"""The territory of a periodo, and to whom the régimen de excepción was granted (rows B1, B5, F3)."""

from __future__ import annotations

import sqlite3

from server.domain.territorio import Territorio, Unidad


def of_solicitud(conn: sqlite3.Connection, solicitud: int) -> Territorio | None:
    """The territory of an aspirante's periodo; None when its periodo is not known (it came back from the diario)."""
    row = conn.execute(
        "SELECT o.id, o.entidad FROM aspirantes s JOIN periodos o ON o.id = s.periodo_id WHERE s.id = ?", (solicitud,)
    ).fetchone()
    if row is None:
        return None
    units = conn.execute(
        "SELECT unidad, clave, nombre FROM periodo_territorio WHERE periodo_id = ? ORDER BY unidad, clave", (row["id"],)
    )
    return Territorio(row["entidad"], tuple(Unidad(**dict(unit)) for unit in units))


def excepciones(conn: sqlite3.Connection, solicitud: int, recibido_ms: int) -> list[str]:
    """The municipios for which paper received then is admitted; "": the whole territory.

    One that was revoked still covers what was received before.
    """
    rows = conn.execute(
        "SELECT municipio FROM excepciones WHERE solicitud = ? AND (revocada_ms IS NULL OR revocada_ms > ?)",
        (solicitud, recibido_ms),
    )
    return [row["municipio"] for row in rows]
