"""Agreement of operators on what two people reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.mesa_control.acuerdo import Acuerdos, acuerdos
from tests.server.mesa_control.mesa import Mesa, abierta


@pytest.fixture
def mesa(tmp_path: Path) -> Iterator[Mesa]:
    with abierta(tmp_path) as made:
        made.reglas(segunda_pct=100)
        yield made


def pair(mesa: Mesa, first: tuple[int, str], second: tuple[int, str]) -> int:
    """Two opinions on one registro: `v` or an inciso; returns the second."""
    (revision,) = mesa.en_mesa()
    made = 0
    for cuenta, said in (first, second):
        waiting = mesa.pendiente(mesa.de(revision).apoyo_id)
        assert waiting is not None
        verdict = ("valido", "") if said == "v" else ("inconsistente", said)
        made = mesa.decidir(waiting.id, cuenta, *verdict).dictamen
    return made


def now(mesa: Mesa, desde: int = 0) -> Acuerdos:
    return mesa.do(lambda tx: acuerdos(tx.conn, desde))


def test_kappa_of_each_and_of_all(mesa: Mesa) -> None:
    ana, beto, caro = (mesa.operador() for _ in range(3))
    for n in range(6):
        pair(mesa, (ana, "v" if n % 2 else "g"), (beto, "v" if n % 2 else "g"))
    pair(mesa, (ana, "g"), (beto, "l"))
    pair(mesa, (caro, "v"), (ana, "g"))
    found = now(mesa)
    own = {one.cuenta: one for one in found.operadores}
    assert {cuenta: (one.por_inciso.n, one.por_inciso.iguales) for cuenta, one in own.items()} == {
        ana: (8, 6), beto: (7, 6), caro: (1, 0),
    }  # fmt: skip
    assert found.todos.por_inciso.n == 8
    # Ana against the others: (v,v)3 (g,g)3 (g,l)1 (g,v)1; chance: v 3·4, g 5·3, l 0.
    assert own[ana].por_inciso.kappa == pytest.approx((6 * 8 - 27) / (64 - 27))
    # Valid or not: (v,v)3 (i,i)4 (i,v)1; chance 3·4 + 5·4.
    assert own[ana].por_resultado.kappa == pytest.approx((7 * 8 - 32) / (64 - 32))
    assert own[ana].por_inciso.pocos
    assert sorted(found.difieren) == [("g", "l", 1), ("g", "valido", 1)]


def test_what_was_undone_or_raised_or_is_older_does_not_count(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    assert now(mesa).operadores == ()
    old = pair(mesa, (ana, "v"), (beto, "v"))
    mesa.clock.advance(1)
    assert now(mesa).todos.por_inciso.n == 1
    assert now(mesa, mesa.clock()).todos.por_inciso.n == 0
    mesa.deshacer(old, beto)
    assert now(mesa).todos.por_inciso.n == 0
    (revision,) = mesa.en_mesa()
    mesa.decidir(revision, ana)
    waiting = mesa.pendiente(mesa.de(revision).apoyo_id)
    assert waiting is not None
    mesa.decidir(waiting.id, beto, "elevado", motivo="No está en los criterios")
    assert now(mesa).todos.por_inciso.n == 0
