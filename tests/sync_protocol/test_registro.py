"""The content of a sobre: there and back, and every bound that is too large for a vector (SPEC §3.4)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import registro
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.registro import IMAGENES, MAX_IMAGE, Apoyo, Codigo, Imagen
from sync_protocol.sobre import Tipo
from tests.sync_protocol import material
from tests.sync_protocol.material import FOLIO

ZERO = Folio(123, 45, 7, 0)

names = st.text(max_size=120)
identifiers = st.none() | st.text(min_size=1, max_size=32)
codes = st.builds(Codigo, st.sampled_from(["anverso", "reverso"]), st.text(max_size=32), st.binary(max_size=200))


@given(
    names, identifiers, st.lists(codes, max_size=16), st.none() | st.integers(-(2**53), 2**53), st.integers(0, 2**53)
)
def test_an_apoyo_there_and_back(
    name: str, identifier: str | None, found: list[Codigo], desfase: int | None, at: int
) -> None:
    record = msgspec.structs.replace(
        material.apoyo(), nombre=name, cic=identifier, codigos=tuple(found), desfase_ms=desfase, capturado_ms=at
    )
    again = registro.decode(registro.encode(record), tipo=Tipo.APOYO, folio=FOLIO)
    assert again == record
    assert isinstance(again, Apoyo)


def test_testigos_there_and_back() -> None:
    record = material.testigos(ZERO)
    again = registro.decode(registro.encode(record), tipo=Tipo.TESTIGOS, folio=ZERO)
    assert again == record
    assert isinstance(again, registro.Testigos)


def refused(content: dict[str, Any], code: str = "contenido_invalido") -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        registro.decode(msgspec.msgpack.encode(content), tipo=Tipo.APOYO, folio=FOLIO)
    assert caught.value.code == code
    return caught.value.detail


def content(**other: Any) -> dict[str, Any]:
    return {**msgspec.to_builtins(material.apoyo(), builtin_types=(bytes,)), **other}


def test_an_image_of_four_mebibytes_is_taken_and_one_byte_more_is_not() -> None:
    largest = Imagen.of("anverso", "image/jpeg", bytes(MAX_IMAGE))
    record = msgspec.structs.replace(material.apoyo(), imagenes=(largest, *material.images()[1:]))
    assert registro.decode(registro.encode(record), tipo=Tipo.APOYO, folio=FOLIO) == record
    with pytest.raises(msgspec.ValidationError):
        Imagen.of("anverso", "image/jpeg", bytes(MAX_IMAGE + 1))
    images = content()["imagenes"]
    images[0]["datos"] = bytes(MAX_IMAGE + 1)
    refused(content(imagenes=images))


def test_a_code_of_4096_bytes_is_taken_and_one_byte_more_is_not() -> None:
    for size, taken in ((4096, True), (4097, False)):
        given_ = content(codigos=[{"lado": "reverso", "simbologia": "PDF417", "datos": bytes(size)}])
        if taken:
            registro.decode(msgspec.msgpack.encode(given_), tipo=Tipo.APOYO, folio=FOLIO)
        else:
            refused(given_)


@pytest.mark.parametrize("altered", IMAGENES)
def test_the_altered_image_is_named(altered: str) -> None:
    images = content()["imagenes"]
    next(image for image in images if image["tipo"] == altered)["datos"] += b"x"
    assert refused(content(imagenes=images), "imagen_alterada") == altered


def test_two_images_exchanged_are_altered() -> None:
    images = content()["imagenes"]
    images[0]["datos"], images[1]["datos"] = images[1]["datos"], images[0]["datos"]
    refused(content(imagenes=images), "imagen_alterada")


@pytest.mark.parametrize("value", [2**53 + 1, 2**63, 2**64 - 1, -(2**53) - 1, -(2**63)])
def test_no_number_that_an_index_cannot_hold(value: int) -> None:
    refused(content(desfase_ms=value))
    refused(content(capturado_ms=value))


def test_errors_say_nothing_of_the_person() -> None:
    try:
        registro.decode(registro.encode(material.apoyo()) + b"\0", tipo=Tipo.APOYO, folio=FOLIO)
    except RemoteProtocolError as error:
        said = str(error)
    assert said == "contenido_invalido"
    assert refused(content(nombre=5)) == ""


def test_what_is_worth_is_not_judged_here() -> None:
    record = msgspec.structs.replace(material.apoyo(), cic="?", curp="NO SE LEE", clave_elector="x" * 32)
    assert registro.decode(registro.encode(record), tipo=Tipo.APOYO, folio=FOLIO) == record


def test_the_folio_outside_is_another_solicitud_or_auxiliar() -> None:
    for other in (Folio(124, 45, 7, 1), Folio(123, 46, 7, 1)):
        with pytest.raises(RemoteProtocolError, match="contenido_ajeno"):
            registro.decode(registro.encode(material.apoyo()), tipo=Tipo.APOYO, folio=other)
