"""/aspirante/audiencias: an aspirante's own hearings: what was asked for, when it is, what came of it (row C7, P14)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.domain.garantia_audiencia import Estado
from server.errors import AppError, DatoInvalido
from server.mesa_control import garantia_acta
from server.mesa_control import garantia_audiencia as operaciones
from server.portals import audiencias as comun
from server.portals.aspirante.audiencias_nueva import ARGUMENTO
from server.portals.audiencias import ESTADOS, POR_PAGINA, QUE, Fila, fila, propia
from server.portals.forms import Campo, Formulario, Leido, parrafos
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.store import audiencia_registros, audiencias
from server.store.audiencia_registros import Impugnables
from server.store.audiencias import Audiencia, EnLista, Totales
from server.store.connection import Connection

URL = "/aspirante/audiencias"
DE_TODOS = Formulario(ARGUMENTO)
DE_UNO = Formulario(
    Campo(
        "argumento", "Lo que quiere manifestar de este registro", parrafos, obligatorio=False, tipo="textarea",
        maximo=operaciones.MAX_ARGUMENTO,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListaContext:
    """aspirante/audiencias.html. `clases`: of the stages' labels. `impugnables`: how many could be contested now."""

    filas: tuple[EnLista, ...]
    clases: dict[Estado, str]
    impugnables: int
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class FichaContext:
    """aspirante/audiencia.html. `clase`: of the stage's label; `cifras`: (label, how many); `que`: which are listed.

    `modificable`: it has no date yet; `desistible`: it has not begun. `forma`: the argument for all.
    """

    audiencia: Audiencia
    clase: str
    totales: Totales
    cifras: tuple[tuple[str, int], ...]
    filas: tuple[Fila, ...]
    que: str
    opciones: tuple[tuple[str, str], ...]
    modificable: bool
    desistible: bool
    forma: Leido
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class RegistroContext:
    """aspirante/audiencia_registro.html: the argument of one registro."""

    audiencia: Audiencia
    fila: Fila
    forma: Leido


@dataclass(frozen=True, slots=True)
class DesistirContext:
    """aspirante/audiencia_desistir.html."""

    audiencia: Audiencia
    totales: Totales


async def lista(v: Visita) -> Response:
    """GET /aspirante/audiencias."""
    solicitud, at = v.solicitud, place(v.request)

    def read(conn: Connection) -> tuple[tuple[list[EnLista], bool, bool], int]:
        rows = audiencias.of_solicitud(conn, solicitud, at, POR_PAGINA)
        return rows, audiencia_registros.count_impugnables(conn, solicitud, Impugnables())[0]

    (rows, newer, older), n = await v.read(read)
    first, last = (rows[0].audiencia.id, rows[-1].audiencia.id) if rows else (None, None)
    anterior, siguiente = turns(URL, {}, first, last, newer=newer, older=older)
    return v.page("aspirante/audiencias.html", ListaContext(tuple(rows), ESTADOS, n, anterior, siguiente))


async def ficha(v: Visita) -> Response:
    """GET /aspirante/audiencias/{id}."""
    return await _ficha(v, None)


async def retirar(v: Visita) -> Response:
    """POST /aspirante/audiencias/{id}/retirar: those that were ticked are no longer contested."""
    id_, solicitud, cuenta = _id(v), v.solicitud, v.persona.cuenta
    sent = await v.request.form(max_fields=400)
    which = {int(one) for one in sent.getlist("apoyo") if isinstance(one, str) and one.isdigit() and len(one) < 18}
    try:
        gone = await v.write(lambda tx: operaciones.retirar(tx, id_, solicitud, which, cuenta=cuenta))
    except DatoInvalido as error:
        return await _ficha(v, error)
    return v.go(f"{URL}/{id_}", "audiencia_retirados" if gone else "sin_cambios")


async def argumentar(v: Visita) -> Response:
    """POST /aspirante/audiencias/{id}/argumento: for all of it."""
    id_, solicitud, cuenta = _id(v), v.solicitud, v.persona.cuenta
    form = await v.form(DE_TODOS)
    if not form.bien:
        return await _ficha(v, None, form)
    said = form.valores["argumento"] or ""
    await v.write(lambda tx: operaciones.argumentar(tx, id_, solicitud, said, cuenta=cuenta))
    return v.go(f"{URL}/{id_}", "guardado")


async def registro(v: Visita) -> Response:
    """GET /aspirante/audiencias/{id}/registros/{apoyo}: what is said of one."""
    return await _registro(v, None)


async def argumentar_uno(v: Visita) -> Response:
    """POST /aspirante/audiencias/{id}/registros/{apoyo}."""
    id_, apoyo, solicitud, cuenta = _id(v), int(v.request.path_params["apoyo"]), v.solicitud, v.persona.cuenta
    form = await v.form(DE_UNO)
    if not form.bien:
        return await _registro(v, form)
    said = form.valores["argumento"] or ""
    await v.write(lambda tx: operaciones.argumentar(tx, id_, solicitud, said, cuenta=cuenta, apoyo=apoyo))
    return v.go(f"{URL}/{id_}", "guardado")


async def confirmar(v: Visita) -> Response:
    """GET /aspirante/audiencias/{id}/desistir: what it would mean."""
    id_, solicitud = _id(v), v.solicitud
    one, totales = await v.read(lambda conn: (propia(conn, id_, solicitud), audiencias.totales(conn, id_)))
    if one.estado not in (Estado.SOLICITADA, Estado.PROGRAMADA):
        raise AppError("audiencia_en_otra_etapa")
    return v.page("aspirante/audiencia_desistir.html", DesistirContext(one, totales))


async def desistir(v: Visita) -> Response:
    """POST /aspirante/audiencias/{id}/desistir."""
    id_, solicitud, cuenta = _id(v), v.solicitud, v.persona.cuenta
    await v.write(lambda tx: operaciones.desistir(tx, id_, solicitud, cuenta=cuenta))
    return v.go(f"{URL}/{id_}", "audiencia_desistida")


async def acta(v: Visita) -> Response:
    """GET /aspirante/audiencias/{id}/acta.pdf, once it is over."""
    id_, solicitud = _id(v), v.solicitud
    one = await v.read(lambda conn: propia(conn, id_, solicitud))
    if one.estado is not Estado.CONCLUIDA:
        raise AppError("no_encontrado")
    return await comun.acta(v, one)


def _id(v: Visita) -> int:
    return int(v.request.path_params["id"])


async def _ficha(v: Visita, error: DatoInvalido | None, form: Leido | None = None) -> Response:
    id_, solicitud, at = _id(v), v.solicitud, place(v.request)
    que = v.request.query_params.get("que", "")
    que = que if que in QUE else ""

    def read(conn: Connection) -> tuple[Audiencia, Totales, list[Fila], bool, bool]:
        one = propia(conn, id_, solicitud)
        rows, newer, older = audiencia_registros.registros(conn, id_, que, at, POR_PAGINA)
        said = garantia_acta.catalogo(conn, rows)
        return one, audiencias.totales(conn, id_), [fila(row, said) for row in rows], newer, older

    one, totales, rows, newer, older = await v.read(read)
    await v.seen(f"audiencia:{id_}", "audiencia", filas=len(rows))
    first, last = (rows[0].apoyo, rows[-1].apoyo) if rows else (None, None)
    anterior, siguiente = turns(f"{URL}/{id_}", {"que": que}, first, last, newer=newer, older=older)
    form = form or DE_TODOS.vacio({"argumento": one.motivo})
    if error is not None:
        form = form.con_error("", error)
    context = FichaContext(
        audiencia=one, clase=ESTADOS[one.estado], totales=totales, cifras=garantia_acta.en_palabras(totales),
        filas=tuple(rows), que=que, opciones=tuple(QUE.items()),
        modificable=one.estado is Estado.SOLICITADA, desistible=one.estado in (Estado.SOLICITADA, Estado.PROGRAMADA),
        forma=form, anterior=anterior, siguiente=siguiente,
    )  # fmt: skip
    return v.page("aspirante/audiencia.html", context, status=200 if form.bien else 422)


async def _registro(v: Visita, form: Leido | None) -> Response:
    id_, apoyo, solicitud = _id(v), int(v.request.path_params["apoyo"]), v.solicitud

    def read(conn: Connection) -> tuple[Audiencia, Fila]:
        one, row = propia(conn, id_, solicitud), audiencia_registros.registro(conn, id_, apoyo)
        if row is None:
            raise AppError("no_encontrado")
        return one, fila(row, garantia_acta.catalogo(conn, [row]))

    one, row = await v.read(read)
    if one.estado is not Estado.SOLICITADA:
        raise AppError("audiencia_en_otra_etapa")
    await v.seen(f"registro:{row.folio}", "audiencia_argumento")
    form = form or DE_UNO.vacio({"argumento": row.argumento})
    context = RegistroContext(one, row, form)
    return v.page("aspirante/audiencia_registro.html", context, status=200 if form.bien else 422)
