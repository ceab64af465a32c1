"""Who reviews in the mesa: accounts that may, and those that have work whether they may or not (row B7)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operador:
    """One account. `activa`: it may be given work now."""

    id: int
    nombre: str
    rol: str
    activa: bool


_ACTIVE = "(estatus = 'activa' AND rol IN ('operacion', 'administracion'))"


def todos(conn: sqlite3.Connection) -> list[Operador]:
    """Those that may review, and those with work assigned or decisions given, by name."""
    rows = conn.execute(
        f"SELECT id, nombre, rol, {_ACTIVE} AS activa FROM cuentas WHERE {_ACTIVE} "  # noqa: S608
        "OR id IN (SELECT asignada FROM conteos_mesa WHERE n > 0 AND asignada > 0) "
        "OR id IN (SELECT cuenta_id FROM conteos_dictamenes WHERE ronda <> 'audiencia') ORDER BY nombre, id"
    )
    return [Operador(row[0], row[1], row[2], bool(row[3])) for row in rows]


def get(conn: sqlite3.Connection, cuenta: int) -> Operador | None:
    """One account of the OPL."""
    row = conn.execute(
        f"SELECT id, nombre, rol, {_ACTIVE} AS activa FROM cuentas WHERE id = ? AND aspirante_id IS NULL",  # noqa: S608
        (cuenta,),
    ).fetchone()
    return Operador(row[0], row[1], row[2], bool(row[3])) if row else None


def nombres(conn: sqlite3.Connection) -> dict[int, str]:
    """Names of the OPL's accounts, by id."""
    return dict(conn.execute("SELECT id, nombre FROM cuentas WHERE aspirante_id IS NULL").fetchall())
