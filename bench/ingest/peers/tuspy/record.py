"""What an acuse demands of one record, in `cryptography` and hashlib, as Acopio's server does it.

SHA-256 against the announced code, the device's signature, HPKE (X-Wing) and the signed receipt. Not done, in the
peer's favour: the content is not decoded, its images are not hashed, the folio has no check character.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_DIGEST = ec.ECDSA(Prehashed(hashes.SHA256()))
_ECDSA = ec.ECDSA(hashes.SHA256())
_HALF_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 // 2
_INFO = b"acopio/sobre/v1\x00"
_HEADER, _ENC, _SIGNATURE = 72, 1120, 64


class RefusedError(Exception):
    """The record is not what it says it is."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that is whole, the device's own, and opens."""

    device: int
    registro: int
    codigo: str
    tam: int


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Keys:
    """The server's keys and the devices', from the file that the bench writes."""

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text(encoding="utf-8"))
        expanded = hashlib.shake_256(_decode(told["seed"])).digest(96)
        self.opening = MLKEM768X25519PrivateKey(
            mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
            x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
        )
        self.firma = ec.derive_private_key(int.from_bytes(_decode(told["firma"]["d"]), "big"), ec.SECP256R1())
        self.head = _encode(json.dumps({"alg": "ES256", "typ": "acopio-acuse+jwt", "kid": told["kid"]}).encode())
        self.devices = {
            int(device): ec.EllipticCurvePublicKey.from_encoded_point(
                ec.SECP256R1(), b"\x04" + _decode(jwk["x"]) + _decode(jwk["y"])
            )
            for device, jwk in told["devices"].items()
        }


def check(keys: Keys, raw: bytes, announced: str) -> Found:
    """Raises RefusedError."""
    view = memoryview(raw)
    signed, signature = view[:-_SIGNATURE], raw[-_SIGNATURE:]
    # One pass for both: the code is the digest of what is signed and then of the signature.
    running = hashlib.sha256(signed)
    digest = running.copy().digest()
    running.update(signature)
    codigo = running.hexdigest()
    if codigo != announced:
        raise RefusedError("integridad_distinta")
    if len(raw) < _HEADER + _ENC + 16 + _SIGNATURE or raw[:6] != b"ACOPIO":
        raise RefusedError("sobre_magia")
    if int.from_bytes(raw[68:72], "big") != len(raw) - _HEADER - _ENC - _SIGNATURE:
        raise RefusedError("sobre_longitud")
    device = int.from_bytes(raw[16:20], "big")
    key = keys.devices.get(device)
    if key is None:
        raise RefusedError("cabecera_ajena")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        if s > _HALF_ORDER:
            raise RefusedError("firma_invalida")
        key.verify(encode_dss_signature(r, s), digest, _DIGEST)
    except InvalidSignature:
        raise RefusedError("firma_invalida") from None
    try:
        _SUITE.decrypt(signed[_HEADER:], keys.opening, _INFO + raw[:_HEADER])
    except InvalidTag:
        raise RefusedError("sobre_no_abre") from None
    return Found(device, int.from_bytes(raw[20:24], "big"), codigo, len(raw))


def receipt(keys: Keys, folio: str, found: Found) -> str:
    """A compact JWS, ES256, with the payload of our acuse."""
    now = time.time_ns() // 1_000_000
    instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 1000)) + f".{now % 1000:03}Z"
    payload = {
        "iss": "Instituto de Prueba", "iat": now // 1000, "folio": folio,
        "tipo": "apoyo" if found.registro else "testigos", "codigo": found.codigo, "tam": found.tam,
        "recibido": instant, "v": 1,
    }  # fmt: skip
    text = keys.head + "." + _encode(json.dumps(payload).encode())
    r, s = decode_dss_signature(keys.firma.sign(text.encode(), _ECDSA))
    return text + "." + _encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
