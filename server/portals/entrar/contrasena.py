"""Passwords by mail: /entrar/olvide, /restablecer/{token}, /invitacion/{token} (rows A1, A2).

A link is only looked at by GET, because mail readers open links by themselves; it is spent by the form of its page.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server.errors import DatoInvalido
from server.portals import forms
from server.portals.entrar import comun
from server.portals.entrar.aspirante import folio
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.security import cuentas as vida
from server.security import entrada, passwords, sessions
from server.security.limites import network_of
from server.store import cuentas
from server.store.connection import Connection
from server.store.cuentas import Cuenta

FORGOT = Formulario(
    Campo("correo", "Correo de su cuenta", convertir=forms.correo, tipo="email", autocompletar="username", maximo=254),
    Campo("folio", "Folio único", convertir=folio, obligatorio=False, teclado="numeric", maximo=20,
          ayuda="Sólo si usted es aspirante."),
)  # fmt: skip
NEW = Formulario(
    Campo("contrasena", "Contraseña nueva", convertir=comun.tal_cual, tipo="password", autocompletar="new-password",
          maximo=400, ayuda="Al menos doce caracteres. Varias palabras que no vayan juntas son fáciles de recordar."),
    Campo("repetida", "La misma contraseña otra vez", convertir=comun.tal_cual, tipo="password",
          autocompletar="new-password", maximo=400),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EnlaceContext:
    """The form behind a link. `clase`: invitacion or restablecer; `nombre`, `correo`: whose account."""

    form: Leido
    clase: str
    nombre: str
    correo: str


@dataclass(frozen=True, slots=True)
class VencidoContext:
    """A link that is good no longer. `clase`: invitacion or restablecer."""

    clase: str


async def olvide(v: Visita) -> Response:
    """GET /entrar/olvide."""
    return v.page("entrar/olvide.html", comun.FormContext(FORGOT.vacio()))


async def pedir(v: Visita) -> Response:
    """POST /entrar/olvide: the same answer whether there is such an account or not."""
    form = await v.form(FORGOT)
    if not form.bien:
        return v.page("entrar/olvide.html", comun.FormContext(form), status=422)
    correo, solicitud = form.valores["correo"], form.valores["folio"]
    if wait := comun.limites(v).try_mail(comun.direccion(v), f"{correo}|{solicitud or ''}", v.now_ms):
        form = form.con_error("correo", comun.espere(wait))
        return v.page("entrar/olvide.html", comun.FormContext(form), status=comun.DEMASIADOS)

    def find(conn: Connection) -> Cuenta | None:
        return entrada.aspirante(conn, correo, solicitud) if solicitud else cuentas.of_opl(conn, correo)

    found = await v.read(find)
    await v.write(lambda tx: vida.ask_reset(tx, found.id if found else None))
    return v.go("/entrar/aspirante" if solicitud else "/entrar", "restablecer_pedido")


async def invitacion(v: Visita) -> Response:
    """GET /invitacion/{token}."""
    return await _show(v, "invitacion")


async def aceptar(v: Visita) -> Response:
    """POST /invitacion/{token}: the first password; then the declaración."""
    return await _spend(v, "invitacion")


async def restablecer(v: Visita) -> Response:
    """GET /restablecer/{token}."""
    return await _show(v, "restablecer")


async def cambiar(v: Visita) -> Response:
    """POST /restablecer/{token}: another password; every session ends."""
    return await _spend(v, "restablecer")


async def _whose(v: Visita, clase: str) -> Cuenta | None:
    token = str(v.request.path_params["token"])[:100]
    return await v.read(lambda conn: vida.whose_link(conn, clase, token, v.now_ms))


def _expired(v: Visita, clase: str) -> Response:
    return v.page("entrar/vencido.html", VencidoContext(clase), status=410)


def _page(v: Visita, clase: str, cuenta: Cuenta, form: Leido, status: int = 200) -> Response:
    return v.page("entrar/enlace.html", EnlaceContext(form, clase, cuenta.nombre, cuenta.correo), status=status)


async def _show(v: Visita, clase: str) -> Response:
    cuenta = await _whose(v, clase)
    return _expired(v, clase) if cuenta is None else _page(v, clase, cuenta, NEW.vacio())


async def _spend(v: Visita, clase: str) -> Response:
    if wait := comun.limites(v).direccion.take(network_of(comun.direccion(v)), v.now_ms):
        cuenta = await _whose(v, clase)
        if cuenta is None:
            return _expired(v, clase)
        return _page(v, clase, cuenta, NEW.vacio().con_error("contrasena", comun.espere(wait)), comun.DEMASIADOS)
    cuenta = await _whose(v, clase)
    if cuenta is None:
        return _expired(v, clase)
    form = checked(await v.form(NEW), cuenta)
    if not form.bien:
        return _page(v, clase, cuenta, form, 422)
    token = str(v.request.path_params["token"])
    hashed = await asyncio.to_thread(passwords.hash_new, form.valores["contrasena"])
    spend = vida.accept_invitation if clase == "invitacion" else vida.reset_password
    done = await v.write(lambda tx: spend(tx, token, hashed))
    if done is None:  # sent twice: the first one did it
        return _expired(v, clase)
    at = "/entrar" if done.aspirante_id is None else "/entrar/aspirante"
    response = v.go(at, "contrasena_lista" if clase == "invitacion" else "contrasena_cambiada")
    # Whoever was in on this browser, in this account or another, is not any more.
    sessions.take_cookie(response, v.portal.settings)
    return response


def checked(form: Leido, cuenta: Cuenta) -> Leido:
    """The form of a new password with what is wrong with it."""
    given, again = form.valores.get("contrasena"), form.valores.get("repetida")
    if given and not form.errores.get("contrasena"):
        try:
            passwords.check_new(given, nombre=cuenta.nombre, correo=cuenta.correo)
        except DatoInvalido as error:
            form = form.con_error("contrasena", error)
        if again is not None and given != again:
            form = form.con_error(
                "repetida", DatoInvalido("contrasena_distinta", "Las dos contraseñas no son iguales.")
            )
    return form
