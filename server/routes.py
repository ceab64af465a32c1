"""Every URL and its handler, on one page. Permissions join here with the portals' accounts.

Phones: who may is decided by a device's signature or a session's token (intake/device_auth.py). Public: no person's
data is behind any of these. Demo: only mounted when the demo runs.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from server.intake.endpoints import DeviceEndpoints
from server.intake.uploads import PREFIX, Uploads
from server.portals.opl import administracion, correos_fallidos, tarjetas
from server.portals.public.correo_demo import CorreoDemo
from server.portals.public.inicio import Inicio
from server.portals.public.salud import Salud
from server.portals.puerta import hacer, ver
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
        # the OPL: the server itself, and memory cards
        ver("/opl/administracion", administracion.mostrar, puede.administrar),
        hacer("/opl/administracion/revision", administracion.revisar, puede.administrar),
        ver("/opl/administracion/correos", correos_fallidos.lista, puede.administrar),
        hacer("/opl/administracion/correos/reenviar", correos_fallidos.reenviar, puede.administrar),
        hacer("/opl/administracion/correos/{id:int}/reenviar", correos_fallidos.reenviar_uno, puede.administrar),
        ver("/opl/administracion/correos/{id:int}/descartar", correos_fallidos.confirmar, puede.administrar),
        hacer("/opl/administracion/correos/{id:int}/descartar", correos_fallidos.descartar, puede.administrar),
        ver("/opl/tarjetas", tarjetas.inicio, puede.administrar),
        hacer("/opl/tarjetas", tarjetas.recibir, puede.administrar, cuerpo=tarjetas.MAX_UPLOAD),
        ver("/opl/tarjetas/{id}", tarjetas.resultado, puede.administrar),
        ver("/opl/tarjetas/{id}/acuses.zip", tarjetas.acuses, puede.administrar),
        hacer("/opl/tarjetas/{id}/otra-vez", tarjetas.otra_vez, puede.administrar),
        hacer("/opl/tarjetas/{id}/olvidar", tarjetas.olvidar, puede.administrar),
        # the portal of the aspirante
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
