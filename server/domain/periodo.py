"""When a periodo de captación is open, and until when sending is taken (row D7; P8.10, P9.16, P12.5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fase(StrEnum):
    """Where an instant lies. GRACIA: capture is over, sending is not."""

    POR_INICIAR = "por_iniciar"
    ABIERTO = "abierto"
    GRACIA = "gracia"
    CERRADO = "cerrado"


class Estado(StrEnum):
    """What a list says of a periodo: its Fase, unless the OPL has set it inactive."""

    POR_INICIAR = "por_iniciar"
    ABIERTO = "abierto"
    GRACIA = "gracia"
    CERRADO = "cerrado"
    INACTIVO = "inactivo"


@dataclass(frozen=True, slots=True)
class Ventana:
    """A periodo's window: ms of Unix time, `termina_ms` exclusive, `gracia_ms` how long sending goes on after it."""

    inicia_ms: int
    termina_ms: int
    gracia_ms: int

    @property
    def cierre_ms(self) -> int:
        """The first instant at which nothing is taken any more."""
        return self.termina_ms + self.gracia_ms

    def fase(self, at_ms: int) -> Fase:
        """Where `at_ms` lies."""
        if at_ms < self.inicia_ms:
            return Fase.POR_INICIAR
        if at_ms < self.termina_ms:
            return Fase.ABIERTO
        return Fase.GRACIA if at_ms < self.cierre_ms else Fase.CERRADO

    def captured_inside(self, at_ms: int) -> bool:
        """Whether a capture at this instant lies inside the periodo."""
        return self.inicia_ms <= at_ms < self.termina_ms

    def takes(self, received_ms: int) -> bool:
        """Whether a sobre whose last byte arrived at this instant is still taken."""
        return received_ms < self.cierre_ms


def estado(ventana: Ventana, *, activo: bool, at_ms: int) -> Estado:
    """Where a periodo stands at an instant."""
    return Estado(ventana.fase(at_ms).value) if activo else Estado.INACTIVO
