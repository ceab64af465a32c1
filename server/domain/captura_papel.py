"""Typing in cédulas of paper: what is noted of one, what is said of what was typed, when two typings agree (B5, P11.5).

Nothing here refuses: what a cédula says is typed as it stands, and the pipeline and the mesa decide.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from server.domain import clave_elector, cpv, curp, discrepancias
from server.errors import DatoInvalido

T = TypeVar("T")

CRITERIOS: Final[dict[str, str]] = {
    "copia": "Cédula en copia",
    "sin_copia_credencial": "Sin copia de credencial",
    "sin_leyenda": "Sin leyenda",
    "sin_firma": "Sin firma",
    "otra": "Otra",
}
"""The five of P11.5, in its order."""
CAMPOS: Final = ("clave_elector", "curp", "cic", "ocr", "apellido_paterno", "apellido_materno", "nombre")
"""The seven data, in the order in which they are typed."""


@dataclass(frozen=True, slots=True)
class Aviso:
    """Something to look at again before saving. `codigo`: stable; `texto`: a sentence; `campos`: of which data."""

    codigo: str
    texto: str
    campos: tuple[str, ...]


def avisos(datos: Mapping[str, str]) -> tuple[Aviso, ...]:
    """What the data by themselves give to say: their form, check digits, and each against the others."""
    found: list[Aviso] = []

    def read(campo: str, parse: Callable[[str], T]) -> T | None:
        if not datos[campo]:
            return None
        try:
            return parse(datos[campo])
        except DatoInvalido as error:
            found.append(Aviso(error.codigo, error.texto, (campo,)))
            return None

    clave = read("clave_elector", clave_elector.parse)
    one_curp = read("curp", curp.parse)
    read("cic", cpv.parse_cic)
    ocr = read("ocr", cpv.parse_ocr)
    if not datos["clave_elector"]:
        found.append(
            Aviso("sin_clave", "Falta la clave de elector: por ella se busca en el padrón.", ("clave_elector",))
        )
    together = discrepancias.revisar(
        discrepancias.Datos(
            nombre=datos["nombre"],
            apellido_paterno=datos["apellido_paterno"],
            apellido_materno=datos["apellido_materno"],
            clave=clave,
            curp=one_curp,
            ocr=ocr,
        )
    )
    found += [Aviso(one.codigo, one.texto, one.campos) for one in together]
    return tuple(found)


def se_repite(paquete: int, numero: int, porcentaje: int) -> bool:
    """Whether this cédula is among the share that is typed twice: the same answer each time that it is asked."""
    drawn = hashlib.sha256(f"papel:{paquete}:{numero}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") % 10_000 < porcentaje * 100


def comparable(texto: str) -> str:
    """Text as two typings are compared: capitals, one space between words, no accents. An Ñ is no N."""
    plain = []
    for sign in unicodedata.normalize("NFC", texto.upper()):
        plain.append("Ñ" if sign == "Ñ" else unicodedata.normalize("NFD", sign)[0])
    return " ".join("".join(plain).split())


def distintos(una: Mapping[str, str], otra: Mapping[str, str]) -> tuple[str, ...]:
    """The campos in which two typings differ; both have the same."""
    return tuple(campo for campo in una if comparable(una[campo]) != comparable(otra[campo]))


def tramos(numeros: list[int]) -> list[tuple[int, int]]:
    """Ascending numbers as runs, both ends included: [1, 2, 3, 7] → [(1, 3), (7, 7)]."""
    found: list[tuple[int, int]] = []
    for numero in numeros:
        if found and found[-1][1] == numero - 1:
            found[-1] = (found[-1][0], numero)
        else:
            found.append((numero, numero))
    return found


def en_palabras(numeros: list[int]) -> str:
    """`1 a 3, 7`."""
    return ", ".join(str(low) if low == high else f"{low} a {high}" for low, high in tramos(numeros))
