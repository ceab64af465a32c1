"""Alta, baja and re-keying of a device (SPEC §7; rows D1, D2).

Each is a compact JWS. An alta is signed by the new key and carries it (`jwk`): proof that the phone holds it. The
mailed one-time code is the proof of the account; an OpenID Connect assertion will take its place beside it.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from sync_protocol import jws
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.signing import PrivateKey, PublicKey

TYP_ALTA = "acopio-alta+jwt"
TYP_BAJA = "acopio-baja+jwt"
MAX_LENGTH = 8192
CODE_DIGITS = 6

_Id = Annotated[int, Meta(ge=1, lt=10**6)]
_Dispositivo = Annotated[int, Meta(ge=1, lt=10**7)]
_Correo = Annotated[str, Meta(min_length=3, max_length=254)]
_Code = Annotated[str, Meta(pattern=r"^[0-9]{6}\Z")]
_TipoCuenta = Literal["google", "facebook", "x"]


class SolicitudCodigo(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Body of `POST /dispositivos/codigo`: ask for a one-time code by mail. The answer never says if it matched."""

    solicitud: _Id
    auxiliar: _Id
    tipo_cuenta: _TipoCuenta
    correo: _Correo


class Alta(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Payload of an alta. With `dispositivo` it is a re-keying: a new key for a phone whose password was forgotten."""

    solicitud: _Id
    auxiliar: _Id
    tipo_cuenta: _TipoCuenta
    correo: _Correo
    codigo: _Code
    acepta: bool
    aviso: Annotated[str, Meta(min_length=1, max_length=40)]
    modelo: Annotated[str, Meta(max_length=80)] = ""
    dispositivo: _Dispositivo | None = None
    v: Literal[1] = 1


class AltaAceptada(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone needs to capture offline from then on (rows D3, D7)."""

    dispositivo: int
    institucion: str
    proceso: str
    cargo: str
    aspirante: str
    emblema_png: bytes | None
    inicia_ms: int
    termina_ms: int
    gracia_ms: int
    llave_sellado: bytes
    jwks: dict[str, list[dict[str, str]]]
    ahora_ms: int
    v: Literal[1] = 1


class Baja(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Payload of a baja, signed by a registered phone of the auxiliar (`kid`) or by a new key with a mailed code."""

    solicitud: _Id
    auxiliar: _Id
    dispositivo: _Dispositivo
    nonce: Annotated[str, Meta(min_length=16, max_length=64)]
    codigo: _Code | None = None
    v: Literal[1] = 1


_Payload = TypeVar("_Payload", Alta, Baja)


def sign_alta(alta: Alta, key: PrivateKey) -> str:
    """The JWS of an alta, with the public key in its header."""
    return jws.sign(msgspec.json.encode(alta), key, typ=TYP_ALTA, with_jwk=True)


def read_alta(token: bytes) -> tuple[Alta, PublicKey]:
    """The alta and the key that signed it (proof of possession). Raises a `jws` error or `alta_invalida`."""
    unverified = jws.parse(token, typ=TYP_ALTA, max_length=MAX_LENGTH)
    if unverified.jwk is None:
        raise RemoteProtocolError("jws_invalido", "falta jwk")
    key = PublicKey.from_jwk(unverified.jwk)
    return _decode(unverified.verified_by(key), Alta), key


def sign_baja(baja: Baja, key: PrivateKey, *, kid: str = "") -> str:
    """The JWS of a baja; without `kid` the public key goes along and `codigo` proves the account."""
    return jws.sign(msgspec.json.encode(baja), key, typ=TYP_BAJA, kid=kid, with_jwk=not kid)


def parse_baja(token: bytes) -> jws.Unverified:
    """Shape of a baja; the caller finds the key by `kid` or `jwk`. Raises `jws_invalido`."""
    return jws.parse(token, typ=TYP_BAJA, max_length=MAX_LENGTH)


def read_baja(unverified: jws.Unverified, key: PublicKey) -> Baja:
    """The baja, if `key` signed it. Raises `jws_firma` or `alta_invalida`."""
    return _decode(unverified.verified_by(key), Baja)


def _decode(payload: bytes, kind: type[_Payload]) -> _Payload:
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RemoteProtocolError("alta_invalida") from error
