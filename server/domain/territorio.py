"""The territory of a periodo where it is less than its whole entidad, and whether a person's home lies in it (B1, F3).

Municipios are compared as the padrón says them, by clave or by name; what cannot be compared is not held against
anybody.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from server.domain.apoyo import Ambito
from server.domain.entidades import NOMBRES
from server.domain.umbral import MAX_UNITS, Dispersion, ErrorLinea, unit_key


class UnidadTerritorial(StrEnum):
    """What a territory is a list of."""

    MUNICIPIO = "municipio"
    SECCION = "seccion"


@dataclass(frozen=True, slots=True)
class Lugar:
    """A municipio (clave, name, or both) or a sección (its number in `clave`) of a territory."""

    unidad: UnidadTerritorial
    clave: str
    nombre: str = ""


@dataclass(frozen=True)
class Territorio:
    """All that was listed; nothing: the whole entidad, or the country in the federal ámbito."""

    lugares: tuple[Lugar, ...] = ()

    @property
    def unidad(self) -> UnidadTerritorial | None:
        """What it is a list of; None when nothing is listed."""
        return self.lugares[0].unidad if self.lugares else None

    @property
    def en_orden(self) -> Territorio:
        """The same, in the order in which it is kept."""
        return Territorio(tuple(sorted(self.lugares, key=lambda one: (one.unidad.value, one.clave))))

    @cached_property
    def secciones(self) -> frozenset[str]:
        """Keys of the secciones."""
        return frozenset(
            unit_key(Dispersion.SECCION, one.clave)
            for one in self.lugares
            if one.unidad is UnidadTerritorial.SECCION
        )  # fmt: skip

    @cached_property
    def municipios(self) -> frozenset[str]:
        """Keys of the municipios: of each its clave and its name, as far as they are known."""
        return frozenset().union(*(_keys(one) for one in self.lugares if one.unidad is UnidadTerritorial.MUNICIPIO))

    @cached_property
    def sin_clave(self) -> bool:
        """Whether some municipio is known by its name alone: who says a clave may mean that one."""
        return any(all(not _digits(key) for key in _keys(one)) for one in self._municipios)

    @cached_property
    def sin_nombre(self) -> bool:
        """Whether some municipio is known by its clave alone: who says a name may mean that one."""
        return any(all(_digits(key) for key in _keys(one)) for one in self._municipios)

    @property
    def _municipios(self) -> list[Lugar]:
        return [one for one in self.lugares if one.unidad is UnidadTerritorial.MUNICIPIO]


@dataclass(frozen=True, slots=True)
class TerritorioLeido:
    """What a list held: the good lines, and every bad one."""

    territorio: Territorio
    errores: tuple[ErrorLinea, ...]


def dentro(territorio: Territorio, entidad_periodo: str, entidad: str, municipio: str, seccion: str) -> Ambito:
    """Whether a home lies in the territory of a periodo.

    `entidad_periodo`: code of two digits, empty in the federal ámbito. The rest is what the padrón says of the home:
    the entidad by code or name, the municipio by clave or name, the sección. NO_SABIDO: what it said cannot tell.
    """
    if entidad_periodo:
        of_home = _entidad(entidad)
        if of_home and of_home != _entidad(entidad_periodo):
            return Ambito.FUERA
        known = bool(of_home)
    else:
        known = bool(entidad.strip() or municipio.strip() or seccion.strip())
    if not territorio.lugares:
        return Ambito.DENTRO if known else Ambito.NO_SABIDO
    found = _listed(territorio, municipio, seccion)
    if found is Ambito.DENTRO and not known:
        # Numbers of secciones and names of municipios repeat from one entidad to the next.
        return Ambito.NO_SABIDO
    return found


def _listed(territorio: Territorio, municipio: str, seccion: str) -> Ambito:
    doubt = False
    if territorio.secciones:
        if not seccion.strip():
            doubt = True
        elif unit_key(Dispersion.SECCION, seccion) in territorio.secciones:
            return Ambito.DENTRO
    if territorio.municipios:
        key = unit_key(Dispersion.MUNICIPIO, municipio)
        if not municipio.strip():
            doubt = True
        elif key in territorio.municipios:
            return Ambito.DENTRO
        else:
            doubt = doubt or (territorio.sin_clave if _digits(key) else territorio.sin_nombre)
    return Ambito.NO_SABIDO if doubt else Ambito.FUERA


def leer(text: str, unidad: UnidadTerritorial) -> TerritorioLeido:
    """A territory out of lines `clave; nombre`, or one of both (semicolons, tabs or commas; a header is skipped)."""
    lugares: list[Lugar] = []
    errores: list[ErrorLinea] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        cells = _cells(line)
        if not any(cells) or (not lugares and not errores and cells[0].casefold() in _HEADERS):
            continue
        if len(lugares) + len(errores) >= MAX_UNITS:
            errores.append(ErrorLinea(number, "territorio_demasiado", f"Son más de {MAX_UNITS:,} líneas."))
            break
        lugar = _lugar(cells, unidad, number)
        if isinstance(lugar, ErrorLinea):
            errores.append(lugar)
            continue
        keys = _keys(lugar)
        before = next((seen[key] for key in sorted(keys) if key in seen), None)
        if before is not None:
            name = lugar.nombre or lugar.clave
            errores.append(ErrorLinea(number, "territorio_repetido", f"{name} ya está en la línea {before}."))
            continue
        seen |= dict.fromkeys(keys, number)
        lugares.append(lugar)
    return TerritorioLeido(Territorio(tuple(lugares)), tuple(errores))


def escribir(territorio: Territorio) -> str:
    """The list as `leer` reads it, for the form."""
    return "\n".join(f"{one.clave}; {one.nombre}" if one.nombre else one.clave for one in territorio.lugares)


_HEADERS: Final = frozenset({"clave", "seccion", "sección", "municipio"})


def _cells(line: str) -> list[str]:
    separator = next((sign for sign in ("\t", ";") if sign in line), ",")
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True), [""])]
    except csv.Error:
        cells = [line.strip()]
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return cells or [""]


def _lugar(cells: Collection[str], unidad: UnidadTerritorial, number: int) -> Lugar | ErrorLinea:
    if len(cells) > 2:
        return ErrorLinea(number, "territorio_columnas", f"Se esperan clave y nombre; hay {len(cells)} datos.")
    clave, nombre = (*cells, "")[:2]
    if unidad is UnidadTerritorial.SECCION:
        if not (_digits(clave) and len(clave) <= 4 and int(clave)):
            return ErrorLinea(number, "territorio_seccion", "La sección es un número de 1 a 9999.")
        return Lugar(unidad, unit_key(Dispersion.SECCION, clave), nombre[:_NAME])
    if not clave or len(clave) > _CLAVE or len(nombre) > _NAME:
        return ErrorLinea(
            number, "territorio_clave", "Falta la clave del municipio, o la clave o el nombre son demasiado largos."
        )
    return Lugar(unidad, unit_key(Dispersion.MUNICIPIO, clave) if _digits(clave) else clave, nombre)


_CLAVE: Final = 80
_NAME: Final = 120


def _keys(lugar: Lugar) -> set[str]:
    if lugar.unidad is UnidadTerritorial.SECCION:
        return {unit_key(Dispersion.SECCION, lugar.clave)}
    return {unit_key(Dispersion.MUNICIPIO, text) for text in (lugar.clave, lugar.nombre) if text.strip()}


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _entidad(text: str) -> str:
    """An entidad as its code; one that is not known stays as it is, so that two can still be told apart."""
    plain = _plain(text)
    return plain.zfill(2) if _digits(plain) else _CODES.get(plain, plain)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFD", " ".join(text.split()).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


# Names that padrones have, beside the short ones of entidades.NOMBRES.
_CODES: Final = {_plain(name): code for code, name in NOMBRES.items()} | {
    "coahuila de zaragoza": "05",
    "distrito federal": "09",
    "estado de mexico": "15",
    "michoacan de ocampo": "16",
    "queretaro de arteaga": "22",
    "veracruz de ignacio de la llave": "30",
}
