"""Claim, hold, release, expiry; and that two people never hold the same, whoever asks at the same time."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.errors import AppError
from server.mesa_control import bandeja
from server.store import carga, revisiones
from tests.server.mesa_control.mesa import Mesa, abierta

MINUTO = 60_000


@pytest.fixture
def mesa(tmp_path: Path) -> Iterator[Mesa]:
    with abierta(tmp_path) as made:
        yield made


def refused(code: str) -> pytest.RaisesExc[AppError]:
    return pytest.RaisesExc(AppError, check=lambda error: error.code == code)


def test_the_first_limit_goes_first_and_own_work_before_anybodys(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    old = mesa.en_mesa(2)
    mesa.clock.advance(MINUTO)
    new = mesa.en_mesa(2)
    mesa.do(lambda tx: revisiones.asignar(tx.conn, [new[1]], ana, tx.now_ms))
    mesa.do(lambda tx: revisiones.asignar(tx.conn, [old[1]], beto, tx.now_ms))
    taken: list[int] = []
    for _ in range(4):
        one = mesa.siguiente(ana, *taken)
        taken += [one.id] if one else []
    assert taken == [new[1], old[0], new[0]]
    assert mesa.siguiente(beto).id == old[1]  # type: ignore[union-attr]


def test_a_page_that_was_closed_finds_its_work_again(mesa: Mesa) -> None:
    ana = mesa.operador()
    mesa.en_mesa(3)
    first = mesa.siguiente(ana)
    assert first is not None
    assert mesa.siguiente(ana) == first
    second = mesa.siguiente(ana, first.id)
    assert second is not None
    assert second.id != first.id


def test_a_hold_ends_by_itself(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.reclamar(revision, ana)
    with refused("revision_ajena"):
        mesa.reclamar(revision, beto)
    assert mesa.siguiente(beto) is None
    mesa.clock.advance(19 * MINUTO)
    held = mesa.do(lambda tx: bandeja.mantener(tx, revision, ana))
    assert held.vence_ms == mesa.clock() + 20 * MINUTO
    mesa.clock.advance(20 * MINUTO - 1)
    assert mesa.siguiente(beto) is None
    mesa.clock.advance(1)
    assert mesa.siguiente(beto).id == revision  # type: ignore[union-attr]
    with refused("revision_ajena"):
        mesa.do(lambda tx: bandeja.mantener(tx, revision, ana))
    assert [row["actor"] for row in mesa.caja.events("revision_reclamada")] == [f"cuenta:{ana}", f"cuenta:{beto}"]


def test_release_and_tidying_are_on_the_record(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    first, second = mesa.en_mesa(2)
    mesa.reclamar(first, ana)
    mesa.do(lambda tx: bandeja.soltar(tx, first, beto))
    assert mesa.de(first).reclamada_por == ana
    mesa.do(lambda tx: bandeja.soltar(tx, first, ana))
    mesa.do(lambda tx: bandeja.soltar(tx, first, ana))
    assert mesa.de(first).reclamada_por is None
    mesa.reclamar(second, ana)
    assert mesa.do(bandeja.vencer) == 0
    mesa.clock.advance(20 * MINUTO)
    assert (mesa.do(bandeja.vencer), mesa.do(bandeja.vencer)) == (1, 0)
    assert [row["actor"] for row in mesa.caja.events("revision_soltada")] == [f"cuenta:{ana}", "sistema"]


def test_what_is_anothers_cannot_be_claimed(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.do(lambda tx: revisiones.asignar(tx.conn, [revision], ana, tx.now_ms))
    with refused("revision_ajena"):
        mesa.reclamar(revision, beto)
    with refused("no_encontrado"):
        mesa.reclamar(revision + 1, beto)
    mesa.decidir(revision, ana)
    with refused("revision_hecha"):
        mesa.reclamar(revision, beto)


def test_one_waits_for_each_apoyo(mesa: Mesa) -> None:
    (apoyo,) = mesa.apoyos()
    mesa.revision(apoyo)
    assert mesa.do(lambda tx: revisiones.add(tx.conn, apoyo, 1, "segunda", 1, 2)) is None
    with pytest.raises(sqlite3.IntegrityError):
        mesa.do(
            lambda tx: tx.conn.execute(
                "INSERT INTO revisiones (apoyo_id, solicitud, ronda, estado, entrada_ms, limite_ms) "
                "VALUES (?, 1, 'segunda', 'pendiente', 1, 2)", (apoyo,),
            )
        )  # fmt: skip


def test_many_at_once_never_hold_the_same(mesa: Mesa) -> None:
    """Twelve people at sixty registros, each on a thread of their own, claiming, releasing, deciding."""
    people = [mesa.operador() for _ in range(12)]
    mesa.en_mesa(60)
    wrong: list[str] = []
    holders: dict[int, int] = {}
    decided: list[int] = []
    lock = threading.Lock()
    start = threading.Barrier(len(people))

    def work(cuenta: int) -> None:
        start.wait()
        for turn in range(200):
            one = mesa.siguiente(cuenta)
            if one is None:
                break
            with lock:
                if holders.get(one.id, cuenta) != cuenta:
                    wrong.append(f"{one.id}: {holders[one.id]} y {cuenta}")
                holders[one.id] = cuenta
            if (turn + cuenta) % 3 == 0:
                with lock:  # said before it is free, so that nobody is blamed who came after
                    del holders[one.id]
                    mesa.do(lambda tx, id_=one.id: bandeja.soltar(tx, id_, cuenta))  # type: ignore[misc]
            else:
                mesa.decidir(one.id, cuenta)
                with lock:
                    decided.append(one.id)
                    del holders[one.id]

    threads = [threading.Thread(target=work, args=(cuenta,)) for cuenta in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(decided) == len(set(decided))
    # Whoever found nothing while others held the last ones has left; what was released then is still there.
    left = mesa.value("SELECT count(*) FROM revisiones WHERE estado = 'pendiente'")
    assert len(decided) + left == 60
    assert mesa.value("SELECT count(*) FROM dictamenes") == len(decided)
    assert mesa.do(lambda tx: carga.descuadres(tx.conn)) == []
