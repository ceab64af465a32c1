"""The shared memory: stretches never overlap, and all that is given back can be taken again in one piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.intake.checkers.arena import PAGE, Arena, Extent

SIZE = 16 * PAGE


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 7 * PAGE), st.integers(0, 100)), max_size=60))
def test_no_two_overlap_and_what_is_given_back_is_whole_again(steps: list[tuple[bool, int, int]]) -> None:
    arena = Arena(SIZE)
    held: list[Extent] = []
    for take, size, which in steps:
        if take:
            extent = arena.take(size)
            if extent is None:
                continue
            assert extent.start % PAGE == 0
            assert extent.start + extent.pages * PAGE <= SIZE
            for other in held:
                apart = (
                    extent.start + extent.pages * PAGE <= other.start
                    or other.start + other.pages * PAGE <= extent.start
                )
                assert apart
            held.append(extent)
        elif held:
            arena.give(held.pop(which % len(held)))
    for extent in held:
        arena.give(extent)
    whole = arena.take(SIZE)
    assert whole == Extent(0, SIZE)
    arena.close()


def test_pieces_become_one_stretch_of_bytes() -> None:
    arena = Arena(SIZE)
    extent = arena.take(7)
    assert extent is not None
    assert bytes(arena.fill(extent, [b"abc", b"", b"defg"])) == b"abcdefg"
    arena.close()


def test_the_lowest_pages_are_used_first() -> None:
    """So that the memory which is really touched stays small."""
    arena = Arena(SIZE)
    first, second = arena.take(1), arena.take(1)
    assert first is not None
    assert second is not None
    arena.give(first)
    assert arena.take(1) == first
    arena.close()


@pytest.mark.parametrize("size", [0, -1, SIZE + 1])
def test_what_can_never_fit_is_an_error(size: int) -> None:
    arena = Arena(SIZE)
    with pytest.raises(ValueError, match=str(size)):
        arena.take(size)
    arena.close()
