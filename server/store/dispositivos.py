"""Phones: their alta, baja and keys (rows D1, D2)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dispositivo:
    """A phone and whom it belongs to. `llaves`: its public keys (65-byte points), newest first."""

    id: int
    auxiliar_id: int
    solicitud: int
    baja_ms: int | None
    llaves: tuple[bytes, ...]


def insert(conn: sqlite3.Connection, auxiliar_id: int, modelo: str, alta_ms: int, *, id_: int | None = None) -> int:
    """A new phone; returns its Id. `id_` is given only when the diario is replayed."""
    cursor = conn.execute(
        "INSERT INTO dispositivos (id, auxiliar_id, modelo, alta_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (id_, auxiliar_id, modelo, alta_ms),
    )
    return id_ if id_ is not None else int(cursor.lastrowid or 0)


def add_key(conn: sqlite3.Connection, dispositivo: int, punto: bytes, desde_ms: int, lote: int) -> None:
    """One more public key of a phone; the same key again changes nothing."""
    conn.execute(
        "INSERT INTO llaves_dispositivo (punto, dispositivo_id, desde_ms, lote) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (punto, dispositivo, desde_ms, lote),
    )


def get(conn: sqlite3.Connection, id_: int) -> Dispositivo | None:
    """One phone."""
    row = conn.execute(
        "SELECT d.id, d.auxiliar_id, a.aspirante_id, d.baja_ms FROM dispositivos d "
        "JOIN auxiliares a ON a.id = d.auxiliar_id WHERE d.id = ?",
        (id_,),
    ).fetchone()
    if row is None:
        return None
    keys = conn.execute(
        "SELECT punto FROM llaves_dispositivo WHERE dispositivo_id = ? ORDER BY desde_ms DESC, lote DESC", (id_,)
    )
    return Dispositivo(row["id"], row["auxiliar_id"], row["aspirante_id"], row["baja_ms"], tuple(k[0] for k in keys))


@dataclass(frozen=True, slots=True)
class Procedencia:
    """What decides the marks of a registro: bajas, and the periodo's window (None while it is to be restored)."""

    dispositivo_baja_ms: int | None
    auxiliar_baja_ms: int | None
    inicia_ms: int | None
    termina_ms: int | None


def provenance(conn: sqlite3.Connection, id_: int) -> Procedencia:
    """Where the registros of a phone come from. The phone exists: its signature has been verified."""
    row = conn.execute(
        "SELECT d.baja_ms AS dispositivo_baja_ms, a.baja_ms AS auxiliar_baja_ms, o.inicia_ms, o.termina_ms "
        "FROM dispositivos d JOIN auxiliares a ON a.id = d.auxiliar_id JOIN aspirantes s ON s.id = a.aspirante_id "
        "LEFT JOIN periodos o ON o.id = s.periodo_id WHERE d.id = ?",
        (id_,),
    ).fetchone()
    return Procedencia(**dict(row))


def owner_of_key(conn: sqlite3.Connection, punto: bytes) -> tuple[int, int] | None:
    """(dispositivo, lote of its alta) of a public key, if it is known."""
    row = conn.execute("SELECT dispositivo_id, lote FROM llaves_dispositivo WHERE punto = ?", (punto,)).fetchone()
    return (row["dispositivo_id"], row["lote"]) if row else None


def active_of(conn: sqlite3.Connection, auxiliar_id: int) -> list[int]:
    """Ids of an auxiliar's phones without baja."""
    rows = conn.execute(
        "SELECT id FROM dispositivos WHERE auxiliar_id = ? AND baja_ms IS NULL ORDER BY id", (auxiliar_id,)
    )
    return [row[0] for row in rows]


def set_baja(conn: sqlite3.Connection, id_: int, baja_ms: int) -> bool:
    """Baja of a phone; says whether it was active until now."""
    cursor = conn.execute("UPDATE dispositivos SET baja_ms = ? WHERE id = ? AND baja_ms IS NULL", (baja_ms, id_))
    return cursor.rowcount == 1


def counts(conn: sqlite3.Connection) -> tuple[int, int]:
    """(active, with baja)."""
    row = conn.execute("SELECT count(*) FILTER (WHERE baja_ms IS NULL), count(baja_ms) FROM dispositivos").fetchone()
    return int(row[0]), int(row[1])
