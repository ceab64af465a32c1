"""Every colour that is taken can be read, in both themes."""

from __future__ import annotations

import random

import pytest

from server.domain import colores
from server.domain.colores import MINIMUM, WHITE, contrast, rgb
from server.errors import DatoInvalido


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((0, 0, 0), WHITE) == pytest.approx(21)
    assert contrast(rgb("#777777"), WHITE) == pytest.approx(4.48, abs=0.005)
    assert contrast(rgb("#4a2c6b"), rgb("#4a2c6b")) == 1


@pytest.mark.parametrize(
    ("given", "codigo"),
    [("#ffff00", "color_claro"), ("#777777", "color_claro"), ("rojo", "color_forma"), ("#12345", "color_forma"),
     ("#4a2c6b;}", "color_forma"), ("#4a2c6g", "color_forma"), ("", "color_forma")],
)  # fmt: skip
def test_what_cannot_be_taken(given: str, codigo: str) -> None:
    with pytest.raises(DatoInvalido) as refused:
        colores.color(given)
    assert refused.value.codigo == codigo


def test_every_tone_can_be_read_where_it_stands() -> None:
    dice = random.Random(7)
    taken = ["#000000", "#4a2c6b", "#00008b", "#8b0000"]
    while len(taken) < 300:
        candidate = f"#{dice.randrange(1 << 24):06x}"
        if contrast(rgb(candidate), colores.PAPER) >= MINIMUM:
            assert colores.color(candidate[1:].upper()) == candidate
            taken.append(candidate)
    for color in taken:
        t = colores.tonos(color)
        for ground in ("#ffffff", "#f4f4f6", "#eae8ee"):
            assert contrast(rgb(t.acento), rgb(ground)) >= MINIMUM
        for head in (t.acento, t.acento_2, t.banda, t.banda_noche):
            assert contrast(WHITE, rgb(head)) >= MINIMUM
            assert contrast(rgb("#ded3ec"), rgb(t.banda)) >= MINIMUM
        for ground in ("#141319", "#1d1b24", "#2b2834"):
            assert contrast(rgb(t.acento_noche), rgb(ground)) >= MINIMUM
        for tone in (t.acento_noche, t.acento_2_noche):
            assert contrast(rgb(t.sobre_acento_noche), rgb(tone)) >= MINIMUM
