"""What every padrón must answer, asked of both: a version on this box, an institute's service over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.apoyo import MotivoBaja, Situacion
from server.padron.proveedor import SILENCIO, Pregunta, Respuesta
from tests.contracts.padrones import CORTE, GENTE, RIGS, Rig

pytestmark = pytest.mark.socket


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with RIGS[request.param](tmp_path) as made:
        yield made


def ask(rig: Rig, *people: Pregunta) -> list[Respuesta]:
    async def asking() -> list[Respuesta]:
        try:
            return await rig.proveedor.preguntar(people)
        finally:
            await rig.proveedor.cerrar()  # type: ignore[attr-defined]

    return asyncio.run(asking())


def test_each_person_has_an_answer_in_the_order_of_the_questions(rig: Rig) -> None:
    wanted = [2, 0, 1, 0]
    found = ask(rig, *(Pregunta(GENTE[n]["clave_elector"]) for n in wanted))
    assert [one.situacion for one in found] == [Situacion(GENTE[n]["situacion"]) for n in wanted]
    assert [one.seccion for one in found] == ["0001", "0240", "0369", "0240"]
    assert {one.corte for one in found} == {CORTE}
    assert {one.version for one in found} == {rig.version}


def test_an_answer_has_home_name_and_motive(rig: Rig) -> None:
    listed, gone, _ = ask(rig, *(Pregunta(one["clave_elector"]) for one in GENTE))
    assert (listed.entidad, listed.municipio, listed.seccion) == ("32", "ZACATECAS", "0240")
    assert (listed.nombre, listed.apellido_paterno, listed.apellido_materno) == ("ITZEL", "PEÑALOZA", "DOMÍNGUEZ")
    assert listed.motivo is None
    assert gone.motivo is MotivoBaja.DEFUNCION


@pytest.mark.parametrize(
    "person",
    [
        Pregunta("", cic="111111111"), Pregunta("", ocr="0240111111111"),
        Pregunta("XXXXXX90090532M999", cic="111111111"), Pregunta("", cic="999999999", ocr="0240111111111"),
    ],
)  # fmt: skip
def test_cic_and_ocr_are_the_second_way(rig: Rig, person: Pregunta) -> None:
    assert ask(rig, person)[0].nombre == "ITZEL"


def test_who_is_not_there_is_not_found(rig: Rig) -> None:
    (found,) = ask(rig, Pregunta("XXXXXX90090532M999", cic="999999999", ocr="9999999999999"))
    assert (found.situacion, found.corte, found.version) == (Situacion.NO_ENCONTRADO, CORTE, rig.version)
    assert (found.nombre, found.seccion) == ("", "")


def test_nobody_is_found_by_nothing(rig: Rig) -> None:
    """The third person has neither CIC nor OCR: a question without them must not lead there."""
    assert ask(rig, Pregunta("")) == [SILENCIO]
    assert ask(rig) == []


def test_more_than_one_batch(rig: Rig) -> None:
    people = [Pregunta(GENTE[n % 3]["clave_elector"]) for n in range(731)]
    assert [one.nombre for one in ask(rig, *people)] == [GENTE[n % 3]["nombre"] for n in range(731)]


def test_its_silence_is_an_answer_for_each(rig: Rig) -> None:
    rig.quitar()
    assert ask(rig, *(Pregunta(one["clave_elector"]) for one in GENTE)) == [SILENCIO] * 3
