"""Of age: eighteen years on a day (rows B2, C2; P7.4)."""

from __future__ import annotations

from datetime import date
from typing import Final

from server.errors import DatoInvalido

MAYORIA: Final = 18
# Nobody older has been documented anywhere: a date before this is a slip.
_OLDEST: Final = 125


def age(nacimiento: date, on: date) -> int:
    """Whole years. Who was born on 29 February completes a year on 1 March where the year has no such day."""
    return on.year - nacimiento.year - ((on.month, on.day) < (nacimiento.month, nacimiento.day))


def is_of_age(nacimiento: date, on: date) -> bool:
    """Whether a person born that day has completed eighteen years on the day `on`."""
    return age(nacimiento, on) >= MAYORIA


def check(nacimiento: date, on: date) -> date:
    """The same date, of a person of age; raises `DatoInvalido` for a minor and for a date that cannot be."""
    if nacimiento > on:
        raise DatoInvalido("nacimiento_futuro", "La fecha de nacimiento está en el futuro. Revise el año.")
    if age(nacimiento, on) > _OLDEST:
        raise DatoInvalido(
            "nacimiento_imposible", f"La fecha de nacimiento es de hace más de {_OLDEST} años. Revise el año."
        )
    if not is_of_age(nacimiento, on):
        raise DatoInvalido(
            "menor_de_edad",
            f"Debe tener {MAYORIA} años cumplidos; con esta fecha de nacimiento tiene {age(nacimiento, on)}.",
        )
    return nacimiento
