"""The group commit: one bad operation is undone alone; a group happens whole or not at all."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.diario import lote as lotes
from server.diario.cadena import Diario
from server.errors import AppError
from server.intake.replay import recover
from server.store import bitacora
from server.store import lotes as lotes_store
from server.store.connection import open_reader
from server.store.migrations import migrate, statements
from server.store.writer import Done, GroupStats, Tx, Writer
from tests.factories import FrozenClock


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    diario = Diario(tmp_path / "diario")
    diario.prepare()
    made = Writer(tmp_path / "indice.db", diario, FrozenClock())
    migrate(made.conn)
    yield made
    made.stop()


def event(tx: Tx, name: str) -> int:
    bitacora.append(tx.conn, 1, name, "prueba", "", "{}")
    return tx.lote.add("evento", {"evento": name})


def held_together(writer: Writer, operations: list[object]) -> tuple[list[object], list[GroupStats]]:
    """Run operations in one group: the first holds the thread until the others wait."""
    gate, done = threading.Event(), threading.Event()
    results: list[object] = []
    stats: list[GroupStats] = []
    writer.on_group = stats.append
    writer.start()
    held = threading.Event()

    def hold(tx: Tx) -> None:
        held.set()  # from here on its group takes no more
        gate.wait(10)

    writer.submit(hold, lambda result: None)
    assert held.wait(10)
    for operation in operations:

        def collect(result: Done[object] | BaseException) -> None:
            results.append(result)
            if len(results) == len(operations):
                done.set()

        writer.submit(operation, collect)  # type: ignore[arg-type]
    gate.set()
    assert done.wait(10)
    return results, stats


def test_one_bad_operation_is_undone_alone_in_rows_and_in_the_lote(writer: Writer) -> None:
    def bad(tx: Tx) -> None:
        event(tx, "malo")
        raise AppError("periodo_cerrado")

    results, stats = held_together(writer, [lambda tx: event(tx, "uno"), bad, lambda tx: event(tx, "dos")])
    assert isinstance(results[1], AppError)
    assert [type(one) for one in results] == [Done, AppError, Done]
    assert stats[-1].operations == 3, "one commit for all"
    manifest = lotes.verify(writer.journal.folder / lotes.file_name(1))
    assert [entrada.datos["evento"] for entrada in manifest.entradas] == ["uno", "dos"]
    names = [row[0] for row in writer.conn.execute("SELECT evento FROM bitacora ORDER BY id")]
    assert names == ["uno", "dos"]


def test_a_group_without_anything_for_a_phone_makes_no_lote(writer: Writer) -> None:
    writer.start()
    done = writer.run(lambda tx: bitacora.append(tx.conn, 1, "x", "prueba", "", "{}"))
    assert done.lote == 0
    assert lotes_store.newest(writer.conn).numero == 0


def test_when_a_lote_cannot_be_withdrawn_nothing_more_is_written(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def execute(self, sql: str, *args: object) -> object:
            if sql == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return real.execute(sql, *args)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    def stuck(numero: int) -> None:
        raise OSError("no se puede")

    writer.start()
    writer.run(lambda tx: event(tx, "uno"))
    real = writer.conn
    writer.conn = Broken()  # type: ignore[assignment]
    monkeypatch.setattr(writer.journal, "withdraw", stuck)
    with pytest.raises(AppError, match="almacen_no_disponible"):
        writer.run(lambda tx: event(tx, "dos"))
    writer.conn = real
    assert writer.broken
    with pytest.raises(AppError, match="almacen_no_disponible"):
        writer.run(lambda tx: event(tx, "tres"))


def test_the_wal_does_not_grow_for_ever(writer: Writer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("server.store.writer.CHECKPOINT_FRAMES", 50)
    writer.start()
    for _ in range(200):
        writer.run(lambda tx: bitacora.append(tx.conn, 1, "x" * 2000, "prueba", "", "{}"))
    assert (tmp_path / "indice.db-wal").stat().st_size < 2_000_000


def test_the_bitacora_is_append_only_and_an_altered_row_shows(writer: Writer) -> None:
    for name in ("uno", "dos", "tres"):
        bitacora.append(writer.conn, 1, name, "prueba", "", "{}")
    for sql in ("UPDATE bitacora SET actor='x'", "DELETE FROM bitacora"):
        with pytest.raises(sqlite3.IntegrityError, match="bitácora"):
            writer.conn.execute(sql)
    assert bitacora.first_break(writer.conn) is None
    writer.conn.execute("DROP TRIGGER bitacora_sin_cambios")
    writer.conn.execute("UPDATE bitacora SET actor='x' WHERE id = 2")
    assert bitacora.first_break(writer.conn) == 2


def test_readers_cannot_write(writer: Writer, tmp_path: Path) -> None:
    reader = open_reader(tmp_path / "indice.db")
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM lotes")
    reader.close()


def test_statements_keep_a_trigger_whole() -> None:
    script = "CREATE TABLE a (b);\nCREATE TRIGGER t BEFORE DELETE ON a BEGIN\n SELECT 1;\n SELECT 2;\nEND;\nSELECT 3;\n"
    assert [part.split()[1] for part in statements(script)] == ["TABLE", "TRIGGER", "3;"]


def test_a_caller_that_is_gone_does_not_take_the_thread_with_it(writer: Writer) -> None:
    def gone(result: object) -> None:
        raise RuntimeError("loop is closed")

    writer.start()
    writer.submit(lambda tx: None, gone)
    assert writer.run(lambda tx: event(tx, "después")).lote == 1
    assert writer.failure is None
    writer.stop()
    assert writer.failure
    writer.conn = sqlite3.connect(":memory:")


def test_after_its_end_every_operation_is_answered_at_once(writer: Writer) -> None:
    writer.start()
    writer.run(lambda tx: event(tx, "uno"))
    writer.stop()
    with pytest.raises(AppError) as refused:
        writer.run(lambda tx: event(tx, "dos"))
    assert refused.value.code == "almacen_no_disponible"


def test_nobody_waits_for_ever_for_a_writer_that_is_being_stopped(writer: Writer) -> None:
    """Mail and expiry run on threads of their own: at shutdown they may ask while the writer ends."""
    writer.start()
    answered: list[str] = []
    begun = threading.Barrier(9)

    def ask() -> None:
        begun.wait(10)
        try:
            while True:
                writer.run(lambda tx: None)
        except AppError as error:
            answered.append(error.code)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    writer.stop()
    for thread in threads:
        thread.join(10)
    assert answered == ["almacen_no_disponible"] * 8


def test_a_thread_that_dies_answers_those_who_wait(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def die(tx: Tx) -> None:
        raise SystemExit

    writer.start()
    with pytest.raises(SystemExit):
        writer.run(die)
    with pytest.raises(AppError, match="almacen_no_disponible"):
        writer.run(lambda tx: None)
    assert writer.failure


class CommitInDoubt:
    """A connection whose COMMIT is written, and whose sync then fails: what a crash would find in the WAL."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        cursor = self._conn.execute(sql, *values)
        if sql == "COMMIT":
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise error
        return cursor

    def __getattr__(self, name: str) -> object:
        return getattr(self._conn, name)


def test_a_commit_that_may_have_happened_keeps_its_lote_and_asks_for_another_start(writer: Writer) -> None:
    heard: list[str] = []
    writer.on_broken = heard.append
    writer.start()
    conn = writer.conn
    writer.conn = CommitInDoubt(conn)  # type: ignore[assignment]
    with pytest.raises(AppError, match="almacen_no_disponible"):
        writer.run(lambda tx: event(tx, "en duda"))
    with pytest.raises(AppError, match="almacen_no_disponible"):
        writer.run(lambda tx: event(tx, "después"))
    assert writer.failure is not None
    writer.stop()
    assert heard
    # After a crash SQLite finds the commit: had the lote been withdrawn, the server could not start any more.
    again = Writer(writer.path, writer.journal, FrozenClock())
    try:
        diario = Diario(writer.journal.folder)
        assert recover(again.conn, diario, 1).lotes == 0
        assert diario.ultimo == lotes_store.newest(again.conn).numero == 1
    finally:
        again.stop()


def test_a_commit_without_room_is_undone_and_its_lote_withdrawn(writer: Writer) -> None:
    class NoRoom(CommitInDoubt):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql == "COMMIT":
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorname = "SQLITE_FULL"
                raise error
            return self._conn.execute(sql, *values)

    writer.start()
    conn = writer.conn
    writer.conn = NoRoom(conn)  # type: ignore[assignment]
    with pytest.raises(AppError, match="sin_espacio"):
        writer.run(lambda tx: event(tx, "no cupo"))
    assert list(lotes.numbers(writer.journal.folder)) == []
    writer.conn = conn
    assert writer.run(lambda tx: event(tx, "cupo")).lote == 1
