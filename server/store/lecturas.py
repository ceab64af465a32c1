"""What the server's own readers found on the images of an apoyo (row F1). Wrapped before it comes here."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guardada:
    """A reading at rest. `leido`: wrapped for `lectura:<apoyo>`; `lector`: names and versions of the readers."""

    leido: bytes
    lector: str
    en_ms: int


def proposito(apoyo_id: int) -> str:
    """For what purpose the reading of this apoyo is wrapped; it is MessagePack of server.lectura.modelo.Lectura."""
    return f"lectura:{apoyo_id}"


def get(conn: sqlite3.Connection, apoyo_id: int) -> Guardada | None:
    """The reading of an apoyo; None while nobody has read it, and for paper."""
    row = conn.execute("SELECT leido, lector, en_ms FROM lecturas WHERE id = ?", (apoyo_id,)).fetchone()
    return Guardada(row["leido"], row["lector"], row["en_ms"]) if row else None


def save(conn: sqlite3.Connection, apoyo_id: int, leido: bytes, lector: str, en_ms: int) -> None:
    """Keep a reading, in place of the one before."""
    conn.execute(
        "INSERT INTO lecturas (id, leido, lector, en_ms) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "leido = excluded.leido, lector = excluded.lector, en_ms = excluded.en_ms",
        (apoyo_id, leido, lector, en_ms),
    )
