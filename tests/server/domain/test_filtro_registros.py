"""A consulta's filter: from an address and back, and what is said of what cannot be read."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import busqueda
from server.domain.apoyo import Clase, MotivoBaja, Resultado, Situacion, Via
from server.domain.filtro_registros import CONVERSIONES, MARCAS, PROCESOS, VALIDO, Filtro, leer
from sync_protocol.folio import Folio

FOLIO = str(Folio(123, 45, 7, 312))


def filters() -> st.SearchStrategy[Filtro]:
    day = st.dates(date(2026, 1, 1), date(2026, 6, 30)).map(date.isoformat)
    later = st.dates(date(2026, 7, 1), date(2027, 12, 31)).map(date.isoformat)
    name = st.sampled_from(["", "Juana", "de la Cruz", "Ñ", "O'Farrill", "María & José", "x=y"])

    def option(*values: str) -> st.SearchStrategy[str]:
        return st.sampled_from(["", *values])

    return st.builds(
        Filtro,
        desde=st.just("") | day, hasta=st.just("") | later, solicitud=st.none() | st.integers(1, 999_999),
        folio=st.sampled_from(["", FOLIO, "000123", "0001230000"]), nombre=name, paterno=name, materno=name,
        proceso=option(*PROCESOS), auxiliar=st.none() | st.integers(1, 999_999),
        dispositivo=st.none() | st.integers(1, 9_999_999), situacion=st.sampled_from(["", Situacion.BAJA]),
        valido=option(*VALIDO), motivo=option(*MotivoBaja), marca=option(*MARCAS), inciso=option("a", "n", "pe"),
        clase=option(*Clase), via=option(*Via),
    )  # fmt: skip


@given(filters())
def test_a_filter_goes_into_an_address_and_comes_back(filtro: Filtro) -> None:
    pairs = parse_qsl(filtro.query(), keep_blank_values=True)
    assert leer(dict(pairs)) == (filtro, {})
    assert len(pairs) == filtro.cuantos() == len(filtro.nombres_de_campos())


@given(st.dictionaries(st.sampled_from([*CONVERSIONES, "otra"]), st.text(max_size=90)))
def test_anything_typed_is_read_or_named(query: dict[str, str]) -> None:
    filtro, errors = leer(query)
    assert set(errors) <= set(query)
    for name, error in errors.items():
        assert getattr(filtro, name) in ("", None)
        assert error.codigo.isidentifier()
        assert error.texto.endswith(".")
    assert leer(dict(parse_qsl(filtro.query()))) == (filtro, {})


@pytest.mark.parametrize(
    ("name", "typed", "codigo"),
    [
        ("desde", "31/02/2026", "fecha_forma"), ("hasta", "mañana", "fecha_forma"), ("desde", "1/1/26", "fecha_forma"),
        ("folio", FOLIO[:-1] + ("1" if FOLIO[-1] != "1" else "2"), "folio_forma"), ("folio", "abc", "folio_forma"),
        ("folio", "0" * 27, "folio_forma"), ("auxiliar", "0", "numero_forma"), ("auxiliar", "-1", "numero_forma"),
        ("auxiliar", "1000000", "numero_forma"), ("dispositivo", "siete", "numero_forma"),
        ("solicitud", "١٢", "numero_forma"), ("nombre", "%", ""), ("nombre", "|>", "nombre_forma"),
        ("paterno", "x" * 81, "texto_largo"), ("situacion", "LISTA", "opcion_ajena"), ("valido", "Si", "opcion_ajena"),
        ("motivo", "otro", "opcion_ajena"), ("marca", "x", "opcion_ajena"), ("inciso", "o", "opcion_ajena"),
        ("proceso", "x", "opcion_ajena"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_its_field(name: str, typed: str, codigo: str) -> None:
    filtro, errors = leer({name: typed, "situacion": "BAJA"} if name != "situacion" else {name: typed})
    assert [error.codigo for error in errors.values()] == ([codigo] if codigo else [])
    if name != "situacion":
        assert filtro.situacion == Situacion.BAJA, "the rest is still asked for"


def test_what_people_type_is_understood() -> None:
    typed = {
        "desde": " 01/09/2026 ", "hasta": "2026-09-30", "auxiliar": "000045", "folio": FOLIO.lower().replace("-", " "),
        "paterno": "  de   la cruz ", "valido": "pendiente",
    }  # fmt: skip
    filtro, errors = leer(typed)
    assert errors == {}
    assert filtro == Filtro(
        desde="2026-09-01", hasta="2026-09-30", auxiliar=45, folio=FOLIO, paterno="de la cruz", valido="pendiente"
    )
    assert filtro.resultado is Resultado.PENDIENTE
    assert filtro.prefijos == ("DE LA CRUZ", "", "")


def test_filters_that_contradict_each_other_are_named() -> None:
    filtro, errors = leer({"desde": "2026-09-02", "hasta": "2026-09-01"})
    assert (errors["hasta"].codigo, filtro.hasta) == ("fechas_al_reves", "")
    filtro, errors = leer({"situacion": "PADRON", "motivo": "defuncion"})
    assert (errors["motivo"].codigo, filtro.motivo) == ("motivo_sin_baja", "")


@pytest.mark.parametrize(
    ("typed", "written", "solicitudes", "auxiliar", "dispositivo"),
    [
        ("0", "0", (0, 99_999), None, None),
        ("000123", "000123-", (123, 123), None, None),
        ("000123-0000", "000123-0000", (123, 123), None, None),
        ("000123 000045", "000123-000045-", (123, 123), 45, None),
        ("0001230000450000007", "000123-000045-0000007-", (123, 123), 45, 7),
        (FOLIO, FOLIO, (123, 123), 45, 7),
        (FOLIO.replace("-", "")[:25], FOLIO[:-1], (123, 123), 45, 7),
    ],
)
def test_the_beginning_of_a_folio_says_what_it_leaves(
    typed: str, written: str, solicitudes: tuple[int, int], auxiliar: int | None, dispositivo: int | None
) -> None:
    filtro, errors = leer({"folio": typed})
    assert errors == {}
    assert filtro.folio_escrito == written
    assert FOLIO.startswith(written) or typed == "0"
    assert filtro.folio_solicitudes == solicitudes
    assert (filtro.folio_auxiliar, filtro.folio_dispositivo) == (auxiliar, dispositivo)


def test_names_are_searched_without_accents_capitals_or_spaces() -> None:
    assert busqueda.clave("José  Ángel", "Muñoz", "de la Peña") == "MUNOZ|DE LA PENA>JOSE ANGEL"
    assert busqueda.clave("", " ", "") == ""
    assert busqueda.clave("a|b>c", "", "") == "|>ABC"
    low, high = busqueda.intervalo("MU")
    assert low <= "MUNOZ" < high
    assert not low <= "MT" < high
    assert not low <= "MV" < high
