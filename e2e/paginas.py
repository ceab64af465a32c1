"""Every page of the portals, and who looks at it in which state: what test_every_portal_page.py walks.

By route of server/routes.py (a test compares). `{words}` of an address are examples of e2e/poblada.py.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Vista:
    """Somebody looks at an address."""

    quien: str
    direccion: str


def _of(quien: str, *direcciones: str) -> tuple[Vista, ...]:
    return tuple(Vista(quien, direccion) for direccion in direcciones)


A, S = "administracion", "aspirante"

FILES = frozenset(
    (
        "/declaracion/pdf", "/opl/registros.csv", "/opl/registros.xlsx", "/opl/registros/{folio}/acuse",
        "/opl/tarjetas/{id}/acuses.zip", "/opl/accesos.csv", "/opl/aspirantes/{folio:int}/emblema.png",
        "/opl/aspirantes/{folio:int}/cedula.pdf", "/opl/cuentas/{id:int}/declaracion",
        "/opl/avance/periodos/{periodo:int}.{formato}", "/opl/avance/{folio:int}.{formato}",
        "/aspirante/estadisticas/avance.{formato}", "/opl/avance/{folio:int}/detallado/{tabla}.{formato}",
        "/opl/auxiliares/{id:int}/testigos/{dispositivo:int}/cedula.pdf",
        "/opl/auxiliares/{id:int}/testigos/{dispositivo:int}/{imagen}",
        "/aspirante/manuales/fura.pdf", "/aspirante/estadisticas/registros.csv",
        "/aspirante/estadisticas/registros.xlsx", "/aspirante/estadisticas/registros/{folio}/acuse",
        "/aspirante/estadisticas/detallado/{tabla}.{formato}", "/aspirante/auxiliares/carga/plantilla.xlsx",
        "/aspirante/auxiliares/carga/plantilla.csv", "/aspirante/auxiliares/carga/{id:int}/renglones.csv",
        # -- the review screen
        "/mesa/revision/{id:int}/imagen/{tipo}", "/mesa/revision/{id:int}/junto/{otro:int}/{tipo}",
        "/manuales/fura.pdf", "/manuales/img/{archivo}", "/manuales/{nombre}.pdf", "/privacidad/{id:int}.pdf",
        "/institucion.css", "/institucion/logo.png",
        "/aspirante/audiencias/{id:int}/acta.pdf", "/opl/audiencias/{id:int}/acta.pdf",
        "/opl/audiencias/{id:int}/sala/{apoyo:int}/{imagen}",
        "/demo/correo/api/mensajes", "/demo/correo/{id:int}/adjuntos/{n:int}",
        "/.well-known/jwks.json", "/salud/vivo", "/salud/listo", "/metrics",
    )
)  # fmt: skip
"""GET routes that give no page for people."""
ELSEWHERE = {
    "/entrar/oidc/{proveedor}": "leads to the provider",
    "/entrar/oidc/{proveedor}/regreso": "only where providers are set up; test_templates.py renders it",
    "/demo/correo/{id:int}": "test_every_page.py, where there is mail",
    "/demo/correo/{id:int}/html": "test_every_page.py",
}
"""Pages that another test looks at, or that only lead on."""

PAGES: dict[str, tuple[Vista, ...]] = {
    # everyone
    "/": _of("nadie", "/"),
    "/salud": _of("nadie", "/salud"),
    "/entrar": _of("nadie", "/entrar"),
    "/entrar/aspirante": _of("nadie", "/entrar/aspirante"),
    "/entrar/olvide": _of("nadie", "/entrar/olvide"),
    "/invitacion/{token}": _of("nadie", "/invitacion/{invitacion}", "/invitacion/vencida"),
    "/restablecer/{token}": _of("nadie", "/restablecer/{restablecer}", "/restablecer/vencida"),
    "/manuales": _of("nadie", "/manuales"),
    "/manuales/{nombre}": _of(
        "nadie", "/manuales/aspirante", "/manuales/auxiliar", "/manuales/opl-portal", "/manuales/opl"
    ),
    "/privacidad": _of("nadie", "/privacidad"),
    "/privacidad/{id:int}": _of("nadie", "/privacidad/{aviso}", "/privacidad/{aviso_anterior}"),
    "/demo/accesos": _of("nadie", "/demo/accesos"),
    "/demo/correo": _of("nadie", "/demo/correo"),
    # entering by steps, and one's own account
    "/entrar/segundo-factor": _of("sin_segundo_paso", "/entrar/segundo-factor")
    + _of("nueva", "/entrar/segundo-factor?sigue=/mi-cuenta"),
    "/entrar/aspirante/como": _of("a_medias", "/entrar/aspirante/como"),
    "/entrar/aspirante/codigo": _of("a_medias", "/entrar/aspirante/codigo"),
    "/declaracion": _of("por_declarar", "/declaracion")
    + _of("devuelta", "/declaracion")
    + _of("por_aceptar", "/declaracion")
    + _of(A, "/declaracion"),
    "/mi-cuenta": _of(A, "/mi-cuenta") + _of(S, "/mi-cuenta") + _of("nueva", "/mi-cuenta"),
    "/mi-cuenta/datos": _of(A, "/mi-cuenta/datos"),
    "/mi-cuenta/contrasena": _of(A, "/mi-cuenta/contrasena") + _of("aspirante_sin_nada", "/mi-cuenta/contrasena"),
    "/mi-cuenta/segundo-factor/retirar": _of("operacion", "/mi-cuenta/segundo-factor/retirar"),
    "/mi-cuenta/codigos": _of(A, "/mi-cuenta/codigos"),
    # the OPL: the box
    "/opl": _of(A, "/opl") + _of("operacion", "/opl"),
    "/opl/manuales": _of("operacion", "/opl/manuales"),
    "/opl/administracion": _of(A, "/opl/administracion"),
    "/opl/administracion/correos": _of(A, "/opl/administracion/correos"),
    "/opl/administracion/correos/{id:int}/descartar": _of(A, "/opl/administracion/correos/{correo}/descartar"),
    # tubería
    "/opl/administracion/cuarentena": _of(A, "/opl/administracion/cuarentena"),
    "/opl/administracion/cuarentena/repetir": _of(A, "/opl/administracion/cuarentena/repetir"),
    "/opl/administracion/cuarentena/{id:int}/repetir": _of(A, "/opl/administracion/cuarentena/{cuarentena}/repetir"),
    "/opl/tarjetas": _of(A, "/opl/tarjetas"),
    "/opl/tarjetas/{id}": _of(A, "/opl/tarjetas/{tarjeta}"),
    "/opl/ajustes": _of(A, "/opl/ajustes"),
    "/opl/privacidad": _of(A, "/opl/privacidad"),
    "/opl/privacidad/redactar": _of(A, "/opl/privacidad/redactar?clase=integral"),
    "/opl/accesos": _of(A, "/opl/accesos", "/opl/accesos?desde=2020-01-01&hasta=2020-01-02"),
    "/opl/accesos/cadena": _of(A, "/opl/accesos/cadena"),
    "/opl/cuentas": _of(A, "/opl/cuentas"),
    "/opl/cuentas/nueva": _of(A, "/opl/cuentas/nueva"),
    "/opl/cuentas/{id:int}": _of(
        A, "/opl/cuentas/{cuenta}", "/opl/cuentas/{cuenta_por_aceptar}", "/opl/cuentas/{cuenta_devuelta}",
        "/opl/cuentas/{cuenta_suspendida}", "/opl/cuentas/{cuenta_propia}", "/opl/cuentas/{cuenta_larga}",
    ),
    "/opl/cuentas/{id:int}/suspender": _of(A, "/opl/cuentas/{cuenta_nueva}/suspender"),
    "/opl/cuentas/{id:int}/segundo-factor": _of(A, "/opl/cuentas/{cuenta_nueva}/segundo-factor"),
    # the coordination of the mesa de control
    "/opl/mesa": _of(A, "/opl/mesa"),
    "/opl/mesa/asignar": _of(A, "/opl/mesa/asignar"),
    "/opl/mesa/operadores/{id:int}": _of(A, "/opl/mesa/operadores/{operador}"),
    "/opl/mesa/operadores/{id:int}/liberar": _of(A, "/opl/mesa/operadores/{operador}/liberar"),
    "/opl/mesa/casos": _of(A, "/opl/mesa/casos", "/opl/mesa/casos?resueltos=si"),
    "/opl/mesa/casos/{id:int}": _of(A, "/opl/mesa/casos/{caso}"),
    "/opl/mesa/acuerdo": _of(A, "/opl/mesa/acuerdo"),
    "/opl/mesa/registros/{folio}": _of(A, "/opl/mesa/registros/{revisado}"),
    "/opl/mesa/registros/{folio}/reabrir": _of(A, "/opl/mesa/registros/{revisado}/reabrir"),
    "/opl/criterios": _of(A, "/opl/criterios"),
    "/opl/criterios/editar": _of(A, "/opl/criterios/editar"),
    "/opl/criterios/{version:int}": _of(A, "/opl/criterios/{criterios}", "/opl/criterios/0"),
    # clases
    "/opl/reglas": _of(A, "/opl/reglas"),
    # the OPL: periodos, aspirantes, auxiliares
    "/opl/periodos": _of(A, "/opl/periodos") + _of("operacion", "/opl/periodos?estado=gracia"),
    "/opl/periodos/nuevo": _of(A, "/opl/periodos/nuevo"),
    "/opl/periodos/{id:int}": _of(A, "/opl/periodos/{periodo}") + _of("operacion", "/opl/periodos/{periodo}"),
    "/opl/periodos/{id:int}/editar": _of(A, "/opl/periodos/{periodo}/editar"),
    "/opl/aspirantes": _of(A, "/opl/aspirantes", "/opl/aspirantes?texto=nadie"),
    "/opl/aspirantes/nuevo": _of(A, "/opl/aspirantes/nuevo"),
    "/opl/aspirantes/{folio:int}": _of(
        A, "/opl/aspirantes/{folio}", "/opl/aspirantes/{folio_sin_confirmar}", "/opl/aspirantes/{folio_de_baja}",
        "/opl/aspirantes/{folio_largo}",
    ),
    "/opl/aspirantes/{folio:int}/editar": _of(
        A, "/opl/aspirantes/{folio_sin_confirmar}/editar", "/opl/aspirantes/{folio}/editar"
    ),
    "/opl/aspirantes/{folio:int}/confirmar": _of(
        A, "/opl/aspirantes/{folio_sin_confirmar}/confirmar", "/opl/aspirantes/{folio}/confirmar"
    ),
    "/opl/aspirantes/{folio:int}/correo": _of(A, "/opl/aspirantes/{folio}/correo"),
    "/opl/aspirantes/{folio:int}/baja": _of(A, "/opl/aspirantes/{folio_largo}/baja"),
    "/opl/aspirantes/{folio:int}/reactivar": _of(A, "/opl/aspirantes/{folio_de_baja}/reactivar"),
    "/opl/auxiliares": _of("operacion", "/opl/auxiliares", "/opl/auxiliares?nombre=nadie"),
    "/opl/auxiliares/{id:int}": _of("operacion", "/opl/auxiliares/{auxiliar}")
    + _of(A, "/opl/auxiliares/{auxiliar_de_baja}", "/opl/auxiliares/{auxiliar_largo}"),
    "/opl/auxiliares/{id:int}/no-corresponde": _of("operacion", "/opl/auxiliares/{auxiliar}/no-corresponde"),
    # the OPL: reports
    "/opl/avance": _of("operacion", "/opl/avance"),
    "/opl/avance/{folio:int}": _of("operacion", "/opl/avance/{folio}", "/opl/avance/{folio_largo}"),
    "/opl/avance/{folio:int}/detallado": _of("operacion", "/opl/avance/{folio}/detallado"),
    "/opl/registros": _of(A, "/opl/registros", "/opl/registros?situacion=BAJA"),
    # -- the review screen
    "/mesa": _of("operacion", "/mesa") + _of(A, "/mesa"),
    "/mesa/revision/{id:int}": _of("operacion", "/mesa/revision/{revision}", "/mesa/revision/{revision_papel}"),
    "/mesa/revision/{id:int}/corregir": _of(
        "operacion", "/mesa/revision/{revision}/corregir", "/mesa/revision/{revision_papel}/corregir"
    ),
    "/opl/registros/{folio}": _of(A, "/opl/registros/{registro}", "/opl/registros/{registro_papel}"),
    # captura manual
    "/opl/captura": _of(A, "/opl/captura", "/opl/captura?estado=cerrado") + _of("operacion", "/opl/captura"),
    "/opl/captura/excepciones": _of(A, "/opl/captura/excepciones"),
    "/opl/captura/excepciones/nueva": _of(A, "/opl/captura/excepciones/nueva"),
    "/opl/captura/excepciones/{id:int}/revocar": _of(A, "/opl/captura/excepciones/{excepcion}/revocar"),
    "/opl/captura/paquetes/nuevo": _of(A, "/opl/captura/paquetes/nuevo"),
    "/opl/captura/paquetes/{id:int}": _of(A, "/opl/captura/paquetes/{paquete}")
    + _of("operacion", "/opl/captura/paquetes/{paquete}", "/opl/captura/paquetes/{paquete_cerrado}"),
    "/opl/captura/paquetes/{id:int}/cerrar": _of(
        A, "/opl/captura/paquetes/{paquete}/cerrar", "/opl/captura/paquetes/{paquete_sin_nada}/cerrar"
    ),
    "/opl/captura/paquetes/{id:int}/capturar": _of("operacion", "/opl/captura/paquetes/{paquete}/capturar"),
    "/opl/captura/paquetes/{id:int}/repetir": _of(A, "/opl/captura/paquetes/{paquete}/repetir"),
    "/opl/captura/paquetes/{id:int}/cedulas/{numero:int}": _of(
        "operacion", "/opl/captura/paquetes/{paquete}/cedulas/2"
    ),
    "/opl/captura/conciliar": _of(A, "/opl/captura/conciliar"),
    "/opl/captura/conciliar/{id:int}": _of(A, "/opl/captura/conciliar/{cedula}"),
    # -- garantía de audiencia
    "/opl/audiencias": _of(A, "/opl/audiencias", "/opl/audiencias?estado=desistida"),
    "/opl/audiencias/{id:int}": _of(
        A, "/opl/audiencias/{audiencia}", "/opl/audiencias/{audiencia_programada}",
        "/opl/audiencias/{audiencia_en_curso}",
        "/opl/audiencias/{audiencia_concluida}",
    ),
    "/opl/audiencias/{id:int}/programar": _of(A, "/opl/audiencias/{audiencia}/programar"),
    "/opl/audiencias/{id:int}/revisores": _of(A, "/opl/audiencias/{audiencia_programada}/revisores"),
    "/opl/audiencias/{id:int}/iniciar": _of(A, "/opl/audiencias/{audiencia_programada}/iniciar"),
    "/opl/audiencias/{id:int}/sala": _of(A, "/opl/audiencias/{audiencia_en_curso}/sala"),
    "/opl/audiencias/{id:int}/sala/pantalla": _of(
        A, "/opl/audiencias/{audiencia_en_curso}/sala/pantalla?revisor={cuenta_propia}"
    ),
    "/opl/audiencias/{id:int}/continuar": _of(A, "/opl/audiencias/{audiencia_en_curso}/continuar"),
    "/opl/audiencias/{id:int}/concluir": _of(A, "/opl/audiencias/{audiencia_en_curso}/concluir"),
    "/aspirante/audiencias": _of(S, "/aspirante/audiencias") + _of("aspirante_sin_nada", "/aspirante/audiencias"),
    "/aspirante/audiencias/nueva": _of(S, "/aspirante/audiencias/nueva", "/aspirante/audiencias/nueva?inciso=m"),
    "/aspirante/audiencias/{id:int}": _of(
        S, "/aspirante/audiencias/{audiencia}", "/aspirante/audiencias/{audiencia_concluida}"
    ),
    "/aspirante/audiencias/{id:int}/registros/{apoyo:int}": _of(
        S, "/aspirante/audiencias/{audiencia}/registros/{audiencia_apoyo}"
    ),
    "/aspirante/audiencias/{id:int}/desistir": _of(S, "/aspirante/audiencias/{audiencia}/desistir"),
    # the aspirante
    "/aspirante": _of(S, "/aspirante") + _of("aspirante_sin_nada", "/aspirante"),
    "/aspirante/manuales": _of(S, "/aspirante/manuales"),
    "/aspirante/auxiliares": _of(S, "/aspirante/auxiliares", "/aspirante/auxiliares?nombre=nadie")
    + _of("aspirante_sin_nada", "/aspirante/auxiliares"),
    "/aspirante/auxiliares/registro": _of(S, "/aspirante/auxiliares/registro"),
    "/aspirante/auxiliares/{id:int}": _of(
        S, "/aspirante/auxiliares/{auxiliar}", "/aspirante/auxiliares/{auxiliar_de_baja}",
        "/aspirante/auxiliares/{auxiliar_del_padron}", "/aspirante/auxiliares/{auxiliar_largo}",
    ),
    "/aspirante/auxiliares/{id:int}/editar": _of(
        S, "/aspirante/auxiliares/{auxiliar}/editar", "/aspirante/auxiliares/{auxiliar_sin_telefono}/editar"
    ),
    "/aspirante/auxiliares/{id:int}/baja": _of(S, "/aspirante/auxiliares/{auxiliar_largo}/baja"),
    "/aspirante/auxiliares/carga": _of(S, "/aspirante/auxiliares/carga"),
    "/aspirante/auxiliares/carga/{id:int}": _of(S, "/aspirante/auxiliares/carga/{carga}"),
    "/aspirante/estadisticas/avance": _of(S, "/aspirante/estadisticas/avance")
    + _of("aspirante_sin_nada", "/aspirante/estadisticas/avance"),
    "/aspirante/estadisticas/detallado": _of(S, "/aspirante/estadisticas/detallado")
    + _of("aspirante_sin_nada", "/aspirante/estadisticas/detallado"),
    "/aspirante/estadisticas/registros": _of(S, "/aspirante/estadisticas/registros")
    + _of("aspirante_sin_nada", "/aspirante/estadisticas/registros"),
    "/aspirante/estadisticas/registros/{folio}": _of(
        S, "/aspirante/estadisticas/registros/{registro}", "/aspirante/estadisticas/registros/{registro_papel}"
    ),
    "/aspirante/estadisticas/inconsistencias": _of(S, "/aspirante/estadisticas/inconsistencias")
    + _of("aspirante_sin_nada", "/aspirante/estadisticas/inconsistencias"),
}  # fmt: skip

ERRORES = (
    Vista("nadie", "/esto/no/existe"), Vista(A, "/opl/periodos/999999"), Vista("operacion", "/opl/cuentas"),
    Vista(S, "/opl"), Vista(A, "/aspirante"),
)  # fmt: skip
"""Addresses that are refused, with a page."""

EMPTY = (
    "/opl", "/opl/periodos", "/opl/aspirantes", "/opl/aspirantes/nuevo", "/opl/auxiliares", "/opl/avance",
    "/opl/registros", "/opl/captura", "/opl/captura/excepciones", "/opl/captura/excepciones/nueva",
    "/opl/captura/paquetes/nuevo", "/opl/captura/conciliar", "/opl/administracion", "/opl/administracion/correos",
    "/opl/tarjetas", "/opl/ajustes",
    "/opl/privacidad", "/opl/accesos", "/opl/cuentas", "/privacidad", "/demo/accesos",
    "/mesa",  # -- the review screen
    # the coordination of the mesa de control
    "/opl/mesa", "/opl/mesa/asignar", "/opl/mesa/casos", "/opl/mesa/acuerdo", "/opl/criterios",
)  # fmt: skip
"""What the administrator of a box sees that nobody has used."""


@dataclass(frozen=True)
class Mal:
    """A form sent with something wrong. `boton`: what sends it; `escribe`: label and value, first."""

    vista: Vista
    boton: str
    escribe: tuple[tuple[str, str], ...] = ()


WRONG = (
    Mal(Vista("nadie", "/entrar"), "Entrar"),
    Mal(Vista("nadie", "/entrar"), "Entrar", (("Correo institucional", "no@ejemplo.mx"), ("Contraseña", "ninguna"))),
    Mal(Vista("nadie", "/entrar/aspirante"), "Continuar", (("Folio único", "no es un número"),)),
    Mal(Vista("nadie", "/entrar/olvide"), "Enviarme el enlace"),
    Mal(Vista("a_medias", "/entrar/aspirante/como"), "Entrar", (("Contraseña", "no es ésta"),)),
    Mal(Vista("a_medias", "/entrar/aspirante/codigo"), "Entrar", (("Código", "000000"),)),
    Mal(Vista("nadie", "/invitacion/{invitacion}"), "Guardar", (("Contraseña nueva", "corta"),)),
    Mal(Vista("nadie", "/restablecer/{restablecer}"), "Guardar"),
    Mal(Vista("sin_segundo_paso", "/entrar/segundo-factor"), "Continuar", (("Código", "000000"),)),
    Mal(Vista("nueva", "/entrar/segundo-factor"), "Activar", (("Código de la aplicación", "1"),)),
    Mal(Vista("por_declarar", "/declaracion"), "Entregar"),
    Mal(Vista("aspirante_sin_nada", "/mi-cuenta/contrasena"), "Guardar"),
    Mal(Vista(A, "/mi-cuenta/datos"), "Guardar", (("Nombre", ""),)),
    Mal(Vista(A, "/mi-cuenta/codigos"), "Hacer códigos"),
    Mal(Vista(A, "/opl/periodos/nuevo"), "Guardar"),
    Mal(Vista(A, "/opl/periodos/{periodo}/editar"), "Guardar", (("Lista de municipios", "001, Uno, tres\nesto no"),)),
    Mal(Vista(A, "/opl/periodos/{periodo}/editar"), "Guardar", (("Municipios o secciones del territorio", "1; 2; 3"),)),
    Mal(Vista(A, "/opl/aspirantes/nuevo"), "Guardar"),
    Mal(Vista(A, "/opl/aspirantes/{folio_sin_confirmar}/confirmar"), "Confirmar"),
    Mal(Vista(A, "/opl/aspirantes/{folio}/correo"), "Corregir", (("Correo", "no es un correo"),)),
    Mal(Vista(A, "/opl/aspirantes/{folio_largo}/baja"), "Dar de baja"),
    Mal(Vista(A, "/opl/cuentas/nueva"), "Invitar"),
    Mal(Vista(A, "/opl/cuentas/{cuenta_por_aceptar}"), "Devolverla"),
    Mal(Vista(A, "/opl/cuentas/{cuenta_nueva}/suspender"), "Suspender"),
    Mal(Vista(A, "/opl/ajustes"), "Guardar", (("Color", "#ffffff"), ("Correo de contacto", "no"))),
    Mal(Vista(A, "/opl/reglas"), "Guardar", (("Días para revisar", "0"),)),
    Mal(Vista(A, "/opl/privacidad/redactar"), "Ver cómo queda"),
    Mal(Vista(A, "/opl/tarjetas"), "Recibir"),
    Mal(Vista(A, "/opl/accesos"), "Filtrar", (("Sobre qué", "nada"),)),
    Mal(Vista("operacion", "/opl/auxiliares"), "Filtrar", (("Id de auxiliar", "x"),)),
    Mal(Vista("operacion", "/opl/auxiliares/{auxiliar}/no-corresponde"), "Dar de baja"),
    Mal(Vista(A, "/opl/registros"), "Filtrar", (("Folio de registro", "#"),)),
    Mal(Vista("operacion", "/mesa/revision/{revision}/corregir"), "Guardar corrección", (("CURP", "no es ésta"),)),
    Mal(Vista(A, "/opl/captura/excepciones/nueva"), "Otorgar"),
    Mal(Vista(A, "/opl/captura/excepciones/{excepcion}/revocar"), "Revocar"),
    Mal(Vista(A, "/opl/captura/paquetes/nuevo"), "Abrir"),
    Mal(Vista(A, "/opl/captura/paquetes/{paquete_sin_nada}/cerrar"), "Cerrar"),
    Mal(Vista("operacion", "/opl/captura/paquetes/{paquete}/capturar"), "Guardar"),
    Mal(Vista(A, "/opl/captura/paquetes/{paquete}/repetir"), "Guardar"),
    Mal(Vista(A, "/opl/captura/conciliar/{cedula}"), "Guardar"),
    Mal(Vista(S, "/aspirante/auxiliares/registro"), "Registrar"),
    Mal(Vista(S, "/aspirante/auxiliares/{auxiliar_sin_telefono}/editar"), "Guardar", (("Nombre", ""),)),
    Mal(Vista(S, "/aspirante/auxiliares/{auxiliar_sin_telefono}/baja"), "Dar de baja"),
    Mal(Vista(S, "/aspirante/auxiliares"), "Filtrar", (("Id de auxiliar", "x"),)),
    Mal(Vista(S, "/aspirante/estadisticas/detallado"), "Filtrar", (("Desde", "2026-10-09"), ("Hasta", "2026-10-02"))),
)
"""Every form there is, as it comes back."""
