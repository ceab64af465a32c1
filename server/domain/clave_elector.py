"""The clave de elector: 18 characters that say name, birth, entidad and sex of who holds a CPV (rows B2, C2).

AAAAAA aammdd EE S HHH: initial and first inner consonant of both surnames and of the given name, date of birth,
entidad of birth (01 to 32; 33, 87 and 88 for those born abroad), sex, homoclave. It has no check digit, so all that can
be said of one is whether it could exist.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.domain import entidades
from server.errors import DatoInvalido

LONGITUD: Final = 18
_SHAPE: Final = re.compile(r"(?P<letras>[A-Z]{6})(?P<fecha>\d{6})(?P<entidad>\d{2})(?P<sexo>[A-Z])(?P<homo>\d{3})")
# What people put between the groups of an identifier when they copy it from a card or a spreadsheet.
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015\u200b\ufeff]+")


@dataclass(frozen=True, slots=True)
class ClaveElector:
    """A clave de elector that could exist. `nacimiento` is `aammdd`: it does not say the century."""

    texto: str
    letras: str
    nacimiento: str
    entidad: str
    sexo: str
    homoclave: str

    def __str__(self) -> str:
        return self.texto

    @property
    def iniciales(self) -> str:
        """First letters of apellido paterno, materno and nombre."""
        return self.letras[0::2]

    @property
    def consonantes(self) -> str:
        """First inner consonants of apellido paterno, materno and nombre."""
        return self.letras[1::2]

    def born_on(self, day: date) -> bool:
        """Whether this date of birth is the one it carries, whatever the century."""
        return f"{day:%y%m%d}" == self.nacimiento


def compact(text: str) -> str:
    """An identifier as it is kept: upper case, without spaces or hyphens, full width signs made plain."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def is_day(aammdd: str) -> bool:
    """Whether six digits are a date in the 20th or the 21st century (29 February is one where either has it)."""
    for century in ("19", "20"):
        try:
            date.fromisoformat(f"{century}{aammdd[:2]}-{aammdd[2:4]}-{aammdd[4:]}")
        except ValueError:
            continue
        return True
    return False


def parse(text: str) -> ClaveElector:
    """The clave de elector in `text`; raises `DatoInvalido`, whose text names what does not hold."""
    clave = compact(text)
    if len(clave) != LONGITUD:
        raise DatoInvalido(
            "clave_elector_longitud",
            f"La clave de elector tiene {LONGITUD} caracteres y aquí hay {len(clave)}. Cópiela completa.",
        )
    found = _SHAPE.fullmatch(clave) if clave.isascii() else None
    if found is None:
        raise DatoInvalido(
            "clave_elector_forma",
            "La clave de elector se forma con 6 letras, 8 dígitos, H o M, y 3 dígitos. "
            "Revise que no haya una letra O donde va un cero, ni una I donde va un uno.",
        )
    if not is_day(found["fecha"]):
        raise DatoInvalido(
            "clave_elector_fecha",
            f"Los dígitos 7 a 12 de la clave de elector ({found['fecha']}) no son una fecha (año, mes y día). "
            "Revíselos en la credencial.",
        )
    if found["entidad"] not in entidades.NOMBRES and found["entidad"] not in entidades.DEL_EXTRANJERO:
        raise DatoInvalido(
            "clave_elector_entidad",
            f"Los dígitos 13 y 14 de la clave de elector ({found['entidad']}) no son una entidad: van de 01 a 32, "
            "o 33, 87 u 88 para quien nació en el extranjero.",
        )
    # X: cards of people who are neither men nor women say so since 2023.
    if found["sexo"] not in "HMX":
        raise DatoInvalido(
            "clave_elector_sexo",
            f"El carácter 15 de la clave de elector es H o M (o X), no {found['sexo']}. Revíselo en la credencial.",
        )
    return ClaveElector(clave, found["letras"], found["fecha"], found["entidad"], found["sexo"], found["homo"])
