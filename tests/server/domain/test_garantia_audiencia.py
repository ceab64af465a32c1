"""The rules of hearings: stages, hours between two of one day, the spread of registros, the pace."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.clock import CENTRO
from server.domain.garantia_audiencia import (
    MINUTO,
    TRANSICIONES,
    Acto,
    Cita,
    Estado,
    conflictos,
    despues,
    repartir,
    ritmo,
)


def at(text: str) -> int:
    """An instant of hora del centro."""
    return int(datetime.strptime(text, "%d %H:%M").replace(2026, 11, tzinfo=CENTRO).timestamp() * 1000)


def test_every_act_in_every_stage() -> None:
    allowed = {
        "solicitada": {"modificar", "desistir", "programar"},
        "programada": {"programar", "revisores", "desistir", "iniciar"},
        "en_desahogo": {"revisores", "revisar", "continuar", "concluir"},
        "concluida": set(),
        "desistida": set(),
    }
    for estado, acto in product(Estado, Acto):
        assert (despues(estado, acto) is not None) == (acto.value in allowed[estado]), (estado, acto)


def test_what_is_over_stays_over_and_every_stage_can_be_reached() -> None:
    assert {estado for estado, _ in TRANSICIONES} == {estado for estado in Estado if estado.abierta}
    assert set(TRANSICIONES.values()) == set(Estado)


@pytest.mark.parametrize(
    ("nueva", "otra", "entre"),
    [
        # 18:00 hora del centro is the next day in UTC: one day for people, two for the clock.
        ("22 17:00", "22 18:30", 30),
        ("22 19:30", "22 18:00", 30),
        ("22 17:00", "22 18:59", 59),
        ("22 17:00", "22 19:00", None),
        ("22 10:00", "22 10:00", -60),
        ("22 10:00", "22 10:30", -30),
        # 00:20 is another day, though the clock of UTC says it is the same; at midnight the first one has just ended.
        ("22 23:00", "23 00:20", None),
        ("22 22:50", "23 00:00", None),
        ("22 23:00", "23 00:00", None),
        # One that goes on past midnight is of both days.
        ("22 23:30", "23 01:00", 30),
        ("23 00:10", "22 23:30", -20),
    ],
)
def test_an_hour_between_two_of_one_day(nueva: str, otra: str, entre: int | None) -> None:
    found = conflictos(Cita(1, at(nueva), 60), [Cita(2, at(otra), 60)])
    assert [one.entre_ms // MINUTO for one in found] == ([] if entre is None else [entre])


def test_conflicts_say_whether_somebody_is_in_both_and_a_hearing_is_none_with_itself() -> None:
    new = Cita(1, at("22 10:00"), 60, (7, 8))
    others = [Cita(3, at("22 11:30"), 60, (9,)), Cita(2, at("22 11:10"), 60, (8,)), new]
    found = conflictos(new, others)
    assert [(one.otra.id, one.comparten) for one in found] == [(2, True), (3, False)]
    assert len({one.codigo for one in found}) == 2


def test_accepting_a_conflict_accepts_that_hour_only() -> None:
    new = Cita(1, at("22 10:00"), 60)
    [before], [after] = (conflictos(new, [Cita(2, at(hour), 60)]) for hour in ("22 11:10", "22 11:20"))
    assert before.codigo != after.codigo


@given(st.lists(st.integers(1, 10_000), unique=True), st.lists(st.integers(1, 50), min_size=1, unique=True))
def test_spread_is_whole_even_and_keeps_neighbours(registros: list[int], revisores: list[int]) -> None:
    found = repartir(registros, revisores)
    assert list(found) == registros
    loads = [list(found.values()).count(one) for one in revisores]
    assert sum(loads) == len(registros)
    assert max(loads) - min(loads) <= 1
    changes = sum(found[a] != found[b] for a, b in pairwise(registros))
    assert changes == max(0, sum(load > 0 for load in loads) - 1)


def test_nobody_to_spread_to() -> None:
    with pytest.raises(ValueError, match="no hay"):
        repartir([1], [])


def test_pace_tells_what_will_be_late_before_it_is() -> None:
    start = at("22 10:00")
    none_yet = ritmo(0, 30, desde_ms=start, ahora_ms=start + MINUTO, termina_ms=start + 60 * MINUTO)
    assert (none_yet.por_registro_ms, none_yet.fin_ms, none_yet.tarde_ms) == (None, None, 0)
    good = ritmo(10, 20, desde_ms=start, ahora_ms=start + 20 * MINUTO, termina_ms=start + 60 * MINUTO)
    assert (good.por_registro_ms, good.fin_ms, good.tarde_ms) == (2 * MINUTO, start + 60 * MINUTO, 0)
    late = ritmo(5, 20, desde_ms=start, ahora_ms=start + 20 * MINUTO, termina_ms=start + 60 * MINUTO)
    assert late.tarde_ms == 40 * MINUTO
    over = ritmo(0, 1, desde_ms=start, ahora_ms=start + 70 * MINUTO, termina_ms=start + 60 * MINUTO)
    assert over.tarde_ms == 10 * MINUTO
    assert ritmo(9, 0, desde_ms=start, ahora_ms=start + 90 * MINUTO, termina_ms=start + 60 * MINUTO).tarde_ms == 0
