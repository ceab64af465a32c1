"""The plaintext of a sobre: what was captured about one apoyo, or the testigos visuales of an alta (SPEC §3.4).

MessagePack maps, strictly typed by msgspec; unknown fields, wrong types and values out of bounds are refused. Each of
the four images carries its own SHA-256, so that a missing or swapped one is named. What an apoyo is *worth* is not
decided here: identifiers are only bounded in length, never checked.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync_protocol import folio as folios
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.sobre import Tipo

MAX_IMAGE = 4 * 1024 * 1024
IMAGENES = ("anverso", "reverso", "foto", "firma")

_Name = Annotated[str, Meta(max_length=120)]
_Identifier = Annotated[str, Meta(min_length=1, max_length=32)]
_Millis = Annotated[int, Meta(ge=0, le=2**53)]
_Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]


class Imagen(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One image as the phone made it; `sha256` is of `datos`."""

    tipo: Literal["anverso", "reverso", "foto", "firma"]
    formato: Literal["image/jpeg", "image/png", "image/webp"]
    sha256: _Digest
    datos: Annotated[bytes, Meta(min_length=1, max_length=MAX_IMAGE)]

    @classmethod
    def of(cls, tipo: str, formato: str, datos: bytes) -> Imagen:
        """An image with its own code computed."""
        return msgspec.convert(
            {"tipo": tipo, "formato": formato, "sha256": hashlib.sha256(datos).digest(), "datos": datos}, cls
        )


class Codigo(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A code that the phone read from its own image (row F1). The dense QR are opaque: their bytes are kept."""

    lado: Literal["anverso", "reverso"]
    simbologia: Annotated[str, Meta(max_length=32)]
    datos: Annotated[bytes, Meta(max_length=4096)]


class Ubicacion(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the phone was, if it said so: degrees and metres."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    precision_m: Annotated[float, Meta(ge=0, le=100_000)]


class _Expediente(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    folio: str
    capturado_ms: _Millis
    """By the phone's own clock, Unix milliseconds."""
    desfase_ms: Annotated[int, Meta(ge=-(2**53), le=2**53)] | None
    """Server's clock minus the phone's, as last seen; None when the phone has never been told."""
    modelo: Annotated[str, Meta(pattern=r"^[A-Z]\Z")]
    codigos: Annotated[tuple[Codigo, ...], Meta(max_length=16)]
    ubicacion: Ubicacion | None
    imagenes: Annotated[tuple[Imagen, ...], Meta(max_length=4)]
    v: Literal[1] = 1


class Apoyo(_Expediente, frozen=True, kw_only=True):
    """One citizen's support as captured by an auxiliar (P9)."""

    es_original: Literal[True]
    """The phone does not let anyone go on otherwise (P9.6)."""
    cic: _Identifier | None
    ocr: _Identifier | None
    clave_elector: _Identifier | None
    curp: _Identifier | None
    nombre: _Name
    apellido_paterno: _Name
    apellido_materno: _Name


class Testigos(_Expediente, frozen=True, kw_only=True):
    """The testigos visuales of an auxiliar's alta (P8.5): they feed the Cédula de Registro de Auxiliar."""

    aviso: Annotated[str, Meta(min_length=1, max_length=40)]
    """The version of the notice whose checkbox was ticked (P8.3)."""


_DECODERS: dict[Tipo, msgspec.msgpack.Decoder[Apoyo] | msgspec.msgpack.Decoder[Testigos]] = {
    Tipo.APOYO: msgspec.msgpack.Decoder(Apoyo),
    Tipo.TESTIGOS: msgspec.msgpack.Decoder(Testigos),
}


def encode(record: Apoyo | Testigos) -> bytes:
    """The plaintext bytes of a record."""
    return msgspec.msgpack.encode(record)


def decode(plaintext: bytes, *, tipo: Tipo, folio: Folio) -> Apoyo | Testigos:
    """Read and check the plaintext of the sobre with this header.

    Raises `contenido_invalido`, `contenido_ajeno`, `imagen_faltante` or `imagen_alterada`.
    """
    try:
        record = _DECODERS[tipo].decode(plaintext)
        inner = folios.parse(record.folio)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, RemoteProtocolError) as error:
        raise RemoteProtocolError("contenido_invalido") from error
    if inner != folio:
        raise RemoteProtocolError("contenido_ajeno")
    if sorted(image.tipo for image in record.imagenes) != sorted(IMAGENES):
        raise RemoteProtocolError("imagen_faltante")
    for image in record.imagenes:
        if hashlib.sha256(image.datos).digest() != image.sha256:
            raise RemoteProtocolError("imagen_alterada", image.tipo)
    return record
