"""What codes say: only what could exist is taken, by its shape and never by the model (F1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.lectura import cpv
from server.lectura.cpv import Clase
from server.lectura.modelo import CodigoLeido

OCR, CIC = "0007123456789", "001234567"
URL = f"http://qr.ine.mx/{OCR}01{CIC}/20200131/A/123456"
CLAVE, CURP = "SBLSMR56062609M100", "SABC560626MDFLRN01"
PUBLICO = (("ocr", OCR), ("emision", "01"), ("cic", CIC))


@pytest.mark.parametrize(
    ("simbologia", "datos", "clase", "said"),
    [
        ("QRCode", URL, Clase.QR_PUBLICO, PUBLICO),
        ("QRCode", URL.replace("http://", "HTTPS://WWW."), Clase.QR_PUBLICO, PUBLICO),
        ("QRCode", f"qr.ine.mx/{OCR}01{CIC}", Clase.QR_PUBLICO, PUBLICO),
        ("QRCode", URL.replace("ine", "lne"), Clase.AJENO, ()),
        ("QRCode", f"http://qr.ine.mx/{OCR}01{CIC}9", Clase.AJENO, ()),
        ("QRCode", f"http://malo.mx/?http://qr.ine.mx/{OCR}01{CIC}", Clase.AJENO, ()),
        ("QRCode", "hola", Clase.AJENO, ()),
        ("QRCode", "\u00ff" * 20, Clase.QR_DENSO, ()),
        ("QRCode", "A" * 300, Clase.QR_DENSO, ()),
        ("Code128", CIC, Clase.CODIGO_BARRAS, (("cic", CIC),)),
        ("Code128", CIC + cpv.digito_de_control(CIC), Clase.CODIGO_BARRAS, (("cic", CIC),)),
        ("Code128", CIC + str((int(cpv.digito_de_control(CIC)) + 1) % 10), Clase.AJENO, ()),
        ("Code128", "12345678", Clase.AJENO, ()),
        ("Code128", "٠٠١٢٣٤٥٦٧", Clase.AJENO, ()),
        (
            "PDF417", f"IFE|{CLAVE}|{CURP}|{OCR}|02|SANTOS", Clase.PDF417,
            (("ocr", OCR), ("emision", "02"), ("clave_elector", CLAVE), ("curp", CURP)),
        ),
        ("PDF417", f"{OCR}", Clase.PDF417, (("ocr", OCR),)),
        ("PDF417", f"{CURP[:-1]}9 0000123456789 {CLAVE[:12]}99{CLAVE[14:]}", Clase.AJENO, ()),
        ("PDF417", f"X{CLAVE}X", Clase.AJENO, ()),
        ("EAN13", CIC, Clase.AJENO, ()),
    ],
)  # fmt: skip
def test_each_code_for_what_it_is(simbologia: str, datos: str, clase: Clase, said: tuple[tuple[str, str], ...]) -> None:
    raw = datos.encode("latin-1") if datos.isascii() or max(datos) <= "\u00ff" else datos.encode()
    assert cpv.clasificar(simbologia, raw) == (clase, said)


@given(st.sampled_from(["QRCode", "PDF417", "Code128", "otra"]), st.binary(max_size=300))
def test_any_bytes_are_some_kind(simbologia: str, datos: bytes) -> None:
    clase, said = cpv.clasificar(simbologia, datos)
    assert clase in Clase
    assert all(campo in cpv.CAMPOS for campo, _ in said)


def test_codes_that_contradict_each_other_are_all_heard() -> None:
    found = cpv.interpretar(
        [CodigoLeido("reverso", "Code128", b"001234567", "zxing"), CodigoLeido("reverso", "QRCode", URL.encode(), "z"),
         CodigoLeido("reverso", "Code128", b"999999999", "zbar")]
    )  # fmt: skip
    assert found.de("cic") == (CIC, "999999999")
    assert found.primero("cic") == CIC
    assert found.primero("curp") is None


def test_the_check_digit_is_the_one_of_the_standard() -> None:
    assert cpv.digito_de_control("520727") == "3"  # ICAO 9303-3, appendix A
    assert cpv.digito_de_control("740812") == "2"
