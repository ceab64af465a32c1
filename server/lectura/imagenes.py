"""Opening what a phone sent as an image: bounded in points and in memory, whatever the bytes are (rows F1, X9).

Not for showing: what a person sees is made anew elsewhere. Here an image becomes grey points for readers of codes, or a
small coloured one for its hash.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

MAX_PUNTOS = 40_000_000
"""An image with more is not opened: no phone's camera in use makes a legible file of it below 4 MB."""
LADO_CODIGOS = 2_400
"""Longest side, in points, at which codes are looked for. Reading takes as long as there are points."""
LADO_HUELLA = 400
"""Longest side of what is hashed."""
_FORMATOS = ("JPEG", "PNG", "WEBP")


def grises(datos: bytes, lado: int = LADO_CODIGOS) -> Image.Image | None:
    """Upright, in greys, its longest side at most `lado` points; None when it is no image, or too large."""
    return _abrir(datos, "L", lado)


def colores(datos: bytes, lado: int = LADO_HUELLA) -> Image.Image | None:
    """As `grises`, in colours."""
    return _abrir(datos, "RGB", lado)


def _abrir(datos: bytes, modo: str, lado: int) -> Image.Image | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of oddities; a line of log for each would say nothing
            with Image.open(io.BytesIO(datos), formats=_FORMATOS) as opened:
                if opened.width * opened.height > MAX_PUNTOS:
                    return None
                opened.draft(modo, (lado, lado))  # a large JPEG is unpacked at a fraction of its size
                made = ImageOps.exif_transpose(opened).convert(modo)
    except Exception:  # noqa: BLE001 -- Pillow raises whatever a damaged file runs into
        return None
    made.thumbnail((lado, lado), Image.Resampling.BOX if modo == "L" else Image.Resampling.BICUBIC)
    return made
