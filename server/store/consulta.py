"""The consulta de registros: any combination of filters, by key, in bounded work at any size (rows C5, B6).

How a consulta is answered. Each filter that an index can seek is a way (server.store.vias); counters and short probes
say how many entries each would walk, and the shortest is walked, newest first, the other filters tested on the way.
Pages go on from an id, never from an OFFSET. A page looks at about `TRABAJO` entries at most: if by then it is not full
it says where to go on, instead of keeping everyone waiting for the last of a million. Ways are named to SQLite (INDEXED
BY), because without ANALYZE it takes any index that begins with the solicitud for as good as another.

Several aspirantes are one statement: the newest of each, by the same way, and the newest of those.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.domain.apoyo import Clase, MotivoBaja, OrigenApoyo, Resultado, Situacion, Via
from server.domain.filtro_registros import Filtro
from server.domain.marcas import Marca
from server.store import vias

MUCHOS = 10_000
"""Past this, a count says only that there are more."""
_MAX_ID = 2**62


@dataclass(frozen=True, slots=True)
class Renglon:
    """One apoyo as the consulta shows it. `inciso`: of server.store.incisos, or "". `marcas`: of its
    origin."""

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
    clase: Clase
    via: Via


COLUMNS = (
    "a.id, a.folio, a.solicitud, a.auxiliar, a.dispositivo, a.recibido_ms, a.marcas, a.origen, a.nombre, "
    "a.apellido_paterno, a.apellido_materno, a.situacion, a.motivo_baja, a.resultado, a.inciso, a.detalle, a.clase, "
    "a.via"
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
class _Plan:
    """A consulta, ready to be walked. `entre`: ids between which all of it lies."""

    via: vias.Via
    donde: str
    valores: Mapping[str, Any]
    entre: tuple[int, int]
    acotada: bool
    """Whether a page must stop at `vias.TRABAJO` entries."""
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
    counters = vias.counters_of(conn, filtro, solicitud)
    solicitudes = sorted({row["solicitud"] for row in counters.total if vias.possible(filtro, row)})
    if not solicitudes:
        return None
    found = vias.Conditions(filtro)
    values = {**found.values, "alcance": json.dumps(solicitudes)}
    contados = vias.counted(filtro, counters)
    if contados == 0:
        return None
    ways = [*vias.counted_ways(filtro, counters.total), *vias.sought_ways(conn, filtro, counters.auxiliar)]
    shortest = min(ways, key=lambda way: way.tam)
    if shortest.tam > vias.POCOS:
        # Where it is short already, testing names on the way costs less than asking which name is rarer.
        ways = [shortest, *vias.found_ways(conn, filtro, values, shortest.tam), *vias.name_ways(conn, filtro, values)]
        shortest = min(ways, key=lambda way: way.tam)
    if shortest.tam == 0:
        return None
    between = _between(filtro, counters)
    if between is None:
        return None
    rest = found.rest(shortest.nombre)
    return _Plan(
        via=shortest,
        donde=" AND ".join([*([shortest.donde] if shortest.donde else []), *rest]) or "TRUE",
        valores=values,
        entre=between,
        acotada=shortest.en_orden and bool(rest) and shortest.tam > vias.TRABAJO,
        solicitudes=len(solicitudes),
        contados=contados,
    )


def _between(filtro: Filtro, counters: vias.Counters) -> tuple[int, int] | None:
    """Ids between which all that was received on the days asked for lies; None when nothing can be found there."""
    if counters.dia is None:
        return 1, _MAX_ID
    days = [row for row in counters.dia if vias.at_most(filtro, row) > 0]
    return (min(row["primero"] for row in days), max(row["ultimo"] for row in days)) if days else None


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
    each = max(vias.TRABAJO // plan.solicitudes, 100)
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
    values |= {"clase": Clase(values["clase"]), "via": Via(values["via"])}
    return Renglon(**values)
