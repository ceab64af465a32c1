"""Agreement of each operator with whoever gave the other opinion, on what is reviewed twice (row G2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from server.domain.kappa import Acuerdo, cohen
from server.store import dictamenes
from server.store.connection import Connection


@dataclass(frozen=True, slots=True)
class DeOperador:
    """One operator. `por_inciso`: valid or each inciso is a category; `por_resultado`: valid or inconsistent."""

    cuenta: int
    por_inciso: Acuerdo
    por_resultado: Acuerdo


@dataclass(frozen=True, slots=True)
class Acuerdos:
    """All operators, by account, and all pairs together. `difieren`: (first, second, how often) where they differ,
    the most frequent first."""

    operadores: tuple[DeOperador, ...]
    todos: DeOperador
    difieren: tuple[tuple[str, str, int], ...]


def acuerdos(conn: Connection, desde_ms: int) -> Acuerdos:
    """Of second opinions given since then. A pair counts for both who gave it, each seen as the first rater."""
    own: dict[int, Counter[tuple[str, str]]] = {}
    together: Counter[tuple[str, str]] = Counter()
    for first, second, a, b, n in dictamenes.pares(conn, desde_ms):
        together[a, b] += n
        own.setdefault(first, Counter())[a, b] += n
        own.setdefault(second, Counter())[b, a] += n
    differ: Counter[tuple[str, str]] = Counter()
    for (a, b), n in together.items():
        if a != b:
            # Whoever said it first: what is confused with what is the question.
            differ[min(a, b), max(a, b)] += n
    return Acuerdos(
        tuple(_of(cuenta, own[cuenta]) for cuenta in sorted(own)),
        _of(0, together),
        tuple((a, b, n) for (a, b), n in differ.most_common(10)),
    )


def _of(cuenta: int, pares: Counter[tuple[str, str]]) -> DeOperador:
    coarse: Counter[tuple[str, str]] = Counter()
    for (a, b), n in pares.items():
        coarse[_resultado(a), _resultado(b)] += n
    return DeOperador(cuenta, cohen(pares), cohen(coarse))


def _resultado(category: str) -> str:
    return category if category == "valido" else "inconsistente"
