"""Cases that the criteria do not foresee (P13.8, row G4): the list, and what the authority resolves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain.apoyo import Via
from server.errors import AppError, DatoInvalido
from server.mesa_control import elevacion
from server.mesa_control.criterios import Criterios, vigentes
from server.portals.forms import Campo, Formulario, Leido, opcion, parrafos, texto
from server.portals.lista import place, turns
from server.portals.visita import Visita
from server.store import apoyos, elevaciones
from server.store.connection import Connection
from server.store.elevaciones import Elevacion

URL: Final = "/opl/mesa/casos"
PAGE: Final = 50
_FIELD: Final = {"falta_resolucion": "resolucion", "resultado_ajeno": "resultado", "inciso_ajeno": "inciso",
                 "falta_detalle": "detalle", "texto_largo": "detalle", "inciso_sobra": "inciso"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CasosContext:
    """opl/mesa_casos.html. `resueltos`: which list it is."""

    casos: tuple[Elevacion, ...]
    resueltos: bool
    anterior: str
    siguiente: str


@dataclass(frozen=True, slots=True)
class CasoContext:
    """opl/mesa_caso.html."""

    caso: Elevacion
    form: Leido


async def lista(v: Visita) -> Response:
    """GET /opl/mesa/casos."""
    done = v.request.query_params.get("resueltos") == "si"
    rows, newer, older = await v.read(lambda conn: elevaciones.page(conn, place(v.request), PAGE, abiertas=not done))
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    kept = {"resueltos": "si" if done else ""}
    anterior, siguiente = turns(URL, kept, first, last, newer=newer, older=older)
    return v.page("opl/mesa_casos.html", CasosContext(tuple(rows), done, anterior, siguiente))


async def ficha(v: Visita) -> Response:
    """GET /opl/mesa/casos/{id}."""
    case, now = await v.read(lambda conn: _read(conn, int(v.request.path_params["id"])))
    await v.seen(f"apoyo:{case.apoyo_id}", "caso")
    return v.page("opl/mesa_caso.html", CasoContext(case, formulario(now).vacio({"abierto_ms": str(v.now_ms)})))


async def resolver(v: Visita) -> Response:
    """POST /opl/mesa/casos/{id}."""
    case, now = await v.read(lambda conn: _read(conn, int(v.request.path_params["id"])))
    form = await v.form(formulario(now))
    if form.bien:
        said = form.valores
        try:
            await v.write(
                lambda tx: elevacion.resolver(
                    tx, case.id, v.persona.cuenta, said["resultado"], said["inciso"] or "", said["detalle"] or "",
                    said["resolucion"], min(said["abierto_ms"] or v.now_ms, v.now_ms),
                )
            )  # fmt: skip
        except DatoInvalido as error:
            form = form.con_error(_FIELD.get(error.codigo, ""), error)
        else:
            return v.go(URL, "caso_resuelto")
    return v.page("opl/mesa_caso.html", CasoContext(case, form), status=422)


def formulario(now: Criterios) -> Formulario:
    """What was resolved, by the criteria in force for this apoyo."""
    return Formulario(
        Campo(
            "resultado", "Resolución", opcion("valido", "inconsistente"), tipo="radio",
            opciones=(("valido", "El apoyo es válido"), ("inconsistente", "El apoyo tiene una inconsistencia")),
        ),
        Campo(
            "inciso", "Inciso", opcion(*(one.inciso for one in now.incisos)), obligatorio=False, tipo="select",
            opciones=tuple((one.inciso, f"{one.inciso}) {one.texto}") for one in now.incisos),
            ayuda="Sólo si tiene una inconsistencia. Si ninguno corresponde, publique primero otros criterios.",
        ),
        Campo("detalle", "Detalle de la inconsistencia", texto, obligatorio=False, maximo=500),
        Campo(
            "resolucion", "Qué se resolvió y con qué fundamento", parrafos, tipo="textarea", maximo=1_000,
            ayuda="Por ejemplo, el acuerdo del Consejo General. No escriba datos personales.",
        ),
        Campo("abierto_ms", "Abierto", _instant, obligatorio=False, tipo="hidden"),
    )  # fmt: skip


def _instant(value: str) -> int | None:
    """When the page was opened, as it says itself; None when it makes no sense."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 15 else None


def _read(conn: Connection, id_: int) -> tuple[Elevacion, Criterios]:
    case = elevaciones.get(conn, id_)
    if case is None:
        raise AppError("no_encontrado")
    apoyo = apoyos.get(conn, case.apoyo_id)
    return case, vigentes(conn, apoyo.via if apoyo else Via.APP)
