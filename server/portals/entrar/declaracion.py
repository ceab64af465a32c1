"""/declaracion: the Declaración de Confidencialidad, downloaded, signed, handed in (row A1; P5).

Until it is accepted this is the only page that an account of the OPL reaches.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.responses import Response

from server.clock import hora_del_centro
from server.documentos.declaracion import DeclaracionDatos, pdf
from server.domain.roles import Rol
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, marcado
from server.portals.visita import Visita
from server.security import archivo_firmado
from server.security import cuentas as vida
from server.store import archivos, cuentas, declaraciones
from server.store.connection import Connection
from server.store.cuentas import Cuenta
from server.store.declaraciones import Declaracion

CUERPO = archivo_firmado.MAXIMO + 256 * 1024
FORM = Formulario(
    Campo("archivo", "Declaración firmada", tipo="file", ayuda="Un PDF, o una foto en PNG o JPG, de hasta 2 MB."),
    Campo("acepta", "Leí la declaración, la firmé y acepto sus condiciones", convertir=marcado, tipo="checkbox"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeclaracionContext:
    """Where the declaración stands. `estatus`: that of the account; `devuelta`: why it came back, or "";
    `entregada_ms`: when the last one was handed in, or None."""

    form: Leido
    estatus: str
    condiciones: str
    devuelta: str
    entregada_ms: int | None


async def _own(v: Visita) -> tuple[Cuenta, Declaracion | None]:
    quien = v.persona
    if quien.rol is Rol.ASPIRANTE:
        raise AppError("sin_permiso")

    def reading(conn: Connection) -> tuple[Cuenta | None, Declaracion | None]:
        return cuentas.get(conn, quien.cuenta), declaraciones.newest_of(conn, quien.cuenta)

    cuenta, newest = await v.read(reading)
    assert cuenta is not None, "a session has an account"
    return cuenta, newest


def _page(v: Visita, cuenta: Cuenta, newest: Declaracion | None, form: Leido, status: int = 200) -> Response:
    back = newest.motivo if newest is not None and newest.estado == "devuelta" else ""
    at = newest.entregada_ms if newest is not None else None
    context = DeclaracionContext(form, cuenta.estatus, v.institucion.declaracion, back, at)
    return v.page("entrar/declaracion.html", context, status=status)


async def mostrar(v: Visita) -> Response:
    """GET /declaracion."""
    cuenta, newest = await _own(v)
    return _page(v, cuenta, newest, FORM.vacio())


async def descargar(v: Visita) -> Response:
    """GET /declaracion/pdf: the document to be signed, with the person's data in it."""
    cuenta, _ = await _own(v)
    institucion = v.institucion
    logo = await v.read(lambda conn: archivos.get(conn, institucion.logo)) if institucion.logo else None
    datos = DeclaracionDatos(
        institucion=institucion, nombre=cuenta.nombre, cargo=cuenta.cargo, correo=cuenta.correo,
        telefono=cuenta.telefono, fecha=hora_del_centro(v.now_ms)[:10],
        logo_png=logo.contenido if logo is not None else None,
    )  # fmt: skip
    made = await asyncio.to_thread(pdf, datos)
    disposition = 'attachment; filename="declaracion-de-confidencialidad.pdf"'
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


async def entregar(v: Visita) -> Response:
    """POST /declaracion: the signed one."""
    cuenta, newest = await _own(v)
    form = await v.form(FORM)
    if form.bien:
        upload = form.archivos["archivo"]
        raw = await upload.read(archivo_firmado.MAXIMO + 1)
        try:
            signed = await asyncio.to_thread(archivo_firmado.read, upload.filename or "", raw)
            await v.write(lambda tx: vida.hand_in(tx, cuenta.id, signed))
        except DatoInvalido as error:
            form = form.con_error("archivo", error)
    if not form.bien:
        return _page(v, cuenta, newest, form, 422)
    return v.go("/declaracion", "declaracion_entregada")
