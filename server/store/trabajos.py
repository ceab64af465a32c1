"""The queue of work that stages hand to each other by rows (F1-F5). The first job comes with the apoyo (a trigger).

A row says what is to be done next and when. Nobody marks one as taken: a process that is killed leaves its rows as they
were, and what it was doing is done again.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

ESPERA_PADRON = "sin_respuesta"
"""The motivo of a job that only waits to ask the padrón again; its apoyo is at the mesa already."""

_AGAIN = "estado = 'pendiente', intentos = 0, proximo_ms = 0, motivo = ''"


@dataclass(frozen=True, slots=True)
class Trabajo:
    """A job. `id`: of its apoyo; `intentos`: that failed at this etapa; `motivo`: a code of why it failed last."""

    id: int
    etapa: str
    intentos: int
    motivo: str


@dataclass(frozen=True, slots=True)
class EnCuarentena:
    """A job that was given up until a person looks. `creado_ms`: when its apoyo came."""

    id: int
    etapa: str
    intentos: int
    motivo: str
    creado_ms: int
    folio: str


def pending(conn: sqlite3.Connection) -> dict[str, int]:
    """How much waits, by stage."""
    return dict(
        conn.execute("SELECT etapa, count(*) FROM trabajos WHERE estado = 'pendiente' GROUP BY etapa").fetchall()
    )


def due(conn: sqlite3.Connection, etapa: str, now_ms: int, limit: int) -> list[Trabajo]:
    """What is to be done at one stage now, what waited longest first."""
    rows = conn.execute(
        "SELECT id, etapa, intentos, motivo FROM trabajos WHERE estado = 'pendiente' AND etapa = ? AND proximo_ms <= ? "
        "ORDER BY proximo_ms, id LIMIT ?",
        (etapa, now_ms, limit),
    )
    return [Trabajo(**dict(row)) for row in rows]


def get(conn: sqlite3.Connection, id_: int) -> Trabajo | None:
    """The job of an apoyo if it is to be done, now or later."""
    row = conn.execute(
        "SELECT id, etapa, intentos, motivo FROM trabajos WHERE id = ? AND estado = 'pendiente'", (id_,)
    ).fetchone()
    return Trabajo(**dict(row)) if row else None


def advance(conn: sqlite3.Connection, id_: int, etapa: str, now_ms: int) -> None:
    """On to this stage, to be done at once."""
    conn.execute(
        "UPDATE trabajos SET etapa = ?, estado = 'pendiente', intentos = 0, proximo_ms = ?, motivo = '' WHERE id = ?",
        (etapa, now_ms, id_),
    )


def finish(conn: sqlite3.Connection, id_: int) -> None:
    """There is nothing more to do."""
    conn.execute(
        "UPDATE trabajos SET etapa = 'clasificar', estado = 'hecho', intentos = 0, motivo = '' WHERE id = ?", (id_,)
    )


def retry(conn: sqlite3.Connection, id_: int, motivo: str, proximo_ms: int) -> None:
    """This stage failed; it is done again, not before `proximo_ms`."""
    conn.execute(
        "UPDATE trabajos SET intentos = intentos + 1, motivo = ?, proximo_ms = ? WHERE id = ?",
        (motivo, proximo_ms, id_),
    )


def wait_for_padron(conn: sqlite3.Connection, id_: int, intentos: int, proximo_ms: int) -> None:
    """All is done but that the padrón did not answer: it is asked again then. `intentos`: how often it was silent."""
    conn.execute(
        "UPDATE trabajos SET etapa = 'verificar_padron', estado = 'pendiente', intentos = ?, proximo_ms = ?, "
        "motivo = ? WHERE id = ?",
        (intentos, proximo_ms, ESPERA_PADRON, id_),
    )


def quarantine(conn: sqlite3.Connection, id_: int, motivo: str) -> bool:
    """Give it up until a person looks; says whether it was not given up already."""
    cursor = conn.execute(
        "UPDATE trabajos SET estado = 'cuarentena', intentos = intentos + 1, motivo = ? "
        "WHERE id = ? AND estado = 'pendiente'",
        (motivo, id_),
    )
    return cursor.rowcount == 1


def replay(conn: sqlite3.Connection, id_: int | None) -> int:
    """What was given up is done again at the stage where it was; all of it with None. How many that was."""
    one = "AND id = ?1" if id_ is not None else ""
    sql = f"UPDATE trabajos SET {_AGAIN} WHERE estado = 'cuarentena' {one}"  # noqa: S608
    return conn.execute(sql, () if id_ is None else (id_,)).rowcount


def compare_again(conn: sqlite3.Connection, id_: int) -> None:
    """Compared, and asked again, with what holds now; what has not come so far yet needs nothing."""
    conn.execute(
        f"UPDATE trabajos SET etapa = 'compulsar', {_AGAIN} "  # noqa: S608
        "WHERE id = ? AND (estado = 'hecho' OR etapa NOT IN ('abrir', 'leer_codigos'))",
        (id_,),
    )


def quarantined(conn: sqlite3.Connection, after: int, limit: int) -> list[EnCuarentena]:
    """What was given up, by id from `after` on."""
    rows = conn.execute(
        "SELECT t.id, t.etapa, t.intentos, t.motivo, t.creado_ms, coalesce(a.folio, '') AS folio FROM trabajos t "
        "LEFT JOIN apoyos a ON a.id = t.id WHERE t.estado = 'cuarentena' AND t.id > ? ORDER BY t.id LIMIT ?",
        (after, limit),
    )
    return [EnCuarentena(**dict(row)) for row in rows]


def count_quarantined(conn: sqlite3.Connection) -> int:
    """How many were given up; a walk along an index of those alone."""
    return int(conn.execute("SELECT count(*) FROM trabajos WHERE estado = 'cuarentena'").fetchone()[0])
