"""Every URL and its handler, on one page. Permissions join here with the portals' accounts.

Phones: who may is decided by a device's signature or a session's token (intake/device_auth.py). Public: no person's
data is behind any of these. Demo: only mounted when the demo runs.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from server.intake.endpoints import DeviceEndpoints
from server.intake.uploads import PREFIX, Uploads
from server.portals.aspirante import auxiliar_datos, auxiliares, carga
from server.portals.opl import auxiliares as opl_auxiliares
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
        # -- auxiliares registrados en dispositivos
        ver("/opl/auxiliares", opl_auxiliares.lista, puede.ver_auxiliares),
        ver("/opl/auxiliares/{id:int}", opl_auxiliares.revision, puede.ver_auxiliares),
        hacer("/opl/auxiliares/{id:int}/corresponde", opl_auxiliares.corresponde, puede.revisar_auxiliares),
        ver("/opl/auxiliares/{id:int}/no-corresponde", opl_auxiliares.preguntar, puede.revisar_auxiliares),
        hacer("/opl/auxiliares/{id:int}/no-corresponde", opl_auxiliares.no_corresponde, puede.revisar_auxiliares),
        ver(
            "/opl/auxiliares/{id:int}/testigos/{dispositivo:int}/cedula.pdf",
            opl_auxiliares.cedula,
            puede.revisar_auxiliares,
        ),
        ver(
            "/opl/auxiliares/{id:int}/testigos/{dispositivo:int}/{imagen}",
            opl_auxiliares.imagen,
            puede.revisar_auxiliares,
        ),
        # the portal of the aspirante
        # -- auxiliares
        ver("/aspirante/auxiliares", auxiliares.lista, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/registro", auxiliar_datos.registro, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/registro", auxiliar_datos.registrar, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/{id:int}", auxiliares.ficha, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/{id:int}/editar", auxiliar_datos.editar, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/{id:int}/editar", auxiliar_datos.guardar, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/{id:int}/baja", auxiliares.baja, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/{id:int}/baja", auxiliares.dar_de_baja, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/{id:int}/reactivar", auxiliares.reactivar, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/{id:int}/correo", auxiliares.reenviar, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/carga", carga.subir, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/carga", carga.recibir, puede.auxiliares_propios, cuerpo=carga.BODY),
        ver("/aspirante/auxiliares/carga/plantilla.xlsx", carga.plantilla_xlsx, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/carga/plantilla.csv", carga.plantilla_csv, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/carga/{id:int}", carga.carga, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/carga/{id:int}/aceptar", carga.aceptar, puede.auxiliares_propios),
        hacer("/aspirante/auxiliares/carga/{id:int}/descartar", carga.descartar, puede.auxiliares_propios),
        ver("/aspirante/auxiliares/carga/{id:int}/renglones.csv", carga.renglones, puede.auxiliares_propios),
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
