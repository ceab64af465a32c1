"""The reporte detallado as both portals show it: per auxiliar and per day, within a range of days (row C6).

Not a screen: those are aspirante/detallado.py and opl/avance.py, whose templates include `shared/_detallado.html`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from server.domain.apoyo import Cuenta
from server.domain.dias import fecha, largo
from server.errors import AppError
from server.portals import descargas, tablas
from server.portals.forms import Leido
from server.portals.tablas import CIFRAS, FILAS, Columna, cifras
from server.portals.visita import Visita
from server.reportes import graficas
from server.reportes.avance import Dia, de_aspirante
from server.reportes.graficas import GraficaBarras
from server.store import avance as rows
from server.store.avance import FilaAuxiliar, OrdenAuxiliares, Solicitud
from server.store.connection import Connection

COLUMNAS = (
    (OrdenAuxiliares.ID, "Id", True),
    (OrdenAuxiliares.NOMBRE, "Auxiliar/Gestor", False),
    (OrdenAuxiliares.RECIBIDOS, "Recibidos", True),
    (OrdenAuxiliares.CUENTAN, "Cuentan", True),
    (OrdenAuxiliares.ESPERA, "En espera", True),
    (OrdenAuxiliares.NO_CUENTAN, "No cuentan", True),
)
GUARDADOS = ("desde", "hasta")


@dataclass(frozen=True, slots=True)
class FilaDetalle:
    """A day of the table."""

    fecha: str
    cuenta: Cuenta


@dataclass(frozen=True, slots=True)
class Detalle:
    """Everything `shared/_detallado.html` shows. `form`: the filter; `total`: of the days that are shown; `archivo`:
    what follows the name of a file in its address; `primera`: number of the first line of this page."""

    form: Leido
    total: Cuenta
    barras: GraficaBarras | None
    dias: tuple[FilaDetalle, ...]
    columnas: tuple[Columna, ...]
    auxiliares: tuple[FilaAuxiliar, ...]
    cuantos: int
    primera: int
    anterior: str
    siguiente: str
    archivo: str
    filtrado: bool
    limpiar: str


@dataclass(frozen=True, slots=True)
class Leida:
    """What is read for a page."""

    solicitud: Solicitud
    dias: tuple[Dia, ...]
    auxiliares: tuple[FilaAuxiliar, ...]
    cuantos: int


async def leer(v: Visita, folio: int) -> tuple[Solicitud, Detalle, int]:
    """The report of a folio as the address asks for it, and the status of its page. Raises AppError `no_encontrado`."""
    query = v.request.query_params
    form, dias = tablas.rango(query)
    order = tablas.orden(query, tuple(OrdenAuxiliares), OrdenAuxiliares.RECIBIDOS)
    found = await v.read(lambda conn: _read(conn, folio, v.now_ms, dias, order))
    if found is None:
        raise AppError("no_encontrado")
    before, after = tablas.paginas(query, order, found.cuantos, GUARDADOS)
    detail = Detalle(
        form=form,
        total=sum((one.cuenta for one in found.dias), Cuenta()),
        barras=graficas.barras(found.dias),
        dias=tuple(FilaDetalle(largo(one.dia), one.cuenta) for one in reversed(found.dias)),
        columnas=tablas.columnas(query, order, COLUMNAS, GUARDADOS),
        auxiliares=found.auxiliares,
        cuantos=found.cuantos,
        primera=order.salto + 1,
        anterior=before,
        siguiente=after,
        archivo=_carried(query) if form.bien else "",
        filtrado=dias is not None,
        limpiar="?",
    )
    return found.solicitud, detail, 200 if form.bien else 422


def _carried(query: Mapping[str, str]) -> str:
    address = tablas.direccion(query, GUARDADOS)
    return "" if address == "?" else address


def _read(conn: Connection, folio: int, now_ms: int, dias: tuple[int, int] | None, order: tablas.Orden) -> Leida | None:
    report = de_aspirante(conn, folio, now_ms)
    if report is None:
        return None
    lines = rows.auxiliares(
        conn, folio, OrdenAuxiliares(order.por), descendente=order.descendente, limite=FILAS, salto=order.salto,
        dias=dias,
    )  # fmt: skip
    return Leida(
        report.solicitud, within(report.dias, dias), tuple(lines), rows.auxiliares_count(conn, folio)
    )  # fmt: skip


def within(days: tuple[Dia, ...], dias: tuple[int, int] | None) -> tuple[Dia, ...]:
    """Those of a range, both ends included."""
    return days if dias is None else tuple(one for one in days if dias[0] <= one.dia <= dias[1])


async def archivo(v: Visita, folio: int) -> Response:
    """`dias` or `auxiliares` of a folio as CSV or XLSX, in the range that the address says."""
    query = v.request.query_params
    form, dias = tablas.rango(query)
    if not form.bien:
        raise AppError("no_encontrado")
    formato, tabla = v.request.path_params["formato"], v.request.path_params["tabla"]
    nombre = descargas.nombre_con_fecha(f"{tabla}-{folio}", v.now_ms)
    if tabla == "dias":
        report = await v.read(lambda conn: de_aspirante(conn, folio, v.now_ms))
        if report is None:
            raise AppError("no_encontrado")
        days = within(report.dias, dias)
        return tablas.descarga(
            formato, nombre, "Días", ("Día", *CIFRAS),
            tablas.una_por_una(days, lambda one: (fecha(one.dia), *cifras(one.cuenta))),
        )  # fmt: skip
    if tabla == "auxiliares":
        lines = await v.read(lambda conn: _everyone(conn, folio, dias))
        return tablas.descarga(
            formato, nombre, "Auxiliares", ("Id de auxiliar", "Auxiliar/Gestor", "Estatus", *CIFRAS),
            tablas.una_por_una(lines, lambda one: (one.id, one.nombre, one.estatus, *cifras(one.cuenta))),
        )  # fmt: skip
    raise AppError("no_encontrado")


def _everyone(conn: Connection, folio: int, dias: tuple[int, int] | None) -> list[FilaAuxiliar]:
    return rows.auxiliares(
        conn, folio, OrdenAuxiliares.ID, descendente=False, limite=1_000_000, salto=0, dias=dias
    )  # fmt: skip
