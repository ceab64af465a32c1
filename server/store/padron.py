"""The copy of the padrón, versioned by its date of cut (row F2)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

COLUMNS = (
    "clave_elector", "curp", "cic", "ocr", "nombre", "apellido_paterno", "apellido_materno", "fecha_nacimiento",
    "sexo", "entidad", "municipio", "seccion", "situacion", "motivo_baja",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Respuesta:
    """What the version in force says of a person. `motivo`: of a BAJA, else empty. `corte`: aaaa-mm-dd, or empty."""

    situacion: str
    motivo: str = ""
    corte: str = ""


def corte_vigente(conn: sqlite3.Connection) -> str | None:
    """The date of cut of the version in force; None when no padrón was ever loaded."""
    row = conn.execute("SELECT corte FROM padron_versiones WHERE vigente = 1").fetchone()
    return str(row[0]) if row else None


def ask(conn: sqlite3.Connection, clave_elector: str) -> Respuesta:
    """Situación registral of a clave de elector: SIN_RESPUESTA without a padrón or without a clave to ask for."""
    version = conn.execute("SELECT id, corte FROM padron_versiones WHERE vigente = 1").fetchone()
    if version is None or not clave_elector:
        return Respuesta("SIN_RESPUESTA")
    row = conn.execute(
        "SELECT situacion, motivo_baja FROM padron WHERE version_id = ? AND clave_elector = ?",
        (version["id"], clave_elector),
    ).fetchone()
    if row is None:
        return Respuesta("NO_ENCONTRADO", corte=version["corte"])
    return Respuesta(row["situacion"], row["motivo_baja"], version["corte"])


def import_version(conn: sqlite3.Connection, corte: str, rows: Iterable[Mapping[str, str]], now_ms: int) -> int:
    """Load a whole padrón as the version in force, inside the caller's transaction; returns how many rows."""
    cursor = conn.execute(
        "INSERT INTO padron_versiones (corte, importado_ms, filas, vigente) VALUES (?, ?, 0, 0)", (corte, now_ms)
    )
    version = int(cursor.lastrowid or 0)
    database = Database(conn)
    database.table("padron").insert_all(
        ({"version_id": version} | {column: row[column] for column in COLUMNS} for row in rows),
        batch_size=500,
    )
    total = int(conn.execute("SELECT count(*) FROM padron WHERE version_id = ?", (version,)).fetchone()[0])
    conn.execute("UPDATE padron_versiones SET vigente = 0 WHERE vigente = 1")
    conn.execute("UPDATE padron_versiones SET filas = ?, vigente = 1 WHERE id = ?", (total, version))
    return total
