"""A narrow line by the numbers: rate, delay, queue, loss."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.lines.channel import Channel
from device_sim.lines.profiles import PROFILES, LineProfile

NARROW = LineProfile(bytes_per_s=1000, delay_s=(0.5, 0.5), queue=3000)


def test_bytes_arrive_at_the_rate_of_the_line_and_its_delay_later() -> None:
    channel = Channel(NARROW, random.Random(1))
    assert [channel.put(10.0, 1000) for _ in range(3)] == pytest.approx([11.5, 12.5, 13.5])
    assert channel.put(100.0, 1000) == pytest.approx(101.5), "it was idle: nothing was saved up"
    assert channel.carried == 4000


def test_a_full_queue_loses_packets_and_makes_others_wait() -> None:
    channel = Channel(NARROW, random.Random(1))
    assert [channel.packet(0.0, 1000) is None for _ in range(5)] == [False, False, False, True, True]
    assert channel.backlog(0.0) == pytest.approx(3000)
    assert channel.room_at(0.0) == pytest.approx(0.0)
    channel.put(0.0, 500)
    assert channel.room_at(0.0) == pytest.approx(0.5)
    channel.clear(0.0)
    assert channel.backlog(0.0) == 0


def test_without_a_rate_nothing_waits() -> None:
    channel = Channel(LineProfile(), random.Random(1))
    assert [channel.put(1.0, 10**9), channel.room_at(1.0), channel.backlog(1.0)] == [1.0, 1.0, 0.0]


def test_loss_is_as_often_as_it_says_and_by_seed() -> None:
    profile = LineProfile(loss=0.03)
    lost = [Channel(profile, random.Random(seed)).packet(0.0, 1500) is None for seed in range(2000)]
    assert 30 < sum(lost) < 100
    again = Channel(profile, random.Random(5)), Channel(profile, random.Random(5))
    assert [again[0].packet(0.0, 9) for _ in range(99)] == [again[1].packet(0.0, 9) for _ in range(99)]


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 3000)), max_size=30), st.integers(0, 9))
def test_nothing_overtakes(puts: list[tuple[float, int]], seed: int) -> None:
    channel = Channel(LineProfile(bytes_per_s=5000, delay_s=(0.0, 1.0)), random.Random(seed))
    now, last = 0.0, 0.0
    for wait, size in puts:
        now += wait
        arrives = channel.put(now, size)
        assert arrives >= max(now, last)
        last = arrives


def test_every_profile_says_what_it_is() -> None:
    assert {
        "edge",
        "3g",
        "cortes",
        "cortes6",
        "telefono-muere",
        "portal-cautivo",
        "proxy-1mb",
        "nat",
    } <= PROFILES.keys()
    assert all(profile.about for profile in PROFILES.values())
    assert (PROFILES["edge"].bytes_per_s, PROFILES["3g"].bytes_per_s) == (8_000, 125_000)
