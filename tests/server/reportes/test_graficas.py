"""Graphs: everything lies inside its box, says its figures in words, and holds for nothing, one, many and a million."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.apoyo import Cuenta
from server.reportes import graficas
from server.reportes.avance import Dia, serie
from server.reportes.graficas import ALTO, ARRIBA, escala, porcentaje

TODAY = 20_717  # 21 September 2026


def days(counts: list[int], counting: int = 0) -> tuple[Dia, ...]:
    made = [(TODAY - len(counts) + 1 + n, Cuenta(recibidos=c, cuentan=min(c, counting))) for n, c in enumerate(counts)]
    return serie(made, TODAY - len(counts) + 1, TODAY)


@pytest.mark.parametrize(
    ("maximo", "values"),
    [(0, (0, 1)), (1, (0, 1)), (3, (0, 1, 2, 3)), (7, (0, 2, 4, 6, 8)), (99, (0, 50, 100)), (100, (0, 50, 100)),
     (5_567, (0, 2000, 4000, 6000)), (1_000_000, (0, 500_000, 1_000_000))],
)  # fmt: skip
def test_lines_across_are_round(maximo: int, values: tuple[int, ...]) -> None:
    assert escala(maximo) == values


@given(st.integers(0, 10**12))
def test_lines_across_are_few_and_cover_everything(maximo: int) -> None:
    values = escala(maximo)
    assert values[0] == 0
    assert values[-1] >= max(1, maximo)
    assert 2 <= len(values) <= 5


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=500))
def test_bars_lie_in_their_box_and_are_seen(counts: list[int]) -> None:
    found = graficas.barras(days(counts))
    assert found is not None
    assert len(found.barras) <= graficas.BARRAS
    for one in found.barras:
        assert one.x >= 0
        assert one.x + one.ancho <= 100.01
        assert one.y >= ARRIBA - 0.1
        assert one.y + one.alto == pytest.approx(ARRIBA + ALTO, abs=0.2)
        assert one.alto == 0 or one.alto >= 2
    assert sum(1 for one in found.barras if one.alto) >= (1 if any(counts) else 0)
    assert found.por_semana == (len(counts) > graficas.BARRAS)
    assert 1 <= len(found.etiquetas) <= graficas.ETIQUETAS


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=200), st.none() | st.integers(1, 3_000_000))
def test_lines_lie_in_their_box(counts: list[int], requeridos: int | None) -> None:
    found = graficas.lineas(days(counts, 7), requeridos, TODAY - 30, TODAY + 30)
    assert found is not None
    for points in (found.recibidos, found.cuentan, found.meta):
        for point in points.split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 1000
            assert 0 <= y <= ALTO
    assert 0 <= found.fin_x <= 100
    assert bool(found.meta) == (requeridos is not None)


def test_what_a_graph_says_in_words() -> None:
    bars = graficas.barras(days([3, 0, 1_200]))
    assert bars is not None
    assert bars.descripcion == (
        "Del 19/09/2026 al 21/09/2026, por día: 1,203 apoyos recibidos. Lo más en un día: 1,200 (21/09/2026)."
    )
    assert [one.texto for one in bars.barras] == ["19/09/2026: 3", "20/09/2026: 0", "21/09/2026: 1,200"]
    assert [one.texto for one in bars.etiquetas] == ["19 sep", "20 sep", "21 sep"]
    lines = graficas.lineas(days([3, 0, 1_200], 2), 5_567, TODAY, TODAY + 9)
    assert lines is not None
    assert lines.descripcion == (
        "Al 21/09/2026: 1,203 recibidos, de ellos 4 cuentan hasta hoy. La meta es de 5,567 al 30/09/2026."
    )
    nothing = graficas.barras(days([0, 0]))
    assert nothing is not None
    assert nothing.descripcion.endswith("no se ha recibido ningún apoyo.")
    assert graficas.barras(()) is None
    assert graficas.lineas((), 1, 0, 0) is None


def test_the_lines_end_where_the_totals_are() -> None:
    found = graficas.lineas(days([50, 50], 25), 100, TODAY - 1, TODAY + 2)
    assert found is not None
    assert found.recibidos == "0,200 250,100 500,0"
    assert found.cuentan == "0,200 250,150 500,100"
    assert found.meta == "0,200 1000,0"
    assert (found.fin_x, found.fin_recibidos, found.fin_cuentan) == (50.0, ARRIBA, ARRIBA + 100)


def test_parts_add_up_and_none_is_left_out() -> None:
    total = Cuenta(recibidos=3_000, lista_nominal=2_999, baja=1, validos=3_000)
    found = graficas.situaciones(total)
    assert [(one.clase, one.cuantos, one.porcentaje) for one in found.tramos] == [
        ("lista-nominal", 2_999, "99.9 %"), ("padron", 0, "0 %"), ("baja", 1, "0.1 %"), ("no-encontrado", 0, "0 %"),
        ("sin-respuesta", 0, "0 %"),
    ]  # fmt: skip
    assert found.tramos[-1].x == 100
    assert sum(one.ancho for one in found.tramos) == pytest.approx(100, abs=0.01)
    assert found.descripcion.startswith("De 3,000 apoyos, lista nominal: 2,999 (99.9 %), padrón: 0 (0 %)")
    assert [one.cuantos for one in graficas.resultados(total).tramos] == [3_000, 0, 0]
    assert all(one.ancho == 0 for one in graficas.situaciones(Cuenta()).tramos)


def test_percentages() -> None:
    million = 10**6
    pairs = ((0, 0), (0, 5), (5, 5), (1, 3), (1, million), (million - 1, million), (12, 10))
    assert [porcentaje(*pair) for pair in pairs] == [
        "0 %", "0 %", "100 %", "33.3 %", "0.1 %", "99.9 %", "120 %",
    ]  # fmt: skip
