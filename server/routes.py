"""Every URL and its handler, on one page. Permissions join here with the portals' accounts.

Phones: who may is decided by a device's signature or a session's token (intake/device_auth.py). Public: no person's
data is behind any of these. Demo: only mounted when the demo runs.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from server.intake.endpoints import DeviceEndpoints
from server.intake.uploads import PREFIX, Uploads
from server.portals.aspirante import audiencias as aspirante_audiencias
from server.portals.aspirante import audiencias_nueva, auxiliar_datos, auxiliares, carga
from server.portals.aspirante import avance as aspirante_avance
from server.portals.aspirante import detallado as aspirante_detallado
from server.portals.aspirante import inconsistencias as inconsistencias_aspirante
from server.portals.aspirante import inicio as aspirante_inicio
from server.portals.aspirante import registros as registros_aspirante
from server.portals.entrar import aspirante, contrasena, declaracion, entrar, mi_cuenta, oidc, segundo_factor
from server.portals.mesa_control import acuerdo as mesa_acuerdo
from server.portals.mesa_control import asignar as mesa_asignar
from server.portals.mesa_control import bandeja as mesa_bandeja
from server.portals.mesa_control import carga as mesa_carga
from server.portals.mesa_control import casos as mesa_casos
from server.portals.mesa_control import correccion as mesa_correccion
from server.portals.mesa_control import criterios as mesa_criterios
from server.portals.mesa_control import historia as mesa_historia
from server.portals.mesa_control import operadores as mesa_operadores
from server.portals.mesa_control import revision as mesa_revision
from server.portals.opl import (
    accesos,
    administracion,
    ajustes,
    aspirante_ficha,
    aspirantes,
    audiencia_programar,
    audiencia_sala,
    audiencias,
    captura,
    captura_cedulas,
    captura_conciliar,
    captura_excepciones,
    captura_paquetes,
    correos_fallidos,
    cuarentena,
    cuentas,
    periodos,
    tarjetas,
)
from server.portals.opl import auxiliares as opl_auxiliares
from server.portals.opl import avance as opl_avance
from server.portals.opl import inicio as opl_inicio
from server.portals.opl import privacidad as avisos
from server.portals.opl import registros as registros_opl
from server.portals.opl import reglas as reglas_opl
from server.portals.public import demo_accesos, estilo, manuales, privacidad
from server.portals.public.correo_demo import CorreoDemo
from server.portals.public.inicio import inicio
from server.portals.public.salud import Salud
from server.portals.puerta import hacer, ver
from server.portals.rendering import STATIC
from server.security import permissions as puede


def routes(device: DeviceEndpoints, uploads: Uploads, salud: Salud, correo: CorreoDemo | None) -> list[BaseRoute]:
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
        Route("/", inicio),
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
        ver("/opl/registros", registros_opl.lista, puede.ver_registros),
        ver("/opl/registros.csv", registros_opl.csv, puede.ver_registros),
        ver("/opl/registros.xlsx", registros_opl.xlsx, puede.ver_registros),
        ver("/opl/registros/{folio}", registros_opl.ficha, puede.ver_registros),
        ver("/opl/registros/{folio}/acuse", registros_opl.acuse, puede.ver_registros),
        # the OPL: the server itself, and memory cards
        ver("/opl/administracion", administracion.mostrar, puede.administrar),
        hacer("/opl/administracion/revision", administracion.revisar, puede.administrar),
        ver("/opl/administracion/correos", correos_fallidos.lista, puede.administrar),
        hacer("/opl/administracion/correos/reenviar", correos_fallidos.reenviar, puede.administrar),
        hacer("/opl/administracion/correos/{id:int}/reenviar", correos_fallidos.reenviar_uno, puede.administrar),
        ver("/opl/administracion/correos/{id:int}/descartar", correos_fallidos.confirmar, puede.administrar),
        hacer("/opl/administracion/correos/{id:int}/descartar", correos_fallidos.descartar, puede.administrar),
        # tubería: what was given up after the acuse
        ver("/opl/administracion/cuarentena", cuarentena.lista, puede.administrar),
        ver("/opl/administracion/cuarentena/repetir", cuarentena.confirmar, puede.administrar),
        hacer("/opl/administracion/cuarentena/repetir", cuarentena.repetir, puede.administrar),
        ver("/opl/administracion/cuarentena/{id:int}/repetir", cuarentena.confirmar_uno, puede.administrar),
        hacer("/opl/administracion/cuarentena/{id:int}/repetir", cuarentena.repetir_uno, puede.administrar),
        ver("/opl/tarjetas", tarjetas.inicio, puede.administrar),
        hacer("/opl/tarjetas", tarjetas.recibir, puede.administrar, cuerpo=tarjetas.MAX_UPLOAD),
        ver("/opl/tarjetas/{id}", tarjetas.resultado, puede.administrar),
        ver("/opl/tarjetas/{id}/acuses.zip", tarjetas.acuses, puede.administrar),
        hacer("/opl/tarjetas/{id}/otra-vez", tarjetas.otra_vez, puede.administrar),
        hacer("/opl/tarjetas/{id}/olvidar", tarjetas.olvidar, puede.administrar),
        # the portal of the aspirante
        ver("/aspirante/estadisticas/registros", registros_aspirante.lista, puede.registros_propios),
        ver("/aspirante/estadisticas/registros.csv", registros_aspirante.csv, puede.registros_propios),
        ver("/aspirante/estadisticas/registros.xlsx", registros_aspirante.xlsx, puede.registros_propios),
        ver("/aspirante/estadisticas/registros/{folio}", registros_aspirante.ficha, puede.registros_propios),
        ver("/aspirante/estadisticas/registros/{folio}/acuse", registros_aspirante.acuse, puede.registros_propios),
        ver("/aspirante/estadisticas/inconsistencias", inconsistencias_aspirante.lista, puede.registros_propios),
        ver("/opl/ajustes", ajustes.muestra, puede.administrar),
        hacer("/opl/ajustes", ajustes.guarda, puede.administrar, cuerpo=ajustes.BODY),
        ver("/opl/privacidad", avisos.lista, puede.administrar),
        ver("/opl/privacidad/redactar", avisos.redacta, puede.administrar),
        hacer("/opl/privacidad/redactar", avisos.recibe, puede.administrar, cuerpo=avisos.BODY),
        ver("/opl/accesos", accesos.lista, puede.ver_accesos),
        ver("/opl/accesos.csv", accesos.exporta, puede.ver_accesos),
        ver("/opl/accesos/cadena", accesos.cadena, puede.ver_accesos),
        ver("/opl/manuales", manuales.del_opl, puede.entrar_opl),
        ver("/opl", opl_inicio.inicio, puede.entrar_opl),
        # clases
        ver("/opl/reglas", reglas_opl.muestra, puede.coordinar_mesa),
        hacer("/opl/reglas", reglas_opl.guarda, puede.coordinar_mesa),
        ver("/opl/periodos", periodos.lista, puede.ver_periodos),
        ver("/opl/periodos/nuevo", periodos.nuevo, puede.administrar_periodos),
        hacer("/opl/periodos", periodos.guardar, puede.administrar_periodos, cuerpo=periodos.FORM_BYTES),
        ver("/opl/periodos/{id:int}", periodos.ficha, puede.ver_periodos),
        ver("/opl/periodos/{id:int}/editar", periodos.editar, puede.administrar_periodos),
        hacer("/opl/periodos/{id:int}", periodos.guardar, puede.administrar_periodos, cuerpo=periodos.FORM_BYTES),
        ver("/opl/aspirantes", aspirantes.lista, puede.ver_aspirantes),
        ver("/opl/aspirantes/nuevo", aspirantes.nuevo, puede.administrar_aspirantes),
        hacer("/opl/aspirantes", aspirantes.guardar, puede.administrar_aspirantes, cuerpo=aspirantes.FORM_BYTES),
        ver("/opl/aspirantes/{folio:int}", aspirante_ficha.ficha, puede.ver_aspirantes),
        ver("/opl/aspirantes/{folio:int}/editar", aspirantes.editar, puede.administrar_aspirantes),
        hacer(
            "/opl/aspirantes/{folio:int}",
            aspirantes.guardar,
            puede.administrar_aspirantes,
            cuerpo=aspirantes.FORM_BYTES,
        ),
        ver("/opl/aspirantes/{folio:int}/emblema.png", aspirante_ficha.emblema, puede.ver_aspirantes),
        ver("/opl/aspirantes/{folio:int}/cedula.pdf", aspirante_ficha.cedula, puede.ver_aspirantes),
        ver("/opl/aspirantes/{folio:int}/confirmar", aspirante_ficha.confirmar, puede.administrar_aspirantes),
        hacer("/opl/aspirantes/{folio:int}/confirmar", aspirante_ficha.confirmado, puede.administrar_aspirantes),
        ver("/opl/aspirantes/{folio:int}/correo", aspirante_ficha.corregir, puede.administrar_aspirantes),
        hacer("/opl/aspirantes/{folio:int}/correo", aspirante_ficha.corregido, puede.administrar_aspirantes),
        hacer("/opl/aspirantes/{folio:int}/reenviar", aspirante_ficha.reenviado, puede.administrar_aspirantes),
        ver("/opl/aspirantes/{folio:int}/baja", aspirante_ficha.baja, puede.administrar_aspirantes),
        hacer("/opl/aspirantes/{folio:int}/baja", aspirante_ficha.dado_de_baja, puede.administrar_aspirantes),
        ver("/opl/aspirantes/{folio:int}/reactivar", aspirante_ficha.reactivar, puede.administrar_aspirantes),
        hacer("/opl/aspirantes/{folio:int}/reactivar", aspirante_ficha.reactivado, puede.administrar_aspirantes),
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
        ver("/aspirante/manuales", manuales.del_aspirante, puede.entrar_aspirante),
        ver("/aspirante/manuales/fura.pdf", manuales.fura_propio, puede.entrar_aspirante),
        ver("/opl/avance", opl_avance.todos, puede.ver_avance),
        ver("/opl/avance/periodos/{periodo:int}.{formato}", opl_avance.archivo_todos, puede.ver_avance),
        ver("/opl/avance/{folio:int}", opl_avance.uno, puede.ver_avance),
        ver("/opl/avance/{folio:int}.{formato}", opl_avance.archivo_uno, puede.ver_avance),
        ver("/opl/avance/{folio:int}/detallado", opl_avance.detallado, puede.ver_auxiliares),
        ver("/opl/avance/{folio:int}/detallado/{tabla}.{formato}", opl_avance.archivo, puede.ver_auxiliares),
        # the portal of the aspirante
        ver("/aspirante", aspirante_inicio.inicio, puede.entrar_aspirante),
        ver("/aspirante/estadisticas/avance", aspirante_avance.avance, puede.registros_propios),
        ver("/aspirante/estadisticas/avance.{formato}", aspirante_avance.archivo, puede.registros_propios),
        ver("/aspirante/estadisticas/detallado", aspirante_detallado.detallado, puede.registros_propios),
        ver(
            "/aspirante/estadisticas/detallado/{tabla}.{formato}", aspirante_detallado.archivo, puede.registros_propios
        ),
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
        # -- garantía de audiencia
        ver("/aspirante/audiencias", aspirante_audiencias.lista, puede.audiencias_propias),
        ver("/aspirante/audiencias/nueva", audiencias_nueva.mostrar, puede.audiencias_propias),
        hacer(
            "/aspirante/audiencias/nueva",
            audiencias_nueva.solicitar,
            puede.audiencias_propias,
            cuerpo=audiencias_nueva.CUERPO,
        ),
        ver("/aspirante/audiencias/{id:int}", aspirante_audiencias.ficha, puede.audiencias_propias),
        hacer("/aspirante/audiencias/{id:int}/retirar", aspirante_audiencias.retirar, puede.audiencias_propias),
        hacer("/aspirante/audiencias/{id:int}/argumento", aspirante_audiencias.argumentar, puede.audiencias_propias),
        ver(
            "/aspirante/audiencias/{id:int}/registros/{apoyo:int}",
            aspirante_audiencias.registro,
            puede.audiencias_propias,
        ),
        hacer(
            "/aspirante/audiencias/{id:int}/registros/{apoyo:int}",
            aspirante_audiencias.argumentar_uno,
            puede.audiencias_propias,
        ),
        ver("/aspirante/audiencias/{id:int}/desistir", aspirante_audiencias.confirmar, puede.audiencias_propias),
        hacer("/aspirante/audiencias/{id:int}/desistir", aspirante_audiencias.desistir, puede.audiencias_propias),
        ver("/aspirante/audiencias/{id:int}/acta.pdf", aspirante_audiencias.acta, puede.audiencias_propias),
        ver("/opl/audiencias", audiencias.lista, puede.ver_audiencias),
        ver("/opl/audiencias/{id:int}", audiencias.ficha, puede.ver_audiencias),
        ver("/opl/audiencias/{id:int}/acta.pdf", audiencias.acta, puede.ver_audiencias),
        ver("/opl/audiencias/{id:int}/programar", audiencia_programar.programar, puede.administrar_audiencias),
        hacer("/opl/audiencias/{id:int}/programar", audiencia_programar.programada, puede.administrar_audiencias),
        ver("/opl/audiencias/{id:int}/revisores", audiencia_programar.revisores, puede.administrar_audiencias),
        hacer("/opl/audiencias/{id:int}/revisores", audiencia_programar.nombrados, puede.administrar_audiencias),
        ver("/opl/audiencias/{id:int}/iniciar", audiencia_programar.iniciar, puede.revisar_audiencia),
        hacer("/opl/audiencias/{id:int}/iniciar", audiencia_programar.iniciada, puede.revisar_audiencia),
        ver("/opl/audiencias/{id:int}/sala", audiencia_sala.sala, puede.revisar_audiencia),
        ver("/opl/audiencias/{id:int}/sala/pantalla", audiencia_sala.pantalla, puede.ver_audiencias),
        hacer("/opl/audiencias/{id:int}/sala/{apoyo:int}", audiencia_sala.decidir, puede.revisar_audiencia),
        ver("/opl/audiencias/{id:int}/sala/{apoyo:int}/{imagen}", audiencia_sala.foto, puede.ver_audiencias),
        ver("/opl/audiencias/{id:int}/continuar", audiencia_programar.continuar, puede.administrar_audiencias),
        hacer("/opl/audiencias/{id:int}/continuar", audiencia_programar.continuada, puede.administrar_audiencias),
        ver("/opl/audiencias/{id:int}/concluir", audiencia_programar.concluir, puede.administrar_audiencias),
        hacer("/opl/audiencias/{id:int}/concluir", audiencia_programar.concluida, puede.administrar_audiencias),
        # public pages of the portals
        ver("/manuales", manuales.lista, puede.publico),
        ver("/manuales/fura.pdf", manuales.fura_en_blanco, puede.publico),
        ver("/manuales/img/{archivo}", manuales.imagen, puede.publico),
        ver("/manuales/{nombre}.pdf", manuales.pdf, puede.publico),
        ver("/manuales/{nombre}", manuales.muestra, puede.publico),
        ver("/privacidad", privacidad.lista, puede.publico),
        ver("/privacidad/{id:int}.pdf", privacidad.pdf, puede.publico),
        ver("/privacidad/{id:int}", privacidad.muestra, puede.publico),
        # the coordination of the mesa de control
        ver("/opl/mesa", mesa_carga.muestra, puede.coordinar_mesa),
        ver("/opl/mesa/asignar", mesa_asignar.muestra, puede.coordinar_mesa),
        hacer("/opl/mesa/asignar", mesa_asignar.asignar, puede.coordinar_mesa),
        ver("/opl/mesa/operadores/{id:int}", mesa_operadores.ficha, puede.coordinar_mesa),
        ver("/opl/mesa/operadores/{id:int}/liberar", mesa_operadores.confirmar, puede.coordinar_mesa),
        hacer("/opl/mesa/operadores/{id:int}/liberar", mesa_operadores.liberar, puede.coordinar_mesa),
        ver("/opl/mesa/casos", mesa_casos.lista, puede.coordinar_mesa),
        ver("/opl/mesa/casos/{id:int}", mesa_casos.ficha, puede.coordinar_mesa),
        hacer("/opl/mesa/casos/{id:int}", mesa_casos.resolver, puede.coordinar_mesa),
        ver("/opl/mesa/acuerdo", mesa_acuerdo.tabla, puede.coordinar_mesa),
        ver("/opl/mesa/registros/{folio}", mesa_historia.ficha, puede.coordinar_mesa),
        ver("/opl/mesa/registros/{folio}/reabrir", mesa_historia.confirmar, puede.coordinar_mesa),
        hacer("/opl/mesa/registros/{folio}/reabrir", mesa_historia.reabrir, puede.coordinar_mesa),
        ver("/opl/criterios", mesa_criterios.vigentes, puede.coordinar_mesa),
        ver("/opl/criterios/editar", mesa_criterios.editar, puede.coordinar_mesa),
        hacer("/opl/criterios/editar", mesa_criterios.publicar, puede.coordinar_mesa, cuerpo=mesa_criterios.FORM_BYTES),
        ver("/opl/criterios/{version:int}", mesa_criterios.version, puede.coordinar_mesa),
        ver("/institucion.css", estilo.hoja, puede.publico),
        ver("/institucion/logo.png", estilo.logo, puede.publico),
    ]
    # -- the review screen
    table += [
        ver("/mesa", mesa_bandeja.inicio, puede.revisar_mesa),
        hacer("/mesa/siguiente", mesa_bandeja.siguiente, puede.revisar_mesa),
        hacer("/mesa/adelantar", mesa_bandeja.adelantar, puede.revisar_mesa),
        hacer("/mesa/mantener", mesa_bandeja.mantener, puede.revisar_mesa),
        hacer("/mesa/soltar", mesa_bandeja.soltar, puede.revisar_mesa),
        ver("/mesa/revision/{id:int}", mesa_revision.mostrar, puede.revisar_mesa),
        ver("/mesa/revision/{id:int}/imagen/{tipo}", mesa_revision.ver_imagen, puede.revisar_mesa),
        ver("/mesa/revision/{id:int}/junto/{otro:int}/{tipo}", mesa_revision.ver_junto, puede.revisar_mesa),
        hacer("/mesa/revision/{id:int}/decidir", mesa_revision.decidir, puede.revisar_mesa),
        hacer("/mesa/revision/{id:int}/soltar", mesa_revision.soltar, puede.revisar_mesa),
        hacer("/mesa/revision/{id:int}/tomar", mesa_revision.tomar, puede.revisar_mesa),
        hacer("/mesa/dictamen/{id:int}/deshacer", mesa_revision.deshacer, puede.revisar_mesa),
        ver("/mesa/revision/{id:int}/corregir", mesa_correccion.mostrar, puede.revisar_mesa),
        hacer("/mesa/revision/{id:int}/corregir", mesa_correccion.guardar, puede.revisar_mesa),
    ]
    # captura manual
    paquete = "/opl/captura/paquetes/{id:int}"
    table += [
        ver("/opl/captura", captura.inicio, puede.capturar_papel),
        ver("/opl/captura/excepciones", captura_excepciones.lista, puede.administrar_papel),
        ver("/opl/captura/excepciones/nueva", captura_excepciones.nueva, puede.administrar_papel),
        hacer("/opl/captura/excepciones", captura_excepciones.otorgar, puede.administrar_papel),
        ver("/opl/captura/excepciones/{id:int}/revocar", captura_excepciones.preguntar, puede.administrar_papel),
        hacer("/opl/captura/excepciones/{id:int}/revocar", captura_excepciones.revocar, puede.administrar_papel),
        ver("/opl/captura/paquetes/nuevo", captura_paquetes.nuevo, puede.administrar_papel),
        hacer("/opl/captura/paquetes", captura_paquetes.abrir, puede.administrar_papel),
        ver(paquete, captura_paquetes.ficha, puede.capturar_papel),
        ver(paquete + "/cerrar", captura_paquetes.preguntar_cierre, puede.administrar_papel),
        hacer(paquete + "/cerrar", captura_paquetes.cerrar, puede.administrar_papel),
        hacer(paquete + "/reabrir", captura_paquetes.reabrir, puede.administrar_papel),
        ver(paquete + "/capturar", captura_cedulas.capturar, puede.capturar_papel),
        hacer(paquete + "/capturar", captura_cedulas.guardar, puede.capturar_papel),
        hacer(paquete + "/comprobar", captura_cedulas.comprobar, puede.capturar_papel),
        hacer(paquete + "/padron", captura_cedulas.padron, puede.capturar_papel),
        ver(paquete + "/repetir", captura_cedulas.repetir, puede.capturar_papel),
        hacer(paquete + "/repetir", captura_cedulas.guardar_repetida, puede.capturar_papel),
        ver(paquete + "/cedulas/{numero:int}", captura_cedulas.corregir, puede.capturar_papel),
        hacer(paquete + "/cedulas/{numero:int}", captura_cedulas.guardar_corregida, puede.capturar_papel),
        ver("/opl/captura/conciliar", captura_conciliar.lista, puede.administrar_papel),
        ver("/opl/captura/conciliar/{id:int}", captura_conciliar.ver, puede.administrar_papel),
        hacer("/opl/captura/conciliar/{id:int}", captura_conciliar.guardar, puede.administrar_papel),
    ]
    if correo is not None:
        table += [
            ver("/demo/accesos", demo_accesos.lista, puede.publico),
            Route("/demo/correo", correo.list),
            Route("/demo/correo/api/mensajes", correo.api),
            Route("/demo/correo/{id:int}", correo.show),
            Route("/demo/correo/{id:int}/html", correo.html),
            Route("/demo/correo/{id:int}/adjuntos/{n:int}", correo.attachment),
        ]
    return table
