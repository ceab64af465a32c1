"""The consulta de registros: any combination of filters, by key, in bounded work at any size (rows C5, B6).

How a consulta is answered. Each filter that an index can seek is a way (`_Via`); counters and short probes say how many
entries each would walk, and the shortest is walked, newest first, the other filters tested on the way. Pages go on from
an id, never from an OFFSET. A page looks at about `TRABAJO` entries at most: if by then it is not full it says where to
go on, instead of keeping everyone waiting for the last of a million. Ways are named to SQLite (INDEXED BY), because
without ANALYZE it takes any index that begins with the solicitud for as good as another.

Several aspirantes are one statement: the newest of each, by the same way, and the newest of those.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.domain import busqueda
from server.domain.apoyo import MotivoBaja, OrigenApoyo, Resultado, Situacion
from server.domain.filtro_registros import CON_ORIGEN_INCONSISTENTE, SIN_INCONSISTENCIA_DE_ORIGEN, Filtro
from server.domain.marcas import Marca

TRABAJO = 20_000
"""Entries of an index that one page looks at, at most, where a filter must be tested on each: about 30 ms."""
POCOS = 5_000
"""Up to so many matches, a way that is not in order of arrival is walked whole and sorted."""
MUCHOS = 10_000
"""Past this, a count says only that there are more."""
_MAX_ID = 2**62


@dataclass(frozen=True, slots=True)
class Renglon:
    """One apoyo as the consulta shows it. `inciso`: a to n of P13.7, or "". `marcas`: of its origin."""

    id: int
    folio: str
    solicitud: int
    auxiliar: int
    dispositivo: int
    recibido_ms: int
    marcas: tuple[Marca, ...]
    origen: OrigenApoyo
    nombre: str
    apellido_paterno: str
    apellido_materno: str
    situacion: Situacion
    motivo_baja: MotivoBaja | None
    resultado: Resultado
    inciso: str
    detalle: str


COLUMNS = (
    "a.id, a.folio, a.solicitud, a.auxiliar, a.dispositivo, a.recibido_ms, a.marcas, a.origen, a.nombre, "
    "a.apellido_paterno, a.apellido_materno, a.situacion, a.motivo_baja, a.resultado, a.inciso, a.detalle"
)
"""Of an apoyo `a`."""


@dataclass(frozen=True, slots=True)
class Cuantos:
    """How many a consulta finds. When not `exacto`: at least so many."""

    n: int
    exacto: bool


@dataclass(frozen=True, slots=True)
class Pagina:
    """A page, newest first. `antes`: older ones lie before this id; `despues`: newer ones after it; None: none do.

    `incompleta`: the work of a page was done before it was full; older ones are still to be looked at.
    """

    renglones: tuple[Renglon, ...]
    antes: int | None
    despues: int | None
    incompleta: bool
    cuantos: Cuantos


@dataclass(frozen=True, slots=True)
class _Via:
    """One way through the apoyos. `tabla`: with its index; `donde`: what the index seeks; `tam`: entries, at most.

    `en_orden`: its entries come by id within a solicitud.
    """

    nombre: str
    tabla: str
    donde: str
    tam: int
    en_orden: bool = True


@dataclass(frozen=True, slots=True)
class _Plan:
    """A consulta, ready to be walked. `entre`: ids between which all of it lies."""

    via: _Via
    donde: str
    valores: Mapping[str, Any]
    entre: tuple[int, int]
    acotada: bool
    """Whether a page must stop at `TRABAJO` entries."""
    solicitudes: int
    contados: int | None
    """How many there are, where counters say it."""


def pagina(
    conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None, *, limite: int = 50, antes: int | None = None,
    despues: int | None = None,
) -> Pagina:  # fmt: skip
    """A page of a consulta: the newest, those older than `antes`, or those newer than `despues`.

    `solicitud`: the only one whose registros may be seen; None: all of them, or that of the filter.
    """
    plan = _plan(conn, filtro, solicitud)
    if plan is None:
        return Pagina((), None, None, False, Cuantos(0, True))
    if despues is not None:
        low, high = despues + 1, plan.entre[1]
        stop = _stop(conn, plan, low, high, upwards=True)
        rows = _rows(conn, plan, low, high if stop is None else stop, limite + 1, upwards=True)
        if len(rows) > limite or stop is not None:
            rows = rows[:limite][::-1]
            above = rows[0].id if rows and len(rows) == limite else stop
            return Pagina(tuple(rows), despues + 1, above, False, _count(conn, plan))
        # The newest page: shown whole, as when one comes to it without a cursor.
        antes = None
    low, high = plan.entre[0], plan.entre[1] if antes is None else min(plan.entre[1], antes - 1)
    stop = _stop(conn, plan, low, high, upwards=False)
    rows = _rows(conn, plan, low if stop is None else stop, high, limite + 1, upwards=False)
    more = len(rows) > limite
    rows = rows[:limite]
    older = rows[-1].id if more else stop
    newer = None if antes is None else antes - 1
    return Pagina(tuple(rows), older, newer, not more and stop is not None, _count(conn, plan))


def tramo(
    conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None, *, antes: int | None, limite: int
) -> tuple[tuple[Renglon, ...], int | None]:
    """Some more rows for an export, newest first, and the id from which to go on; None: that was all.

    It may give none and still not be the end: then the work of one reading was done first.
    """
    plan = _plan(conn, filtro, solicitud)
    if plan is None:
        return (), None
    low, high = plan.entre[0], plan.entre[1] if antes is None else min(plan.entre[1], antes - 1)
    stop = _stop(conn, plan, low, high, upwards=False)
    rows = _rows(conn, plan, low if stop is None else stop, high, limite, upwards=False)
    return tuple(rows), rows[-1].id if len(rows) == limite else stop


# -- which way ------------------------------------------------------------------------------------------------------


def _plan(conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None) -> _Plan | None:
    """The shortest way; None when counters already say that there is nothing."""
    counters = _counters(conn, filtro, solicitud)
    solicitudes = sorted({row["solicitud"] for row in counters["total"] if _possible(filtro, row)})
    if not solicitudes:
        return None
    found = _Conditions(filtro)
    values = {**found.values, "alcance": json.dumps(solicitudes)}
    contados = _counted(filtro, counters)
    if contados == 0:
        return None
    ways = [*_counted_ways(filtro, counters["total"]), *_sought_ways(conn, filtro, counters.get("auxiliar"))]
    shortest = min(ways, key=lambda way: way.tam)
    if shortest.tam > POCOS:
        # Where it is short already, testing names on the way costs less than asking which name is rarer.
        ways = [shortest, *_found_ways(conn, filtro, values, shortest.tam), *_name_ways(conn, filtro, values)]
        shortest = min(ways, key=lambda way: way.tam)
    if shortest.tam == 0:
        return None
    between = _between(conn, filtro, solicitudes)
    if between is None:
        return None
    rest = found.rest(shortest.nombre)
    return _Plan(
        via=shortest,
        donde=" AND ".join([*([shortest.donde] if shortest.donde else []), *rest]) or "TRUE",
        valores=values,
        entre=between,
        acotada=shortest.en_orden and bool(rest) and shortest.tam > TRABAJO,
        solicitudes=len(solicitudes),
        contados=contados,
    )


class _Conditions:
    """The filter as conditions on `b`, each by the way that already sees to it."""

    def __init__(self, filtro: Filtro) -> None:
        self.values: dict[str, Any] = {}
        self._by_way: list[tuple[str, str]] = []
        paterno, materno, nombre = filtro.prefijos
        self._add("situacion", "+b.situacion = :situacion", situacion=filtro.situacion)
        self._add("resultado", "+b.resultado = :resultado", resultado=filtro.resultado)
        self._add("", "b.motivo_baja = :motivo", motivo=filtro.motivo)
        self._add("inciso", "+b.inciso = :inciso", inciso=filtro.inciso)
        self.values["un_auxiliar"] = _auxiliar(filtro)
        self._add("auxiliar", "+b.auxiliar = :auxiliar", auxiliar=filtro.auxiliar)
        self._add("dispositivo", "b.dispositivo = :dispositivo", dispositivo=filtro.dispositivo)
        self.values["folio_dispositivo"] = filtro.folio_dispositivo
        if filtro.folio_entero:
            self._add("folio_entero", "b.folio = :folio", folio=filtro.folio)
        elif filtro.folio:
            low, high = busqueda.intervalo(filtro.folio_escrito)
            self._add("", "b.folio >= :folio AND b.folio < :folio_hasta", folio=low, folio_hasta=high)
        if filtro.dias is not None:
            self.values["dia_hasta"] = filtro.dias[1]
            self._add("", "+b.dia BETWEEN :dia AND :dia_hasta", dia=filtro.dias[0])
        if filtro.marca in (CON_ORIGEN_INCONSISTENTE, SIN_INCONSISTENCIA_DE_ORIGEN):
            self._add("origen", "+b.origen = :origen", origen=filtro.marca)
        elif filtro.marca:
            self._add("", "instr(b.marcas, :marca)", marca=f'"{filtro.marca}"')
        for part, sign, prefix in (("paterno", "", paterno), ("materno", "|", materno), ("nombre", ">", nombre)):
            low, high = busqueda.intervalo(sign + prefix)
            self.values |= {part: low, f"{part}_hasta": high}
            if prefix and sign:
                self._add(part, f"instr(b.busqueda, :{part})")
            elif prefix:
                self._add(part, "+b.busqueda >= :paterno AND +b.busqueda < :paterno_hasta")

    def _add(self, way: str, condition: str, **values: Any) -> None:
        if any(value in (None, "") for value in values.values()):
            return
        self.values |= values
        self._by_way.append((way, condition))

    def rest(self, way: str) -> list[str]:
        """What a walk by this way must still test."""
        return [condition for sees, condition in self._by_way if sees != way]


def _counted_ways(filtro: Filtro, totals: list[sqlite3.Row]) -> list[_Via]:
    """Ways within a solicitud whose length the counters say."""
    ways = []

    def way(name: str, condition: str, **wanted: str) -> None:
        length = sum(row["n"] for row in totals if all(row[column] == value for column, value in wanted.items()))
        where = f"b.solicitud = s.value{condition}"
        ways.append(_Via(name, f"apoyos b INDEXED BY apoyos_{name}", where, length))

    way("solicitud", "")
    if filtro.situacion or filtro.motivo:
        situacion = Situacion(filtro.situacion or Situacion.BAJA)
        way("situacion", f" AND b.situacion = '{situacion.value}'", situacion=situacion)
    if filtro.resultado:
        way("resultado", f" AND b.resultado = '{filtro.resultado.value}'", resultado=filtro.resultado)
    if filtro.marca == CON_ORIGEN_INCONSISTENTE:
        way("origen", " AND b.origen = 'inconsistente'", origen=OrigenApoyo.INCONSISTENTE)
    return ways


def _sought_ways(conn: sqlite3.Connection, filtro: Filtro, of_auxiliar: list[sqlite3.Row] | None) -> list[_Via]:
    """Ways that lead to few by their nature: one folio, one phone, one auxiliar."""
    ways = []
    if filtro.folio_entero:
        where = "b.id IN (SELECT r.id FROM registros r WHERE r.folio = :folio) AND b.solicitud = s.value"
        ways.append(_Via("folio_entero", "apoyos b NOT INDEXED", where, 1, en_orden=False))
    for name, device in (("dispositivo", filtro.dispositivo), ("folio_dispositivo", filtro.folio_dispositivo)):
        if device is None:
            continue
        length = conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM registros WHERE dispositivo = ? LIMIT {POCOS + 1})",  # noqa: S608
            (device,),
        ).fetchone()[0]
        if length <= POCOS:
            where = (
                f"b.id IN (SELECT r.id FROM registros r WHERE r.dispositivo = :{name}) "  # noqa: S608
                "AND b.solicitud = s.value"
            )
            ways.append(_Via(name, "apoyos b NOT INDEXED", where, length, en_orden=False))
    if of_auxiliar is not None:
        where = "b.auxiliar = :un_auxiliar AND +b.solicitud = s.value"
        length = sum(row["n"] for row in of_auxiliar)
        ways.append(_Via("auxiliar", "apoyos b INDEXED BY apoyos_auxiliar", where, length))
    return ways


def _found_ways(conn: sqlite3.Connection, filtro: Filtro, values: Mapping[str, Any], shorter: int) -> list[_Via]:
    """Ways through those that have any mark, or an inciso; no counter knows how many, a short probe does if few."""
    ways = []
    for name, wanted, condition in (
        ("marcados", filtro.marca in tuple(Marca), "b.marcas <> '[]'"),
        ("inciso", bool(filtro.inciso), "b.inciso = :inciso AND b.inciso <> ''"),
    ):
        if not wanted:
            continue
        table, where = f"apoyos b INDEXED BY apoyos_{name}", f"b.solicitud = s.value AND {condition}"
        length = conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM json_each(:alcance) s CROSS JOIN {table} "  # noqa: S608
            f"WHERE {where} LIMIT {TRABAJO + 1})",
            values,
        ).fetchone()[0]
        ways.append(_Via(name, table, where, length if length <= TRABAJO else shorter - 1))
    return ways


_NAMES = {
    "paterno": ("apoyos_busqueda", "b.busqueda"),
    "materno": ("apoyos_materno", "substr(b.busqueda, instr(b.busqueda, '|'))"),
    "nombre": ("apoyos_nombre", "substr(b.busqueda, instr(b.busqueda, '>'))"),
}


def _name_ways(conn: sqlite3.Connection, filtro: Filtro, values: Mapping[str, Any]) -> list[_Via]:
    """Ways by the beginning of a name, where at most POCOS begin so; a commoner one is soon found among the newest."""
    ways = []
    for (name, (index, key)), prefix in zip(_NAMES.items(), filtro.prefijos, strict=True):
        if not prefix:
            continue
        where = f"b.solicitud = s.value AND {key} >= :{name} AND {key} < :{name}_hasta AND b.busqueda <> ''"
        row = conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM json_each(:alcance) s CROSS JOIN apoyos b INDEXED BY {index} "  # noqa: S608
            f"WHERE {where} LIMIT {POCOS + 1})",
            values,
        ).fetchone()
        if row[0] <= POCOS:
            ways.append(_Via(name, f"apoyos b INDEXED BY {index}", where, row[0], False))
    return ways


# -- counters -------------------------------------------------------------------------------------------------------


def _counters(conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None) -> dict[str, list[sqlite3.Row]]:
    """Rows of `conteos` of the solicitudes that the filter leaves, by axis: total, and auxiliar or day where asked."""
    where, values = ["TRUE"], {"solicitud": solicitud, "pedida": filtro.solicitud, "proceso": filtro.proceso}
    if solicitud is not None:
        where.append("x.id = :solicitud")
    if filtro.solicitud is not None:
        where.append("x.id = :pedida")
    if filtro.folio_solicitudes is not None:
        where.append("x.id BETWEEN :folio_desde AND :folio_hasta")
        values |= dict(zip(("folio_desde", "folio_hasta"), filtro.folio_solicitudes, strict=True))
    if filtro.auxiliar is not None:
        where.append("x.id = (SELECT aspirante_id FROM auxiliares WHERE id = :auxiliar)")
        values |= {"auxiliar": filtro.auxiliar}
    if filtro.dispositivo is not None:
        where.append(
            "x.id = (SELECT u.aspirante_id FROM dispositivos d JOIN auxiliares u ON u.id = d.auxiliar_id "
            "WHERE d.id = :dispositivo)"
        )
        values |= {"dispositivo": filtro.dispositivo}
    if filtro.proceso:
        where.append(
            "(SELECT p.tipo FROM periodos o JOIN procesos p ON p.id = o.proceso_id WHERE o.id = x.periodo_id) "
            "= :proceso"
        )
    axes = [("total", "c.clave = ''")]
    if (auxiliar := _auxiliar(filtro)) is not None:
        axes.append(("auxiliar", "c.clave = :clave"))
        values |= {"clave": str(auxiliar)}
    if filtro.dias is not None:
        axes.append(("dia", "CAST(c.clave AS INTEGER) BETWEEN :dia AND :dia_hasta"))
        values |= dict(zip(("dia", "dia_hasta"), filtro.dias, strict=True))
    return {
        axis: conn.execute(
            "SELECT c.solicitud, c.situacion, c.resultado, c.origen, c.n FROM aspirantes x "  # noqa: S608
            f"CROSS JOIN conteos c ON c.solicitud = x.id AND c.eje = '{axis}' AND {which} "
            f"WHERE {' AND '.join(where)} AND c.n > 0",
            values,
        ).fetchall()
        for axis, which in axes
    }


def _auxiliar(filtro: Filtro) -> int | None:
    """The one auxiliar whose registros are asked for. 0 is Mi Apoyo, which is everybody's."""
    return filtro.auxiliar if filtro.auxiliar is not None else filtro.folio_auxiliar or None


def _possible(filtro: Filtro, row: sqlite3.Row) -> bool:
    """Whether what this counter counts may be among what is asked for."""
    situacion = Situacion.BAJA if filtro.motivo else filtro.situacion
    return (
        (not situacion or row["situacion"] == situacion)
        and (filtro.resultado is None or row["resultado"] == filtro.resultado)
        and (
            filtro.marca not in (CON_ORIGEN_INCONSISTENTE, SIN_INCONSISTENCIA_DE_ORIGEN)
            or (row["origen"] == SIN_INCONSISTENCIA_DE_ORIGEN) == (filtro.marca == SIN_INCONSISTENCIA_DE_ORIGEN)
        )
    )


def _counted(filtro: Filtro, counters: Mapping[str, list[sqlite3.Row]]) -> int | None:
    """How many there are, where one axis of the counters knows all that is asked; otherwise 0 or None: not known."""
    axis = min(counters, key=lambda name: sum(row["n"] for row in counters[name]))
    found = sum(row["n"] for row in counters[axis] if _possible(filtro, row))
    uncounted = (
        filtro.folio
        or filtro.dispositivo
        or filtro.motivo
        or filtro.inciso
        or any(filtro.prefijos)
        or filtro.marca in tuple(Marca)
    )
    return None if found and (uncounted or len(counters) > 2) else found


def _between(conn: sqlite3.Connection, filtro: Filtro, solicitudes: list[int]) -> tuple[int, int] | None:
    """The lowest and the highest id that were received on the days asked for; None when there are none."""
    if filtro.dias is None:
        return 1, _MAX_ID
    low, high = conn.execute(
        "SELECT min(low), max(high) FROM (SELECT "
        "(SELECT min(b.id) FROM apoyos b INDEXED BY apoyos_dia WHERE b.solicitud = d.solicitud AND b.dia = d.dia) "
        "AS low, "
        "(SELECT max(b.id) FROM apoyos b INDEXED BY apoyos_dia WHERE b.solicitud = d.solicitud AND b.dia = d.dia) "
        "AS high FROM (SELECT DISTINCT c.solicitud, CAST(c.clave AS INTEGER) AS dia FROM json_each(:alcance) s "
        "CROSS JOIN conteos c ON c.solicitud = s.value AND c.eje = 'dia' "
        "AND CAST(c.clave AS INTEGER) BETWEEN :dia AND :dia_hasta WHERE c.n > 0) d)",
        {"alcance": json.dumps(solicitudes), "dia": filtro.dias[0], "dia_hasta": filtro.dias[1]},
    ).fetchone()
    return None if low is None else (int(low), int(high))


# -- the walk -------------------------------------------------------------------------------------------------------


def _rows(
    conn: sqlite3.Connection, plan: _Plan, low: int, high: int, limit: int, *, upwards: bool
) -> list[Renglon]:  # fmt: skip
    order = "ASC" if upwards else "DESC"
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM json_each(:alcance) s CROSS JOIN apoyos a "  # noqa: S608
        f"WHERE a.id IN (SELECT b.id FROM {plan.via.tabla} WHERE {plan.donde} AND b.id BETWEEN :low AND :high "
        f"ORDER BY b.id {order} LIMIT :limit) ORDER BY a.id {order} LIMIT :limit",
        {**plan.valores, "low": low, "high": high, "limit": limit},
    )
    return [from_row(row) for row in rows]


def _stop(conn: sqlite3.Connection, plan: _Plan, low: int, high: int, *, upwards: bool) -> int | None:
    """The id at which a page's work is done; None when it reaches the end."""
    if not plan.acotada:
        return None
    each = max(TRABAJO // plan.solicitudes, 100)
    near, far, order = ("min", "max", "ASC") if upwards else ("max", "min", "DESC")
    row = conn.execute(
        f"SELECT {near}(stop) FROM (SELECT (SELECT CASE WHEN count(*) = :each THEN {far}(id) END FROM "  # noqa: S608
        f"(SELECT b.id FROM {plan.via.tabla} WHERE {plan.via.donde} AND b.id BETWEEN :low AND :high "
        f"ORDER BY b.id {order} LIMIT :each)) AS stop FROM json_each(:alcance) s)",
        {**plan.valores, "low": low, "high": high, "each": each},
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _count(conn: sqlite3.Connection, plan: _Plan) -> Cuantos:
    if plan.contados is not None:
        return Cuantos(plan.contados, True)
    low, high = plan.entre
    stop = _stop(conn, plan, low, high, upwards=False)
    found = int(
        conn.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM json_each(:alcance) s CROSS JOIN {plan.via.tabla} "  # noqa: S608
            f"WHERE {plan.donde} AND b.id BETWEEN :low AND :high LIMIT {MUCHOS + 1})",
            {**plan.valores, "low": low if stop is None else stop, "high": high},
        ).fetchone()[0]
    )
    return Cuantos(MUCHOS, False) if found > MUCHOS else Cuantos(found, stop is None)


def from_row(row: sqlite3.Row | Mapping[str, Any]) -> Renglon:
    """A row that was selected with COLUMNS."""
    values = dict(row)
    values["marcas"] = tuple(Marca(one) for one in msgspec.json.decode(values["marcas"]))
    values["origen"] = OrigenApoyo(values["origen"])
    values["situacion"] = Situacion(values["situacion"])
    values["motivo_baja"] = MotivoBaja(values["motivo_baja"]) if values["motivo_baja"] else None
    values["resultado"] = Resultado(values["resultado"])
    return Renglon(**values)
