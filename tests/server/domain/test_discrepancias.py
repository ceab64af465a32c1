"""Flags where the data of one person disagree, and the day on which somebody is of age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.synthetic.people import Persona
from server.domain import clave_elector, cpv, curp, discrepancias, mayoria
from server.domain.discrepancias import Datos, revisar
from server.errors import DatoInvalido
from tests.server.domain.personas import personas


def datos_of(persona: Persona) -> Datos:
    return Datos(
        nombre=persona.nombre,
        apellido_paterno=persona.apellido_paterno,
        apellido_materno=persona.apellido_materno,
        nacimiento=persona.fecha_nacimiento,
        clave=clave_elector.parse(persona.clave_elector),
        curp=curp.parse(persona.curp),
        ocr=cpv.parse_ocr(persona.ocr),
        seccion=persona.seccion,
        entidad=persona.entidad,
        entidad_periodo=persona.entidad,
    )


def codes(datos: Datos) -> set[str]:
    return {d.codigo for d in revisar(datos)}


@given(personas())
def test_one_persons_own_data_agree(persona: Persona) -> None:
    assert revisar(datos_of(persona)) == ()


@given(personas(), personas())
def test_the_curp_of_another_is_seen(one: Persona, other: Persona) -> None:
    mixed = replace(datos_of(one), curp=curp.parse(other.curp))
    same = (one.fecha_nacimiento, one.curp[:4], one.sexo, one.curp[11:16]) == (
        other.fecha_nacimiento,
        other.curp[:4],
        other.sexo,
        other.curp[11:16],
    )
    assert bool(codes(mixed)) == (not same)
    assert ("clave_curp_sexo" in codes(mixed)) == (one.sexo != other.sexo)


@given(personas(), st.integers(1, 20_000))
def test_another_day_is_seen(persona: Persona, days: int) -> None:
    other = persona.fecha_nacimiento + timedelta(days=days)
    found = codes(replace(datos_of(persona), nacimiento=other))
    assert found == {"clave_nacimiento", "curp_nacimiento"}


def test_each_flag_by_itself() -> None:
    base = datos_of(a_person())
    assert codes(replace(base, seccion="9999")) == {"ocr_seccion"}
    assert codes(replace(base, entidad="01")) == {"entidad_periodo"}
    swapped = replace(base, nombre="Zulema", apellido_paterno="Quiroz", apellido_materno="Wong")
    assert codes(swapped) == {"clave_nombre"}
    assert "apellidos" in revisar(swapped)[0].texto
    assert codes(Datos()) == set()
    # What is missing is not compared, and a name alone says nothing.
    assert codes(Datos(nombre="A", seccion="0001", entidad="09")) == set()


def a_person() -> Persona:
    from device_sim.synthetic.people import persona_at

    return persona_at(7, 1000, "20", 3)


@pytest.mark.parametrize(
    ("nombre", "paterno", "materno", "clave", "agrees"),
    [
        ("María Guadalupe", "De la Cruz", "Ñáñez", "CRXXGD80070501M100", True),
        ("María Guadalupe", "De la Cruz", "Ñáñez", "CRNZGD80070501M100", True),
        ("José", "Ibarra-Ortiz", "", "OTXXJS80070501H100", True),
        ("José", "Ibarra", "", "IBAAJS80070501H100", False),
        ("Úrsula", "Ávila", "D'Ángelo", "AVDNUR80070501M100", True),
    ],
)
def test_initials_of_names(nombre: str, paterno: str, materno: str, clave: str, agrees: bool) -> None:
    datos = Datos(nombre=nombre, apellido_paterno=paterno, apellido_materno=materno, clave=clave_elector.parse(clave))
    assert (codes(datos) == set()) == agrees


def test_birth_abroad_in_both_or_in_one() -> None:
    body = "SABC560626MNELRN0"
    abroad = curp.parse(body + curp.check_digit(body))
    assert codes(Datos(curp=abroad, clave=clave_elector.parse("SLBRCN56062688M100"))) == set()
    assert codes(Datos(curp=abroad, clave=clave_elector.parse("SLBRCN56062609M100"))) == {"clave_curp_entidad"}


@given(st.dates(date(1905, 1, 1), date(2020, 12, 31)))
def test_of_age_from_the_birthday_on(born: date) -> None:
    birthday = (
        date(born.year + 18, 3, 1)
        if (born.month, born.day) == (2, 29) and (born.year + 18) % 4
        else date(born.year + 18, born.month, born.day)
    )
    assert mayoria.is_of_age(born, birthday)
    assert not mayoria.is_of_age(born, birthday - timedelta(days=1))
    assert mayoria.check(born, birthday) == born


@pytest.mark.parametrize(
    ("born", "codigo"),
    [
        (date(2026, 11, 23), "nacimiento_futuro"),
        (date(2008, 11, 23), "menor_de_edad"),
        (date(1890, 1, 1), "nacimiento_imposible"),
    ],
)
def test_dates_of_birth_that_are_refused(born: date, codigo: str) -> None:
    with pytest.raises(DatoInvalido) as refused:
        mayoria.check(born, date(2026, 11, 22))
    assert refused.value.codigo == codigo


def test_a_flag_names_its_fields() -> None:
    assert all(d.campos for d in discrepancias.revisar(replace(datos_of(a_person()), seccion="9999")))
