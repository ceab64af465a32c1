"""The reporte de avance: where an aspirante stands today (rows B6, C6; P7.12, P7.13).

Figures are preliminary: they change while the padrón answers and the mesa reviews. Everything is read from counters,
so that a report costs the same whatever the number of apoyos.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain import umbral as umbrales
from server.domain.apoyo import Clase, Cuenta
from server.domain.dias import dia_de
from server.domain.umbral import Dispersion, Umbral
from server.store import avance as rows
from server.store import conteos, incisos, periodos
from server.store.avance import Solicitud
from server.store.connection import Connection

SEMANA = 7
MAX_DIAS = 800
"""Days in a series at most; what came before stays in the running total. A clock that once was wrong fills no page."""


@dataclass(frozen=True, slots=True)
class Dia:
    """A day of the series, those without anything too. `acumulado`: everything up to its end."""

    dia: int
    cuenta: Cuenta
    acumulado: Cuenta


@dataclass(frozen=True, slots=True)
class Meta:
    """Against the threshold. `progreso`: what counts against what is asked for; `en_espera`: what may still count;
    `dias_restantes`: days of the periodo that are left, today among them."""

    progreso: umbrales.Avance
    dispersion: Dispersion
    en_espera: int
    dias_restantes: int

    @property
    def por_reunir(self) -> int:
        """How many are still to be gathered even if everything that waits counts."""
        return max(0, self.progreso.faltan - self.en_espera)

    @property
    def por_dia(self) -> int | None:
        """Those, spread over the days that are left, rounded up; None once there are none."""
        return -(-self.por_reunir // self.dias_restantes) if self.dias_restantes else None


@dataclass(frozen=True, slots=True)
class Clases:
    """What was sent, by class: everybody is in one, so the sum is `enviados`. `hallazgos`: what those with an
    inconsistency have, in words, with how many; their sum is that class."""

    por_clase: tuple[tuple[Clase, int], ...]
    hallazgos: tuple[tuple[str, int], ...]

    @property
    def enviados(self) -> int:
        """The sum of all classes."""
        return sum(n for _, n in self.por_clase)


@dataclass(frozen=True, slots=True)
class Avance:
    """The report of one aspirante. `hoy`, `semana`: what arrived today, and in the last seven days with it; `meta`:
    None where nothing is asked for."""

    solicitud: Solicitud
    total: Cuenta
    clases: Clases
    hoy: Cuenta
    semana: Cuenta
    dias: tuple[Dia, ...]
    meta: Meta | None
    en_ms: int


def de_aspirante(conn: Connection, folio: int, now_ms: int) -> Avance | None:
    """The report of an aspirante; None when there is no such folio. Seven or eight reads, whatever its size."""
    found = rows.solicitud(conn, folio)
    if found is None:
        return None
    today = dia_de(now_ms)
    by_day = conteos.por_dia(conn, folio)
    # One read for both: figures of a page that is read beside arrivals must add up.
    total = sum((cuenta for _, cuenta in by_day), Cuenta())
    return Avance(
        solicitud=found,
        total=total,
        clases=clases(conn, folio, total),
        hoy=_between(by_day, today, today),
        semana=_between(by_day, today - SEMANA + 1, today),
        dias=serie(by_day, *_span(found, by_day, today)),
        meta=_meta(conn, found, total, now_ms),
        en_ms=now_ms,
    )


SIN_INCISO = "Caso no previsto en los incisos"
SOLO_DE_ORIGEN = "Recibidos tras una baja, o captados fuera del periodo"


def clases(conn: Connection, folio: int, total: Cuenta) -> Clases:
    """What an aspirante sent, by class, and the inconsistencies by their type. `total`: of the same transaction."""
    by_type = dict[str, int]()
    by_inciso = conteos.por_inciso(conn, folio)
    words = incisos.textos(conn) if by_inciso else {}
    for inciso in (*(one for one in words if one in by_inciso), *(one for one in by_inciso if one not in words)):
        tipo = str(words[inciso].tipo) if inciso in words else f"Inciso {inciso})"
        by_type[tipo] = by_type.get(tipo, 0) + by_inciso[inciso]
    by_type[SIN_INCISO] = total.inconsistentes - sum(by_inciso.values())
    by_class = conteos.por_clase(conn, folio)
    # The class has what the mesa found and what came wrongly; an apoyo of both is told by what the mesa found.
    by_type[SOLO_DE_ORIGEN] = by_class[Clase.CON_INCONSISTENCIA] - total.inconsistentes
    return Clases(tuple(by_class.items()), tuple((tipo, n) for tipo, n in by_type.items() if n))


def _between(by_day: Sequence[tuple[int, Cuenta]], desde: int, hasta: int) -> Cuenta:
    return sum((cuenta for dia, cuenta in by_day if desde <= dia <= hasta), Cuenta())


def _span(found: Solicitud, by_day: Sequence[tuple[int, Cuenta]], today: int) -> tuple[int, int]:
    """First and last day of the series: the periodo up to today, and all that arrived outside it."""
    firsts = [dia for dia, _ in by_day[:1]]
    lasts = [dia for dia, _ in by_day[-1:]]
    if found.inicia_ms is not None and found.termina_ms is not None and dia_de(found.inicia_ms) <= today:
        firsts.append(dia_de(found.inicia_ms))
        lasts.append(min(today, dia_de(found.termina_ms - 1)))
    if not firsts:
        return 0, -1
    last = max(lasts)
    return max(min(firsts), last - MAX_DIAS + 1), last


def serie(by_day: Sequence[tuple[int, Cuenta]], desde: int, hasta: int) -> tuple[Dia, ...]:
    """Every day from `desde` to `hasta`, both included, with its running total; gaps are days with nothing."""
    running = _between(by_day, by_day[0][0], desde - 1) if by_day else Cuenta()
    found = dict(by_day)
    days = []
    for dia in range(desde, hasta + 1):
        cuenta = found.get(dia, Cuenta())
        running = running + cuenta
        days.append(Dia(dia, cuenta, running))
    return tuple(days)


def _meta(conn: Connection, found: Solicitud, total: Cuenta, now_ms: int) -> Meta | None:
    if found.periodo_id is None or found.termina_ms is None:
        return None
    umbral = periodos.umbral(conn, found.periodo_id)
    if umbral.requeridos is None and not umbral.needed_units:
        return None
    reached: dict[str, int] = {}
    if umbral.needed_units:
        reached = conteos.por_unidad(conn, found.folio, umbral.dispersion)
    left = 0 if now_ms >= found.termina_ms else dia_de(found.termina_ms - 1) - dia_de(now_ms) + 1
    return Meta(umbrales.evaluate(umbral, total.cuentan, reached), umbral.dispersion, total.en_espera, left)


def unidades_alcanzadas(conn: Connection, umbral: Umbral, folios: Sequence[int]) -> dict[int, int]:
    """In how many units each of these aspirantes has what it takes; nobody without one is in it.

    The same as `umbral.evaluate` says of each; here the names of units are looked up once for all.
    """
    if not umbral.needed_units or not folios:
        return {}
    places: dict[str, int] = {}
    for number, unidad in enumerate(umbral.unidades):
        names = [unidad.clave]
        if umbral.dispersion is Dispersion.MUNICIPIO and unidad.nombre:
            names.append(unidad.nombre)
        places |= dict.fromkeys((umbrales.unit_key(umbral.dispersion, name) for name in names), number)
    known: dict[str, int | None] = {}
    counts: dict[tuple[int, int], int] = {}
    for folio, clave, cuantos in rows.por_unidad(conn, folios, umbral.dispersion):
        if clave not in known:
            known[clave] = places.get(umbrales.unit_key(umbral.dispersion, clave))
        place = known[clave]
        if place is not None:
            counts[folio, place] = counts.get((folio, place), 0) + cuantos
    found: dict[int, int] = {}
    for (folio, place), cuantos in counts.items():
        if cuantos >= umbral.unidades[place].requeridos:
            found[folio] = found.get(folio, 0) + 1
    return found
