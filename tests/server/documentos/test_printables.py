"""Every printable: a valid, tagged PDF/UA in Spanish with its values as text, whatever those values are."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import replace
from typing import Any

import pytest

from server.documentos import cedula_auxiliar, cedula_confirmacion, compilar, declaracion, fura
from server.documentos.compilar import DocumentoError
from server.documentos.fura import Fura
from tests.server.documentos.ejemplos import (
    AUXILIAR,
    CONFIRMACION,
    DECLARACION,
    FURA,
    HOSTILES,
    INSTITUCION,
    TODOS,
    con_texto,
    fuera_del_margen,
    imagen,
    leer,
)


def juntos(texto: str) -> str:
    return re.sub(r"\s+", "", texto)


@pytest.mark.parametrize(("modulo", "documento"), TODOS)
def test_is_a_tagged_pdf_ua_in_spanish_on_one_page(modulo: Any, documento: Any) -> None:
    leido = leer(modulo.pdf(documento))
    assert (leido.paginas, leido.idioma, leido.marcado, leido.ua, leido.acciones) == (1, "es-MX", True, True, False)
    assert leido.titulo


def test_confirmacion_has_every_datum_of_the_aspirante() -> None:
    texto = juntos(leer(cedula_confirmacion.pdf(CONFIRMACION)).texto)
    expected = [
        value for name in CONFIRMACION.__dataclass_fields__ if isinstance(value := getattr(CONFIRMACION, name), str)
    ]
    assert len(expected) > 18
    assert [value for value in (*expected, "9510000000", INSTITUCION_NOMBRE) if juntos(value) not in texto] == []
    assert "Teléfono:móvil" not in texto


INSTITUCION_NOMBRE = CONFIRMACION.institucion.nombre


def test_auxiliar_shows_four_places_and_says_what_did_not_arrive_or_cannot_be_shown() -> None:
    texto = leer(cedula_auxiliar.pdf(AUXILIAR)).texto
    assert texto.count("No llegó.") == 1
    broken = replace(AUXILIAR, foto=(b"\xff\xd8\xff nada", "image/jpeg"), anverso=(b"<svg/>", "image/svg+xml"))
    texto = leer(cedula_auxiliar.pdf(broken)).texto
    assert texto.count("no se puede mostrar") == 2
    assert "a1" * 32 in juntos(texto)


def test_declaracion_and_fura_carry_the_texts_of_the_institute() -> None:
    assert juntos(DECLARACION.institucion.declaracion) in juntos(leer(declaracion.pdf(DECLARACION)).texto)
    texto = juntos(leer(fura.pdf(FURA)).texto)
    assert juntos(FURA.institucion.responsiva) in texto
    labels = ("Nombre(s)", "Apellidopaterno", "Apellidomaterno", "Fechadenacimiento", "Teléfonomóvil",
              "Clavedeelector", "CURP", "Correoelectrónico", "Google", "Facebook", "Referencia")  # fmt: skip
    assert [label for label in labels if label not in texto] == []


@pytest.mark.parametrize("valor", HOSTILES)
@pytest.mark.parametrize(("modulo", "documento"), TODOS[:4])
def test_whatever_is_typed_is_text(modulo: Any, documento: Any, valor: str) -> None:
    leido = leer(modulo.pdf(con_texto(documento, valor)))
    assert leido.ua
    assert not leido.acciones
    shown = juntos(compilar.texto(valor).replace("\u200b", ""))
    assert shown in juntos(leido.texto)


@pytest.mark.parametrize("valor", ["M" * 200, "Maximiliana " * 16, "a" * 180 + "@ejemplo.mx"])
@pytest.mark.parametrize(("modulo", "documento"), TODOS[:4])
def test_nothing_leaves_the_paper_with_the_longest_values(modulo: Any, documento: Any, valor: str) -> None:
    long = con_texto(documento, valor)
    pages = compilar.imagenes(modulo.PLANTILLA, modulo.datos(long), 36)
    assert len(pages) <= 6
    assert [fuera_del_margen(page, 0.07) for page in pages] == [0] * len(pages)
    assert fuera_del_margen(pages[0], 0.5) > 0
    assert juntos(valor) in juntos(leer(modulo.pdf(long)).texto)


def test_every_character_that_is_let_through_has_a_glyph() -> None:
    for first, last in compilar.KNOWN:
        every = " ".join(map(chr, range(first, last + 1)))
        compilar.compilar(fura.PLANTILLA, {**fura.datos(FURA), "periodo": compilar.texto(every)})


def test_what_no_font_shows_becomes_a_square_and_controls_go() -> None:
    assert compilar.texto("a😀漢\u202eb\x07c\r\nd") == "a□□bc\nd"
    assert compilar.texto("n\u0303") == "ñ"
    assert "\u200b" not in compilar.texto("correo.de.treinta@ejemplo.mx")


def test_a_template_that_fails_says_which_without_what_was_in_it() -> None:
    with pytest.raises(DocumentoError) as failed:
        compilar.compilar("fura.typ", {"membrete": {"nombre": "Secreto 漢"}})
    assert "fura.typ" in str(failed.value)
    assert "Secreto" not in str(failed.value)
    values = {**fura.datos(FURA), "periodo": "secreto\u200b漢"}
    with pytest.raises(DocumentoError) as failed:
        compilar.compilar("fura.typ", values)
    assert "漢" not in str(failed.value)


def test_too_much_is_refused_before_it_is_compiled() -> None:
    with pytest.raises(DocumentoError):
        compilar.compilar("fura.typ", {"x": "a" * (compilar.LIMIT_BYTES + 1)})


def test_whoever_waits_too_long_is_told() -> None:
    let_go = threading.Event()

    def slow() -> bytes:
        let_go.wait()
        return b""

    async def story() -> bytes:
        with pytest.raises(DocumentoError):
            await compilar.hacer(slow, 0.01)
        let_go.set()
        return await compilar.hacer(lambda: fura.pdf(FURA))

    assert asyncio.run(story())[:5] == b"%PDF-"


def test_too_many_at_once_are_told_and_the_rest_are_made() -> None:
    hold = threading.Event()

    def slow() -> bytes:
        hold.wait()
        return fura.pdf(FURA)

    async def story() -> list[object]:
        asked = [asyncio.ensure_future(compilar.hacer(slow)) for _ in range(compilar.WAITING + 3)]
        await asyncio.sleep(0)
        hold.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    made = asyncio.run(story())
    refused = [one for one in made if isinstance(one, DocumentoError)]
    assert len(refused) == 3
    assert all(error.pasajero for error in refused)
    assert len([one for one in made if isinstance(one, bytes)]) == compilar.WAITING


def test_whoever_goes_before_their_turn_costs_nothing() -> None:
    hold, made = threading.Event(), []

    async def story() -> None:
        first = asyncio.ensure_future(compilar.hacer(lambda: bytes(not hold.wait())))
        gone = asyncio.ensure_future(compilar.hacer(lambda: bytes(made.append(1) or 0)))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        hold.set()
        await first
        await compilar.hacer(lambda: b"")

    asyncio.run(story())
    assert made == []


def test_threads_take_turns_at_the_compiler() -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(fura.pdf(Fura(INSTITUCION, f"P {n}")))) for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 6


def test_images_are_written_anew_without_what_came_with_them() -> None:
    emblem = imagen() + b"<?php secret ?>"
    assert b"secret" not in cedula_confirmacion.pdf(replace(CONFIRMACION, emblema_png=emblem))
    assert cedula_confirmacion.datos(replace(CONFIRMACION, emblema_png=b"GIF89a"))["emblema"] == []
    assert cedula_confirmacion.datos(replace(CONFIRMACION, emblema_png=None))["emblema"] == []


def test_the_same_values_make_the_same_bytes() -> None:
    assert cedula_confirmacion.pdf(CONFIRMACION) == cedula_confirmacion.pdf(CONFIRMACION)
