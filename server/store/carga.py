"""What waits in the mesa and what was decided, from the counters that triggers keep (rows B7, G5).

Nothing here reads a revision or a dictamen, but `descuadres`, which counts them again.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_DONE = "sum(iif(resultado = 'anulado', -n, n))"
"""Opinions that were undone do not count."""


@dataclass(frozen=True, slots=True)
class DeAspirante:
    """What waits of one aspirante. `dia`: of the first limit (server.domain.dias)."""

    solicitud: int
    nombre: str
    esperan: int
    sin_asignar: int
    dia: int


def por_dia(conn: sqlite3.Connection, solicitud: int | None = None) -> list[tuple[int, int]]:
    """(day of the limit, how many wait)."""
    rows = conn.execute(
        "SELECT dia, sum(n) FROM conteos_mesa WHERE ?1 IS NULL OR solicitud = ?1 GROUP BY dia HAVING sum(n) <> 0",
        (solicitud,),
    )
    return [(row[0], row[1]) for row in rows]


def por_ronda(conn: sqlite3.Connection) -> dict[str, int]:
    """How many wait, by round."""
    return dict(conn.execute("SELECT ronda, sum(n) FROM conteos_mesa GROUP BY ronda HAVING sum(n) <> 0").fetchall())


def por_operador(conn: sqlite3.Connection) -> dict[int, tuple[int, int]]:
    """(how many wait, the day of the first limit), by the account to which they are assigned; 0: nobody's."""
    rows = conn.execute("SELECT asignada, sum(n), min(dia) FROM conteos_mesa WHERE n > 0 GROUP BY asignada")
    return {row[0]: (row[1], row[2]) for row in rows}


def por_aspirante(conn: sqlite3.Connection) -> list[DeAspirante]:
    """What waits of each aspirante, the first limit first."""
    rows = conn.execute(
        "SELECT m.solicitud, trim(coalesce(a.nombre || ' ' || a.apellido_paterno || ' ' || a.apellido_materno, '')), "
        "sum(m.n), sum(iif(m.asignada = 0, m.n, 0)), min(m.dia) FROM conteos_mesa m "
        "LEFT JOIN aspirantes a ON a.id = m.solicitud WHERE m.n > 0 GROUP BY m.solicitud ORDER BY 5, 1"
    )
    return [DeAspirante(*row) for row in rows]


def hechos(conn: sqlite3.Connection, desde: int, hasta: int) -> list[tuple[int, int]]:
    """(day, how many opinions were given), of days from `desde` to `hasta`, both included; hearings apart."""
    rows = conn.execute(
        f"SELECT dia, {_DONE} FROM conteos_dictamenes WHERE dia BETWEEN ? AND ? AND ronda <> 'audiencia' "  # noqa: S608
        "GROUP BY dia ORDER BY dia",
        (desde, hasta),
    )
    return [(row[0], row[1]) for row in rows]


def hechos_de(conn: sqlite3.Connection, desde: int, hasta: int) -> dict[int, dict[int, int]]:
    """How many opinions each account gave on each day."""
    rows = conn.execute(
        f"SELECT cuenta_id, dia, {_DONE} FROM conteos_dictamenes WHERE dia BETWEEN ? AND ? "  # noqa: S608
        "AND ronda <> 'audiencia' GROUP BY cuenta_id, dia",
        (desde, hasta),
    )
    found: dict[int, dict[int, int]] = {}
    for cuenta, dia, n in rows:
        found.setdefault(cuenta, {})[dia] = n
    return found


def resultados_de(conn: sqlite3.Connection, cuenta: int, desde: int, hasta: int) -> dict[int, dict[str, int]]:
    """What one account decided on each day, by resultado (of server.domain.mesa.Fallo); hearings apart."""
    rows = conn.execute(
        "SELECT dia, resultado, sum(n) FROM conteos_dictamenes WHERE cuenta_id = ? AND dia BETWEEN ? AND ? "
        "AND ronda <> 'audiencia' GROUP BY dia, resultado",
        (cuenta, desde, hasta),
    )
    found: dict[int, dict[str, int]] = {}
    for dia, resultado, n in rows:
        found.setdefault(dia, {})[resultado] = n
    return found


def descuadres(conn: sqlite3.Connection) -> list[str]:
    """Cells of the counters that differ from what they count, as `conteos_mesa 7/20700/0/primera: 3, son 4`."""
    waiting = (
        "SELECT solicitud || '/' || ((limite_ms - 21600000) / 86400000) || '/' || coalesce(asignada_a, 0) || '/' "
        "|| ronda AS celda, count(*) AS son FROM revisiones WHERE estado = 'pendiente' GROUP BY 1"
    )
    kept = "SELECT solicitud || '/' || dia || '/' || asignada || '/' || ronda AS celda, n FROM conteos_mesa"
    given = (
        "SELECT ((en_ms - 21600000) / 86400000) || '/' || cuenta_id || '/' || ronda || '/' || resultado AS celda, "
        "count(*) AS son FROM dictamenes GROUP BY 1"
    )
    written = "SELECT dia || '/' || cuenta_id || '/' || ronda || '/' || resultado AS celda, n FROM conteos_dictamenes"
    wrong = []
    for table, cells, counted in (("conteos_mesa", kept, waiting), ("conteos_dictamenes", written, given)):
        rows = conn.execute(
            f"SELECT celda, coalesce(n, 0) AS n, coalesce(son, 0) AS son FROM ({cells}) FULL JOIN ({counted}) "  # noqa: S608
            "USING (celda) WHERE coalesce(n, 0) <> coalesce(son, 0) ORDER BY celda"
        )
        wrong += [f"{table} {row['celda']}: {row['n']}, son {row['son']}" for row in rows]
    return wrong
