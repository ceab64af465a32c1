"""Uploads under way: id, length, owner, expiry. Never the offset: that is the length of the partial file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subida:
    """One upload. `codigo`: the código de integridad (32 bytes) that its bytes must have in the end."""

    id: str
    dispositivo_id: int
    registro: int
    tam: int
    codigo: bytes
    vence_ms: int


def upload_id(dispositivo: int, registro: int, codigo: bytes) -> str:
    """The address of an upload follows from what it must hold, so two contents of a folio never share bytes."""
    return f"{dispositivo}-{registro}-{codigo[:8].hex()}"


def upsert(conn: sqlite3.Connection, subidas: Iterable[Subida]) -> None:
    """Open uploads, or give those that exist more time."""
    conn.executemany(
        "INSERT INTO subidas (id, dispositivo_id, registro, tam, codigo, vence_ms) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET vence_ms = max(vence_ms, excluded.vence_ms)",
        [(s.id, s.dispositivo_id, s.registro, s.tam, s.codigo, s.vence_ms) for s in subidas],
    )


def get(conn: sqlite3.Connection, id_: str) -> Subida | None:
    """One upload."""
    row = conn.execute("SELECT * FROM subidas WHERE id = ?", (id_,)).fetchone()
    return Subida(**dict(row)) if row else None


def known(conn: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
    """Which of these are open."""
    return {id_ for id_ in ids if conn.execute("SELECT 1 FROM subidas WHERE id = ?", (id_,)).fetchone()}


def of_device(conn: sqlite3.Connection, dispositivo: int) -> set[str]:
    """Ids of a device's open uploads."""
    return {row[0] for row in conn.execute("SELECT id FROM subidas WHERE dispositivo_id = ?", (dispositivo,))}


def delete(conn: sqlite3.Connection, id_: str) -> None:
    """The upload is complete, or was terminated."""
    conn.execute("DELETE FROM subidas WHERE id = ?", (id_,))


def delete_expired(conn: sqlite3.Connection, now_ms: int) -> list[str]:
    """Drop the expired; returns their ids, so that the partial files can follow."""
    return [row[0] for row in conn.execute("DELETE FROM subidas WHERE vence_ms <= ? RETURNING id", (now_ms,))]
