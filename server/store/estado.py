"""What `acopio doctor` asks of the index: the newest facts, clocks that went back, what waits. Read-only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Espera:
    """Rows that wait. `desde_ms`: the oldest of them, None when there is none; `ultimo_error`: a code, never words."""

    cuantos: int
    desde_ms: int | None
    ultimo_error: str = ""


def newest_fact_ms(conn: sqlite3.Connection) -> int:
    """The latest instant that the index knows; 0 when it knows none."""
    row = conn.execute(
        "SELECT max(coalesce((SELECT max(recibido_ms) FROM registros), 0),"
        " coalesce((SELECT max(en_ms) FROM bitacora), 0), coalesce((SELECT max(creado_ms) FROM lotes), 0))"
    ).fetchone()
    return int(row[0])


def clock_jumps(conn: sqlite3.Connection, last: int, tolerance_ms: int) -> tuple[int, int]:
    """(how often, by how many ms at most) the clock went back between neighbours of the last events of the bitácora."""
    row = conn.execute(
        "SELECT count(*), coalesce(max(atras), 0) FROM ("
        " SELECT lag(en_ms) OVER (ORDER BY id) - en_ms AS atras FROM bitacora"
        " WHERE id > (SELECT coalesce(max(id), 0) FROM bitacora) - ?) WHERE atras > ?",
        (last, tolerance_ms),
    ).fetchone()
    return int(row[0]), int(row[1])


def jobs(conn: sqlite3.Connection) -> dict[tuple[str, str], Espera]:
    """Work by (etapa, estado), what is done aside."""
    rows = conn.execute(
        "SELECT etapa, estado, count(*), min(creado_ms) FROM trabajos WHERE estado <> 'hecho' GROUP BY etapa, estado"
    )
    return {(row[0], row[1]): Espera(row[2], row[3]) for row in rows}


def mail(conn: sqlite3.Connection) -> dict[str, Espera]:
    """Mail by estado, what was sent aside."""
    rows = conn.execute(
        "SELECT estado, count(*), min(creado_ms), max(coalesce(ultimo_error, '')) FROM correos"
        " WHERE estado <> 'enviado' GROUP BY estado"
    )
    return {row[0]: Espera(row[1], row[2], row[3]) for row in rows}
