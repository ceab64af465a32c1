"""The law of the queue, over its whole table: nothing is deleted without a verified acuse (SPEC §8.5)."""

from __future__ import annotations

import itertools

import pytest

from sync_protocol.errors import LocalProtocolError
from sync_protocol.queue import TRANSITIONS, EstadoCola, Suceso, advance, to_offer

E, S = EstadoCola, Suceso


def test_borrado_from_acusado_only_and_acusado_by_a_verified_acuse_only() -> None:
    for (state, event), then in TRANSITIONS.items():
        if then is E.BORRADO:
            assert (state, event) == (E.ACUSADO, S.ELIMINADO)
        if then is E.ACUSADO and state is not E.ACUSADO:
            assert event is S.ACUSE_VERIFICADO
        assert state is not E.BORRADO, "what is deleted stays deleted"


def test_every_pair_is_in_the_table_or_is_a_bug_of_the_phone() -> None:
    for state, event in itertools.product(E, S):
        if (state, event) in TRANSITIONS:
            assert advance(state, event) is TRANSITIONS[state, event]
        else:
            with pytest.raises(LocalProtocolError, match="interno"):
                advance(state, event)


def reachable(state: EstadoCola, without: Suceso | None = None) -> set[EstadoCola]:
    found, open_ = {state}, [state]
    while open_:
        at = open_.pop()
        for (from_, event), then in TRANSITIONS.items():
            if from_ is at and event is not without and then not in found:
                found.add(then)
                open_.append(then)
    return found


def test_no_path_to_borrado_without_a_verified_acuse() -> None:
    for state in set(E) - {E.ACUSADO, E.BORRADO}:
        assert not {E.ACUSADO, E.BORRADO} & reachable(state, without=S.ACUSE_VERIFICADO), state


def test_every_state_is_reached_and_every_one_leads_to_borrado() -> None:
    assert reachable(E.CAPTURADO) == set(E)
    for state in E:
        assert E.BORRADO in reachable(state), f"{state} would stay on the phone for ever"


def test_whatever_the_manifest_lists_may_be_listed() -> None:
    """Everything still on the phone is offered, so the table must take it; an acuse stands, it is not offered away."""
    for state in E:
        assert to_offer(state) == ((state, S.EN_MANIFIESTO) in TRANSITIONS)
    assert advance(E.ACUSADO, S.EN_MANIFIESTO) is E.ACUSADO
