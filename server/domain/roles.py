"""Who a person is to the system (row A4)."""

from __future__ import annotations

from enum import StrEnum


class Rol(StrEnum):
    """The roles that enter by a browser. Auxiliares and the ciudadanía only ever have a phone."""

    ADMINISTRACION = "administracion"
    OPERACION = "operacion"
    AUDIENCIA = "audiencia"
    AYUDA = "ayuda"
    ASPIRANTE = "aspirante"
