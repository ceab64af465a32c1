"""The folio de registro: who captured which registro, in a form people can read aloud and type (SPEC §2).

Folio = folio de solicitud + Id auxiliar + Id dispositivo + Id de registro (presentation 2017-2018, "Folio de
registro"), with fixed widths and a check character of ISO/IEC 7064 MOD 11-2, which catches every single wrong digit
and every transposition of two digits that are not 10 or 20 places apart. Written `000123-000045-0000007-000312-X`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync_protocol.errors import RemoteProtocolError

SOLICITUD_DIGITS = 6
AUXILIAR_DIGITS = 6
DISPOSITIVO_DIGITS = 7
REGISTRO_DIGITS = 6
DIGITS = SOLICITUD_DIGITS + AUXILIAR_DIGITS + DISPOSITIVO_DIGITS + REGISTRO_DIGITS

_WRITTEN = re.compile(r"([0-9]{6})-([0-9]{6})-([0-9]{7})-([0-9]{6})-([0-9X])", re.ASCII)
_TYPED = re.compile(r"[0-9]{25}[0-9Xx]", re.ASCII)


def check_character(digits: str) -> str:
    """The ISO/IEC 7064 MOD 11-2 check character of a string of decimal digits: `0`-`9` or `X`."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    value = (12 - total % 11) % 11
    return "X" if value == 10 else str(value)


@dataclass(frozen=True, slots=True, order=True)
class Folio:
    """The four counters of a registro. `auxiliar` 0 is Mi Apoyo; `registro` 0 is the testigos of the phone's alta."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    registro: int

    def __post_init__(self) -> None:
        if not (
            0 < self.solicitud < 10**SOLICITUD_DIGITS
            and 0 <= self.auxiliar < 10**AUXILIAR_DIGITS
            and 0 < self.dispositivo < 10**DISPOSITIVO_DIGITS
            and 0 <= self.registro < 10**REGISTRO_DIGITS
        ):
            raise RemoteProtocolError("folio_invalido", "un número está fuera de rango")

    @property
    def digits(self) -> str:
        """The 25 digits without separators or check character."""
        return (
            f"{self.solicitud:0{SOLICITUD_DIGITS}d}{self.auxiliar:0{AUXILIAR_DIGITS}d}"
            f"{self.dispositivo:0{DISPOSITIVO_DIGITS}d}{self.registro:0{REGISTRO_DIGITS}d}"
        )

    def __str__(self) -> str:
        d = self.digits
        return f"{d[:6]}-{d[6:12]}-{d[12:19]}-{d[19:]}-{check_character(d)}"


def parse(text: str) -> Folio:
    """Read a folio in its written form, strictly. Raises `folio_invalido`."""
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise RemoteProtocolError("folio_invalido", "no tiene la forma 000000-000000-0000000-000000-X")
    parts = match.groups()
    if check_character("".join(parts[:4])) != parts[4]:
        raise RemoteProtocolError("folio_invalido", "el dígito verificador no coincide")
    return Folio(*(int(part) for part in parts[:4]))


def parse_typed(text: str) -> Folio:
    """Read a folio as a person types it: spaces, dashes and a lower-case `x` are accepted. Raises `folio_invalido`."""
    compact = re.sub(r"[\s\-–.]", "", text[:80])
    if not _TYPED.fullmatch(compact):
        raise RemoteProtocolError("folio_invalido", "deben ser 25 dígitos y su verificador")
    c = compact.upper()
    return parse(f"{c[:6]}-{c[6:12]}-{c[12:19]}-{c[19:25]}-{c[25]}")
