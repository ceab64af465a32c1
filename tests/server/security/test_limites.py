"""Limits (rows A1, A2): a guesser is slowed, an owner is not locked out, a clock may jump."""

from __future__ import annotations

import pytest

from server.security.limites import Limite, Limites, network_of

NOW = 1_790_000_000_000


def test_a_bucket() -> None:
    limit = Limite(3, 10_000)
    assert [limit.take("a", NOW) for _ in range(4)] == [0, 0, 0, 10]
    assert limit.take("b", NOW) == 0
    assert limit.take("a", NOW + 10_000) == 0
    assert limit.take("a", NOW + 10_000) > 0
    limit.forget("a")
    assert limit.take("a", NOW + 10_000) == 0


def test_a_clock_that_jumps_gives_no_more_than_the_bucket_holds_and_takes_none_for_ever() -> None:
    limit = Limite(2, 10_000)
    assert [limit.take("a", NOW) for _ in range(3)] == [0, 0, 10]
    assert limit.take("a", NOW - 10**9) > 0
    assert limit.take("a", NOW - 10**9 + 10_000) == 0, "it goes on from the new time"
    assert [limit.take("a", NOW + 10**12) for _ in range(3)][:2] == [0, 0]


def test_a_stranger_does_not_lock_the_owner_out() -> None:
    limits = Limites()
    while not limits.try_enter("203.0.113.7", "ana@ejemplo.mx", NOW):
        pass
    assert limits.try_enter("198.51.100.1", "ANA@ejemplo.mx ", NOW) == 0
    assert limits.try_enter("203.0.113.7", "otra@ejemplo.mx", NOW) == 0


def test_many_addresses_together_are_slowed_too() -> None:
    limits = Limites()
    tries = [limits.try_enter(f"198.51.100.{n % 250}", "ana@ejemplo.mx", NOW) for n in range(200)]
    assert tries.count(0) == 60


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "?"),
        ("testclient", "?"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network
