"""The reporte de avance: where an aspirante stands today (rows B6, C6; P7.12, P7.13).

Figures are preliminary: they change while the padrón answers and the mesa reviews. Everything is read from counters,
so that a report costs the same whatever the number of apoyos.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.apoyo import Cuenta
from server.domain.dias import dia_de
from server.store import avance as rows
from server.store import conteos
from server.store.avance import Solicitud, Unidad
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
class AvanceUnidad:
    """A unit of the territory against what it takes."""

    unidad: Unidad
    cuentan: int

    @property
    def cumple(self) -> bool:
        """Whether it is reached."""
        return self.cuentan >= self.unidad.requeridos


@dataclass(frozen=True, slots=True)
class AvanceUmbral:
    """Against the threshold. `por_dia`: what would still have to arrive each day if everything that waits counted;
    None once the periodo is over. `unidades` is empty where no dispersión is asked for.
    """

    requeridos: int
    cuentan: int
    en_espera: int
    dias_restantes: int
    unidades_requeridas: int
    unidades: tuple[AvanceUnidad, ...]

    @property
    def faltan(self) -> int:
        """How many are still to count."""
        return max(0, self.requeridos - self.cuentan)

    @property
    def por_reunir(self) -> int:
        """How many are still to be gathered even if everything that waits counts."""
        return max(0, self.requeridos - self.cuentan - self.en_espera)

    @property
    def por_dia(self) -> int | None:
        """Those, spread over the days that are left, rounded up."""
        return -(-self.por_reunir // self.dias_restantes) if self.dias_restantes else None

    @property
    def alcanzado(self) -> bool:
        """Whether what counts reaches both the number and the dispersión."""
        return self.faltan == 0 and self.unidades_cumplidas >= self.unidades_requeridas

    @property
    def unidades_cumplidas(self) -> int:
        """Units that are reached."""
        return sum(one.cumple for one in self.unidades)


@dataclass(frozen=True, slots=True)
class Avance:
    """The report of one aspirante. `hoy`, `semana`: what arrived today, and in the last seven days with it."""

    solicitud: Solicitud
    total: Cuenta
    hoy: Cuenta
    semana: Cuenta
    dias: tuple[Dia, ...]
    umbral: AvanceUmbral | None
    en_ms: int


def de_aspirante(conn: Connection, folio: int, now_ms: int) -> Avance | None:
    """The report of an aspirante; None when there is no such folio. Four or five reads, whatever its size."""
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
        hoy=_between(by_day, today, today),
        semana=_between(by_day, today - SEMANA + 1, today),
        dias=serie(by_day, *_span(found, by_day, today)),
        umbral=_umbral(conn, found, total, now_ms),
        en_ms=now_ms,
    )


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


def _umbral(conn: Connection, found: Solicitud, total: Cuenta, now_ms: int) -> AvanceUmbral | None:
    if found.requeridos is None or found.periodo_id is None or found.termina_ms is None:
        return None
    unidades: tuple[AvanceUnidad, ...] = ()
    if found.dispersion != "ninguna":
        reached = conteos.por_unidad(conn, found.folio, found.dispersion)
        unidades = tuple(AvanceUnidad(one, reached.get(one.clave, 0)) for one in rows.unidades(conn, found.periodo_id))
    needed = len(unidades) if found.unidades_requeridas is None else found.unidades_requeridas
    left = 0 if now_ms >= found.termina_ms else dia_de(found.termina_ms - 1) - dia_de(now_ms) + 1
    return AvanceUmbral(found.requeridos, total.cuentan, total.en_espera, left, needed if unidades else 0, unidades)
