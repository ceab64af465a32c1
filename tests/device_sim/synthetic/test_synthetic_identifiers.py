"""The identifiers verify, follow the published examples, and their check digits catch what they can catch."""

from datetime import date
from string import ascii_uppercase, digits

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from device_sim.synthetic import identifiers as ids
from device_sim.synthetic.identifiers import Filiacion

DOCUMENTED = Filiacion("CONCEPCIÓN", "SALGADO", "BRISEÑO", date(1956, 6, 26), "M", "09")

NAMES = st.text(alphabet="ABCDEÉGIJLMNÑOÓRSTUÜVX '", min_size=1, max_size=24).filter(lambda t: t.strip(" '") != "")
FILIACIONES = st.builds(
    Filiacion,
    nombre=NAMES,
    apellido_paterno=NAMES,
    apellido_materno=st.one_of(st.just(""), NAMES),
    fecha_nacimiento=st.dates(date(1920, 1, 1), date(2006, 12, 31)),
    sexo=st.sampled_from(("H", "M")),
    entidad_nacimiento=st.integers(1, 32).map("{:02d}".format),
)


def _named(nombre: str, paterno: str, materno: str) -> Filiacion:
    return Filiacion(nombre, paterno, materno, date(1980, 1, 2), "H", "01")


def test_curp_of_the_documented_example() -> None:
    assert ids.curp(DOCUMENTED, 0) == "SABC560626MDFLRN01"
    assert ids.is_curp("SABC560626MDFLRN01")
    assert not ids.is_curp("SABC560626MDFLRN02")


@pytest.mark.parametrize(
    ("nombre", "paterno", "materno", "head", "consonants"),
    [
        ("LUIS", "PÉREZ", "GÓMEZ", "PEGL", "RMS"),
        ("MARÍA DEL CARMEN", "PÉREZ", "GÓMEZ", "PEGC", "RMR"),  # María yields, the particle is skipped
        ("JOSÉ", "PÉREZ", "GÓMEZ", "PEGJ", "RMS"),  # José alone stays
        ("JOSÉ MARÍA", "PÉREZ", "GÓMEZ", "PEGM", "RMR"),
        ("MARÍA DE LA LUZ", "PÉREZ", "GÓMEZ", "PEGL", "RMZ"),
        ("ANA", "DE LA CRUZ", "DEL RÍO", "CURA", "RXN"),  # particles of surnames; RÍO has no inner consonant
        ("ANA", "CRUZ", "", "CUXA", "RXN"),  # a single surname
        ("ÍÑIGO", "ÑECO", "MUÑOZ", "XEMI", "CXX"),  # the Ñ is X, within a name and at its head
        ("ANA", "ARGÜELLES", "ORTIZ", "AUOA", "RRN"),  # the diaeresis is a plain U
        ("ANA", "EK", "UC", "EXUA", "KCN"),  # no inner vowel
        ("ANA", "O'FARRILL", "PAZ", "OXPA", "FZN"),  # a sign that is no letter stands for the vowel
        ("OSCAR", "CAMPOS", "CRUZ", "CXCO", "MRS"),  # CACO would be read aloud
        ("PABLO", "MEJÍA", "ALONSO", "MEAP", "JLB"),
    ],
)
def test_curp_letters(nombre: str, paterno: str, materno: str, head: str, consonants: str) -> None:
    curp = ids.curp(_named(nombre, paterno, materno), 3)
    assert (curp[:4], curp[13:16]) == (head, consonants)
    assert ids.is_curp(curp)


def test_curp_says_the_century() -> None:
    assert ids.curp(DOCUMENTED, 4)[16] == "4"
    young = Filiacion("ANA", "PAZ", "LUNA", date(2004, 2, 29), "M", "20")
    assert ids.curp(young, 4)[16] == "E"
    with pytest.raises(ValueError, match="homoclave"):
        ids.curp(DOCUMENTED, 10)


def test_clave_elector_structure() -> None:
    assert ids.clave_elector(DOCUMENTED, 100) == "SLBRCN56062609M100"
    with pytest.raises(ValueError, match="homoclave"):
        ids.clave_elector(DOCUMENTED, 1000)


@pytest.mark.parametrize(
    "wrong",
    ["SLBRCN56132609M100", "SLBRCN56062633M100", "SLBRCN56062600M100", "SLBRCN56062609X100", "SLBRC756062609M100", ""],
)
def test_wrong_claves(wrong: str) -> None:
    assert not ids.is_clave_elector(wrong)


@given(FILIACIONES, st.integers(0, 999))
def test_curp_and_clave_of_anyone_verify_and_agree(filiacion: Filiacion, homoclave: int) -> None:
    clave, curp = ids.clave_elector(filiacion, homoclave), ids.curp(filiacion, homoclave % 10)
    assert ids.is_clave_elector(clave)
    assert ids.is_curp(curp)
    # What the operator compares (inciso n): initials, inner consonants, date, sex, entidad.
    assert (clave[0], clave[2], clave[4]) == (curp[0], curp[2], curp[3])
    assert clave[1] + clave[3] + clave[5] == curp[13:16]
    assert clave[6:12] == curp[4:10]
    assert clave[14] == curp[10]
    assert ids.ENTIDADES_CURP[int(clave[12:14]) - 1] == curp[11:13]


@given(FILIACIONES, st.integers(0, 15), st.sampled_from(digits + ascii_uppercase))
def test_curp_check_digit_catches_what_its_weights_can(filiacion: Filiacion, at: int, other: str) -> None:
    curp = ids.curp(filiacion, 1)
    assume(other != curp[at])
    changed = curp[:at] + other + curp[at + 1 :]
    values = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    moved = (values.index(other) - values.index(curp[at])) * (18 - at)
    # A sum modulo ten cannot see a change that moves it by a multiple of ten; it must see every other.
    assert (ids.curp_check_digit(changed[:17]) == curp[17]) == (moved % 10 == 0)


def test_mrz_check_digits_of_the_icao_specimen() -> None:
    specimen = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert ids.mrz_check_digit("D23145890") == "7"
    assert ids.mrz_verifies(specimen)
    assert not ids.mrz_verifies((specimen[0], specimen[1][:29] + "7", specimen[2]))
    assert not ids.mrz_verifies((specimen[0], specimen[1][:28], specimen[2]))


@given(FILIACIONES, st.from_regex(r"[0-9]{9}", fullmatch=True), st.from_regex(r"[0-9]{13}", fullmatch=True))
def test_mrz_is_three_lines_of_thirty_that_verify(filiacion: Filiacion, cic: str, ocr: str) -> None:
    lines = ids.mrz_td1(filiacion, cic=cic, ocr=ocr, emision="01", vigencia="2031")
    assert [len(line) for line in lines] == [30, 30, 30]
    assert set("".join(lines)) <= set(ascii_uppercase + digits + "<")
    assert lines[0] == f"IDMEX{cic}{ids.mrz_check_digit(cic)}<<{ocr}"
    assert ids.mrz_verifies(lines)


@given(st.from_regex(r"[0-9]{9}", fullmatch=True), st.integers(0, 8), st.sampled_from(digits))
def test_mrz_check_digit_catches_any_wrong_digit(cic: str, at: int, other: str) -> None:
    assume(other != cic[at])
    assert ids.mrz_check_digit(cic[:at] + other + cic[at + 1 :]) != ids.mrz_check_digit(cic)


def test_mrz_writes_names_in_plain_letters() -> None:
    who = Filiacion("MARÍA DE LOS ÁNGELES", "MUÑOZ", "O'FARRILL", date(1990, 5, 6), "M", "09")
    _, _, names = ids.mrz_td1(who, cic="000000001", ocr="0001000000001", emision="00", vigencia="2030")
    assert names == "MUNOZ<OFARRILL<<MARIA<DE<LOS<A"


def test_public_qr_url_keeps_leading_zeros() -> None:
    url = ids.public_qr_url(
        ocr="0001000000007", emision="00", cic="000000009", fecha=date(2021, 5, 13), letra="B", serie="000123"
    )
    assert url == "http://qr.ine.mx/000100000000700000000009/20210513/B/000123"
    with pytest.raises(ValueError, match="public QR"):
        ids.public_qr_url(ocr="1", emision="00", cic="000000009", fecha=date(2021, 5, 13), letra="B", serie="000123")


def test_ocr_is_seccion_and_identificador() -> None:
    assert ids.ocr_number("0042", "000000007") == "0042000000007"
    with pytest.raises(ValueError, match="OCR"):
        ids.ocr_number("42", "000000007")
