"""The reporte de avance adds up, fills its gaps, and measures against the threshold and the dispersión (B6, C6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.apoyo import Cuenta, Resultado, Situacion
from server.domain.dias import DIA_MS, dia_de
from server.domain.umbral import Dispersion, Umbral, Unidad, evaluate
from server.reportes import avance
from server.reportes.avance import Avance, Meta, serie
from server.store import apoyos, catalogo, conteos
from server.store import avance as rows
from server.store.avance import OrdenAspirantes, OrdenAuxiliares
from tests.factories import NOW
from tests.server.store.test_conteos import arrive, index

TODAY = dia_de(NOW)


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    """A periodo of 21 days around today, two aspirantes, three auxiliares."""
    made = index()
    proceso = catalogo.add_proceso(made, "candidatura_independiente", "Proceso", NOW)
    periodo = catalogo.add_periodo(made, proceso, "Regiduría", "32", NOW - 10 * DIA_MS, NOW + 10 * DIA_MS, NOW)
    for name in ("Zoé", "Ángela"):
        catalogo.add_aspirante(made, periodo, (name, "Ruiz", ""), "a@ejemplo.mx", NOW)
    for solicitud, name in ((1, "Úrsula"), (1, "Beto"), (2, "Carla")):
        catalogo.add_auxiliar(made, solicitud, (name, "Solís", ""), "x@ejemplo.mx", NOW)
    yield made
    made.close()


def report(conn: sqlite3.Connection, now: int = NOW, folio: int = 1) -> Avance:
    found = avance.de_aspirante(conn, folio, now)
    assert found is not None
    return found


def counting(conn: sqlite3.Connection, number: int, municipio: str = "", **changes: int) -> int:
    id_ = arrive(conn, number, **changes)
    apoyos.set_situacion(conn, id_, Situacion.LISTA_NOMINAL, municipio=municipio)
    return id_


def test_a_report_adds_up(conn: sqlite3.Connection) -> None:
    for number, dia in enumerate([-9, -6, -6, -1, 0, 0, 0]):
        arrive(conn, number, dia=dia, auxiliar=1 + number % 2)
    arrive(conn, 99, solicitud=2, auxiliar=3)
    apoyos.set_situacion(conn, 1, Situacion.LISTA_NOMINAL)
    apoyos.set_resultado(conn, 1, Resultado.VALIDO)
    apoyos.set_situacion(conn, 2, Situacion.BAJA)
    found = report(conn)
    total = found.total
    assert (total.recibidos, total.cuentan, total.en_espera, total.no_cuentan) == (7, 1, 5, 1)
    assert (found.hoy.recibidos, found.semana.recibidos) == (3, 6)
    assert [one.dia for one in found.dias] == list(range(TODAY - 10, TODAY + 1)), "from the first day of the periodo"
    assert [one.cuenta.recibidos for one in found.dias] == [0, 1, 0, 0, 2, 0, 0, 0, 0, 1, 3]
    assert found.dias[-1].acumulado == total
    lines = rows.auxiliares(conn, 1, OrdenAuxiliares.RECIBIDOS, descendente=True, limite=50, salto=0)
    assert sum((one.cuenta for one in lines), Cuenta()) == total
    everyone = rows.aspirantes(conn, 1, OrdenAspirantes.FOLIO, descendente=False, limite=50, salto=0)
    assert [one.cuenta.recibidos for one in everyone] == [7, 1]
    assert rows.total_de_periodo(conn, 1) == (2, sum((one.cuenta for one in everyone), Cuenta()))


@given(st.dictionaries(st.integers(0, 40), st.integers(0, 9)), st.integers(0, 40), st.integers(0, 40))
def test_a_series_has_every_day_and_its_running_total(found: dict[int, int], one: int, other: int) -> None:
    by_day = [(dia, Cuenta(recibidos=n)) for dia, n in sorted(found.items())]
    desde, hasta = min(one, other), max(one, other)
    days = serie(by_day, desde, hasta)
    assert [day.dia for day in days] == list(range(desde, hasta + 1))
    for day in days:
        assert day.cuenta.recibidos == found.get(day.dia, 0)
        assert day.acumulado.recibidos == sum(n for dia, n in found.items() if dia <= day.dia)


def test_nothing_yet_and_nobody(conn: sqlite3.Connection) -> None:
    assert report(conn, NOW - 11 * DIA_MS).dias == ()
    found = report(conn)
    assert (found.total, len(found.dias), found.meta) == (Cuenta(), 11, None)
    assert avance.de_aspirante(conn, 77, NOW) is None


def test_what_arrives_outside_the_periodo_is_shown_and_a_wrong_clock_fills_no_page(conn: sqlite3.Connection) -> None:
    arrive(conn, 1, dia=-30)
    arrive(conn, 2, dia=11)
    found = report(conn, NOW + 60 * DIA_MS)
    assert (found.dias[0].dia, found.dias[-1].dia) == (TODAY - 30, TODAY + 11)
    arrive(conn, 3, dia=-20_000)
    found = report(conn)
    assert len(found.dias) == avance.MAX_DIAS
    assert found.dias[-1].acumulado == found.total


def test_an_aspirante_whose_data_are_still_to_be_restored(conn: sqlite3.Connection) -> None:
    catalogo.ensure_known(conn, 9, 90, NOW)
    arrive(conn, 1, solicitud=9, auxiliar=90)
    found = report(conn, folio=9)
    assert (found.total.recibidos, found.meta, len(found.dias)) == (1, None, 1)
    line = rows.auxiliares(conn, 9, OrdenAuxiliares.ID, descendente=False, limite=9, salto=0)[0]
    assert (line.nombre, line.estatus) == ("", "por_restaurar")


def meta(conn: sqlite3.Connection, now: int = NOW) -> Meta:
    found = report(conn, now).meta
    assert found is not None
    return found


def test_against_the_threshold(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE periodos SET apoyos_requeridos = 10")
    for number in range(3):
        counting(conn, number)
    for number in range(3, 5):
        arrive(conn, number)
    m = meta(conn)
    assert (m.progreso.apoyos, m.progreso.faltan, m.en_espera, m.por_reunir) == (3, 7, 2, 5)
    assert (m.dias_restantes, m.por_dia, m.progreso.cumple) == (11, 1, False)
    over = meta(conn, NOW + 11 * DIA_MS)
    assert (over.dias_restantes, over.por_dia) == (0, None)
    for number in range(5, 12):
        counting(conn, number)
    m = meta(conn)
    assert (m.progreso.faltan, m.por_reunir, m.progreso.cumple) == (0, 0, True)


UNITS = (("056", "Zacatecas", 1), ("012", "Benito Juárez", 2), ("005", "Calera", 1))


def test_dispersion(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE periodos SET apoyos_requeridos = 2, dispersion = 'municipio', unidades_requeridas = 2")
    conn.executemany("INSERT INTO periodo_unidades VALUES (1, ?, ?, ?)", UNITS)
    for number, municipio in enumerate(("056", "ZACATECAS", "Benito Juarez", "999")):
        counting(conn, number, municipio)
    p = meta(conn).progreso
    assert [(one.clave, one.apoyos, one.cumple) for one in p.unidades] == [
        ("005", 0, False), ("012", 1, False), ("056", 2, True),
    ]  # fmt: skip
    assert (p.alcanzadas, p.unidades_requeridas, p.fuera, p.cumple) == (1, 2, 1, False)
    counting(conn, 9, "5")
    assert meta(conn).progreso.cumple
    conn.execute("UPDATE periodos SET apoyos_requeridos = NULL, unidades_requeridas = NULL")
    p = meta(conn).progreso
    assert (p.requeridos, p.unidades_requeridas) == (None, 3), "all that it lists"
    conn.execute("DELETE FROM periodo_unidades")
    assert report(conn).meta is None


@given(
    st.lists(
        st.tuples(st.integers(1, 2), st.sampled_from(["056", "56", "Zacatecas", "BENITO JUAREZ", "x", ""])), max_size=9
    ),
    st.sampled_from(Dispersion),
)
def test_the_report_for_all_says_of_each_what_their_own_says(
    apoyos_: list[tuple[int, str]], dispersion: Dispersion
) -> None:
    conn = index()
    try:
        for number, (solicitud, place) in enumerate(apoyos_):
            id_ = arrive(conn, number, solicitud=solicitud)
            apoyos.set_situacion(conn, id_, Situacion.LISTA_NOMINAL, municipio=place, seccion=place)
        umbral = Umbral(None, dispersion, None, tuple(Unidad(*one) for one in UNITS))
        found = avance.unidades_alcanzadas(conn, umbral, [1, 2])
        for folio in (1, 2):
            mine = {} if dispersion is Dispersion.NINGUNA else conteos.por_unidad(conn, folio, dispersion)
            expected = evaluate(umbral, 0, mine).alcanzadas if umbral.needed_units else 0
            assert found.get(folio, 0) == expected
    finally:
        conn.close()


def test_lines_are_sorted_paged_and_of_a_range_of_days(conn: sqlite3.Connection) -> None:
    for number, (auxiliar, dia) in enumerate([(1, -2), (1, -1), (2, 0), (1, 0), (2, -9)]):
        arrive(conn, number, auxiliar=auxiliar, dia=dia)

    def names(orden: OrdenAuxiliares, **changes: object) -> list[tuple[str, int]]:
        values: dict[str, object] = {"descendente": False, "limite": 50, "salto": 0, **changes}
        lines = rows.auxiliares(conn, 1, orden, **values)  # type: ignore[arg-type]
        return [(one.nombre, one.cuenta.recibidos) for one in lines]

    assert names(OrdenAuxiliares.NOMBRE) == [("Beto Solís", 2), ("Úrsula Solís", 3)]
    assert names(OrdenAuxiliares.NOMBRE, descendente=True, limite=1) == [("Úrsula Solís", 3)]
    assert names(OrdenAuxiliares.RECIBIDOS, descendente=True, salto=1) == [("Beto Solís", 2)]
    assert names(OrdenAuxiliares.ID, dias=(TODAY - 2, TODAY - 1)) == [("Úrsula Solís", 2), ("Beto Solís", 0)]
    assert rows.auxiliares_count(conn, 1) == 2
    everyone = rows.aspirantes(conn, 1, OrdenAspirantes.NOMBRE, descendente=False, limite=50, salto=0)
    assert [one.nombre for one in everyone] == ["Ángela Ruiz", "Zoé Ruiz"], "accents aside"
    for orden in OrdenAspirantes:
        assert len(rows.aspirantes(conn, 1, orden, descendente=True, limite=1, salto=1)) == 1
    for order in OrdenAuxiliares:
        assert len(names(order)) == 2
    assert [one.aspirantes for one in rows.periodos(conn)] == [2]
    counts = rows.auxiliares_por_estatus(conn, 1)
    assert (counts.activos, counts.de_baja, counts.con_telefono) == (2, 0, 0)
