"""To whom the régimen de excepción was granted, for which municipios, and since when (row B5, P11.2)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from server.domain.apoyo import para_buscar

TODO = ""
"""In place of a municipio: the whole territory."""


@dataclass(frozen=True, slots=True)
class Excepcion:
    """One grant. `otorgada_ms`, `revocada_ms`: the first instant of the day that the oficio says."""

    id: int
    solicitud: int
    aspirante: str
    municipio: str
    oficio: str
    otorgada_ms: int
    revocada_ms: int | None


_COLUMNS = (
    "e.id, e.solicitud, trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno) AS aspirante, "
    "e.municipio, e.oficio, e.otorgada_ms, e.revocada_ms"
)
_FROM = f"SELECT {_COLUMNS} FROM excepciones e JOIN aspirantes x ON x.id = e.solicitud "  # noqa: S608


def lugar(municipio: str) -> str:
    """A municipio as two are compared: by its number, or by its name without accents and capitals."""
    plain = para_buscar(municipio)
    return str(int(plain)) if plain.isascii() and plain.isdigit() else plain


def get(conn: sqlite3.Connection, id_: int) -> Excepcion | None:
    """One grant."""
    row = conn.execute(f"{_FROM}WHERE e.id = ?", (id_,)).fetchone()
    return Excepcion(**dict(row)) if row else None


def listed(conn: sqlite3.Connection, limit: int) -> list[Excepcion]:
    """Grants, those in force first, the newest of each first."""
    rows = conn.execute(f"{_FROM}ORDER BY e.revocada_ms IS NOT NULL, e.id DESC LIMIT ?", (limit,))
    return [Excepcion(**dict(row)) for row in rows]


def vigentes(conn: sqlite3.Connection, solicitud: int) -> frozenset[str]:
    """The municipios for which it is in force; TODO ("") among them: the whole territory. Empty: for none."""
    rows = conn.execute("SELECT municipio FROM excepciones WHERE solicitud = ? AND revocada_ms IS NULL", (solicitud,))
    return frozenset(row["municipio"] for row in rows)


def ampara(conn: sqlite3.Connection, solicitud: int, recibido_ms: int, municipio: str | None = None) -> bool:
    """Whether paper that was received at this instant is covered.

    What was received before a revocation stays covered by it. `municipio`: the person's home, by name or number; None,
    or empty: ask for any municipio. A number cannot be compared with a name, and is not held against anybody.
    """
    rows = conn.execute(
        "SELECT municipio FROM excepciones WHERE solicitud = ? AND (revocada_ms IS NULL OR revocada_ms > ?)",
        (solicitud, recibido_ms),
    ).fetchall()
    if not (municipio or "").strip():
        return bool(rows)
    home = lugar(municipio or "")
    granted = [row["municipio"] for row in rows]
    return any(one == TODO or lugar(one) == home or lugar(one).isdigit() != home.isdigit() for one in granted)


def otorgar(
    conn: sqlite3.Connection, solicitud: int, municipio: str, oficio: str, otorgada_ms: int, por: int
) -> int | None:
    """Grant it; returns the id, None when it is in force for this municipio already."""
    cursor = conn.execute(
        "INSERT INTO excepciones (solicitud, municipio, oficio, otorgada_ms, otorgada_por) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        (solicitud, municipio, oficio, otorgada_ms, por),
    )
    return int(cursor.lastrowid or 0) if cursor.rowcount == 1 else None


def revocar(conn: sqlite3.Connection, id_: int, revocada_ms: int, por: int) -> bool:
    """Revoke it; says whether it was in force."""
    cursor = conn.execute(
        "UPDATE excepciones SET revocada_ms = ?, revocada_por = ? WHERE id = ? AND revocada_ms IS NULL",
        (revocada_ms, por, id_),
    )
    return cursor.rowcount == 1


def amparados(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """(folio de solicitud, name) of every aspirante to whom it was ever granted: whose paper may have been received."""
    rows = conn.execute(
        "SELECT x.id, trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno) AS nombre "
        "FROM aspirantes x WHERE EXISTS (SELECT 1 FROM excepciones e WHERE e.solicitud = x.id) ORDER BY nombre, x.id"
    )
    return [(row["id"], row["nombre"]) for row in rows]


def aspirantes(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """(folio de solicitud, name) of every aspirante to whom it may be granted: confirmed and active."""
    rows = conn.execute(
        "SELECT id, trim(nombre || ' ' || apellido_paterno || ' ' || apellido_materno) AS nombre FROM aspirantes "
        "WHERE estatus = 'activo' ORDER BY nombre, id"
    )
    return [(row["id"], row["nombre"]) for row in rows]


def volver_a_verificar(conn: sqlite3.Connection, solicitud: int, desde_id: int) -> int:
    """The apoyos of paper of this aspirante are looked at again from the ámbito on; returns how many."""
    cursor = conn.execute(
        "UPDATE trabajos SET etapa = 'verificar_ambito', estado = 'pendiente', intentos = 0, proximo_ms = 0, "
        "motivo = '' WHERE estado = 'hecho' AND id IN (SELECT id FROM apoyos WHERE solicitud = ? AND id >= ?)",
        (solicitud, desde_id),
    )
    return cursor.rowcount
