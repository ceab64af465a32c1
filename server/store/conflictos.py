"""What was refused and kept: conflicts (bytes in the diario) and refusals (only the fact)."""

from __future__ import annotations

import sqlite3

MAX_CONFLICTS = 100
"""Conflicts kept per device: past it they are refused without being stored, or one phone could fill the disk."""


def insert_conflict(
    conn: sqlite3.Connection,
    folio: str,
    dispositivo: int,
    registro: int,
    codigo: bytes,
    tam: int,
    recibido_ms: int,
    lote: int,
    posicion: int,
) -> None:
    """A folio with another content, at this place of the diario."""
    conn.execute(
        "INSERT INTO conflictos (folio, dispositivo, registro, codigo, tam, recibido_ms, lote, posicion) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (folio, dispositivo, registro, codigo, tam, recibido_ms, lote, posicion),
    )


def conflict_known(conn: sqlite3.Connection, folio: str, codigo: bytes) -> bool:
    """Whether exactly this content is kept already."""
    return (
        conn.execute("SELECT 1 FROM conflictos WHERE folio = ? AND codigo = ?", (folio, codigo)).fetchone() is not None
    )


def conflicts_of(conn: sqlite3.Connection, dispositivo: int) -> dict[tuple[int, bytes], str]:
    """A device's conflicts as refusals: (registro, codigo) -> code."""
    rows = conn.execute("SELECT registro, codigo FROM conflictos WHERE dispositivo = ?", (dispositivo,))
    return {(row[0], row[1]): "folio_en_conflicto" for row in rows}


def conflict_count(conn: sqlite3.Connection, dispositivo: int | None = None) -> int:
    """How many are kept, of one device or of all."""
    row = conn.execute(
        "SELECT count(*) FROM conflictos WHERE ? IS NULL OR dispositivo = ?", (dispositivo, dispositivo)
    ).fetchone()
    return int(row[0])


def insert_refusal(
    conn: sqlite3.Connection, dispositivo: int, registro: int, codigo: bytes, motivo: str, en_ms: int
) -> None:
    """A sobre that was refused for good."""
    conn.execute(
        "INSERT INTO rechazos (dispositivo, registro, codigo, motivo, en_ms) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (dispositivo, registro, codigo, motivo, en_ms),
    )


def refusal(conn: sqlite3.Connection, dispositivo: int, registro: int, codigo_start: bytes) -> str | None:
    """Why the sobre whose código begins so was refused for good; None when it was not."""
    rows = conn.execute(
        "SELECT codigo, motivo FROM rechazos WHERE dispositivo = ? AND registro = ? "
        "UNION ALL SELECT codigo, 'folio_en_conflicto' FROM conflictos WHERE dispositivo = ? AND registro = ?",
        (dispositivo, registro, dispositivo, registro),
    )
    return next((motivo for codigo, motivo in rows if codigo.startswith(codigo_start)), None)


def refusals_of(conn: sqlite3.Connection, dispositivo: int) -> dict[tuple[int, bytes], str]:
    """A device's refusals: (registro, codigo) -> code."""
    rows = conn.execute("SELECT registro, codigo, motivo FROM rechazos WHERE dispositivo = ?", (dispositivo,))
    return {(row[0], row[1]): row[2] for row in rows}
