"""/opl/registros: the registros of every aspirante, by every filter (row B6)."""

from __future__ import annotations

from starlette.responses import Response

from server.portals import consulta
from server.portals.consulta import DEL_OPL, Lugar
from server.portals.visita import Visita

LUGAR = Lugar("/opl/registros", "opl/registros.html", "opl/registro.html", DEL_OPL)


async def lista(v: Visita) -> Response:
    """Filters and the page of what they find."""
    return await consulta.lista(v, LUGAR)


async def csv(v: Visita) -> Response:
    """All that the filter finds, as CSV."""
    return await consulta.exportar(v, LUGAR, "csv")


async def xlsx(v: Visita) -> Response:
    """All that the filter finds, as XLSX."""
    return await consulta.exportar(v, LUGAR, "xlsx")


async def ficha(v: Visita) -> Response:
    """One registro."""
    return await consulta.ficha(v, LUGAR)


async def acuse(v: Visita) -> Response:
    """Its signed acuse."""
    return await consulta.acuse(v)
