"""Every decision of the mesa, for ever: by whom, when, on which criteria, with what on the screen (rows G2, G4)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from server.domain.mesa import Fallo, Ronda

_COLUMNS = (
    "id, apoyo_id, revision_id, audiencia_id, ronda, resultado, inciso, detalle, criterios_version, cuenta_id, "
    "abierto_ms, en_ms, en_pantalla, firme, sustituye"
)
_STANDS = (
    "d.resultado <> 'anulado' AND NOT EXISTS (SELECT 1 FROM dictamenes x WHERE x.apoyo_id = d.apoyo_id "
    "AND x.resultado = 'anulado' AND x.sustituye = d.id)"
)


@dataclass(frozen=True, slots=True)
class Dictamen:
    """One decision. `abierto_ms`: when the person was shown it; `en_pantalla`: JSON of codes and ids, no data.

    `firme`: it set the apoyo's resultado. `sustituye`: the one in whose place it came.
    """

    id: int
    apoyo_id: int
    revision_id: int | None
    audiencia_id: int | None
    ronda: Ronda
    resultado: Fallo
    inciso: str
    detalle: str
    criterios_version: int
    cuenta_id: int
    abierto_ms: int
    en_ms: int
    en_pantalla: str
    firme: bool
    sustituye: int | None


def _of(row: sqlite3.Row) -> Dictamen:
    values = dict(row)
    values |= {"ronda": Ronda(values["ronda"]), "resultado": Fallo(values["resultado"])}
    return Dictamen(**values | {"firme": bool(values["firme"])})


def add(
    conn: sqlite3.Connection,
    *,
    apoyo_id: int,
    ronda: Ronda,
    resultado: Fallo,
    criterios_version: int,
    cuenta_id: int,
    abierto_ms: int,
    en_ms: int,
    en_pantalla: str,
    firme: bool,
    revision_id: int | None = None,
    audiencia_id: int | None = None,
    inciso: str = "",
    detalle: str = "",
    sustituye: int | None = None,
) -> int:
    """A decision; it can never be changed or taken away."""
    cursor = conn.execute(
        "INSERT INTO dictamenes (apoyo_id, revision_id, audiencia_id, ronda, resultado, inciso, detalle, "
        "criterios_version, cuenta_id, abierto_ms, en_ms, en_pantalla, firme, sustituye) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            apoyo_id, revision_id, audiencia_id, ronda.value, resultado.value, inciso, detalle, criterios_version,
            cuenta_id, abierto_ms, en_ms, en_pantalla, int(firme), sustituye,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def get(conn: sqlite3.Connection, id_: int) -> Dictamen | None:
    """One decision."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM dictamenes WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return _of(row) if row else None


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> list[Dictamen]:
    """All of an apoyo, oldest first."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM dictamenes WHERE apoyo_id = ? ORDER BY id", (apoyo_id,))  # noqa: S608
    return [_of(row) for row in rows]


def en_pie(conn: sqlite3.Connection, apoyo_id: int) -> list[Dictamen]:
    """Those of an apoyo that were not undone, oldest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM dictamenes d WHERE apoyo_id = ? AND {_STANDS} ORDER BY id",  # noqa: S608
        (apoyo_id,),
    )
    return [_of(row) for row in rows]


def firme(conn: sqlite3.Connection, apoyo_id: int) -> Dictamen | None:
    """The decision in force."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM dictamenes d WHERE apoyo_id = ? AND firme = 1 AND {_STANDS} "  # noqa: S608
        "ORDER BY id DESC LIMIT 1",
        (apoyo_id,),
    ).fetchone()
    return _of(row) if row else None


def not_in_force(conn: sqlite3.Connection) -> list[str]:
    """Folios of apoyos whose resultado, inciso and detalle are not what the decision in force says."""
    rows = conn.execute(
        "WITH ultimas AS (SELECT apoyo_id, max(id) AS id FROM dictamenes d "  # noqa: S608
        f"WHERE firme = 1 AND {_STANDS} GROUP BY apoyo_id) "
        "SELECT a.folio FROM apoyos a LEFT JOIN ultimas u ON u.apoyo_id = a.id LEFT JOIN dictamenes d ON d.id = u.id "
        "WHERE a.resultado <> coalesce(d.resultado, 'pendiente') OR a.inciso <> coalesce(d.inciso, '') "
        "OR a.detalle <> coalesce(d.detalle, '') ORDER BY a.id"
    )
    return [row[0] for row in rows]


def en_audiencia(conn: sqlite3.Connection, dictamen: Dictamen) -> bool:
    """Whether a hearing looks at it, or did."""
    row = conn.execute(
        "SELECT 1 FROM audiencia_registros WHERE apoyo_id = ? AND ? IN (dictamen_inicial, dictamen_final)",
        (dictamen.apoyo_id, dictamen.id),
    ).fetchone()
    return row is not None


def pares(conn: sqlite3.Connection, desde_ms: int) -> list[tuple[int, int, str, str, int]]:
    """First and second opinions since then, by (who first, who second, what first, what second, how often).

    What is said is `valido` or the inciso; cases that were raised are left out.
    """
    category = "iif({0}.resultado = 'valido', 'valido', {0}.inciso)"
    stands = _STANDS.replace("d.", "{0}.")
    rows = conn.execute(
        f"SELECT a.cuenta_id, b.cuenta_id, {category.format('a')}, {category.format('b')}, count(*) "  # noqa: S608
        "FROM dictamenes b INDEXED BY dictamenes_segundas JOIN dictamenes a ON a.apoyo_id = b.apoyo_id "
        "WHERE b.ronda = 'segunda' AND b.en_ms >= ? AND b.resultado IN ('valido', 'inconsistente') "
        "AND a.ronda = 'primera' AND a.resultado IN ('valido', 'inconsistente') "
        f"AND {stands.format('a')} AND {stands.format('b')} GROUP BY 1, 2, 3, 4",
        (desde_ms,),
    )
    return [tuple(row) for row in rows]
