"""The acta of a hearing: a tagged PDF/UA with every registro, whatever was typed, at any length."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pypdf
import pytest

from server.documentos import acta_audiencia
from server.documentos.acta_audiencia import Acta, Dia, Renglon
from tests.server.documentos.ejemplos import HOSTILES, INSTITUCION, leer

DIA = Dia("22/11/2026 10:00", "22/11/2026 12:00", "Sala de sesiones", "Lic. Oralia Campos", "Aspirante\nAbogada", "")
RENGLON = Renglon("000001-000002-0000003-000004-5", "45", "Inconsistente, inciso e) Fotocopia: A color", "Válido", True)
ACTA = Acta(
    institucion=INSTITUCION, numero="7", folio="000123", aspirante="Itzel Ñáñez Güemes", periodo="Local · Gubernatura",
    solicitada="20/11/2026 09:00", emitida="22/11/2026 12:00",
    argumentos=("Son originales.", "De 2 registros: firma así."), dias=(DIA,),
    revisores=(("Rosa Martínez", "Técnica"),), totales=(("Impugnados", 1), ("Cambiaron a válido", 1)),
    renglones=(RENGLON,), borrador=False,
)  # fmt: skip


def flat(pdf: bytes) -> str:
    return re.sub(r"\s+", "", leer(pdf).texto)


def test_it_says_who_when_where_and_what() -> None:
    made = acta_audiencia.pdf(ACTA)
    read = leer(made)
    assert (read.ua, read.idioma, read.marcado, read.acciones) == (True, "es-MX", True, False)
    assert read.titulo == "Acta de la garantía de audiencia 7"
    for said in ("Itzel Ñáñez Güemes", "Sala de sesiones", "Lic. Oralia Campos", "Aspirante · Abogada", "Rosa Martínez",
                 "Son originales.", "De 2 registros: firma así.",
                 RENGLON.folio, RENGLON.antes, "22/11/2026 10:00"):  # fmt: skip
        assert re.sub(r"\s+", "", said) in flat(made), said
    assert "BORRADOR" not in read.texto
    assert "BORRADOR" in leer(acta_audiencia.pdf(replace(ACTA, borrador=True))).texto


def test_the_head_of_the_table_is_on_every_page_and_no_registro_is_left_out() -> None:
    rows = [replace(RENGLON, folio=f"000001-000002-0000003-{n:06d}-5") for n in range(300)]
    reader = pypdf.PdfReader(io.BytesIO(acta_audiencia.pdf(replace(ACTA, renglones=rows))))
    pages = [page.extract_text() for page in reader.pages]
    whole = re.sub(r"\s+", "", "".join(pages))
    assert len(pages) > 5
    assert [row.folio for row in rows if row.folio not in whole] == []
    assert all("Dictamen anterior" in page for page in pages[1:-1])


def test_one_whose_registros_a_restore_took_out_ends_with_an_acta_too() -> None:
    made = acta_audiencia.pdf(replace(ACTA, renglones=[], totales=(("Impugnados", 0),), revisores=()))
    assert leer(made).ua
    assert "Impugnados0" in flat(made)


def test_the_same_values_make_the_same_bytes() -> None:
    assert acta_audiencia.pdf(ACTA) == acta_audiencia.pdf(ACTA)


@pytest.mark.parametrize("typed", HOSTILES)
def test_what_was_typed_is_text(typed: str) -> None:
    day = replace(DIA, lugar=typed, oficialia=typed, asistentes=typed, suspendida_por=typed)
    row = replace(RENGLON, antes=typed, despues=typed)
    made = acta_audiencia.pdf(
        replace(
            ACTA, aspirante=typed, argumentos=(typed,), dias=(day, DIA), revisores=((typed, typed),), renglones=(row,)
        )
    )
    assert leer(made).ua
    assert not leer(made).acciones
