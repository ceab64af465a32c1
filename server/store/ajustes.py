"""Settings that an administrator makes on a page: one row each (server.domain.institucion says which)."""

from __future__ import annotations

import sqlite3

from server.domain.institucion import Institucion


def institucion(conn: sqlite3.Connection, nombre: str) -> Institucion:
    """The institute as it was last described; `nombre` is that of the environment."""
    rows = conn.execute("SELECT clave, valor, archivo_id FROM ajustes").fetchall()
    logo = next((row["archivo_id"] or 0 for row in rows if row["clave"] == "logo"), 0)
    return Institucion.of(nombre, {row["clave"]: row["valor"] for row in rows}, logo)
