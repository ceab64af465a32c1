"""The sync session: one signed request with the manifest of the whole queue, one answer (SPEC §8).

After any cut this round trip is all that a phone repeats. The request is a compact JWS by the device's key; the
answer is JSON over TLS whose acuses carry their own signatures.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync_protocol import jws
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey, PublicKey

TYP = "acopio-sesion+jwt"
MAX_ENTRIES = 5000
MAX_LENGTH = 1024 * 1024

_Registro = Annotated[int, Meta(ge=0, lt=10**6)]


class Entrada(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """One queued sobre: Id de registro, size in bytes, código de integridad.

    The last of the 43 characters of 32 bytes in base64url carries four bits: the pattern takes the canonical form only.
    """

    registro: _Registro
    tam: Annotated[int, Meta(ge=0, le=2**53)]
    """A size that no sobre can have is answered `rechazado`: it must not keep the rest of the queue out."""
    codigo: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]


class SolicitudSesion(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Payload of the request. `borrados`: Ids de registro deleted from the phone since the session before."""

    solicitud: Annotated[int, Meta(ge=1, lt=10**6)]
    auxiliar: Annotated[int, Meta(ge=1, lt=10**6)]
    dispositivo: Annotated[int, Meta(ge=1, lt=10**7)]
    nonce: Annotated[str, Meta(min_length=16, max_length=64)]
    reloj_ms: Annotated[int, Meta(ge=0, le=2**53)]
    sobres: Annotated[tuple[Entrada, ...], Meta(max_length=MAX_ENTRIES)]
    borrados: Annotated[tuple[_Registro, ...], Meta(max_length=MAX_ENTRIES)] = ()
    app: Annotated[str, Meta(max_length=80)] = ""
    v: Literal[1] = 1

    def folio(self, registro: int) -> Folio:
        """The folio of one of this phone's registros."""
        return Folio(self.solicitud, self.auxiliar, self.dispositivo, registro)


Estado = Literal["nuevo", "parcial", "recibido", "acusado", "rechazado"]


class EstadoSobre(msgspec.Struct, omit_defaults=True, frozen=True, kw_only=True):
    """What the server knows of one entry.

    nuevo, parcial: send it to `url` from `offset` (bytes). recibido: complete, no acuse yet; keep it. acusado: `acuse`.
    rechazado: `codigo` of the catalogue and `texto` for a person; keep it.
    """

    registro: int
    estado: Estado
    url: str = ""
    offset: int = 0
    acuse: str = ""
    codigo: str = ""
    texto: str = ""


class Aviso(msgspec.Struct, frozen=True):
    """A notice for the auxiliar: `auxiliar_baja`, `dispositivo_baja`, `periodo_por_cerrar`, `periodo_en_gracia`,
    `periodo_cerrado`, `periodo_inactivo`, `reloj_desfasado`, `segunda_copia`, `mantenimiento`."""

    codigo: str
    texto: str


class RespuestaSesion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer. `token` is a bearer token for the uploads until `vence_ms`; `en_vuelo` how many may run at once."""

    sesion: int
    ahora_ms: int
    token: str
    vence_ms: int
    en_vuelo: int
    inicia_ms: int
    termina_ms: int
    sobres: tuple[EstadoSobre, ...]
    avisos: tuple[Aviso, ...] = ()
    v: Literal[1] = 1


def sign(request: SolicitudSesion, key: PrivateKey) -> str:
    """The JWS of a session request; `kid` is the Id de dispositivo."""
    return jws.sign(msgspec.json.encode(request), key, typ=TYP, kid=str(request.dispositivo))


def parse(token: bytes) -> jws.Unverified:
    """Shape of a request; `kid` says whose key to look up. Raises `manifiesto_demasiado_grande` or `jws_invalido`."""
    if len(token) > MAX_LENGTH:
        raise RemoteProtocolError("manifiesto_demasiado_grande")
    return jws.parse(token, typ=TYP, max_length=MAX_LENGTH)


def read(unverified: jws.Unverified, key: PublicKey) -> SolicitudSesion:
    """The request, if `key` signed it. Raises `jws_firma` or `sesion_invalida`."""
    payload = unverified.verified_by(key)
    try:
        request = msgspec.json.decode(payload, type=SolicitudSesion)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RemoteProtocolError("sesion_invalida") from error
    if str(request.dispositivo) != unverified.kid:
        raise RemoteProtocolError("sesion_invalida", "kid")
    seen = {entry.registro for entry in request.sobres}
    if len(seen) != len(request.sobres) or seen & set(request.borrados):
        raise RemoteProtocolError("sesion_invalida", "Id de registro repetido")
    return request


def decode_answer(body: bytes) -> RespuestaSesion:
    """The answer as the phone reads it. Raises `sesion_invalida`: an HTML page of a captive portal ends up here."""
    try:
        return msgspec.json.decode(body, type=RespuestaSesion)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RemoteProtocolError("sesion_invalida", "respuesta") from error
