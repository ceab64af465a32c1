"""The folio: its written form, and what its check character catches (SPEC §2)."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol.errors import RemoteProtocolError
from sync_protocol.folio import Folio, check_character, parse, parse_typed

counters = st.builds(
    Folio,
    st.integers(1, 10**6 - 1),
    st.integers(0, 10**6 - 1),
    st.integers(1, 10**7 - 1),
    st.integers(0, 10**6 - 1),
)

EXAMPLES = (
    Folio(123, 45, 7, 312),
    Folio(1, 0, 1, 0),
    Folio(999999, 999999, 9999999, 999999),
    Folio(908172, 63, 54, 45),
)


@pytest.mark.parametrize(
    ("digits", "check"),
    [
        ("0794", "0"),  # ISO/IEC 7064's own example for MOD 11-2
        ("079", "X"),
        ("000000021825009", "7"),  # ORCID 0000-0002-1825-0097
        ("000000021694233", "X"),  # ORCID 0000-0002-1694-233X
        ("000000015109370", "0"),  # ORCID 0000-0001-5109-3700
        ("", "1"),
    ],
)
def test_published_examples(digits: str, check: str) -> None:
    assert check_character(digits) == check


@given(st.text(alphabet="0123456789", max_size=30))
def test_check_character_is_the_one_that_makes_the_weighted_sum_one(digits: str) -> None:
    """The definition of ISO/IEC 7064, which the code does not use: sum of digit * 2^position = 1 (mod 11)."""
    values = [int(digit) for digit in digits] + [10 if (c := check_character(digits)) == "X" else int(c)]
    assert sum(value * 2**place for place, value in enumerate(reversed(values))) % 11 == 1


def slips(text: str) -> list[tuple[int, str]]:
    """Positions of the digits and of the check character, with what stands there."""
    return [(at, character) for at, character in enumerate(text) if character != "-"]


@pytest.mark.parametrize("folio", EXAMPLES, ids=str)
def test_every_single_wrong_character_is_caught(folio: Folio) -> None:
    text = str(folio)
    tried = 0
    for at, right in slips(text):
        for wrong in "0123456789X" if at == len(text) - 1 else "0123456789":
            if wrong != right:
                with pytest.raises(RemoteProtocolError, match="folio_invalido"):
                    parse(text[:at] + wrong + text[at + 1 :])
                tried += 1
    assert tried == 25 * 9 + 10


def same_weight(one: int, other: int) -> bool:
    """Weights are powers of 2, and 2 has order 10 modulo 11: digits 10 places apart weigh the same."""
    return (one - other) % 10 == 0


def is_in_range(text: str) -> bool:
    return int(text[:6]) > 0 and int(text[14:21]) > 0


def is_read(text: str) -> bool:
    try:
        parse(text)
    except RemoteProtocolError as error:
        return error.code != "folio_invalido"
    return True


@pytest.mark.parametrize("folio", EXAMPLES, ids=str)
def test_every_transposition_is_caught_unless_ten_places_apart(folio: Folio) -> None:
    """Of any two characters, neighbours or not, the check character too. What is not caught is exactly what SPEC says:
    ten places apart, and then only because both texts are folios."""
    text = str(folio)
    for (m, (i, a)), (n, (j, b)) in itertools.combinations(enumerate(slips(text)), 2):
        if a != b:
            swapped = list(text)
            swapped[i], swapped[j] = b, a
            if not same_weight(m, n):
                assert not is_read("".join(swapped)), swapped
            elif b != "X" and is_in_range("".join(swapped)):
                assert is_read("".join(swapped)), swapped


@given(counters, st.integers(0, 25), st.sampled_from("0123456789X"))
def test_any_single_slip_is_caught(folio: Folio, place: int, wrong: str) -> None:
    text = str(folio)
    at, right = slips(text)[place]
    if wrong != right:
        with pytest.raises(RemoteProtocolError, match="folio_invalido"):
            parse(text[:at] + wrong + text[at + 1 :])


@given(counters, st.integers(0, 25), st.integers(0, 25))
def test_any_transposition_is_caught(folio: Folio, one: int, other: int) -> None:
    text = list(str(folio))
    (i, a), (j, b) = slips(str(folio))[one], slips(str(folio))[other]
    if a != b and not same_weight(one, other):
        text[i], text[j] = b, a
        with pytest.raises(RemoteProtocolError, match="folio_invalido"):
            parse("".join(text))


@given(counters)
def test_written_and_read_again(folio: Folio) -> None:
    text = str(folio)
    assert len(text) == 30
    assert parse(text) == folio
    assert parse_typed(text) == folio
    assert parse_typed(f" {text.replace('-', ' ').lower()} ") == folio
    assert parse_typed(text.replace("-", "")) == folio


@given(counters, counters)
def test_the_order_of_texts_is_the_order_of_folios(a: Folio, b: Folio) -> None:
    assert (a < b) == (a.digits < b.digits)


@pytest.mark.parametrize(
    "numbers",
    [
        (0, 1, 1, 1), (10**6, 1, 1, 1), (1, -1, 1, 1), (1, 10**6, 1, 1), (1, 1, 0, 1), (1, 1, 10**7, 1),
        (1, 1, 1, -1), (1, 1, 1, 10**6),
    ],
)  # fmt: skip
def test_no_folio_out_of_range(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(RemoteProtocolError, match="folio_invalido"):
        Folio(*numbers)


@given(st.text(max_size=120))
def test_only_folio_invalido_comes_out_of_any_text(text: str) -> None:
    assert not is_read(text)
    with pytest.raises(RemoteProtocolError, match="folio_invalido"):
        parse_typed(text)
