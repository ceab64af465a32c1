"""Threshold and dispersión: arithmetic that adds up, and lists of units that people paste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.umbral import MAX_UNITS, Dispersion, Umbral, Unidad, evaluate, read_units, unit_key, write_units

NAMES = st.text(st.characters(codec="utf-8", categories=("Lu", "Ll", "Nd"), exclude_characters=""), max_size=20)


def units(n: int, needed: int = 10) -> tuple[Unidad, ...]:
    return tuple(Unidad(f"{i:04d}", f"Lugar {i}", needed) for i in range(1, n + 1))


@given(
    st.integers(1, 5000),
    st.integers(1, 30),
    st.none() | st.integers(1, 30),
    st.dictionaries(st.integers(1, 40), st.integers(0, 50), max_size=40),
    st.integers(0, 100),
)
def test_progress_adds_up(total: int, n: int, wanted: int | None, counts: dict[int, int], unknown: int) -> None:
    umbral = Umbral(total, Dispersion.SECCION, min(wanted, n) if wanted else None, units(n))
    received = sum(counts.values()) + unknown
    avance = evaluate(umbral, received, {str(clave): count for clave, count in counts.items()})
    assert sum(u.apoyos for u in avance.unidades) + avance.fuera == received
    assert avance.alcanzadas == sum(1 for clave in range(1, n + 1) if counts.get(clave, 0) >= 10)
    assert avance.total_cumple == (received >= total)
    assert avance.faltan == max(0, total - received)
    assert avance.cumple == (avance.total_cumple and avance.alcanzadas >= umbral.needed_units)
    assert all((u.faltan == 0) == u.cumple for u in avance.unidades)


def test_without_a_threshold_or_without_dispersion() -> None:
    nothing = evaluate(Umbral(), 7, {"0001": 7})
    assert (nothing.cumple, nothing.faltan, nothing.fuera, nothing.unidades) == (True, 0, 0, ())
    total = evaluate(Umbral(5567), 5566, {})
    assert (total.cumple, total.faltan) == (False, 1)
    assert evaluate(Umbral(5567), 5567, {}).cumple
    every = Umbral(None, Dispersion.SECCION, None, units(3))
    assert every.needed_units == 3
    assert not evaluate(every, 100, {"1": 50, "2": 50}).cumple


def test_municipios_are_found_by_clave_and_by_name() -> None:
    umbral = Umbral(None, Dispersion.MUNICIPIO, 1, (Unidad("007", "San José  de Gracia", 4), Unidad("008", "", 1)))
    avance = evaluate(umbral, 9, {"7": 1, "SAN JOSE DE GRACIA": 2, "san josé de gracia": 1, "Otro": 5})
    assert avance.unidades[0].apoyos == 4
    assert avance.fuera == 5
    assert avance.cumple


def test_a_list_as_it_is_pasted() -> None:
    text = "\ufeffclave;nombre;requeridos\r\n1;Aguascalientes;120\r\n\r\n 0002 ; Asientos ; 1 500\n3;45\n"
    leidas = read_units(text, Dispersion.MUNICIPIO)
    assert leidas.errores == ()
    assert leidas.unidades == (
        Unidad("001", "Aguascalientes", 120),
        Unidad("002", "Asientos", 1500),
        Unidad("003", "", 45),
    )
    assert read_units('5,"Gracia, La",3', Dispersion.SECCION).unidades == (Unidad("0005", "Gracia, La", 3),)
    assert read_units("5\tX\t3", Dispersion.SECCION).unidades == (Unidad("0005", "X", 3),)


@pytest.mark.parametrize(
    ("line", "codigo"),
    [
        ("1", "unidad_columnas"),
        ("1,a,2,3", "unidad_columnas"),
        ("1,a,0", "unidad_requeridos"),
        ("1,a,-3", "unidad_requeridos"),
        ("1,a,dos", "unidad_requeridos"),
        ("1,a,2.5", "unidad_requeridos"),
        ("1,a," + "9" * 5000, "unidad_requeridos"),
        ("1,a,٣", "unidad_requeridos"),
        ("0,a,3", "unidad_seccion"),
        ("12345,a,3", "unidad_seccion"),
        ("x,a,3", "unidad_seccion"),
        ("0009,a,3", "unidad_repetida"),
    ],
)
def test_wrong_lines_are_named(line: str, codigo: str) -> None:
    leidas = read_units(f"9,b,3\n\n{line}\n10,c,4", Dispersion.SECCION)
    assert [(e.linea, e.codigo) for e in leidas.errores] == [(3, codigo)]
    assert leidas.errores[0].texto.endswith(".")
    assert [u.clave for u in leidas.unidades] == ["0009", "0010"]


def test_one_municipio_by_clave_and_by_name_is_there_twice() -> None:
    leidas = read_units("1,Centro,3\nCENTRO,,4\n2,centro,4", Dispersion.MUNICIPIO)
    assert [(e.linea, e.codigo) for e in leidas.errores] == [(2, "unidad_repetida"), (3, "unidad_repetida")]


def test_too_many_lines() -> None:
    text = "\n".join(f"U{n},,1" for n in range(MAX_UNITS + 5))
    leidas = read_units(text, Dispersion.MUNICIPIO)
    assert len(leidas.unidades) == MAX_UNITS
    assert [e.codigo for e in leidas.errores] == ["unidades_demasiadas"]


@given(
    st.lists(st.tuples(st.integers(1, 9999), st.text("abcñÁ, ;x", max_size=8), st.integers(1, 10**8 - 1)), max_size=20)
)
def test_what_is_written_is_read_again(rows: list[tuple[int, str, int]]) -> None:
    found = {f"{clave:04d}": (" ".join(name.replace(";", " ").split()), n) for clave, name, n in rows}
    unidades = tuple(Unidad(clave, name, n) for clave, (name, n) in found.items())
    again = read_units(write_units(unidades), Dispersion.SECCION)
    assert again.errores == ()
    assert again.unidades == unidades


@given(st.text(max_size=200), st.sampled_from([Dispersion.MUNICIPIO, Dispersion.SECCION]))
def test_any_text_is_read_or_named(text: str, dispersion: Dispersion) -> None:
    leidas = read_units(text, dispersion)
    assert all(1 <= e.linea <= len(text.lstrip("\ufeff").splitlines()) for e in leidas.errores)
    keys = [unit_key(dispersion, u.clave) for u in leidas.unidades]
    assert len(keys) == len(set(keys))
