"""Avisos de privacidad that were published, every version (row B13). None is ever changed or taken out."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aviso:
    """A version. `clase`: integral or simplificado. `texto`: markdown. `vigente`: no later one of its clase."""

    id: int
    clase: str
    titulo: str
    texto: str
    publicado_ms: int
    publicado_por: str
    vigente: bool


_SELECT = (
    "SELECT a.id, a.clase, a.titulo, {texto} AS texto, a.publicado_ms, coalesce(c.nombre, '') AS publicado_por, "
    "a.id = (SELECT max(b.id) FROM avisos_privacidad b WHERE b.clase = a.clase) AS vigente "
    "FROM avisos_privacidad a LEFT JOIN cuentas c ON c.id = a.publicado_por "
)


def _aviso(row: sqlite3.Row) -> Aviso:
    return Aviso(**{**dict(row), "vigente": bool(row["vigente"])})


def publicar(conn: sqlite3.Connection, clase: str, titulo: str, texto: str, now_ms: int, cuenta: int) -> int:
    """Add a version, which is in force from now; returns its id."""
    cursor = conn.execute(
        "INSERT INTO avisos_privacidad (clase, titulo, texto, publicado_ms, publicado_por) VALUES (?, ?, ?, ?, ?)",
        (clase, titulo, texto, now_ms, cuenta),
    )
    return int(cursor.lastrowid or 0)


def lista(conn: sqlite3.Connection) -> list[Aviso]:
    """All versions, newest first, without their text."""
    return [_aviso(row) for row in conn.execute(_SELECT.format(texto="''") + "ORDER BY a.id DESC")]


def get(conn: sqlite3.Connection, id_: int) -> Aviso | None:
    """One version."""
    row = conn.execute(_SELECT.format(texto="a.texto") + "WHERE a.id = ?", (id_,)).fetchone()
    return _aviso(row) if row else None


def vigente(conn: sqlite3.Connection, clase: str) -> Aviso | None:
    """The version in force; None before the first."""
    row = conn.execute(
        _SELECT.format(texto="a.texto") + "WHERE a.clase = ? ORDER BY a.id DESC LIMIT 1", (clase,)
    ).fetchone()
    return _aviso(row) if row else None
