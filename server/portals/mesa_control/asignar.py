"""Assigning work to operators (row B7): by hand to one, or balanced over several, after seeing what it will do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.domain import dias
from server.mesa_control import asignacion
from server.mesa_control.asignacion import MAXIMO, Plan
from server.portals.forms import Campo, Formulario, Leido, entero, opcion
from server.portals.visita import Visita
from server.store import carga, operadores
from server.store.carga import DeAspirante
from server.store.connection import Connection
from server.store.operadores import Operador
from server.store.revisiones import Filtro

URL: Final = "/opl/mesa/asignar"
NADIE: Final = "nadie"
CUALQUIERA: Final = "cualquiera"
CUENTA: Final = "a"
"""Before an account's id, in the name of its box."""


@dataclass(frozen=True, slots=True)
class Recibe:
    """What an operator would get."""

    nombre: str
    tiene: int
    recibe: int

    @property
    def queda(self) -> int:
        """What they would have then."""
        return self.tiene + self.recibe


@dataclass(frozen=True, slots=True)
class Candidato:
    """Somebody who can be given work. `campo`: the name of their box."""

    campo: str
    nombre: str
    esperan: int
    elegido: bool


@dataclass(frozen=True, slots=True)
class AsignarContext:
    """opl/mesa_asignar.html. `reciben`: what the order would do; `vista`: whether it was asked for."""

    form: Leido
    candidatos: tuple[Candidato, ...]
    sin_elegir: str
    vista: bool
    reciben: tuple[Recibe, ...]
    total: int
    sobran: int


@dataclass(frozen=True, slots=True)
class _Hay:
    operadores: list[Operador]
    cargas: dict[int, tuple[int, int]]
    aspirantes: list[DeAspirante]


def _read(conn: Connection) -> _Hay:
    return _Hay(operadores.todos(conn), carga.por_operador(conn), carga.por_aspirante(conn))


async def muestra(v: Visita) -> Response:
    """GET /opl/mesa/asignar: the form, and with `ver` in the address what it would do."""
    there = await v.read(_read)
    asked = v.request.query_params
    if "ver" not in asked:
        return _page(v, formulario(there).vacio({"de": NADIE, "solicitud": asked.get("solicitud", "")}), there, ())
    form = formulario(there).leer(asked)
    chosen = _chosen(there, asked)
    if not form.bien or not chosen:
        return _page(v, form, there, chosen, error=not chosen, status=422)
    plan = await v.read(lambda conn: _plan(conn, form, chosen, v.now_ms))
    return _page(v, form, there, chosen, plan)


async def asignar(v: Visita) -> Response:
    """POST /opl/mesa/asignar."""
    there = await v.read(_read)
    sent = await v.request.form()
    form = formulario(there).leer(sent)
    chosen = _chosen(there, {name: str(value) for name, value in sent.items()})
    if not form.bien or not chosen:
        return _page(v, form, there, chosen, error=not chosen, status=422)
    plan = await v.read(lambda conn: _plan(conn, form, chosen, v.now_ms))
    by, done = v.persona.cuenta, 0
    for operador, ids in plan.piezas():
        done += await v.write(lambda tx, to=operador, some=ids: asignacion.asignar(tx, some, to, by))  # type: ignore[misc]
    return v.go("/opl/mesa", "mesa_asignado" if done else "mesa_nada_que_asignar")


def formulario(there: _Hay) -> Formulario:
    """Which work, and how much of it."""
    whose = [(str(one.id), f"Lo asignado a {one.nombre}") for one in there.operadores if _load(there, one)]
    aspirants = [(str(one.solicitud), f"{one.nombre or one.solicitud} ({one.esperan:,})") for one in there.aspirantes]
    return Formulario(
        Campo(
            "de", "Qué registros", opcion(NADIE, CUALQUIERA, *(id_ for id_, _ in whose)), tipo="select",
            opciones=((NADIE, "Los que nadie tiene asignados"), *whose, (CUALQUIERA, "Todos los que esperan")),
        ),
        Campo(
            "solicitud", "De qué aspirante", opcion(*(id_ for id_, _ in aspirants)), obligatorio=False, tipo="select",
            opciones=aspirants, ayuda="Vacío: de todos.",
        ),
        Campo(
            "vencen", "Que venzan en los próximos días", entero(0, 365), obligatorio=False, teclado="numeric",
            ayuda="Vacío: todos. 0: los que vencen hoy o ya vencieron.", maximo=3,
        ),
        Campo(
            "cuantos", "Cuántos", entero(1, MAXIMO), obligatorio=False, teclado="numeric", maximo=7,
            ayuda=f"Los más próximos a vencer. Vacío: hasta {MAXIMO:,}.",
        ),
    )  # fmt: skip


def _load(there: _Hay, one: Operador) -> int:
    return there.cargas.get(one.id, (0, 0))[0]


def _chosen(there: _Hay, sent: object) -> tuple[int, ...]:
    get = sent.get  # type: ignore[attr-defined]
    return tuple(one.id for one in there.operadores if one.activa and get(f"{CUENTA}{one.id}") == "si")


def _plan(conn: Connection, form: Leido, chosen: Sequence[int], now_ms: int) -> Plan:
    values = form.valores
    until = None
    if values["vencen"] is not None:
        # Whole days: the limit may be at any hour of the last one.
        until = (dias.dia_de(now_ms) + values["vencen"] + 1) * dias.DIA_MS + dias.CENTRO_MS
    filtro = Filtro(
        int(values["solicitud"]) if values["solicitud"] else None,
        {NADIE: 0, CUALQUIERA: None}.get(values["de"], -1),
        until,
    )
    if filtro.de == -1:
        filtro = Filtro(filtro.solicitud, int(values["de"]), until)
    return asignacion.planear(conn, filtro, chosen, values["cuantos"] or MAXIMO, now_ms)


def _page(
    v: Visita, form: Leido, there: _Hay, chosen: Sequence[int], plan: Plan | None = None, *, error: bool = False,
    status: int = 200,
) -> Response:  # fmt: skip
    names = {one.id: one.nombre for one in there.operadores}
    reciben: tuple[Recibe, ...] = ()
    if plan is not None:
        reciben = tuple(Recibe(names[who], plan.cargas[who], len(ids)) for who, ids in plan.reparto.para.items())
    return v.page(
        "opl/mesa_asignar.html",
        AsignarContext(
            form=form,
            candidatos=tuple(
                Candidato(f"{CUENTA}{one.id}", one.nombre, _load(there, one), one.id in chosen)
                for one in there.operadores
                if one.activa
            ),
            sin_elegir="Marque al menos a una persona que reciba los registros." if error else "",
            vista=plan is not None,
            reciben=reciben,
            total=plan.total if plan else 0,
            sobran=len(plan.reparto.sobran) if plan else 0,
        ),
        status=status,
    )
