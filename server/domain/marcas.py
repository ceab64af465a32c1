"""Marks a registro gets when it is taken (row F4): inconsistent by origin, never a reason to refuse it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.domain.periodo import Ventana


class Marca(StrEnum):
    """Why a registro is inconsistent by its origin."""

    AUXILIAR_DE_BAJA = "auxiliar_de_baja"
    DISPOSITIVO_DE_BAJA = "dispositivo_de_baja"
    CAPTURA_FUERA_DE_PERIODO = "captura_fuera_de_periodo"
    RELOJ_SIN_REFERENCIA = "reloj_sin_referencia"

    @property
    def texto(self) -> str:
        """What it is called on pages."""
        return _TEXTOS[self][0]

    @property
    def explicacion(self) -> str:
        """What it means, for whoever reads it on a page."""
        return _TEXTOS[self][1]


_TEXTOS = {
    Marca.AUXILIAR_DE_BAJA: (
        "Recibido después de la baja del auxiliar",
        "El registro llegó cuando el auxiliar que lo captó ya estaba dado de baja; por eso es inconsistente, sin "
        "importar cuándo se captó.",
    ),
    Marca.DISPOSITIVO_DE_BAJA: (
        "Recibido después de la baja del dispositivo",
        "El registro llegó cuando el teléfono que lo envió ya estaba dado de baja; por eso es inconsistente, sin "
        "importar cuándo se captó.",
    ),
    Marca.CAPTURA_FUERA_DE_PERIODO: (
        "Capturado fuera del periodo",
        "La hora de captura, según el reloj corregido del teléfono, está fuera del periodo de captación; por eso es "
        "inconsistente.",
    ),
    Marca.RELOJ_SIN_REFERENCIA: (
        "Hora de captura sin comprobar",
        "El teléfono no había comparado su reloj con el del servidor cuando captó el registro. Es sólo un aviso: no lo "
        "hace inconsistente.",
    ),
}


@dataclass(frozen=True, slots=True)
class Origen:
    """Where a registro comes from. `capturado_ms` by the phone's clock, `desfase_ms` what it knew of its error."""

    auxiliar_baja_ms: int | None
    dispositivo_baja_ms: int | None
    ventana: Ventana | None
    capturado_ms: int
    desfase_ms: int | None
    recibido_ms: int


def marcas(origen: Origen) -> tuple[Marca, ...]:
    """The marks, in a fixed order. What arrives after a baja is marked, whenever it was captured (P7.7)."""
    found: list[Marca] = []
    if origen.auxiliar_baja_ms is not None and origen.recibido_ms >= origen.auxiliar_baja_ms:
        found.append(Marca.AUXILIAR_DE_BAJA)
    if origen.dispositivo_baja_ms is not None and origen.recibido_ms >= origen.dispositivo_baja_ms:
        found.append(Marca.DISPOSITIVO_DE_BAJA)
    corrected = origen.capturado_ms + (origen.desfase_ms or 0)
    if origen.ventana is not None and not origen.ventana.captured_inside(corrected):
        found.append(Marca.CAPTURA_FUERA_DE_PERIODO)
    if origen.desfase_ms is None:
        found.append(Marca.RELOJ_SIN_REFERENCIA)
    return tuple(found)
