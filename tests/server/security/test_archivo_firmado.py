"""The signed declaración as it is uploaded (row A1): judged by its bytes; photographs are drawn anew."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from server.errors import DatoInvalido
from server.security import archivo_firmado


def picture(form: str, size: tuple[int, int] = (60, 40), **save: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if form == "PNG" else "RGB", size, (10, 20, 30)).save(out, form, **save)
    return out.getvalue()


def test_a_pdf_is_kept_as_it_is() -> None:
    raw = b"%PDF-1.7\n...\n%%EOF\n"
    kept = archivo_firmado.read("C:\\Mis documentos\\mi declaración.PDF", raw)
    assert kept == archivo_firmado.Firmado("mi-declaracion.pdf", "application/pdf", raw)
    assert archivo_firmado.read('"; rm\r\n.pdf', raw).nombre.isascii()


def test_a_photograph_loses_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010E] = "lugar secreto"
    exif[0x0112] = 6
    raw = picture("JPEG", exif=exif)
    assert b"lugar secreto" in raw
    kept = archivo_firmado.read("foto.pdf", raw)
    assert (kept.medio, kept.nombre) == ("image/jpeg", "foto.jpg"), "named by what it is"
    assert b"lugar secreto" not in kept.contenido
    with Image.open(io.BytesIO(kept.contenido)) as image:
        assert image.size == (40, 60), "upright"


def test_a_png_with_holes_becomes_white_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(archivo_firmado.read("a.png", out.getvalue()).contenido)) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("raw", "codigo"),
    [
        (b"", "archivo_vacio"),
        (b"%PDF-1.7" + bytes(3_000_000), "archivo_grande"),
        (b"%PDF-1.7 cortado", "archivo_incompleto"),
        (b"<html><script>", "archivo_formato"),
        (b"PK\x03\x04", "archivo_formato"),
        (b"\xff\xd8\xffbasura", "imagen_danada"),
        (picture("PNG")[:60], "imagen_danada"),
        (picture("GIF"), "archivo_formato"),
    ],
    ids=["vacio", "grande", "cortado", "html", "zip", "basura", "png", "gif"],
)
def test_refused(raw: bytes, codigo: str) -> None:
    with pytest.raises(DatoInvalido) as refused:
        archivo_firmado.read("declaracion.pdf", raw)
    assert refused.value.codigo == codigo


def test_a_bomb_is_not_unpacked() -> None:
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    with pytest.raises(DatoInvalido) as refused:
        archivo_firmado.read("a.png", out.getvalue())
    assert refused.value.codigo in ("imagen_grande", "imagen_danada")
