"""The arithmetic of the bench's report: ratios within a round, medians, and the aims."""

from __future__ import annotations

import pytest

from bench.ingest import ratios, report
from bench.ingest.measure import Measured, percentile
from bench.ingest.ratios import Spread


def run(target: str, rate: float, number: int = 1, phones: int = 64, p95: float = 10.0) -> Measured:
    return Measured(
        target=target, label=target, phones=phones, round=number, records=100, seconds=1.0, rate=rate, p50_ms=5.0,
        p95_ms=p95, p99_ms=30.0, cpu_ms=1.5, client_cpu_ms=0.2, memory_peak_mb=100.0, memory_opened_mb=90.0,
        memory_closed_mb=91.0,
    )  # fmt: skip


def test_a_ratio_is_taken_within_each_round() -> None:
    # The second round was three times slower for both: of medians it would be 200/100, of rounds it is not.
    runs = [run("acopio", 300), run("tus", 100), run("acopio", 80, 2), run("tus", 40, 2), run("acopio", 200, 3)]
    runs.append(run("tus", 160, 3))
    assert ratios.ratio(runs, "acopio", "tus", 64) == Spread(2.0, 1.25, 3.0)


def test_rounds_that_lack_one_of_the_two_do_not_count() -> None:
    runs = [run("acopio", 300), run("acopio", 100, 2), run("tus", 50, 2), run("tus", 1, 2, phones=8)]
    assert ratios.ratio(runs, "acopio", "tus", 64) == Spread(2.0, 2.0, 2.0)
    assert ratios.ratio(runs, "acopio", "nginx", 64) is None


def test_the_table_has_a_column_for_each_that_was_there() -> None:
    runs = [run("acopio", 300), run("tus", 100), run("limit", 600), run("acopio2", 200), run("tus", 100, phones=8)]
    head, acopio, second = ratios.table(runs).splitlines()
    assert head.split()[-4:] == ["x", "tus", "x", "limit"]
    assert "3.00 (3.00-3.00)" in acopio
    assert "0.50 (0.50-0.50)" in acopio
    assert second.split()[:6] == ["acopio", "+", "second", "copy,", "64", "phones"]


def test_a_cell_without_figures_says_so() -> None:
    runs = [run("acopio", 300), run("acopio", 100, phones=8), run("tus", 100, phones=8)]
    _, eight, many = ratios.table(runs).splitlines()
    assert eight.endswith("1.00 (1.00-1.00)")
    assert many.endswith("   -")


@pytest.mark.parametrize(
    ("ours", "second", "p95", "verdicts"),
    [
        (450, 270, 19.9, ["reached"] * 5),
        (219, 131, 20.0, ["NOT reached"] * 5),
    ],
)
def test_aims_are_reached_at_their_bounds_and_not_beside_them(
    ours: float, second: float, p95: float, verdicts: list[str]
) -> None:
    tus, work, limit = 450 / 2.2, 100, 750
    runs = [run("acopio", ours), run("tus", tus), run("tus_work", work), run("limit", limit), run("acopio2", second)]
    runs.append(run("acopio", 100, phones=8, p95=p95))
    _, *lines = ratios.aims(runs).splitlines()
    assert [line.split("   ")[-1] for line in lines] == verdicts


def test_an_aim_that_was_not_measured_is_not_judged() -> None:
    assert ratios.aims([run("acopio", 100), run("nginx", 50)]) == ""
    assert len(ratios.aims([run("acopio", 100), run("tus", 50)]).splitlines()) == 2


def test_the_comparison_has_medians_and_extremes_of_the_rates() -> None:
    runs = [run("acopio", 300), run("acopio", 100, 2), run("acopio", 120, 3)]
    head, row = report.comparison(runs).splitlines()
    assert head.startswith("64 phones")
    assert row.split()[:3] == ["acopio", "120", "(100-300)"]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 51), (0.95, 96), (0.99, 100), (1.0, 100)])
def test_percentiles(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(1, 101)], share) == expected
