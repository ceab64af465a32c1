"""The words of criteria as they were when somebody decided by them: by version and inciso (rows B8, G4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from server.domain.apoyo import Via
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia


def of(conn: sqlite3.Connection, versiones: Collection[int]) -> dict[int, dict[str, Inconsistencia]]:
    """Each of these versions; 0 is the protocol's. What a version lacks is the protocol's too."""
    found: dict[int, dict[str, Inconsistencia]] = {version: dict(DEL_PROTOCOLO) for version in versiones}
    for version in versiones:
        rows = conn.execute(
            "SELECT inciso, categoria, texto, detalle, pide_detalle, via FROM criterios WHERE version_id = ?",
            (version,),
        )
        found[version] |= {
            row["inciso"]: Inconsistencia(
                row["inciso"], row["categoria"], row["texto"], row["detalle"], bool(row["pide_detalle"]),
                Via(row["via"]),
            )
            for row in rows
        }  # fmt: skip
    return found
