"""Graphs of the report as inline SVG: lines over time, drawn without a script, readable without the drawing.

Why own and not a library: pygal brings scripts from elsewhere, styles that know no dark mode and no text for who cannot
see it; matplotlib is forty times the size of this package. What is needed is a polyline, ticks and a legend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 14, 34
_ROWS = 30
"""A table of data has about so many rows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a graph; at most four in one, each with a colour and a dash of its own."""

    name: str
    points: Points


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant that matters, as a vertical line with a number that the legend explains."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph laid out: what the template writes down."""

    id: str
    title: str
    unit: str
    summary: str
    lines: tuple[tuple[str, str], ...]
    """Name and SVG path of each."""
    marks: tuple[tuple[float, str], ...]
    xs: tuple[Tick, ...]
    ys: tuple[Tick, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    top: int = _TOP
    bottom: int = HEIGHT - _BOTTOM


def draw(id_: str, title: str, unit: str, lines: Sequence[Line], seconds: float, marks: Sequence[Mark] = ()) -> Drawing:
    """Lay out a graph over the run's seconds; values begin at 0."""
    seconds = max(seconds, 1.0)
    highest = max((value for line in lines for _, value in line.points), default=0.0)
    top = nice(highest)
    xs = [Tick(_x(at, seconds), clock(at)) for at in steps(seconds)]
    ys = [Tick(_y(top * part / 4, top), figure(top * part / 4)) for part in range(5)]
    shown = [(_x(mark.at, seconds), mark.text) for mark in marks if 0 <= mark.at <= seconds]
    return Drawing(
        id_,
        title,
        unit,
        "; ".join(_said(line, unit) for line in lines) + ".",
        tuple((line.name, _path(line.points, seconds, top)) for line in lines),
        tuple(shown),
        tuple(xs),
        tuple(ys),
        ("Tiempo", *(line.name for line in lines)),
        tuple(_table(lines, seconds)),
    )


def nice(highest: float) -> float:
    """The least of 1, 2, 2.5, 4, 5, 8 times a power of ten that holds the highest value."""
    if highest < 1e-12:  # nothing that a figure of ours could be; powers of ten so small are no longer numbers
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(step * power for step in (1, 2, 2.5, 4, 5, 8, 10) if step * power >= highest)


def steps(seconds: float) -> list[float]:
    """Some four to seven instants for the axis of time, on whole steps that people use."""
    for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600):
        if seconds / step <= 6.5:
            break
    return [at * float(step) for at in range(int(seconds / step) + 1)]


def clock(seconds: float) -> str:
    """Seconds after the start as minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def figure(value: float) -> str:
    """A value with the digits that matter."""
    if value == 0:
        return "0"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2g}"


def _said(line: Line, unit: str) -> str:
    if not line.points:
        return f"{line.name}: sin datos"
    at, most = max(line.points, key=lambda point: point[1])
    mean = sum(value for _, value in line.points) / len(line.points)
    return f"{line.name}: promedio {figure(mean)}, máximo {figure(most)} {unit} en {clock(at)}"


def _table(lines: Sequence[Line], seconds: float) -> list[tuple[str, ...]]:
    width = max(1.0, math.ceil(seconds / _ROWS))
    found = []
    for row in range(int(seconds / width) + 1):
        cells = []
        for line in lines:
            inside = [value for at, value in line.points if row * width <= at < (row + 1) * width]
            cells.append(figure(sum(inside) / len(inside)) if inside else "–")
        if any(cell != "–" for cell in cells):
            found.append((clock(row * width), *cells))
    return found


def _x(at: float, seconds: float) -> float:
    return round(_LEFT + at / seconds * (WIDTH - _LEFT - _RIGHT), 1)


def _y(value: float, top: float) -> float:
    return round(HEIGHT - _BOTTOM - value / top * (HEIGHT - _TOP - _BOTTOM), 1)


def _path(points: Points, seconds: float, top: float) -> str:
    return " ".join(
        f"{'M' if index == 0 else 'L'}{_x(at, seconds)},{_y(value, top)}" for index, (at, value) in enumerate(points)
    )
