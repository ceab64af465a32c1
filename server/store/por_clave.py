"""Pages by key, newest first: from a row on towards older or newer ones, whatever came in between."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PorClave:
    """Where a page begins: rows older than `antes`, or newer than `despues`; neither: the newest."""

    antes: int | None = None
    despues: int | None = None


def by_key(
    conn: sqlite3.Connection,
    select: str,
    key: str,
    where: str,
    values: Mapping[str, object],
    clave: PorClave,
    limit: int,
) -> tuple[list[sqlite3.Row], bool, bool]:
    """(rows, whether there are newer ones, whether there are older ones). All SQL comes from this package."""
    back = clave.despues is not None
    edge = f"{key} > :despues" if back else f"(:antes IS NULL OR {key} < :antes)"
    order = "ASC" if back else "DESC"
    rows = conn.execute(
        f"{select}WHERE {where} AND {edge} ORDER BY {key} {order} LIMIT :limit",
        {**values, "antes": clave.antes, "despues": clave.despues, "limit": limit + 1},
    ).fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    if back:
        rows.reverse()
    # A page that was turned to came from somewhere: there is something on the side one came from.
    return (rows, more, bool(rows)) if back else (rows, clave.antes is not None, more)
