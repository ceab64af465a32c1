"""/opl/cuentas: accounts of the OPL, invited, accepted, suspended by who administers (row A1, A4; P5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from server.domain.roles import ROLES_OPL, Rol
from server.errors import AppError, DatoInvalido
from server.portals import forms
from server.portals.forms import Campo, Formulario, Leido, opcion
from server.portals.visita import Visita
from server.security import cuentas as vida
from server.security.cuentas import Datos, Invitada
from server.store import archivos, cuentas, declaraciones
from server.store.archivos import Archivo
from server.store.connection import Connection
from server.store.cuentas import Cuenta
from server.store.declaraciones import Declaracion
from server.store.writer import Tx

ESTATUS = {
    "invitada": ("Invitada", "gris"),
    "por_declarar": ("Falta su declaración", "duda"),
    "por_aceptar": ("Declaración por revisar", "duda"),
    "activa": ("Activa", "bien"),
    "suspendida": ("Suspendida", "mal"),
}
"""What an estatus is called, and its colour."""
_ROLES = tuple((rol.value, rol.titulo) for rol in ROLES_OPL)
NEW = Formulario(
    Campo("nombre", "Nombre completo"),
    Campo("cargo", "Cargo"),
    Campo("correo", "Correo institucional", convertir=forms.correo, tipo="email", maximo=254,
          ayuda="Uno por persona: una cuenta no se comparte."),
    Campo("telefono", "Teléfono", convertir=forms.telefono, tipo="tel", maximo=30),
    Campo("rol", "Qué hará", convertir=opcion(*(rol.value for rol in ROLES_OPL)), tipo="radio", opciones=_ROLES),
)  # fmt: skip
ROLE = Formulario(
    Campo("rol", "Qué hará", convertir=opcion(*(rol.value for rol in ROLES_OPL)), tipo="radio", opciones=_ROLES),
)
RETURN = Formulario(
    Campo("motivo", "Por qué se devuelve", convertir=forms.parrafos, tipo="textarea", maximo=500,
          ayuda="La persona lo leerá en su correo y en su página."),
)  # fmt: skip
SUSPEND = Formulario(
    Campo("causa", "Causa", convertir=forms.parrafos, tipo="textarea", maximo=500,
          ayuda="La persona la leerá en su correo."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Renglon:
    """A line of the list. `estatus`: (words, colour); `ultima_ms`: last seen, or None."""

    id: int
    nombre: str
    cargo: str
    correo: str
    rol: str
    estatus: tuple[str, str]
    segundo_factor: bool
    ultima_ms: int | None


@dataclass(frozen=True, slots=True)
class CuentasContext:
    """The list. `filtro`: the estatus that is shown, "" for all; `estados`: (code, words) to choose from."""

    renglones: list[Renglon]
    filtro: str
    estados: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NuevaContext:
    """The form of an invitation."""

    form: Leido


@dataclass(frozen=True, slots=True)
class EnlaceContext:
    """A link to hand over by hand, where this server sends no mail. `clase`: invitacion or restablecer."""

    cuenta: int
    nombre: str
    clase: str
    enlace: str


@dataclass(frozen=True, slots=True)
class CuentaContext:
    """One account. `propia`: that of who looks; `declaracion`: the last one, or None; `revisable`: it waits for an
    answer that this person may give; `rol_form`, `motivo_form`: their forms."""

    cuenta: Cuenta
    rol: str
    estatus: tuple[str, str]
    propia: bool
    declaracion: Declaracion | None
    archivo: str
    revisable: bool
    rol_form: Leido
    motivo_form: Leido


@dataclass(frozen=True, slots=True)
class ConfirmarContext:
    """Something that takes something away, to be confirmed. `accion`: suspender or segundo-factor."""

    form: Leido
    cuenta: Cuenta
    accion: str


async def lista(v: Visita) -> Response:
    """GET /opl/cuentas."""
    filtro = v.request.query_params.get("estatus", "")
    filtro = filtro if filtro in ESTATUS else ""
    found = await v.read(lambda conn: cuentas.of_functionaries(conn, filtro))
    lines = [
        Renglon(
            one.id, one.nombre, one.cargo, one.correo, Rol(one.rol).titulo, ESTATUS[one.estatus], one.segundo_factor,
            one.ultima_ms,
        )
        for one in found
    ]  # fmt: skip
    await v.seen("cuentas", "cuentas", filas=len(lines))
    states = tuple((code, words) for code, (words, _) in ESTATUS.items())
    return v.page("opl/cuentas.html", CuentasContext(lines, filtro, states), fragmento="lista")


async def nueva(v: Visita) -> Response:
    """GET /opl/cuentas/nueva."""
    return v.page("opl/cuenta_nueva.html", NuevaContext(NEW.vacio()))


async def invitar(v: Visita) -> Response:
    """POST /opl/cuentas/nueva."""
    form = await v.form(NEW)
    if form.bien:
        values = form.valores
        datos = Datos(values["nombre"], values["cargo"], values["correo"], values["telefono"], Rol(values["rol"]))
        try:
            made = await v.write(lambda tx: vida.invite(tx, datos, v.persona.cuenta))
        except DatoInvalido as error:
            form = form.con_error("correo" if error.codigo == "correo_ocupado" else "rol", error)
        else:
            return await _handed_over(v, made, "invitacion", "cuenta_invitada")
    return v.page("opl/cuenta_nueva.html", NuevaContext(form), status=422)


async def _handed_over(v: Visita, made: Invitada, clase: str, hecho: str) -> Response:
    """After a link was made: it goes by mail, or is shown once where there is none."""
    if "outbox" in v.portal.parts:
        return v.go(f"/opl/cuentas/{made.cuenta}", hecho)
    cuenta = await v.read(lambda conn: cuentas.get(conn, made.cuenta))
    assert cuenta is not None, "it was just made"
    kind = "invitacion" if cuenta.estatus == "invitada" else clase
    link = f"{v.portal.settings.url_publica}/{kind}/{made.token}"
    return v.page("opl/cuenta_enlace.html", EnlaceContext(cuenta.id, cuenta.nombre, kind, link))


def _id(v: Visita) -> int:
    return int(v.request.path_params["id"])


async def _found(v: Visita) -> Cuenta:
    cuenta = await v.read(lambda conn: cuentas.get(conn, _id(v)))
    if cuenta is None or cuenta.rol == Rol.ASPIRANTE:
        raise AppError("no_encontrado")
    return cuenta


async def ver(v: Visita) -> Response:
    """GET /opl/cuentas/{id}."""
    return await _page(v, await _found(v))


async def _page(
    v: Visita, cuenta: Cuenta, *, rol_form: Leido | None = None, motivo_form: Leido | None = None, status: int = 200
) -> Response:
    def reading(conn: Connection) -> tuple[Declaracion | None, Archivo | None]:
        newest = declaraciones.newest_of(conn, cuenta.id)
        return newest, archivos.get(conn, newest.archivo_id) if newest else None

    newest, file = await v.read(reading)
    await v.seen(f"cuenta:{cuenta.id}", "cuenta")
    own = cuenta.id == v.persona.cuenta
    context = CuentaContext(
        cuenta, Rol(cuenta.rol).titulo, ESTATUS[cuenta.estatus], own, newest, file.nombre if file else "",
        newest is not None and newest.estado == "entregada" and not own, rol_form or ROLE.vacio({"rol": cuenta.rol}),
        motivo_form or RETURN.vacio(),
    )  # fmt: skip
    return v.page("opl/cuenta.html", context, status=status)


async def archivo(v: Visita) -> Response:
    """GET /opl/cuentas/{id}/declaracion: what was handed in, only ever as a download."""
    cuenta = await _found(v)

    def reading(conn: Connection) -> Archivo | None:
        newest = declaraciones.newest_of(conn, cuenta.id)
        return archivos.get(conn, newest.archivo_id) if newest else None

    found = await v.read(reading)
    if found is None:
        raise AppError("no_encontrado")
    await v.seen(f"cuenta:{cuenta.id}", "declaracion", archivo=found.id)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.nombre}"', "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }  # fmt: skip
    return Response(found.contenido, media_type=found.medio, headers=headers)


async def aceptar(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/aceptar: the declaración is good; the account is active."""
    return await _resolve(v, acepta=True)


async def devolver(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/devolver: it is not, and why."""
    return await _resolve(v, acepta=False)


async def _resolve(v: Visita, *, acepta: bool) -> Response:
    cuenta = await _found(v)
    form = RETURN.vacio() if acepta else await v.form(RETURN)
    if not form.bien:
        return await _page(v, cuenta, motivo_form=form, status=422)
    newest = await v.read(lambda conn: declaraciones.newest_of(conn, cuenta.id))
    if newest is None:
        raise AppError("no_encontrado")
    # The one that was on the page, not one that came meanwhile.
    shown = (await v.request.form()).get("declaracion", "")
    if shown != str(newest.id):
        return v.go(f"/opl/cuentas/{cuenta.id}", "declaracion_otra")
    motivo = form.valores.get("motivo") or ""
    try:
        await v.write(lambda tx: vida.resolve(tx, newest.id, v.persona.cuenta, acepta=acepta, motivo=motivo))
    except DatoInvalido as error:
        return await _page(v, cuenta, motivo_form=form.con_error("motivo", error), status=422)
    return v.go(f"/opl/cuentas/{cuenta.id}", "declaracion_aceptada" if acepta else "declaracion_devuelta")


async def suspender(v: Visita) -> Response:
    """GET /opl/cuentas/{id}/suspender: what it means, before it is done."""
    return v.page("opl/cuenta_confirmar.html", ConfirmarContext(SUSPEND.vacio(), await _found(v), "suspender"))


async def suspender_si(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/suspender."""
    cuenta, form = await _found(v), await v.form(SUSPEND)
    if form.bien:
        try:
            await v.write(lambda tx: vida.suspend(tx, cuenta.id, v.persona.cuenta, form.valores["causa"]))
        except DatoInvalido as error:
            form = form.con_error("causa", error)
        else:
            return v.go(f"/opl/cuentas/{cuenta.id}", "cuenta_suspendida")
    return v.page("opl/cuenta_confirmar.html", ConfirmarContext(form, cuenta, "suspender"), status=422)


async def sin_factor(v: Visita) -> Response:
    """GET /opl/cuentas/{id}/segundo-factor: for who lost phone and printed codes."""
    return v.page("opl/cuenta_confirmar.html", ConfirmarContext(NOTHING.vacio(), await _found(v), "segundo-factor"))


NOTHING = Formulario(Campo("confirma", "Confirmación", obligatorio=False))


async def sin_factor_si(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/segundo-factor."""
    cuenta = await _found(v)
    try:
        await v.write(lambda tx: vida.take_factor_away(tx, cuenta.id, v.persona.cuenta))
    except DatoInvalido as error:
        form = NOTHING.vacio().con_error("", error)
        return v.page("opl/cuenta_confirmar.html", ConfirmarContext(form, cuenta, "segundo-factor"), status=422)
    return v.go(f"/opl/cuentas/{cuenta.id}", "factor_retirado_cuenta")


async def reactivar(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/reactivar."""
    return await _do(v, lambda tx: vida.reactivate(tx, _id(v), v.persona.cuenta), "cuenta_reactivada")


async def cambiar_rol(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/rol."""
    cuenta, form = await _found(v), await v.form(ROLE)
    if form.bien:
        try:
            await v.write(lambda tx: vida.change_role(tx, cuenta.id, Rol(form.valores["rol"]), v.persona.cuenta))
        except DatoInvalido as error:
            form = form.con_error("rol", error)
        else:
            return v.go(f"/opl/cuentas/{cuenta.id}", "rol_cambiado")
    return await _page(v, cuenta, rol_form=form, status=422)


async def otra_invitacion(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/invitar."""
    return await _link(v, vida.invite_again, "invitacion", "cuenta_invitada")


async def restablecer(v: Visita) -> Response:
    """POST /opl/cuentas/{id}/restablecer: a link for another password."""
    return await _link(v, vida.send_reset, "restablecer", "restablecer_enviado")


async def _link(v: Visita, make: Callable[[Tx, int, int], Invitada], clase: str, hecho: str) -> Response:
    cuenta = await _found(v)
    try:
        made = await v.write(lambda tx: make(tx, cuenta.id, v.persona.cuenta))
    except DatoInvalido as error:
        return await _page(v, cuenta, motivo_form=RETURN.vacio().con_error("", error), status=422)
    return await _handed_over(v, made, clase, hecho)


async def _do(v: Visita, operation: Callable[[Tx], object], hecho: str) -> Response:
    cuenta = await _found(v)
    try:
        await v.write(operation)
    except DatoInvalido as error:
        return await _page(v, cuenta, motivo_form=RETURN.vacio().con_error("", error), status=422)
    return v.go(f"/opl/cuentas/{cuenta.id}", hecho)
