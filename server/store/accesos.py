"""Who did or saw what, asked of the bitácora by event, person, object and date (row B13). It is only read here."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Filtro:
    """What is asked for. `eventos`: any of these; empty for all. Instants in ms, `hasta_ms` not included."""

    eventos: tuple[str, ...] = ()
    actor: str = ""
    objeto: str = ""
    desde_ms: int | None = None
    hasta_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Acceso:
    """One event. `actor` and `objeto`: `cuenta:7`, `aspirante:123`; `datos`: JSON of ids, codes and counts."""

    id: int
    en_ms: int
    evento: str
    actor: str
    objeto: str
    datos: str


def _where(filtro: Filtro) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if filtro.eventos:
        parts.append(f"evento IN ({', '.join('?' * len(filtro.eventos))})")
        values += filtro.eventos
    for column, value in (("actor = ?", filtro.actor), ("objeto = ?", filtro.objeto)):
        if value:
            parts.append(column)
            values.append(value)
    for column, instant in (("en_ms >= ?", filtro.desde_ms), ("en_ms < ?", filtro.hasta_ms)):
        if instant is not None:
            parts.append(column)
            values.append(instant)
    return " AND ".join(parts) or "TRUE", values


def pagina(
    conn: sqlite3.Connection, filtro: Filtro, cuantos: int, *, antes: int | None = None, despues: int | None = None
) -> list[Acceso]:
    """At most `cuantos` events, newest first: those before the id `antes`, or those right after `despues`."""
    where, values = _where(filtro)
    if antes is not None:
        where, values = f"{where} AND id < ?", [*values, antes]
    if despues is not None:
        where, values = f"{where} AND id > ?", [*values, despues]
    order = "ASC" if despues is not None else "DESC"
    rows = conn.execute(
        f"SELECT id, en_ms, evento, actor, objeto, datos FROM bitacora WHERE {where} ORDER BY id {order} LIMIT ?",  # noqa: S608 -- columns and marks only
        (*values, cuantos),
    ).fetchall()
    found = [Acceso(**dict(row)) for row in rows]
    return found[::-1] if despues is not None else found


def nombres(conn: sqlite3.Connection, cuentas: Collection[int]) -> dict[int, tuple[str, str]]:
    """(name, role) of these accounts."""
    if not cuentas:
        return {}
    marks = ", ".join("?" * len(cuentas))
    rows = conn.execute(f"SELECT id, nombre, rol FROM cuentas WHERE id IN ({marks})", tuple(cuentas))  # noqa: S608
    return {row["id"]: (row["nombre"], row["rol"]) for row in rows}


def personas(conn: sqlite3.Connection) -> list[tuple[int, str]]:
    """Accounts of the OPL, for a filter: (id, name), by name."""
    rows = conn.execute("SELECT id, nombre FROM cuentas WHERE aspirante_id IS NULL ORDER BY nombre, id")
    return [(row["id"], row["nombre"]) for row in rows]


def cuenta_de(conn: sqlite3.Connection, solicitud: int) -> int | None:
    """The account of an aspirante, by their folio de solicitud."""
    row = conn.execute("SELECT id FROM cuentas WHERE aspirante_id = ?", (solicitud,)).fetchone()
    return int(row["id"]) if row else None
