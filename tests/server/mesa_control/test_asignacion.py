"""Assigning by hand and balanced; taking back; counters that follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from server.errors import AppError
from server.mesa_control import asignacion
from server.mesa_control.asignacion import Plan
from server.security import cuentas
from server.store import carga
from server.store.revisiones import Filtro
from tests.server.mesa_control.mesa import Mesa, abierta

DIA = 86_400_000


@pytest.fixture
def mesa(tmp_path: Path) -> Iterator[Mesa]:
    with abierta(tmp_path) as made:
        yield made


def plan(mesa: Mesa, *cuentas: int, filtro: Filtro | None = None, cuantas: int = 1_000) -> Plan:
    return mesa.do(lambda tx: asignacion.planear(tx.conn, filtro or Filtro(), cuentas, cuantas, tx.now_ms))


def do(mesa: Mesa, made: Plan, por: int = 1) -> int:
    return sum(
        mesa.do(lambda tx, to=who, some=ids: asignacion.asignar(tx, some, to, por))  # type: ignore[misc]
        for who, ids in made.piezas()
    )


def load(mesa: Mesa, cuenta: int) -> int:
    return mesa.do(lambda tx: carga.por_operador(tx.conn)).get(cuenta, (0, 0))[0]


def test_balanced_by_what_they_have_the_first_limit_first(mesa: Mesa) -> None:
    ana, beto, caro = (mesa.operador() for _ in range(3))
    first = mesa.en_mesa(4)
    mesa.do(lambda tx: asignacion.asignar(tx, first, ana, beto))
    mesa.clock.advance(DIA)
    old = mesa.en_mesa(4)
    mesa.clock.advance(DIA)
    mesa.en_mesa(6)
    made = plan(mesa, ana, beto, caro, cuantas=8)
    assert made.cargas == {ana: 4, beto: 0, caro: 0}
    assert {who: len(ids) for who, ids in made.reparto.para.items()} == {ana: 0, beto: 4, caro: 4}
    assert set(old) <= {id_ for ids in made.reparto.para.values() for id_ in ids}
    assert do(mesa, made) == made.total == 8
    assert [load(mesa, who) for who in (ana, beto, caro, 0)] == [4, 4, 4, 2]
    assert do(mesa, made) == 0, "done twice, it is done once"
    events = mesa.caja.events("revision_asignada")
    assert [event["objeto"] for event in events] == [f"cuenta:{who}" for who in (ana, beto, caro)]


def test_nothing_that_somebody_holds_is_taken(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    held, free = mesa.en_mesa(2)
    mesa.reclamar(held, ana)
    made = plan(mesa, beto)
    assert made.reparto.para == {beto: (free,)}
    mesa.reclamar(free, ana)
    assert do(mesa, made) == 0, "claimed between the plan and the order"
    assert mesa.do(lambda tx: asignacion.asignar(tx, [held], ana, beto)) == 1, "one's own can be made one's own"
    assert mesa.do(lambda tx: asignacion.liberar(tx, ana, beto)) == 0
    mesa.clock.advance(20 * 60_000)
    assert mesa.do(lambda tx: asignacion.liberar(tx, ana, beto)) == 1
    assert load(mesa, ana) == 0


def test_by_aspirante_age_and_from_somebody(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    old = mesa.en_mesa(3)
    mesa.clock.advance(3 * DIA)
    new = mesa.en_mesa(3)
    assert plan(mesa, ana, filtro=Filtro(hasta_ms=mesa.clock() + 8 * DIA)).reparto.para[ana] == tuple(old)
    assert plan(mesa, ana, filtro=Filtro(solicitud=mesa.solicitud)).total == 6
    assert plan(mesa, ana, filtro=Filtro(solicitud=mesa.solicitud + 1)).total == 0
    do(mesa, plan(mesa, ana))
    assert plan(mesa, beto).total == 0
    made = plan(mesa, ana, beto, filtro=Filtro(de=ana))
    assert made.cargas == {ana: 0, beto: 0}
    do(mesa, made)
    assert (load(mesa, ana), load(mesa, beto)) == (3, 3)
    assert {one for one in (*old, *new) if mesa.de(one).asignada_a == beto} == {old[1], new[0], new[2]}
    assert plan(mesa, beto, filtro=Filtro(de=None)).total == 6


def test_nobody_gets_a_second_opinion_on_their_own(mesa: Mesa) -> None:
    mesa.reglas(segunda_pct=100)
    ana, beto = mesa.operador(), mesa.operador()
    for revision in mesa.en_mesa(3):
        mesa.decidir(revision, ana)
    assert len(plan(mesa, ana).reparto.sobran) == 3
    made = plan(mesa, ana, beto)
    assert (len(made.reparto.para[ana]), len(made.reparto.para[beto])) == (0, 3)


def test_only_who_may_review_gets_work(mesa: Mesa) -> None:
    ana, jefa = mesa.operador(), mesa.operador(Rol.ADMINISTRACION)
    ayuda = mesa.operador(Rol.AYUDA)
    (revision,) = mesa.en_mesa()
    mesa.do(lambda tx: cuentas.suspend(tx, ana, jefa, "Prueba"))
    for cuenta in (ana, ayuda, 999):
        with pytest.raises(AppError, match="operador_inactivo"):
            mesa.do(lambda tx, to=cuenta: asignacion.asignar(tx, [revision], to, jefa))  # type: ignore[misc]
        with pytest.raises(AppError, match="operador_inactivo"):
            plan(mesa, cuenta)
    with pytest.raises(AppError, match="operador_inactivo"):
        plan(mesa)
    assert do(mesa, plan(mesa, jefa)) == 1


def test_counters_survive_a_deleted_apoyo(mesa: Mesa) -> None:
    mesa.en_mesa(3)
    mesa.do(lambda tx: tx.conn.execute("DELETE FROM apoyos WHERE id = (SELECT min(id) FROM apoyos)"))
    assert mesa.do(lambda tx: carga.por_dia(tx.conn))[0][1] == 2
