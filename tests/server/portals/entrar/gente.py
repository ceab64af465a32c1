"""People with accounts of their own, who enter as people do."""

from __future__ import annotations

import json

import pyotp

from server.domain.roles import Rol
from server.security import cuentas as vida
from server.security import entrada, passwords
from server.security import segundo_factor as factor
from server.security.archivo_firmado import Firmado
from tests.server.portals.portal import Persona, Respuesta, Sitio

CLAVE = "tres tristes tigres tragaban"
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
MINUTE = 60_000


async def funcionaria(
    sitio: Sitio, rol: Rol = Rol.AYUDA, *, correo: str = "rosa@ejemplo.mx", declarada: bool = True
) -> int:
    """An account of the OPL with the password CLAVE; returns its id."""
    datos = vida.Datos("Rosa Prueba", "Analista", correo, "4920000000", rol)
    made = await sitio.write(lambda tx: vida.invite(tx, datos, None))
    hashed = passwords.hash_new(CLAVE)
    await sitio.write(lambda tx: vida.accept_invitation(tx, made.token, hashed))
    if declarada:
        signed = Firmado("d.pdf", "application/pdf", PDF)
        await sitio.write(lambda tx: vida.declare_at_console(tx, made.cuenta, signed))
    return int(made.cuenta)


async def con_factor(sitio: Sitio, cuenta: int) -> tuple[str, list[str]]:
    """Gives the account a second factor; returns its secret and the printed codes."""
    secret = factor.new_secret()
    keys, code = sitio.caja.keys, pyotp.TOTP(secret).at(sitio.clock() // 1000)
    put = await sitio.write(lambda tx: entrada.put_factor(tx, keys, cuenta, secret, code, agente="", anterior=None))
    sitio.clock.advance(MINUTE)
    return secret, put[1]


def codigo(sitio: Sitio, secret: str) -> str:
    return pyotp.TOTP(secret).at(sitio.clock() // 1000)


async def aspirante(sitio: Sitio, correo: str = "alma@ejemplo.mx") -> int:
    """An account for the first aspirante of the catalogue; returns the folio."""
    solicitud = int(sitio.read("SELECT min(id) FROM aspirantes")[0][0])

    def make(tx):  # type: ignore[no-untyped-def]
        tx.conn.execute("UPDATE aspirantes SET confirmado_ms = 1 WHERE id = ?", (solicitud,))
        return vida.open_aspirante(tx, solicitud, nombre="Alma Prueba", correo=correo, telefono="", autor=None)

    await sitio.write(make)
    return solicitud


async def entra(persona: Persona, clave: str = CLAVE, correo: str = "rosa@ejemplo.mx", **more: str) -> Respuesta:
    """The login form of the OPL."""
    return await persona.post("/entrar", {"correo": correo, "contrasena": clave, **more})


async def identifica(sitio: Sitio, solicitud: int, correo: str = "alma@ejemplo.mx", **more: str) -> Persona:
    """An aspirante who typed user and folio."""
    persona = sitio.nadie()
    answer = await persona.post("/entrar/aspirante", {"correo": correo, "folio": str(solicitud), **more})
    assert answer.location == "/entrar/aspirante/como"
    return persona


def enlace(sitio: Sitio, clase: str) -> str:
    """The link in the newest mail of this kind that was not sent yet."""
    return f"/{clase}/{json.loads(sitio.correos(clase)[-1]['datos'])['token']}"
