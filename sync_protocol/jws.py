"""Compact JWS (RFC 7515) with ES256 and nothing else: session requests, altas, acuses (SPEC §5).

The protected header is parsed strictly: `alg` ES256, the expected `typ`, either a `kid` or a `jwk`, no `crit`, nothing
unknown. The algorithm is never taken from the message.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from sync_protocol.errors import RemoteProtocolError
from sync_protocol.signing import PrivateKey, PublicKey, b64url, b64url_decode


class _Header(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    alg: str
    typ: str
    kid: str = ""
    jwk: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Unverified:
    """A JWS whose shape is right and whose signature has not been looked at yet."""

    kid: str
    jwk: dict[str, str] | None
    payload: bytes
    signing_input: bytes
    signature: bytes

    def verified_by(self, key: PublicKey) -> bytes:
        """The payload, if `key` signed it. Raises `jws_firma`."""
        if not key.verify(self.signing_input, self.signature):
            raise RemoteProtocolError("jws_firma")
        return self.payload


def sign(payload: bytes, key: PrivateKey, *, typ: str, kid: str = "", with_jwk: bool = False) -> str:
    """A compact JWS over `payload`; `with_jwk` carries the public key itself (a device's alta)."""
    header = _Header(alg="ES256", typ=typ, kid=kid, jwk=key.public.jwk() if with_jwk else None)
    signing_input = f"{b64url(msgspec.json.encode(header))}.{b64url(payload)}"
    return f"{signing_input}.{b64url(key.sign(signing_input.encode('ascii')))}"


def parse(token: str | bytes, *, typ: str, max_length: int) -> Unverified:
    """Split and check the shape of a compact JWS. Raises `jws_invalido`."""
    raw = token.encode("ascii", "replace") if isinstance(token, str) else bytes(token)
    if len(raw) > max_length:
        raise RemoteProtocolError("jws_invalido", "demasiado largo")
    parts = raw.split(b".", 3)
    if len(parts) != 3:
        raise RemoteProtocolError("jws_invalido", "no son tres partes")
    try:
        header = msgspec.json.decode(b64url_decode(parts[0]), type=_Header)
        payload = b64url_decode(parts[1])
        signature = b64url_decode(parts[2])
    except (ValueError, msgspec.MsgspecError) as error:
        raise RemoteProtocolError("jws_invalido", "codificación") from error
    if header.alg != "ES256" or header.typ != typ or len(signature) != 64:
        raise RemoteProtocolError("jws_invalido", "alg, typ o firma")
    if bool(header.kid) == (header.jwk is not None):
        raise RemoteProtocolError("jws_invalido", "debe traer kid o jwk, y solo uno")
    return Unverified(header.kid, header.jwk, payload, parts[0] + b"." + parts[1], signature)
