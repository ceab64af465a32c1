"""The numbers of a Credencial para Votar: CIC and OCR (rows B2, F1), and a sección electoral. Text: zeros count."""

from __future__ import annotations

import re
from dataclasses import dataclass

from server.domain.clave_elector import compact
from server.errors import DatoInvalido


@dataclass(frozen=True, slots=True)
class Cic:
    """Código de Identificación de la Credencial: nine digits, on models D and later."""

    texto: str

    def __str__(self) -> str:
        return self.texto


@dataclass(frozen=True, slots=True)
class Ocr:
    """The number for optical reading: sección (4), then 9 digits of the citizen (8 on the oldest cards)."""

    texto: str

    def __str__(self) -> str:
        return self.texto

    @property
    def seccion(self) -> str:
        """The sección in which the card was issued, four digits."""
        return self.texto[:4]

    @property
    def identificador(self) -> str:
        """What follows the sección."""
        return self.texto[4:]


def parse_cic(text: str) -> Cic:
    """A CIC; raises `DatoInvalido`."""
    found = _digits(text, "cic", "El CIC")
    if len(found) == 10:
        raise DatoInvalido(
            "cic_longitud",
            "El CIC tiene 9 dígitos y aquí hay 10: el décimo, en la línea que empieza con IDMEX, es de control. "
            "Escriba sólo los primeros 9.",
        )
    if len(found) != 9:
        raise DatoInvalido("cic_longitud", f"El CIC tiene 9 dígitos y aquí hay {len(found)}. Incluya los ceros.")
    return Cic(found)


def parse_ocr(text: str) -> Ocr:
    """An OCR; raises `DatoInvalido`."""
    found = _digits(text, "ocr", "El OCR")
    if len(found) not in (12, 13):
        raise DatoInvalido(
            "ocr_longitud", f"El OCR tiene 12 o 13 dígitos y aquí hay {len(found)}. Incluya los ceros del principio."
        )
    if found[:4] == "0000":
        raise DatoInvalido(
            "ocr_seccion", "Los primeros 4 dígitos del OCR son la sección electoral: no pueden ser 0000."
        )
    return Ocr(found)


def parse(text: str) -> Cic | Ocr:
    """Whichever of the two it is, by how many digits it has; raises `DatoInvalido`."""
    found = _digits(text, "cic_ocr", "El CIC u OCR")
    if len(found) in (12, 13):
        return parse_ocr(found)
    if len(found) in (9, 10):
        return parse_cic(found)
    raise DatoInvalido(
        "cic_ocr_longitud", f"El CIC tiene 9 dígitos y el OCR 12 o 13; aquí hay {len(found)}. Incluya los ceros."
    )


def parse_seccion(text: str) -> str:
    """A sección electoral as four digits (`7` is `0007`); raises `DatoInvalido`."""
    found = compact(text)
    if not re.fullmatch(r"[0-9]{1,4}", found) or int(found) == 0:
        raise DatoInvalido(
            "seccion_forma", "La sección electoral es un número de 1 a 9999, como está en la credencial."
        )
    return found.zfill(4)


def _digits(text: str, what: str, article: str) -> str:
    found = compact(text)
    if not re.fullmatch(r"[0-9]+", found):
        raise DatoInvalido(
            f"{what}_forma", f"{article} sólo lleva dígitos. Revise que no haya una letra O por un cero."
        )
    return found
