"""ECDSA P-256 with SHA-256, fixed 64-byte signatures, and the key forms that travel (SPEC §4).

P-256 is what Android Keystore/StrongBox, the Secure Enclave and WebCrypto hold without ever exporting it. The same
key signs sobres (bytes that begin with `ACOPIO`) and compact JWS (ASCII that begins with `eyJ`), so neither can be
taken for the other. Signatures are deterministic (RFC 6979); verifying accepts any valid ECDSA signature.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC
from Crypto.Signature import DSS

from sync_protocol.errors import RemoteProtocolError

POINT_LENGTH = 65
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def b64url_decode(text: str | bytes) -> bytes:
    """Strict base64url without padding: one text per value. Raises ValueError."""
    raw = text.encode("ascii") if isinstance(text, str) else text
    data = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(data).rstrip(b"=") != raw:
        raise ValueError("base64url no canónico")
    return data


def low_s(signature: bytes) -> bytes:
    """The one of the two equally valid forms of a signature whose s is at most half the order (SPEC §4)."""
    s = int.from_bytes(signature[32:], "big")
    return signature if s <= _ORDER // 2 else signature[:32] + (_ORDER - s).to_bytes(32, "big")


class _Digest:
    """A finished SHA-256 in the shape in which pycryptodome takes one."""

    oid = "2.16.840.1.101.3.4.2.1"
    digest_size = 32

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def digest(self) -> bytes:
        """32 bytes."""
        return self._digest


class PublicKey:
    """A P-256 public key that can verify."""

    def __init__(self, key: ECC.EccKey) -> None:
        self._key = key
        self._verifier = DSS.new(key, "fips-186-3")
        self.point: bytes = key.export_key(format="raw")
        """Uncompressed point, 65 bytes: the form in which keys are stored."""

    @classmethod
    def from_point(cls, point: bytes) -> PublicKey:
        """From the 65-byte uncompressed point. Raises `jws_invalido` when it is not on the curve."""
        # The library takes (0, 0) for the point at infinity and imports it; anyone can sign for that "key".
        if len(point) != POINT_LENGTH or point[0] != 4 or not any(point[1:]):
            raise RemoteProtocolError("jws_invalido", "llave pública")
        try:
            return cls(ECC.import_key(point, curve_name="P-256"))
        except ValueError as error:
            raise RemoteProtocolError("jws_invalido", "llave pública") from error

    @classmethod
    def from_jwk(cls, jwk: dict[str, Any]) -> PublicKey:
        """From a JWK (RFC 7517) of kty EC, crv P-256. Raises `jws_invalido`."""
        try:
            if jwk["kty"] != "EC" or jwk["crv"] != "P-256" or "d" in jwk:
                raise ValueError("tipo de llave")
            x, y = b64url_decode(jwk["x"]), b64url_decode(jwk["y"])
            if len(x) != 32 or len(y) != 32:
                raise ValueError("coordenadas")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RemoteProtocolError("jws_invalido", "JWK") from error
        return cls.from_point(b"\x04" + x + y)

    def jwk(self) -> dict[str, str]:
        """The public JWK, without `kid`."""
        return {"kty": "EC", "crv": "P-256", "x": b64url(self.point[1:33]), "y": b64url(self.point[33:])}

    @property
    def thumbprint(self) -> str:
        """RFC 7638 JWK thumbprint (SHA-256, base64url): the key's name, used as `kid`."""
        j = self.jwk()
        canonical = f'{{"crv":"{j["crv"]}","kty":"{j["kty"]}","x":"{j["x"]}","y":"{j["y"]}"}}'
        return b64url(hashlib.sha256(canonical.encode()).digest())

    def verify(self, message: bytes | memoryview, signature: bytes | memoryview) -> bool:
        """True when `signature` (r | s, 64 bytes) is this key's over `message`."""
        return self.verify_digest(hashlib.sha256(message).digest(), signature)

    def verify_digest(self, digest: bytes, signature: bytes | memoryview) -> bool:
        """As `verify`, for who has the SHA-256 of the message already."""
        if len(signature) != 64:
            return False
        try:
            self._verifier.verify(_Digest(digest), bytes(signature))
        except ValueError:
            return False
        return True

    def verify_low_s(self, message: bytes | memoryview, signature: bytes | memoryview) -> bool:
        """As `verify`, and s is at most half the order: so nobody else can make a second valid form of it."""
        return self.verify_low_s_digest(hashlib.sha256(message).digest(), signature)

    def verify_low_s_digest(self, digest: bytes, signature: bytes | memoryview) -> bool:
        """As `verify_low_s`, for who has the SHA-256 of the message already."""
        return int.from_bytes(signature[32:], "big") <= _ORDER // 2 and self.verify_digest(digest, signature)


class PrivateKey:
    """A P-256 private key: a phone's, or the server's that signs acuses."""

    def __init__(self, key: ECC.EccKey) -> None:
        self._key = key
        self._signer = DSS.new(key, "deterministic-rfc6979")
        self.public = PublicKey(key.public_key())

    @classmethod
    def generate(cls) -> PrivateKey:
        """A new key from the operating system's randomness."""
        return cls(ECC.generate(curve="P-256"))

    @classmethod
    def from_scalar(cls, scalar: bytes) -> PrivateKey:
        """From the 32-byte secret scalar (vectors, wrapped storage). Raises ValueError."""
        return cls(ECC.construct(curve="P-256", d=int.from_bytes(scalar, "big")))

    @property
    def scalar(self) -> bytes:
        """The 32-byte secret: only to be wrapped before it is stored."""
        return int(self._key.d).to_bytes(32, "big")

    def sign(self, message: bytes | memoryview) -> bytes:
        """r | s, 64 bytes."""
        return bytes(self._signer.sign(SHA256.new(message)))

    def sign_low_s(self, message: bytes | memoryview) -> bytes:
        """As `sign`, in the form that a sobre must carry."""
        return low_s(self.sign(message))
