"""The phone's codes and data against ours: a flag for each disagreement, none for agreement, text as text (F1)."""

from __future__ import annotations

import pytest

from server.domain.banderas import Bandera, Codigo
from server.lectura import comparar as module
from server.lectura.comparar import comparar
from server.lectura.modelo import CodigoLeido, Lectura
from sync_protocol.registro import IMAGENES, Apoyo, Imagen
from sync_protocol.registro import Codigo as Enviado

OCR, CIC = "0007123456789", "001234567"
URL = f"http://qr.ine.mx/{OCR}01{CIC}/20200131/A/123456".encode()
BARRAS, DENSO, OTRO, TERCERO = CIC.encode(), b"\xff" * 200, b"\xfe" * 200, b"\xfd" * 200
PDF = f"IFE|SBLSMR56062609M100|SABC560626MDFLRN01|{OCR}|02".encode()


def simbologia(code: bytes) -> str:
    """As a reader would name it."""
    if code.startswith((b"http", b"\xff", b"\xfe", b"\xfd")):
        return "QRCode"
    return "PDF417" if code.startswith(b"IFE") else "Code128"


def contenido(*codes: bytes, **data: str | None) -> Apoyo:
    values: dict[str, str | None] = {"cic": CIC, "ocr": OCR, "clave_elector": None, "curp": None, **data}
    return Apoyo(
        folio="F", capturado_ms=1, desfase_ms=0, modelo="G", ubicacion=None, es_original=True, nombre="N",
        apellido_paterno="P", apellido_materno="M",
        codigos=tuple(Enviado("reverso", simbologia(one), one) for one in codes),
        imagenes=tuple(Imagen.of(tipo, "image/jpeg", b"x") for tipo in IMAGENES), **values,
    )  # fmt: skip


def lectura(*codes: bytes, ilegibles: tuple[str, ...] = ()) -> Lectura:
    return Lectura(
        codigos=tuple(CodigoLeido("reverso", simbologia(one), one, "zxing") for one in codes),
        ilegibles=ilegibles,
    )


D, T, S, X = (
    Codigo.CODIGO_DIFIERE, Codigo.CODIGO_SOLO_TELEFONO, Codigo.CODIGO_SOLO_SERVIDOR, Codigo.DATO_DIFIERE,
)  # fmt: skip
NADA = Codigo.CODIGOS_NO_LEIDOS


@pytest.mark.parametrize(
    ("phone", "server", "flags"),
    [
        ((URL, BARRAS, DENSO), (URL, BARRAS, DENSO), []),
        ((BARRAS, URL), (URL, BARRAS), []),
        ((URL.replace(b"http", b"https"),), (URL,), []),
        ((DENSO,), (OTRO,), []),  # two are on the card, each reader found one of them
        ((DENSO, TERCERO), (DENSO, OTRO), [(D, "qr_denso")]),
        ((URL,), (URL, BARRAS, DENSO), [(S, "qr_denso"), (S, "codigo_barras")]),
        ((URL, BARRAS), (URL,), [(T, "codigo_barras")]),
        ((b"001234568",), (BARRAS,), [(D, "codigo_barras")]),
        ((PDF,), (PDF.replace(b"|02", b"|03"),), [(D, "pdf417")]),
        ((URL,), (), [(NADA, ""), (T, "qr_publico")]),
        ((), (), [(NADA, "")]),
        ((b"de una caja de cereal",), (BARRAS, b"otra cosa"), [(S, "codigo_barras")]),
    ],
)
def test_codes(phone: tuple[bytes, ...], server: tuple[bytes, ...], flags: list[tuple[Codigo, str]]) -> None:
    data = {"clave_elector": "SBLSMR56062609M100", "curp": "SABC560626MDFLRN01"} if PDF in phone else {}
    assert comparar(contenido(*phone, **data), lectura(*server)) == tuple(Bandera(*one) for one in flags)


@pytest.mark.parametrize(
    ("data", "flags"),
    [
        ({}, []),
        ({"cic": None, "ocr": None}, []),
        ({"cic": "1234567"}, ["cic"]),  # the zeros count
        ({"ocr": "7123456789"}, ["ocr"]),
        ({"cic": "001 234 567", "ocr": "0007-123456789"}, []),
        ({"cic": "001234568", "ocr": "0007123456780"}, ["cic", "ocr"]),
    ],
)
def test_data(data: dict[str, str | None], flags: list[str]) -> None:
    found = comparar(contenido(URL, BARRAS, **data), lectura(URL, BARRAS))
    assert found == tuple(Bandera(X, campo) for campo in flags)


def test_a_pdf417_is_compared_with_what_the_auxiliar_read_from_the_card() -> None:
    mine = contenido(PDF, cic=None, clave_elector="SBLSMR56062609M100", curp="SABC560626MDFLRN19")
    assert comparar(mine, lectura(PDF)) == (Bandera(X, "curp"),)


def test_codes_of_two_cards_in_one_photo_contradict_what_was_captured() -> None:
    found = comparar(contenido(BARRAS), lectura(BARRAS, b"999999999"))
    assert Bandera(X, "cic") in found


def test_images_that_are_none_are_named_in_order() -> None:
    found = comparar(contenido(), lectura(ilegibles=("firma", "anverso")))
    assert found == (
        Bandera(Codigo.IMAGEN_ILEGIBLE, "anverso"), Bandera(Codigo.IMAGEN_ILEGIBLE, "firma"), Bandera(NADA),
    )  # fmt: skip


def test_every_flag_is_one_of_those_that_are_said_here_and_reads_as_a_sentence() -> None:
    found = comparar(contenido(URL, PDF, cic="9"), lectura(BARRAS, DENSO, ilegibles=("foto",)))
    assert {one.codigo for one in found} <= module.CODIGOS
    assert all(one.texto.endswith(".") and "_" not in one.texto for one in found)
