"""The door when the server is full: who is let in, who waits, and when the others are told to come back (SPEC §10)."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.intake import admission
from server.intake.admission import Admission, Limits, Load, Reason, Refusal, Ticket

CALM = Load(memory=0, disk_free=10**12)


def door(places: int = 2, **limits: object) -> Admission:
    return Admission(Limits(places, 6, 1000, **limits), random.Random(1))  # type: ignore[arg-type]


def enter(gate: Admission, phone: int, now: float = 0.0, load: Load = CALM) -> Ticket:
    return gate.arrive(phone, load, now)[0]


def deliver(gate: Admission, phone: int, now: float, count: int = 1) -> None:
    """So many sobres of this phone are taken."""
    for _ in range(count):
        token = object()
        gate.taking(token, now)
        gate.taken(token, phone, CALM, now, delivered=True)


def test_a_place_that_comes_free_goes_to_the_phone_that_has_had_least() -> None:
    gate = door(places=1)
    inside = enter(gate, 1)
    deliver(gate, 1, 0, count=5)
    deliver(gate, 2, 0, count=1)
    many, one, none = enter(gate, 1, 0.1), enter(gate, 2, 0.2), enter(gate, 3, 0.3)
    order = []
    for leaving in (inside, none, one):
        order += gate.leave(leaving, CALM, 0.5)
    assert order == [none, one, many]


def test_one_with_an_upload_under_way_comes_after_one_without() -> None:
    gate = door(places=2)
    first, other = enter(gate, 1), enter(gate, 9)
    second, newcomer = enter(gate, 1, 0.1), enter(gate, 2, 0.2)
    assert gate.leave(other, CALM, 0.3) == [newcomer]
    assert gate.leave(first, CALM, 0.4) == [second]


def test_waiting_counts_so_nobody_waits_for_ever() -> None:
    gate = door(places=1)
    inside = enter(gate, 1)
    deliver(gate, 1, 0, count=3)
    patient = enter(gate, 1, 0)
    late = 3 * admission.AGE_S + 0.1
    fresh = enter(gate, 2, late)
    assert gate.leave(inside, CALM, late) == [patient]
    assert not fresh.decided


def test_age_is_kept_by_a_phone_that_was_sent_away() -> None:
    gate = door(places=1)
    inside = enter(gate, 1)
    deliver(gate, 5, 0, count=2)
    sent_away = enter(gate, 5, 0)
    assert gate.give_up(sent_away, CALM, 2.0) == [sent_away]
    assert isinstance(sent_away.refusal, Refusal)
    back, fresh = enter(gate, 5, 12.0), enter(gate, 6, 12.0)
    assert gate.leave(inside, CALM, 12.1) == [back]
    assert not fresh.decided


def test_when_the_queue_is_full_the_one_who_has_had_most_is_sent_away() -> None:
    gate = door(places=1, queue=2)
    enter(gate, 1)
    deliver(gate, 2, 0, count=4)
    greedy, first = enter(gate, 2), enter(gate, 3)
    last, decided = gate.arrive(4, CALM, 0.1)
    assert decided == [greedy]
    assert greedy.refusal is not None
    assert greedy.refusal.reason is Reason.PLACES
    assert not first.decided
    assert not last.decided


@pytest.mark.parametrize(("load", "reason"), [(Load(1000, 10**12), Reason.MEMORY), (Load(0, 10**12), Reason.WRITER)])
def test_memory_and_the_writer_close_the_door_with_places_to_spare(load: Load, reason: Reason) -> None:
    gate = door(places=100)
    if reason is Reason.WRITER:
        for _ in range(admission.ALWAYS_TAKEN):
            gate.taking(object(), 0)
    ticket = enter(gate, 1, 5.0, load)
    assert not ticket.decided
    gate.give_up(ticket, load, 7.0)
    assert ticket.refusal is not None
    assert ticket.refusal.reason is reason


def test_what_was_just_taken_does_not_close_the_door() -> None:
    gate = door(places=100)
    for _ in range(admission.ALWAYS_TAKEN * 3):
        gate.taking(object(), 4.0)
    assert enter(gate, 1, 5.0).let_in


def test_the_door_opens_when_the_writer_catches_up() -> None:
    gate = door(places=100)
    tokens = [object() for _ in range(admission.ALWAYS_TAKEN)]
    for token in tokens:
        gate.taking(token, 0)
    waiting = enter(gate, 1, 5.0)
    assert gate.taken(tokens[0], 9, CALM, 5.1, delivered=False) == [waiting]


def test_a_disk_that_is_nearly_full_refuses_at_once_and_late() -> None:
    gate = door(disk_reserve=1000)
    ticket = enter(gate, 1, 0, Load(0, 999))
    assert ticket.refusal is not None
    assert ticket.refusal.reason is Reason.DISK
    assert ticket.refusal.retry_after >= admission.LATEST_S / 2


def test_one_phone_cannot_take_every_place_nor_a_place_in_the_queue_of_the_others() -> None:
    gate = door(places=100)
    for _ in range(6):
        assert enter(gate, 1).let_in
    refused = enter(gate, 1)
    assert refused.refusal is not None
    assert refused.refusal.reason is Reason.PHONE
    assert refused.refusal.retry_after <= 2
    assert gate.outside(0) == 0
    assert gate.at_once(2, 0) == 2


def returns(gate: Admission, phones: int, now: float = 0.0) -> list[int]:
    """When so many phones are told to come back, all refused in the same instant."""
    tickets = [enter(gate, 1000 + n, now) for n in range(phones)]
    for ticket in tickets:
        gate.give_up(ticket, CALM, now)
    return [ticket.refusal.retry_after for ticket in tickets if ticket.refusal is not None]


def test_returns_are_spread_at_the_pace_of_deliveries() -> None:
    gate = door(places=1, queue=10_000)
    enter(gate, 1)
    for n in range(300):
        deliver(gate, 2, n / 20)
    pace = gate.pace(15.0)
    assert pace == pytest.approx(20, rel=0.2)
    told = returns(gate, 400, 15.0)
    assert len(told) == 400
    for second in set(told):
        # Whole seconds: what one of them brings is about what the server delivers in it.
        assert told.count(second) <= 2 * pace
    assert max(told) >= 400 / pace


def test_the_more_are_waiting_the_later_the_next_is_told_to_come() -> None:
    few, many = door(places=1, queue=10_000), door(places=1, queue=10_000)
    enter(few, 1)
    enter(many, 1)
    assert sum(returns(few, 10)) / 10 < sum(returns(many, 200)) / 200


def test_after_a_standstill_returns_stay_within_bounds_and_apart() -> None:
    gate = door(places=1, queue=10_000)
    enter(gate, 1)
    told = returns(gate, 5_000)
    assert all(admission.SOONEST_S <= one <= admission.LATEST_S * 1.25 for one in told)
    late = [one for one in told if one > admission.LATEST_S / 2]
    assert len(set(late)) >= 15, "those beyond the bound must not all come in its last second"


def test_sessions_offer_less_at_once_while_there_is_a_crowd() -> None:
    gate = door(places=1)
    enter(gate, 1)
    assert gate.at_once(2, 0) == 2
    crowd = enter(gate, 2)
    assert gate.at_once(2, 0) == 1
    gate.give_up(crowd, CALM, 2)
    assert gate.at_once(2, 3) == 1
    assert gate.at_once(2, 3 + admission.CALM_S) == 2


def test_a_phone_that_never_came_back_is_forgotten() -> None:
    gate = door(places=1)
    inside = enter(gate, 1)
    gate.give_up(enter(gate, 2), CALM, 2)
    assert gate.outside(3) == 1
    assert gate.longest_wait_s(30) == 30
    gate.leave(inside, CALM, 31)
    assert gate.outside(2 + 3 * admission.LATEST_S) == 0
    assert gate.longest_wait_s(2 + 3 * admission.LATEST_S) == 0


class Crowd:
    """Phones that come, wait, are sent away and return as told, on a clock of their own; each delivers its queue."""

    def __init__(self, phones: int, each: int, places: int, service: float, seed: int) -> None:
        self.rng = random.Random(seed)
        self.gate = Admission(Limits(places, 6, 10**9, queue=64), random.Random(seed))
        self.service = service
        self.left = dict.fromkeys(range(phones), each)
        self.events: list[tuple[float, int, str, int, Ticket | None]] = []
        self.done: dict[int, float] = {}
        self.refused: list[tuple[float, int]] = []
        self.asked: list[float] = []
        self._number = 0
        for phone in range(phones):
            self._at(self.rng.uniform(0, 1), "ask", phone)

    def _at(self, when: float, what: str, phone: int, ticket: Ticket | None = None) -> None:
        self._number += 1
        self.events.append((when, self._number, what, phone, ticket))

    def run(self, until: float) -> None:
        while self.events:
            self.events.sort(reverse=True, key=lambda event: event[:2])
            now, _, what, phone, ticket = self.events.pop()
            if now > until:
                return
            if what == "ask":
                self.asked.append(now)
                ticket, decided = self.gate.arrive(phone, CALM, now)
                if not ticket.decided:
                    self._at(now + self.gate.limits.patience_s, "patience", phone, ticket)
                self._settle(decided, now)
            elif what == "patience" and ticket is not None and not ticket.decided:
                self._settle(self.gate.give_up(ticket, CALM, now), now)
            elif what == "done" and ticket is not None:
                token = object()
                self.gate.taking(token, now)
                self._settle(self.gate.taken(token, phone, CALM, now, delivered=True), now)
                self._settle(self.gate.leave(ticket, CALM, now), now)
                self.left[phone] -= 1
                if self.left[phone]:
                    self._at(now + 0.001, "ask", phone)
                else:
                    self.done[phone] = now

    def _settle(self, decided: list[Ticket], now: float) -> None:
        for ticket in decided:
            if ticket.let_in:
                self._at(now + self.service, "done", ticket.phone, ticket)
            elif ticket.refusal is not None:
                self.refused.append((now, ticket.refusal.retry_after))
                self._at(now + ticket.refusal.retry_after + self.rng.uniform(0, 0.5), "ask", ticket.phone)


@given(st.integers(1, 60), st.integers(1, 6), st.integers(1, 8), st.integers(0, 2**16))
def test_every_phone_delivers_everything_whatever_the_crowd(phones: int, each: int, places: int, seed: int) -> None:
    crowd = Crowd(phones, each, places, service=0.1, seed=seed)
    crowd.run(until=3600)
    assert not any(crowd.left.values())
    assert crowd.gate.active == 0
    assert crowd.gate.waiting == 0
    assert crowd.gate.outside(3600) == 0


def test_the_first_sobre_of_everyone_comes_before_the_tenth_of_anyone() -> None:
    """A phone with nothing yet goes before one with many: within a crowd, the halves end close to each other."""
    crowd = Crowd(phones=200, each=10, places=4, service=0.05, seed=7)
    crowd.run(until=3600)
    ended = sorted(crowd.done.values())
    assert len(ended) == 200
    mean = sum(ended) / len(ended)
    jain = sum(ended) ** 2 / (len(ended) * sum(one * one for one in ended))
    assert jain > 0.9, (jain, mean)


def test_the_door_is_kept_busy_and_nobody_comes_in_a_stampede() -> None:
    crowd = Crowd(phones=300, each=4, places=4, service=0.05, seed=3)
    crowd.run(until=3600)
    capacity = 4 / 0.05
    assert max(crowd.done.values()) < 2 * 300 * 4 / capacity
    # Everyone comes in the first second; after that no second sees more than a few times what the door can do.
    seconds: dict[int, int] = {}
    for when in crowd.asked:
        seconds[math.floor(when)] = seconds.get(math.floor(when), 0) + 1
    assert seconds[0] >= 300
    assert max(count for second, count in seconds.items() if second > 1) < 3 * capacity
