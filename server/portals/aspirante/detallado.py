"""Reporte detallado of the aspirante who is in: per auxiliar and per day, with its files (row C6)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.portals import detallado as detail
from server.portals.detallado import Detalle
from server.portals.visita import Visita

URL = "/aspirante/estadisticas/detallado"


@dataclass(frozen=True, slots=True)
class DetalladoContext:
    """`archivos`: where the files are."""

    detalle: Detalle
    archivos: str


async def detallado(v: Visita) -> Response:
    """The report of the days that the address says."""
    _, detalle, status = await detail.leer(v, v.solicitud)
    return v.page("aspirante/detallado.html", DetalladoContext(detalle, URL), status=status)


async def archivo(v: Visita) -> Response:
    """One of its tables as a file."""
    return await detail.archivo(v, v.solicitud)
