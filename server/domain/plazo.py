"""The ten days of the mesa (P13.9): until when each registro must be decided, and what will be late, before it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.dias import DIA_MS

VENTANA = 7
"""Days of which the pace is the mean."""


def limite(entrada_ms: int, dias: int) -> int:
    """Until when what came to the mesa at `entrada_ms` must be decided."""
    return entrada_ms + dias * DIA_MS


@dataclass(frozen=True, slots=True)
class Renglon:
    """What must be decided on one day. `tarde`: how many of them will be late; all of a day that is over."""

    dia: int
    esperan: int
    tarde: int


@dataclass(frozen=True, slots=True)
class Proyeccion:
    """At `ritmo` decisions a day. `termina`: the day on which nothing waits any more; None without a pace."""

    ritmo: float
    renglones: tuple[Renglon, ...]
    termina: int | None

    @property
    def esperan(self) -> int:
        """All that waits."""
        return sum(one.esperan for one in self.renglones)

    @property
    def tarde(self) -> int:
        """What is late already or will be."""
        return sum(one.tarde for one in self.renglones)


def ritmo(hechos: Sequence[tuple[int, int]], hoy: int) -> float:
    """Decisions in a day: the mean of the last VENTANA whole days, natural ones since limits are natural days.

    `hechos`: (day, how many). Before there were so many days, the mean since the first; 0.0 when there is none.
    """
    before = {dia: n for dia, n in hechos if dia < hoy and n > 0}
    if not before:
        return 0.0
    days = min(VENTANA, hoy - min(before))
    return sum(n for dia, n in before.items() if dia >= hoy - days) / days


def proyectar(esperan: Sequence[tuple[int, int]], hoy: int, ritmo_: float, hechos_hoy: int = 0) -> Proyeccion:
    """What will be late if decisions go on at this pace, the first limit first, and nothing else arrives.

    `esperan`: (day of the limit, how many). Of today's pace what was done today is used up.
    """
    today = max(0.0, ritmo_ - hechos_hoy)
    rows, queue = [], 0
    for dia, n in sorted((dia, n) for dia, n in esperan if n > 0):
        queue += n
        done = int(today + ritmo_ * (dia - hoy)) if dia >= hoy else 0
        rows.append(Renglon(dia, n, min(n, max(0, queue - done))))
    ends = hoy if queue <= today else None
    if ends is None and ritmo_ > 0:
        ends = hoy + -int(-(queue - today) // ritmo_)
    return Proyeccion(ritmo_, tuple(rows), ends)
