"""What heads a printable about an aspirante: their name and periodo."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rotulo:
    """`nombre`: the whole name. `periodo`: its name, which says the cargo; "" when it is still to be restored."""

    nombre: str
    periodo: str


def rotulo(conn: sqlite3.Connection, solicitud: int) -> Rotulo:
    """Of an aspirante that there is."""
    row = conn.execute(
        "SELECT a.nombre, a.apellido_paterno, a.apellido_materno, coalesce(p.nombre, '') AS periodo "
        "FROM aspirantes a LEFT JOIN periodos p ON p.id = a.periodo_id WHERE a.id = ?",
        (solicitud,),
    ).fetchone()
    nombre = " ".join(part for part in (row["nombre"], row["apellido_paterno"], row["apellido_materno"]) if part)
    return Rotulo(nombre, row["periodo"])
