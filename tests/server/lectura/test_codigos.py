"""Codes read again from photos of every model, tilted, soft, dark; and from bytes that are nothing of the kind (F1)."""

from __future__ import annotations

import io
import random
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from device_sim.synthetic import cards
from device_sim.synthetic.people import MODELOS, Modelo
from server.lectura import codigos, cpv, huellas, imagenes
from server.lectura.leer import leer_imagenes
from tests.server.lectura.tarjetas import anverso, persona, reverso


def expected(modelo: Modelo) -> dict[str, str | None]:
    """What the codes of that model say."""
    p = persona(modelo)
    if modelo == "C":
        return {"cic": None, "ocr": p.ocr, "emision": p.emision, "clave_elector": p.clave_elector, "curp": p.curp}
    said: dict[str, str | None] = {"cic": p.cic, "ocr": None, "emision": None, "clave_elector": None, "curp": None}
    return said | ({"ocr": p.ocr, "emision": p.emision} if modelo in "GH" else {})


def read(modelo: Modelo, jpeg: bytes) -> dict[str, str | None]:
    lectura = leer_imagenes({"reverso": jpeg})
    return {campo: getattr(lectura, campo) for campo in cpv.CAMPOS}


@pytest.mark.parametrize("modelo", MODELOS)
@pytest.mark.parametrize(
    "defects", [{}, {"tilt": 11.0}, {"tilt": -17.0}, {"tilt": 90.0}, {"blur": 0.1, "tilt": 5.0}, {"dark": 0.85}]
)
def test_what_a_card_says_is_read(modelo: Modelo, defects: dict[str, float]) -> None:
    assert read(modelo, reverso(modelo, **defects)) == expected(modelo)


def test_the_dense_ones_are_kept_as_bytes() -> None:
    found, none = codigos.leer({"reverso": reverso("G"), "anverso": anverso("G")})
    assert not none
    assert {one.datos for one in found if one.simbologia == "QRCode"} == {
        cards.public_qr(persona("G")).encode(), *cards.dense_qr_payloads(persona("G")),
    }  # fmt: skip
    assert {one.lado for one in found} == {"reverso"}


def test_sides_taken_in_the_wrong_order_are_read_all_the_same() -> None:
    lectura = leer_imagenes({"anverso": reverso("C", tilt=9.0), "reverso": anverso("C")})
    assert {one.lado for one in lectura.codigos} == {"anverso"}
    assert lectura.clave_elector == persona("C").clave_elector


@pytest.mark.skipif(codigos._ZBAR is None, reason="no libzbar on this machine")
def test_a_second_reader_finds_what_the_first_does_not() -> None:
    soft = reverso("F", blur=0.14)
    one, both = codigos.leer({"reverso": soft}, zbar=False)[0], codigos.leer({"reverso": soft})[0]
    assert set(map(bytes, (c.datos for c in one))) <= {c.datos for c in both}
    assert persona("F").cic.encode() in {c.datos for c in both}


def test_without_the_second_reader_all_models_are_read() -> None:
    for modelo in MODELOS:
        found = cpv.interpretar(codigos.leer({"reverso": reverso(modelo, tilt=7.0)}, zbar=False)[0])
        assert {campo: found.primero(campo) for campo in cpv.CAMPOS} == expected(modelo)


@pytest.mark.parametrize("degrees", [-40.0, -12.5, -3.0, 0.0, 6.0, 25.0, 44.0])
def test_the_tilt_of_a_card_is_seen(degrees: float) -> None:
    seen = imagenes.grises(reverso("E", tilt=degrees))
    assert seen is not None
    assert abs(codigos.inclinacion(seen) - degrees) < 2.5


def _png(width: int, height: int) -> bytes:
    """A PNG that says it is this large and is a few bytes: the bomb of the trade."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(min(height, 100) * (min(width, 10_000) + 1)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


HOSTILE = {
    "empty": b"",
    "text": b"una nota",
    "larger than any photo": _png(20_000, 20_000),
    "gif": _saved(Image.new("L", (30, 30)), "GIF"),
    "tiff": _saved(Image.new("L", (30, 30)), "TIFF"),
}


@pytest.mark.parametrize("datos", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_image_is_named_and_nothing_more(datos: bytes) -> None:
    lectura = leer_imagenes({"anverso": datos, "reverso": datos, "foto": datos, "firma": datos})
    assert lectura.ilegibles == ("anverso", "reverso", "foto", "firma")
    assert (lectura.codigos, lectura.huellas, lectura.cic) == ((), {}, None)


def test_the_largest_that_is_opened_is_made_small_first() -> None:
    side = int(imagenes.MAX_PUNTOS**0.5)
    seen = imagenes.grises(_png(side, side))
    assert seen is not None
    assert seen.size == (imagenes.LADO_CODIGOS, imagenes.LADO_CODIGOS)
    assert imagenes.grises(_png(side + 1, side + 1)) is None


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (1, 1)), Image.new("RGB", (1, 900), "red"), Image.new("RGBA", (40, 40), (0, 0, 0, 0)),
        Image.new("I;16", (50, 50), 40_000), Image.new("1", (64, 64)), Image.new("P", (2, 2)),
        Image.effect_noise((700, 500), 90),
    ],
    ids=lambda picture: f"{picture.mode} {picture.size}",
)  # fmt: skip
def test_odd_pictures_have_a_hash_and_no_codes(picture: Image.Image) -> None:
    lectura = leer_imagenes({"reverso": _saved(picture), "foto": _saved(picture)})
    assert lectura.ilegibles == ()
    assert lectura.codigos == ()
    assert {tipo: len(one) for tipo, one in lectura.huellas.items()} == {
        "reverso": huellas.LARGO, "foto": huellas.LARGO,
    }  # fmt: skip


@given(st.data())
@settings(max_examples=25)
def test_damaged_files_never_raise(data: st.DataObject) -> None:
    whole = bytearray(reverso("C"))
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=30)):
        whole[at] = value
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    picture = imagenes.grises(cut, 300)
    assert picture is None or max(picture.size) <= 300
    leer_imagenes({"firma": cut, "foto": cut[: 2 * len(cut) // 3]})


@given(st.binary(max_size=200))
def test_bytes_never_raise(datos: bytes) -> None:
    leer_imagenes({"anverso": datos, "reverso": b"\x89PNG\r\n\x1a\n" + datos, "foto": b"\xff\xd8\xff" + datos})


def test_a_wall_of_codes_is_not_kept_whole() -> None:
    import zxingcpp

    wall = Image.new("L", (1500, 1500), 255)
    for n in range(36):
        code = zxingcpp.create_barcode(f"código {n}", zxingcpp.BarcodeFormat.QRCode).to_image(scale=5)
        wall.paste(Image.fromarray(code), (250 * (n % 6), 250 * (n // 6)))
    found, _ = codigos.leer({"reverso": _saved(wall)})
    assert len(found) == codigos.MAX_CODIGOS
    assert cpv.interpretar(found).valores == ()


def test_a_photo_that_is_turned_by_its_own_word_stands_upright() -> None:
    with Image.open(io.BytesIO(reverso("D"))) as opened:
        exif = opened.getexif()
        exif[0x0112] = 6
        out = io.BytesIO()
        opened.save(out, "JPEG", exif=exif)
        size = opened.size
    seen = imagenes.grises(out.getvalue())
    assert seen is not None
    assert seen.size == size[::-1]


def test_near_pictures_have_near_hashes_and_other_people_others() -> None:
    from device_sim.synthetic.camera import photograph_person

    una, otra = (photograph_person(persona(modelo), random.Random(1)) for modelo in ("C", "H"))
    with Image.open(io.BytesIO(una)) as opened:
        small = opened.convert("RGB").resize((450, 600))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=45)
    made = [huellas.de_imagenes({"foto": one})[0]["foto"] for one in (una, out.getvalue(), otra)]
    assert huellas.distancia(made[0], made[1]) <= huellas.SEGURA["foto"]
    assert huellas.distancia(made[0], made[2]) > huellas.MAXIMA["foto"]


def test_the_library_still_makes_the_hashes_that_are_kept() -> None:
    """When this fails, the library's hashes changed: raise huellas.VERSION, for those that are kept compare no more."""
    gradient = Image.merge("RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L")])
    assert huellas.huella(gradient).hex() == "010001000b15ab15ff0a011e011f01bf55000102090a0b2affd4c3601180014055"
