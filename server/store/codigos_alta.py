"""The mailed one-time codes of an alta, kept only as salted hashes (row D1)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodigoAlta:
    """The newest code that was asked for."""

    id: int
    sal: bytes
    resumen: bytes
    vence_ms: int
    intentos: int
    usado_ms: int | None


def insert(
    conn: sqlite3.Connection, auxiliar_id: int, sal: bytes, resumen: bytes, creado_ms: int, vence_ms: int
) -> int:
    """A new code; those before it stop counting."""
    cursor = conn.execute(
        "INSERT INTO codigos_alta (auxiliar_id, sal, resumen, creado_ms, vence_ms) VALUES (?, ?, ?, ?, ?)",
        (auxiliar_id, sal, resumen, creado_ms, vence_ms),
    )
    return int(cursor.lastrowid or 0)


def newest(conn: sqlite3.Connection, auxiliar_id: int) -> CodigoAlta | None:
    """The only code that can be used."""
    row = conn.execute(
        "SELECT id, sal, resumen, vence_ms, intentos, usado_ms FROM codigos_alta WHERE auxiliar_id = ? "
        "ORDER BY id DESC LIMIT 1",
        (auxiliar_id,),
    ).fetchone()
    return CodigoAlta(**dict(row)) if row else None


def count_since(conn: sqlite3.Connection, auxiliar_id: int, since_ms: int) -> int:
    """How many codes were asked for since then."""
    row = conn.execute(
        "SELECT count(*) FROM codigos_alta WHERE auxiliar_id = ? AND creado_ms >= ?", (auxiliar_id, since_ms)
    ).fetchone()
    return int(row[0])


def add_attempt(conn: sqlite3.Connection, id_: int) -> None:
    """A wrong try."""
    conn.execute("UPDATE codigos_alta SET intentos = intentos + 1 WHERE id = ?", (id_,))


def use(conn: sqlite3.Connection, id_: int, now_ms: int) -> bool:
    """Spend the code; says whether it was still unspent."""
    cursor = conn.execute("UPDATE codigos_alta SET usado_ms = ? WHERE id = ? AND usado_ms IS NULL", (now_ms, id_))
    return cursor.rowcount == 1
