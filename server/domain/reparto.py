"""Spreading work over operators by what each has already (row B7, P13.3)."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tarea:
    """A piece of work that nobody holds. `vetados`: who may not do it."""

    id: int
    vetados: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Reparto:
    """Who gets what. `para`: by operator, ids in the order of the tasks. `sobran`: those that none of them may do."""

    para: Mapping[int, tuple[int, ...]]
    sobran: tuple[int, ...]


def repartir(tareas: Sequence[Tarea], cargas: Mapping[int, int]) -> Reparto:
    """Deal the tasks, in their order (the oldest first), each to whoever has least by then.

    `cargas`: what each operator has waiting already. So the loads of those who receive end at most one apart, and
    nobody with less is left out, as far as vetoes allow. Of two with as much the smaller id goes first.
    """
    given: dict[int, list[int]] = {operador: [] for operador in sorted(cargas)}
    heap = [(carga, operador) for operador, carga in sorted(cargas.items())]
    heapq.heapify(heap)
    left = []
    for tarea in tareas:
        aside = []
        while heap and heap[0][1] in tarea.vetados:
            aside.append(heapq.heappop(heap))
        if heap:
            carga, operador = heap[0]
            given[operador].append(tarea.id)
            heapq.heapreplace(heap, (carga + 1, operador))
        else:
            left.append(tarea.id)
        for one in aside:
            heapq.heappush(heap, one)
    return Reparto({operador: tuple(ids) for operador, ids in given.items()}, tuple(left))
