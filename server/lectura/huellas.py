"""Perceptual hashes of the four images: pictures that look almost the same have almost the same hash (row X9).

The hash is a library's: libphash's pHash, 64 bits of each quarter of the picture, 256 in all. Two are compared by how
many bits differ. How far apart pictures of different people lie, and what is done to one picture without leaving that
distance, was measured on synthetic cards, faces and signatures (`bench/pipeline`, part `huellas`):

- anverso, reverso: everybody's card has the same layout, so that only a photo that was saved again (smaller, darker,
  paler, of less quality) is nearer to itself than to another person's. Cut by two hundredths, or photographed from a
  screen, it is not: that card comes out as a duplicate by its CIC instead.
- foto, firma: pictures of different people lie further apart, and a photo of a screen that shows one is found in part.

A file that is no image has no hash. `VERSION` stands in each: what another version of the library made is not compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import libphash
import numpy as np
from PIL import Image

from server.lectura import imagenes as abrir
from sync_protocol.registro import IMAGENES

VERSION: Final = 1
BITS: Final = 256
LARGO: Final = 1 + BITS // 8
BANDAS: Final = {"anverso": 4, "reverso": 4, "foto": 6, "firma": 6}
"""Into how many parts a hash is cut for looking up. One bit may differ within a part, so what differs in fewer than
twice as many bits as there are parts is always found: some part has at most one of them."""
MAXIMA: Final = {"anverso": 7, "reverso": 7, "foto": 20, "firma": 30}
"""Bits that may differ between images that are shown together."""
SEGURA: Final = {tipo: 2 * bandas - 1 for tipo, bandas in BANDAS.items()}
"""Bits up to which they are always found; above that, the more differ the fewer are."""


def de_imagenes(fotos: Mapping[str, bytes]) -> tuple[dict[str, bytes], frozenset[str]]:
    """The hash of each image by tipo, and which are no images."""
    hechas: dict[str, bytes] = {}
    for tipo in IMAGENES:
        picture = abrir.colores(fotos[tipo]) if tipo in fotos else None
        if picture is not None:
            hechas[tipo] = huella(picture)
    return hechas, frozenset(fotos) - frozenset(hechas)


def huella(picture: Image.Image) -> bytes:
    """The hash of a picture: VERSION, then its quarters from the top left, row by row."""
    if min(picture.size) < 2:
        picture = picture.resize((max(2, picture.width), max(2, picture.height)))
    middle_x, middle_y = picture.width // 2, picture.height // 2
    boxes = (
        (0, 0, middle_x, middle_y),
        (middle_x, 0, picture.width, middle_y),
        (0, middle_y, middle_x, picture.height),
        (middle_x, middle_y, picture.width, picture.height),
    )
    return bytes((VERSION,)) + b"".join(_phash(picture.crop(box)).to_bytes(8, "big") for box in boxes)


def _phash(picture: Image.Image) -> int:
    made = libphash.hash(picture, libphash.Algorithm.PHASH)
    assert isinstance(made, int)
    return made


def distancia(una: bytes, otra: bytes) -> int:
    """Bits that differ; more than there are when the two cannot be compared."""
    if len(una) != LARGO or len(otra) != LARGO or una[0] != otra[0]:
        return BITS + 1
    return (int.from_bytes(una[1:], "big") ^ int.from_bytes(otra[1:], "big")).bit_count()


def bandas(tipo: str, hecha: bytes) -> tuple[int, ...]:
    """The parts of a hash, as SQLite's integers. Neighbouring bits, which change together, go to different parts."""
    bits = np.unpackbits(np.frombuffer(hecha[1:], dtype=np.uint8))
    cuantas = BANDAS[tipo]
    return tuple(_con_signo(int.from_bytes(np.packbits(bits[n::cuantas]).tobytes(), "big")) for n in range(cuantas))


def vecinas(tipo: str, banda: int, valor: int) -> tuple[int, ...]:
    """A part's value and those that differ from it in one bit."""
    return (valor, *(valor ^ bit for bit in _un_bit(tipo, banda)))


@cache
def _un_bit(tipo: str, banda: int) -> tuple[int, ...]:
    ancho = len(range(banda, BITS, BANDAS[tipo]))
    sobran = -ancho % 8  # a part is filled up to whole bytes
    return tuple(_con_signo(1 << bit) for bit in range(sobran, sobran + ancho))


def _con_signo(valor: int) -> int:
    return valor - 2**64 if valor >= 2**63 else valor
