"""What the server's own readers found on the four images of an apoyo (rows F1, X9). Kept wrapped, never in clear."""

from __future__ import annotations

import msgspec


class CodigoLeido(msgspec.Struct, frozen=True):
    """One code. `lado`: anverso or reverso; `simbologia`: QRCode, PDF417, Code128, MRZ …; `lector`: who read it."""

    lado: str
    simbologia: str
    datos: bytes
    lector: str


class Lectura(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. A datum that no code carries is None. `ilegibles`: images that are none; `huellas`: by image."""

    codigos: tuple[CodigoLeido, ...] = ()
    cic: str | None = None
    ocr: str | None = None
    emision: str | None = None
    clave_elector: str | None = None
    curp: str | None = None
    ilegibles: tuple[str, ...] = ()
    huellas: dict[str, bytes] = {}
    lector: str = ""
    """Names and versions of the readers, for whoever asks later."""


def encode(lectura: Lectura) -> bytes:
    """As MessagePack."""
    return msgspec.msgpack.encode(lectura)


def decode(raw: bytes) -> Lectura:
    """From MessagePack. Raises msgspec.MsgspecError."""
    return msgspec.msgpack.decode(raw, type=Lectura)
