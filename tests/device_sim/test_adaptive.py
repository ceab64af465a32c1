"""What a phone makes of its line: pure, with instants of the test's own (SPEC §8.4)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_sim.adaptive import (
    FLOW_WINDOW,
    PIECE,
    SHORTEST_S,
    SMALL_PIECE,
    SMALLEST_BODY,
    SMALLEST_BUFFER,
    LineView,
)

RECORD = 270_000


def seen(rate: float, round_trip: float, *, seconds: float = 20.0, cuts: tuple[float, ...] = ()) -> LineView:
    """A line that was watched from 0 to `seconds`."""
    line = LineView()
    for _ in range(12):
        line.round_trip(round_trip)
    line.begins(0.0, RECORD)
    for step in range(1, int(seconds * 4) + 1):
        line.took(step / 4, int(rate / 4))
    for at in cuts:
        line.cut(at)
    return line


def test_the_rate_is_what_arrived_while_something_was_sent() -> None:
    line = seen(8000, 0.8)
    assert line.rate is not None
    assert abs(line.rate - 8000) < 100
    line.ends(20.0)
    line.begins(500.0, RECORD)
    line.took(500.25, 2000)
    assert abs(line.rate - 8000) < 100, "the pause between two records is not slowness"


def test_the_rate_follows_a_line_that_changes() -> None:
    line = seen(100_000, 0.3)
    for step in range(1, 81):
        line.took(20 + step / 4, 2500)
    assert line.rate is not None
    assert line.rate < 15_000


def test_a_short_line_gets_one_flow_and_a_long_one_more() -> None:
    assert seen(8_000, 0.8).flows(20.0, 4) == 1, "EDGE: 6 KB fill it"
    assert seen(60_000, 0.3).flows(20.0, 4) == 2, "3G as one flow sees it"
    assert seen(110_000, 0.3).flows(20.0, 4) == 3
    assert seen(5_000_000, 0.002).flows(20.0, 4) == 1, "a wire"
    assert seen(5_000_000, 0.1).flows(20.0, 4) == 4, "never more than the server offers"
    assert seen(110_000, 0.3).flows(20.0, 1) == 1


def test_before_the_rate_is_known() -> None:
    assert LineView().flows(0.0, 4) == 1
    wireless, wire = LineView(), LineView()
    wireless.round_trip(0.3)
    wire.round_trip(0.001)
    assert (wireless.flows(0.0, 4), wire.flows(0.0, 4)) == (2, 1)


def test_where_cuts_are_frequent_one_body_goes_at_a_time() -> None:
    rate, often, rarely = 60_000, (11.0, 17.0), (20.0,)
    assert seen(rate, 0.3, cuts=often).flows(20.0, 4) == 1
    assert seen(rate, 0.3, cuts=rarely).flows(20.0, 4) == 2
    assert seen(rate, 0.3, cuts=often).flows(1000.0, 4) == 2, "it is forgotten after a while"


def test_little_is_on_its_way_where_the_line_is_cut() -> None:
    whole, cuts = seen(32_000, 0.2), seen(32_000, 0.2, cuts=(5.0, 20.0))
    assert (whole.buffer(20.0), whole.piece(20.0)) == (None, PIECE)
    assert (cuts.buffer(20.0), cuts.piece(20.0)) == (int(3 * (cuts.rate or 0) * 0.2), SMALL_PIECE)
    assert seen(8_000, 0.2, cuts=(5.0,)).buffer(20.0) == SMALLEST_BUFFER


def test_silence_is_short_on_a_quick_line_and_long_on_a_slow_one() -> None:
    quick, slow = seen(1_000_000, 0.05), seen(4_000, 1.5)
    assert quick.silence_s(30) == quick.answer_s(30, RECORD) == SHORTEST_S
    assert SHORTEST_S < slow.silence_s(30) <= 30
    assert slow.answer_s(30, RECORD) == 30
    assert (LineView().silence_s(30), LineView().answer_s(25, RECORD), LineView().connect_s(10)) == (30, 25, 10)


def test_cuts_of_many_connections_at_once_are_one() -> None:
    line = LineView()
    for at in (10.0, 10.1, 10.4):
        line.cut(at)
    assert line.cut_every(11.0) == 120.0
    assert line.cut_every(1000.0) is None


def test_bodies_shrink_only_when_nothing_of_them_arrives_again_and_again() -> None:
    line = LineView()
    for _ in range(5):
        line.arrived(1_000_000, 40_000)
        line.arrived(20_000, 0)
    assert line.body_limit is None
    line.arrived(1_000_000, 0)
    assert line.body_limit is None, "a line may lose a body once"
    line.arrived(1_000_000, 0)
    assert line.body_limit == 500_000
    line.body_refused(500_000)
    assert line.body_limit == 250_000
    for _ in range(10):
        line.body_refused(250_000)
    assert line.body_limit == SMALLEST_BODY


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("trip"), st.floats(0, 60)),
        st.tuples(st.just("begins"), st.integers(0, 8 << 20)),
        st.tuples(st.just("took"), st.integers(0, 1 << 20)),
        st.tuples(st.just("ends"), st.just(0)),
        st.tuples(st.just("cut"), st.just(0)),
        st.tuples(st.just("arrived"), st.integers(0, 8 << 20)),
        st.tuples(st.just("passes"), st.floats(0, 600)),
    ),
    max_size=40,
)


@given(happenings, st.integers(1, 8))
def test_whatever_happens_the_answers_stay_within_bounds(what: list[tuple[str, float]], offered: int) -> None:
    line, now = LineView(), 0.0
    for kind, value in what:
        if kind == "trip":
            line.round_trip(value)
        elif kind == "begins":
            line.begins(now, int(value))
        elif kind == "took":
            line.took(now, int(value))
        elif kind == "ends":
            line.ends(now)
        elif kind == "cut":
            line.cut(now)
        elif kind == "arrived":
            line.arrived(int(value), 0)
        else:
            now += value
        assert 1 <= line.flows(now, offered) <= offered
        assert 0 < line.connect_s(10) <= 10
        assert SHORTEST_S <= line.silence_s(30) <= 30
        assert SHORTEST_S <= line.answer_s(30, 270_000) <= 30
        assert line.body_limit is None or line.body_limit >= SMALLEST_BODY
        buffer = line.buffer(now)
        assert buffer is None or buffer >= SMALLEST_BUFFER
        assert line.rate is None or line.rate > 0


@given(st.floats(1_000, 10_000_000), st.floats(0.001, 2))
def test_flows_are_enough_to_fill_the_line(rate: float, round_trip: float) -> None:
    line = seen(rate, round_trip, seconds=5)
    assert line.flows(5.0, 10_000) * FLOW_WINDOW >= (line.rate or 0) * round_trip
