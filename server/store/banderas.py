"""What the mesa is told of an apoyo before it looks: rows of codes (rows F1-F4). A stage owns some codes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

from server.domain.banderas import Bandera, Codigo


def of(conn: sqlite3.Connection, apoyo_id: int) -> list[Bandera]:
    """Every flag of an apoyo, in the order of the catalogue."""
    rows = conn.execute("SELECT codigo, dato FROM banderas WHERE apoyo_id = ?", (apoyo_id,))
    order = {codigo: n for n, codigo in enumerate(Codigo)}
    found = [Bandera(Codigo(row["codigo"]), row["dato"]) for row in rows]
    return sorted(found, key=lambda one: (order[one.codigo], one.dato))


def replace(
    conn: sqlite3.Connection, apoyo_id: int, codigos: Collection[Codigo], found: Iterable[Bandera], now_ms: int
) -> bool:
    """Of these codes it has now these flags and no others; one that stays keeps its instant. Whether any changed.

    A flag of another code is a ValueError: each stage answers for its own.
    """
    new = {(one.codigo.value, one.dato) for one in found}
    owned = {codigo.value for codigo in codigos}
    if any(codigo not in owned for codigo, _ in new):
        raise ValueError("una bandera de otra etapa")
    rows = conn.execute("SELECT codigo, dato FROM banderas WHERE apoyo_id = ?", (apoyo_id,))
    old = {(row["codigo"], row["dato"]) for row in rows if row["codigo"] in owned}
    conn.executemany(
        "DELETE FROM banderas WHERE apoyo_id = ? AND codigo = ? AND dato = ?",
        [(apoyo_id, *gone) for gone in sorted(old - new)],
    )
    conn.executemany(
        "INSERT INTO banderas (apoyo_id, codigo, dato, en_ms) VALUES (?, ?, ?, ?)",
        [(apoyo_id, *come, now_ms) for come in sorted(new - old)],
    )
    return old != new


def with_code(conn: sqlite3.Connection, codigo: Codigo, ids: Iterable[int]) -> frozenset[int]:
    """Which of these apoyos have a flag of this code."""
    rows = conn.execute(
        "SELECT DISTINCT b.apoyo_id FROM json_each(?) j JOIN banderas b ON b.apoyo_id = j.value AND b.codigo = ?",
        (json.dumps(list(ids)), codigo.value),
    )
    return frozenset(row["apoyo_id"] for row in rows)


def flagged_after(conn: sqlite3.Connection, codigo: Codigo, after: int, limit: int) -> list[int]:
    """Apoyos with a flag of this code, by id from `after` on."""
    rows = conn.execute(
        "SELECT DISTINCT apoyo_id FROM banderas WHERE apoyo_id > ? AND codigo = ? ORDER BY apoyo_id LIMIT ?",
        (after, codigo.value, limit),
    )
    return [row["apoyo_id"] for row in rows]
