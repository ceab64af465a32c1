"""Versions of the criteria of review (row G4). Version 0 is the protocol's and has no rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.apoyo import Via
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `nota`: why it was published; `publicada_por` is a name, empty for the protocol's."""

    id: int
    nota: str
    publicada_ms: int
    publicada_por: str


def newest(conn: sqlite3.Connection) -> int:
    """The version in force; 0 while the protocol's is."""
    return int(conn.execute("SELECT coalesce(max(id), 0) FROM criterios_versiones").fetchone()[0])


def of_version(conn: sqlite3.Connection, version: int) -> tuple[Inconsistencia, ...] | None:
    """Its incisos in their order; None when there is no such version."""
    if version == 0:
        return tuple(DEL_PROTOCOLO.values())
    rows = conn.execute(
        "SELECT inciso, categoria, texto, detalle, pide_detalle, via FROM criterios WHERE version_id = ? "
        "ORDER BY orden",
        (version,),
    ).fetchall()
    found = tuple(Inconsistencia(row[0], row[1], row[2], row[3], bool(row[4]), Via(row[5])) for row in rows)
    return found or None


def versiones(conn: sqlite3.Connection) -> list[Version]:
    """Those that the OPL published, newest first."""
    rows = conn.execute(
        "SELECT v.id, v.nota, v.publicada_ms, c.nombre FROM criterios_versiones v "
        "JOIN cuentas c ON c.id = v.publicada_por ORDER BY v.id DESC"
    )
    return [Version(*row) for row in rows]


def publish(conn: sqlite3.Connection, incisos: Sequence[Inconsistencia], nota: str, cuenta: int, now_ms: int) -> int:
    """A new version, in force at once; returns its number."""
    cursor = conn.execute(
        "INSERT INTO criterios_versiones (nota, publicada_ms, publicada_por) VALUES (?, ?, ?)", (nota, now_ms, cuenta)
    )
    version = int(cursor.lastrowid or 0)
    conn.executemany(
        "INSERT INTO criterios (version_id, orden, inciso, via, categoria, texto, detalle, pide_detalle) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (version, n, one.inciso, one.via.value, str(one.tipo), one.texto, one.detalle, int(one.pide_detalle))
            for n, one in enumerate(incisos)
        ],
    )
    return version
