"""Making and changing periodos (row B1): what follows from it is said first, and must be accepted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from server import bitacora
from server.bitacora import Evento
from server.domain.consecuencias import Consecuencia, Vigencia, of_periodo
from server.domain.periodo import Ventana
from server.errors import DatoInvalido
from server.store import catalogo, periodos, reencolado
from server.store.connection import Connection
from server.store.periodos import DatosPeriodo
from server.store.writer import Tx

MAX_NAMED = 500
"""Claves of the territory that the record names; of a longer one it says how many."""


@dataclass(frozen=True, slots=True)
class ProcesoNuevo:
    """A proceso that is made together with its first periodo."""

    tipo: str
    nombre: str


@dataclass(frozen=True, slots=True)
class Guardado:
    """It is done. `id`: the periodo's."""

    id: int


@dataclass(frozen=True, slots=True)
class PorAceptar:
    """Nothing was written: these must be accepted first."""

    consecuencias: tuple[Consecuencia, ...]


def check(datos: DatosPeriodo) -> None:
    """What no periodo may be; raises `DatoInvalido`."""
    if datos.termina_ms <= datos.inicia_ms:
        raise DatoInvalido("termina_antes", "El fin del periodo debe ser posterior a su inicio.")
    if datos.ambito == "local" and not datos.entidad:
        raise DatoInvalido("falta_entidad", "Elija la entidad: en el ámbito local el periodo es de una.")
    needed, there = datos.umbral.unidades_requeridas, len(datos.umbral.unidades)
    if needed is not None and needed > there:
        raise DatoInvalido(
            "unidades_de_mas", f"Pide {needed:,} municipios o secciones y la lista tiene {there:,}. Revise el número."
        )


def consecuencias(
    conn: Connection, id_: int | None, datos: DatosPeriodo, now_ms: int, gracia_ms: int
) -> tuple[Consecuencia, ...]:
    """What would follow from this periodo (`id_` None: a new one)."""
    before = periodos.get(conn, id_) if id_ is not None else None
    others = periodos.overlapping(conn, datos, id_) if datos.activo else []
    territory = before is not None and (
        before.entidad != datos.entidad or periodos.territorio(conn, before.id) != datos.territorio.en_orden
    )
    cargo = " ".join(datos.nombre.casefold().split())
    return of_periodo(
        Vigencia(before.ventana(gracia_ms), before.activo) if before else None,
        Vigencia(Ventana(datos.inicia_ms, datos.termina_ms, gracia_ms), datos.activo),
        apoyos=periodos.apoyos(conn, before.id) if before else 0,
        traslapes=[name for _, name in others if " ".join(name.casefold().split()) == cargo],
        now_ms=now_ms,
        territorio=territory,
    )


def guardar(
    tx: Tx,
    id_: int | None,
    datos: DatosPeriodo,
    nuevo: ProcesoNuevo | None,
    *,
    aceptadas: Collection[str],
    gracia_ms: int,
    actor: str,
) -> Guardado | PorAceptar:
    """Make a periodo (`id_` None) or change one; `nuevo`: with a proceso of its own. Raises `DatoInvalido`."""
    check(datos)
    if id_ is not None and periodos.get(tx.conn, id_) is None:
        raise DatoInvalido("periodo_ajeno", "Ese periodo no existe.")
    found = consecuencias(tx.conn, id_, datos, tx.now_ms, gracia_ms)
    if not {c.codigo for c in found} <= set(aceptadas):
        return PorAceptar(found)
    if nuevo is not None:
        proceso = catalogo.add_proceso(tx.conn, nuevo.tipo, nuevo.nombre, tx.now_ms)
        datos = replace(datos, proceso_id=proceso)
        bitacora.record(tx.conn, tx.now_ms, Evento.PROCESO_CREADO, actor=actor, objeto=f"proceso:{proceso}")
    elif all(proceso.id != datos.proceso_id for proceso in periodos.procesos(tx.conn)):
        raise DatoInvalido("proceso_ajeno", "Ese proceso no existe. Elija uno de la lista.")
    again = 0
    if id_ is None:
        id_, evento = periodos.insert(tx.conn, datos, tx.now_ms), Evento.PERIODO_CREADO
    else:
        periodos.update(tx.conn, id_, datos)
        evento = Evento.PERIODO_MODIFICADO
        if any(c.codigo == "territorio" for c in found):
            again = reencolado.ambito(tx.conn, id_)
    bitacora.record(
        tx.conn, tx.now_ms, evento, actor=actor, objeto=f"periodo:{id_}", inicia_ms=datos.inicia_ms,
        termina_ms=datos.termina_ms, activo=datos.activo, unidades=len(datos.umbral.unidades),
        territorio=[f"{one.unidad}:{one.clave}" for one in datos.territorio.lugares[:MAX_NAMED]],
        lugares=len(datos.territorio.lugares), por_revisar_ambito=again,
        aceptado=sorted(c.codigo for c in found),
    )  # fmt: skip
    return Guardado(id_)
