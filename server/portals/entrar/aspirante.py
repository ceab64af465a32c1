"""/entrar/aspirante: user and folio único, then a mailed code, a password, or a provider's word (row A2; P6D, P7.2).

The first step says nothing about whether user and folio are right; every way of the second answers the same, after the
same work, when they are not.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server.errors import DatoInvalido
from server.portals import forms
from server.portals.entrar import comun
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.security import entrada, oidc, paso, passwords
from server.security.entrada import Entro, FaltaFactor, NoEntro
from server.security.paso import PasoAspirante

WAYS = "/entrar/aspirante/como"


def folio(value: str) -> int:
    """The folio único, with or without spaces, hyphens and zeros before it."""
    digits = value.replace(" ", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit()) or not 1 <= int(digits[:20]) <= 999_999:
        raise DatoInvalido("folio_forma", "Escriba el folio único que llegó a su correo: son sólo números.")
    return int(digits)


FORM = Formulario(
    Campo("correo", "Usuario", convertir=forms.correo, tipo="email", autocompletar="username", maximo=254,
          ayuda="El correo con el que se hizo su registro."),
    Campo("folio", "Folio único", convertir=folio, autocompletar="on", teclado="numeric", maximo=20,
          ayuda="Está en el correo que recibió al registrarse."),
    comun.SIGUE,
)  # fmt: skip
CODE = Formulario(
    Campo("codigo", "Código", autocompletar="one-time-code", teclado="numeric", maximo=20,
          ayuda="Seis dígitos. Sirve quince minutos y una sola vez."),
)  # fmt: skip
PASSWORD = Formulario(
    Campo("contrasena", "Contraseña", convertir=comun.tal_cual, tipo="password", autocompletar="current-password",
          maximo=400),
)  # fmt: skip
REFUSED = {
    "codigo": "El código no es correcto. Use el del correo más reciente; tras cinco intentos deja de servir.",
    "codigo_vencido": "Ese código ya se usó o ya venció. Pida otro.",
    "credenciales": "Los datos no son correctos. Si no recuerda su contraseña, pida un código por correo.",
    "suspendida": "Su acceso está suspendido. Acuda con su instituto electoral.",
}


@dataclass(frozen=True, slots=True)
class ComoContext:
    """The ways in. `contrasena`: that form; `correo`: the user as typed; `proveedores`: (code, name) of who vouches."""

    contrasena: Leido
    correo: str
    proveedores: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CodigoContext:
    """The form for the mailed code. `correo`: where it went, if user and folio are right."""

    form: Leido
    correo: str


async def mostrar(v: Visita) -> Response:
    """GET /entrar/aspirante."""
    if v.quien is not None:
        return v.go(comun.destino(v.quien.rol, comun.sigue_of(v), activa=v.quien.activa))
    return v.page("entrar/aspirante.html", comun.FormContext(FORM.vacio({"sigue": comun.sigue_of(v)})))


async def identificar(v: Visita) -> Response:
    """POST /entrar/aspirante: keep what was typed for the next step."""
    form = await v.form(FORM)
    if not form.bien:
        return v.page("entrar/aspirante.html", comun.FormContext(form), status=422)
    response = v.go(WAYS)
    step = PasoAspirante(form.valores["correo"], form.valores["folio"], form.valores["sigue"] or "", v.now_ms)
    paso.give(response, v.portal.settings, v.portal.keyring, step)
    return response


def _step(v: Visita) -> PasoAspirante | None:
    return paso.read(v.request, v.portal.settings, v.portal.keyring, PasoAspirante, v.now_ms)


def _ways(v: Visita, step: PasoAspirante, form: Leido, status: int = 200) -> Response:
    names = oidc.names(v.portal.settings)
    return v.page("entrar/aspirante_como.html", ComoContext(form, step.correo, names), status=status)


async def como(v: Visita) -> Response:
    """GET /entrar/aspirante/como: the ways in."""
    step = _step(v)
    if step is None:
        return v.go("/entrar/aspirante")
    return _ways(v, step, PASSWORD.vacio())


async def pedir_codigo(v: Visita) -> Response:
    """POST /entrar/aspirante/codigo/enviar: mail a code, if they are right."""
    step = _step(v)
    if step is None:
        return v.go("/entrar/aspirante")
    if wait := comun.limites(v).try_mail(comun.direccion(v), f"{step.correo}|{step.solicitud}", v.now_ms):
        form = CODE.vacio().con_error("codigo", comun.espere(wait))
        return v.page("entrar/aspirante_codigo.html", CodigoContext(form, step.correo), status=comun.DEMASIADOS)
    await v.write(lambda tx: entrada.ask_code(tx, step.correo, step.solicitud))
    return v.go("/entrar/aspirante/codigo", "codigo_enviado")


async def codigo(v: Visita) -> Response:
    """GET /entrar/aspirante/codigo."""
    step = _step(v)
    if step is None:
        return v.go("/entrar/aspirante")
    return v.page("entrar/aspirante_codigo.html", CodigoContext(CODE.vacio(), step.correo))


async def con_codigo(v: Visita) -> Response:
    """POST /entrar/aspirante/codigo."""
    step = _step(v)
    if step is None:
        return v.go("/entrar/aspirante")
    form = await v.form(CODE)
    if not form.bien:
        return v.page("entrar/aspirante_codigo.html", CodigoContext(form, step.correo), status=422)
    account = f"{step.correo}|{step.solicitud}"
    if wait := comun.limites(v).try_enter(comun.direccion(v), account, v.now_ms):
        form = form.con_error("codigo", comun.espere(wait))
        return v.page("entrar/aspirante_codigo.html", CodigoContext(form, step.correo), status=comun.DEMASIADOS)
    given, agente, anterior = form.valores["codigo"], comun.agente(v), comun.token(v)
    done = await v.write(
        lambda tx: entrada.spend_code(tx, step.correo, step.solicitud, given, agente=agente, anterior=anterior)
    )
    if isinstance(done, NoEntro):
        form = form.con_error("codigo", DatoInvalido(_code(done), REFUSED[done.codigo]))
        return v.page("entrar/aspirante_codigo.html", CodigoContext(form, step.correo), status=422)
    return adentro(v, done, step)


def _code(done: NoEntro) -> str:
    return {"codigo": "codigo_incorrecto"}.get(done.codigo, done.codigo)


def adentro(v: Visita, done: Entro | FaltaFactor, step: PasoAspirante | paso.PasoOidc) -> Response:
    """In, or on to the second factor that this aspirante has chosen to have."""
    comun.limites(v).entered(comun.direccion(v), f"{step.correo}|{step.solicitud}")
    if isinstance(done, FaltaFactor):
        return comun.falta_factor(v, done, step.sigue)
    return comun.adentro(v, done, step.sigue)


async def con_contrasena(v: Visita) -> Response:
    """POST /entrar/aspirante/contrasena."""
    step = _step(v)
    if step is None:
        return v.go("/entrar/aspirante")
    form = await v.form(PASSWORD)
    if not form.bien:
        return _ways(v, step, form, 422)
    account = f"{step.correo}|{step.solicitud}"
    if wait := comun.limites(v).try_enter(comun.direccion(v), account, v.now_ms):
        return _ways(v, step, form.con_error("contrasena", comun.espere(wait)), comun.DEMASIADOS)
    cuenta = await v.read(lambda conn: entrada.aspirante(conn, step.correo, step.solicitud))
    stored, given = cuenta.contrasena if cuenta else None, form.valores["contrasena"]
    bien = await asyncio.to_thread(passwords.verify, stored, given)
    mejor = None
    if bien and stored is not None and passwords.outdated(stored):
        mejor = await asyncio.to_thread(passwords.hash_new, given)
    cuenta_id, agente, anterior = cuenta.id if cuenta else None, comun.agente(v), comun.token(v)
    done = await v.write(
        lambda tx: entrada.enter(tx, cuenta_id, stored, bien=bien, agente=agente, anterior=anterior, mejor=mejor)
    )
    if isinstance(done, NoEntro):
        return _ways(v, step, form.con_error("contrasena", DatoInvalido(done.codigo, REFUSED[done.codigo])), 422)
    return adentro(v, done, step)
