"""Who is in the portals: one row a session, found by the SHA-256 of the token that its cookie holds (row A1, A2)."""

from __future__ import annotations

import sqlite3


def by_token_digest(conn: sqlite3.Connection, resumen: bytes) -> sqlite3.Row | None:
    """The session of a token, joined with its account; closed and expired ones too (the caller judges)."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT s.id, s.cuenta_id, s.segundo_factor, s.vista_ms, s.vence_ms, s.cerrada_ms, c.rol, c.nombre, c.correo, "
        "c.estatus, c.aspirante_id, a.estatus AS aspirante_estatus FROM sesiones_portal s "
        "JOIN cuentas c ON c.id = s.cuenta_id LEFT JOIN aspirantes a ON a.id = c.aspirante_id WHERE s.resumen = ?",
        (resumen,),
    ).fetchone()
    return row


def touch(conn: sqlite3.Connection, id_: int, now_ms: int) -> None:
    """The person was here."""
    conn.execute("UPDATE sesiones_portal SET vista_ms = max(vista_ms, ?) WHERE id = ?", (now_ms, id_))
