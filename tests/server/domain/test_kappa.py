"""Cohen's kappa against values printed elsewhere, and its edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.kappa import cohen


def table(aa: int, ab: int, ba: int, bb: int) -> dict[tuple[str, str], int]:
    return {("a", "a"): aa, ("a", "b"): ab, ("b", "a"): ba, ("b", "b"): bb}


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        (table(20, 5, 10, 15), 0.4),  # the worked example of the encyclopedias: po 0.7, pe 0.5
        (table(45, 15, 25, 15), 0.1304),  # two tables with the same agreement …
        (table(25, 35, 5, 35), 0.2593),  # … and another kappa
        (table(0, 10, 10, 0), -1.0),
        (table(25, 25, 25, 25), 0.0),
        # Cohen 1960, table 1: three categories, po 0.29 + 0.00 … as proportions of 200.
        ({("1", "1"): 88, ("1", "2"): 14, ("1", "3"): 18, ("2", "1"): 10, ("2", "2"): 40, ("2", "3"): 10,
          ("3", "1"): 2, ("3", "2"): 6, ("3", "3"): 12}, 0.492),
    ],
)  # fmt: skip
def test_known_values(pairs: dict[tuple[str, str], int], kappa: float) -> None:
    assert cohen(pairs).kappa == pytest.approx(kappa, abs=5e-4)


def test_always_the_same_with_two_categories_is_one() -> None:
    found = cohen(table(3, 0, 0, 9))
    assert (found.kappa, found.proporcion, found.n, found.pocos) == (1.0, 1.0, 12, True)


def test_not_defined() -> None:
    assert cohen({}).kappa is cohen({}).proporcion is None
    assert cohen(table(50, 0, 0, 0)).kappa is None
    assert cohen(table(50, 0, 0, 0)).pocos is False
    assert cohen(table(0, 50, 0, 0)).kappa == 0.0


counts = st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), st.integers(0, 50), max_size=16)


@given(counts)
def test_it_lies_between_and_does_not_care_who_is_first(pairs: dict[tuple[str, str], int]) -> None:
    found = cohen(pairs)
    turned = cohen({(b, a): n for (a, b), n in pairs.items()})
    assert (found.n, found.iguales) == (turned.n, turned.iguales)
    if found.kappa is None or turned.kappa is None:
        assert found.kappa is turned.kappa
    else:
        assert -1.0 <= found.kappa <= 1.0
        assert found.kappa == pytest.approx(turned.kappa)
        assert (found.kappa == 1.0) is (found.iguales == found.n)
