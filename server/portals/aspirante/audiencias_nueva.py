"""/aspirante/audiencias/nueva: which registros are contested, one by one or all that a filter leaves (C7, P14.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from server.domain.dias import dia_de_fecha
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.errors import DatoInvalido
from server.mesa_control import garantia_acta
from server.mesa_control import garantia_audiencia as operaciones
from server.portals.audiencias import POR_PAGINA
from server.portals.forms import Campo, Formulario, Leido, entero, fecha, opcion, parrafos
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.store import audiencia_registros, audiencias, criterios
from server.store.audiencia_registros import Dicho, Impugnable, Impugnables
from server.store.audiencias import Audiencia
from server.store.connection import Connection
from sync_protocol import folio as folios
from sync_protocol.errors import RemoteProtocolError

URL = "/aspirante/audiencias/nueva"
CUERPO = 64 * 1024


def _folio(value: str) -> str:
    try:
        return str(folios.parse_typed(value))
    except RemoteProtocolError as error:
        raise DatoInvalido("folio_forma", "Ese folio no existe: revise sus cifras.") from error


def _filtros(incisos: Mapping[str, str]) -> tuple[Campo, ...]:
    return (
        Campo("inciso", "Inconsistencia", opcion(*incisos), obligatorio=False, tipo="select",
              opciones=tuple(incisos.items())),
        Campo("desde", "Recibidos desde", fecha, obligatorio=False, tipo="date"),
        Campo("hasta", "Recibidos hasta", fecha, obligatorio=False, tipo="date"),
        Campo("auxiliar", "Id auxiliar", entero(1, 999_999), obligatorio=False, teclado="numeric", maximo=10),
        Campo("folio", "Folio de registro", _folio, obligatorio=False, maximo=40),
    )  # fmt: skip


ARGUMENTO = Campo(
    "argumento", "Lo que quiere manifestar de estos registros", parrafos, obligatorio=False, tipo="textarea",
    maximo=operaciones.MAX_ARGUMENTO,
    ayuda="Por ejemplo: la fotografía se tomó del original. Podrá cambiarlo, o escribir de cada registro, mientras la "
    "audiencia no tenga fecha.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opcion:
    """A registro that may be contested. `antes`: what was found, in words; `marcado`: its box is ticked."""

    uno: Impugnable
    antes: str
    marcado: bool


@dataclass(frozen=True, slots=True)
class NuevaContext:
    """aspirante/audiencia_nueva.html. `total`: how many the filter leaves; `corte`: as it was when they were counted.

    `abierta`: the request without a date that these would join; `envio`: where the form goes, with the filter.
    `forma`: what was written; `anterior`, `siguiente`: addresses, "" where there is none. `todos`: without any filter.
    """

    filtros: Leido
    forma: Leido
    opciones: tuple[Opcion, ...]
    total: int
    todos: int
    corte: int
    abierta: Audiencia | None
    envio: str
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class _Pagina:
    filas: list[Impugnable]
    newer: bool
    older: bool
    total: int
    corte: int
    todos: int
    abierta: Audiencia | None
    palabras: list[str]


async def mostrar(v: Visita) -> Response:
    """GET /aspirante/audiencias/nueva."""
    form = await _leer(v)
    return await _pagina(v, form, Formulario(ARGUMENTO).vacio(), set(), status=200 if form.bien else 422)


async def solicitar(v: Visita) -> Response:
    """POST /aspirante/audiencias/nueva: those that were ticked, or all that the filter leaves."""
    filtros = await _leer(v)
    sent = await v.request.form(max_fields=400)
    forma = Formulario(ARGUMENTO).leer(sent)
    ticked = {int(one) for one in sent.getlist("apoyo") if isinstance(one, str) and one.isdigit() and len(one) < 18}
    everything = sent.get("cuales") == "todos"
    corte = str(sent.get("corte", ""))
    if not everything and not ticked:
        forma = forma.con_error("", DatoInvalido("falta_elegir", "Marque al menos un registro, o impugne todos."))
    if not filtros.bien or not forma.bien:
        return await _pagina(v, filtros, forma, ticked, status=422)
    filtro = _impugnables(filtros)
    if everything:
        filtro = replace(filtro, corte=int(corte) if corte.isdigit() and len(corte) < 18 else 0)
    solicitud, cuenta, argumento = v.solicitud, v.persona.cuenta, forma.valores["argumento"] or ""
    try:
        done = await v.write(
            lambda tx: operaciones.solicitar(
                tx, solicitud, filtro, None if everything else ticked, argumento, cuenta=cuenta
            )
        )
    except DatoInvalido as error:
        return await _pagina(v, filtros, forma.con_error("", error), ticked, status=422)
    return v.go(f"/aspirante/audiencias/{done.audiencia}", "audiencia_pedida" if done.agregados else "sin_cambios")


async def _leer(v: Visita) -> Leido:
    names = await v.read(_incisos)
    form = Formulario(*_filtros(names)).leer(v.request.query_params)
    desde, hasta = form.valores.get("desde"), form.valores.get("hasta")
    if desde and hasta and desde > hasta:
        form = form.con_error("hasta", DatoInvalido("rango_invertido", "Esta fecha es anterior a la de inicio."))
    return form


def _incisos(conn: Connection) -> dict[str, str]:
    now = criterios.of_version(conn, criterios.newest(conn)) or ()
    return {one.inciso: f"{one.inciso}) {one.tipo}" for one in (*DEL_PROTOCOLO.values(), *now)}


def _impugnables(form: Leido) -> Impugnables:
    said = form.valores
    return Impugnables(
        inciso=said["inciso"] or "",
        desde=dia_de_fecha(date.fromisoformat(said["desde"])) if said["desde"] else None,
        hasta=dia_de_fecha(date.fromisoformat(said["hasta"])) if said["hasta"] else None,
        auxiliar=said["auxiliar"],
        folio=said["folio"] or "",
    )


async def _pagina(v: Visita, filtros: Leido, forma: Leido, ticked: set[int], *, status: int) -> Response:
    solicitud, at = v.solicitud, place(v.request)
    asked = _impugnables(filtros) if filtros.bien else None

    def read(conn: Connection) -> _Pagina:
        abierta = audiencias.por_programar(conn, solicitud)
        todos, _ = audiencia_registros.count_impugnables(conn, solicitud, Impugnables())
        if asked is None:
            return _Pagina([], False, False, 0, 0, todos, abierta, [])
        rows, newer, older = audiencia_registros.impugnables(conn, solicitud, asked, at, POR_PAGINA)
        total, corte = audiencia_registros.count_impugnables(conn, solicitud, asked)
        return _Pagina(rows, newer, older, total, corte, todos, abierta, _words(conn, [row.antes for row in rows]))

    found = await v.read(read)
    if found.filas:
        await v.seen(f"aspirante:{solicitud}", "impugnables", filas=len(found.filas))
    kept = {name: value for name, value in filtros.crudo.items() if value}
    first, last = (found.filas[0].apoyo, found.filas[-1].apoyo) if found.filas else (None, None)
    anterior, siguiente = turns(URL, kept, first, last, newer=found.newer, older=found.older)
    return v.page(
        "aspirante/audiencia_nueva.html",
        NuevaContext(
            filtros=filtros, forma=forma,
            opciones=tuple(
                Opcion(row, words, row.apoyo in ticked)
                for row, words in zip(found.filas, found.palabras, strict=True)
            ),
            total=found.total, todos=found.todos, corte=found.corte, abierta=found.abierta,
            envio=f"{URL}?{urlencode(kept)}" if kept else URL, anterior=anterior, siguiente=siguiente,
        ),
        status=status,
    )  # fmt: skip


def _words(conn: Connection, found: list[Dicho]) -> list[str]:
    versions = {one.criterios for one in found}
    said = {n: {one.inciso: one for one in criterios.of_version(conn, n) or ()} for n in versions}
    return [garantia_acta.dicho(one, said) for one in found]
