"""An operator's own work, as their bandeja shows it: what they hold, what is assigned, what they did today (G5)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from server.domain.dias import dia_de


@dataclass(frozen=True, slots=True)
class Renglon:
    """A revisión that waits. `vence_ms`: until when it is held; `limite_ms`: by when it must be decided."""

    id: int
    ronda: str
    entrada_ms: int
    limite_ms: int
    vence_ms: int


@dataclass(frozen=True, slots=True)
class Ultima:
    """The newest decision of an operator that stands, on a revisión of the bandeja."""

    dictamen: int
    revision: int
    resultado: str
    inciso: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class Trabajo:
    """Counts. `asignados`: to this operator; `libres`: to nobody; `por_vencer`: of both, due before a day."""

    asignados: int
    libres: int
    por_vencer: int
    hoy: int


def retenidas(conn: sqlite3.Connection, cuenta: int, now_ms: int) -> tuple[Renglon, ...]:
    """What this operator holds now, the most pressing first."""
    rows = conn.execute(
        "SELECT id, ronda, entrada_ms, limite_ms, vence_ms FROM revisiones "
        "WHERE reclamada_por = ? AND vence_ms > ? AND estado = 'pendiente' ORDER BY limite_ms, id",
        (cuenta, now_ms),
    )
    return tuple(Renglon(**dict(row)) for row in rows)


def trabajo(conn: sqlite3.Connection, cuenta: int, dia: int, antes_ms: int) -> Trabajo:
    """How much there is, by the counters. `dia`: today; `antes_ms`: what is due before its day is pressing."""
    row = conn.execute(
        "SELECT coalesce(sum(n) FILTER (WHERE asignada = ?1), 0) AS asignados, "
        "coalesce(sum(n) FILTER (WHERE asignada = 0), 0) AS libres, "
        "coalesce(sum(n) FILTER (WHERE dia < ?2), 0) AS por_vencer FROM conteos_mesa WHERE asignada IN (0, ?1)",
        (cuenta, dia_de(antes_ms)),
    ).fetchone()
    return Trabajo(row["asignados"], row["libres"], row["por_vencer"], hoy(conn, cuenta, dia))


def hoy(conn: sqlite3.Connection, cuenta: int, dia: int) -> int:
    """How many decisions of this operator on this day, less those undone on it; hearings are not the bandeja's."""
    row = conn.execute(
        "SELECT coalesce(sum(iif(resultado = 'anulado', -n, n)), 0) FROM conteos_dictamenes "
        "WHERE dia = ? AND cuenta_id = ? AND ronda <> 'audiencia'",
        (dia, cuenta),
    ).fetchone()
    return max(0, int(row[0]))


def ultima(conn: sqlite3.Connection, cuenta: int, desde_ms: int) -> Ultima | None:
    """The newest decision since then that stands, which is what «deshacer» undoes."""
    row = conn.execute(
        "SELECT id AS dictamen, revision_id AS revision, resultado, inciso, en_ms FROM "
        "(SELECT * FROM dictamenes WHERE cuenta_id = ? ORDER BY id DESC LIMIT 100) d "
        "WHERE en_ms >= ? AND revision_id IS NOT NULL AND resultado <> 'anulado' AND NOT EXISTS (SELECT 1 FROM "
        "dictamenes otro WHERE otro.apoyo_id = d.apoyo_id AND otro.sustituye = d.id AND otro.resultado = 'anulado') "
        "ORDER BY id DESC LIMIT 1",
        (cuenta, desde_ms),
    ).fetchone()
    return Ultima(**dict(row)) if row else None
