"""Sync sessions: the manifest a phone sent, when, and the token it got (SPEC §8.1)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sesion:
    """A session as an upload needs it."""

    id: int
    dispositivo_id: int
    vence_ms: int


def insert(
    conn: sqlite3.Connection,
    dispositivo_id: int,
    nonce: str,
    token_resumen: bytes,
    manifiesto: bytes,
    pendientes: int,
    reloj_ms: int,
    recibida_ms: int,
    vence_ms: int,
) -> int | None:
    """A new session; None when this nonce was seen before."""
    row = conn.execute(
        "INSERT INTO sesiones_sync (dispositivo_id, nonce, token_resumen, manifiesto, pendientes, reloj_ms, "
        "recibida_ms, vence_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (dispositivo_id, nonce) DO NOTHING RETURNING id",
        (dispositivo_id, nonce, token_resumen, manifiesto, pendientes, reloj_ms, recibida_ms, vence_ms),
    ).fetchone()
    return int(row[0]) if row else None


def by_token(conn: sqlite3.Connection, token_resumen: bytes) -> Sesion | None:
    """The session that a bearer token belongs to."""
    row = conn.execute(
        "SELECT id, dispositivo_id, vence_ms FROM sesiones_sync WHERE token_resumen = ?", (token_resumen,)
    ).fetchone()
    return Sesion(**dict(row)) if row else None
