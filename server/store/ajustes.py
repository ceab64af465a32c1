"""Settings that an administrator makes on a page: one row each (server.domain.institucion says which)."""

from __future__ import annotations

import sqlite3

from server.domain.institucion import Institucion
from server.domain.reglas import Reglas


def institucion(conn: sqlite3.Connection, nombre: str) -> Institucion:
    """The institute as it was last described; `nombre` is that of the environment."""
    rows = conn.execute("SELECT clave, valor, archivo_id FROM ajustes").fetchall()
    logo = next((row["archivo_id"] or 0 for row in rows if row["clave"] == "logo"), 0)
    return Institucion.of(nombre, {row["clave"]: row["valor"] for row in rows}, logo)


def valores(conn: sqlite3.Connection) -> dict[str, str]:
    """What was set, by setting; "" for one that went back to what comes with the system."""
    return {row["clave"]: row["valor"] for row in conn.execute("SELECT clave, valor FROM ajustes")}


def reglas(conn: sqlite3.Connection) -> Reglas:
    """The rules of review as the OPL set them."""
    return Reglas.of(valores(conn))


def poner(conn: sqlite3.Connection, clave: str, valor: str, archivo_id: int | None, now_ms: int) -> None:
    """Set one. `archivo_id`: its file in `archivos`, for the logo."""
    conn.execute(
        "INSERT INTO ajustes (clave, valor, archivo_id, cambiado_ms) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (clave) DO UPDATE SET valor = excluded.valor, archivo_id = excluded.archivo_id, "
        "cambiado_ms = excluded.cambiado_ms",
        (clave, valor, archivo_id, now_ms),
    )


def logo(conn: sqlite3.Connection) -> bytes | None:
    """The logo in use, PNG; None when there is none."""
    row = conn.execute(
        "SELECT contenido FROM ajustes JOIN archivos ON archivos.id = archivo_id WHERE clave = 'logo'"
    ).fetchone()
    return bytes(row["contenido"]) if row else None


def sorteo(conn: sqlite3.Connection, now_ms: int) -> str:
    """The secret of this box by which it is drawn who is reviewed twice; made the first time that it is asked for."""
    conn.execute(
        "INSERT INTO ajustes (clave, valor, cambiado_ms) VALUES ('mesa_sorteo', lower(hex(randomblob(16))), ?) "
        "ON CONFLICT (clave) DO NOTHING",
        (now_ms,),
    )
    return str(conn.execute("SELECT valor FROM ajustes WHERE clave = 'mesa_sorteo'").fetchone()[0])
