"""The one catalogue of what can go wrong between a phone and the server (SPEC §9).

Every code is stable: phones, the mesa and the manuals refer to it. A code names the layer that fails, the HTTP
status a server answers with, and a sentence in Spanish that tells a person what happens next.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Layer(StrEnum):
    """Where a message fails; the vectors state it, so that a deep defect cannot hide behind a shallow one."""

    FRAME = "frame"
    INTEGRITY = "integrity"
    SIGNATURE = "signature"
    HEADER = "header"
    HPKE = "hpke"
    PAYLOAD = "payload"
    FOLIO = "folio"
    JWS = "jws"
    SESSION = "session"
    TUS = "tus"
    ENROLMENT = "enrolment"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row of the catalogue.

    `permanent`: the same bytes will always fail in the same way, so a phone must not send them again unchanged.
    """

    code: str
    layer: Layer
    status: int
    text: str
    permanent: bool = False


_ROWS = (
    # layer, code, HTTP status, permanent, text
    (Layer.FOLIO, "folio_invalido", 400, True, "El folio no tiene la forma correcta o su dígito verificador no coincide."),
    (Layer.FRAME, "sobre_truncado", 422, True, "El sobre está incompleto: le faltan bytes."),
    (Layer.FRAME, "sobre_sobrante", 422, True, "El sobre trae bytes de más después de la firma."),
    (Layer.FRAME, "sobre_magia", 422, True, "El archivo no es un sobre de apoyo ciudadano."),
    (Layer.FRAME, "sobre_version", 422, True, "El sobre es de una versión que este servidor no conoce. Actualice la aplicación."),
    (Layer.FRAME, "sobre_tipo", 422, True, "El sobre es de un tipo que no se recibe."),
    (Layer.FRAME, "sobre_longitud", 422, True, "Las longitudes que declara el sobre no son válidas."),
    (Layer.FRAME, "sobre_demasiado_grande", 413, True, "El sobre rebasa el tamaño máximo permitido."),
    (Layer.INTEGRITY, "integridad_distinta", 422, False, "El código de integridad no coincide con lo recibido. El teléfono lo enviará de nuevo."),
    (Layer.SIGNATURE, "firma_invalida", 422, True, "La firma del dispositivo no corresponde a este sobre."),
    (Layer.HEADER, "cabecera_ajena", 422, True, "El sobre pertenece a otro dispositivo, auxiliar o solicitud."),
    (Layer.HEADER, "dispositivo_desconocido", 403, False, "El dispositivo no está dado de alta en este servidor."),
    (Layer.HEADER, "llave_desconocida", 422, False, "El sobre se cerró con una llave que este servidor no tiene."),
    (Layer.HPKE, "sobre_no_abre", 422, True, "El sobre no se puede abrir. Consérvelo y avise al instituto."),
    (Layer.PAYLOAD, "contenido_invalido", 422, True, "El contenido del sobre no tiene la forma debida."),
    (Layer.PAYLOAD, "contenido_ajeno", 422, True, "El folio escrito dentro del sobre no es el de su cabecera."),
    (Layer.PAYLOAD, "imagen_faltante", 422, True, "Al expediente le falta una de sus cuatro imágenes o trae una repetida."),
    (Layer.PAYLOAD, "imagen_alterada", 422, True, "Una imagen del expediente no corresponde a su código de integridad."),
    (Layer.HEADER, "folio_en_conflicto", 409, True, "Ese folio ya se recibió con otro contenido. Ambos se conservan para revisión."),
    (Layer.SESSION, "periodo_cerrado", 403, False, "Terminó el plazo de envío (24 horas después del periodo). El teléfono conserva lo que tiene."),
    (Layer.JWS, "jws_invalido", 400, True, "El mensaje firmado no tiene la forma debida."),
    (Layer.JWS, "jws_firma", 401, True, "La firma del mensaje no es válida."),
    (Layer.JWS, "acuse_ajeno", 422, True, "El acuse no corresponde a este folio o a este código de integridad."),
    (Layer.JWS, "llave_de_acuse_desconocida", 422, False, "El acuse está firmado con una llave que no se conoce."),
    (Layer.SESSION, "sesion_invalida", 400, True, "La solicitud de sesión no tiene la forma debida."),
    (Layer.SESSION, "sesion_repetida", 409, False, "Esa solicitud de sesión ya se había recibido. Abra una sesión nueva."),
    (Layer.SESSION, "sesion_ajena", 403, True, "La sesión es de otro auxiliar o de otra solicitud que el dispositivo."),
    (Layer.SESSION, "manifiesto_demasiado_grande", 413, True, "La lista de la cola rebasa el máximo por sesión."),
    (Layer.SESSION, "token_invalido", 401, False, "La sesión de envío no es válida. Abra una sesión nueva."),
    (Layer.SESSION, "token_vencido", 401, False, "La sesión de envío venció. Abra una sesión nueva."),
    (Layer.TUS, "tus_version", 412, True, "La versión de tus no es compatible: se requiere 1.0.0."),
    (Layer.TUS, "tus_metodo", 405, True, "El método no se admite en esta dirección."),
    (Layer.TUS, "tus_cabecera", 400, True, "Una cabecera de la solicitud falta o no tiene la forma debida."),
    (Layer.TUS, "tus_tipo", 415, True, "El tipo de contenido debe ser application/offset+octet-stream."),
    (Layer.TUS, "tus_metadatos", 400, True, "Faltan el folio o el código de integridad en Upload-Metadata."),
    (Layer.TUS, "tus_posicion", 409, False, "La posición no coincide con lo que el servidor tiene. Pregunte y continúe."),
    (Layer.TUS, "tus_excede", 413, True, "Se enviaron más bytes de los anunciados."),
    (Layer.TUS, "tus_algoritmo", 400, True, "El algoritmo de Upload-Checksum no se admite: use sha256."),
    (Layer.TUS, "tus_checksum", 460, False, "El fragmento llegó dañado y se descartó. Envíelo de nuevo."),
    (Layer.TUS, "subida_desconocida", 404, False, "No hay una subida con esa dirección. Abra una sesión nueva."),
    (Layer.TUS, "subida_vencida", 410, False, "La subida venció. Abra una sesión nueva."),
    (Layer.TUS, "subida_interrumpida", 409, False, "Otra conexión continuó esta subida."),
    (Layer.ENROLMENT, "alta_invalida", 400, True, "Los datos del alta no tienen la forma debida."),
    (Layer.ENROLMENT, "datos_no_coinciden", 403, False, "El Id de proceso, el Id de auxiliar, la cuenta o el código no coinciden."),
    (Layer.ENROLMENT, "codigo_vencido", 403, False, "El código venció o ya se usó. Pida uno nuevo."),
    (Layer.ENROLMENT, "codigo_agotado", 429, False, "Demasiados intentos con ese código. Pida uno nuevo."),
    (Layer.ENROLMENT, "demasiadas_solicitudes", 429, False, "Demasiadas solicitudes. Espere unos minutos."),
    (Layer.ENROLMENT, "aviso_no_aceptado", 422, False, "Falta aceptar el aviso para continuar con el registro."),
    (Layer.ENROLMENT, "dispositivos_maximo", 409, False, "Ya hay dos dispositivos activos. Dé de baja uno antes de registrar otro."),
    (Layer.ENROLMENT, "auxiliar_de_baja", 403, False, "El auxiliar está dado de baja y no puede registrar dispositivos."),
    (Layer.ENROLMENT, "aspirante_inactivo", 403, False, "El registro de la persona aspirante está inactivo: por ahora no se registran teléfonos."),
    (Layer.SERVICE, "ocupado", 503, False, "El servidor atiende muchas solicitudes. El teléfono lo intentará de nuevo."),
    (Layer.SERVICE, "sin_espacio", 507, False, "El servidor no tiene espacio en disco. Nada se borró del teléfono."),
    (Layer.SERVICE, "almacen_no_disponible", 503, False, "El servidor no puede guardar en este momento. Nada se borró del teléfono."),
    (Layer.SERVICE, "solicitud_invalida", 400, True, "La solicitud no tiene la forma debida."),
    (Layer.SERVICE, "no_encontrado", 404, True, "Esa dirección no existe."),
    (Layer.SERVICE, "interno", 500, False, "Ocurrió un error inesperado. Nada se perdió; inténtelo de nuevo."),
)  # fmt: skip

CATALOGUE: dict[str, ErrorCode] = {
    code: ErrorCode(code, layer, status, text, permanent) for layer, code, status, permanent, text in _ROWS
}


class ProtocolError(Exception):
    """A message that breaks the protocol. `code` is a key of `CATALOGUE`; `detail` never holds personal data."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.entry = CATALOGUE[code]
        self.detail = detail

    @property
    def code(self) -> str:
        """The stable code, for example `sobre_truncado`."""
        return self.entry.code

    @property
    def layer(self) -> Layer:
        """The layer at which the message fails."""
        return self.entry.layer

    @property
    def status_hint(self) -> int:
        """The HTTP status a server answers with."""
        return self.entry.status


class RemoteProtocolError(ProtocolError):
    """The peer sent something that breaks the protocol."""


class LocalProtocolError(ProtocolError):
    """Our own side was about to break the protocol: a bug, never the peer's fault."""
