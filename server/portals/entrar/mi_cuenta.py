"""/mi-cuenta: one's own data, password, second factor and open sessions (rows A1, A2)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server.domain.roles import ROLES_OPL, Rol
from server.errors import DatoInvalido
from server.portals import forms
from server.portals.entrar import comun
from server.portals.entrar.contrasena import NEW, checked
from server.portals.entrar.segundo_factor import CodigosContext, wrong
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.security import cuentas as vida
from server.security import entrada, passwords, sessions
from server.security.entrada import NoEntro
from server.store import cuentas, sesiones_portal
from server.store.connection import Connection
from server.store.cuentas import Cuenta
from server.store.sesiones_portal import Abierta

DATA = Formulario(
    Campo("nombre", "Nombre completo", autocompletar="name"),
    Campo("cargo", "Cargo", autocompletar="organization-title"),
    Campo("telefono", "Teléfono", convertir=forms.telefono, tipo="tel", autocompletar="tel", maximo=30),
)  # fmt: skip
CURRENT = Campo("actual", "Contraseña actual", convertir=comun.tal_cual, tipo="password",
                autocompletar="current-password", maximo=400)  # fmt: skip
CHANGE = Formulario(CURRENT, *NEW.campos)
FACTOR = Formulario(
    Campo("codigo", "Código", autocompletar="one-time-code", maximo=40,
          ayuda="El que muestra ahora su aplicación, o un código de respaldo."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sesion:
    """One open session as it is listed. `esta`: the one that looks."""

    id: int
    navegador: str
    desde_ms: int
    vista_ms: int
    esta: bool


@dataclass(frozen=True, slots=True)
class MiCuentaContext:
    """One's own account. `puede_retirar`: whether this role may be without second factor; `respaldos`: codes left."""

    nombre: str
    correo: str
    cargo: str
    telefono: str
    rol: str
    es_opl: bool
    tiene_contrasena: bool
    tiene_factor: bool
    puede_retirar: bool
    respaldos: int
    sesiones: list[Sesion]


@dataclass(frozen=True, slots=True)
class ContrasenaContext:
    """The form of another password. `tenia`: whether there was one, which must then be given."""

    form: Leido
    tenia: bool


@dataclass(frozen=True, slots=True)
class FactorContext:
    """Something that asks for a code of the second factor. `accion`: retirar or codigos."""

    form: Leido
    accion: str


def navegador(agente: str) -> str:
    """What a browser says of itself, in words that its owner knows."""
    kinds = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
    systems = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
               ("Mac OS X", "Mac"), ("CrOS", "Chromebook"), ("Linux", "Linux"))  # fmt: skip
    kind = next((name for sign, name in kinds if sign in agente), "Otro navegador")
    system = next((name for sign, name in systems if sign in agente), "")
    return f"{kind} en {system}" if system else kind


async def _own(v: Visita) -> Cuenta:
    found = await v.read(lambda conn: cuentas.get(conn, v.persona.cuenta))
    assert found is not None, "a session has an account"
    return found


def may_drop_factor(rol: Rol) -> bool:
    """Whoever works at the OPL sees people's data, and keeps it."""
    return rol not in ROLES_OPL


async def mostrar(v: Visita) -> Response:
    """GET /mi-cuenta."""
    quien = v.persona

    def reading(conn: Connection) -> tuple[Cuenta | None, list[Abierta], int]:
        idle = v.now_ms - sessions.IDLE_MS[quien.rol]
        return (
            cuentas.get(conn, quien.cuenta),
            sesiones_portal.open_of(conn, quien.cuenta, v.now_ms, idle),
            cuentas.backup_codes_left(conn, quien.cuenta),
        )

    cuenta, opened, left = await v.read(reading)
    assert cuenta is not None, "a session has an account"
    listed = [
        Sesion(one.id, navegador(one.agente), one.creada_ms, one.vista_ms, one.id == quien.sesion) for one in opened
    ]
    context = MiCuentaContext(
        cuenta.nombre, cuenta.correo, cuenta.cargo, cuenta.telefono, quien.rol.titulo, quien.rol in ROLES_OPL,
        cuenta.contrasena is not None, cuenta.totp_secreto is not None, may_drop_factor(quien.rol), left, listed,
    )  # fmt: skip
    return v.page("entrar/mi_cuenta.html", context)


async def datos(v: Visita) -> Response:
    """GET /mi-cuenta/datos: for the OPL's; an aspirante's are those of the registration."""
    cuenta = await _own(v)
    if v.persona.rol not in ROLES_OPL:
        return v.go("/mi-cuenta")
    filled = {"nombre": cuenta.nombre, "cargo": cuenta.cargo, "telefono": cuenta.telefono}
    return v.page("entrar/mis_datos.html", comun.FormContext(DATA.vacio(filled)))


async def guardar_datos(v: Visita) -> Response:
    """POST /mi-cuenta/datos."""
    if v.persona.rol not in ROLES_OPL:
        return v.go("/mi-cuenta")
    form = await v.form(DATA)
    if not form.bien:
        return v.page("entrar/mis_datos.html", comun.FormContext(form), status=422)
    values = form.valores
    await v.write(
        lambda tx: vida.correct(
            tx, v.persona.cuenta, nombre=values["nombre"], cargo=values["cargo"], telefono=values["telefono"]
        )
    )
    return v.go("/mi-cuenta", "guardado")


async def contrasena(v: Visita) -> Response:
    """GET /mi-cuenta/contrasena."""
    has = (await _own(v)).contrasena is not None
    return v.page("entrar/contrasena.html", ContrasenaContext((CHANGE if has else NEW).vacio(), has))


async def cambiar(v: Visita) -> Response:
    """POST /mi-cuenta/contrasena: whoever finds an open session does not know the password before."""
    quien, cuenta = v.persona, await _own(v)
    has = cuenta.contrasena is not None
    form = checked(await v.form(CHANGE if has else NEW), cuenta)
    if form.bien and has:
        if wait := comun.limites(v).try_enter(comun.direccion(v), f"cuenta:{quien.cuenta}", v.now_ms):
            form = form.con_error("actual", comun.espere(wait))
            return v.page("entrar/contrasena.html", ContrasenaContext(form, has), status=comun.DEMASIADOS)
        if not await asyncio.to_thread(passwords.verify, cuenta.contrasena, form.valores["actual"]):
            form = form.con_error(
                "actual", DatoInvalido("contrasena_incorrecta", "Su contraseña actual no es esa. Escríbala otra vez.")
            )
    if form.bien:
        hashed = await asyncio.to_thread(passwords.hash_new, form.valores["contrasena"])
        done = await v.write(lambda tx: vida.change_password(tx, quien.cuenta, cuenta.contrasena, hashed, quien.sesion))
        if done:
            return v.go("/mi-cuenta", "contrasena_cambiada_aqui")
        form = form.con_error(
            "actual" if has else "contrasena",
            DatoInvalido("contrasena_ya_cambio", "Su contraseña se cambió desde otra página. Entre otra vez con ella."),
        )
    return v.page("entrar/contrasena.html", ContrasenaContext(form, has), status=422)


async def codigos(v: Visita) -> Response:
    """GET /mi-cuenta/codigos: new printed codes, for who has the second factor at hand."""
    return v.page("entrar/con_factor.html", FactorContext(FACTOR.vacio(), "codigos"))


async def nuevos_codigos(v: Visita) -> Response:
    """POST /mi-cuenta/codigos."""
    form = await _with_code(v, await v.form(FACTOR))
    if form.bien:
        keys, cuenta, given = v.portal.keyring, v.persona.cuenta, form.valores["codigo"]
        done = await v.write(lambda tx: entrada.new_codes(tx, keys, cuenta, given))
        if not isinstance(done, NoEntro):
            comun.limites(v).factor.forget(str(cuenta))
            return v.page("entrar/codigos.html", CodigosContext(done, v.persona.correo, "/mi-cuenta"))
        form = form.con_error("codigo", wrong())
    return v.page("entrar/con_factor.html", FactorContext(form, "codigos"), status=422)


async def sin_factor(v: Visita) -> Response:
    """GET /mi-cuenta/segundo-factor/retirar."""
    if not may_drop_factor(v.persona.rol):
        return v.go("/mi-cuenta", "factor_obligatorio")
    return v.page("entrar/con_factor.html", FactorContext(FACTOR.vacio(), "retirar"))


async def retirar(v: Visita) -> Response:
    """POST /mi-cuenta/segundo-factor/retirar."""
    if not may_drop_factor(v.persona.rol):
        return v.go("/mi-cuenta", "factor_obligatorio")
    form = await _with_code(v, await v.form(FACTOR))
    if form.bien:
        keys, cuenta, given = v.portal.keyring, v.persona.cuenta, form.valores["codigo"]
        if await v.write(lambda tx: entrada.drop_factor(tx, keys, cuenta, given)) is None:
            return v.go("/mi-cuenta", "factor_retirado")
        form = form.con_error("codigo", wrong())
    return v.page("entrar/con_factor.html", FactorContext(form, "retirar"), status=422)


async def _with_code(v: Visita, form: Leido) -> Leido:
    if form.bien and (wait := comun.limites(v).try_factor(v.persona.cuenta, v.now_ms)):
        return form.con_error("codigo", comun.espere(wait))
    return form


async def cerrar(v: Visita) -> Response:
    """POST /mi-cuenta/sesiones/{id}/cerrar: one of one's own; another's is as if it did not exist."""
    quien, sesion = v.persona, int(v.request.path_params["id"])
    await v.write(lambda tx: entrada.close(tx, sesion, quien.cuenta))
    return v.go("/mi-cuenta", "sesion_cerrada")


async def cerrar_otras(v: Visita) -> Response:
    """POST /mi-cuenta/sesiones/cerrar-otras."""
    quien = v.persona
    await v.write(lambda tx: entrada.close_others(tx, quien.cuenta, quien.sesion))
    return v.go("/mi-cuenta", "sesiones_cerradas")
