"""What a check is given and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from server.clock import Clock
from server.config import Settings


class Estado(StrEnum):
    """How a thing is. OMITIDO: not looked at, because it is not set up or was not asked for."""

    BIEN = "bien"
    AVISO = "aviso"
    FALLA = "falla"
    OMITIDO = "omitido"


@dataclass(frozen=True, slots=True)
class Resultado:
    """One line. `codigo` is stable; `que_hacer` is there when something is to be done; `datos`: figures, for JSON."""

    estado: Estado
    codigo: str
    texto: str
    que_hacer: str = ""
    datos: Mapping[str, object] = field(default_factory=dict)


def bien(codigo: str, texto: str, **datos: object) -> Resultado:
    """All is well."""
    return Resultado(Estado.BIEN, codigo, texto, datos=datos)


def aviso(codigo: str, texto: str, que_hacer: str, **datos: object) -> Resultado:
    """Somebody should look at it."""
    return Resultado(Estado.AVISO, codigo, texto, que_hacer, datos)


def falla(codigo: str, texto: str, que_hacer: str, **datos: object) -> Resultado:
    """It stops the service, or will; or what was promised is not safe."""
    return Resultado(Estado.FALLA, codigo, texto, que_hacer, datos)


def omitido(codigo: str, texto: str) -> Resultado:
    """Not looked at, and why."""
    return Resultado(Estado.OMITIDO, codigo, texto)


@dataclass(frozen=True, slots=True)
class Entorno:
    """What the checks look at. `env`: the variables as they are set; `en_marcha`: a server has the folder; `ntp`,
    `prueba`: a time server and an address for a message, if they were given. Paths as server.app names them."""

    settings: Settings
    env: Mapping[str, str]
    clock: Clock
    indice: Path
    diario: Path
    parciales: Path
    llaves: Path
    en_marcha: bool
    ntp: str | None = None
    prueba: str | None = None


Chequeo = Callable[[Entorno], Iterable[Resultado]]
"""A check: looks at one thing and says one line or a few. May raise OSError; the runner says so."""
