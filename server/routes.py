"""Every URL and its handler, on one page. Permissions join here with the portals' accounts.

Phones: who may is decided by a device's signature or a session's token (intake/device_auth.py). Public: no person's
data is behind any of these. Demo: only mounted when the demo runs.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from server.intake.endpoints import DeviceEndpoints
from server.intake.uploads import PREFIX, Uploads
from server.portals.entrar import aspirante, contrasena, declaracion, entrar, mi_cuenta, oidc, segundo_factor
from server.portals.opl import cuentas
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
        ver("/entrar", entrar.mostrar, puede.publico),
        hacer("/entrar", entrar.entrar, puede.publico),
        hacer("/salir", entrar.salir, puede.publico),
        ver("/entrar/segundo-factor", segundo_factor.mostrar, puede.publico),
        hacer("/entrar/segundo-factor", segundo_factor.verificar, puede.publico),
        ver("/entrar/aspirante", aspirante.mostrar, puede.publico),
        hacer("/entrar/aspirante", aspirante.identificar, puede.publico),
        ver("/entrar/aspirante/como", aspirante.como, puede.publico),
        hacer("/entrar/aspirante/contrasena", aspirante.con_contrasena, puede.publico),
        hacer("/entrar/aspirante/codigo/enviar", aspirante.pedir_codigo, puede.publico),
        ver("/entrar/aspirante/codigo", aspirante.codigo, puede.publico),
        hacer("/entrar/aspirante/codigo", aspirante.con_codigo, puede.publico),
        ver("/entrar/oidc/{proveedor}", oidc.ir, puede.publico),
        ver("/entrar/oidc/{proveedor}/regreso", oidc.regreso, puede.publico),
        ver("/entrar/olvide", contrasena.olvide, puede.publico),
        hacer("/entrar/olvide", contrasena.pedir, puede.publico),
        ver("/invitacion/{token}", contrasena.invitacion, puede.publico),
        hacer("/invitacion/{token}", contrasena.aceptar, puede.publico),
        ver("/restablecer/{token}", contrasena.restablecer, puede.publico),
        hacer("/restablecer/{token}", contrasena.cambiar, puede.publico),
        ver("/declaracion", declaracion.mostrar, puede.cuenta_propia),
        hacer("/declaracion", declaracion.entregar, puede.cuenta_propia, cuerpo=declaracion.CUERPO),
        ver("/declaracion/pdf", declaracion.descargar, puede.cuenta_propia),
        ver("/mi-cuenta", mi_cuenta.mostrar, puede.cuenta_activa_propia),
        ver("/mi-cuenta/datos", mi_cuenta.datos, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/datos", mi_cuenta.guardar_datos, puede.cuenta_activa_propia),
        ver("/mi-cuenta/contrasena", mi_cuenta.contrasena, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/contrasena", mi_cuenta.cambiar, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/segundo-factor", segundo_factor.alta, puede.cuenta_activa_propia),
        ver("/mi-cuenta/segundo-factor/retirar", mi_cuenta.sin_factor, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/segundo-factor/retirar", mi_cuenta.retirar, puede.cuenta_activa_propia),
        ver("/mi-cuenta/codigos", mi_cuenta.codigos, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/codigos", mi_cuenta.nuevos_codigos, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/sesiones/cerrar-otras", mi_cuenta.cerrar_otras, puede.cuenta_activa_propia),
        hacer("/mi-cuenta/sesiones/{id:int}/cerrar", mi_cuenta.cerrar, puede.cuenta_activa_propia),
        # the portal of the OPL
        ver("/opl/cuentas", cuentas.lista, puede.administrar_cuentas),
        ver("/opl/cuentas/nueva", cuentas.nueva, puede.administrar_cuentas),
        hacer("/opl/cuentas/nueva", cuentas.invitar, puede.administrar_cuentas),
        ver("/opl/cuentas/{id:int}", cuentas.ver, puede.administrar_cuentas),
        ver("/opl/cuentas/{id:int}/declaracion", cuentas.archivo, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/aceptar", cuentas.aceptar, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/devolver", cuentas.devolver, puede.administrar_cuentas),
        ver("/opl/cuentas/{id:int}/suspender", cuentas.suspender, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/suspender", cuentas.suspender_si, puede.administrar_cuentas),
        ver("/opl/cuentas/{id:int}/segundo-factor", cuentas.sin_factor, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/segundo-factor", cuentas.sin_factor_si, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/reactivar", cuentas.reactivar, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/rol", cuentas.cambiar_rol, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/invitar", cuentas.otra_invitacion, puede.administrar_cuentas),
        hacer("/opl/cuentas/{id:int}/restablecer", cuentas.restablecer, puede.administrar_cuentas),
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
