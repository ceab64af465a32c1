"""The words of incisos: those of the protocol, and those that the OPL published in its criteria (rows C7, G2, G4)."""

from __future__ import annotations

import sqlite3

from server.domain.apoyo import Via
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia


def textos(conn: sqlite3.Connection) -> dict[str, Inconsistencia]:
    """Every inciso that a registro may have: the protocol's, and those of any version of the criteria.

    In the words of the newest version that has it, in its order; those that only older ones have come last.
    """
    found: dict[str, Inconsistencia] = {}
    rows = conn.execute(
        "SELECT inciso, via, categoria, texto, detalle, pide_detalle FROM criterios ORDER BY version_id DESC, orden"
    )
    for row in rows:
        found.setdefault(row["inciso"], _one(row))
    return {**{inciso: found.pop(inciso, one) for inciso, one in DEL_PROTOCOLO.items()}, **found}


def en_version(conn: sqlite3.Connection, inciso: str, version: int) -> Inconsistencia | None:
    """An inciso in the words of one version of the criteria; 0: the protocol's."""
    if version == 0:
        return DEL_PROTOCOLO.get(inciso)
    row = conn.execute(
        "SELECT inciso, via, categoria, texto, detalle, pide_detalle FROM criterios "
        "WHERE version_id = ? AND inciso = ?",
        (version, inciso),
    ).fetchone()
    return _one(row) if row else None


def version_de(conn: sqlite3.Connection, apoyo_id: int) -> int | None:
    """The version of the criteria on which what holds of an apoyo was decided; None when nobody has."""
    row = conn.execute(
        "SELECT criterios_version FROM dictamenes WHERE apoyo_id = ? AND firme = 1 ORDER BY id DESC LIMIT 1",
        (apoyo_id,),
    ).fetchone()
    return int(row[0]) if row else None


def _one(row: sqlite3.Row) -> Inconsistencia:
    return Inconsistencia(
        row["inciso"], row["categoria"], row["texto"], row["detalle"], bool(row["pide_detalle"]), Via(row["via"])
    )
