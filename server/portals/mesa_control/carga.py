"""How the mesa goes (rows B7, G5): what waits, what will be late, of whom, and each operator against the day's goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain import dias, plazo
from server.domain.mesa import Ronda
from server.domain.plazo import Proyeccion
from server.domain.reglas import Reglas
from server.portals.visita import Visita
from server.store import ajustes, carga, elevaciones, operadores
from server.store.carga import DeAspirante
from server.store.connection import Connection
from server.store.operadores import Operador

DIAS: Final = 7
"""Days before today that are shown of each operator."""


@dataclass(frozen=True, slots=True)
class Dia:
    """A day of a limit. `cuando`: in words."""

    fecha: str
    cuando: str
    esperan: int
    tarde: int


@dataclass(frozen=True, slots=True)
class FilaOperador:
    """An operator. `dias`: (day, how many) before today, oldest first; `vence`: the first limit of what they have."""

    id: int
    nombre: str
    rol: str
    activa: bool
    hoy: int
    dias: tuple[tuple[str, int], ...]
    esperan: int
    vence: str
    en_dias: str


@dataclass(frozen=True, slots=True)
class FilaAspirante:
    """An aspirante. `vence`: the first limit of what waits; `vencido`: it is over."""

    solicitud: int
    nombre: str
    esperan: int
    sin_asignar: int
    vence: str
    vencido: bool


@dataclass(frozen=True, slots=True)
class CargaContext:
    """opl/mesa.html. `supuesto`: the pace is what active operators would do at the goal, since nobody has begun.

    `vencidos`: late already; `por_vencer`: that will be at this pace.
    """

    proyeccion: Proyeccion
    vencidos: int
    por_vencer: int
    ritmo: int
    supuesto: bool
    termina: str
    hechos_hoy: int
    sin_asignar: int
    casos: int
    dias: tuple[Dia, ...]
    operadores: tuple[FilaOperador, ...]
    nombres_dias: tuple[str, ...]
    aspirantes: tuple[FilaAspirante, ...]
    reglas: Reglas
    capacidad: int
    impedidas: str


@dataclass(frozen=True, slots=True)
class _Leido:
    reglas: Reglas
    esperan: list[tuple[int, int]]
    rondas: dict[str, int]
    por_operador: dict[int, tuple[int, int]]
    aspirantes: list[DeAspirante]
    operadores: list[Operador]
    hechos: list[tuple[int, int]]
    hechos_de: dict[int, dict[int, int]]
    casos: int


def _read(conn: Connection, hoy: int) -> _Leido:
    since = hoy - max(DIAS, plazo.VENTANA)
    return _Leido(
        ajustes.reglas(conn), carga.por_dia(conn), carga.por_ronda(conn), carga.por_operador(conn),
        carga.por_aspirante(conn), operadores.todos(conn), carga.hechos(conn, since, hoy),
        carga.hechos_de(conn, since, hoy), elevaciones.abiertas(conn),
    )  # fmt: skip


async def muestra(v: Visita) -> Response:
    """GET /opl/mesa."""
    today = dias.dia_de(v.now_ms)
    found = await v.read(lambda conn: _read(conn, today))
    active = sum(one.activa and one.rol == "operacion" for one in found.operadores)
    pace = plazo.ritmo(found.hechos, today)
    supposed = pace == 0
    if supposed:
        pace = float(active * found.reglas.meta_diaria)
    done = dict(found.hechos).get(today, 0)
    projection = plazo.proyectar(found.esperan, today, pace, 0 if supposed else done)
    late = sum(one.esperan for one in projection.renglones if one.dia < today)
    days = tuple(range(today - DIAS, today))
    return v.page(
        "opl/mesa.html",
        CargaContext(
            proyeccion=projection,
            vencidos=late,
            por_vencer=projection.tarde - late,
            ritmo=round(pace),
            supuesto=supposed,
            termina="" if projection.termina is None else dias.largo(projection.termina),
            hechos_hoy=done,
            sin_asignar=found.por_operador.get(0, (0, 0))[0],
            casos=found.casos,
            dias=tuple(
                Dia(dias.largo(one.dia), _when(one.dia - today), one.esperan, one.tarde) for one in projection.renglones
            ),
            operadores=tuple(_operador(one, found, today, days) for one in found.operadores),
            nombres_dias=tuple(dias.corto(day) for day in days),
            aspirantes=tuple(
                FilaAspirante(
                    one.solicitud, one.nombre, one.esperan, one.sin_asignar, dias.largo(one.dia), one.dia < today
                )
                for one in found.aspirantes
            ),
            reglas=found.reglas,
            capacidad=active * found.reglas.meta_diaria,
            impedidas=_impeded(found),
        ),
    )


def _when(ahead: int) -> str:
    if ahead < 0:
        return "Venció ayer" if ahead == -1 else f"Venció hace {-ahead} días"
    if ahead == 0:
        return "Vence hoy"
    return "Vence mañana" if ahead == 1 else f"Vence en {ahead} días"


def _operador(one: Operador, found: _Leido, today: int, days: tuple[int, ...]) -> FilaOperador:
    own = found.hechos_de.get(one.id, {})
    waiting, first = found.por_operador.get(one.id, (0, 0))
    goal = found.reglas.meta_diaria
    ahead = ""
    if waiting and goal:
        n = -(-waiting // goal)
        ahead = "1 día" if n == 1 else f"{n} días"
    return FilaOperador(
        one.id, one.nombre, one.rol, one.activa, own.get(today, 0),
        tuple((dias.corto(day), own.get(day, 0)) for day in days), waiting, dias.largo(first) if waiting else "", ahead,
    )  # fmt: skip


def _impeded(found: _Leido) -> str:
    """Why opinions that wait cannot be given by anybody."""
    may = sum(one.activa for one in found.operadores)
    second, third = found.rondas.get(Ronda.SEGUNDA, 0), found.rondas.get(Ronda.TERCERA, 0)
    if second and may < 2:
        return (
            f"{second:,} registros esperan una segunda opinión y sólo hay una cuenta que pueda revisar: "
            "nadie puede darla. Active otra cuenta de la mesa de control."
        )
    if third and may < 3:
        return (
            f"{third:,} registros esperan una tercera opinión y sólo hay {may} cuentas que puedan revisar: "
            "nadie puede darla. Active otra cuenta de la mesa de control."
        )
    return ""
