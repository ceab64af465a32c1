"""Lettering for the drawn cards: Spanish text in the font that Pillow carries; no system font is needed.

That font has neither accents nor Ñ nor a bold cut. Marks are drawn here over the plain letter, and bold is
the same letter with a stroke. Nothing else of a card is known here.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Align = Literal["left", "centre", "right"]

_ACUTE: Final = "\u0301"
_TILDE: Final = "\u0303"
_DIAERESIS: Final = "\u0308"


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set: size in pixels, colour (a number on a mask), boldness in pixels of stroke."""

    size: int
    colour: Colour | int = (25, 25, 30)
    bold: float = 0.0


def draw_text(
    draw: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, style: Style, align: Align = "left"
) -> float:
    """Set one line at `xy` (its top left, top centre or top right); its width is returned."""
    font = _font(style.size)
    base, marks = _split(text)
    width = font.getlength(base)
    x = xy[0] - (0 if align == "left" else width / 2 if align == "centre" else width)
    draw.text((x, xy[1]), base, font=font, fill=style.colour, stroke_width=style.bold)
    for index, mark in marks:
        left = x + font.getlength(base[:index])
        _draw_mark(draw, mark, (left + font.getlength(base[index]) / 2, xy[1]), base[index], style)
    return width


def text_width(text: str, size: int) -> float:
    """How wide a line is when set in that size."""
    return _font(size).getlength(_split(text)[0])


def fit_size(text: str, size: int, width: float) -> int:
    """The largest size up to `size` in which the line is no wider than `width`."""
    needed = text_width(text, size)
    if needed > width:
        size = max(8, int(size * width / needed))
    # Hinting rounds each letter's width, so the proportion may be a point short.
    while size > 8 and text_width(text, size) > width:
        size -= 1
    return size


def draw_fitted(draw: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, style: Style, width: float) -> None:
    """Set one line from the left, smaller if it would be wider than `width`; its foot stays where it was."""
    size = fit_size(text, style.size, width)
    drop = (style.size - size) * 0.78
    draw_text(draw, (xy[0], xy[1] + drop), text, Style(size, style.colour, style.bold))


def draw_grid(draw: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, style: Style, pitch: float) -> None:
    """Set a line of machine readable text: every sign in the middle of a cell of the same width."""
    for index, sign in enumerate(text):
        draw_text(draw, (xy[0] + (index + 0.5) * pitch, xy[1]), sign, style, "centre")


def vertical_text(text: str, style: Style, pitch: float) -> Image.Image:
    """A mask of grid text read from bottom to top, to be pasted with the style's colour."""
    mask = Image.new("L", (int(len(text) * pitch) + 2, int(style.size * 1.3)), 0)
    draw_grid(ImageDraw.Draw(mask), (0, 0), text, Style(style.size, 255, style.bold), pitch)
    return mask.transpose(Image.Transpose.ROTATE_90)


@lru_cache(maxsize=64)
def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size=size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("the cards need Pillow built with FreeType")
    # The basic layout is the same on every machine; where Raqm is installed, letters would move.
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def _split(text: str) -> tuple[str, tuple[tuple[int, str], ...]]:
    """The text without its marks, and which mark stands over which letter."""
    base: list[str] = []
    marks: list[tuple[int, str]] = []
    for sign in unicodedata.normalize("NFD", text):
        if sign in (_ACUTE, _TILDE, _DIAERESIS):
            marks.append((len(base) - 1, sign))
        else:
            base.append(sign)
    return "".join(base), tuple(marks)


def _draw_mark(draw: ImageDraw.ImageDraw, mark: str, over: tuple[float, float], letter: str, style: Style) -> None:
    size = style.size
    _, top, _, _ = _font(size).getbbox(letter)
    x, foot = over[0], over[1] + top - size * 0.055
    thick = size * 0.085 + style.bold * 1.2
    if mark == _ACUTE:
        reach = size * 0.13
        draw.polygon(
            [
                (x - reach * 0.55, foot),
                (x - reach * 0.55 + thick, foot),
                (x + reach + thick, foot - reach * 1.25),
                (x + reach - thick * 0.3, foot - reach * 1.25),
            ],
            fill=style.colour,
        )
    elif mark == _DIAERESIS:
        for side in (-1, 1):
            middle = x + side * size * 0.13
            draw.ellipse((middle - thick * 0.75, foot - thick * 1.5, middle + thick * 0.75, foot), fill=style.colour)
    else:
        reach, rise = size * 0.2, size * 0.06
        middle = foot - size * 0.05
        wave = [(-1.0, 0.5), (-0.55, -0.9), (0.0, 0.0), (0.55, 0.9), (1.0, -0.5)]
        points = [(x + reach * dx, middle + rise * dy) for dx, dy in wave]
        draw.line(points, fill=style.colour, width=max(1, round(thick * 0.9)), joint="curve")
