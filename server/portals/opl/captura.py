"""/opl/captura: packages of cédulas of paper, how far they are, and who typed what today (row B5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain.dias import CENTRO_MS, DIA_MS, dia_de
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.security import permissions as puede
from server.store import ajustes, cedulas_papel, paquetes
from server.store.cedulas_papel import Capturista
from server.store.connection import Connection
from server.store.paquetes import Avance, Paquete

PAGE: Final = 50
MANY: Final = 200
ESTADOS: Final = (("abierto", "Abiertos"), ("cerrado", "Cerrados"))


@dataclass(frozen=True, slots=True)
class Fila:
    """One package of the list. `por_repetir`: cédulas that this person may type a second time."""

    paquete: Paquete
    avance: Avance
    por_repetir: int


@dataclass(frozen=True, slots=True)
class CapturaContext:
    """opl/captura.html. `por_conciliar`: how many differences wait, `muchas` when there are more than are counted."""

    filas: tuple[Fila, ...]
    estados: tuple[tuple[str, str], ...]
    estado: str
    anterior: str
    siguiente: str
    capturistas: tuple[Capturista, ...]
    por_conciliar: int
    muchas: bool
    ver_aspirante: bool
    puede_administrar: bool


def ve_aspirante(v: Visita, conn: Connection) -> bool:
    """Whether this person is told for whom a package is."""
    return puede.ver_aspirantes(v.persona) or not ajustes.reglas(conn).ocultar_aspirante


async def inicio(v: Visita) -> Response:
    """GET /opl/captura"""
    estado = v.request.query_params.get("estado", "")
    estado = estado if estado in dict(ESTADOS) else ""
    cuenta, admin = v.persona.cuenta, puede.administrar_papel(v.persona)
    today = dia_de(v.now_ms) * DIA_MS + CENTRO_MS

    def read(conn: Connection) -> tuple[CapturaContext, list[Fila], bool, bool]:
        rows, newer, older = paquetes.page(conn, estado, place(v.request), PAGE)
        again = cedulas_papel.por_repetir_de(conn, cuenta)
        filas = [Fila(one, far, again.get(one.id, 0) if one.abierto else 0) for one, far in rows]
        people = cedulas_papel.capturistas(conn, today, None if admin else cuenta)
        waiting = len(cedulas_papel.pendientes(conn, MANY + 1)) if admin else 0
        context = CapturaContext(
            tuple(filas), ESTADOS, estado, "", "", tuple(people), min(waiting, MANY), waiting > MANY,
            ve_aspirante(v, conn), admin,
        )  # fmt: skip
        return context, filas, newer, older

    context, filas, newer, older = await v.read(read)
    first, last = (filas[0].paquete.id, filas[-1].paquete.id) if filas else (None, None)
    anterior, siguiente = turns("/opl/captura", {"estado": estado}, first, last, newer=newer, older=older)
    values = {name: getattr(context, name) for name in CapturaContext.__slots__}
    return v.page("opl/captura.html", CapturaContext(**{**values, "anterior": anterior, "siguiente": siguiente}))
