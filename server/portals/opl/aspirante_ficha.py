"""The ficha of an aspirante (rows B2, B3): its data, cédula and emblem; confirmation, correction of mail, baja."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain import entidades
from server.domain.discrepancias import Discrepancia
from server.errors import AppError, DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, marcado, texto
from server.portals.opl import cedula_aspirante
from server.portals.opl.aspirantes import CUENTAS, ESTADOS, mail_fields
from server.portals.visita import Visita
from server.registro import aspirantes as registro
from server.security import permissions as puede
from server.store import archivos, aspirantes, periodos
from server.store.aspirantes import Aspirante, Aviso, Movimiento
from server.store.periodos import Periodo

CORREOS: Final = {"pendiente": "Por enviar", "enviado": "Enviado", "fallido": "No se pudo enviar"}
CLASES: Final = {"aspirante_registrado": "Confirmación con el folio único", "aspirante_baja": "Aviso de baja"}
MOVIMIENTOS: Final = {"baja": "Baja", "reactivacion": "Reactivación"}


@dataclass(frozen=True, slots=True)
class FichaContext:
    """opl/aspirante.html. `entidad`: its name; `cuenta`: how the kind of account is written."""

    aspirante: Aspirante
    periodo: Periodo | None
    estado: str
    clase: str
    entidad: str
    cuenta: str
    diferencias: tuple[Discrepancia, ...]
    movimientos: tuple[tuple[str, Movimiento], ...]
    correos: tuple[tuple[str, str, Aviso], ...]
    puede_administrar: bool


@dataclass(frozen=True, slots=True)
class ConfirmarContext:
    """opl/aspirante_confirmar.html. `falta`: what keeps it from being confirmed, or ""."""

    form: Leido
    aspirante: Aspirante
    falta: str


@dataclass(frozen=True, slots=True)
class MovimientoContext:
    """opl/aspirante_movimiento.html: baja (or, with `reactivar`, reactivación), with what it does."""

    form: Leido
    aspirante: Aspirante
    reactivar: bool


@dataclass(frozen=True, slots=True)
class CorreoContext:
    """opl/aspirante_correo.html."""

    form: Leido
    aspirante: Aspirante


CONFIRMAR = Formulario(
    Campo(
        "firmada", "La cédula de confirmación está firmada y en resguardo", marcado, tipo="checkbox",
    ),
)  # fmt: skip
CAUSA = Formulario(
    Campo(
        "causa", "Causa", texto, maximo=400,
        ayuda="Queda en el historial; en una baja, también se le escribe por correo a la persona aspirante.",
    ),
)  # fmt: skip
CORREO = Formulario(*mail_fields())


async def ficha(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}."""
    aspirante = await _asked_for(v)
    datos = aspirante.datos
    periodo, found, movimientos, correos = await v.read(
        lambda conn: (
            periodos.get(conn, datos.periodo_id),
            registro.diferencias(conn, datos, aspirante.id),
            aspirantes.moves(conn, aspirante.id),
            aspirantes.mails(conn, aspirante.cuenta) if aspirante.cuenta is not None else [],
        )
    )
    await v.seen(f"aspirante:{aspirante.id}", "ficha")
    name, clase = ESTADOS[aspirante.estado]
    return v.page(
        "opl/aspirante.html",
        FichaContext(
            aspirante=aspirante,
            periodo=periodo,
            estado=name,
            clase=clase,
            entidad=entidades.nombre(datos.entidad),
            cuenta=dict(CUENTAS).get(datos.tipo_cuenta, ""),
            diferencias=found,
            movimientos=tuple((MOVIMIENTOS[m.movimiento], m) for m in movimientos),
            correos=tuple((CLASES[c.clase], CORREOS[c.estado], c) for c in correos),
            puede_administrar=puede.administrar_aspirantes(v.persona),
        ),
    )


async def emblema(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/emblema.png."""
    folio = int(v.request.path_params["folio"])
    png = await v.read(lambda conn: aspirantes.emblema(conn, folio))
    if png is None:
        raise AppError("no_encontrado")
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


async def cedula(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/cedula.pdf."""
    aspirante = await _asked_for(v)
    logo = v.institucion.logo
    periodo, archivo = await v.read(
        lambda conn: (periodos.get(conn, aspirante.datos.periodo_id), archivos.get(conn, logo) if logo else None)
    )
    png = archivo.contenido if archivo else None
    pdf = await asyncio.to_thread(cedula_aspirante.pdf, v.institucion, aspirante, periodo, v.now_ms, png)
    await v.seen(f"aspirante:{aspirante.id}", "cedula")
    headers = {
        "Content-Disposition": f'inline; filename="cedula-{aspirante.id}.pdf"',
        "Cache-Control": "no-store",
    }
    return Response(pdf, media_type="application/pdf", headers=headers)


async def confirmar(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/confirmar."""
    return _confirm_page(v, CONFIRMAR.vacio(), await _asked_for(v))


async def confirmado(v: Visita) -> Response:
    """POST /opl/aspirantes/{folio}/confirmar."""
    form, aspirante = await v.form(CONFIRMAR), await _asked_for(v)
    if not form.bien:
        return _confirm_page(v, form, aspirante, status=422)
    actor = v.persona.actor
    try:
        first = await v.write(lambda tx: registro.confirmar(tx, aspirante.id, actor=actor))
    except DatoInvalido as error:
        return _confirm_page(v, form.con_error("", error), aspirante, status=422)
    return v.go(_url(aspirante), "aspirante_confirmado" if first else "aspirante_ya_confirmado")


async def corregir(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/correo."""
    aspirante = await _asked_for(v)
    start = {"correo": aspirante.datos.correo, "tipo_cuenta": aspirante.datos.tipo_cuenta}
    return v.page("opl/aspirante_correo.html", CorreoContext(CORREO.vacio(start), aspirante))


async def corregido(v: Visita) -> Response:
    """POST /opl/aspirantes/{folio}/correo."""
    form, aspirante = await v.form(CORREO), await _asked_for(v)
    if form.bien:
        values, actor = form.valores, v.persona.actor
        try:
            await v.write(
                lambda tx: registro.corregir_correo(
                    tx, aspirante.id, values["correo"], values["tipo_cuenta"], actor=actor
                )
            )
            return v.go(_url(aspirante), "aspirante_correo")
        except DatoInvalido as error:
            form = form.con_error("", error)
    return v.page("opl/aspirante_correo.html", CorreoContext(form, aspirante), status=422)


async def reenviado(v: Visita) -> Response:
    """POST /opl/aspirantes/{folio}/reenviar."""
    aspirante, actor = await _asked_for(v), v.persona.actor
    try:
        await v.write(lambda tx: registro.reenviar(tx, aspirante.id, actor=actor))
    except DatoInvalido:
        return v.go(_url(aspirante), "aspirante_sin_confirmar")
    return v.go(_url(aspirante), "aspirante_reenvio")


async def baja(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/baja."""
    return v.page("opl/aspirante_movimiento.html", MovimientoContext(CAUSA.vacio(), await _asked_for(v), False))


async def dado_de_baja(v: Visita) -> Response:
    """POST /opl/aspirantes/{folio}/baja."""
    return await _move(v, reactivate=False)


async def reactivar(v: Visita) -> Response:
    """GET /opl/aspirantes/{folio}/reactivar."""
    return v.page("opl/aspirante_movimiento.html", MovimientoContext(CAUSA.vacio(), await _asked_for(v), True))


async def reactivado(v: Visita) -> Response:
    """POST /opl/aspirantes/{folio}/reactivar."""
    return await _move(v, reactivate=True)


async def _move(v: Visita, *, reactivate: bool) -> Response:
    form, aspirante = await v.form(CAUSA), await _asked_for(v)
    if not form.bien:
        context = MovimientoContext(form, aspirante, reactivate)
        return v.page("opl/aspirante_movimiento.html", context, status=422)
    causa, cuenta, actor = form.valores["causa"], v.persona.cuenta, v.persona.actor
    operation = registro.reactivar if reactivate else registro.dar_baja
    changed = await v.write(lambda tx: operation(tx, aspirante.id, causa, cuenta=cuenta, actor=actor))
    done = "aspirante_reactivado" if reactivate else "aspirante_baja"
    return v.go(_url(aspirante), done if changed else "aspirante_sin_cambio")


async def _asked_for(v: Visita) -> Aspirante:
    folio = int(v.request.path_params["folio"])
    found = await v.read(lambda conn: aspirantes.get(conn, folio))
    if found is None:
        raise AppError("no_encontrado")
    return found


def _confirm_page(v: Visita, form: Leido, aspirante: Aspirante, *, status: int = 200) -> Response:
    falta = ""
    try:
        registro.check_complete(aspirante)
    except DatoInvalido as error:
        falta = error.texto
    return v.page("opl/aspirante_confirmar.html", ConfirmarContext(form, aspirante, falta), status=status)


def _url(aspirante: Aspirante) -> str:
    return f"/opl/aspirantes/{aspirante.id}"
