"""The threshold of apoyos and its dispersión (row B1): how many in all, and in how many units how many each.

A periodo asks for apoyos in total and, where the law says so, that at least so many municipios or secciones each reach
a number of their own. Everything here is arithmetic on counts that somebody else keeps.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_UNITS: Final = 10_000
"""More than the secciones of the largest entidad (6,500)."""


class Dispersion(StrEnum):
    """By what unit the apoyos must be spread."""

    NINGUNA = "ninguna"
    MUNICIPIO = "municipio"
    SECCION = "seccion"


@dataclass(frozen=True, slots=True)
class Unidad:
    """A municipio or sección with its own required number."""

    clave: str
    nombre: str
    requeridos: int


@dataclass(frozen=True, slots=True)
class Umbral:
    """What a periodo asks for. `requeridos` None: no total was set. `unidades_requeridas` None: every one listed."""

    requeridos: int | None = None
    dispersion: Dispersion = Dispersion.NINGUNA
    unidades_requeridas: int | None = None
    unidades: tuple[Unidad, ...] = ()

    @property
    def needed_units(self) -> int:
        """How many units must reach their number; 0 without dispersión."""
        if self.dispersion is Dispersion.NINGUNA or not self.unidades:
            return 0
        return len(self.unidades) if self.unidades_requeridas is None else self.unidades_requeridas


@dataclass(frozen=True, slots=True)
class AvanceUnidad:
    """Where one unit stands."""

    clave: str
    nombre: str
    requeridos: int
    apoyos: int

    @property
    def cumple(self) -> bool:
        """It has what it needs."""
        return self.apoyos >= self.requeridos

    @property
    def faltan(self) -> int:
        """Apoyos that are still missing."""
        return max(0, self.requeridos - self.apoyos)


@dataclass(frozen=True, slots=True)
class Avance:
    """Where the whole stands. `fuera`: apoyos in no listed unit, those whose unit is not yet known among them."""

    apoyos: int
    requeridos: int | None
    unidades: tuple[AvanceUnidad, ...]
    unidades_requeridas: int
    fuera: int

    @property
    def alcanzadas(self) -> int:
        """Units that have what they need."""
        return sum(unidad.cumple for unidad in self.unidades)

    @property
    def faltan(self) -> int:
        """Apoyos missing in the total; 0 where no total was set."""
        return max(0, (self.requeridos or 0) - self.apoyos)

    @property
    def total_cumple(self) -> bool:
        """The total is reached; without one, it is."""
        return self.requeridos is None or self.apoyos >= self.requeridos

    @property
    def dispersion_cumple(self) -> bool:
        """Enough units have what they need; without dispersión, they have."""
        return self.alcanzadas >= self.unidades_requeridas

    @property
    def cumple(self) -> bool:
        """All that the periodo asks for."""
        return self.total_cumple and self.dispersion_cumple


@dataclass(frozen=True, slots=True)
class ErrorLinea:
    """One line of a list of units that cannot be taken."""

    linea: int
    codigo: str
    texto: str


@dataclass(frozen=True, slots=True)
class Leidas:
    """What a list of units held: the good ones, and every bad line."""

    unidades: tuple[Unidad, ...]
    errores: tuple[ErrorLinea, ...]


def unit_key(dispersion: Dispersion, clave: str) -> str:
    """What two names of one unit have in common: a sección's zeros, a municipio's capitals, accents and spaces."""
    text = " ".join(clave.split())
    if text.isascii() and text.isdigit():
        return text.lstrip("0").zfill(4 if dispersion is Dispersion.SECCION else 3)
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def evaluate(umbral: Umbral, total: int, by_unit: Mapping[str, int]) -> Avance:
    """Progress, from the apoyos that count in all and per unit (the keys are as the apoyos name their municipio or
    sección)."""
    counts: dict[str, int] = {}
    for clave, n in by_unit.items():
        key = unit_key(umbral.dispersion, clave)
        counts[key] = counts.get(key, 0) + n
    unidades = tuple(
        AvanceUnidad(u.clave, u.nombre, u.requeridos, sum(counts.get(key, 0) for key in _keys(umbral.dispersion, u)))
        for u in umbral.unidades
    )
    inside = sum(unidad.apoyos for unidad in unidades)
    return Avance(total, umbral.requeridos, unidades, umbral.needed_units, max(0, total - inside) if unidades else 0)


def _keys(dispersion: Dispersion, unidad: Unidad) -> set[str]:
    # An apoyo names its municipio by clave or by name, whichever the padrón has.
    keys = {unit_key(dispersion, unidad.clave)}
    if dispersion is Dispersion.MUNICIPIO and unidad.nombre:
        keys.add(unit_key(dispersion, unidad.nombre))
    return keys


def read_units(text: str, dispersion: Dispersion) -> Leidas:
    """Units out of lines `clave, nombre, requeridos` (commas, semicolons or tabs; a header is skipped)."""
    unidades: list[Unidad] = []
    errores: list[ErrorLinea] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        cells = _cells(line)
        if not any(cells) or (not unidades and not errores and cells[0].casefold() in ("clave", "seccion", "sección")):
            continue
        if len(unidades) + len(errores) >= MAX_UNITS:
            errores.append(ErrorLinea(number, "unidades_demasiadas", f"Son más de {MAX_UNITS:,} líneas."))
            break
        unidad = _unit(cells, dispersion, number)
        if isinstance(unidad, ErrorLinea):
            errores.append(unidad)
            continue
        keys = _keys(dispersion, unidad)
        before = next((seen[key] for key in sorted(keys) if key in seen), None)
        if before is not None:
            errores.append(
                ErrorLinea(number, "unidad_repetida", f"{unidad.nombre or unidad.clave} ya está en la línea {before}.")
            )
            continue
        seen |= dict.fromkeys(keys, number)
        unidades.append(unidad)
    return Leidas(tuple(unidades), tuple(errores))


def write_units(unidades: tuple[Unidad, ...]) -> str:
    """The list as `read_units` reads it, for the form."""
    # A name with a comma would need quotes, which nobody who edits the list by hand expects: a semicolon does not.
    comma = any("," in u.nombre or "," in u.clave for u in unidades)
    separator = "; " if comma else ", "
    return "\n".join(separator.join((u.clave, u.nombre, str(u.requeridos))) for u in unidades)


def _cells(line: str) -> list[str]:
    separator = next((sign for sign in ("\t", ";") if sign in line), ",")
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [""])]
    except csv.Error:
        return [line]


def _unit(cells: list[str], dispersion: Dispersion, number: int) -> Unidad | ErrorLinea:
    if len(cells) == 2:
        cells = [cells[0], "", cells[1]]
    if len(cells) != 3:
        return ErrorLinea(
            number, "unidad_columnas", f"Se esperan clave, nombre y apoyos requeridos; hay {len(cells)} dato(s)."
        )
    clave, nombre, requeridos = cells
    digits = clave.isascii() and clave.isdigit()
    if dispersion is Dispersion.SECCION and not (digits and len(clave) <= 4 and int(clave)):
        return ErrorLinea(number, "unidad_seccion", "La sección es un número de 1 a 9999.")
    if not clave or len(clave) > 80 or len(nombre) > 120:
        return ErrorLinea(number, "unidad_clave", "Falta la clave, o la clave o el nombre son demasiado largos.")
    plain = requeridos.replace(" ", "")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= 8 and int(plain)):
        return ErrorLinea(
            number, "unidad_requeridos", "Los apoyos requeridos son un número entero mayor que cero, sin comas."
        )
    if digits:
        clave = unit_key(dispersion, clave)
    return Unidad(clave, nombre, int(plain))
