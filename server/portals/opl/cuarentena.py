"""/opl/administracion/cuarentena: registros whose work was given up: at what, why, and doing it again (rows F1-F5, A1).

It names registros by their folio; nothing of the person is on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server import bitacora
from server.bitacora import Evento
from server.errors import AppError
from server.pipeline.stages import ETAPAS
from server.portals.visita import Visita
from server.store import trabajos
from server.store.trabajos import EnCuarentena
from server.store.writer import Tx

PAGE = 50
_URL = "/opl/administracion/cuarentena"
_ETAPAS = {etapa.nombre: etapa.texto for etapa in ETAPAS}
_MOTIVOS = {
    "sobre_danado": "El sobre guardado no es el que se recibió, o no abre. Compárelo con la segunda copia: "
    "«acopio verify» dice cuál lote está dañado.",
    "papel_danado": "Lo capturado de la cédula en papel no se puede leer. Avise a soporte con este código.",
    "no_encontrado": "El registro de este trabajo ya no está en el índice. Revise con «acopio verify».",
    "llave_desconocida": "Falta la llave que abre este registro. Reponga el archivo de llaves y repita.",
    "lote_ilegible": "No se pudo leer el lote donde está guardado. Repóngalo de la segunda copia y repita.",
    "lector_murio": "El programa que lee las imágenes terminó al abrir las de este registro. Puede ser una imagen "
    "hecha para dañarlo: repita una vez y, si vuelve, avise a soporte.",
    "lector_lento": "Leer las imágenes de este registro tardó demasiado. Repita cuando el equipo esté desocupado.",
    "lector_error": "El programa que lee las imágenes falló con las de este registro. Avise a soporte con este código.",
    "error_interno": "Un paso falló por una causa no prevista; está en el registro de eventos del sistema. Avise a "
    "soporte.",
}


@dataclass(frozen=True, slots=True)
class Renglon:
    """One job. `etapa`: what could not be done; `codigo`: of `motivo`, for who supports."""

    id: int
    folio: str
    etapa: str
    motivo: str
    codigo: str
    intentos: int
    creado_ms: int


@dataclass(frozen=True, slots=True)
class CuarentenaContext:
    """`renglones`: those of this page, by arrival; `total`: all of them. `siguiente`: the next page, or ""."""

    renglones: list[Renglon]
    total: int
    siguiente: str


@dataclass(frozen=True, slots=True)
class RepetirContext:
    """`uno`: the one that would be done again; None: all `total` of them."""

    uno: Renglon | None
    total: int


async def lista(v: Visita) -> Response:
    """GET /opl/administracion/cuarentena?desde=ID"""
    given = v.request.query_params.get("desde", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0
    found, total = await v.read(
        lambda conn: (trabajos.quarantined(conn, after, PAGE + 1), trabajos.count_quarantined(conn))
    )
    following = f"?desde={found[PAGE - 1].id}" if len(found) > PAGE else ""
    return v.page("opl/cuarentena.html", CuarentenaContext([_row(one) for one in found[:PAGE]], total, following))


async def confirmar(v: Visita) -> Response:
    """GET /opl/administracion/cuarentena/repetir: all of them?"""
    total = await v.read(trabajos.count_quarantined)
    return v.page("opl/cuarentena_repetir.html", RepetirContext(None, total))


async def confirmar_uno(v: Visita) -> Response:
    """GET /opl/administracion/cuarentena/{id}/repetir: this one?"""
    id_ = _id(v)
    found = await v.read(lambda conn: trabajos.quarantined(conn, id_ - 1, 1))
    if not found or found[0].id != id_:
        raise AppError("no_encontrado")
    return v.page("opl/cuarentena_repetir.html", RepetirContext(_row(found[0]), 1))


async def repetir(v: Visita) -> Response:
    """POST /opl/administracion/cuarentena/repetir"""
    return await _again(v, None)


async def repetir_uno(v: Visita) -> Response:
    """POST /opl/administracion/cuarentena/{id}/repetir"""
    return await _again(v, _id(v))


async def _again(v: Visita, id_: int | None) -> Response:
    actor = v.persona.actor

    def again(tx: Tx) -> int:
        count = trabajos.replay(tx.conn, id_)
        if count:
            objeto = f"apoyo:{id_}" if id_ is not None else ""
            bitacora.record(tx.conn, tx.now_ms, Evento.TRABAJO_REPETIDO, actor=actor, objeto=objeto, cuantos=count)
        return count

    done = await v.write(again)
    if done and "tuberia" in v.portal.parts:
        v.portal.parts["tuberia"].despertar()
    return v.go(_URL, "trabajo_repetido" if done else "sin_cambios")


def _id(v: Visita) -> int:
    """The apoyo that the address names. Raises AppError for a number that none can have."""
    id_ = int(v.request.path_params["id"])
    if id_ >= 2**53:
        raise AppError("no_encontrado")
    return id_


def _row(one: EnCuarentena) -> Renglon:
    said = _MOTIVOS.get(one.motivo, "Avise a soporte con este código.")
    stage = _ETAPAS.get(one.etapa, one.etapa)
    return Renglon(one.id, one.folio or f"apoyo {one.id}", stage, said, one.motivo, one.intentos, one.creado_ms)
