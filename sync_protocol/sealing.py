"""Sealing a record for the server and opening it again: HPKE (RFC 9180), base mode (SPEC §3.3; row X5).

Suite of protocol version 1: KEM X-Wing (ML-KEM-768 + X25519, 0x647A), HKDF-SHA256, AES-256-GCM. `info` is a label and
the header's bytes, no AAD, one message per key, so that one-shot APIs of other libraries can open it too. Randomness
comes from the library's own generator and cannot be passed in: a caller that repeats it would break the seal.
"""

from __future__ import annotations

import hashlib

from Crypto.Protocol import HPKE
from Crypto.PublicKey import Hybrid

from sync_protocol.errors import LocalProtocolError, RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import (
    ENC_LENGTH,
    KEY_ID_LENGTH,
    MAX_CIPHERTEXT,
    SIGNATURE_LENGTH,
    TAG_LENGTH,
    Cabecera,
    Sobre,
    Tipo,
    parse_header,
)

INFO_LABEL = b"acopio/sobre/v1\x00"
PUBLIC_KEY_LENGTH = 1216
SEED_LENGTH = 32
_X_WING = Hybrid.ParamSet.MLKEM768_X25519


class SealingKey:
    """The server's public X-Wing key, as a phone holds it."""

    def __init__(self, key: Hybrid.HybridKey, raw: bytes) -> None:
        self._key = key
        self.raw = raw
        """ML-KEM-768 encapsulation key | X25519 point, 1216 bytes."""
        self.key_id = hashlib.sha256(raw).digest()[:KEY_ID_LENGTH]
        """First 8 bytes of SHA-256 of `raw`: how a sobre names the key it was sealed to."""

    @classmethod
    def from_bytes(cls, raw: bytes) -> SealingKey:
        """From the 1216 bytes that the alta delivers. Raises `llave_desconocida` when they are no such key."""
        if len(raw) != PUBLIC_KEY_LENGTH:
            raise RemoteProtocolError("llave_desconocida", "longitud")
        try:
            # The library has no public importer for hybrid keys yet; its constructor is the only way in.
            return cls(Hybrid.HybridKey(param_set=_X_WING, pk=raw), raw)
        except ValueError as error:
            raise RemoteProtocolError("llave_desconocida", "llave de sellado") from error


class OpeningKey:
    """The server's private X-Wing key. `seed` (32 bytes) is its whole secret, only ever stored wrapped."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_LENGTH:
            raise ValueError("la semilla X-Wing mide 32 bytes")
        self.seed = seed
        self._key = Hybrid.generate(param_set=_X_WING, randfunc=lambda _: seed)
        self.public = SealingKey(self._key.public_key(), self._key._pk)

    def unseal(self, sealed: memoryview, info: bytes) -> bytes:
        """The plaintext of enc | ciphertext. Raises ValueError when key, info and bytes do not fit together."""
        enc = bytes(sealed[:ENC_LENGTH])
        context = HPKE.new(receiver_key=self._key, aead_id=HPKE.AEAD.AES256_GCM, enc=enc, info=info)
        return bytes(context.unseal(bytes(sealed[ENC_LENGTH:])))


def seal(
    plaintext: bytes, *, tipo: Tipo, folio: Folio, anterior: bytes, to: SealingKey, signed_by: PrivateKey
) -> bytes:
    """One whole sobre: sealed to the server's key and signed by the phone's.

    Raises LocalProtocolError when every server would refuse its header or its size.
    """
    if len(plaintext) + TAG_LENGTH > MAX_CIPHERTEXT:
        raise LocalProtocolError("sobre_demasiado_grande", f"{len(plaintext)} bytes de contenido")
    header = Cabecera(tipo, folio, to.key_id, anterior, len(plaintext) + TAG_LENGTH).to_bytes()
    try:
        parse_header(header)
    except RemoteProtocolError as error:
        # No server would take it: better said at capture, while the person is still there, than at sync.
        raise LocalProtocolError(error.code, error.detail) from error
    context = HPKE.new(receiver_key=to._key, aead_id=HPKE.AEAD.AES256_GCM, info=INFO_LABEL + header)
    unsigned = header + context.enc + context.seal(plaintext)
    signature = signed_by.sign_low_s(unsigned)
    assert len(signature) == SIGNATURE_LENGTH
    return unsigned + signature


def open_sobre(sobre: Sobre, key: OpeningKey) -> bytes:
    """The plaintext of a sobre sealed to `key`. Raises `llave_desconocida` or `sobre_no_abre`."""
    if sobre.cabecera.key_id != key.public.key_id:
        raise RemoteProtocolError("llave_desconocida")
    try:
        return key.unseal(sobre.sealed, INFO_LABEL + bytes(sobre.header))
    except ValueError as error:
        raise RemoteProtocolError("sobre_no_abre") from error
