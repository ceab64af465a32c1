"""A person's home against the territory of a periodo, and against the régimen de excepción (rows B1, B5, F3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.apoyo import Ambito
from server.domain.umbral import Dispersion, unit_key


@dataclass(frozen=True, slots=True)
class Unidad:
    """A municipio or sección of the territory. `unidad`: which of the two."""

    unidad: str
    clave: str
    nombre: str = ""


@dataclass(frozen=True, slots=True)
class Domicilio:
    """A person's home as the padrón has it; what it does not say is empty."""

    entidad: str = ""
    municipio: str = ""
    seccion: str = ""


@dataclass(frozen=True, slots=True)
class Territorio:
    """Of one periodo. `entidad`: empty for the whole country; `unidades`: none when it is all of the entidad."""

    entidad: str = ""
    unidades: tuple[Unidad, ...] = ()

    def ambito(self, casa: Domicilio) -> Ambito:
        """Whether that home is inside. What is not known is not outside."""
        if self.entidad and casa.entidad and casa.entidad.zfill(2) != self.entidad.zfill(2):
            return Ambito.FUERA
        if not self.unidades:
            return Ambito.DENTRO if casa.entidad or (casa.seccion and not self.entidad) else Ambito.NO_SABIDO
        if any(_is(unidad, casa) for unidad in self.unidades):
            return Ambito.DENTRO
        # Outside only when all that the list speaks of is known of the home.
        known = all(_said(unidad, casa) for unidad in self.unidades)
        return Ambito.FUERA if known else Ambito.NO_SABIDO


def en_regimen(municipios: Iterable[str], casa: Domicilio) -> bool:
    """Whether paper is admitted of who lives there. `municipios`: those of the exceptions, "" for the whole territory.

    A home that nobody knows is not outside of an exception that there is.
    """
    granted = list(municipios)
    if not casa.municipio:
        return bool(granted)
    own = unit_key(Dispersion.MUNICIPIO, casa.municipio)
    return any(not one or unit_key(Dispersion.MUNICIPIO, one) == own for one in granted)


def _said(unidad: Unidad, casa: Domicilio) -> str:
    return casa.seccion if unidad.unidad == "seccion" else casa.municipio


def _is(unidad: Unidad, casa: Domicilio) -> bool:
    kind = Dispersion.SECCION if unidad.unidad == "seccion" else Dispersion.MUNICIPIO
    said = _said(unidad, casa)
    if not said:
        return False
    names = [unidad.clave] if kind is Dispersion.SECCION or not unidad.nombre else [unidad.clave, unidad.nombre]
    return unit_key(kind, said) in {unit_key(kind, name) for name in names}
