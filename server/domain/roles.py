"""Who uses the portals (row A4). What each may do is in server.security.permissions."""

from __future__ import annotations

from enum import StrEnum


class Rol(StrEnum):
    """The role of an account. Auxiliares and the ciudadanía have phones, not accounts."""

    ADMINISTRACION = "administracion"
    OPERACION = "operacion"
    AUDIENCIA = "audiencia"
    AYUDA = "ayuda"
    ASPIRANTE = "aspirante"

    @property
    def titulo(self) -> str:
        """What people read."""
        return TITULOS[self]


TITULOS = {
    Rol.ADMINISTRACION: "Administración del OPL",
    Rol.OPERACION: "Mesa de control",
    Rol.AUDIENCIA: "Garantía de audiencia",
    Rol.AYUDA: "Mesa de ayuda",
    Rol.ASPIRANTE: "Aspirante",
}
ROLES_OPL = (Rol.ADMINISTRACION, Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA)
