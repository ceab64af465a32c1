"""One-time links and codes that reach people by mail: their hash, their end, how often a code was tried (A1, A2)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

_SELECT = "SELECT id, clase, cuenta_id, resumen, intentos, creada_ms, vence_ms, usada_ms FROM llaves_correo "


@dataclass(frozen=True, slots=True)
class Llave:
    """One link or code. `clase`: invitacion, restablecer, acceso. Instants in ms; `resumen`: 32 bytes."""

    id: int
    clase: str
    cuenta_id: int
    resumen: bytes
    intentos: int
    creada_ms: int
    vence_ms: int
    usada_ms: int | None


def add(conn: sqlite3.Connection, clase: str, cuenta_id: int, resumen: bytes, now_ms: int, vence_ms: int) -> int:
    """A new one; those before it of the same kind are good no longer. Returns its id."""
    void(conn, cuenta_id, now_ms, clase)
    cursor = conn.execute(
        "INSERT INTO llaves_correo (clase, cuenta_id, resumen, creada_ms, vence_ms) VALUES (?, ?, ?, ?, ?)",
        (clase, cuenta_id, resumen, now_ms, vence_ms),
    )
    return int(cursor.lastrowid or 0)


def by_digest(conn: sqlite3.Connection, clase: str, resumen: bytes) -> Llave | None:
    """The link with this hash, used and expired ones too."""
    row = conn.execute(_SELECT + "WHERE resumen = ? AND clase = ?", (resumen, clase)).fetchone()
    return Llave(**dict(row)) if row else None


def newest(conn: sqlite3.Connection, clase: str, cuenta_id: int) -> Llave | None:
    """The one that was sent last."""
    row = conn.execute(
        _SELECT + "WHERE cuenta_id = ? AND clase = ? ORDER BY id DESC LIMIT 1",
        (cuenta_id, clase),
    ).fetchone()
    return Llave(**dict(row)) if row else None


def count_since(conn: sqlite3.Connection, clase: str, cuenta_id: int, since_ms: int) -> int:
    """How many were sent since."""
    row = conn.execute(
        "SELECT count(*) FROM llaves_correo WHERE cuenta_id = ? AND clase = ? AND creada_ms >= ?",
        (cuenta_id, clase, since_ms),
    ).fetchone()
    return int(row[0])


def add_attempt(conn: sqlite3.Connection, id_: int) -> None:
    """One wrong try."""
    conn.execute("UPDATE llaves_correo SET intentos = intentos + 1 WHERE id = ?", (id_,))


def use(conn: sqlite3.Connection, id_: int, now_ms: int) -> bool:
    """Spend it; False when it was spent before."""
    cursor = conn.execute("UPDATE llaves_correo SET usada_ms = ? WHERE id = ? AND usada_ms IS NULL", (now_ms, id_))
    return cursor.rowcount == 1


def void(conn: sqlite3.Connection, cuenta_id: int, now_ms: int, clase: str = "") -> None:
    """Nothing that was mailed so far lets anyone in any more; with `clase`, only what is of that kind."""
    conn.execute(
        "UPDATE llaves_correo SET usada_ms = :now WHERE cuenta_id = :cuenta AND usada_ms IS NULL "
        "AND (:clase = '' OR clase = :clase)",
        {"now": now_ms, "cuenta": cuenta_id, "clase": clase},
    )


def forget(conn: sqlite3.Connection, before_ms: int) -> int:
    """Remove what ended before an instant; returns how many."""
    return conn.execute("DELETE FROM llaves_correo WHERE vence_ms < ?", (before_ms,)).rowcount
