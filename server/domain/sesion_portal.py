"""How long someone stays in: the rules of a portal session (rows A1, A2, A4). Instants in ms."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.roles import Rol

MINUTO = 60_000
HORA = 60 * MINUTO
A_MEDIAS_MS = 10 * MINUTO
"""Between the password and the second factor."""
VISTA_CADA_MS = MINUTO
"""A session's last use is written down at most so often: pages are read far more often than that matters."""
ATRAS_MS = 5 * MINUTO
"""A clock that was set back by more than this ends what began later: it may have lived long past its end."""


@dataclass(frozen=True, slots=True)
class Plazo:
    """`inactiva_ms`: without use. `maxima_ms`: in all, however busy."""

    inactiva_ms: int
    maxima_ms: int


_OPL = Plazo(30 * MINUTO, 12 * HORA)
_ASPIRANTE = Plazo(60 * MINUTO, 8 * HORA)


def plazo(rol: str) -> Plazo:
    """A functionary's working day at a shared desk; an aspirante's evening at home."""
    return _ASPIRANTE if rol == Rol.ASPIRANTE else _OPL


def vence(rol: str, now_ms: int, *, a_medias: bool) -> int:
    """When a session that begins now ends, whatever happens. `a_medias`: the second factor is still to come."""
    return now_ms + (A_MEDIAS_MS if a_medias else plazo(rol).maxima_ms)


def viva(rol: str, *, creada_ms: int, vista_ms: int, vence_ms: int, cerrada_ms: int | None, now_ms: int) -> bool:
    """Whether it still lets someone in."""
    return (
        cerrada_ms is None and creada_ms - ATRAS_MS <= now_ms < vence_ms and now_ms - vista_ms < plazo(rol).inactiva_ms
    )


def vigente(creada_ms: int, vence_ms: int, now_ms: int) -> bool:
    """Whether a mailed link or code is within its time, on a clock that was not set back."""
    return creada_ms - ATRAS_MS <= now_ms < vence_ms
