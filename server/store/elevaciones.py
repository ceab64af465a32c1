"""Cases that the criteria do not foresee, for the authority to resolve (P13.8, row G4)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from server.store.por_clave import PorClave, by_key


@dataclass(frozen=True, slots=True)
class Elevacion:
    """One case. `motivo`: what the operator saw; `resolucion`: what the authority said. `por`, `resolvio`: names."""

    id: int
    apoyo_id: int
    folio: str
    solicitud: int
    dictamen_id: int
    motivo: str
    cuenta_id: int
    por: str
    en_ms: int
    resolucion: str
    resolvio: str
    resuelta_ms: int | None


_SELECT = (
    "SELECT e.id, e.apoyo_id, a.folio, a.solicitud, e.dictamen_id, e.motivo, e.cuenta_id, c.nombre AS por, e.en_ms, "
    "e.resolucion, coalesce(r.nombre, '') AS resolvio, e.resuelta_ms FROM elevaciones e "
    "JOIN apoyos a ON a.id = e.apoyo_id JOIN cuentas c ON c.id = e.cuenta_id "
    "LEFT JOIN cuentas r ON r.id = e.resuelta_por "
)


def add(conn: sqlite3.Connection, apoyo_id: int, dictamen_id: int, motivo: str, cuenta: int, now_ms: int) -> int:
    """A case that somebody raised; returns its id."""
    cursor = conn.execute(
        "INSERT INTO elevaciones (apoyo_id, dictamen_id, motivo, cuenta_id, en_ms) VALUES (?, ?, ?, ?, ?)",
        (apoyo_id, dictamen_id, motivo, cuenta, now_ms),
    )
    return int(cursor.lastrowid or 0)


def get(conn: sqlite3.Connection, id_: int) -> Elevacion | None:
    """One case."""
    row = conn.execute(_SELECT + "WHERE e.id = ?", (id_,)).fetchone()
    return Elevacion(**dict(row)) if row else None


def of_dictamen(conn: sqlite3.Connection, dictamen: int, apoyo_id: int) -> Elevacion | None:
    """The case that this dictamen raised."""
    row = conn.execute(_SELECT + "WHERE e.apoyo_id = ? AND e.dictamen_id = ?", (apoyo_id, dictamen)).fetchone()
    return Elevacion(**dict(row)) if row else None


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> list[Elevacion]:
    """Those of an apoyo, oldest first."""
    rows = conn.execute(_SELECT + "WHERE e.apoyo_id = ? ORDER BY e.id", (apoyo_id,))
    return [Elevacion(**dict(row)) for row in rows]


def page(conn: sqlite3.Connection, at: PorClave, limit: int, *, abiertas: bool) -> tuple[list[Elevacion], bool, bool]:
    """Cases of one kind, newest first; whether there are newer and older ones."""
    where = f"e.resuelta_ms IS {'' if abiertas else 'NOT '}NULL"
    rows, newer, older = by_key(conn, _SELECT, "e.id", where, {}, at, limit)
    return [Elevacion(**dict(row)) for row in rows], newer, older


def abiertas(conn: sqlite3.Connection) -> int:
    """How many wait."""
    return int(conn.execute("SELECT count(*) FROM elevaciones WHERE resuelta_ms IS NULL").fetchone()[0])


def resolver(conn: sqlite3.Connection, id_: int, resolucion: str, cuenta: int, now_ms: int) -> bool:
    """What was said of it; False when it was resolved before."""
    cursor = conn.execute(
        "UPDATE elevaciones SET resolucion = ?, resuelta_por = ?, resuelta_ms = ? WHERE id = ? AND resuelta_ms IS NULL",
        (resolucion, cuenta, now_ms, id_),
    )
    return cursor.rowcount == 1
