"""What the replica asks of the writer: a turn of its own between groups, and no checkpoint while Litestream lives."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from server.diario.cadena import Diario
from server.errors import AppError
from server.store import bitacora
from server.store.connection import Connection, truncate_wal
from server.store.migrations import migrate
from server.store.writer import Tx, Writer
from tests.factories import FrozenClock


def opened(folder: Path) -> Writer:
    diario = Diario(folder / "diario")
    diario.prepare()
    writer = Writer(folder / "indice.db", diario, FrozenClock())
    migrate(writer.conn)
    writer.start()
    return writer


def event(tx: Tx) -> None:
    bitacora.append(tx.conn, 1, "prueba", "prueba", "", "{}")


def test_a_turn_comes_between_groups_outside_a_transaction(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    gate = threading.Event()
    order: list[object] = []
    writer.submit(lambda tx: gate.wait(10), lambda result: order.append("grupo 1"))
    while writer.waiting:
        pass
    writer.submit(event, lambda result: order.append("grupo 2"))

    def turn(conn: Connection) -> str:
        order.append("turno")
        assert not conn.in_transaction
        assert truncate_wal(conn)
        return "hecho"

    asked: list[str] = []
    thread = threading.Thread(target=lambda: asked.append(writer.alone(turn)))
    thread.start()
    while writer.waiting < 2:
        pass
    writer.submit(event, lambda result: order.append("grupo 3"))
    gate.set()
    thread.join(10)
    writer.run(event)
    assert asked == ["hecho"]
    assert order == ["grupo 1", "grupo 2", "turno", "grupo 3"]
    writer.stop()


def test_a_turn_that_fails_is_its_askers_alone(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    with pytest.raises(ZeroDivisionError):
        writer.alone(lambda conn: 1 // 0)
    writer.run(event)
    writer.stop()
    with pytest.raises(AppError):
        writer.alone(lambda conn: None)


def test_no_checkpoint_while_they_are_anothers_and_one_at_the_end_when_it_is_gone(tmp_path: Path) -> None:
    writer = opened(tmp_path)
    writer.checkpoints = False
    sizes: list[int] = []
    wal = tmp_path / "indice.db-wal"

    def full(tx: Tx) -> None:
        event(tx)
        raise OSError(28, "No space left on device")

    with pytest.raises(AppError, match="sin_espacio"):
        writer.run(full)
    writer.run(event)
    before = wal.stat().st_size
    assert before > 0

    def gone() -> None:
        sizes.append(wal.stat().st_size)
        writer.checkpoints = True

    writer.before_end = gone
    writer.stop()
    assert sizes == [before], "all that was committed is still in the WAL when the replica says goodbye"
    assert not wal.exists() or wal.stat().st_size == 0
