"""The folio of an apoyo that was typed from paper: as that of a phone, with zeros where auxiliar and phone stand (B5).

`000123-000000-0000000-000312-X`: the aspirante's folio de solicitud, and the cédula's number among all those of the
aspirante. No phone has the Id 0, so it is never the folio of a registro that came by phone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync_protocol.folio import REGISTRO_DIGITS, SOLICITUD_DIGITS, check_character

MAXIMO = 10**REGISTRO_DIGITS - 1
_WRITTEN = re.compile(r"([0-9]{6})-0{6}-0{7}-([0-9]{6})-([0-9X])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class FolioPapel:
    """Which aspirante's, and which of their cédulas, from 1 on. Raises ValueError when a number is out of range."""

    solicitud: int
    numero: int

    def __post_init__(self) -> None:
        if not (0 < self.solicitud < 10**SOLICITUD_DIGITS and 0 < self.numero <= MAXIMO):
            raise ValueError("folio fuera de rango")

    def __str__(self) -> str:
        digits = f"{self.solicitud:06d}{0:013d}{self.numero:06d}"
        return f"{digits[:6]}-{digits[6:12]}-{digits[12:19]}-{digits[19:]}-{check_character(digits)}"


def parse(text: str) -> FolioPapel | None:
    """The folio in its written form; None when it is not one of paper, or its check character is wrong."""
    found = _WRITTEN.fullmatch(text)
    if found is None or int(found[1]) == 0 or int(found[2]) == 0:
        return None
    folio = FolioPapel(int(found[1]), int(found[2]))
    return folio if str(folio) == text else None


def parse_typed(text: str) -> FolioPapel | None:
    """The same as a person types it: spaces, dashes and a lower-case `x` are accepted."""
    compact = re.sub(r"[\s\-–.]", "", text[:80]).upper()
    if not re.fullmatch(r"[0-9]{25}[0-9X]", compact, re.ASCII):
        return None
    return parse(f"{compact[:6]}-{compact[6:12]}-{compact[12:19]}-{compact[19:25]}-{compact[25]}")
