"""Graphs as geometry: where each bar, line and label goes; `shared/_graficas.html` draws it as SVG (row C6).

Across, everything is in percent of the width, so that a graph is as wide as its page and its letters keep their size
on a phone; down, in pixels. Nothing is told by colour alone: parts are hatched and named, lines are dashed and named,
and the same figures stand in a table beside each graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.apoyo import Clase, Cuenta
from server.domain.dias import corto, largo
from server.reportes.avance import Dia

ALTO = 200
"""Height of the plot, in pixels."""
ARRIBA = 16
"""Room above it for the label of the highest line."""
BARRAS = 140
"""More days than this are drawn as weeks: thinner bars could not be told apart on a phone."""
ETIQUETAS = 4
"""Dates along the axis: what fits into 320 pixels."""


@dataclass(frozen=True, slots=True)
class Marca:
    """A line across with its value. `y`: pixels from the top."""

    y: float
    texto: str


@dataclass(frozen=True, slots=True)
class Etiqueta:
    """A label on the axis. `x`: percent; `ancla`: start, middle or end."""

    x: float
    texto: str
    ancla: str


@dataclass(frozen=True, slots=True)
class Barra:
    """A bar. `x`, `ancho`: percent; `y`, `alto`: pixels; `texto`: what a pointer is told."""

    x: float
    ancho: float
    y: float
    alto: float
    texto: str


@dataclass(frozen=True, slots=True)
class GraficaBarras:
    """How much arrived, by day or by week."""

    descripcion: str
    barras: tuple[Barra, ...]
    marcas: tuple[Marca, ...]
    etiquetas: tuple[Etiqueta, ...]
    por_semana: bool
    base: float = ARRIBA + ALTO
    alto: int = ARRIBA + ALTO + 24


@dataclass(frozen=True, slots=True)
class GraficaLineas:
    """Running totals. Points are of a box of 1000 by ALTO that is stretched over the plot; `fin_*`: where lines end,
    percent and pixels. `meta` is empty without a threshold."""

    descripcion: str
    recibidos: str
    cuentan: str
    meta: str
    fin_x: float
    fin_recibidos: float
    fin_cuentan: float
    marcas: tuple[Marca, ...]
    etiquetas: tuple[Etiqueta, ...]
    arriba: int = ARRIBA
    plot: int = ALTO
    base: float = ARRIBA + ALTO
    alto: int = ARRIBA + ALTO + 24


@dataclass(frozen=True, slots=True)
class Tramo:
    """A part of a whole. `x`, `ancho`: percent; `clase`: its hatching; `porcentaje`: as people read it."""

    x: float
    ancho: float
    clase: str
    texto: str
    cuantos: int
    porcentaje: str


@dataclass(frozen=True, slots=True)
class GraficaTramos:
    """A whole in its parts. All parts are there, those without anything too."""

    descripcion: str
    tramos: tuple[Tramo, ...]
    total: int


def miles(cuantos: int) -> str:
    """`1,234,567`, as figures are written in Mexico."""
    return f"{cuantos:,}"


def porcentaje(parte: int, todo: int) -> str:
    """`37.4 %`. What is more than nothing is never shown as 0, nor what is less than all as 100."""
    if not todo:
        return "0 %"
    if 0 < parte < todo:
        tenths = min(999, max(1, round(1000 * parte / todo)))
        return f"{tenths / 10:.1f} %"
    return f"{round(100 * parte / todo)} %"


def escala(maximo: int) -> tuple[int, ...]:
    """Round values for the lines across, from 0 to at least `maximo`: two to five of them, whole numbers."""
    top = max(1, maximo)
    magnitude = 10 ** max(0, len(str(top)) - 2)
    for step in (magnitude * factor for factor in (1, 2, 5, 10, 20, 50)):
        if top <= 4 * step:
            return tuple(range(0, -(-top // step) * step + 1, step))
    raise AssertionError(top)  # pragma: no cover -- 50 of its magnitude is more than any number of that length


def _marcas(values: Sequence[int]) -> tuple[Marca, ...]:
    return tuple(Marca(round(ARRIBA + ALTO * (1 - value / values[-1]), 1), miles(value)) for value in values)


def _etiquetas(desde: int, hasta: int) -> tuple[Etiqueta, ...]:
    """Dates along an axis whose ends are the beginning of `desde` and the end of `hasta`."""
    span = hasta - desde + 1
    if span == 1:
        return (Etiqueta(50, corto(desde), "middle"),)
    count = min(ETIQUETAS, span)
    days = sorted({desde + round(i * (span - 1) / (count - 1)) for i in range(count)})
    anchors = ["start", *["middle"] * (len(days) - 2), "end"]
    places = [0.0, *(round(100 * (day - desde + 0.5) / span, 2) for day in days[1:-1]), 100.0]
    return tuple(Etiqueta(x, corto(day), anchor) for x, day, anchor in zip(places, days, anchors, strict=True))


def barras(dias: Sequence[Dia]) -> GraficaBarras | None:
    """What arrived each day, or each week when there are many days; None without a day."""
    if not dias:
        return None
    weekly = len(dias) > BARRAS
    groups = (
        [dias[i : i + 7] for i in range(0, len(dias), 7)] if weekly else [dias[i : i + 1] for i in range(len(dias))]
    )
    counts = [sum(one.cuenta.recibidos for one in group) for group in groups]
    values = escala(max(counts))
    slot = 100 / len(dias)
    gap = 0.15 if len(groups) > 60 else 0.25
    found = []
    for group, count in zip(groups, counts, strict=True):
        width = slot * len(group)
        # What is there is seen: one beside a thousand is still two pixels high.
        height = max(2.0, ALTO * count / values[-1]) if count else 0.0
        x = 100 * (group[0].dia - dias[0].dia) / len(dias) + width * gap / 2
        if len(groups) == 1:
            x, width = 35.0, 30.0
        found.append(
            Barra(round(x, 3), round(width * (1 - gap), 3), round(ARRIBA + ALTO - height, 1), round(height, 1),
                  f"{_days(group)}: {miles(count)}")
        )  # fmt: skip
    return GraficaBarras(
        _barras_text(groups, counts, weekly=weekly), tuple(found), _marcas(values),
        _etiquetas(dias[0].dia, dias[-1].dia), weekly,
    )  # fmt: skip


def _days(group: Sequence[Dia]) -> str:
    first, last = group[0].dia, group[-1].dia
    return largo(first) if first == last else f"{largo(first)} a {largo(last)}"


def _barras_text(groups: Sequence[Sequence[Dia]], counts: Sequence[int], *, weekly: bool) -> str:
    unit = "semana" if weekly else "día"
    span = f"Del {largo(groups[0][0].dia)} al {largo(groups[-1][-1].dia)}, por {unit}"
    total, most = sum(counts), max(counts)
    if not total:
        return f"{span}: no se ha recibido ningún apoyo."
    best = _days(groups[counts.index(most)])
    return f"{span}: {miles(total)} apoyos recibidos. Lo más en un {unit}: {miles(most)} ({best})."


def lineas(dias: Sequence[Dia], requeridos: int | None, inicia: int, termina: int) -> GraficaLineas | None:
    """Running totals against the line to the threshold; None without a day.

    `inicia`, `termina`: first and last day of the periodo; the axis covers them and every day of the series.
    """
    if not dias:
        return None
    desde, hasta = min(dias[0].dia, inicia), max(dias[-1].dia, termina)
    span = hasta - desde + 1
    last = dias[-1].acumulado
    values = escala(max(last.recibidos, requeridos or 0))

    def point(dia: float, count: int) -> str:
        return f"{round(1000 * (dia - desde) / span, 1):g},{round(ALTO * (1 - count / values[-1]), 1):g}"

    before = dias[0].acumulado
    start = dias[0].dia
    received = [point(start, before.recibidos - dias[0].cuenta.recibidos)]
    counting = [point(start, before.cuentan - dias[0].cuenta.cuentan)]
    for one in dias:
        received.append(point(one.dia + 1, one.acumulado.recibidos))
        counting.append(point(one.dia + 1, one.acumulado.cuentan))
    meta = f"{point(inicia, 0)} {point(termina + 1, requeridos)}" if requeridos else ""
    return GraficaLineas(
        descripcion=_lineas_text(dias, requeridos, termina),
        recibidos=" ".join(received),
        cuentan=" ".join(counting),
        meta=meta,
        fin_x=round(100 * (dias[-1].dia + 1 - desde) / span, 2),
        fin_recibidos=_down(last.recibidos, values[-1]),
        fin_cuentan=_down(last.cuentan, values[-1]),
        marcas=_marcas(values),
        etiquetas=_etiquetas(desde, hasta),
    )


def _down(count: int, top: int) -> float:
    return round(ARRIBA + ALTO * (1 - count / top), 1)


def _lineas_text(dias: Sequence[Dia], requeridos: int | None, termina: int) -> str:
    last = dias[-1].acumulado
    day = largo(dias[-1].dia)
    said = f"Al {day}: {miles(last.recibidos)} recibidos, de ellos {miles(last.cuentan)} cuentan hasta hoy."
    if requeridos:
        said += f" La meta es de {miles(requeridos)} al {largo(termina)}."
    return said


def situaciones(total: Cuenta) -> GraficaTramos:
    """By what the padrón says."""
    return _tramos(
        [(one.lower().replace("_", "-"), one.texto, count) for one, count in total.por_situacion], total.recibidos
    )


def resultados(total: Cuenta) -> GraficaTramos:
    """By what the mesa de control said."""
    classes = {"valido": "lista-nominal", "inconsistente": "no-cuentan", "pendiente": "sin-respuesta"}
    return _tramos([(classes[one], one.texto, count) for one, count in total.por_resultado], total.recibidos)


def clases(por_clase: Sequence[tuple[Clase, int]]) -> GraficaTramos:
    """By class: what was sent is all of it."""
    parts = [(one.value.replace("_", "-"), one.texto, count) for one, count in por_clase]
    return _tramos(parts, sum(count for _, count in por_clase))


def _tramos(parts: Sequence[tuple[str, str, int]], total: int) -> GraficaTramos:
    found = []
    before = 0
    for clase, texto, count in parts:
        x, end = (100 * before / total, 100 * (before + count) / total) if total else (0.0, 0.0)
        found.append(Tramo(round(x, 3), round(end - x, 3), clase, texto, count, porcentaje(count, total)))
        before += count
    said = ", ".join(f"{one.texto.lower()}: {miles(one.cuantos)} ({one.porcentaje})" for one in found)
    return GraficaTramos(f"De {miles(total)} apoyos, {said}.", tuple(found), total)
