"""One operator (row B7): what they decided each day against the goal, what they have, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain import dias
from server.domain.mesa import Fallo
from server.errors import AppError
from server.mesa_control import asignacion
from server.portals.visita import Visita
from server.store import ajustes, carga, operadores, revisiones
from server.store.connection import Connection
from server.store.operadores import Operador

DIAS: Final = 14


@dataclass(frozen=True, slots=True)
class DiaDeOperador:
    """What one decided on a day; `hechas` less what was undone."""

    fecha: str
    validos: int
    inconsistentes: int
    elevados: int
    deshechos: int
    hechas: int


@dataclass(frozen=True, slots=True)
class OperadorContext:
    """opl/mesa_operador.html. `tomadas`: registros that they hold at this moment."""

    operador: Operador
    meta: int
    hoy: int
    esperan: int
    vence: str
    tomadas: int
    dias: tuple[DiaDeOperador, ...]


@dataclass(frozen=True, slots=True)
class LiberarContext:
    """opl/mesa_liberar.html. `libres`: whether nobody holds any of it is known only when it is done."""

    operador: Operador
    esperan: int
    tomadas: int


async def ficha(v: Visita) -> Response:
    """GET /opl/mesa/operadores/{id}."""
    id_, today = int(v.request.path_params["id"]), dias.dia_de(v.now_ms)
    operador, waiting, first, held = await v.read(lambda conn: _read(conn, id_, v.now_ms))
    days, goal = await v.read(
        lambda conn: (carga.resultados_de(conn, id_, today - DIAS + 1, today), ajustes.reglas(conn).meta_diaria)
    )
    rows = tuple(_day(day, days.get(day, {})) for day in range(today, today - DIAS, -1))
    return v.page(
        "opl/mesa_operador.html",
        OperadorContext(operador, goal, rows[0].hechas, waiting, dias.largo(first) if waiting else "", held, rows),
    )


async def confirmar(v: Visita) -> Response:
    """GET /opl/mesa/operadores/{id}/liberar."""
    id_ = int(v.request.path_params["id"])
    operador, waiting, _, held = await v.read(lambda conn: _read(conn, id_, v.now_ms))
    return v.page("opl/mesa_liberar.html", LiberarContext(operador, waiting, held))


async def liberar(v: Visita) -> Response:
    """POST /opl/mesa/operadores/{id}/liberar."""
    id_ = int(v.request.path_params["id"])
    await v.read(lambda conn: _read(conn, id_, v.now_ms))
    by, done = v.persona.cuenta, 0
    while piece := await v.write(lambda tx: asignacion.liberar(tx, id_, by)):
        done += piece
    return v.go(f"/opl/mesa/operadores/{id_}", "mesa_liberado" if done else "mesa_nada_que_liberar")


def _read(conn: Connection, id_: int, now_ms: int) -> tuple[Operador, int, int, int]:
    """(who, how many wait, the first day of a limit, how many they hold)."""
    found = operadores.get(conn, id_)
    if found is None:
        raise AppError("no_encontrado")
    waiting, first = carga.por_operador(conn).get(id_, (0, 0))
    return found, waiting, first, len(revisiones.tomadas_por(conn, id_, now_ms))


def _day(day: int, said: dict[str, int]) -> DiaDeOperador:
    valid, wrong, raised, undone = (said.get(fallo, 0) for fallo in Fallo)
    return DiaDeOperador(dias.largo(day), valid, wrong, raised, undone, valid + wrong + raised - undone)
