"""/opl/audiencias: hearings of every aspirante, those of a day, and one of them (row B8; P14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from server.domain import dias
from server.domain.dias import CENTRO_MS, DIA_MS, dia_de, dia_de_fecha
from server.domain.garantia_audiencia import Estado
from server.mesa_control import garantia_acta
from server.portals import audiencias as comun
from server.portals.audiencias import ESTADOS, POR_PAGINA, QUE, Fila, fila, una
from server.portals.forms import Campo, Formulario, Leido, fecha, opcion
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.security import permissions as puede
from server.store import audiencia_registros, audiencia_revisores, audiencias, destinatarios
from server.store.audiencia_revisores import Revisor
from server.store.audiencias import Audiencia, EnLista, Sesion, Totales
from server.store.connection import Connection

URL = "/opl/audiencias"
FILTROS = Formulario(
    Campo("dia", "Día", fecha, obligatorio=False, tipo="date"),
    Campo(
        "estado", "Etapa", opcion(*Estado), obligatorio=False, tipo="select",
        opciones=tuple((one.value, one.texto) for one in Estado),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListaContext:
    """opl/audiencias.html. `agenda`: what is held on `dia` (as people read it); `ayer`, `manana`: addresses.

    `filas`: requests and hearings by their number; `clases`: of the stages' labels.
    """

    form: Leido
    dia: str
    ayer: str
    manana: str
    agenda: tuple[EnLista, ...]
    filas: tuple[EnLista, ...]
    clases: dict[Estado, str]
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class FichaContext:
    """opl/audiencia.html. `puede_administrar`: schedule, name, conclude; `puede_iniciar`, `puede_revisar`: this person,
    now; `impedidos`: how many named reviewers may no longer review."""

    audiencia: Audiencia
    clase: str
    aspirante: str
    totales: Totales
    cifras: tuple[tuple[str, int], ...]
    revisores: tuple[Revisor, ...]
    impedidos: tuple[str, ...]
    sesiones: tuple[Sesion, ...]
    filas: tuple[Fila, ...]
    que: str
    opciones: tuple[tuple[str, str], ...]
    puede_administrar: bool
    puede_iniciar: bool
    puede_revisar: bool
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class _Leida:
    audiencia: Audiencia
    aspirante: str
    totales: Totales
    revisores: list[Revisor]
    impedidos: set[int]
    sesiones: list[Sesion]
    filas: list[Fila]
    newer: bool
    older: bool


async def lista(v: Visita) -> Response:
    """GET /opl/audiencias."""
    form = FILTROS.leer(v.request.query_params)
    at, estado = place(v.request), form.valores.get("estado") or ""
    chosen = form.valores.get("dia")
    day = dia_de_fecha(_date(chosen)) if chosen else dia_de(v.now_ms)
    start = day * DIA_MS + CENTRO_MS

    def read(conn: Connection) -> tuple[list[EnLista], tuple[list[EnLista], bool, bool]]:
        return audiencias.between(conn, start, start + DIA_MS), audiencias.page(conn, estado, at, POR_PAGINA)

    agenda, (rows, newer, older) = await v.read(read)
    first, last = (rows[0].audiencia.id, rows[-1].audiencia.id) if rows else (None, None)
    kept = {"dia": chosen or "", "estado": estado}
    anterior, siguiente = turns(URL, kept, first, last, newer=newer, older=older)
    context = ListaContext(
        form=form, dia=dias.largo(day), ayer=f"{URL}?dia={_iso(day - 1)}", manana=f"{URL}?dia={_iso(day + 1)}",
        agenda=tuple(agenda), filas=tuple(rows), clases=ESTADOS, anterior=anterior, siguiente=siguiente,
    )  # fmt: skip
    return v.page("opl/audiencias.html", context, status=200 if form.bien else 422)


async def ficha(v: Visita) -> Response:
    """GET /opl/audiencias/{id}."""
    id_, at = int(v.request.path_params["id"]), place(v.request)
    que = v.request.query_params.get("que", "")
    que = que if que in QUE else ""

    def read(conn: Connection) -> _Leida:
        one = una(conn, id_)
        rows, newer, older = audiencia_registros.registros(conn, id_, que, at, POR_PAGINA)
        said, named = garantia_acta.catalogo(conn, rows), audiencia_revisores.revisores(conn, id_)
        names = {revisor.cuenta: revisor.nombre for revisor in named}
        whose = destinatarios.aspirante(conn, one.solicitud)
        return _Leida(
            one, whose.nombre if whose else "", audiencias.totales(conn, id_), named,
            audiencia_revisores.impedidos(conn, id_), audiencias.sesiones(conn, id_),
            [fila(row, said, names.get(row.revisor or 0, "")) for row in rows], newer, older,
        )  # fmt: skip

    found = await v.read(read)
    one = found.audiencia
    await v.seen(f"audiencia:{id_}", "audiencia", filas=len(found.filas))
    first, last = (found.filas[0].apoyo, found.filas[-1].apoyo) if found.filas else (None, None)
    anterior, siguiente = turns(f"{URL}/{id_}", {"que": que}, first, last, newer=found.newer, older=found.older)
    administra = puede.administrar_audiencias(v.persona)
    named = v.persona.cuenta in {revisor.cuenta for revisor in found.revisores}
    context = FichaContext(
        audiencia=one, clase=ESTADOS[one.estado], aspirante=found.aspirante, totales=found.totales,
        cifras=garantia_acta.en_palabras(found.totales), revisores=tuple(found.revisores),
        impedidos=tuple(revisor.nombre for revisor in found.revisores if revisor.cuenta in found.impedidos),
        sesiones=tuple(found.sesiones), filas=tuple(found.filas), que=que, opciones=tuple(QUE.items()),
        puede_administrar=administra, puede_iniciar=one.estado is Estado.PROGRAMADA and (administra or named),
        puede_revisar=one.estado is Estado.EN_DESAHOGO and named, anterior=anterior, siguiente=siguiente,
    )  # fmt: skip
    return v.page("opl/audiencia.html", context)


async def acta(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/acta.pdf."""
    id_ = int(v.request.path_params["id"])
    return await comun.acta(v, await v.read(lambda conn: una(conn, id_)))


def _date(iso: str) -> date:
    return date.fromisoformat(iso)


def _iso(day: int) -> str:
    return dias.fecha(day).isoformat()
