"""How long someone stays in at most, and a mailed link is good: rules of the portals (rows A1, A2). Instants in ms."""

from __future__ import annotations

from server.domain.roles import Rol

MINUTO = 60_000
HORA = 60 * MINUTO
PASO_MS = 10 * MINUTO
"""Between two steps of entering: the password and the second factor, the folio and the code."""
ATRAS_MS = 5 * MINUTO
"""A clock that was set back by more than this ends what began later: it may have lived long past its end."""


def maximo(rol: str) -> int:
    """A functionary's working day at a shared desk; an aspirante's at home."""
    return (8 if rol == Rol.ASPIRANTE else 12) * HORA


def vigente(creada_ms: int, vence_ms: int, now_ms: int) -> bool:
    """Whether what began and ends so is good now, on a clock that was not set back."""
    return creada_ms - ATRAS_MS <= now_ms < vence_ms
