"""The acuse: the one sentence that may never be false (SPEC §6; rows X1, X2, D6).

A compact JWS (ES256) by the server's key, whose public half is published as a JWKS, so that any JOSE library can
verify it offline. This module builds and checks it; *when* it may be given is the server's promise (SPEC §1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync_protocol import folio as folios
from sync_protocol import jws
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey, PublicKey

TYP = "acopio-acuse+jwt"
MAX_LENGTH = 2048

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class Acuse(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says it holds.

    `iss`: the institution that hosts the server. `codigo`: código de integridad, 64 hex digits. `recibido`: instant at
    which the last byte arrived, UTC with milliseconds. `iat`: the same instant in whole seconds, for JWT tools.
    """

    iss: Annotated[str, Meta(min_length=1, max_length=120)]
    iat: int
    folio: str
    tipo: Literal["apoyo", "testigos"]
    codigo: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    tam: Annotated[int, Meta(ge=1)]
    recibido: str
    v: Literal[1] = 1


def sign(acuse: Acuse, key: PrivateKey) -> str:
    """The compact JWS; the same acuse and key always give the same bytes (RFC 6979)."""
    return jws.sign(msgspec.json.encode(acuse), key, typ=TYP, kid=key.public.thumbprint)


def read(token: str, keys: Mapping[str, PublicKey]) -> Acuse:
    """The acuse, if one of `keys` (by thumbprint) signed it. Raises a `jws` error."""
    unverified = jws.parse(token, typ=TYP, max_length=MAX_LENGTH)
    key = keys.get(unverified.kid)
    if key is None:
        raise RemoteProtocolError("llave_de_acuse_desconocida")
    payload = unverified.verified_by(key)
    try:
        acuse = msgspec.json.decode(payload, type=Acuse)
        folios.parse(acuse.folio)
    except (msgspec.MsgspecError, UnicodeDecodeError, RemoteProtocolError) as error:
        raise RemoteProtocolError("jws_invalido", "contenido del acuse") from error
    if not _INSTANT.fullmatch(acuse.recibido):
        raise RemoteProtocolError("jws_invalido", "instante de recepción")
    return acuse


def verify(token: str, keys: Mapping[str, PublicKey], *, folio: Folio, codigo: bytes, tam: int) -> Acuse:
    """What a phone MUST do before it deletes: signature, folio, código de integridad and size. Raises a `jws` error."""
    acuse = read(token, keys)
    if acuse.folio != str(folio) or acuse.codigo != codigo.hex() or acuse.tam != tam:
        raise RemoteProtocolError("acuse_ajeno")
    return acuse


def jwks(keys: Mapping[str, PublicKey]) -> dict[str, list[dict[str, str]]]:
    """The public keys as a JWK Set (RFC 7517), as served at `/.well-known/jwks.json`."""
    return {"keys": [{**key.jwk(), "kid": kid, "use": "sig", "alg": "ES256"} for kid, key in keys.items()]}


def keys_from_jwks(document: Mapping[str, object]) -> dict[str, PublicKey]:
    """Keys by thumbprint from a JWK Set; keys of other kinds are passed over. Raises `jws_invalido`."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise RemoteProtocolError("jws_invalido", "JWKS")
    found: dict[str, PublicKey] = {}
    for entry in entries:
        if isinstance(entry, dict) and entry.get("kty") == "EC" and entry.get("crv") == "P-256":
            key = PublicKey.from_jwk(entry)
            found[key.thumbprint] = key
    return found
