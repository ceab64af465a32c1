"""Files on their way: the dry run, acceptance, what changed meanwhile, a process that is killed, what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from server.registro import auxiliares, cargador
from server.registro.auxiliares import Rechazo
from server.registro.carga import Lectura
from server.registro.cargador import KEEP_MS, Cargador, Resultado
from server.store import cargas
from server.store.cargas import Carga
from server.store.writer import Tx
from tests.server.registro.archivos import clave, fila, texto
from tests.server.registro.caja import Caja, abierta, datos, registered

pytestmark = pytest.mark.anyio
ACTOR = "cuenta:9"


@pytest.fixture
def caja(tmp_path: Path) -> Iterator[Caja]:
    with abierta(tmp_path) as made:
        yield made


def worker(caja: Caja, chunk: int = 3) -> Cargador:
    return Cargador(caja.writer, caja.index, caja.clock, chunk)


def receive(caja: Caja, content: str | bytes, solicitud: int = 1) -> int:
    raw = content.encode() if isinstance(content, str) else content
    id_ = caja.do(lambda tx: cargador.recibir(tx, solicitud, "C:\\datos\\lista.csv", raw, ACTOR))
    assert isinstance(id_, int), id_
    return id_


def carga(caja: Caja, id_: int) -> Carga:
    found = caja.ask(lambda conn: cargas.get(conn, id_))
    assert found is not None
    return found


def result(caja: Caja, id_: int) -> Resultado:
    return caja.ask(lambda conn: cargador.resultado(conn, id_))


async def test_the_dry_run_writes_nothing_but_its_result(caja: Caja) -> None:
    registered(caja, datos(4))
    caja.load_padron((clave(1), "PADRON", ""), (clave(4), "PADRON", ""))
    rows = [fila(1), fila(2, correo="mal"), fila(3), fila(4), fila(5, fecha_nacimiento="06/09/1990")]
    id_ = receive(caja, texto(rows))
    assert carga(caja, id_).nombre == "lista.csv"
    assert await worker(caja).paso()
    found = carga(caja, id_)
    assert (found.estado, found.filas, found.buenas, found.malas) == ("por_aceptar", 5, 3, 2)
    seen = result(caja, id_)
    assert [(one.linea, one.hallazgos[0].codigo) for one in seen.malas] == [(3, "correo_forma"), (5, "correo_repetido")]
    assert [one.linea for one in seen.bajas] == [4, 6], "not in the padrón: registered, and at once a baja"
    assert 6 in [one.linea for one in seen.avisos], "the clave says another date of birth"
    assert caja.value("SELECT count(*) FROM auxiliares") == 1


async def test_the_good_rows_are_taken_in_pieces_once(caja: Caja) -> None:
    rows = [fila(n) for n in range(1, 9)]
    rows[4] = fila(5, nombre="")
    id_ = receive(caja, texto(rows))
    working = worker(caja)
    await working.paso()
    assert caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR)) is None
    assert caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR)) is None
    await working.paso()
    assert caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR)) is None
    assert not await working.paso()
    found = carga(caja, id_)
    assert (found.estado, found.buenas, found.malas, found.avance) == ("aplicada", 7, 1, 8)
    assert caja.value("SELECT count(*) FROM auxiliares") == 7
    assert caja.value("SELECT count(*) FROM correos WHERE clase = 'auxiliar_alta'") == 7
    assert caja.value("SELECT contenido IS NULL FROM cargas") == 1
    assert [one.linea for one in result(caja, id_).malas] == [6], "it can still be downloaded and corrected"
    assert [row[0] for row in caja.rows("SELECT evento FROM bitacora WHERE objeto LIKE 'carga:%' ORDER BY id")] == [
        "carga_recibida", "carga_aceptada", "carga_aplicada",
    ]  # fmt: skip


async def test_what_changed_between_the_look_and_the_acceptance(caja: Caja) -> None:
    id_ = receive(caja, texto([fila(n) for n in range(1, 6)]))
    working = worker(caja)
    await working.paso()
    registered(caja, datos(2))
    caja.load_padron((clave(1), "PADRON", ""), (clave(2), "PADRON", ""))
    caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR))
    await working.paso()
    found = carga(caja, id_)
    assert (found.estado, found.buenas, found.malas) == ("aplicada", 4, 1)
    seen = result(caja, id_)
    assert [(one.linea, one.hallazgos[0].codigo) for one in seen.malas] == [(3, "correo_repetido")]
    assert [one.linea for one in seen.bajas] == [4, 5, 6]
    assert caja.value("SELECT count(*) FROM auxiliares WHERE estatus = 'activo'") == 2


async def test_a_row_that_was_refused_is_not_taken_because_it_is_good_by_now(caja: Caja) -> None:
    caja.load_padron((clave(1), "PADRON", ""), (clave(2), "PADRON", ""))
    [first] = registered(caja, datos(1))
    id_ = receive(caja, texto([fila(1), fila(2)]))
    working = worker(caja)
    await working.paso()
    caja.do(lambda tx: auxiliares.editar(tx, first, datos(9, clave_elector=clave(9)), ACTOR))
    caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR))
    await working.paso()
    assert caja.rows("SELECT id, correo FROM auxiliares ORDER BY id")[1:] == [(2, "gestor2@ejemplo.mx")]


class _Killed(BaseException):
    """The process ends here."""


async def test_a_process_that_is_killed_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with abierta(tmp_path) as caja:
        id_ = receive(caja, texto([fila(n) for n in range(1, 11)]))
        await worker(caja).paso()
        caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR))
        pieces = 0
        real = cargador._piece

        def dying(*args: object) -> object:
            nonlocal pieces
            pieces += 1
            if pieces == 3:
                raise _Killed
            return real(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(cargador, "_piece", dying)
        with pytest.raises(_Killed):
            await worker(caja).paso()
        monkeypatch.undo()
        assert carga(caja, id_).avance == 6
    with abierta(tmp_path, caja.clock) as again:
        assert carga(again, id_).estado == "aplicando"
        await worker(again).paso()
        assert (carga(again, id_).estado, carga(again, id_).buenas) == ("aplicada", 10)
        assert again.rows("SELECT count(*), count(DISTINCT clave_elector) FROM auxiliares") == [(10, 10)]


async def test_two_workers_take_no_row_twice(caja: Caja) -> None:
    id_ = receive(caja, texto([fila(n) for n in range(1, 11)]))
    one, two = worker(caja), worker(caja, 4)
    await one.paso()
    caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR))
    stale = caja.ask(lambda conn: cargas.next_work(conn))
    assert stale is not None
    filas = list(Lectura(date(2026, 9, 21)).filas(texto([fila(n) for n in range(1, 11)]).encode()))
    piece = cargador._piece(stale, Resultado(), set(), 0, filas[:4])
    assert caja.do(piece) is not None
    assert caja.do(piece) is None
    await two.paso()
    caja.ask(lambda conn: one._work(conn, stale))
    assert caja.value("SELECT count(*) FROM auxiliares") == 10
    assert (carga(caja, id_).estado, carga(caja, id_).buenas) == ("aplicada", 10)


async def test_a_neighbour_that_fails_changes_nothing(caja: Caja) -> None:
    """The group is begun again then, so that each operation runs twice."""
    registered(caja, datos(2))
    id_ = receive(caja, texto([fila(n) for n in range(1, 6)]))
    working = worker(caja, 100)
    await working.paso()
    registered(caja, datos(3))
    caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR))

    def failing(tx: Tx) -> None:
        raise ValueError

    real = caja.writer.run
    answers: list[object] = []

    def crowded(operation: object) -> object:
        caja.writer.submit(lambda tx: None, answers.append)
        caja.writer.submit(failing, answers.append)
        return real(operation)  # type: ignore[arg-type]

    caja.writer.run = crowded  # type: ignore[method-assign,assignment]
    await working.paso()
    found = carga(caja, id_)
    assert (found.estado, found.buenas, found.malas) == ("aplicada", 3, 2)
    assert [one.linea for one in result(caja, id_).malas] == [3, 4]


async def test_dropped_files_are_wiped(caja: Caja) -> None:
    id_ = receive(caja, texto([fila(1)]))
    again = caja.do(lambda tx: cargador.recibir(tx, 1, "b.csv", b"x", ACTOR))
    assert isinstance(again, Rechazo)
    assert again.codigo == "carga_pendiente"
    receive(caja, texto([fila(1)]), solicitud=2)
    assert caja.do(lambda tx: cargador.descartar(tx, id_, ACTOR)) is None
    assert caja.do(lambda tx: cargador.descartar(tx, id_, ACTOR)) is None
    assert carga(caja, id_).estado == "descartada"
    assert caja.value("SELECT contenido IS NULL FROM cargas WHERE id = ?", id_) == 1
    refused = caja.do(lambda tx: cargador.aceptar(tx, id_, ACTOR))
    assert isinstance(refused, Rechazo)


async def test_a_file_that_is_none_fails_with_its_reason(caja: Caja) -> None:
    id_ = receive(caja, b"\xd0\xcf\x11\xe0" + bytes(500))
    await worker(caja).paso()
    found = carga(caja, id_)
    assert (found.estado, found.codigo) == ("fallida", "archivo_xls")
    assert "contraseña" in result(caja, id_).error
    receive(caja, texto([fila(1)]))


async def test_a_file_that_breaks_the_worker_does_not_hold_up_the_next(
    caja: Caja, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = receive(caja, "x"), receive(caja, texto([fila(1)]), solicitud=2)
    real = Cargador._look

    def broken(self: Cargador, reader: object, one: Carga) -> None:
        if one.id == first:
            raise ZeroDivisionError
        real(self, reader, one)  # type: ignore[arg-type]

    monkeypatch.setattr(Cargador, "_look", broken)
    working = worker(caja)
    for _ in range(4):
        await working.paso()
    assert (carga(caja, first).estado, carga(caja, first).codigo) == ("fallida", "carga_interrumpida")
    assert carga(caja, second).estado == "por_aceptar"


async def test_old_files_are_forgotten(caja: Caja) -> None:
    applied, waiting = receive(caja, texto([fila(1), fila(2, nombre="")])), receive(caja, texto([fila(1)]), solicitud=2)
    working = worker(caja)
    await working.paso()
    await working.paso()
    caja.do(lambda tx: cargador.aceptar(tx, applied, ACTOR))
    await working.paso()
    assert len(result(caja, applied).malas) == 1
    caja.clock.advance(KEEP_MS + 1)
    assert not await working.paso()
    assert result(caja, applied) == Resultado()
    assert (carga(caja, waiting).estado, carga(caja, waiting).codigo) == ("descartada", "carga_vencida")
    assert caja.value("SELECT count(*) FROM cargas WHERE contenido IS NOT NULL") == 0
