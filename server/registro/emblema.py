"""The emblem of an aspirante (P6.1E): a PNG up to 500 KB, made anew: of the file only the picture stays."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image, UnidentifiedImageError

from server.errors import DatoInvalido

MAX_BYTES: Final = 500 * 1024
MAX_SIDE: Final = 4096
"""Of the file. 500 KB can say an image of gigabytes: sides are looked at before anything is decoded."""
SIDE: Final = 512
"""Of what is kept, at most: a phone shows it in a corner."""
KEPT_BYTES: Final = 200 * 1024
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


def check_size(size: int) -> None:
    """Whether a file of so many bytes may be an emblem; raises `DatoInvalido`."""
    if size > MAX_BYTES:
        raise DatoInvalido(
            "emblema_grande", f"El emblema pesa {size / 1024:,.0f} KB; el máximo es de 500 KB. Guárdelo más pequeño."
        )


def read(data: bytes) -> bytes:
    """The emblem in `data` as a small PNG of its own, transparency kept; raises `DatoInvalido`."""
    check_size(len(data))
    if not data.startswith(_SIGNATURE):
        raise DatoInvalido("emblema_no_png", "El emblema debe ser un archivo PNG. Guárdelo en ese formato.")
    picture = _decoded(data)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return _encoded(picture)


def _decoded(data: bytes) -> Image.Image:
    # Before Pillow looks at it: of a very large one it would warn, or raise, by numbers of its own.
    if data[12:16] != b"IHDR" or len(data) < 24:
        raise _torn()
    if max(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) > MAX_SIDE:
        raise _too_wide()
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as file:
            if max(file.size) > MAX_SIDE:
                raise _too_wide()
            clear = "transparency" in file.info or file.mode in ("LA", "PA", "RGBA")
            return file.convert("RGBA" if clear else "RGB")
    except Image.DecompressionBombError as error:
        raise _too_wide() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        # What Pillow raises on a torn or hostile file is any of these.
        raise _torn() from error


def _torn() -> DatoInvalido:
    return DatoInvalido("emblema_danado", "El archivo del emblema está dañado: no se pudo abrir.")


def _too_wide() -> DatoInvalido:
    return DatoInvalido("emblema_dimensiones", f"El emblema mide más de {MAX_SIDE:,} puntos por lado. Redúzcalo.")


def _encoded(picture: Image.Image) -> bytes:
    """PNG of at most KEPT_BYTES: as it is, then with 256 colours, then smaller."""
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)  # texts, profiles and dates of the file stay behind
    found = _png(clean)
    while len(found) > KEPT_BYTES:
        method = Image.Quantize.FASTOCTREE if clean.mode == "RGBA" else Image.Quantize.MEDIANCUT
        found = _png(clean.quantize(256, method=method))
        clean.thumbnail((clean.width * 3 // 4, clean.height * 3 // 4), Image.Resampling.LANCZOS)
    return found


def _png(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()
