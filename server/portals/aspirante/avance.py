"""Reporte de avance of the aspirante who is in (rows C1, C6; P7.12, P7.13)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.errors import AppError
from server.portals import descargas, tablas
from server.portals.informe import ENCABEZADO_CLASES, Informe, filas_de_clases, informe, sondeo
from server.portals.visita import Visita
from server.reportes.avance import de_aspirante

URL = "/aspirante/estadisticas/avance"


@dataclass(frozen=True, slots=True)
class AvanceContext:
    """`sondeo`: the address that the page asks again while it is looked at, or ""; `archivos`: where its files are."""

    informe: Informe
    sondeo: str
    archivos: str


async def avance(v: Visita) -> Response:
    """The report; its block `cifras` again for the page that keeps itself current."""
    report = await v.read(lambda conn: de_aspirante(conn, v.solicitud, v.now_ms))
    if report is None:
        raise AppError("no_encontrado")
    again = sondeo(URL, v.request.query_params, v.now_ms)
    return v.page("aspirante/avance.html", AvanceContext(informe(report), again, URL), fragmento="cifras")


async def archivo(v: Visita) -> Response:
    """What was sent, by class, as CSV or XLSX."""
    report = await v.read(lambda conn: de_aspirante(conn, v.solicitud, v.now_ms))
    if report is None:
        raise AppError("no_encontrado")
    return tablas.descarga(
        v.request.path_params["formato"], descargas.nombre_con_fecha(f"enviados-{v.solicitud}", v.now_ms), "Enviados",
        ENCABEZADO_CLASES, tablas.una_por_una(filas_de_clases(report), lambda fila: fila),
    )  # fmt: skip
