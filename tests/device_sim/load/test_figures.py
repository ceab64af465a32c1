"""Figures, graphs and the page of a load, from results that are known."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.load import charts, report
from device_sim.load.plan import LoadPlan, arrivals
from device_sim.load.results import Event, LoadResult, PhoneOutcome, ServerSample, Tick, jain, percentile


def plan(**changes: object) -> LoadPlan:
    values: dict[str, object] = {
        "phones": 2, "records": 1, "line": "3g", "pattern": "surge", "window_s": 10.0, **changes,
    }  # fmt: skip
    return LoadPlan(**values)  # type: ignore[arg-type]


def result(**changes: object) -> LoadResult:
    """Two phones in two processes, two sobres each; all is well."""
    ticks = [
        [Tick(1.0, acuses=1, requests=4, in_flight=1, deliveries=[(0.9, 0.5)]), Tick(3.0, acuses=2, requests=6)],
        [Tick(2.0, acuses=2, refused=1, honoured=1, retry_after_s=3.0, deliveries=[(1.5, 2.0), (1.9, 1.0)])],
    ]
    phones = [PhoneOutcome(1, 0.0, 3.0, 2, 2, 2, 0, 0, 0), PhoneOutcome(2, 1.0, 2.0, 2, 2, 2, 0, 0, 0)]
    server = [ServerSample(t, cpu_s=10 + t / 2, rss_mb=80 + t) for t in (1.0, 2.0, 3.0)]
    values: dict[str, object] = {
        "plan": plan(), "line": "3g", "began": "2026-11-21T12:00:00+00:00", "machine": "2 procesadores",
        "seconds": 4.0, "ticks": ticks, "phones": phones, "server": server,
        "events": [Event(2.0, "kill -9 <del> servidor")], "own_server": True, "stored": 4, **changes,
    }  # fmt: skip
    return LoadResult(**values)  # type: ignore[arg-type]


def test_counters_of_processes_add_up_and_levels_keep_their_last_value() -> None:
    made = result()
    assert made.total("acuses") == 4
    assert made.series("acuses", 1.0) == [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 1.0), (4.0, 0.0)]
    assert sum(value for _, value in made.series("requests", 2.0)) * 2 == 6
    assert made.level("in_flight", 1.0)[1:4] == [(1.0, 1.0), (2.0, 1.0), (3.0, 0.0)]
    assert made.cpu_series() == [(2.0, 0.5), (3.0, 0.5)]
    assert made.percentile_series("deliveries", 0.5, 1.0) == [(0.0, 0.5), (1.0, 1.0)]


def test_all_well_is_said_only_when_it_is() -> None:
    assert result().complete
    assert report.verdict(result()).startswith("Los 4 sobres se entregaron")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"stored": 5}, "el diario tiene +1 sobres"),
        ({"phones": [PhoneOutcome(1, 0, 3, 2, 2, 1, 1, 0, 0)], "stored": 2}, "1 sobres borrados de un teléfono sin"),
        ({"phones": [PhoneOutcome(1, 0, None, 2, 1, 1, 0, 0, 0)], "stored": 1}, "1 sobres siguen en sus teléfonos"),
        ({"ticks": [[Tick(1.0, too_soon=2)]]}, "2 regresos antes de lo pedido"),
        ({"trouble": "El servidor no pudo iniciar."}, "El servidor no pudo iniciar."),
        ({"phones": [], "stored": 0}, "no se entregó nada"),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, object], said: str) -> None:
    made = result(**changes)
    assert not made.complete
    assert said in report.verdict(made)


def test_the_page_needs_nothing_from_elsewhere_and_every_graph_can_be_read_without_its_drawing() -> None:
    page = report.html(result())
    assert re.findall(r"(?:src|href)=|@import|url\(|<script|https?://", page) == []
    assert 'lang="es-MX"' in page
    assert "kill -9 &lt;del&gt; servidor" in page
    drawn = re.findall(r"<svg viewBox=[^>]*role=\"img\".*?</svg>", page, flags=re.DOTALL)
    assert len(drawn) == len(report.graphs(result())) > 8
    for one in drawn:
        ElementTree.fromstring(one)
    for graph in report.graphs(result()):
        assert f'aria-describedby="{graph.id}-texto"' in page
        assert f'<figcaption id="{graph.id}-texto">' in page
    assert page.count("<details>") == len(drawn)


def test_the_json_holds_the_same_figures() -> None:
    read = msgspec.json.decode(msgspec.json.encode(report.as_json(result())))
    assert read["cifras"] == msgspec.json.decode(msgspec.json.encode(result().summary()))
    assert (read["cifras"]["perdidos"], read["cifras"]["completo"]) == (0, True)
    assert len(read["telefonos"]) == 2


def test_an_empty_run_still_makes_a_page() -> None:
    page = report.html(result(ticks=[[], []], phones=[], server=[], events=[], stored=None, seconds=0.2))
    assert "sin datos" in page


@given(st.floats(0.001, 1e6))
def test_axes_hold_every_value_and_stay_few(value: float) -> None:
    assert value <= charts.nice(value) <= 10 * value
    assert 1 <= len(charts.steps(min(value, 20_000))) <= 8


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 1e4)), max_size=40))
def test_a_line_stays_inside_its_graph(points: list[tuple[float, float]]) -> None:
    graph = charts.draw("g", "Título", "s", [charts.Line("una", sorted(points))], 60)
    for x, y in re.findall(r"[ML]([\d.-]+),([\d.-]+)", graph.lines[0][1]):
        assert graph.left <= float(x) <= graph.right
        assert graph.top - 0.1 <= float(y) <= graph.bottom + 0.1


def test_percentiles_and_fairness() -> None:
    assert [percentile([4, 1, 3, 2], share) for share in (0.25, 0.5, 0.99, 1.0)] == [1, 2, 4, 4]
    assert percentile([], 0.5) == 0
    assert jain([5, 5, 5]) == 1
    assert jain([9, 0, 0]) == pytest.approx(1 / 3)
    assert jain([]) == 1


@given(st.integers(1, 300), st.integers(0, 1000), st.sampled_from(["surge", "steady", "ramp"]))
def test_everyone_arrives_within_the_window_and_the_same_seed_gives_the_same_night(
    phones: int, seed: int, pattern: str
) -> None:
    night = plan(phones=phones, seed=seed, pattern=pattern, window_s=100.0)
    when = arrivals(night)
    assert len(when) == phones
    assert all(0 <= at <= night.last_arrival_s for at in when)
    assert when == arrivals(night)


def test_a_surge_grows_until_the_end_and_some_come_after_it() -> None:
    when = arrivals(plan(phones=2000, window_s=100.0))
    before = [at for at in when if at < 100]
    assert len([at for at in before if at > 75]) > 2 * len([at for at in before if at < 50])
    assert 0.15 < 1 - len(before) / 2000 < 0.25
