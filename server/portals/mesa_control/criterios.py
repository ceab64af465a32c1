"""The criteria of review (row G4, P13.4): what holds, earlier versions and their differences, and editing them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from starlette.responses import Response

from server.domain.apoyo import Via
from server.domain.inconsistencias import Inconsistencia
from server.errors import AppError, DatoInvalido
from server.mesa_control import criterios as operacion
from server.mesa_control.criterios import CATEGORIA, DETALLE, NOTA, TEXTO, Diferencia, diferencias
from server.portals.forms import Campo, Formulario, Leido, marcado, opcion, parrafos, texto
from server.portals.visita import Visita
from server.store import criterios
from server.store.connection import Connection
from server.store.criterios import Version

URL: Final = "/opl/criterios"
NUEVOS: Final = 3
"""Empty places for incisos that are added."""
FORM_BYTES: Final = 256 * 1024
_CHANGED: Final = DatoInvalido(
    "criterios_cambiados",
    "Otra persona publicó una versión mientras usted editaba. Lo que escribió sigue aquí: compárelo con la versión "
    "vigente antes de publicar.",
)


@dataclass(frozen=True, slots=True)
class CriteriosContext:
    """opl/criterios.html. `version`: which one is shown; `vigente`: which holds. `diferencias`: with `anterior`."""

    version: int
    vigente: int
    de_app: tuple[Inconsistencia, ...]
    de_papel: tuple[Inconsistencia, ...]
    datos: Version | None
    anterior: int
    diferencias: tuple[Diferencia, ...]
    versiones: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Renglon:
    """One inciso in the form: how its fields begin; empty `inciso` for one that may be added."""

    clave: str
    inciso: str
    via: str


@dataclass(frozen=True, slots=True)
class EditarContext:
    """opl/criterios_editar.html."""

    form: Leido
    renglones: tuple[Renglon, ...]
    base: int


async def vigentes(v: Visita) -> Response:
    """GET /opl/criterios."""
    return await _show(v, None)


async def version(v: Visita) -> Response:
    """GET /opl/criterios/{version}."""
    return await _show(v, int(v.request.path_params["version"]))


async def editar(v: Visita) -> Response:
    """GET /opl/criterios/editar."""
    base, now = await v.read(_now)
    form = formulario(now)
    return v.page("opl/criterios_editar.html", EditarContext(form.vacio(_filled(now, base)), _rows(now), base))


async def publicar(v: Visita) -> Response:
    """POST /opl/criterios/editar."""
    base, now = await v.read(_now)
    form = await v.form(formulario(now))
    if form.crudo["base"] != str(base):
        # From now on the form is of the newest version, with what was typed: whoever sends it again has seen this.
        form = replace(form, crudo={**form.crudo, "base": str(base)}, errores={}).con_error("", _CHANGED)
    elif form.bien:
        incisos, places = _read(form, now)
        wrong = operacion.revisar(incisos)
        for (inciso, field), error in wrong.items():
            form = form.con_error(f"{places[inciso]}_{field}" if inciso in places else "", error)
        if not wrong:
            nota, by = form.valores["nota"], v.persona.cuenta
            try:
                made = await v.write(lambda tx: operacion.publicar(tx, incisos, nota, by, base=base))
            except DatoInvalido as error:
                form = form.con_error("nota" if error.codigo in ("falta_nota", "texto_largo") else "", error)
            else:
                return v.go(f"{URL}/{made}", "criterios_publicados")
    return v.page("opl/criterios_editar.html", EditarContext(form, _rows(now), base), status=422)


def formulario(now: Sequence[Inconsistencia]) -> Formulario:
    """Five fields for each inciso, and for those that may be added."""
    campos: list[Campo] = []
    for row in _rows(now):
        new = not row.inciso
        campos += [
            Campo(f"{row.clave}_categoria", "Tipo", texto, obligatorio=not new, maximo=CATEGORIA),
            Campo(f"{row.clave}_texto", "Qué se encontró", parrafos, obligatorio=not new, tipo="textarea",
                  maximo=TEXTO),
            Campo(f"{row.clave}_detalle", "Detalle", texto, obligatorio=not new, maximo=DETALLE),
            Campo(f"{row.clave}_pide", "Quien revisa debe escribir el detalle", marcado, obligatorio=False,
                  tipo="checkbox"),
        ]  # fmt: skip
        if new:
            campos += [
                Campo(f"{row.clave}_inciso", "Inciso", _letter, obligatorio=False, maximo=2,
                      ayuda="Una letra (o, p…); de papel, p y una letra (pf…)."),
                Campo(f"{row.clave}_via", "De apoyos", opcion(*Via), obligatorio=False, tipo="select",
                      opciones=((Via.APP.value, "por la aplicación"), (Via.PAPEL.value, "en papel"))),
            ]  # fmt: skip
        else:
            campos.append(
                Campo(f"{row.clave}_retirar", f"Retirar el inciso {row.inciso})", marcado, obligatorio=False,
                      tipo="checkbox")
            )  # fmt: skip
    return Formulario(
        *campos,
        Campo(
            "nota", "Por qué cambian", parrafos, tipo="textarea", maximo=NOTA,
            ayuda="Por ejemplo, el acuerdo del Consejo General que los aprobó. Recuerde hacerlo del conocimiento de la "
            "DERFE.",
        ),
        Campo("base", "Versión", obligatorio=False, tipo="hidden"),
    )  # fmt: skip


def _letter(value: str) -> str:
    clean = value.strip().rstrip(")").lower()
    if not re.fullmatch(r"[a-z]{1,2}", clean):
        raise DatoInvalido("inciso_forma", "Escriba una letra, o una p y otra letra para los de papel.")
    return clean


def _now(conn: Connection) -> tuple[int, tuple[Inconsistencia, ...]]:
    newest = criterios.newest(conn)
    return newest, criterios.of_version(conn, newest) or ()


def _rows(now: Sequence[Inconsistencia]) -> tuple[Renglon, ...]:
    return (
        *(Renglon(f"i-{one.inciso}", one.inciso, one.via.value) for one in now),
        *(Renglon(f"nuevo{n}", "", "") for n in range(1, NUEVOS + 1)),
    )


def _filled(now: Sequence[Inconsistencia], base: int) -> dict[str, str]:
    filled = {"base": str(base)}
    for one in now:
        key = f"i-{one.inciso}"
        filled |= {f"{key}_categoria": str(one.tipo), f"{key}_texto": one.texto, f"{key}_detalle": one.detalle}
        filled |= {f"{key}_pide": "si"} if one.pide_detalle else {}
    return filled


def _read(form: Leido, now: Sequence[Inconsistencia]) -> tuple[list[Inconsistencia], Mapping[str, str]]:
    """The list as it would be, and where in the form each inciso stands (new ones last, in their way's order)."""
    said: Mapping[str, Any] = form.valores
    made: list[Inconsistencia] = []
    places: dict[str, str] = {}

    def of(key: str, inciso: str, via: Via) -> Inconsistencia:
        places[inciso] = key
        return Inconsistencia(
            inciso, said[f"{key}_categoria"] or "", said[f"{key}_texto"] or "", said[f"{key}_detalle"] or "",
            bool(said[f"{key}_pide"]), via,
        )  # fmt: skip

    for one in now:
        if not said[f"i-{one.inciso}_retirar"]:
            made.append(of(f"i-{one.inciso}", one.inciso, one.via))
    for row in _rows(now):
        if row.inciso:
            continue
        given = [said[f"{row.clave}_{name}"] for name in ("inciso", "categoria", "texto", "detalle")]
        if any(given):
            made.append(of(row.clave, given[0] or "", Via(said[f"{row.clave}_via"] or Via.APP)))
    return [*(x for x in made if x.via is Via.APP), *(x for x in made if x.via is Via.PAPEL)], places


async def _show(v: Visita, which: int | None) -> Response:
    def read(
        conn: Connection,
    ) -> tuple[int, tuple[Inconsistencia, ...] | None, tuple[Inconsistencia, ...], list[Version]]:
        newest = criterios.newest(conn)
        shown = newest if which is None else which
        before = criterios.of_version(conn, shown - 1) or () if shown > 0 else ()
        return newest, criterios.of_version(conn, shown), before, criterios.versiones(conn)

    newest, incisos, before, versions = await v.read(read)
    if incisos is None:
        raise AppError("no_encontrado")
    shown = newest if which is None else which
    return v.page(
        "opl/criterios.html",
        CriteriosContext(
            version=shown,
            vigente=newest,
            de_app=tuple(one for one in incisos if one.via is Via.APP),
            de_papel=tuple(one for one in incisos if one.via is Via.PAPEL),
            datos=next((one for one in versions if one.id == shown), None),
            anterior=shown - 1,
            diferencias=diferencias(before, incisos) if shown > 0 else (),
            versiones=tuple(versions),
        ),
    )
