"""The counters behind every report, kept by the statement that changes an apoyo (rows B6, C6).

Reading one costs the same with a thousand apoyos as with a million: what is read are counters of days, auxiliares and
units of the territory. `recount` says whether they tell the truth.

Two tables. `conteos_totales` has a row for each combination of class, situación, resultado and origin of an aspirante;
`conteos` has whole Cuentas by day, auxiliar, day and auxiliar, municipio, sección, inciso: its column `eje` says by
which. Every apoyo is in one class alone, so that classes add up to what was sent; `unsummed` says where they do not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields

from server.domain.apoyo import Ambito, Clase, Cuenta, Duplicado, OrigenApoyo, Resultado, Situacion, clase

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
    "cuentan": "clase IN ('lista_nominal', 'en_mesa')",
    "en_espera": "clase = 'en_procesamiento'",
}
"""Each figure of a Cuenta as a condition; server.domain.apoyo.clase is the rule, a test compares them."""

FIELDS = tuple(field.name for field in fields(Cuenta))
FIGURES = ", ".join(FIELDS)
"""The columns of `conteos` that make a Cuenta."""
SUMS = "coalesce(sum(n), 0) AS recibidos, " + ", ".join(
    f"coalesce(sum(n) FILTER (WHERE {condition}), 0) AS {name}" for name, condition in _WHERE.items()
)
"""The figures of rows that have clase, situacion, resultado, origen and `n`, as those of `conteos_totales`."""
assert ("recibidos", *_WHERE) == FIELDS
FIGURE_SUMS = ", ".join(f"sum({name}) AS {name}" for name in FIELDS)
"""The same columns of rows of `conteos`."""
OR_ZERO = ", ".join(f"coalesce(c.{name}, 0) AS {name}" for name in FIELDS)
"""The same columns of a subquery `c` that may have no row for somebody."""
COUNTS = _WHERE["cuentan"]
"""What counts for the threshold as things stand."""


def cuenta(row: sqlite3.Row) -> Cuenta:
    """The figures of a row that was selected with SUMS, FIGURES or FIGURE_SUMS."""
    return Cuenta(*(row[name] for name in FIELDS))


def total(conn: sqlite3.Connection, solicitud: int) -> Cuenta:
    """All apoyos of an aspirante."""
    return cuenta(
        conn.execute(f"SELECT {SUMS} FROM conteos_totales WHERE solicitud = ?", (solicitud,)).fetchone()  # noqa: S608
    )


def por_clase(conn: sqlite3.Connection, solicitud: int) -> dict[Clase, int]:
    """How many apoyos of an aspirante are in each class; the sum is what was sent. Every class is there."""
    found = dict.fromkeys(Clase, 0)
    rows = conn.execute("SELECT clase, sum(n) FROM conteos_totales WHERE solicitud = ? GROUP BY clase", (solicitud,))
    for name, n in rows:
        found[Clase(name)] = n
    return found


def solicitudes(conn: sqlite3.Connection) -> list[int]:
    """Folios that have received something, in order."""
    return [row[0] for row in conn.execute("SELECT DISTINCT solicitud FROM conteos_totales ORDER BY solicitud")]


def por_inciso(conn: sqlite3.Connection, solicitud: int) -> dict[str, int]:
    """How many apoyos of an aspirante the mesa found inconsistent, by inciso. Those without any are in no inciso."""
    rows = conn.execute(
        "SELECT lugar, inconsistentes FROM conteos WHERE solicitud = ? AND eje = 'inciso' AND inconsistentes > 0 "
        "ORDER BY lugar",
        (solicitud,),
    )
    return {row["lugar"]: row["inconsistentes"] for row in rows}


def por_dia(conn: sqlite3.Connection, solicitud: int) -> list[tuple[int, Cuenta]]:
    """Days on which something was received, in order."""
    rows = conn.execute(
        f"SELECT dia, {FIGURES} FROM conteos WHERE solicitud = ? AND eje = 'dia' AND recibidos > 0 ORDER BY dia",  # noqa: S608
        (solicitud,),
    )
    return [(row["dia"], cuenta(row)) for row in rows]


def por_unidad(conn: sqlite3.Connection, solicitud: int, unidad: str) -> dict[str, int]:
    """How many count in each unit of the territory; `unidad`: municipio or seccion."""
    assert unidad in ("municipio", "seccion")
    rows = conn.execute(
        "SELECT lugar, cuentan FROM conteos WHERE solicitud = ? AND eje = ? AND cuentan > 0", (solicitud, unidad)
    )
    return {row["lugar"]: row["cuentan"] for row in rows}


# -- recount ----------------------------------------------------------------------------------------------------------

_CELL = "solicitud, clase, situacion, resultado, origen"
_KEY = "solicitud, eje, dia, auxiliar, lugar"
_COUNTED = ", ".join(f"sum({_WHERE[name]}) AS {name}" if name in _WHERE else f"count(*) AS {name}" for name in FIELDS)
_SPAN = "min(primero) AS primero, max(ultimo) AS ultimo"

TOTALES = f"SELECT {_CELL}, count(*) AS n FROM apoyos GROUP BY {_CELL}"  # noqa: S608
"""What `conteos_totales` must hold, counted from the apoyos; in the order of its columns."""
_DIARIO = (
    f"SELECT solicitud, dia, auxiliar, min(id) AS primero, max(id) AS ultimo, {_COUNTED} FROM apoyos "  # noqa: S608
    "GROUP BY solicitud, dia, auxiliar"
)
POR_EJE = f"WITH diario AS MATERIALIZED ({_DIARIO}) " + " UNION ALL ".join((  # noqa: S608
    f"SELECT solicitud, 'diario' AS eje, dia, auxiliar, '' AS lugar, primero, ultimo, {FIGURES} FROM diario",  # noqa: S608
    f"SELECT solicitud, 'dia', dia, 0, '', {_SPAN}, {FIGURE_SUMS} FROM diario GROUP BY solicitud, dia",  # noqa: S608
    f"SELECT solicitud, 'auxiliar', 0, auxiliar, '', {_SPAN}, {FIGURE_SUMS} FROM diario GROUP BY solicitud, auxiliar",  # noqa: S608
    *(
        f"SELECT solicitud, '{column}', 0, 0, {column}, min(id), max(id), {_COUNTED} FROM apoyos "  # noqa: S608
        f"WHERE {column} <> '' GROUP BY solicitud, {column}"
        for column in ("municipio", "seccion", "inciso")
    ),
))  # fmt: skip
"""What `conteos` must hold, likewise. Apoyos are read once for all axes but places and incisos: few have them."""


@dataclass(frozen=True, slots=True)
class Diferencia:
    """A counter that does not say what a recount gives. `que`: the counter by its key; no person's data."""

    que: str
    guardado: int
    contado: int


def recount(conn: sqlite3.Connection) -> Iterator[Diferencia]:
    """Count every apoyo again and name each counter that differs. One that is zero need not be there, and ids may lie
    further apart than what is still between them.

    Each table is compared in one statement, so that a server may go on taking registros meanwhile.
    """
    rows = conn.execute(
        f"SELECT {_CELL}, sum(stored), sum(counted) FROM (SELECT {_CELL}, n AS stored, 0 AS counted "  # noqa: S608
        f"FROM conteos_totales UNION ALL SELECT {_CELL}, 0, n FROM ({TOTALES})) GROUP BY {_CELL} "
        "HAVING sum(stored) <> sum(counted)"
    )
    for *key, stored, counted in rows:
        yield Diferencia(" ".join(map(str, key)), stored, counted)
    yield from _recount_axes(conn)


def _recount_axes(conn: sqlite3.Connection) -> Iterator[Diferencia]:
    sides = ("guardado", "contado")
    figures = ", ".join(f"total({name}) FILTER (WHERE lado = '{side}')" for name in FIELDS for side in sides)
    spans = ", ".join(f"max({name}) FILTER (WHERE lado = '{side}')" for name in ("primero", "ultimo") for side in sides)
    stored = f"SELECT 'guardado' AS lado, {_KEY}, primero, ultimo, {FIGURES} FROM conteos"  # noqa: S608
    counted = f"SELECT 'contado', {_KEY}, primero, ultimo, {FIGURES} FROM ({POR_EJE})"  # noqa: S608
    signed = " OR ".join(f"sum(iif(lado = 'contado', {name}, -{name})) <> 0" for name in FIELDS)
    rows = conn.execute(
        f"SELECT {_KEY}, {spans}, {figures} FROM ({stored} UNION ALL {counted}) GROUP BY {_KEY} "  # noqa: S608
        f"HAVING {signed} OR count(*) = 2 AND (min(primero) <> min(primero) FILTER (WHERE lado = 'guardado') "
        "OR max(ultimo) <> max(ultimo) FILTER (WHERE lado = 'guardado'))"
    )
    for solicitud, eje, dia, auxiliar, lugar, low, first, high, last, *pairs in rows:
        key = " ".join(str(part) for part in (solicitud, eje, dia or "", auxiliar or "", lugar) if part != "")
        for name, kept, found in zip(FIELDS, pairs[::2], pairs[1::2], strict=True):
            if kept != found:
                yield Diferencia(f"{key} {name}", int(kept), int(found))
        if None not in (low, first) and low > first:
            yield Diferencia(f"{key} primero", low, first)
        if None not in (high, last) and high < last:
            yield Diferencia(f"{key} ultimo", high, last)


@dataclass(frozen=True, slots=True)
class NoSuman:
    """An aspirante whose classes do not add up. `enviados`: what was sent; `clases`: the sum of the figures `que`."""

    solicitud: int
    que: str
    enviados: int
    clases: int


def unsummed(conn: sqlite3.Connection) -> Iterator[NoSuman]:
    """Where the classes that reports show are not what was sent: registros by phone, and cédulas that are apoyos.

    Beside the counters of classes, those of days, auxiliares, and days and auxiliares are added up too.
    """
    rows = conn.execute(
        "WITH enviados AS (SELECT solicitud, count(*) AS n FROM registros WHERE tipo = 'apoyo' GROUP BY solicitud "
        "UNION ALL SELECT p.solicitud, count(*) FROM cedulas_papel c JOIN paquetes p ON p.id = c.paquete_id "
        "WHERE c.apoyo_id IS NOT NULL GROUP BY p.solicitud), "
        "sumas AS (SELECT 'clases' AS que, solicitud, sum(n) AS n FROM conteos_totales GROUP BY solicitud "
        "UNION ALL SELECT eje, solicitud, sum(recibidos) FROM conteos WHERE eje IN ('dia', 'auxiliar', 'diario') "
        "GROUP BY eje, solicitud), "
        "que (que) AS (VALUES ('clases'), ('dia'), ('auxiliar'), ('diario')), "
        "todas AS (SELECT solicitud FROM enviados UNION SELECT solicitud FROM sumas) "
        "SELECT t.solicitud, q.que, coalesce((SELECT sum(n) FROM enviados e WHERE e.solicitud = t.solicitud), 0) "
        "AS enviados, coalesce((SELECT n FROM sumas s WHERE s.solicitud = t.solicitud AND s.que = q.que), 0) AS clases "
        "FROM todas t CROSS JOIN que q WHERE enviados <> clases ORDER BY 1, 2"
    )
    for row in rows:
        yield NoSuman(*row)


def misclassed(conn: sqlite3.Connection) -> Iterator[tuple[str, str, int]]:
    """(what it is by, the class it has, how many) of apoyos whose class is not the one of server.domain.apoyo.clase."""
    rows = conn.execute(
        "SELECT situacion, resultado, origen, duplicado, ambito, regimen, clase, count(*) AS n FROM apoyos "
        "GROUP BY situacion, resultado, origen, duplicado, ambito, regimen, clase"
    )
    for row in rows:
        expected = clase(
            Situacion(row["situacion"]), Resultado(row["resultado"]), OrigenApoyo(row["origen"]),
            duplicado=Duplicado(row["duplicado"]), ambito=Ambito(row["ambito"]),
            fuera_de_regimen=row["regimen"] == "fuera",
        )  # fmt: skip
        if row["clase"] != expected:
            yield " ".join(filter(None, tuple(row)[:6])), row["clase"], row["n"]
