"""/opl/captura/excepciones: to whom the régimen de excepción was granted, granting and revoking it (row B5, P11.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.responses import Response

from server.clock import CENTRO
from server.errors import AppError, DatoInvalido
from server.mesa_control import regimen
from server.portals.forms import Campo, Formulario, Leido, fecha, opcion, parrafos, texto
from server.portals.visita import Visita
from server.store import excepciones
from server.store.excepciones import Excepcion

URL: Final = "/opl/captura/excepciones"
SHOWN: Final = 500
MUNICIPIOS: Final = 600


@dataclass(frozen=True, slots=True)
class ExcepcionesContext:
    """opl/captura_excepciones.html."""

    filas: tuple[Excepcion, ...]


@dataclass(frozen=True, slots=True)
class OtorgarContext:
    """opl/captura_otorgar.html. `hay`: there are aspirantes to grant it to."""

    form: Leido
    hay: bool


@dataclass(frozen=True, slots=True)
class RevocarContext:
    """opl/captura_revocar.html."""

    form: Leido
    excepcion: Excepcion


def dia(value: str) -> int:
    """A date as the first instant of that day, hora del centro."""
    return int(datetime.combine(date.fromisoformat(fecha(value)), datetime.min.time(), CENTRO).timestamp() * 1000)


REVOCAR: Final = Formulario(
    Campo("fecha", "Fecha de la revocación", dia, tipo="date", ayuda="Lo recibido antes de ese día sigue amparado.")
)


def formulario(aspirantes: list[tuple[int, str]]) -> Formulario:
    """The form of a grant, with the aspirantes there are."""
    ids = tuple((str(folio), f"{nombre} (folio {folio})") for folio, nombre in aspirantes)
    return Formulario(
        Campo("aspirante", "Aspirante", opcion(*(id_ for id_, _ in ids)), tipo="select", opciones=ids),
        Campo(
            "alcance", "Para", opcion("todo", "municipios"), tipo="radio",
            opciones=(("todo", "Todo el territorio"), ("municipios", "Los municipios de la lista")),
        ),
        Campo(
            "municipios", "Municipios", parrafos, obligatorio=False, tipo="textarea", maximo=60_000,
            ayuda="Uno por renglón, por su nombre o su número, como están en el padrón.",
        ),
        Campo("oficio", "Oficio o acuerdo", texto, maximo=120, ayuda="Por ejemplo: OPL/CG/031/2026."),
        Campo("fecha", "Fecha del oficio", dia, tipo="date"),
    )  # fmt: skip


async def lista(v: Visita) -> Response:
    """GET /opl/captura/excepciones"""
    rows = await v.read(lambda conn: excepciones.listed(conn, SHOWN))
    return v.page("opl/captura_excepciones.html", ExcepcionesContext(tuple(rows)))


async def nueva(v: Visita) -> Response:
    """GET /opl/captura/excepciones/nueva"""
    there = await v.read(excepciones.aspirantes)
    return v.page("opl/captura_otorgar.html", OtorgarContext(formulario(there).vacio({"alcance": "todo"}), bool(there)))


async def otorgar(v: Visita) -> Response:
    """POST /opl/captura/excepciones"""
    there = await v.read(excepciones.aspirantes)
    form = await v.form(formulario(there))
    municipios = _municipios(form)
    if form.bien and form.valores["alcance"] == "municipios" and not municipios:
        form = form.con_error("municipios", DatoInvalido("falta_dato", "Escriba los municipios, uno por renglón."))
    elif form.bien and form.valores["alcance"] == "todo" and municipios:
        form = form.con_error(
            "alcance", DatoInvalido("municipios_de_mas", "Hay municipios escritos: elija si es sólo para ellos.")
        )
    if len(municipios) > MUNICIPIOS:
        form = form.con_error("municipios", DatoInvalido("lista_larga", f"Escriba hasta {MUNICIPIOS} municipios."))
    if form.bien and form.valores["fecha"] > v.now_ms:
        form = form.con_error("fecha", DatoInvalido("fecha_futura", "La fecha del oficio no puede ser futura."))
    if not form.bien:
        return v.page("opl/captura_otorgar.html", OtorgarContext(form, bool(there)), status=422)
    values, cuenta = form.valores, v.persona.cuenta
    try:
        made = await v.write(
            lambda tx: regimen.otorgar(
                tx, int(values["aspirante"]), municipios, values["oficio"], values["fecha"], cuenta=cuenta
            )
        )
    except DatoInvalido as error:
        form = form.con_error("aspirante", error)
        return v.page("opl/captura_otorgar.html", OtorgarContext(form, bool(there)), status=422)
    return v.go(URL, "excepcion_otorgada" if made else "sin_cambios")


def _municipios(form: Leido) -> list[str]:
    lines = (form.valores.get("municipios") or "").split("\n")
    found: dict[str, str] = {}
    for line in lines:
        name = " ".join(line.split())[:120]
        if name:
            found.setdefault(excepciones.lugar(name), name)
    return list(found.values())


async def preguntar(v: Visita) -> Response:
    """GET /opl/captura/excepciones/{id}/revocar"""
    return v.page("opl/captura_revocar.html", RevocarContext(REVOCAR.vacio(), await _one(v)))


async def revocar(v: Visita) -> Response:
    """POST /opl/captura/excepciones/{id}/revocar"""
    one = await _one(v)
    form = await v.form(REVOCAR)
    if form.bien and form.valores["fecha"] > v.now_ms:
        form = form.con_error("fecha", DatoInvalido("fecha_futura", "La fecha no puede ser futura."))
    if form.bien:
        try:
            done = await v.write(lambda tx: regimen.revocar(tx, one.id, form.valores["fecha"], cuenta=v.persona.cuenta))
        except DatoInvalido as error:
            form = form.con_error("fecha", error)
        else:
            return v.go(URL, "excepcion_revocada" if done else "sin_cambios")
    return v.page("opl/captura_revocar.html", RevocarContext(form, one), status=422)


async def _one(v: Visita) -> Excepcion:
    id_ = int(v.request.path_params["id"])
    one = await v.read(lambda conn: excepciones.get(conn, id_))
    if one is None:
        raise AppError("no_encontrado")
    return one
