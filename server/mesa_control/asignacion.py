"""Assigning revisiones to operators, by hand and balanced, and taking them back (row B7, P13.3, P13.9).

A plan is made by reading and done in pieces, so that the write thread is never kept from the phones for long: each
piece asks again whether every revision still waits and nobody holds it. A process that ends in between leaves a part
assigned, and nothing wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from server import bitacora
from server.bitacora import Evento
from server.domain.reparto import Reparto, Tarea, repartir
from server.errors import AppError
from server.store import carga, operadores, revisiones
from server.store.connection import Connection
from server.store.revisiones import Filtro
from server.store.writer import Tx

MAXIMO = 20_000
"""Revisiones that one order assigns: what fifty operators review in a day."""
PIEZA = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What an order would do. `cargas`: what each operator has before it."""

    reparto: Reparto
    cargas: Mapping[int, int]

    @property
    def total(self) -> int:
        """How many would change hands."""
        return sum(map(len, self.reparto.para.values()))

    def piezas(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """(operator, ids), of PIEZA ids at most."""
        for operador, ids in self.reparto.para.items():
            for start in range(0, len(ids), PIEZA):
                yield operador, ids[start : start + PIEZA]


def planear(conn: Connection, filtro: Filtro, cuentas: Sequence[int], cuantas: int, now_ms: int) -> Plan:
    """Spread up to `cuantas` of those that wait by this filter over these operators, by what they have already.

    The first limit first; nothing that somebody holds is taken; nobody gets one on which they gave an opinion. With
    one operator it is an assignment by hand. Raises AppError operador_inactivo.
    """
    if not cuentas or not all(_may(conn, cuenta) for cuenta in cuentas):
        raise AppError("operador_inactivo")
    waiting = revisiones.pendientes(conn, filtro, now_ms, min(cuantas, MAXIMO))
    by_operator = carga.por_operador(conn)
    loads = {cuenta: by_operator.get(cuenta, (0, 0))[0] for cuenta in cuentas}
    if filtro.de:
        # What is taken from one of them is no load of theirs any more.
        loads = {cuenta: n - len(waiting) if cuenta == filtro.de else n for cuenta, n in loads.items()}
    return Plan(repartir([Tarea(one.id, one.opinaron) for one in waiting], loads), loads)


def asignar(tx: Tx, ids: Sequence[int], cuenta: int, por: int) -> int:
    """Assign these revisiones to an operator; how many changed. Others may have been decided, or be held by now.

    Raises AppError operador_inactivo.
    """
    if not _may(tx.conn, cuenta):
        raise AppError("operador_inactivo")
    return _move(tx, ids, cuenta, por)


def liberar(tx: Tx, cuenta: int, por: int, *, cuantas: int = PIEZA) -> int:
    """Take back what is assigned to an operator and not held now, the last limit of it in the end; how many changed.

    To be repeated until it answers 0.
    """
    waiting = revisiones.pendientes(tx.conn, Filtro(de=cuenta), tx.now_ms, cuantas)
    return _move(tx, [one.id for one in waiting], None, por, antes=cuenta)


def _may(conn: Connection, cuenta: int) -> bool:
    found = operadores.get(conn, cuenta)
    return found is not None and found.activa


def _move(tx: Tx, ids: Sequence[int], cuenta: int | None, por: int, *, antes: int | None = None) -> int:
    changed = revisiones.asignar(tx.conn, ids, cuenta, tx.now_ms)
    if changed:
        bitacora.record(
            tx.conn, tx.now_ms, Evento.REVISION_ASIGNADA, actor=f"cuenta:{por}",
            objeto=f"cuenta:{cuenta or antes}", asignada=cuenta is not None, cuantas=len(changed), revisiones=changed,
        )  # fmt: skip
    return len(changed)
