"""The drawn cards: nothing overlaps or leaves the card, and each model carries the codes that are its own."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
import zxingcpp
from PIL import ImageChops

from device_sim.synthetic import artwork, cards, lettering
from device_sim.synthetic.card_layouts import BACKS, FRONTS, Box
from device_sim.synthetic.people import MODELOS, Modelo, Persona, persona_at, with_modelo

LONG = {
    "nombre": "MARÍA DE LOS ÁNGELES GUADALUPE DEL SAGRADO CORAZÓN",
    "apellido_paterno": "MONTES DE OCA Y FERNÁNDEZ DE CÓRDOBA",
    "apellido_materno": "ORDÓÑEZ DE LA FUENTE Y ARGÜELLES",
    "municipio": "DOLORES HIDALGO CUNA DE LA INDEPENDENCIA NACIONAL",
}


@pytest.fixture(scope="module")
def persona() -> Persona:
    return persona_at(11, 1000, "20", 4)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _front_boxes(modelo: Modelo) -> Iterator[tuple[str, Box]]:
    front = FRONTS[modelo]
    yield "photo", front.photo
    yield "signature", front.signature
    if front.ghost:
        yield "ghost", front.ghost
    yield "legend", (480, front.legend_y - 8, 1120, front.legend_y + 50)
    for field in front.fields:
        label = round(lettering.text_width(field.label, 22)) if field.label else 0
        top = field.y if field.label else field.y + 28
        yield field.datum, (field.x, top, field.x + max(field.width, label), field.y + 28 + field.size)


def _back_boxes(modelo: Modelo) -> Iterator[tuple[str, Box]]:
    back = BACKS[modelo]
    yield "fingerprint", back.fingerprint
    yield "signature", back.signature
    yield "legend", (back.legend[0] - 310, back.legend[1] - 8, back.legend[0] + 310, back.legend[1] + 50)
    for index, (kind, box) in enumerate(back.qrs):
        yield f"{kind}{index}", box
    if back.pdf417:
        yield "pdf417", back.pdf417
    if back.code128:
        left, top, right, bottom = back.code128
        yield "code128", (left, top, right, bottom + 58)
    if back.mrz_y:
        yield "mrz", (0, back.mrz_y - 36, artwork.CARD_SIZE[0], back.mrz_y + 2 * 80 + 60)
    if back.votes:
        yield "votes", back.votes
    if back.ocr_x:
        yield "ocr", (back.ocr_x, 100, back.ocr_x + 72, 900)


@pytest.mark.parametrize("modelo", MODELOS)
@pytest.mark.parametrize("boxes", [_front_boxes, _back_boxes])
def test_layouts_do_not_overlap_nor_leave_the_card(modelo: Modelo, boxes: object) -> None:
    assert callable(boxes)
    placed: list[tuple[str, Box]] = list(boxes(modelo))
    for name, (left, top, right, bottom) in placed:
        assert 0 <= left < right <= artwork.CARD_SIZE[0], name
        assert 0 <= top < bottom <= artwork.CARD_SIZE[1], name
    clashes = [(a, b) for (a, box_a), (b, box_b) in combinations(placed, 2) if _overlap(box_a, box_b)]
    assert clashes == []


@pytest.mark.parametrize("modelo", MODELOS)
def test_each_model_carries_its_codes(persona: Persona, modelo: Modelo) -> None:
    holder = with_modelo(persona, modelo)
    read = {(b.format, bytes(b.bytes)) for b in zxingcpp.read_barcodes(cards.draw_reverso(holder))}
    formats = zxingcpp.BarcodeFormat
    expected = {(formats.QRCode, payload) for payload in cards.dense_qr_payloads(holder)}
    if modelo == "C":
        expected = {(formats.PDF417, cards.pdf417_text(holder).encode())}
    else:
        assert expected
        expected.add((formats.Code128, holder.cic.encode()))
    if modelo in ("G", "H"):
        expected.add((formats.QRCode, cards.public_qr(holder).encode()))
    assert read == expected
    assert zxingcpp.read_barcodes(cards.draw_anverso(holder)) == []


def test_no_qr_on_a_model_c(persona: Persona) -> None:
    assert BACKS["C"].qrs == ()
    assert persona.ocr in cards.pdf417_text(persona)


@pytest.mark.parametrize("modelo", ["C", "G"])
def test_long_names_fit(persona: Persona, modelo: Modelo) -> None:
    holder = replace(with_modelo(persona, modelo), **LONG)
    assert cards.draw_anverso(holder).size == artwork.CARD_SIZE
    back = cards.draw_reverso(holder)
    assert len(zxingcpp.read_barcodes(back)) == (1 if modelo == "C" else 4)
    for field in FRONTS[modelo].fields:
        size = lettering.fit_size(LONG.get(field.datum, "0"), field.size, field.width)
        assert lettering.text_width(LONG.get(field.datum, "0"), size) <= field.width


def test_a_card_is_a_function_of_its_holder(persona: Persona) -> None:
    assert cards.draw_anverso(persona).tobytes() == cards.draw_anverso(persona).tobytes()
    assert cards.draw_reverso(persona).tobytes() == cards.draw_reverso(persona).tobytes()


def test_models_differ(persona: Persona) -> None:
    drawn = [cards.draw_anverso(with_modelo(persona, modelo)) for modelo in MODELOS]
    for one, other in combinations(drawn, 2):
        assert ImageChops.difference(one, other).getbbox() is not None


def test_marks_are_drawn_over_the_letters_that_have_them() -> None:
    style = lettering.Style(40, 255)
    for marked, plain in (("Á", "A"), ("Ñ", "N"), ("Ü", "U")):
        with_mark, without = (lettering.vertical_text(text, style, 44) for text in (marked, plain))
        box, plain_box = with_mark.getbbox(), without.getbbox()
        assert box is not None
        assert plain_box is not None
        # Turned by ninety degrees, what stands above the letter is on its left.
        assert box[0] < plain_box[0]
