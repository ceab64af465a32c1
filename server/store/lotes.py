"""The lotes that the index knows: one row a file of the diario."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UltimoLote:
    """The end of the chain as the index has it. `resumen` is 32 bytes; zeros when there is no lote."""

    numero: int
    resumen: bytes


def insert(conn: sqlite3.Connection, numero: int, resumen: bytes, sobres: int, tam: int, creado_ms: int) -> None:
    """One more lote."""
    conn.execute(
        "INSERT INTO lotes (numero, resumen, sobres, tam, creado_ms) VALUES (?, ?, ?, ?, ?)",
        (numero, resumen, sobres, tam, creado_ms),
    )


def newest(conn: sqlite3.Connection) -> UltimoLote:
    """The newest lote; number 0 when there is none."""
    row = conn.execute("SELECT numero, resumen FROM lotes ORDER BY numero DESC LIMIT 1").fetchone()
    return UltimoLote(row["numero"], row["resumen"]) if row else UltimoLote(0, bytes(32))


def resumen(conn: sqlite3.Connection, numero: int) -> bytes | None:
    """Hash of one lote's manifest."""
    row = conn.execute("SELECT resumen FROM lotes WHERE numero = ?", (numero,)).fetchone()
    return row["resumen"] if row else None
