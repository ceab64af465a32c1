"""Drawn signatures: one hand for each person, on the card and on the phone's glass (rows D3, G1).

A signature is a path through control points, gesture after gesture, as a hand would go: a large initial,
arches and loops that the name suggests, a flourish. `signature_of` fixes the hand; `draw_signature` writes
it once, never twice alike unless the generator is the same.
"""

import math
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from PIL import Image, ImageDraw

from device_sim.synthetic.identifiers import fold

Colour = tuple[int, int, int]
Point = tuple[float, float]
Stroke = tuple[Point, ...]

_TALL: Final = frozenset("BDFHKLT")
_DEEP: Final = frozenset("GJPQYZ")
_ROUND: Final = frozenset("ACEOSU")
_STEPS: Final = 9


@dataclass(frozen=True, slots=True)
class Firma:
    """A person's signature: its strokes, in heights of a small letter, and how the pen bears down."""

    strokes: tuple[Stroke, ...]
    pen: float
    slant: float


def signature_of(seed: int, nombre: str, apellido: str) -> Firma:
    """The signature of the person with that seed and name. Some write the name, some a scrawl."""
    rng = random.Random(seed ^ 0xF12A)
    hand = _Hand(rng)
    words = [fold(nombre).split()[0], fold(apellido).split()[-1] if apellido else ""]
    if rng.random() < 0.35:
        words = words[:1]
    for word in filter(None, words):
        hand.initial()
        legible = rng.randrange(3, 8)
        for letter in word[1 : 1 + legible]:
            hand.letter(letter)
        if len(word) > 1 + legible:
            hand.trail()
        hand.lift()
    flourish = rng.random()
    if flourish < 0.45:
        hand.underline()
    elif flourish < 0.65:
        hand.loop_back()
    return Firma(tuple(hand.strokes), rng.uniform(0.055, 0.10), rng.uniform(-0.05, 0.45))


def draw_signature(
    firma: Firma,
    size: tuple[int, int],
    rng: random.Random,
    *,
    ink: Colour = (24, 26, 48),
    paper: Colour = (255, 255, 255),
    unsteady: float = 1.0,
) -> Image.Image:
    """Write it once on a sheet of that size, filling about four fifths of it. `unsteady` scales how much
    this time differs from the person's habit; 0 is the habit itself."""
    mask = signature_mask(firma, size, rng, unsteady=unsteady)
    sheet = Image.new("RGB", size, paper)
    sheet.paste(ink, (0, 0), mask)
    return sheet


def signature_mask(firma: Firma, size: tuple[int, int], rng: random.Random, *, unsteady: float = 1.0) -> Image.Image:
    """The ink alone, to be laid over a card."""
    turn = rng.gauss(0, 0.03) * unsteady
    slant = firma.slant + rng.gauss(0, 0.04) * unsteady
    strokes = [_shake(stroke, rng, 0.05 * unsteady) for stroke in firma.strokes]
    strokes = [[_place(x, y, slant, turn) for x, y in stroke] for stroke in strokes]
    xs = [x for stroke in strokes for x, _ in stroke]
    ys = [y for stroke in strokes for _, y in stroke]
    double = (size[0] * 2, size[1] * 2)
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min(double[0] * 0.84 / wide, double[1] * 0.80 / high)
    left = (double[0] - wide * scale) / 2 - min(xs) * scale
    top = (double[1] - high * scale) / 2 - min(ys) * scale
    mask = Image.new("L", double, 0)
    draw = ImageDraw.Draw(mask)
    for stroke in strokes:
        _ink(draw, [(left + x * scale, top + y * scale) for x, y in _spline(stroke)], firma.pen * scale)
    return mask.reduce(2)


class _Hand:
    """Where the pen is and the strokes it has left. y grows downwards, the writing line is y = 0."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.strokes: list[Stroke] = []
        self._path: list[Point] = []
        self._x = 0.0
        self._pace = rng.uniform(0.55, 0.95)
        self._height = rng.uniform(0.7, 1.2)
        self._rise = rng.uniform(-0.06, 0.02)
        self._capital = rng.uniform(2.2, 3.6)
        self._capital_form = rng.randrange(4)

    def _go(self, *points: Point) -> None:
        # The writing line rises or falls with x.
        self._path += [(self._x + dx, dy + self._rise * (self._x + dx)) for dx, dy in points]

    def initial(self) -> None:
        tall, wide = self._capital, self._capital * self._rng.uniform(0.35, 0.55)
        if self._capital_form == 0:  # a long stem and a bow
            self._go((wide * 0.3, -tall), (0.1, -tall * 0.4), (0, 0.3), (-0.3, 0.1), (wide * 0.2, -tall * 0.8))
            self._go((wide, -tall * 0.95), (wide * 0.9, -tall * 0.5), (wide * 0.4, -tall * 0.4))
        elif self._capital_form == 1:  # an open round
            self._go((wide, -tall * 0.85), (wide * 0.5, -tall), (-0.1, -tall * 0.4), (wide * 0.4, 0.1))
        elif self._capital_form == 2:  # two peaks
            self._go((0, 0.2), (wide * 0.25, -tall), (wide * 0.5, -tall * 0.2), (wide * 0.8, -tall * 0.9))
            self._go((wide, 0.0))
        else:  # a loop that crosses itself
            self._go((-0.2, -tall * 0.3), (wide * 0.6, -tall), (wide * 0.8, -tall * 0.7), (0.1, 0.4))
            self._go((wide * 0.5, 0.3), (wide, -0.4))
        self._x += wide + 0.3

    def letter(self, letter: str) -> None:
        high, pace = self._height * self._rng.uniform(0.8, 1.15), self._pace * self._rng.uniform(0.8, 1.2)
        if letter in _TALL:
            self._go((0.1, -high * 0.5), (pace * 0.7, -high * 2.3), (pace * 0.35, -high * 2.4), (pace * 0.3, 0))
            self._go((pace * 0.8, -0.1))
        elif letter in _DEEP:
            self._go((0.2, -high), (pace * 0.5, 0), (pace * 0.5, high * 1.4), (0, high * 1.3), (pace * 0.9, -0.2))
        elif letter in _ROUND:
            self._go((pace * 0.6, -high), (0.05, -high * 0.6), (pace * 0.3, 0), (pace * 0.8, -high * 0.2))
        else:
            self._go((0.1, -high * 0.9), (pace * 0.35, -high * 0.7), (pace * 0.45, 0), (pace * 0.9, -high * 0.4))
        self._x += pace

    def trail(self) -> None:
        reach = self._rng.uniform(1.2, 2.6)
        self._go((reach * 0.3, -0.35), (reach * 0.6, 0.05), (reach, -0.2))
        self._x += reach

    def lift(self) -> None:
        if len(self._path) > 1:
            self.strokes.append(tuple(self._path))
        self._path = []
        self._x += self._rng.uniform(-0.2, 0.5)

    def underline(self) -> None:
        end, low = self._x, self._rng.uniform(0.7, 1.5)
        self._x = 0.0
        self._go(
            (end * 0.95, low * 0.6),
            (end * 0.4, low),
            (-0.4, low * 1.1),
            (0.4, low * 1.35),
            (end * 0.7, low * 1.1),
        )
        self.lift()

    def loop_back(self) -> None:
        end, high = self._x, self._capital
        self._x = 0.0
        self._go((end, -0.3), (end + 0.8, -high * 0.7), (end * 0.5, -high * 1.05), (-0.6, -high * 0.4))
        self._go((end * 0.3, 0.9), (end * 1.1, 0.5))
        self.lift()


def _place(x: float, y: float, slant: float, turn: float) -> Point:
    x -= y * slant
    return x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)


def _shake(stroke: Stroke, rng: random.Random, amount: float) -> list[Point]:
    return [(x + rng.gauss(0, amount), y + rng.gauss(0, amount)) for x, y in stroke]


def _spline(points: list[Point]) -> list[Point]:
    """A Catmull-Rom curve through the points: each stretch is the cubic Bézier that keeps the direction."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for i in range(_STEPS):
            t = i / _STEPS
            t2, t3 = t * t, t * t * t
            wa, wb = -t + 2 * t2 - t3, 2 - 5 * t2 + 3 * t3
            wc, wd = t + 4 * t2 - 3 * t3, -t2 + t3
            curve.append(((ax * wa + bx * wb + cx * wc + dx * wd) / 2, (ay * wa + by * wb + cy * wc + dy * wd) / 2))
    curve.append(points[-1])
    return curve


def _ink(draw: ImageDraw.ImageDraw, curve: list[Point], pen: float) -> None:
    """Thick where the pen goes down and slow, thin where it goes up and fast, tapering at both ends."""
    lengths = [math.dist(a, b) for a, b in pairwise(curve)]
    usual = sum(lengths) / len(lengths)
    width = pen
    for i, ((ax, ay), (bx, by)) in enumerate(pairwise(curve)):
        down = (by - ay) / (lengths[i] or 1.0)
        fast = min(2.0, lengths[i] / usual)
        taper = min(1.0, 0.45 + i / 10, 0.35 + (len(lengths) - i) / 10)
        wanted = pen * (1.0 + 0.35 * down) * (1.25 - 0.3 * fast) * taper
        width += (wanted - width) * 0.5
        draw.line((ax, ay, bx, by), fill=255, width=max(2, round(width)))
        half = width / 2
        draw.ellipse((bx - half, by - half, bx + half, by + half), fill=255)
