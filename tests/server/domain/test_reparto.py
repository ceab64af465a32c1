"""Spreading work: sums hold, loads end level, the oldest first, nobody against a veto."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.domain.reparto import Tarea, repartir

cargas = st.dictionaries(st.integers(1, 20), st.integers(0, 60), min_size=1, max_size=8)


@given(st.integers(0, 300), cargas)
def test_sums_hold_and_loads_end_at_most_one_apart(count: int, loads: dict[int, int]) -> None:
    done = repartir([Tarea(n) for n in range(count)], loads)
    assert done.sobran == ()
    assert sorted(id_ for ids in done.para.values() for id_ in ids) == list(range(count))
    after = {who: loads[who] + len(done.para[who]) for who in loads}
    received = [after[who] for who in loads if done.para[who]]
    if received:
        assert max(received) - min(after.values()) <= 1


@given(st.integers(0, 300), cargas)
def test_the_oldest_first(count: int, loads: dict[int, int]) -> None:
    done = repartir([Tarea(n) for n in range(count)], loads)
    for ids in done.para.values():
        assert list(ids) == sorted(ids)
    if len(set(loads.values())) == 1:
        # With equal loads, everybody's n-th is older than anybody's next.
        for n in range(count // len(loads)):
            assert {ids[n] for ids in done.para.values()} == set(range(n * len(loads), (n + 1) * len(loads)))


@given(st.lists(st.frozensets(st.integers(1, 6), max_size=6), max_size=80), cargas)
def test_nobody_gets_what_they_may_not_do(vetoes: list[frozenset[int]], loads: dict[int, int]) -> None:
    tasks = [Tarea(n, vetoed) for n, vetoed in enumerate(vetoes)]
    done = repartir(tasks, loads)
    for who, ids in done.para.items():
        assert not any(who in vetoes[id_] for id_ in ids)
    assert set(done.sobran) == {n for n, vetoed in enumerate(vetoes) if set(loads) <= vetoed}
    assert sum(map(len, done.para.values())) + len(done.sobran) == len(tasks)


def test_who_has_more_waits() -> None:
    done = repartir([Tarea(n) for n in range(10)], {1: 0, 2: 8, 3: 30})
    assert {who: len(ids) for who, ids in done.para.items()} == {1: 9, 2: 1, 3: 0}


def test_nobody_there() -> None:
    assert repartir([Tarea(1)], {}).sobran == (1,)
