"""The phone reads the codes back from its own JPEG, in ordinary and in poor light, and never fails on
rubbish (F1)."""

import io
import random
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from device_sim.synthetic import cards
from device_sim.synthetic.camera import REVERSO_BYTES, Defects, capture_expediente, photograph_card
from device_sim.synthetic.codes import CodigoLeido, LecturaCPV, interpret, read_codes
from device_sim.synthetic.people import MODELOS, Modelo, Persona, persona_at, with_modelo


@pytest.fixture(scope="module")
def holders() -> dict[Modelo, Persona]:
    """One person for each model; the identifiers begin with zeros, which is where they get lost."""
    holders: dict[Modelo, Persona] = {}
    for index, modelo in enumerate(MODELOS):
        p = with_modelo(persona_at(41, 900, "21", index), modelo)
        holders[modelo] = replace(p, cic=f"00{p.cic[2:]}", seccion="0007", ocr="0007" + p.identificador_ciudadano)
    return holders


@pytest.fixture(scope="module")
def reversos(holders: dict[Modelo, Persona]) -> dict[Modelo, Image.Image]:
    return {modelo: cards.draw_reverso(persona) for modelo, persona in holders.items()}


def _expected(persona: Persona) -> dict[str, str | None]:
    match persona.modelo:
        case "C":
            return {"cic": None, "ocr": persona.ocr, "emision": persona.emision, "clave_elector": persona.clave_elector}
        case "D" | "E" | "F":
            return {"cic": persona.cic, "ocr": None}
        case "G" | "H":
            return {"cic": persona.cic, "ocr": persona.ocr, "emision": persona.emision}


def _agrees(reading: LecturaCPV, persona: Persona) -> bool:
    right = all(getattr(reading, name) == value for name, value in _expected(persona).items())
    return right and persona.modelo in reading.modelo_probable and not reading.discrepancias


@pytest.mark.parametrize("modelo", MODELOS)
def test_all_codes_of_an_ordinary_capture_are_read(holders: dict[Modelo, Persona], modelo: Modelo) -> None:
    persona = holders[modelo]
    expediente = capture_expediente(persona, 7)
    read = read_codes(expediente.anverso, expediente.reverso)
    reading = interpret(read)
    assert _agrees(reading, persona), reading
    assert reading.tiene_qr == (modelo != "C")
    assert {c.lado for c in read} == {"reverso"}
    qrs = {c.datos for c in read if c.simbologia == "QRCode"}
    assert set(cards.dense_qr_payloads(persona)) <= qrs
    # The photos in the wrong order give the same reading, each code with the side on which it was found.
    swapped = read_codes(expediente.reverso, expediente.anverso)
    assert {c.lado for c in swapped} == {"anverso"}
    assert interpret(swapped) == reading


@pytest.mark.parametrize(
    "defects",
    [Defects(tilt_degrees=3.0), Defects(tilt_degrees=-3.0), Defects(dark=0.6), Defects(tilt_degrees=7.0, dark=0.3)],
    ids=["tilt", "tilt back", "dark", "tilted and dusky"],
)
def test_most_cards_are_read_when_tilted_or_dark(
    holders: dict[Modelo, Persona], reversos: dict[Modelo, Image.Image], defects: Defects
) -> None:
    read = 0
    for modelo, persona in holders.items():
        reverso = photograph_card(reversos[modelo], random.Random(5), defects, REVERSO_BYTES)
        read += _agrees(interpret(read_codes(b"", reverso)), persona)
    assert read >= len(holders) - 1


@pytest.mark.parametrize("modelo", ["C", "G"])
def test_a_heavy_blur_gives_nothing(holders: dict[Modelo, Persona], modelo: Modelo) -> None:
    card = cards.draw_reverso(holders[modelo])
    reverso = photograph_card(card, random.Random(5), Defects(blur=1.0), REVERSO_BYTES)
    assert read_codes(reverso, reverso) == ()
    assert interpret(()) == LecturaCPV()


@settings(max_examples=50)
@given(st.binary(max_size=400), st.binary(max_size=400))
@example(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", b"\x89PNG\r\n\x1a\n")
def test_rubbish_gives_nothing(anverso: bytes, reverso: bytes) -> None:
    assert read_codes(anverso, reverso) == ()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("size", [(1, 1), (1, 400), (3, 2)])
def test_pictures_without_a_card_give_nothing(mode: str, size: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, "PNG")
    assert read_codes(buffer.getvalue(), buffer.getvalue()) == ()


def test_a_jpeg_cut_short_or_damaged_gives_no_exception(holders: dict[Modelo, Persona]) -> None:
    jpeg = photograph_card(cards.draw_reverso(holders["E"]), random.Random(1), wanted=REVERSO_BYTES)
    damaged = bytearray(jpeg)
    for at in range(700, len(damaged), 900):
        damaged[at] ^= 0x55
    assert read_codes(jpeg[:5000], bytes(damaged)) is not None


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            CodigoLeido,
            lado=st.sampled_from(("anverso", "reverso")),
            simbologia=st.sampled_from(("QRCode", "PDF417", "Code128")),
            datos=st.one_of(
                st.binary(max_size=80),
                st.from_regex(rb"http://qr\.ine\.mx/[0-9]{20,26}/[0-9]{8}/[A-Z]/[0-9]{6}", fullmatch=True),
            ),
        ),
        max_size=5,
    )
)
def test_any_codes_can_be_interpreted(codigos: list[CodigoLeido]) -> None:
    reading = interpret(codigos)
    assert reading.cic is None or (len(reading.cic) == 9 and reading.cic.isdigit())
    assert reading.ocr is None or len(reading.ocr) in (12, 13)


def _qr(datos: bytes) -> CodigoLeido:
    return CodigoLeido("reverso", "QRCode", datos)


URL = b"http://qr.ine.mx/000700000000301000000042/20210513/B/000123"


@pytest.mark.parametrize(
    ("codigos", "expected"),
    [
        (
            [_qr(URL)],
            LecturaCPV("000000042", "0007000000003", "01", modelo_probable=("G", "H"), tiene_qr=True),
        ),
        (
            [CodigoLeido("reverso", "Code128", b"000000042")],
            LecturaCPV("000000042", modelo_probable=("D", "E", "F", "G", "H")),
        ),
        (
            [CodigoLeido("reverso", "Code128", b"000000042"), _qr(b"\x00\x01\x02")],
            LecturaCPV("000000042", modelo_probable=("D", "E", "F"), tiene_qr=True),
        ),
        (
            [CodigoLeido("reverso", "PDF417", b"IFE|SLBRCN56062609M100|0007000000003|01|SALGADO")],
            LecturaCPV(ocr="0007000000003", emision="01", clave_elector="SLBRCN56062609M100", modelo_probable=("C",)),
        ),
        # An OCR of twelve digits, and no clave.
        ([CodigoLeido("reverso", "PDF417", b"000700000003")], LecturaCPV(ocr="000700000003", modelo_probable=("C",))),
        # Codes of something else on the table.
        ([CodigoLeido("anverso", "Code128", b"7501055300075")], LecturaCPV()),
        ([_qr(b"https://example.org/")], LecturaCPV()),
        ([CodigoLeido("reverso", "PDF417", b"PASE DE ABORDAR")], LecturaCPV()),
    ],
)
def test_what_codes_say(codigos: list[CodigoLeido], expected: LecturaCPV) -> None:
    assert interpret(codigos) == expected


def test_codes_of_two_cards_are_told() -> None:
    reading = interpret([_qr(URL), CodigoLeido("reverso", "Code128", b"000000043")])
    assert reading.cic == "000000042"
    assert reading.discrepancias == ("cic",)
