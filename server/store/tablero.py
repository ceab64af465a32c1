"""What the administrator's page counts (rows A1, D6, X1): one query a figure, none that grows with what was sent."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

ETAPAS = (
    "abrir", "leer_codigos", "compulsar", "verificar_padron", "buscar_duplicados", "verificar_ambito", "clasificar",
)  # fmt: skip
MANY = 20_000


@dataclass(frozen=True, slots=True)
class Cola:
    """What waits. `desde_ms`: the oldest of it, None when nothing does."""

    cuantos: int
    desde_ms: int | None


@dataclass(frozen=True, slots=True)
class Versiones:
    """`esquema`: name of the last migration."""

    sqlite: str
    esquema: str


def mail_waiting(conn: sqlite3.Connection) -> Cola:
    """Mail that is still to be sent."""
    row = conn.execute("SELECT count(*), min(creado_ms) FROM correos WHERE estado = 'pendiente'").fetchone()
    return Cola(int(row[0]), row[1])


def jobs_waiting(conn: sqlite3.Connection) -> dict[str, Cola]:
    """Jobs that nobody has taken yet, by etapa; counted up to MANY, so that a million of them costs no more."""
    found = {}
    for etapa in ETAPAS:  # a fixed few; each is a walk of bounded length along an index
        row = conn.execute(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM trabajos WHERE estado = 'pendiente' AND etapa = ?1 LIMIT ?2)) "
            "AS n, (SELECT creado_ms FROM trabajos WHERE estado = 'pendiente' AND etapa = ?1 "
            "ORDER BY proximo_ms LIMIT 1) ms",
            (etapa, MANY),
        ).fetchone()
        if row["n"]:
            found[etapa] = Cola(int(row["n"]), row["ms"])
    return found


def uploads(conn: sqlite3.Connection) -> int:
    """Uploads that were begun and are not whole."""
    return int(conn.execute("SELECT count(*) FROM subidas").fetchone()[0])


def accounts(conn: sqlite3.Connection) -> dict[tuple[str, str], int]:
    """Accounts by (rol, estatus)."""
    rows = conn.execute("SELECT rol, estatus, count(*) FROM cuentas GROUP BY rol, estatus")
    return {(row[0], row[1]): int(row[2]) for row in rows}


def last_lote(conn: sqlite3.Connection) -> sqlite3.Row | None:
    """Number and instant of the newest lote; None when there is none."""
    found: sqlite3.Row | None = conn.execute(
        "SELECT numero, creado_ms FROM lotes ORDER BY numero DESC LIMIT 1"
    ).fetchone()
    return found


def last_of_each(conn: sqlite3.Connection, eventos: tuple[str, ...]) -> dict[str, int]:
    """When each of these events was last put on the record."""
    found = {}
    for evento in eventos:  # a fixed few; each is one step in an index
        row = conn.execute("SELECT en_ms FROM bitacora WHERE evento = ? ORDER BY id DESC LIMIT 1", (evento,)).fetchone()
        if row is not None:
            found[evento] = int(row["en_ms"])
    return found


def versions(conn: sqlite3.Connection) -> Versiones:
    """Of SQLite and of the schema."""
    sqlite = conn.execute("SELECT sqlite_version()").fetchone()[0]
    return Versiones(str(sqlite), str(conn.execute("SELECT max(name) FROM _sqlite_migrations").fetchone()[0]))
