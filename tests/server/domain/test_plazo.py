"""The ten days: pace, and what will be late before it is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.dias import DIA_MS
from server.domain.plazo import Renglon, limite, proyectar, ritmo

HOY = 20_000


def test_ten_days() -> None:
    assert limite(5, 10) == 5 + 10 * DIA_MS


@pytest.mark.parametrize(
    ("done", "pace"),
    [
        ([], 0.0),
        ([(HOY, 300)], 0.0),  # today is not over
        ([(HOY - 1, 300)], 300.0),
        ([(HOY - 2, 300)], 150.0),  # yesterday nobody came
        ([(HOY - 7, 70), (HOY - 1, 630)], 100.0),
        ([(HOY - 30, 9_999), (HOY - 1, 70)], 10.0),
        ([(HOY - 3, 0), (HOY - 1, 50)], 50.0),
    ],
)
def test_the_pace(done: list[tuple[int, int]], pace: float) -> None:
    assert ritmo(done, HOY) == pace


def test_what_will_be_late() -> None:
    found = proyectar([(HOY + 1, 150), (HOY - 1, 10), (HOY, 120)], HOY, 100.0, hechos_hoy=40)
    # Until tonight 60 more are done, until tomorrow night 160: of 10 + 120 + 150.
    assert found.renglones == (Renglon(HOY - 1, 10, 10), Renglon(HOY, 120, 70), Renglon(HOY + 1, 150, 120))
    assert (found.esperan, found.tarde, found.termina) == (280, 200, HOY + 3)


def test_all_in_time() -> None:
    found = proyectar([(HOY + 9, 1_000)], HOY, 100.0)
    assert (found.tarde, found.termina) == (0, HOY + 9)
    assert proyectar([(HOY + 9, 1_001)], HOY, 100.0).tarde == 1


def test_nobody_works() -> None:
    found = proyectar([(HOY + 9, 5)], HOY, 0.0)
    assert (found.tarde, found.termina) == (5, None)
    assert proyectar([], HOY, 0.0).termina == HOY


@given(
    st.dictionaries(st.integers(HOY, HOY + 12), st.integers(1, 400), max_size=10),
    st.integers(0, 500),
    st.integers(0, 600),
)
def test_it_is_what_a_queue_would_do(waiting: dict[int, int], pace: int, done: int) -> None:
    """Against a day by day simulation, the first limit first."""
    found = proyectar(list(waiting.items()), HOY, float(pace), done)
    queue = [day for day in sorted(waiting) for _ in range(waiting[day])]
    late = dict.fromkeys(waiting, 0)
    day, end = HOY, None
    for _ in range(100):
        room = max(0, pace - done) if day == HOY else pace
        for limit in queue[:room]:
            late[limit] += limit < day
        queue = queue[room:]
        if not queue:
            end = day
            break
        day += 1
        if not pace:
            break
    for limit in queue:
        late[limit] += 1
    assert {one.dia: one.tarde for one in found.renglones} == late
    if end is not None:
        assert found.termina == end
    elif not pace:
        assert found.termina is None


@given(st.floats(0, 1e5, allow_nan=False), st.integers(0, 10**6))
def test_never_more_late_than_wait(pace: float, n: int) -> None:
    found = proyectar([(HOY - 2, n), (HOY + 3, n)], HOY, pace)
    assert 0 <= found.tarde <= found.esperan == 2 * n
    assert found.termina is None or math.isfinite(found.termina)
