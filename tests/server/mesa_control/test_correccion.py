"""Clarifying misread data: validated, both values kept wrapped, the checks queued again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest

from server.errors import AppError
from server.expedientes import abrir
from server.expedientes.abrir import Abridor, Datos
from server.mesa_control import correccion
from server.mesa_control.correccion import CorreccionInvalida
from tests.server.mesa_control.mesa import Mesa, abierta, insert_papel

CAPTURADO = Datos("JUANA", "PEREZ", "", "", "", "123456789", "0123456789012")


@pytest.fixture
def mesa(tmp_path: Path) -> Iterator[Mesa]:
    with abierta(tmp_path) as made:
        yield made


def abridor(mesa: Mesa) -> Abridor:
    return Abridor(Path("no-hay"), mesa.caja.keys)


def captured(mesa: Mesa, cuenta: int) -> int:
    """An apoyo of paper that went through the pipeline."""
    id_ = mesa.do(lambda tx: insert_papel(tx, mesa.solicitud, 1))
    wrapped = mesa.caja.keys.wrap(abrir.papel(1, 1), msgspec.msgpack.encode(CAPTURADO))
    mesa.do(
        lambda tx: tx.conn.execute(
            "INSERT INTO paquetes (id, solicitud, folio, cedulas, recibido_ms, estado, creado_ms, creado_por) "
            "VALUES (1, ?, 'F', 1, 1, 'abierto', 1, ?)", (mesa.solicitud, cuenta),
        )
    )  # fmt: skip
    mesa.do(
        lambda tx: tx.conn.execute(
            "INSERT INTO cedulas_papel (paquete_id, numero, doble, estado, datos, capturada_por, capturada_ms, "
            "apoyo_id) VALUES (1, 1, 0, 'lista', ?, ?, 1, ?)", (wrapped, cuenta, id_),
        )
    )  # fmt: skip
    mesa.do(
        lambda tx: tx.conn.execute(
            "INSERT INTO trabajos (id, etapa, estado, intentos, proximo_ms, creado_ms) "
            "VALUES (?, 'clasificar', 'hecho', 3, 9, 1)", (id_,),
        )
    )  # fmt: skip
    return id_


def test_the_old_value_is_kept_and_the_checks_are_done_again(mesa: Mesa) -> None:
    ana = mesa.operador()
    id_ = captured(mesa, ana)
    cambios = {"nombre": " Juana  María ", "cic": "987 654 321", "ocr": CAPTURADO.ocr}
    assert mesa.do(lambda tx: correccion.corregir(tx, abridor(mesa), id_, cambios, ana)) == ("nombre", "cic")
    opened = mesa.do(lambda tx: abridor(mesa).abrir(tx.conn, id_))
    assert opened.capturados == CAPTURADO
    assert (opened.datos.nombre, opened.datos.cic, opened.datos.ocr) == ("JUANA MARÍA", "987654321", CAPTURADO.ocr)
    assert set(opened.corregidos) == {"nombre", "cic"}
    found = mesa.apoyo(id_)
    assert (found.nombre, found.apellido_paterno) == ("JUANA MARÍA", "PEREZ")
    rows = mesa.caja.read("SELECT campo, antes, despues FROM correcciones ORDER BY id")
    keys = mesa.caja.keys
    assert [keys.unwrap(abrir.correccion(id_), row["antes"]) for row in rows] == [b"JUANA", b"123456789"]
    assert all(b"987654321" not in row["despues"] for row in rows)
    job = mesa.caja.read("SELECT etapa, estado, intentos, proximo_ms FROM trabajos WHERE id = ?", id_)[0]
    assert tuple(job) == ("compulsar", "pendiente", 0, 0)
    (event,) = mesa.caja.events("correccion")
    assert json.loads(event["datos"]) == {"campos": ["nombre", "cic"]}


def test_nothing_new_changes_nothing(mesa: Mesa) -> None:
    ana = mesa.operador()
    id_ = captured(mesa, ana)
    assert mesa.do(lambda tx: correccion.corregir(tx, abridor(mesa), id_, asdict(CAPTURADO), ana)) == ()
    assert mesa.value("SELECT estado FROM trabajos WHERE id = ?", id_) == "hecho"
    assert mesa.value("SELECT count(*) FROM correcciones") == 0


def test_a_second_correction_starts_from_the_first(mesa: Mesa) -> None:
    ana = mesa.operador()
    id_ = captured(mesa, ana)
    for cic in ("111111111", "222222222", ""):
        mesa.do(lambda tx, new=cic: correccion.corregir(tx, abridor(mesa), id_, {"cic": new}, ana))  # type: ignore[misc]
    keys = mesa.caja.keys
    rows = mesa.caja.read("SELECT antes, despues FROM correcciones ORDER BY id")
    values = [tuple(keys.unwrap(abrir.correccion(id_), row[n]) for n in (0, 1)) for row in rows]
    assert values == [(b"123456789", b"111111111"), (b"111111111", b"222222222"), (b"222222222", b"")]


def test_work_that_has_not_come_so_far_stays_where_it_is(mesa: Mesa) -> None:
    ana = mesa.operador()
    id_ = captured(mesa, ana)
    mesa.do(lambda tx: tx.conn.execute("UPDATE trabajos SET etapa = 'leer_codigos', estado = 'pendiente'"))
    mesa.do(lambda tx: correccion.corregir(tx, abridor(mesa), id_, {"cic": "111111111"}, ana))
    assert mesa.value("SELECT etapa FROM trabajos WHERE id = ?", id_) == "leer_codigos"


@pytest.mark.parametrize(
    ("cambios", "codes"),
    [
        ({"cic": "12"}, {"cic": "cic_longitud"}),
        ({"curp": "X", "clave_elector": "Y", "ocr": "0000123456789", "apellido_paterno": "PÉREZ"},
         {"curp": "curp_longitud", "clave_elector": "clave_elector_longitud", "ocr": "ocr_seccion"}),
        ({"nombre": " "}, {"nombre": "falta_nombre"}),
        ({"nombre": "JUANA 7"}, {"nombre": "nombre_forma"}),
        ({"apellido_materno": "X" * 101}, {"apellido_materno": "texto_largo"}),
        ({"folio": "1"}, {"folio": "campo_ajeno"}),
    ],
)  # fmt: skip
def test_each_datum_that_cannot_be_is_named(mesa: Mesa, cambios: dict[str, str], codes: dict[str, str]) -> None:
    ana = mesa.operador()
    id_ = captured(mesa, ana)
    with pytest.raises(CorreccionInvalida) as error:
        mesa.do(lambda tx: correccion.corregir(tx, abridor(mesa), id_, cambios, ana))
    assert {campo: one.codigo for campo, one in error.value.errores.items()} == codes
    assert mesa.value("SELECT count(*) FROM correcciones") == 0


def test_what_is_not_there(mesa: Mesa) -> None:
    with pytest.raises(AppError, match="no_encontrado"):
        mesa.do(lambda tx: correccion.corregir(tx, abridor(mesa), 5, {"cic": "111111111"}, 1))
