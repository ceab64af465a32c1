"""What a card has under its data: engraving, rosette, fingerprint, and the words that say it is no card.

The designs are invented; no emblem, seal or coat of arms is copied. Backgrounds depend on the model alone
and are kept; a fingerprint depends on the person.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from device_sim.synthetic.lettering import Colour, Style, draw_text, text_width

CARD_SIZE: Final = (1600, 1009)  # ID-1 (ISO/IEC 7810: 85.60 mm by 53.98 mm) at 475 points an inch
CORNER: Final = 60  # 3.18 mm
LEYENDA: Final = "DATOS SINTÉTICOS · SIN VALIDEZ"

_Plane = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one model: two of the paper, two of the engraved lines, one of bands and headings."""

    paper: Colour
    paper_foot: Colour
    line: Colour
    line_two: Colour
    band: Colour
    on_band: Colour


@lru_cache(maxsize=16)
def background(palette: Palette, waves: int) -> Image.Image:
    """An engraved sheet with the legend set across it. `waves` turns the lines, so that two sides differ."""
    width, height = CARD_SIZE[0] // 2, CARD_SIZE[1] // 2 + 1
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    down = (y / height)[..., None]
    sheet = np.array(palette.paper) * (1 - down) + np.array(palette.paper_foot) * down
    bend = 16 * np.sin(x / (70 + 9 * waves)) + 10 * np.sin((x + y) / 45 + waves)
    first = _lines(y + bend, 11.0)
    second = _lines(x * 0.35 + y * 0.9 - 14 * np.sin(x / 52 + waves), 14.0)
    rosette = _rosette(x - width * (0.74 if waves % 2 else 0.40), y - height * 0.52, waves)
    for plane, colour, weight in (
        (first, palette.line, 0.22),
        (second, palette.line_two, 0.18),
        (rosette, palette.line, 0.28),
    ):
        share = (plane * weight)[..., None]
        sheet = sheet * (1 - share) + np.array(colour) * share
    picture = Image.fromarray(sheet.clip(0, 255).astype(np.uint8), "RGB")
    picture = picture.resize(CARD_SIZE, Image.Resampling.BICUBIC)
    return _watermarked(picture, palette)


def rosette_emblem(size: int, colour: Colour) -> Image.Image:
    """A round ornament in place of an institution's emblem, as RGBA."""
    double = size * 2
    mask = Image.new("L", (double, double), 0)
    draw = ImageDraw.Draw(mask)
    middle = double / 2
    for petals, reach in ((7, 0.46), (11, 0.36), (5, 0.24)):
        points = []
        for i in range(361):
            t = math.radians(i)
            r = double * reach * (0.86 + 0.14 * math.cos(petals * t))
            points.append((middle + r * math.cos(t), middle + r * math.sin(t)))
        draw.line(points, fill=255, width=max(3, size // 28), joint="curve")
    core = double * 0.09
    draw.ellipse((middle - core, middle - core, middle + core, middle + core), fill=255)
    emblem = Image.new("RGBA", (size, size), (*colour, 0))
    emblem.putalpha(mask.reduce(2))
    return emblem


def fingerprint(seed: int, size: tuple[int, int]) -> Image.Image:
    """A mask of ridges: a whorl or a loop of that person's, fading towards the edge."""
    rng = np.random.default_rng(seed)
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    u, v = (x / width - 0.5) * 2, (y / height - 0.5) * 2
    core_x, core_y = rng.uniform(-0.15, 0.15), rng.uniform(-0.05, 0.25)
    twist, squash = rng.uniform(-0.5, 0.5), rng.uniform(0.62, 0.8)
    du, dv = u - core_x - twist * (v - core_y) * 0.35, (v - core_y) * squash
    radius = np.hypot(du, dv)
    angle = np.arctan2(dv, du)
    # A loop opens downwards: there the rings become parallel lines.
    loop = rng.uniform(0.0, 0.9)
    radius = np.where(dv > 0, radius * (1 - loop) + np.abs(du) * loop, radius)
    warp = 0.04 * np.sin(3 * angle + rng.uniform(0, 6)) + 0.03 * np.sin(9 * u + rng.uniform(0, 6))
    ridges = np.sin((radius + warp) * rng.uniform(50, 62) * (height / 300) + rng.uniform(0, 6))
    grain = rng.normal(0, 0.35, (height // 3 + 1, width // 3 + 1))
    blotches = np.kron(grain, np.ones((3, 3)))[:height, :width]
    edge = np.clip(6 * (1 - np.hypot(u / 0.95, v / 0.97)), 0, 1)
    ink = np.clip((ridges + blotches) * 1.6 + 0.2, 0, 1) * edge
    return Image.fromarray((ink * 255).astype(np.uint8), "L")


def _lines(phase: _Plane, pitch: float) -> _Plane:
    """Thin engraved lines, one every `pitch` points."""
    return np.clip(1.0 - np.abs(np.sin(np.pi * phase / pitch)) * 1.9, 0.0, 1.0)


def _rosette(dx: _Plane, dy: _Plane, waves: int) -> _Plane:
    radius = np.hypot(dx, dy)
    angle = np.arctan2(dy, dx)
    petals = radius + 9 * np.sin(angle * (9 + waves) + radius / 17)
    fade = np.clip(1.6 - radius / 120, 0.0, 1.0)
    return _lines(petals, 13.0) * fade


def _watermarked(picture: Image.Image, palette: Palette) -> Image.Image:
    picture.paste(palette.band, (0, 0), _watermark())
    return picture


@lru_cache(maxsize=1)
def _watermark() -> Image.Image:
    """The legend over and over on a slant, pale enough to read through; the same for all models."""
    style = Style(30, 255, 0.6)
    step = int(text_width(LEYENDA, style.size)) + 90
    reach = (CARD_SIZE[0] + 500, CARD_SIZE[1] + 700)
    mask = Image.new("L", reach, 0)
    draw = ImageDraw.Draw(mask)
    for row, y in enumerate(range(0, reach[1], 150)):
        for x in range(-(row % 2) * step // 2, reach[0], step):
            draw_text(draw, (x, y), LEYENDA, style)
    mask = mask.rotate(14, Image.Resampling.BILINEAR)
    left, top = (reach[0] - CARD_SIZE[0]) // 2, (reach[1] - CARD_SIZE[1]) // 2
    return mask.crop((left, top, left + CARD_SIZE[0], top + CARD_SIZE[1])).point([v // 6 for v in range(256)])
