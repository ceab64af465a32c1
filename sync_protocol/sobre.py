"""The sobre: the outer frame of one sealed record, a self-contained file (SPEC §3; rows X4, X5, X7).

Layout, big-endian: header (72 bytes, in clear, identifiers only) | enc | ciphertext | signature. Lengths are checked
against the limits and against the bytes at hand before anything is sliced. Nothing is ever re-encoded: hashes,
signatures and HPKE use the bytes as they arrived.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from enum import IntEnum

from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio

MAGIC = b"ACOPIO"
VERSION = 1
KEY_ID_LENGTH = 8
DIGEST_LENGTH = 32
ENC_LENGTH = 1120  # X-Wing: ML-KEM-768 ciphertext 1088 + X25519 point 32
SIGNATURE_LENGTH = 64
TAG_LENGTH = 16
MAX_SOBRE = 8 * 1024 * 1024
FIRST_ANTERIOR = bytes(DIGEST_LENGTH)
"""`anterior` of a phone's first sobre (registro 0): there is none before it."""

_HEADER = struct.Struct(">6sBBIIII8s32sHHI")
HEADER_LENGTH = _HEADER.size
MIN_SOBRE = HEADER_LENGTH + ENC_LENGTH + TAG_LENGTH + SIGNATURE_LENGTH
MAX_CIPHERTEXT = MAX_SOBRE - HEADER_LENGTH - ENC_LENGTH - SIGNATURE_LENGTH


class Tipo(IntEnum):
    """What a sobre carries. MI_APOYO is reserved: a server of this version refuses it (`sobre_tipo`)."""

    APOYO = 1
    TESTIGOS = 2
    MI_APOYO = 3

    @property
    def nombre(self) -> str:
        """The name used in acuses, tables and logs: `apoyo`, `testigos`, `mi_apoyo`."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Cabecera:
    """The header in clear. `anterior` is the código de integridad of the phone's previous sobre (32 bytes)."""

    tipo: Tipo
    folio: Folio
    key_id: bytes
    anterior: bytes
    ciphertext_length: int

    def to_bytes(self) -> bytes:
        """The 72 bytes that are signed and that go into HPKE's `info`."""
        f = self.folio
        return _HEADER.pack(
            MAGIC,
            VERSION,
            self.tipo,
            f.solicitud,
            f.auxiliar,
            f.dispositivo,
            f.registro,
            self.key_id,
            self.anterior,
            ENC_LENGTH,
            SIGNATURE_LENGTH,
            self.ciphertext_length,
        )


@dataclass(frozen=True, slots=True)
class Sobre:
    """A parsed frame: views on the bytes as received, nothing verified yet."""

    cabecera: Cabecera
    raw: memoryview

    @property
    def header(self) -> memoryview:
        """Header bytes as received."""
        return self.raw[:HEADER_LENGTH]

    @property
    def enc(self) -> memoryview:
        """The encapsulated key."""
        return self.raw[HEADER_LENGTH : HEADER_LENGTH + ENC_LENGTH]

    @property
    def ciphertext(self) -> memoryview:
        """Ciphertext with its 16-byte tag."""
        return self.raw[HEADER_LENGTH + ENC_LENGTH : -SIGNATURE_LENGTH]

    @property
    def sealed(self) -> memoryview:
        """enc | ciphertext: one stretch of bytes, as one-shot HPKE takes them."""
        return self.raw[HEADER_LENGTH:-SIGNATURE_LENGTH]

    @property
    def signed_part(self) -> memoryview:
        """Everything before the signature."""
        return self.raw[:-SIGNATURE_LENGTH]

    @property
    def signature(self) -> memoryview:
        """r | s, 64 bytes."""
        return self.raw[-SIGNATURE_LENGTH:]


def parse_header(head: bytes | bytearray | memoryview) -> Cabecera:
    """Read the first 72 bytes. Raises a frame error; allocates nothing that depends on a declared length."""
    if len(head) < HEADER_LENGTH:
        raise RemoteProtocolError("sobre_truncado", "cabecera incompleta")
    magic, version, tipo, solicitud, auxiliar, dispositivo, registro, key_id, anterior, enc, sig, ct = (
        _HEADER.unpack_from(head)
    )
    if magic != MAGIC:
        raise RemoteProtocolError("sobre_magia")
    if version != VERSION:
        raise RemoteProtocolError("sobre_version", f"versión {version}")
    if tipo not in (Tipo.APOYO, Tipo.TESTIGOS):
        raise RemoteProtocolError("sobre_tipo", f"tipo {tipo}")
    if enc != ENC_LENGTH or sig != SIGNATURE_LENGTH or ct <= TAG_LENGTH:
        raise RemoteProtocolError("sobre_longitud")
    if ct > MAX_CIPHERTEXT:
        raise RemoteProtocolError("sobre_demasiado_grande", f"{ct} bytes cifrados")
    folio = Folio(solicitud, auxiliar, dispositivo, registro)
    if auxiliar == 0 or (tipo == Tipo.TESTIGOS) != (registro == 0):
        raise RemoteProtocolError("sobre_tipo", "el tipo no concuerda con el auxiliar o el Id de registro")
    if (registro == 0) != (anterior == FIRST_ANTERIOR):
        raise RemoteProtocolError("sobre_longitud", "anterior no concuerda con el Id de registro")
    return Cabecera(Tipo(tipo), folio, key_id, anterior, ct)


def parse(raw: bytes | bytearray | memoryview) -> Sobre:
    """Read a whole sobre. Raises a frame error that says what is wrong with its shape."""
    if len(raw) > MAX_SOBRE:
        raise RemoteProtocolError("sobre_demasiado_grande", f"{len(raw)} bytes")
    cabecera = parse_header(raw)
    expected = HEADER_LENGTH + ENC_LENGTH + cabecera.ciphertext_length + SIGNATURE_LENGTH
    if len(raw) < expected:
        raise RemoteProtocolError("sobre_truncado", f"{len(raw)} de {expected} bytes")
    if len(raw) > expected:
        raise RemoteProtocolError("sobre_sobrante", f"{len(raw) - expected} bytes de más")
    return Sobre(cabecera, memoryview(raw))


def codigo_de_integridad(raw: bytes | bytearray | memoryview) -> bytes:
    """SHA-256 of the whole sobre, 32 bytes."""
    return hashlib.sha256(raw).digest()


def digests(raw: bytes | bytearray | memoryview) -> tuple[bytes, bytes]:
    """(código de integridad, SHA-256 of the signed part) of a whole sobre, in one pass. Any bytes will do."""
    view = memoryview(raw)
    end = max(0, len(view) - SIGNATURE_LENGTH)
    running = hashlib.sha256(view[:end])
    signed = running.digest()
    running.update(view[end:])
    return running.digest(), signed


def printed_code(digest: bytes) -> str:
    """The código de integridad as people see it: hex in groups of four."""
    text = digest.hex().upper()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
