"""Small files that people upload and that travel with the index's replica (row A1; emblems and logos of others)."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Archivo:
    """One file. `resumen`: its SHA-256; `medio`: its media type, as it was found to be."""

    id: int
    nombre: str
    medio: str
    resumen: bytes
    contenido: bytes
    creado_ms: int


def add(conn: sqlite3.Connection, nombre: str, medio: str, contenido: bytes, now_ms: int) -> int:
    """Keep a file, at most 5 MB; returns its id."""
    cursor = conn.execute(
        "INSERT INTO archivos (nombre, medio, resumen, contenido, creado_ms) VALUES (?, ?, ?, ?, ?)",
        (nombre, medio, hashlib.sha256(contenido).digest(), contenido, now_ms),
    )
    return int(cursor.lastrowid or 0)


def get(conn: sqlite3.Connection, id_: int) -> Archivo | None:
    """One file with its bytes."""
    row = conn.execute(
        "SELECT id, nombre, medio, resumen, contenido, creado_ms FROM archivos WHERE id = ?", (id_,)
    ).fetchone()
    return Archivo(**dict(row)) if row else None
