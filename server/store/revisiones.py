"""Pieces of work of the mesa: one opinion to be given on one expediente (rows B7, G2). One waits for each apoyo."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """One. `entrada_ms`: when it came to the mesa; `limite_ms`: until when it must be decided."""

    id: int
    apoyo_id: int
    solicitud: int
    ronda: str
    estado: str
    entrada_ms: int
    limite_ms: int
    asignada_a: int | None
    reclamada_por: int | None
    vence_ms: int | None


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> list[Revision]:
    """All of an apoyo, oldest first."""
    rows = conn.execute(
        "SELECT id, apoyo_id, solicitud, ronda, estado, entrada_ms, limite_ms, asignada_a, reclamada_por, vence_ms "
        "FROM revisiones WHERE apoyo_id = ? ORDER BY id",
        (apoyo_id,),
    )
    return [Revision(**dict(row)) for row in rows]


def add(
    conn: sqlite3.Connection, apoyo_id: int, solicitud: int, ronda: str, entrada_ms: int, limite_ms: int
) -> int | None:
    """One more waits; its id. None, and nothing, when one waits already."""
    cursor = conn.execute(
        "INSERT INTO revisiones (apoyo_id, solicitud, ronda, estado, entrada_ms, limite_ms) "
        "VALUES (?, ?, ?, 'pendiente', ?, ?) ON CONFLICT DO NOTHING",
        (apoyo_id, solicitud, ronda, entrada_ms, limite_ms),
    )
    return int(cursor.lastrowid or 0) if cursor.rowcount == 1 else None
