"""A signed document as people upload it: a PDF or a photograph, judged by its bytes and never by its name (row A1)."""

from __future__ import annotations

import io
import unicodedata
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from server.errors import DatoInvalido

MAXIMO = 2 * 1024 * 1024
_LADO = 3_000
_PIXELES = 60_000_000


@dataclass(frozen=True, slots=True)
class Firmado:
    """A document that may be kept. `medio`: application/pdf, image/jpeg; text/plain for a note of the console."""

    nombre: str
    medio: str
    contenido: bytes


def read(nombre: str, raw: bytes) -> Firmado:
    """Judge what was uploaded. Raises DatoInvalido. Slow for photographs: in a thread.

    A photograph is drawn anew: what else its file held, where it was taken included, is not kept. A PDF is kept as it
    is, and only ever given back as a download.
    """
    if not raw:
        raise DatoInvalido("archivo_vacio", "Elija el archivo de su declaración firmada.")
    if len(raw) > MAXIMO:
        raise DatoInvalido(
            "archivo_grande",
            f"El archivo pesa {len(raw) / 1024 / 1024:.1f} MB y debe pesar 2 MB o menos. "
            "Escanéelo con menos calidad o tome la foto en blanco y negro.",
        )
    if raw.startswith(b"%PDF-"):
        if b"%%EOF" not in raw[-2048:]:
            raise DatoInvalido(
                "archivo_incompleto", "El PDF llegó incompleto. Ábralo para comprobarlo y súbalo otra vez."
            )
        return Firmado(_name(nombre, "pdf"), "application/pdf", raw)
    if raw.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        return Firmado(_name(nombre, "jpg"), "image/jpeg", _drawn_anew(raw))
    raise DatoInvalido("archivo_formato", "El archivo no es un PDF ni una imagen PNG o JPG. Suba uno de esos tres.")


def on_paper(texto: str) -> Firmado:
    """The note that stands for a document which was received on paper."""
    return Firmado("recibida-en-papel.txt", "text/plain", texto.encode())


def _drawn_anew(raw: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as image:
                if image.width * image.height > _PIXELES:
                    raise DatoInvalido(
                        "imagen_grande", "La imagen tiene demasiados puntos. Tómela con menos resolución."
                    )
                image.draft("RGB", (_LADO, _LADO))
                upright = ImageOps.exif_transpose(image)
                upright.thumbnail((_LADO, _LADO))
                flat = Image.new("RGB", upright.size, "white")
                if upright.has_transparency_data:
                    rgba = upright.convert("RGBA")
                    flat.paste(rgba, mask=rgba)
                else:
                    flat.paste(upright.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise DatoInvalido("imagen_danada", "La imagen está dañada o incompleta. Súbala otra vez.") from error
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _name(nombre: str, extension: str) -> str:
    """The person's own name for it, safe to write into a header: letters, digits, hyphens."""
    stem = unicodedata.normalize("NFKD", nombre.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or nombre)
    stem = "".join(sign for sign in stem if not unicodedata.combining(sign))
    clean = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_") else "-" for sign in stem)
    return f"{clean.strip('-')[:80] or 'declaracion'}.{extension}"
