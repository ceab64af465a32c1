"""The counters behind every report, kept by the statement that changes an apoyo (rows B6, C6).

Reading one costs the same with a thousand apoyos as with a million: what is read are counters of days, auxiliares and
units of the territory. `recount` says whether they tell the truth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields

from server.domain.apoyo import Cuenta

_GOOD = "resultado <> 'inconsistente' AND origen = 'bien'"
_WHERE = {
    "lista_nominal": "situacion = 'LISTA_NOMINAL'",
    "padron": "situacion = 'PADRON'",
    "baja": "situacion = 'BAJA'",
    "no_encontrado": "situacion = 'NO_ENCONTRADO'",
    "sin_respuesta": "situacion = 'SIN_RESPUESTA'",
    "pendientes": "resultado = 'pendiente'",
    "validos": "resultado = 'valido'",
    "inconsistentes": "resultado = 'inconsistente'",
    "de_origen": "origen = 'inconsistente'",
    "cuentan": f"situacion = 'LISTA_NOMINAL' AND {_GOOD}",
    "en_espera": f"situacion = 'SIN_RESPUESTA' AND {_GOOD}",
}
"""Each figure of a Cuenta as a condition; server.domain.apoyo.clase is the rule, a test compares them."""

_FIELDS = tuple(field.name for field in fields(Cuenta))
SUMS = "coalesce(sum(n), 0) AS recibidos, " + ", ".join(
    f"coalesce(sum(n) FILTER (WHERE {condition}), 0) AS {name}" for name, condition in _WHERE.items()
)
assert ("recibidos", *_WHERE) == _FIELDS
OR_ZERO = ", ".join(f"coalesce(c.{name}, 0) AS {name}" for name in _FIELDS)
"""The same columns of a subquery `c` that may have no row for somebody."""
DAILY_SUMS = ", ".join(f"sum({name}) AS {name}" for name in _FIELDS)
"""The same columns of `conteos_diarios`, whose rows have them all."""
COUNTS = _WHERE["cuentan"]
"""What counts for the threshold as things stand."""


def cuenta(row: sqlite3.Row) -> Cuenta:
    """The figures of a row that was selected with SUMS."""
    return Cuenta(*(row[name] for name in _FIELDS))


def total(conn: sqlite3.Connection, solicitud: int) -> Cuenta:
    """All apoyos of an aspirante."""
    return cuenta(
        conn.execute(
            f"SELECT {SUMS} FROM conteos WHERE solicitud = ? AND eje = 'total'",  # noqa: S608
            (solicitud,),
        ).fetchone()
    )


def por_dia(conn: sqlite3.Connection, solicitud: int) -> list[tuple[int, Cuenta]]:
    """Days on which something was received, in order."""
    rows = conn.execute(
        f"SELECT CAST(clave AS INTEGER) AS dia, {SUMS} FROM conteos "  # noqa: S608
        "WHERE solicitud = ? AND eje = 'dia' AND n > 0 GROUP BY clave ORDER BY dia",
        (solicitud,),
    )
    return [(row["dia"], cuenta(row)) for row in rows]


def por_unidad(conn: sqlite3.Connection, solicitud: int, unidad: str) -> dict[str, int]:
    """How many count in each unit of the territory; `unidad`: municipio or seccion."""
    assert unidad in ("municipio", "seccion")
    rows = conn.execute(
        "SELECT clave, sum(n) AS cuantos FROM conteos WHERE solicitud = ? AND eje = ? "  # noqa: S608
        f"AND {COUNTS} AND n > 0 GROUP BY clave",
        (solicitud, unidad),
    )
    return {row["clave"]: row["cuantos"] for row in rows}


# -- recount ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Diferencia:
    """A counter that does not say what a recount gives. `que`: the counter by its key; no person's data."""

    que: str
    guardado: int
    contado: int


_AXES = (
    ("total", "''", ""),
    ("dia", "CAST(dia AS TEXT)", ""),
    ("auxiliar", "CAST(auxiliar AS TEXT)", ""),
    ("municipio", "municipio", "WHERE municipio <> ''"),
    ("seccion", "seccion", "WHERE seccion <> ''"),
)
_CELL = "situacion, resultado, origen"


def recount(conn: sqlite3.Connection) -> Iterator[Diferencia]:
    """Count every apoyo again and name each counter that differs. One that is zero need not be there.

    Each table is compared in one statement, so that a server may go on taking registros meanwhile.
    """
    counted = " UNION ALL ".join(
        f"SELECT solicitud, '{axis}' AS eje, {key} AS clave, {_CELL}, 0 AS guardado, count(*) AS contado "  # noqa: S608
        f"FROM apoyos {where} GROUP BY solicitud, {key}, {_CELL}"
        for axis, key, where in _AXES
    )
    yield from _differences(
        conn, f"solicitud, eje, clave, {_CELL}",
        f"SELECT solicitud, eje, clave, {_CELL}, n AS guardado, 0 AS contado FROM conteos UNION ALL {counted}",  # noqa: S608
    )  # fmt: skip
    yield from _daily_differences(conn)


def _daily_differences(conn: sqlite3.Connection) -> Iterator[Diferencia]:
    key = "solicitud, dia, auxiliar"
    counted = ", ".join(f"sum({_WHERE[name]})" if name in _WHERE else "count(*)" for name in _FIELDS)
    zeros = ", ".join("0" for _ in _FIELDS)
    sums = ", ".join(f"sum(g_{name}), sum(c_{name})" for name in _FIELDS)
    differ = " OR ".join(f"sum(g_{name}) <> sum(c_{name})" for name in _FIELDS)
    names = ", ".join([*(f"{name} AS g_{name}" for name in _FIELDS), *(f"0 AS c_{name}" for name in _FIELDS)])
    rows = conn.execute(
        f"SELECT {key}, {sums} FROM (SELECT {key}, {names} FROM conteos_diarios UNION ALL "  # noqa: S608
        f"SELECT {key}, {zeros}, {counted} FROM apoyos GROUP BY {key}) GROUP BY {key} HAVING {differ}"
    )
    for solicitud, dia, auxiliar, *pairs in rows:
        for name, stored, found in zip(_FIELDS, pairs[::2], pairs[1::2], strict=True):
            if stored != found:
                yield Diferencia(f"{solicitud} {dia} {auxiliar} {name}", stored, found)


def _differences(conn: sqlite3.Connection, key: str, both: str) -> Iterator[Diferencia]:
    rows = conn.execute(
        f"SELECT {key}, sum(guardado) AS guardado, sum(contado) AS contado FROM ({both}) "  # noqa: S608
        f"GROUP BY {key} HAVING sum(guardado) <> sum(contado)"
    )
    for row in rows:
        *parts, stored, counted = row
        yield Diferencia(" ".join(str(part) for part in parts), stored, counted)
