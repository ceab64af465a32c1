"""A padrón of synthetic people: the same for the same seed, unique where it must be, plausible, and a
stream."""

import csv
import io
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_sim.synthetic import identifiers, people
from device_sim.synthetic.people import (
    CORTE,
    MAX_PADRON,
    MODELOS,
    MOTIVOS_BAJA,
    PADRON_CSV_HEADER,
    Persona,
    generate_padron,
    persona_at,
    situacion_of,
    with_modelo,
    write_padron_csv,
)
from device_sim.synthetic.territorio import ENTIDADES


@pytest.fixture(scope="module")
def padron() -> list[Persona]:
    return list(generate_padron(2024, 20_000, "20"))


@pytest.mark.parametrize("name", ["clave_elector", "cic", "ocr", "identificador_ciudadano", "curp"])
def test_identifiers_are_unique(padron: list[Persona], name: str) -> None:
    assert len({getattr(p, name) for p in padron}) == len(padron)


def test_identifiers_verify_and_belong_together(padron: list[Persona]) -> None:
    for p in padron[::7]:
        assert identifiers.is_clave_elector(p.clave_elector)
        assert identifiers.is_curp(p.curp)
        assert p.ocr == p.seccion + p.identificador_ciudadano
        assert len(p.cic) == 9
        assert p.clave_elector[6:12] == f"{p.fecha_nacimiento:%y%m%d}"
        assert p.clave_elector[14] == p.sexo
        assert p.filiacion.entidad_nacimiento == p.clave_elector[12:14]


def test_everyone_is_of_age_and_holds_a_card_of_their_years(padron: list[Persona]) -> None:
    for p in padron[::7]:
        came_of_age = p.fecha_nacimiento.year + 18
        assert date(came_of_age, 1, 1) <= CORTE
        assert came_of_age <= int(p.anio_emision) <= CORTE.year
        assert max(1991, came_of_age) <= int(p.anio_registro) <= int(p.anio_emision)
        assert p.emision in {"00", "01", "02", "03"}


def test_names_carry_what_systems_trip_over(padron: list[Persona]) -> None:
    surnames = {p.apellido_paterno for p in padron}
    assert any("Ñ" in s for s in surnames)
    assert {"DE LA CRUZ", "O'FARRILL"} <= surnames
    assert any("Ü" in s for s in surnames)
    assert "MARÍA DEL CARMEN" in {p.nombre for p in padron}
    assert any(p.apellido_materno == "" for p in padron)


def test_secciones_are_skewed_and_within_the_entidad(padron: list[Persona]) -> None:
    per_seccion = Counter(p.seccion for p in padron)
    assert all(1 <= int(s) <= ENTIDADES["20"].secciones for s in per_seccion)
    crowded = sum(count for _, count in per_seccion.most_common(len(per_seccion) // 10))
    assert crowded > len(padron) * 0.2
    assert {p.municipio for p in padron} == set(ENTIDADES["20"].municipios)
    # A sección lies in one municipio.
    assert len({(p.seccion, p.municipio) for p in padron}) == len(per_seccion)


def test_both_sexes_and_all_models(padron: list[Persona]) -> None:
    by_sex = Counter(p.sexo for p in padron)
    assert abs(by_sex["H"] - by_sex["M"]) < len(padron) * 0.05
    assert {p.modelo for p in padron} == set(MODELOS)


def test_same_seed_same_people_and_another_seed_others() -> None:
    first = list(generate_padron(5, 50, "09"))
    assert first == list(generate_padron(5, 50, "09"))
    assert not {p.clave_elector for p in first} & {p.clave_elector for p in generate_padron(6, 50, "09")}


@settings(max_examples=40)
@given(st.integers(0, 2**40), st.integers(1, 3000), st.sampled_from(sorted(ENTIDADES)), st.data())
def test_a_person_is_found_without_walking_through_the_padron(
    seed: int, size: int, entidad: str, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, min(size - 1, 20)))
    (walked,) = islice(generate_padron(seed, size, entidad), index, index + 1)
    assert persona_at(seed, size, entidad, index) == walked


def test_a_padron_of_millions_is_a_stream() -> None:
    few = list(islice(generate_padron(1, MAX_PADRON, "15"), 200))
    assert len({p.clave_elector for p in few}) == 200
    assert persona_at(1, MAX_PADRON, "15", MAX_PADRON - 1).entidad == "15"


def test_crowded_birthdays_still_tell_people_apart() -> None:
    # Consecutive places in the order of birth of the largest padrón: some 1,800 people to a day.
    step = people._coprime_step(MAX_PADRON)
    places = range(5_000_000, 5_006_000)
    births = [people._birth(0, MAX_PADRON, place * pow(step, -1, MAX_PADRON) % MAX_PADRON, CORTE) for place in places]
    assert len(set(births)) == len(births)
    days = [born for born, _, _ in births]
    assert days == sorted(days, reverse=True)
    assert 3 <= len(set(days)) <= 6


def test_padrones_of_one_seed_share_no_cic_nor_ocr() -> None:
    everyone = [p for entidad in ENTIDADES for p in generate_padron(8, 40, entidad)]
    assert len({p.cic for p in everyone}) == len(everyone)
    assert len({p.identificador_ciudadano for p in everyone}) == len(everyone)


@pytest.mark.parametrize(("size", "entidad", "index"), [(10, "33", 0), (10, "1", 0), (10, "01", 10), (0, "01", 0)])
def test_what_is_not_a_padron(size: int, entidad: str, index: int) -> None:
    with pytest.raises(ValueError, match=r"entidad|padrón"):
        persona_at(1, size, entidad, index)


def test_with_modelo_keeps_the_person(padron: list[Persona]) -> None:
    for modelo in MODELOS:
        changed = with_modelo(padron[0], modelo)
        assert (changed.modelo, changed.cic, changed.curp) == (modelo, padron[0].cic, padron[0].curp)
        assert int(changed.anio_emision) >= padron[0].fecha_nacimiento.year + 18


def test_situaciones(padron: list[Persona]) -> None:
    found = [situacion_of(p) for p in padron]
    shares = Counter(s.situacion for s in found)
    assert shares["LISTA_NOMINAL"] > len(padron) * 0.9
    assert shares["PADRON"] > 0
    assert {s.motivo_baja for s in found if s.situacion == "BAJA"} == set(MOTIVOS_BAJA)
    assert {s.motivo_baja for s in found if s.situacion != "BAJA"} == {""}


def test_csv_is_utf8_and_comes_back(tmp_path: Path, padron: list[Persona]) -> None:
    target = tmp_path / "padron.csv"
    assert write_padron_csv(target, padron[:500]) == 500
    memory = io.StringIO()
    write_padron_csv(memory, padron[:500])
    assert target.read_bytes() == memory.getvalue().encode("utf-8")
    rows = list(csv.DictReader(io.StringIO(memory.getvalue())))
    assert tuple(rows[0]) == PADRON_CSV_HEADER
    for row, p in zip(rows, padron, strict=False):
        assert (row["nombre"], row["ocr"], row["cic"], row["seccion"]) == (p.nombre, p.ocr, p.cic, p.seccion)
        assert row["fecha_nacimiento"] == p.fecha_nacimiento.isoformat()
