"""The demo's accounts: who there is, and how to enter as each. Mounted only where the demo runs; no real box has it."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp
from starlette.responses import Response

from server.domain.roles import Rol
from server.portals.visita import Visita
from server.security import segundo_factor
from server.store import cuentas

CONTRASENA = "una demostracion de acopio"
"""The one password of every account that the demo makes."""


@dataclass(frozen=True, slots=True)
class Acceso:
    """How to enter as somebody. `folio`: of an aspirante, else 0. `codigo`: the second factor's of this half minute."""

    rol: str
    nombre: str
    correo: str
    folio: int
    codigo: str


@dataclass(frozen=True, slots=True)
class DemoAccesosContext:
    """`accesos`: each account. `contrasena`: the password of them all."""

    accesos: list[Acceso]
    contrasena: str


async def lista(v: Visita) -> Response:
    """GET /demo/accesos"""
    rows = await v.read(cuentas.with_password)
    accesos = []
    for cuenta in rows:
        secret = segundo_factor.read(v.portal.keyring, cuenta.id, cuenta.totp_secreto) if cuenta.totp_secreto else None
        codigo = pyotp.TOTP(secret).at(v.now_ms // 1000) if secret else ""
        accesos.append(Acceso(Rol(cuenta.rol).titulo, cuenta.nombre, cuenta.correo, cuenta.aspirante_id or 0, codigo))
    return v.page("public/demo_accesos.html", DemoAccesosContext(accesos, CONTRASENA))
