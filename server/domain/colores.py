"""An institute's colour: whether it can be read on our pages, and the tones of both themes that follow from it.

Contrast is WCAG 2.2's: 4.5 to 1 for text. The grounds are those of web/static/app.css: in the light theme
the colour is text on them and the ground of white text; in the dark one a lighter tone of it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.errors import DatoInvalido

MINIMUM = 4.5
WHITE = (255, 255, 255)
BLACK = (0, 0, 0)
PAPER = (0xEA, 0xE8, 0xEE)
"""The darkest ground of the light theme that text in the colour stands on (`--gris-papel`)."""
NIGHT = (0x2B, 0x28, 0x34)
"""The lightest ground of the dark theme (`--gris-papel`)."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Tonos:
    """What the tokens of app.css become, each `#rrggbb`."""

    acento: str
    acento_2: str
    banda: str
    acento_noche: str
    acento_2_noche: str
    sobre_acento_noche: str
    banda_noche: str


def rgb(color: str) -> Rgb:
    """`#rrggbb` as numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(color: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def luminance(color: Rgb) -> float:
    """Relative luminance, 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: Rgb, other: Rgb, part: float) -> Rgb:
    """`part` of the other in the one."""
    r, g, b = (round(a + (z - a) * part) for a, z in zip(one, other, strict=True))
    return r, g, b


def color(value: str) -> str:
    """A colour that pages can use, `#rrggbb` in small letters. Raises DatoInvalido."""
    value = value.strip().lower()
    if not value.startswith("#"):
        value = "#" + value
    if not re.fullmatch("#[0-9a-f]{6}", value):
        raise DatoInvalido("color_forma", "Escriba el color como # y seis cifras o letras de la a a la f: #4a2c6b.")
    found = contrast(rgb(value), PAPER)
    if found < MINIMUM:
        raise DatoInvalido(
            "color_claro",
            f"Ese color es muy claro para leerse: su contraste es de {found:.1f} a 1 y el mínimo es {MINIMUM}. "
            "Elija uno más oscuro.",
        )
    return value


def tonos(color_: str) -> Tonos:
    """The tones of an institute's colour, dark enough as `color` sees to."""
    base = rgb(color_)
    acento = _lighter(base, 7.0)
    return Tonos(
        acento=_hex(base),
        acento_2=_hex(mix(base, BLACK, 0.28)),
        banda=_hex(mix(base, BLACK, 0.4)),
        acento_noche=_hex(acento),
        acento_2_noche=_hex(mix(acento, WHITE, 0.35)),
        sobre_acento_noche=_hex(mix(base, BLACK, 0.75)),
        banda_noche=_hex(mix(base, BLACK, 0.6)),
    )


def _lighter(base: Rgb, wanted: float) -> Rgb:
    """The colour with as little white as makes it readable on the dark theme's grounds."""
    for step in range(101):
        tone = mix(base, WHITE, step / 100)
        if contrast(tone, NIGHT) >= wanted:
            return tone
    return WHITE
