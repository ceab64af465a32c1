"""Everything the mesa did with one registro (row G2): opinions, corrections, cases; and reopening it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.responses import Response

from server.domain.banderas import DATOS
from server.domain.mesa import EstadoRevision
from server.errors import AppError, DatoInvalido
from server.mesa_control import elevacion
from server.portals.forms import Campo, Formulario, Leido, parrafos
from server.portals.visita import Visita
from server.store import apoyos, correcciones, dictamenes, elevaciones, historia, operadores, revisiones
from server.store.apoyos import Apoyo
from server.store.connection import Connection
from server.store.elevaciones import Elevacion

URL: Final = "/opl/mesa/registros"
REABRIR: Final = Formulario(
    Campo(
        "motivo", "Por qué debe revisarse otra vez", parrafos, tipo="textarea", maximo=1_000,
        ayuda="Queda en la historia del registro. No escriba datos personales.",
    )
)  # fmt: skip
_ESTADOS: Final = {
    EstadoRevision.PENDIENTE: ("Espera", "duda"),
    EstadoRevision.HECHA: ("Hecha", "bien"),
    EstadoRevision.CANCELADA: ("Cancelada", "gris"),
}


@dataclass(frozen=True, slots=True)
class FilaDictamen:
    """One opinion. `vale`: what it is worth now, in words; `pantalla`: (what, which) of what was to be seen."""

    id: int
    en_ms: int
    ronda: str
    resultado: str
    inciso: str
    detalle: str
    quien: str
    version: int
    vale: str
    clase: str
    segundos: int
    pantalla: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FilaRevision:
    """One piece of work."""

    ronda: str
    estado: str
    clase: str
    entrada_ms: int
    limite_ms: int
    asignada: str
    tiene: str
    motivo: str
    pedida_por: str


@dataclass(frozen=True, slots=True)
class FilaCorreccion:
    """That a datum was made right; never what it says."""

    campo: str
    quien: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class HistoriaContext:
    """opl/mesa_registro.html. `reabrible`: decided, and nothing waits."""

    apoyo: Apoyo
    dictamenes: tuple[FilaDictamen, ...]
    revisiones: tuple[FilaRevision, ...]
    correcciones: tuple[FilaCorreccion, ...]
    casos: tuple[Elevacion, ...]
    reabrible: bool


@dataclass(frozen=True, slots=True)
class ReabrirContext:
    """opl/mesa_reabrir.html."""

    apoyo: Apoyo
    form: Leido


async def ficha(v: Visita) -> Response:
    """GET /opl/mesa/registros/{folio}."""
    folio = v.request.path_params["folio"]
    context = await v.read(lambda conn: _context(conn, folio, v.now_ms))
    await v.seen(f"apoyo:{context.apoyo.id}", "historia_mesa")
    return v.page("opl/mesa_registro.html", context)


async def confirmar(v: Visita) -> Response:
    """GET /opl/mesa/registros/{folio}/reabrir."""
    apoyo = await v.read(lambda conn: _apoyo(conn, v.request.path_params["folio"]))
    return v.page("opl/mesa_reabrir.html", ReabrirContext(apoyo, REABRIR.vacio()))


async def reabrir(v: Visita) -> Response:
    """POST /opl/mesa/registros/{folio}/reabrir."""
    apoyo = await v.read(lambda conn: _apoyo(conn, v.request.path_params["folio"]))
    form = await v.form(REABRIR)
    if form.bien:
        motivo, by = form.valores["motivo"], v.persona.cuenta
        try:
            await v.write(lambda tx: elevacion.reabrir(tx, apoyo.id, by, motivo))
        except DatoInvalido as error:
            form = form.con_error("motivo", error)
        except AppError as error:
            if error.code not in ("revision_pendiente", "sin_dictamen"):
                raise
            form = form.con_error("", DatoInvalido(error.code, error.entry.text))
        else:
            return v.go(f"{URL}/{apoyo.folio}", "mesa_reabierto")
    return v.page("opl/mesa_reabrir.html", ReabrirContext(apoyo, form), status=422)


def _apoyo(conn: Connection, folio: str) -> Apoyo:
    id_ = historia.apoyo_of_folio(conn, folio)
    found = apoyos.get(conn, id_) if id_ is not None else None
    if found is None:
        raise AppError("no_encontrado")
    return found


def _context(conn: Connection, folio: str, now_ms: int) -> HistoriaContext:
    apoyo = _apoyo(conn, folio)
    names = operadores.nombres(conn)
    stand = {one.id for one in dictamenes.en_pie(conn, apoyo.id)}
    firme = dictamenes.firme(conn, apoyo.id)
    work = revisiones.of_apoyo(conn, apoyo.id)
    waiting = any(one.estado is EstadoRevision.PENDIENTE for one in work)
    return HistoriaContext(
        apoyo=apoyo,
        dictamenes=tuple(
            FilaDictamen(
                one.id, one.en_ms, one.ronda.texto, one.resultado.texto, one.inciso, one.detalle,
                names.get(one.cuenta_id, ""), one.criterios_version,
                *_worth(one, in_force=firme is not None and firme.id == one.id, stands=one.id in stand),
                max(0, one.en_ms - one.abierto_ms) // 1000 if one.abierto_ms else 0, pantalla(one.en_pantalla),
            )
            for one in dictamenes.of_apoyo(conn, apoyo.id)
        ),
        revisiones=tuple(
            FilaRevision(
                one.ronda.texto, *_ESTADOS[one.estado], one.entrada_ms, one.limite_ms,
                names.get(one.asignada_a or 0, ""), names.get(one.tiene(now_ms) or 0, ""), one.motivo,
                names.get(one.pedida_por or 0, ""),
            )
            for one in work
        ),
        correcciones=tuple(
            FilaCorreccion(DATOS.get(one.campo, one.campo), names.get(one.cuenta_id, ""), one.en_ms)
            for one in correcciones.of_apoyo(conn, apoyo.id)
        ),
        casos=tuple(elevaciones.of_apoyo(conn, apoyo.id)),
        reabrible=firme is not None and not waiting,
    )  # fmt: skip


def _worth(one: dictamenes.Dictamen, *, in_force: bool, stands: bool) -> tuple[str, str]:
    if in_force:
        return "Vigente", "bien"
    if not stands:
        return ("Deshace una anterior" if one.resultado == "anulado" else "Deshecho"), "gris"
    if one.firme:
        return "Sustituido", "gris"
    return ("Elevado", "duda") if one.resultado == "elevado" else ("Opinión", "duda")


def pantalla(text: str) -> tuple[tuple[str, str], ...]:
    """What a dictamen says was on the screen, as pairs that people can read."""
    try:
        said: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return ()
    if not isinstance(said, dict):
        return ()
    return tuple((str(name).replace("_", " "), _plain(value)) for name, value in said.items())


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "ninguna"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(one)}" for name, one in value.items()) or "nada"
    if isinstance(value, bool):
        return "sí" if value else "no"
    return str(value)
