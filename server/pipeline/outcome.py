"""How a stage may end: a closed union. There is no other way, and none of them rejects an apoyo."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.banderas import Bandera


@dataclass(frozen=True, slots=True)
class Sigue:
    """On to the next stage."""


@dataclass(frozen=True, slots=True)
class ConBanderas:
    """On to the next stage, with something that the mesa is told."""

    banderas: tuple[Bandera, ...]


@dataclass(frozen=True, slots=True)
class Reintenta:
    """The same stage again, not before `en_ms` from now. `motivo`: a code."""

    motivo: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class Cuarentena:
    """Given up until a person looks. `motivo`: a code."""

    motivo: str


Hallado = Sigue | ConBanderas
Fallido = Reintenta | Cuarentena
Desenlace = Hallado | Fallido


def hallado(banderas: tuple[Bandera, ...]) -> Hallado:
    """What a stage that was done says."""
    return ConBanderas(banderas) if banderas else Sigue()


def banderas_de(desenlace: Hallado) -> tuple[Bandera, ...]:
    """The flags of a stage that was done."""
    return desenlace.banderas if isinstance(desenlace, ConBanderas) else ()
