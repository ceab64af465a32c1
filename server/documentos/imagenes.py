"""Images that go into a document: read by Pillow and written anew, so that nothing else of the file gets there."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "WEBP")
PIXELS = 50_000_000


def _read(contenido: bytes) -> Image.Image | None:
    """The picture, upright; None for anything that is not an image of a known form and a reasonable size."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(contenido), formats=FORMATS)
            if image.width * image.height > PIXELS:
                return None
            image.load()
            return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 -- Pillow raises whatever its parser came upon; to whoever prints it is all the same
        return None


def fotografia(contenido: bytes, lado: int = 1200) -> list[int]:
    """A photograph for paper, no side longer than `lado` pixels, as JPEG; empty when it cannot be read."""
    image = _read(contenido)
    if image is None:
        return []
    image.thumbnail((lado, lado))
    out = io.BytesIO()
    _on_white(image).save(out, "JPEG", quality=85)
    return list(out.getvalue())


def dibujo(contenido: bytes, lado: int = 800) -> list[int]:
    """A logo, an emblem or a signature, with its transparency, as PNG; empty when it cannot be read."""
    return list(png(contenido, lado) or b"")


def png(contenido: bytes, lado: int) -> bytes | None:
    """The same as bytes, for what is kept; None when it cannot be read."""
    image = _read(contenido)
    if image is None:
        return None
    image = image.convert("RGBA")
    image.thumbnail((lado, lado))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")
