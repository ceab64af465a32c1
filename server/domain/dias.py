"""Days of hora del centro, as counters and reports name them: whole days since 1 January 1970 (P6.1A).

UTC-6 all year: there is no summer time since 2022. The triggers of the index use the same rule.
"""

from __future__ import annotations

from datetime import date

CENTRO_MS = 6 * 3600 * 1000
DIA_MS = 24 * 3600 * 1000
_EPOCH = date(1970, 1, 1).toordinal()


def dia_de(ms: int) -> int:
    """The day on which an instant lies."""
    return (ms - CENTRO_MS) // DIA_MS


def fecha(dia: int) -> date:
    """Its date."""
    return date.fromordinal(_EPOCH + dia)


def dia_de_fecha(day: date) -> int:
    """The day of a date."""
    return day.toordinal() - _EPOCH


_MESES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


def corto(dia: int) -> str:
    """`21 sep`, for the axis of a graph."""
    day = fecha(dia)
    return f"{day.day} {_MESES[day.month - 1]}"


def largo(dia: int) -> str:
    """`21/09/2026`."""
    day = fecha(dia)
    return f"{day.day:02}/{day.month:02}/{day.year}"
