"""Who reviews in a hearing, who may, and what each has before the room (row B8)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revisor:
    """A functionary: named for a hearing, or who may be."""

    cuenta: int
    nombre: str
    cargo: str
    rol: str
    correo: str


_REVISOR = "SELECT c.id AS cuenta, c.nombre, c.cargo, c.rol, c.correo FROM cuentas c "


def revisores(conn: sqlite3.Connection, id_: int) -> list[Revisor]:
    """Who was named for a hearing."""
    rows = conn.execute(
        f"{_REVISOR}JOIN audiencia_revisores v ON v.cuenta_id = c.id WHERE v.audiencia_id = ? ORDER BY c.id", (id_,)
    )
    return [Revisor(**dict(row)) for row in rows]


def revisaron(conn: sqlite3.Connection, id_: int) -> list[Revisor]:
    """Who is named for a hearing, and whoever decided something in it before others took their place."""
    rows = conn.execute(
        f"{_REVISOR}WHERE c.id IN (SELECT cuenta_id FROM audiencia_revisores WHERE audiencia_id = ?1 UNION "  # noqa: S608
        "SELECT f.cuenta_id FROM audiencia_registros r JOIN dictamenes f ON f.id = r.dictamen_final "
        "WHERE r.audiencia_id = ?1) ORDER BY c.id",
        (id_,),
    )
    return [Revisor(**dict(row)) for row in rows]


def is_revisor(conn: sqlite3.Connection, id_: int, cuenta: int) -> bool:
    """Whether this account was named for it."""
    row = conn.execute(
        "SELECT 1 FROM audiencia_revisores WHERE audiencia_id = ? AND cuenta_id = ?", (id_, cuenta)
    ).fetchone()
    return row is not None


def candidatos(conn: sqlite3.Connection) -> list[Revisor]:
    """Active accounts of the OPL that may review in hearings."""
    rows = conn.execute(
        f"{_REVISOR}WHERE c.estatus = 'activa' AND c.rol IN ('audiencia', 'administracion') "
        "ORDER BY c.nombre COLLATE NOCASE, c.id"
    )
    return [Revisor(**dict(row)) for row in rows]


def impedidos(conn: sqlite3.Connection, id_: int) -> set[int]:
    """Accounts that gave any opinion on any contested registro outside this hearing: first, second, third, of a
    reopened case, of another hearing."""
    rows = conn.execute(
        "SELECT DISTINCT d.cuenta_id FROM audiencia_registros r JOIN dictamenes d ON d.apoyo_id = r.apoyo_id "
        "WHERE r.audiencia_id = ?1 AND d.audiencia_id IS NOT ?1",
        (id_,),
    )
    return {int(row[0]) for row in rows}


def put_revisores(conn: sqlite3.Connection, id_: int, cuentas: Collection[int]) -> None:
    """Name these and nobody else; who stays keeps what they have before the room."""
    before = {
        row[0] for row in conn.execute("SELECT cuenta_id FROM audiencia_revisores WHERE audiencia_id = ?", (id_,))
    }
    conn.executemany(
        "DELETE FROM audiencia_revisores WHERE audiencia_id = ? AND cuenta_id = ?",
        [(id_, one) for one in before - set(cuentas)],
    )
    conn.executemany(
        "INSERT INTO audiencia_revisores (audiencia_id, cuenta_id) VALUES (?, ?)",
        [(id_, one) for one in sorted(set(cuentas) - before)],
    )


def set_mirando(conn: sqlite3.Connection, id_: int, cuenta: int, apoyo_id: int | None) -> None:
    """What this reviewer has before the room; None for every reviewer's nothing, when a sitting ends."""
    conn.execute(
        "UPDATE audiencia_revisores SET mirando = ? WHERE audiencia_id = ? AND cuenta_id = ?", (apoyo_id, id_, cuenta)
    )


def mirando(conn: sqlite3.Connection, id_: int, cuenta: int) -> int | None:
    """The registro that this reviewer has before the room."""
    row = conn.execute(
        "SELECT mirando FROM audiencia_revisores WHERE audiencia_id = ? AND cuenta_id = ?", (id_, cuenta)
    ).fetchone()
    return row["mirando"] if row else None


def en_la_sala(conn: sqlite3.Connection, id_: int, apoyo_id: int) -> bool:
    """Whether some reviewer of a hearing has this registro before the room, now that it is held."""
    row = conn.execute(
        "SELECT 1 FROM audiencia_revisores v JOIN audiencias a ON a.id = v.audiencia_id "
        "WHERE v.audiencia_id = ? AND v.mirando = ? AND a.estado = 'en_desahogo'",
        (id_, apoyo_id),
    ).fetchone()
    return row is not None
