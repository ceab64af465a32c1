"""What making or changing a periodo would bring about, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.consecuencias import Vigencia, of_periodo
from server.domain.periodo import Estado, Fase, Ventana, estado

HOUR = 3_600_000
NOW = 1_790_000_000_000


def vigencia(start: int, end: int, *, activo: bool = True) -> Vigencia:
    """Hours from now."""
    return Vigencia(Ventana(NOW + start * HOUR, NOW + end * HOUR, 24 * HOUR), activo)


@pytest.mark.parametrize(
    ("before", "after", "apoyos", "traslapes", "codes"),
    [
        (None, vigencia(1, 100), 0, [], []),
        (None, vigencia(1, 100), 0, ["Gubernatura"], ["traslape"]),
        (None, vigencia(-100, -50), 0, [], ["ya_cerrado"]),
        (None, vigencia(-100, -5), 0, [], []),
        (vigencia(-10, 100), vigencia(-10, 100), 50, [], []),
        (vigencia(-10, 100), vigencia(-10, 200), 0, [], []),
        (vigencia(-10, 100), vigencia(-10, 200), 5, [], ["con_registros"]),
        (vigencia(-10, 100), vigencia(-10, 50), 0, [], ["acorta"]),
        (vigencia(-10, 100), vigencia(-10, 50), 3, [], ["con_registros", "acorta"]),
        (vigencia(-100, 100), vigencia(-100, -50), 0, [], ["ya_cerrado", "acorta"]),
        (vigencia(-100, -1), vigencia(-100, -2), 0, [], ["acorta"]),
        (vigencia(-10, 100), vigencia(10, 100), 0, [], ["inicio_despues"]),
        (vigencia(-100, -50), vigencia(-100, 50), 7, [], ["con_registros", "reabre"]),
        (vigencia(-100, -50), vigencia(-100, -40), 0, [], []),
        (vigencia(10, 100), vigencia(20, 50), 0, [], []),
        (vigencia(-10, 100), vigencia(-10, 100, activo=False), 9, [], ["inactivo"]),
        (vigencia(-10, 100, activo=False), vigencia(-10, 100), 9, [], []),
    ],
)
def test_consequences(
    before: Vigencia | None, after: Vigencia, apoyos: int, traslapes: list[str], codes: list[str]
) -> None:
    found = of_periodo(before, after, apoyos=apoyos, traslapes=traslapes, now_ms=NOW)
    assert [c.codigo for c in found] == codes
    assert all(c.texto.endswith(".") for c in found)


@given(st.integers(-500, 500), st.integers(1, 500), st.integers(0, 99))
def test_saving_what_is_there_asks_nothing_but_an_overlap(start: int, length: int, apoyos: int) -> None:
    same = vigencia(start, start + length)
    assert of_periodo(same, same, apoyos=apoyos, traslapes=[], now_ms=NOW) == ()


def test_states() -> None:
    ventana = vigencia(-1, 1).ventana
    assert estado(ventana, activo=False, at_ms=NOW) is Estado.INACTIVO
    assert estado(ventana, activo=True, at_ms=NOW) is Estado.ABIERTO
    assert {fase.value for fase in Fase} < {e.value for e in Estado}
