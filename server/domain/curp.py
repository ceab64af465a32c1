"""The CURP: 18 characters with a check digit (Instructivo Normativo para la asignación de la CURP, DOF 18/10/2021)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.domain import entidades
from server.domain.clave_elector import compact
from server.errors import DatoInvalido

LONGITUD: Final = 18
_SHAPE: Final = re.compile(
    r"(?P<letras>[A-Z]{4})(?P<fecha>\d{6})(?P<sexo>[A-Z])(?P<entidad>[A-Z]{2})(?P<consonantes>[A-Z]{3})(?P<homo>[0-9A-Z])\d"
)
# The Ñ has its value in the sum although no CURP carries one: the Instructivo's alphabet counts it.
_VALUES: Final = {symbol: value for value, symbol in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}


@dataclass(frozen=True, slots=True)
class Curp:
    """A CURP whose check digit holds. `entidad`: the INE's code of the entidad of birth, empty for birth abroad."""

    texto: str
    letras: str
    nacimiento: date
    sexo: str
    entidad: str
    consonantes: str

    def __str__(self) -> str:
        return self.texto

    @property
    def iniciales(self) -> str:
        """First letters of apellido paterno, materno and nombre (the second letter is a vowel of the first)."""
        return self.letras[0] + self.letras[2] + self.letras[3]


def check_digit(body: str) -> str:
    """The 18th character, from the first 17: Σ value·(18-i), then (10 - Σ mod 10) mod 10."""
    total = sum(_VALUES[symbol] * (18 - i) for i, symbol in enumerate(body[:17]))
    return str((10 - total % 10) % 10)


def parse(text: str) -> Curp:
    """The CURP in `text`; raises `DatoInvalido`, whose text names what does not hold."""
    curp = compact(text)
    if len(curp) != LONGITUD:
        raise DatoInvalido(
            "curp_longitud", f"La CURP tiene {LONGITUD} caracteres y aquí hay {len(curp)}. Cópiela completa."
        )
    found = _SHAPE.fullmatch(curp) if curp.isascii() else None
    if found is None:
        raise DatoInvalido(
            "curp_forma",
            "La CURP se forma con 4 letras, 6 dígitos, H o M, 2 letras de la entidad, 3 letras, "
            "una letra o un dígito, y un dígito. Revise que no haya una letra O donde va un cero.",
        )
    if found["sexo"] not in "HMX":
        raise DatoInvalido("curp_sexo", f"El carácter 11 de la CURP es H o M (o X), no {found['sexo']}.")
    if found["entidad"] not in entidades.POR_CURP and found["entidad"] != entidades.CURP_EXTRANJERO:
        raise DatoInvalido(
            "curp_entidad", f"Las letras 12 y 13 de la CURP ({found['entidad']}) no son la clave de una entidad."
        )
    nacimiento = _born(found["fecha"], found["homo"])
    if nacimiento is None:
        raise DatoInvalido(
            "curp_fecha", f"Los dígitos 5 a 10 de la CURP ({found['fecha']}) no son una fecha (año, mes y día)."
        )
    if check_digit(curp) != curp[17]:
        raise DatoInvalido(
            "curp_digito",
            "El último dígito de la CURP no corresponde a los demás: hay un carácter mal escrito. Cópiela de nuevo.",
        )
    entidad = entidades.POR_CURP.get(found["entidad"], "")
    return Curp(curp, found["letras"], nacimiento, found["sexo"], entidad, found["consonantes"])


def _born(aammdd: str, homoclave: str) -> date | None:
    # Position 17 says the century: a digit for those born up to 1999, a letter from 2000.
    century = "19" if homoclave.isdigit() else "20"
    try:
        return date.fromisoformat(f"{century}{aammdd[:2]}-{aammdd[2:4]}-{aammdd[4:]}")
    except ValueError:
        return None
