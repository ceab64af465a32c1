"""D7 as a table: where an instant lies, and what is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.marcas import Marca, Origen, marcas
from server.domain.periodo import Fase, Ventana

V = Ventana(inicia_ms=1_000, termina_ms=2_000, gracia_ms=500)


@pytest.mark.parametrize(
    ("at", "fase", "capture", "takes"),
    [
        (999, Fase.POR_INICIAR, False, True),
        (1_000, Fase.ABIERTO, True, True),
        (1_999, Fase.ABIERTO, True, True),
        (2_000, Fase.GRACIA, False, True),
        (2_499, Fase.GRACIA, False, True),
        (2_500, Fase.CERRADO, False, False),
    ],
)
def test_phases(at: int, fase: Fase, capture: bool, takes: bool) -> None:
    assert (V.fase(at), V.captured_inside(at), V.takes(at)) == (fase, capture, takes)


@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_only_the_corrected_clock_counts(capturado: int, desfase: int) -> None:
    found = marcas(Origen(None, None, V, capturado, desfase, 1_500))
    assert (Marca.CAPTURA_FUERA_DE_PERIODO in found) == (not 1_000 <= capturado + desfase < 2_000)


def test_a_baja_marks_what_arrives_after_it_and_nothing_before() -> None:
    def found(recibido: int) -> tuple[Marca, ...]:
        return marcas(Origen(1_500, 1_600, V, 1_200, 0, recibido))

    assert found(1_499) == ()
    assert found(1_500) == (Marca.AUXILIAR_DE_BAJA,)
    assert found(1_600) == (Marca.AUXILIAR_DE_BAJA, Marca.DISPOSITIVO_DE_BAJA)
