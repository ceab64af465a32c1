"""Errors of the server beside those of the protocol (sync_protocol.errors holds the codes that phones see)."""

from __future__ import annotations

from sync_protocol.errors import CATALOGUE, ErrorCode, Layer

_PORTALS = (
    ("sin_permiso", 403, "Su cuenta no tiene permiso para esta acción."),
    ("origen_ajeno", 403, "La solicitud no salió de una página de este sitio, así que no se atendió."),
    ("cuerpo_demasiado_grande", 413, "Lo que envió es más grande de lo que esta página recibe."),
    ("metodo_no_admitido", 405, "Esa acción no se admite en esta dirección."),
    # -- garantía de audiencia
    ("audiencia_en_otra_etapa", 409, "La audiencia ya está en otra etapa: actualice la página."),
    ("audiencia_ajena", 403, "Usted no revisa en esta audiencia, o el registro le toca a otra persona."),
    ("audiencia_faltan", 409, "Aún hay registros por revisar: la audiencia puede continuar otro día, no concluir."),
    ("audiencia_cambio", 409, "Algo cambió mientras se hacía el acta. Revise y concluya otra vez."),
    ("audiencia_aun_no", 409, "Todavía no es hora: puede iniciarse desde media hora antes de la programada."),
    # the review screen
    ("revision_vencida", 409, "Pasó el tiempo para revisar ese registro y volvió a la bandeja. Siga desde la bandeja."),
    ("pantalla_ajena", 409, "Lo que envió no salió de la pantalla de ese registro. Ábralo otra vez y decida ahí."),
    ("criterios_cambiados", 409, "Los criterios de revisión cambiaron mientras revisaba. Abra otra vez el registro."),
    # the mesa's operations
    ("revision_ajena", 409, "Otra persona revisa o tiene asignado ese registro. Siga con el siguiente."),
    ("revision_hecha", 409, "Ese registro ya se revisó. Siga con el siguiente."),
    ("revision_pendiente", 409, "Ese registro ya espera una revisión."),
    ("revisor_impedido", 403, "Usted ya dio su opinión sobre ese registro: debe revisarlo otra persona."),
    ("dictamen_no_deshacible", 409, "Esa decisión ya no se puede deshacer. Pida a la coordinación que reabra el caso."),
    ("caso_resuelto", 409, "Ese caso ya está resuelto."),
    ("sin_dictamen", 409, "Ese registro todavía no tiene un resultado que se pueda volver a revisar."),
    ("operador_inactivo", 409, "Esa cuenta no puede recibir trabajo de la mesa de control."),
    # captura manual (B5)
    ("sin_regimen", 409, "Ese día el aspirante no tenía el régimen de excepción: su papel no se captura."),
    ("paquete_cerrado", 409, "El paquete está cerrado. La administración puede reabrirlo."),
    ("paquete_con_pendientes", 409, "Hay cédulas que esperan su segunda captura o que se concilien."),
    ("cedula_ajena", 403, "Esa cédula la capturó otra persona."),
    ("cedula_propia", 403, "Esa cédula la capturó usted: debe repetirla otra persona."),
    ("cedula_hecha", 409, "Esa cédula ya quedó lista; sus datos se corrigen en la mesa de control."),
    ("papel_ilegible", 500, "Lo capturado de esa cédula no se puede abrir. Avise a quien administra el servidor."),
)
ERRORS = CATALOGUE | {code: ErrorCode(code, Layer.SERVICE, status, text) for code, status, text in _PORTALS}
"""Every code that an answer of this server may carry."""


class AppError(Exception):
    """An expected refusal with a code of the catalogue; becomes an HTTP answer at the edge."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.entry = ERRORS[code]
        self.detail = detail
        self.retry_after = retry_after

    @property
    def code(self) -> str:
        """The stable code."""
        return self.entry.code


class DatoInvalido(Exception):  # noqa: N818 -- the noun is Spanish
    """A datum that a person gave and that cannot be taken.

    `codigo`: stable, snake_case. `texto`: a Spanish sentence that says what was wrong and what to do.
    """

    def __init__(self, codigo: str, texto: str) -> None:
        super().__init__(codigo)
        self.codigo = codigo
        self.texto = texto


class ConfigurationError(Exception):
    """The box cannot start as it is set up; the message is for its administrator, in Spanish."""


class DiarioError(Exception):
    """The diario is not what it must be (a hole, a torn or altered lote); the message is for the administrator."""
