"""Testigos visuales: the images that an auxiliar's phone sent at its alta, opened for who reviews them (row B4, P7.7).

What a phone sends is never served as it is: an image leaves only after it was read and made anew.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from sync_protocol.registro import IMAGENES, Testigos

NOMBRES = {
    "anverso": "Anverso de la credencial",
    "reverso": "Reverso de la credencial",
    "foto": "Fotografía viva",
    "firma": "Firma manuscrita digitalizada",
}
MAX_PIXELS = 40_000_000
SIDE = 1600
"""The longest side, in pixels, of an image that is shown."""


@dataclass(frozen=True, slots=True)
class Visual:
    """One of the four. `jpeg`: made anew, None when what came is no image."""

    tipo: str
    nombre: str
    jpeg: bytes | None


def visuales(record: Testigos, solo: str = "") -> tuple[Visual, ...]:
    """The images of a record, in the order in which people look at them; `solo` one of them."""
    sent = {image.tipo: image.datos for image in record.imagenes}
    return tuple(
        Visual(tipo, NOMBRES[tipo], anew(sent[tipo]) if tipo in sent else None)
        for tipo in IMAGENES
        if solo in ("", tipo)
    )


def anew(datos: bytes, side: int = SIDE) -> bytes | None:
    """An image as a JPEG of our own making: upright, on white, nothing else of the file; None if it is none.

    `side`: the longest side at most, in pixels. Some 10 ms of a processor for a photo of 1600 by 1200.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(datos), formats=("JPEG", "PNG", "WEBP")) as opened:
                if opened.width * opened.height > MAX_PIXELS:
                    return None
                opened.draft("RGB", (side, side))  # a large JPEG is read at a fraction of its size
                image = _on_white(ImageOps.exif_transpose(opened))
    except Exception:  # noqa: BLE001 -- Pillow raises whatever a damaged file runs into
        return None
    image.thumbnail((side, side))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")  # by way of an alpha it would take twice as long
    image = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
