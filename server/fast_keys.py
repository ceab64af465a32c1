"""The protocol's keys on OpenSSL: the same functions under the same vectors, five times faster (bench/ingest).

sync_protocol does everything with pycryptodome, as phones and vectors do. A server opens, verifies and signs once per
sobre, and there the bench showed cryptography to be the larger half of its time; so these three classes, and only
they, stand in for the protocol's own. What they accept and refuse must be identical: tests/server/test_fast_keys.py.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite

from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey, PublicKey

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ECDSA = ec.ECDSA(Prehashed(hashes.SHA256()))
_ECDSA_RFC6979 = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_ML_KEM_SEED = 64


class FastOpeningKey(OpeningKey):
    """Opens sobres."""

    def __init__(self, seed: bytes) -> None:
        super().__init__(seed)
        # X-Wing's expansion of its seed: ML-KEM-768's d | z, then the X25519 scalar.
        expanded = hashlib.shake_256(seed).digest(_ML_KEM_SEED + 32)
        self._fast = MLKEM768X25519PrivateKey(
            mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:_ML_KEM_SEED]),
            x25519.X25519PrivateKey.from_private_bytes(expanded[_ML_KEM_SEED:]),
        )

    def unseal(self, sealed: memoryview, info: bytes) -> bytes:
        """The plaintext of enc | ciphertext. Raises ValueError."""
        try:
            return _SUITE.decrypt(sealed, self._fast, info)
        except InvalidTag as error:
            raise ValueError("no abre") from error


class FastPublicKey(PublicKey):
    """Verifies a device's signatures."""

    def _prepare(self) -> None:
        self._fast = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.point)

    @classmethod
    def from_point(cls, point: bytes) -> FastPublicKey:
        """From the 65-byte uncompressed point. Raises `jws_invalido` when it is not on the curve."""
        key = cls(PublicKey.from_point(point)._key)
        key._prepare()
        return key

    def verify_digest(self, digest: bytes, signature: bytes | memoryview) -> bool:
        """True when `signature` (r | s, 64 bytes) is this key's over the message with this SHA-256."""
        if len(signature) != 64:
            return False
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        try:
            self._fast.verify(encode_dss_signature(r, s), digest, _ECDSA)
        except InvalidSignature:
            return False
        return True


class FastPrivateKey(PrivateKey):
    """Signs acuses; deterministic, so that the bytes are those that the protocol's own class would give."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key._key)
        self._fast = ec.derive_private_key(int.from_bytes(key.scalar, "big"), ec.SECP256R1())

    def sign(self, message: bytes | memoryview) -> bytes:
        """r | s, 64 bytes."""
        r, s = decode_dss_signature(self._fast.sign(message, _ECDSA_RFC6979))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
