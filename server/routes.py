"""Every URL and its handler, on one page. Permissions join here with the portals' accounts.

Phones: who may is decided by a device's signature or a session's token (intake/device_auth.py). Public: no person's
data is behind any of these. Demo: only mounted when the demo runs.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from server.intake.endpoints import DeviceEndpoints
from server.intake.uploads import PREFIX, Uploads
from server.portals.aspirante import inconsistencias as inconsistencias_aspirante
from server.portals.aspirante import registros as registros_aspirante
from server.portals.opl import registros as registros_opl
from server.portals.public.correo_demo import CorreoDemo
from server.portals.public.inicio import Inicio
from server.portals.public.salud import Salud
from server.portals.puerta import ver
from server.portals.rendering import STATIC
from server.security import permissions as puede


def routes(
    device: DeviceEndpoints, uploads: Uploads, inicio: Inicio, salud: Salud, correo: CorreoDemo | None
) -> list[BaseRoute]:
    """The table."""
    table: list[BaseRoute] = [
        # phones
        Route(PREFIX, uploads, methods=None),
        Route(PREFIX + "/{id}", uploads, methods=None),
        Route("/sync/sesiones", device.open_session, methods=["POST"]),
        Route("/sync/acuses/{folio}", device.acuse),
        Route("/dispositivos/codigo", device.ask_code, methods=["POST"]),
        Route("/dispositivos/alta", device.alta, methods=["POST"]),
        Route("/dispositivos/baja", device.baja, methods=["POST"]),
        # public
        Route("/", inicio.show),
        Route("/.well-known/jwks.json", device.jwks),
        Route("/salud", salud.show),
        Route("/salud/vivo", salud.vivo),
        Route("/salud/listo", salud.listo),
        Route("/metrics", salud.metrics),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    table += [
        # entering, and one's own account
        # the portal of the OPL
        ver("/opl/registros", registros_opl.lista, puede.ver_registros),
        ver("/opl/registros.csv", registros_opl.csv, puede.ver_registros),
        ver("/opl/registros.xlsx", registros_opl.xlsx, puede.ver_registros),
        ver("/opl/registros/{folio}", registros_opl.ficha, puede.ver_registros),
        ver("/opl/registros/{folio}/acuse", registros_opl.acuse, puede.ver_registros),
        # the portal of the aspirante
        ver("/aspirante/estadisticas/registros", registros_aspirante.lista, puede.registros_propios),
        ver("/aspirante/estadisticas/registros.csv", registros_aspirante.csv, puede.registros_propios),
        ver("/aspirante/estadisticas/registros.xlsx", registros_aspirante.xlsx, puede.registros_propios),
        ver("/aspirante/estadisticas/registros/{folio}", registros_aspirante.ficha, puede.registros_propios),
        ver("/aspirante/estadisticas/registros/{folio}/acuse", registros_aspirante.acuse, puede.registros_propios),
        ver("/aspirante/estadisticas/inconsistencias", inconsistencias_aspirante.lista, puede.registros_propios),
        # public pages of the portals
    ]
    if correo is not None:
        table += [
            Route("/demo/correo", correo.list),
            Route("/demo/correo/api/mensajes", correo.api),
            Route("/demo/correo/{id:int}", correo.show),
            Route("/demo/correo/{id:int}/html", correo.html),
            Route("/demo/correo/{id:int}/adjuntos/{n:int}", correo.attachment),
        ]
    return table
