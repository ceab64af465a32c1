"""The territory of a periodo: what is inside, what is outside, and what nobody can tell (rows B1, F3)."""

from __future__ import annotations

import pytest

from server.domain.apoyo import Ambito
from server.domain.territorio import Lugar, Territorio, UnidadTerritorial, dentro, escribir, leer

MUNICIPIOS = Territorio((
    Lugar(UnidadTerritorial.MUNICIPIO, "003", "Calvillo"),
    Lugar(UnidadTerritorial.MUNICIPIO, "005", "Jesús María"),
))  # fmt: skip
SECCIONES = Territorio((Lugar(UnidadTerritorial.SECCION, "0102"), Lugar(UnidadTerritorial.SECCION, "0103")))
TODO = Territorio()


@pytest.mark.parametrize(
    ("territorio", "periodo", "entidad", "municipio", "seccion", "expected"),
    [
        # The whole entidad, or the country.
        (TODO, "01", "01", "", "", Ambito.DENTRO),
        (TODO, "01", "1", "Calvillo", "0102", Ambito.DENTRO),
        (TODO, "01", "AGUASCALIENTES", "", "", Ambito.DENTRO),
        (TODO, "16", "Michoacán de Ocampo", "", "", Ambito.DENTRO),
        (TODO, "01", "32", "003", "0102", Ambito.FUERA),
        (TODO, "01", "Zacatecas", "", "", Ambito.FUERA),
        (TODO, "01", "", "003", "0102", Ambito.NO_SABIDO),
        (TODO, "", "32", "", "", Ambito.DENTRO),
        (TODO, "", "", "", "", Ambito.NO_SABIDO),
        # Municipios, as the padrón says them.
        (MUNICIPIOS, "01", "01", "3", "", Ambito.DENTRO),
        (MUNICIPIOS, "01", "01", "0003", "", Ambito.DENTRO),
        (MUNICIPIOS, "01", "01", " JESUS   MARIA ", "0900", Ambito.DENTRO),
        (MUNICIPIOS, "01", "01", "Rincón de Romos", "", Ambito.FUERA),
        (MUNICIPIOS, "01", "01", "007", "", Ambito.FUERA),
        (MUNICIPIOS, "01", "01", "", "0102", Ambito.NO_SABIDO),
        (MUNICIPIOS, "01", "32", "003", "", Ambito.FUERA),
        (MUNICIPIOS, "01", "", "003", "", Ambito.NO_SABIDO),
        (MUNICIPIOS, "01", "", "007", "", Ambito.FUERA),
        # Secciones.
        (SECCIONES, "01", "01", "", "102", Ambito.DENTRO),
        (SECCIONES, "01", "01", "Calvillo", "0104", Ambito.FUERA),
        (SECCIONES, "01", "01", "Calvillo", "", Ambito.NO_SABIDO),
        (SECCIONES, "", "32", "", "0103", Ambito.DENTRO),
    ],
)
def test_a_home_is_inside_outside_or_not_known(
    territorio: Territorio, periodo: str, entidad: str, municipio: str, seccion: str, expected: Ambito
) -> None:
    assert dentro(territorio, periodo, entidad, municipio, seccion) is expected


def test_what_cannot_be_compared_is_held_against_nobody() -> None:
    by_clave = Territorio((Lugar(UnidadTerritorial.MUNICIPIO, "003"),))
    by_name = Territorio((Lugar(UnidadTerritorial.MUNICIPIO, "Calvillo"),))
    assert dentro(by_clave, "01", "01", "Calvillo", "") is Ambito.NO_SABIDO
    assert dentro(by_clave, "01", "01", "004", "") is Ambito.FUERA
    assert dentro(by_name, "01", "01", "003", "") is Ambito.NO_SABIDO
    assert dentro(by_name, "01", "01", "Asientos", "") is Ambito.FUERA


def test_a_territory_of_both_is_entered_by_either() -> None:
    both = Territorio((*MUNICIPIOS.lugares, *SECCIONES.lugares))
    assert dentro(both, "01", "01", "Asientos", "0102") is Ambito.DENTRO
    assert dentro(both, "01", "01", "Calvillo", "0999") is Ambito.DENTRO
    assert dentro(both, "01", "01", "Asientos", "0999") is Ambito.FUERA
    assert dentro(both, "01", "01", "Asientos", "") is Ambito.NO_SABIDO


def test_a_list_is_read_and_written_the_same() -> None:
    read = leer("\ufeffclave;nombre\n3; Calvillo\n\nAsientos\n005;Jesús María", UnidadTerritorial.MUNICIPIO)
    assert read.errores == ()
    assert [(one.clave, one.nombre) for one in read.territorio.lugares] == [
        ("003", "Calvillo"), ("Asientos", ""), ("005", "Jesús María"),
    ]  # fmt: skip
    assert leer(escribir(read.territorio), UnidadTerritorial.MUNICIPIO) == read
    assert escribir(leer("1\t\n0002;Centro", UnidadTerritorial.SECCION).territorio) == "0001\n0002; Centro"


@pytest.mark.parametrize(
    ("unidad", "text", "line", "code"),
    [
        ("municipio", "003; Calvillo; 12", 1, "territorio_columnas"),
        ("municipio", "003; Calvillo\n; Sin clave", 2, "territorio_clave"),
        ("municipio", "003; Calvillo\n007; CALVILLO", 2, "territorio_repetido"),
        ("municipio", "3\n\n03; Otro", 3, "territorio_repetido"),
        ("municipio", "x" * 81, 1, "territorio_clave"),
        ("seccion", "0102\nCalvillo", 2, "territorio_seccion"),
        ("seccion", "0102\n102", 2, "territorio_repetido"),
        ("seccion", "0", 1, "territorio_seccion"),
        ("seccion", "²", 1, "territorio_seccion"),
    ],
)
def test_a_bad_line_is_named(unidad: str, text: str, line: int, code: str) -> None:
    found = leer(text, UnidadTerritorial(unidad)).errores
    assert [(one.linea, one.codigo) for one in found] == [(line, code)]


def test_a_list_has_an_end() -> None:
    text = "\n".join(str(n) for n in range(1, 9999)) + "\n" + "x\n" * 10
    assert leer(text, UnidadTerritorial.SECCION).errores[-1].codigo == "territorio_demasiado"
