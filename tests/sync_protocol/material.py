"""Keys and sobres for the tests of the protocol: fixed keys, content as small as it may be."""

from __future__ import annotations

from sync_protocol import registro, sealing, sobre
from sync_protocol.folio import Folio
from sync_protocol.registro import IMAGENES, Apoyo, Codigo, Imagen, Testigos, Ubicacion
from sync_protocol.sobre import FIRST_ANTERIOR, Tipo
from sync_protocol.vectors import shape
from sync_protocol.vectors.generate import Forge

FORGE = Forge()
DEVICE = FORGE.device
OTHER_DEVICE = FORGE.other_device
SERVER = FORGE.server
OPENING = FORGE.opening
FOLIO = Folio(123, 45, 7, 1)
SEEN = shape.Device(solicitud=123, auxiliar=45, dispositivo=7, jwk=DEVICE.public.jwk())
"""Device 7 as the server knows it."""


def images() -> tuple[Imagen, ...]:
    return tuple(Imagen.of(tipo, "image/jpeg", b"\xff\xd8" + tipo.encode() + b"\xff\xd9") for tipo in IMAGENES)


def apoyo(folio: Folio = FOLIO) -> Apoyo:
    return Apoyo(
        folio=str(folio),
        capturado_ms=1_790_000_000_000,
        desfase_ms=-5,
        modelo="G",
        codigos=(Codigo("reverso", "QRCode", b"\x00\x01"),),
        ubicacion=Ubicacion(19.4, -99.1, 8.0),
        imagenes=images(),
        es_original=True,
        cic="123456789",
        ocr=None,
        clave_elector=None,
        curp=None,
        nombre="ÁNGEL",
        apellido_paterno="PRUEBA",
        apellido_materno="",
    )


def testigos(folio: Folio) -> Testigos:
    return Testigos(
        folio=str(folio),
        capturado_ms=1_790_000_000_000,
        desfase_ms=None,
        modelo="H",
        codigos=(),
        ubicacion=None,
        imagenes=images(),
        aviso="2026-1",
    )


def seal(folio: Folio = FOLIO, anterior: bytes = b"\x01" * 32) -> bytes:
    """A whole sobre of device 7."""
    if folio.registro == 0:
        tipo, content, anterior = Tipo.TESTIGOS, registro.encode(testigos(folio)), FIRST_ANTERIOR
    else:
        tipo, content = Tipo.APOYO, registro.encode(apoyo(folio))
    return sealing.seal(content, tipo=tipo, folio=folio, anterior=anterior, to=OPENING.public, signed_by=DEVICE)


def codigo(raw: bytes) -> bytes:
    return sobre.codigo_de_integridad(raw)
