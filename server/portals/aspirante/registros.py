"""/aspirante/estadisticas/registros: the aspirante's own registros, by every filter (row C5)."""

from __future__ import annotations

from starlette.responses import Response

from server.portals import consulta
from server.portals.consulta import DEL_ASPIRANTE, Lugar
from server.portals.visita import Visita

LUGAR = Lugar("/aspirante/estadisticas/registros", "aspirante/registros.html", "aspirante/registro.html", DEL_ASPIRANTE)


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
