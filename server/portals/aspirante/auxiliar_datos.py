"""Registro of an auxiliar one by one, and the correction of their data (row C2; P7.3, P7.4, P7.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from starlette.responses import Response

from server.clock import CENTRO
from server.domain.auxiliar import (
    CONTACTO,
    CUENTAS,
    IDENTIDAD,
    LAYOUT,
    DatosAuxiliar,
    fecha_larga,
    leer,
    leer_contacto,
)
from server.domain.entidades import NOMBRES as ENTIDADES
from server.errors import DatoInvalido
from server.portals.aspirante.auxiliares import PATH, own
from server.portals.forms import Campo, Formulario, Leido
from server.portals.visita import Visita
from server.registro import auxiliares as operaciones
from server.registro.auxiliares import Rechazo
from server.store import auxiliares as store
from server.store.auxiliares import Auxiliar, Proceso

TIPOS_PROCESO = {
    "candidatura_independiente": "Candidatura independiente",
    "consulta_popular": "Consulta popular",
    "iniciativa_ciudadana": "Iniciativa ciudadana",
    "revocacion_mandato": "Revocación de mandato",
}

_INPUT = {"fecha_nacimiento": "text", "telefono": "tel", "correo": "email", "tipo_cuenta": "select"}
_KEYS = {"fecha_nacimiento": "numeric", "telefono": "tel"}


def _campo(campo: str, *, obligatorio: bool) -> Campo:
    dato = next(dato for dato in LAYOUT if dato.campo == campo)
    accounts = campo == "tipo_cuenta"
    return Campo(
        campo, dato.etiqueta, str, obligatorio=obligatorio,
        ayuda="El de la cuenta de correo de arriba." if accounts else _hint(dato.ayuda), tipo=_INPUT.get(campo, "text"),
        opciones=tuple(CUENTAS.items()) if accounts else (), teclado=_KEYS.get(campo, ""),
    )  # fmt: skip


def _hint(ayuda: str) -> str:
    return ayuda.replace(" Opcional.", "").replace("Opcional.", "")


_OBLIGATORY = {dato.campo: dato.obligatorio for dato in LAYOUT}
REGISTRO = Formulario(*(_campo(name, obligatorio=_OBLIGATORY[name]) for name in (*IDENTIDAD, *CONTACTO)))
SOLO_CONTACTO = Formulario(*(_campo(name, obligatorio=_OBLIGATORY[name]) for name in CONTACTO))


@dataclass(frozen=True, slots=True)
class RegistroContext:
    """The form of an alta. `proceso`: what «Ver detalle» shows, None while it is to be restored."""

    form: Leido
    folio: int
    proceso: Proceso | None
    tipo_proceso: str
    entidad: str


@dataclass(frozen=True, slots=True)
class EditarContext:
    """The form of a correction. `abierta`: whether who it is may still be corrected."""

    form: Leido
    auxiliar: Auxiliar
    nacimiento: str
    abierta: bool


async def registro(v: Visita) -> Response:
    """The empty form."""
    return await _registro(v, REGISTRO.vacio())


async def _registro(v: Visita, form: Leido) -> Response:
    solicitud = v.solicitud
    found = await v.read(lambda conn: store.proceso_of(conn, solicitud))
    context = RegistroContext(
        form, solicitud, found, TIPOS_PROCESO.get(found.tipo, "") if found else "",
        ENTIDADES.get(found.entidad, found.entidad) if found else "",
    )  # fmt: skip
    return v.page("aspirante/auxiliar_registro.html", context, status=200 if form.bien else 422)


async def registrar(v: Visita) -> Response:
    """One auxiliar by hand; the padrón is asked at once."""
    form = await v.form(REGISTRO)
    form, datos = _said(form, leer(form.crudo, _today(v)))
    if datos is not None:
        solicitud, actor = v.solicitud, v.persona.actor
        done = await v.write(lambda tx: operaciones.registrar(tx, solicitud, datos, actor))
        if not isinstance(done, Rechazo):
            return v.go(f"{PATH}/{done.id}", "auxiliar_registrado_baja" if done.causa else "auxiliar_registrado")
        form = form.con_error(done.campo, DatoInvalido(done.codigo, done.texto))
    return await _registro(v, form)


def _today(v: Visita) -> date:
    return datetime.fromtimestamp(v.now_ms / 1000, CENTRO).date()


def _said(form: Leido, read: DatosAuxiliar | dict[str, DatoInvalido]) -> tuple[Leido, DatosAuxiliar | None]:
    """The form with what the domain found wrong, or the data."""
    if isinstance(read, DatosAuxiliar):
        return form, read if form.bien else None
    for campo, error in read.items():
        form = form.con_error(campo, error)
    return form, None


async def editar(v: Visita) -> Response:
    """The form with what is there."""
    one = await own(v)
    crudo = {name: str(getattr(one, name)) for name in (*IDENTIDAD, *CONTACTO)}
    crudo["fecha_nacimiento"] = fecha_larga(one.fecha_nacimiento)
    is_open = await _open(v, one)
    return _editar(v, one, (REGISTRO if is_open else SOLO_CONTACTO).vacio(crudo), is_open=is_open)


async def _open(v: Visita, one: Auxiliar) -> bool:
    return await v.read(lambda conn: operaciones.identidad_abierta(conn, one))


def _editar(v: Visita, one: Auxiliar, form: Leido, *, is_open: bool) -> Response:
    context = EditarContext(form, one, fecha_larga(one.fecha_nacimiento), is_open)
    return v.page("aspirante/auxiliar_editar.html", context, status=200 if form.bien else 422)


async def guardar(v: Visita) -> Response:
    """Other data; who it is only while that is open."""
    one = await own(v)
    is_open = await _open(v, one)
    form = await v.form(REGISTRO if is_open else SOLO_CONTACTO)
    read = leer(form.crudo, _today(v)) if is_open else leer_contacto(form.crudo, _today(v), operaciones.datos_de(one))
    form, datos = _said(form, read)
    if datos is not None:
        actor = v.persona.actor
        done = await v.write(lambda tx: operaciones.editar(tx, one.id, datos, actor))
        if not isinstance(done, Rechazo):
            return v.go(f"{PATH}/{one.id}", "guardado")
        form = form.con_error(done.campo, DatoInvalido(done.codigo, done.texto))
    return _editar(v, one, form, is_open=is_open)
