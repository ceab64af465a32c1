"""Who is in the portals: one row a session, found by the SHA-256 of the token that its cookie holds (row A1, A2)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abierta:
    """A session in the list of one's own."""

    id: int
    agente: str
    creada_ms: int
    vista_ms: int
    vence_ms: int
    segundo_factor: bool


def add(
    conn: sqlite3.Connection,
    resumen: bytes,
    cuenta_id: int,
    *,
    segundo_factor: bool,
    agente: str,
    now_ms: int,
    vence_ms: int,
) -> int:
    """Open a session; returns its id. `resumen`: SHA-256 of the token."""
    cursor = conn.execute(
        "INSERT INTO sesiones_portal (resumen, cuenta_id, segundo_factor, agente, creada_ms, vista_ms, vence_ms) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (resumen, cuenta_id, segundo_factor, agente, now_ms, now_ms, vence_ms),
    )
    return int(cursor.lastrowid or 0)


def by_token_digest(conn: sqlite3.Connection, resumen: bytes) -> sqlite3.Row | None:
    """The session of a token, joined with its account; closed and expired ones too (the caller judges)."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT s.id, s.cuenta_id, s.segundo_factor, s.creada_ms, s.vista_ms, s.vence_ms, s.cerrada_ms, c.rol, "
        "c.nombre, c.correo, c.estatus, c.aspirante_id, a.estatus AS aspirante_estatus FROM sesiones_portal s "
        "JOIN cuentas c ON c.id = s.cuenta_id LEFT JOIN aspirantes a ON a.id = c.aspirante_id WHERE s.resumen = ?",
        (resumen,),
    ).fetchone()
    return row


def touch(conn: sqlite3.Connection, id_: int, now_ms: int) -> None:
    """The person was here."""
    conn.execute("UPDATE sesiones_portal SET vista_ms = max(vista_ms, ?) WHERE id = ?", (now_ms, id_))


def close(conn: sqlite3.Connection, id_: int, cuenta_id: int, now_ms: int) -> bool:
    """End one session of this account; False when it is not one, or was ended before."""
    cursor = conn.execute(
        "UPDATE sesiones_portal SET cerrada_ms = ? WHERE id = ? AND cuenta_id = ? AND cerrada_ms IS NULL",
        (now_ms, id_, cuenta_id),
    )
    return cursor.rowcount == 1


def close_digest(conn: sqlite3.Connection, resumen: bytes, now_ms: int) -> None:
    """End the session of this token, if it is one."""
    conn.execute(
        "UPDATE sesiones_portal SET cerrada_ms = ? WHERE resumen = ? AND cerrada_ms IS NULL", (now_ms, resumen)
    )


def close_all(conn: sqlite3.Connection, cuenta_id: int, now_ms: int, *, but: int | None = None) -> int:
    """End every session of an account, but for one; returns how many."""
    cursor = conn.execute(
        "UPDATE sesiones_portal SET cerrada_ms = ? WHERE cuenta_id = ? AND cerrada_ms IS NULL AND id IS NOT ?",
        (now_ms, cuenta_id, but),
    )
    return cursor.rowcount


def open_of(conn: sqlite3.Connection, cuenta_id: int, now_ms: int, idle_since_ms: int) -> list[Abierta]:
    """The sessions that still let someone in, newest use first. `idle_since_ms`: unused since then counts as over."""
    rows = conn.execute(
        "SELECT id, agente, creada_ms, vista_ms, vence_ms, segundo_factor FROM sesiones_portal "
        "WHERE cuenta_id = ? AND cerrada_ms IS NULL AND vence_ms > ? AND vista_ms > ? ORDER BY vista_ms DESC, id DESC",
        (cuenta_id, now_ms, idle_since_ms),
    )
    return [
        Abierta(r["id"], r["agente"], r["creada_ms"], r["vista_ms"], r["vence_ms"], bool(r["segundo_factor"]))
        for r in rows
    ]


def forget(conn: sqlite3.Connection, before_ms: int) -> int:
    """Remove what ended before an instant; the bitácora keeps that it was. Returns how many."""
    return conn.execute("DELETE FROM sesiones_portal WHERE vence_ms < ?", (before_ms,)).rowcount
