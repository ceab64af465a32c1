"""/entrar and /salir: a functionary of the OPL by address and password (row A1)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server.domain.roles import Rol
from server.errors import DatoInvalido
from server.portals.entrar import comun
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.security import entrada, passwords, sessions
from server.security.entrada import Entro, FaltaFactor
from server.store import cuentas

FORM = Formulario(
    Campo("correo", "Correo institucional", tipo="email", autocompletar="username", maximo=254),
    Campo("contrasena", "Contraseña", convertir=comun.tal_cual, tipo="password", autocompletar="current-password",
          maximo=400),
    comun.SIGUE,
)  # fmt: skip
REFUSED = {
    "credenciales": "El correo o la contraseña no son correctos. Revise si las mayúsculas están activas.",
    "suspendida": "Su cuenta está suspendida. Acuda con quien administra el sistema en su institución.",
}


@dataclass(frozen=True, slots=True)
class EntrarContext:
    """The form of a functionary."""

    form: Leido


async def mostrar(v: Visita) -> Response:
    """GET /entrar."""
    if v.quien is not None:
        return v.go(comun.destino(v.quien.rol, comun.sigue_of(v), activa=v.quien.activa))
    return v.page("entrar/entrar.html", EntrarContext(FORM.vacio({"sigue": comun.sigue_of(v)})))


async def entrar(v: Visita) -> Response:
    """POST /entrar."""
    form = await v.form(FORM)
    if not form.bien:
        return v.page("entrar/entrar.html", EntrarContext(form), status=422)
    correo, contrasena = form.valores["correo"], form.valores["contrasena"]
    limits, where = comun.limites(v), comun.direccion(v)
    if wait := limits.try_enter(where, correo, v.now_ms):
        form = form.con_error("contrasena", comun.espere(wait))
        return v.page("entrar/entrar.html", EntrarContext(form), status=comun.DEMASIADOS)
    cuenta = await v.read(lambda conn: cuentas.of_opl(conn, correo))
    stored = cuenta.contrasena if cuenta else None
    bien = await asyncio.to_thread(passwords.verify, stored, contrasena)
    mejor = None
    if bien and stored is not None and passwords.outdated(stored):
        mejor = await asyncio.to_thread(passwords.hash_new, contrasena)
    cuenta_id, agente, anterior = cuenta.id if cuenta else None, comun.agente(v), comun.token(v)
    done = await v.write(
        lambda tx: entrada.enter(tx, cuenta_id, stored, bien=bien, agente=agente, anterior=anterior, mejor=mejor)
    )
    sigue = form.valores["sigue"] or ""
    if isinstance(done, Entro | FaltaFactor):
        limits.entered(where, correo)
        return comun.adentro(v, done, sigue) if isinstance(done, Entro) else comun.falta_factor(v, done, sigue)
    form = form.con_error("contrasena", DatoInvalido(done.codigo, REFUSED[done.codigo]))
    return v.page("entrar/entrar.html", EntrarContext(form), status=422)


async def salir(v: Visita) -> Response:
    """POST /salir."""
    quien = v.quien
    response = v.go("/entrar/aspirante" if quien is not None and quien.rol is Rol.ASPIRANTE else "/entrar", "salio")
    if quien is not None:
        await v.write(lambda tx: entrada.close(tx, quien.sesion, quien.cuenta))
        v.portal.parts["imagenes_mesa"].olvidar_cuenta(quien.cuenta)
    sessions.take_cookie(response, v.portal.settings)
    return response
