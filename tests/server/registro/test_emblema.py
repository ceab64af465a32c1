"""The emblem: what is taken becomes a small PNG of its own, what is not is named."""

from __future__ import annotations

import io
import os
import random
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from server.errors import DatoInvalido
from server.registro import emblema

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(picture: Image.Image, **how: object) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG", **how)
    return made.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large, and inflates without end."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    assert len(data) <= emblema.KEPT_BYTES
    found = Image.open(io.BytesIO(data))
    assert found.format == "PNG"
    assert max(found.size) <= emblema.SIDE
    return found


def refusal(data: bytes) -> str:
    with pytest.raises(DatoInvalido) as refused:
        emblema.read(data)
    assert refused.value.texto.endswith(".")
    return refused.value.codigo


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "1", "I;16"])
def test_every_kind_of_png(mode: str) -> None:
    found = opened(emblema.read(png(Image.new(mode, (900, 300)))))
    assert found.size == (512, 171)


def test_transparency_is_kept_also_that_of_a_palette() -> None:
    clear = Image.new("RGBA", (64, 64), (200, 30, 30, 0))
    clear.paste((10, 20, 200, 255), (16, 16, 48, 48))
    for data in (png(clear), png(clear.quantize(8)), png(Image.new("P", (64, 64)), transparency=0)):
        found = opened(emblema.read(data)).convert("RGBA")
        assert found.getpixel((0, 0))[3] == 0  # type: ignore[index]


def test_nothing_but_the_picture_stays() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Nombre Apellido")
    data = png(Image.new("RGB", (10, 10)), pnginfo=notes, icc_profile=b"x" * 500, dpi=(300, 300))
    kept = emblema.read(data + b"<?php echo 1 ?>")
    assert b"Apellido" not in kept
    assert b"php" not in kept
    assert not opened(kept).info


def test_a_picture_that_does_not_compress_is_made_smaller() -> None:
    noise = Image.frombytes("RGBA", (350, 350), random.Random(1).randbytes(350 * 350 * 4))
    data = png(noise)
    assert 2 * emblema.KEPT_BYTES < len(data) < emblema.MAX_BYTES
    assert opened(emblema.read(data)).width > 100


def test_500_kb_and_one_byte_more() -> None:
    data = png(Image.new("RGB", (40, 40)))
    assert emblema.read(data + bytes(emblema.MAX_BYTES - len(data)))
    assert refusal(data + bytes(emblema.MAX_BYTES + 1 - len(data))) == "emblema_grande"
    assert refusal(data + bytes(501 * 1024)) == "emblema_grande"


def test_bombs_are_refused_before_they_are_decoded() -> None:
    assert refusal(claims(50_000, 50_000)) == "emblema_dimensiones"
    assert refusal(claims(10_000, 10_000)) == "emblema_dimensiones"
    assert refusal(claims(4097, 10)) == "emblema_dimensiones"
    twice = claims(10, 10).replace(b"IEND", chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))[4:])
    assert refusal(twice) in ("emblema_dimensiones", "emblema_danado")
    assert refusal(claims(2**31 - 1, 1)) == "emblema_dimensiones"
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000)))
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    bomb = SIGNATURE + chunk(b"IHDR", header) + text + chunk(b"IDAT", zlib.compress(bytes(4))) + chunk(b"IEND", b"")
    assert refusal(bomb) == "emblema_danado"


def test_other_kinds_of_files_are_refused() -> None:
    picture = Image.new("RGB", (50, 50), "red")
    for kind in ("JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        made = io.BytesIO()
        (picture.convert("CMYK") if kind == "JPEG" else picture).save(made, kind)
        assert refusal(made.getvalue()) == "emblema_no_png"
    assert refusal(b"") == "emblema_no_png"
    assert refusal(b"<svg/>") == "emblema_no_png"
    jpeg = io.BytesIO()
    picture.save(jpeg, "JPEG")
    assert refusal(SIGNATURE + jpeg.getvalue()) == "emblema_danado"


def test_torn_files_are_refused() -> None:
    whole = png(Image.frombytes("RGB", (80, 80), os.urandom(80 * 80 * 3)))
    assert refusal(whole[: len(whole) // 2]) == "emblema_danado"
    assert refusal(whole[:8]) == "emblema_danado"


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for candidate in (data, SIGNATURE + data):
        try:
            opened(emblema.read(candidate))
        except DatoInvalido as refused:
            assert refused.codigo.startswith("emblema_")  # noqa: PT017
