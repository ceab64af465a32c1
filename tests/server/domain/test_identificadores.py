"""Clave de elector, CURP, CIC, OCR and sección: what is taken, what is refused and with which code."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.synthetic.people import Persona
from server.domain import clave_elector, cpv, curp, entidades
from server.errors import DatoInvalido
from tests.server.domain.personas import personas

CLAVE = "GMVLMR80070501M100"


def refusal(parse: object, text: str) -> str:
    with pytest.raises(DatoInvalido) as refused:
        parse(text)  # type: ignore[operator]
    assert refused.value.texto.endswith(".")
    assert refused.value.texto[0].isupper()
    return refused.value.codigo


@given(personas())
def test_what_a_card_has_is_taken_and_read(persona: Persona) -> None:
    clave = clave_elector.parse(persona.clave_elector)
    assert (clave.texto, clave.entidad, clave.sexo) == (
        persona.clave_elector,
        persona.filiacion.entidad_nacimiento,
        persona.sexo,
    )
    assert clave.born_on(persona.fecha_nacimiento)
    found = curp.parse(persona.curp)
    assert (found.texto, found.nacimiento, found.sexo) == (persona.curp, persona.fecha_nacimiento, persona.sexo)
    assert found.entidad == persona.filiacion.entidad_nacimiento
    assert cpv.parse(persona.cic) == cpv.Cic(persona.cic)
    assert cpv.parse(persona.ocr) == cpv.Ocr(persona.ocr)
    assert cpv.parse_ocr(persona.ocr).seccion == persona.seccion
    assert cpv.parse_ocr(persona.ocr).identificador == persona.identificador_ciudadano


@given(personas(), st.data())
def test_as_people_copy_them(persona: Persona, data: st.DataObject) -> None:
    where = data.draw(st.lists(st.integers(0, 18), max_size=5))
    text = persona.clave_elector.lower()
    for place in sorted(where, reverse=True):
        text = text[:place] + data.draw(st.sampled_from([" ", "-", "\u00a0", "\t", "–", "\ufeff"])) + text[place:]
    assert clave_elector.parse(text).texto == persona.clave_elector
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in persona.curp)
    assert curp.parse(full_width).texto == persona.curp


@given(personas(), st.data())
def test_one_wrong_character_of_a_curp_is_seen(persona: Persona, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 17))
    other = data.draw(
        st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda c: c != persona.curp[place])
    )
    wrong = persona.curp[:place] + other + persona.curp[place + 1 :]
    try:
        found = curp.parse(wrong)
    except DatoInvalido:
        return
    # The sum is modulo ten with weights that are not all prime to it: what it lets pass is what it cannot see.
    assert place < 17
    assert curp.check_digit(wrong) == wrong[17] == persona.curp[17]
    assert found.texto == wrong


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (clave_elector.parse, curp.parse, cpv.parse, cpv.parse_cic, cpv.parse_ocr, cpv.parse_seccion):
        with contextlib.suppress(DatoInvalido):
            parse(text)


@pytest.mark.parametrize(
    ("text", "codigo"),
    [
        ("", "clave_elector_longitud"),
        (CLAVE[:-1], "clave_elector_longitud"),
        (CLAVE + "0", "clave_elector_longitud"),
        ("GMVLM180070501M100", "clave_elector_forma"),
        ("GMVLMR8O070501M100", "clave_elector_forma"),
        ("GMÑLMR80070501M100", "clave_elector_forma"),
        ("GMVLMR80130501M100", "clave_elector_fecha"),
        ("GMVLMR81022901M100", "clave_elector_fecha"),
        ("GMVLMR80070500M100", "clave_elector_entidad"),
        ("GMVLMR80070534M100", "clave_elector_entidad"),
        ("GMVLMR80070501F100", "clave_elector_sexo"),
    ],
)
def test_claves_that_cannot_be(text: str, codigo: str) -> None:
    assert refusal(clave_elector.parse, text) == codigo


@pytest.mark.parametrize("entidad", ["01", "32", "33", "87", "88"])
def test_entidades_of_a_clave(entidad: str) -> None:
    assert clave_elector.parse(f"GMVLMR800705{entidad}M100").entidad == entidad


def test_the_29th_of_february_of_either_century() -> None:
    assert clave_elector.parse("GMVLMR00022901M100").born_on(date(2000, 2, 29))


def test_a_curp_documented_by_its_authority() -> None:
    """SABC560626MDFLRN01 is the example of the Instructivo; NE is birth abroad, a letter is the new century."""
    found = curp.parse("sabc560626mdflrn01")
    assert (found.nacimiento, found.sexo, found.entidad) == (date(1956, 6, 26), "M", "09")
    assert (found.iniciales, found.consonantes) == ("SBC", "LRN")
    body = "SABC060626XNELRNA"
    abroad = curp.parse(body + curp.check_digit(body))
    assert (abroad.nacimiento, abroad.entidad, abroad.sexo) == (date(2006, 6, 26), "", "X")


@pytest.mark.parametrize(
    ("text", "codigo"),
    [
        ("SABC560626MDFLRN0", "curp_longitud"),
        ("5ABC560626MDFLRN01", "curp_forma"),
        ("SABC560626FDFLRN01", "curp_sexo"),
        ("SABC560626MXXLRN01", "curp_entidad"),
        ("SABC561326MDFLRN01", "curp_fecha"),
        ("SABC000229MDFLRN01", "curp_fecha"),  # 1900 had no such day
        ("SABC560626MDFLRN02", "curp_digito"),
        ("SABC560627MDFLRN01", "curp_digito"),
    ],
)
def test_curps_that_cannot_be(text: str, codigo: str) -> None:
    assert refusal(curp.parse, text) == codigo


@pytest.mark.parametrize(
    ("text", "codigo"),
    [
        ("12345678", "cic_ocr_longitud"),
        ("1234567890", "cic_longitud"),
        ("12345678901", "cic_ocr_longitud"),
        ("00001234567890"[:13], "ocr_seccion"),
        ("12345678O", "cic_ocr_forma"),
        ("", "cic_ocr_forma"),
        ("١٢٣٤٥٦٧٨٩", "cic_ocr_forma"),
    ],
)
def test_cic_and_ocr_that_cannot_be(text: str, codigo: str) -> None:
    assert refusal(cpv.parse, text) == codigo


def test_zeros_stay() -> None:
    assert cpv.parse("000 000 001") == cpv.Cic("000000001")
    assert cpv.parse("0007-00000001") == cpv.Ocr("000700000001")
    assert cpv.parse_seccion(" 7 ") == "0007"
    assert refusal(cpv.parse_seccion, "0") == "seccion_forma"
    assert refusal(cpv.parse_seccion, "12345") == "seccion_forma"


def test_the_32_entidades() -> None:
    assert len(entidades.NOMBRES) == len(entidades.POR_CURP) == 32
    assert entidades.parse(" 9") == "09"
    assert entidades.nombre("09") == "Ciudad de México"
    assert refusal(entidades.parse, "33") == "entidad_desconocida"
    assert refusal(entidades.parse, "") == "entidad_desconocida"
