"""Counters always say what a recount gives, whatever happens to apoyos and in whatever order (rows B6, C6)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.apoyo import Clase, Cuenta, MotivoBaja, OrigenApoyo, Resultado, Situacion, clase
from server.domain.dias import DIA_MS, dia_de, fecha
from server.store import apoyos, conteos, restauracion
from server.store.connection import open_writer
from server.store.migrations import migrate, statements
from tests.factories import NOW

MARKS = ("[]", '["reloj_sin_referencia"]', '["auxiliar_de_baja"]', '["captura_fuera_de_periodo"]')


def index() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.row_factory = sqlite3.Row
    migrate(conn)
    return conn


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    made = index()
    yield made
    made.close()


def arrive(
    conn: sqlite3.Connection, number: int, *, solicitud: int = 1, auxiliar: int = 1, dia: int = 0, marks: str = "[]",
    tipo: str = "apoyo", lote: int = 1,
) -> int:  # fmt: skip
    """A registro, as reception inserts it; returns its id."""
    conn.execute("INSERT INTO lotes VALUES (?, zeroblob(32), 1, 1, 1) ON CONFLICT DO NOTHING", (lote,))
    cursor = conn.execute(
        "INSERT INTO registros (folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, tam, "
        "recibido_ms, marcas, lote, posicion, acuse) "
        "VALUES (?, ?, ?, 1, ?, ?, zeroblob(32), zeroblob(32), 1, ?, ?, ?, 1, 'a')",
        (f"F{number}", solicitud, auxiliar, number, tipo, NOW + dia * DIA_MS, marks, lote),
    )
    return int(cursor.lastrowid or 0)


arrivals = st.tuples(
    st.just("llega"), st.integers(1, 2), st.integers(1, 3), st.integers(-2, 2), st.sampled_from(MARKS),
    st.sampled_from(["apoyo", "apoyo", "apoyo", "testigos"]),
)  # fmt: skip
places = st.sampled_from(["", "A", "B"])
changes = st.one_of(
    st.tuples(st.just("situacion"), st.integers(1, 12), st.sampled_from(Situacion), places, places),
    st.tuples(st.just("resultado"), st.integers(1, 12), st.sampled_from(Resultado)),
    st.tuples(st.just("persona"), st.integers(1, 12), st.text(max_size=8)),
    st.tuples(st.just("se_va"), st.integers(1, 12)),
    st.tuples(st.just("se_olvida_desde"), st.integers(0, 3)),
)


@given(st.lists(st.one_of(arrivals, changes), max_size=25))
def test_counters_equal_a_recount_after_any_sequence(steps: list[tuple[object, ...]]) -> None:
    conn = index()
    try:
        for number, (step, *rest) in enumerate(steps):
            if step == "llega":
                solicitud, auxiliar, dia, marks, tipo = rest
                arrive(
                    conn, number, solicitud=solicitud, auxiliar=auxiliar, dia=dia, marks=marks, tipo=tipo,
                    lote=1 + number // 8,
                )  # type: ignore[arg-type]  # fmt: skip
            elif step == "situacion":
                id_, situacion, municipio, seccion = rest
                apoyos.set_situacion(conn, id_, situacion, municipio=municipio, seccion=seccion)  # type: ignore[arg-type]
            elif step == "resultado":
                apoyos.set_resultado(conn, *rest)  # type: ignore[arg-type]
            elif step == "persona":
                apoyos.set_person(conn, rest[0], rest[1], "X", "Y")  # type: ignore[arg-type]
            elif step == "se_va":
                conn.execute("DELETE FROM registros WHERE id = ?", rest)
            else:
                restauracion.forget_after(conn, rest[0])  # type: ignore[arg-type]
        assert list(conteos.recount(conn)) == []
        assert list(apoyos.differences(conn)) == []
        for solicitud in (1, 2):
            rows = conn.execute("SELECT * FROM apoyos WHERE solicitud = ?", (solicitud,)).fetchall()
            assert conteos.total(conn, solicitud) == counted(rows)
            days = conteos.por_dia(conn, solicitud)
            assert dict(days) == {
                dia: counted([row for row in rows if row["dia"] == dia]) for dia in sorted({row["dia"] for row in rows})
            }
            assert sum((one for _, one in days), Cuenta()) == counted(rows)
            for axis in ("dia", "auxiliar", "diario"):
                summed = conn.execute(
                    f"SELECT {conteos.FIGURE_SUMS} FROM conteos WHERE solicitud = ? AND eje = ?", (solicitud, axis)
                ).fetchone()
                assert conteos.cuenta(summed) == counted(rows) or not rows
            for unidad in ("municipio", "seccion"):
                units = Counter(row[unidad] for row in rows if row[unidad] and counted([row]).cuentan)
                assert conteos.por_unidad(conn, solicitud, unidad) == units
    finally:
        conn.close()


def counted(rows: list[sqlite3.Row]) -> Cuenta:
    """The same figures by the rule of the domain, an apoyo at a time."""
    situaciones = Counter(row["situacion"] for row in rows)
    resultados = Counter(row["resultado"] for row in rows)
    clases = Counter(
        clase(Situacion(row["situacion"]), Resultado(row["resultado"]), OrigenApoyo(row["origen"])) for row in rows
    )
    return Cuenta(
        recibidos=len(rows),
        lista_nominal=situaciones["LISTA_NOMINAL"],
        padron=situaciones["PADRON"],
        baja=situaciones["BAJA"],
        no_encontrado=situaciones["NO_ENCONTRADO"],
        sin_respuesta=situaciones["SIN_RESPUESTA"],
        pendientes=resultados["pendiente"],
        validos=resultados["valido"],
        inconsistentes=resultados["inconsistente"],
        de_origen=sum(row["origen"] == "inconsistente" for row in rows),
        cuentan=clases[Clase.CUENTA],
        en_espera=clases[Clase.EN_ESPERA],
    )


def test_every_cell_is_classed_by_sql_as_by_the_rule_and_the_figures_add_up(conn: sqlite3.Connection) -> None:
    for number, (situacion, resultado, marks) in enumerate(product(Situacion, Resultado, ("[]", MARKS[2]))):
        id_ = arrive(conn, number, marks=marks)
        apoyos.set_situacion(conn, id_, situacion)
        apoyos.set_resultado(conn, id_, resultado)
    figures = conteos.total(conn, 1)
    assert figures == counted(conn.execute("SELECT * FROM apoyos").fetchall())
    assert figures.recibidos == 30
    assert sum(n for _, n in figures.por_situacion) == 30
    assert sum(n for _, n in figures.por_resultado) == 30
    assert (figures.cuentan, figures.en_espera, figures.no_cuentan) == (2, 2, 26)


def test_a_false_counter_is_named(conn: sqlite3.Connection) -> None:
    arrive(conn, 1)
    # Zeros need not be there, and ids may lie further apart than what is left of them.
    conn.execute("INSERT INTO conteos_totales VALUES (1, 'BAJA', 'valido', 'bien', 0)")
    conn.execute("INSERT INTO conteos SELECT 1, 'municipio', 0, 0, 'B', 7, 7" + ", 0" * len(conteos.FIELDS))
    conn.execute("UPDATE conteos SET primero = 0, ultimo = 9 WHERE eje = 'diario'")
    assert list(conteos.recount(conn)) == []
    day = dia_de(NOW)
    for change, *expected in (
        ("UPDATE conteos_totales SET n = 5", ("1 SIN_RESPUESTA pendiente bien", 5, 1), ("1 BAJA valido bien", 5, 0)),
        ("UPDATE conteos SET recibidos = 5 WHERE eje = 'auxiliar'", ("1 auxiliar 1 recibidos", 5, 1)),
        ("UPDATE conteos SET pendientes = 0 WHERE eje = 'diario'", (f"1 diario {day} 1 pendientes", 0, 1)),
        ("UPDATE conteos SET baja = 2, lugar = 'C' WHERE eje = 'municipio'", ("1 municipio C baja", 2, 0)),
        ("UPDATE conteos SET primero = 2, ultimo = 2 WHERE eje = 'dia'", (f"1 dia {day} primero", 2, 1)),
        ("UPDATE conteos SET primero = 0, ultimo = 0 WHERE eje = 'dia'", (f"1 dia {day} ultimo", 0, 1)),
        ("DELETE FROM conteos WHERE eje = 'dia'", *(
            (f"1 dia {day} {name}", 0, 1) for name in ("recibidos", "sin_respuesta", "pendientes", "en_espera")
        )),
    ):  # fmt: skip
        conn.execute("SAVEPOINT antes")
        conn.execute(change)
        found = [(one.que, one.guardado, one.contado) for one in conteos.recount(conn)]
        assert sorted(found) == sorted(expected)
        conn.execute("ROLLBACK TO antes")


def test_what_is_written_into_an_apoyo(conn: sqlite3.Connection) -> None:
    id_ = arrive(conn, 1, marks=MARKS[2])
    assert apoyos.set_person(conn, id_, "José  Ángel", "Muñoz", "de la Peña")
    assert apoyos.set_situacion(
        conn, id_, Situacion.BAJA, motivo_baja=MotivoBaja.DEFUNCION, municipio="056", seccion="0123"
    )
    assert apoyos.set_resultado(conn, id_, Resultado.INCONSISTENTE, inciso="e", detalle="blanco y negro")
    found = apoyos.get(conn, id_)
    assert found is not None
    assert (found.nombre, found.apellido_paterno, found.origen) == ("José  Ángel", "Muñoz", OrigenApoyo.INCONSISTENTE)
    assert (found.situacion, found.motivo_baja) == (Situacion.BAJA, MotivoBaja.DEFUNCION)
    assert (found.resultado, found.inciso) == (Resultado.INCONSISTENTE, "e")
    assert conn.execute("SELECT busqueda FROM apoyos").fetchone()[0] == "MUNOZ|DE LA PENA>JOSE ANGEL"
    assert conteos.por_unidad(conn, 1, "seccion") == {}
    apoyos.set_resultado(conn, id_, Resultado.VALIDO)
    assert apoyos.get(conn, id_).inciso == ""  # type: ignore[union-attr]
    assert not apoyos.set_person(conn, 99, "", "", "")
    assert apoyos.get(conn, 99) is None
    with pytest.raises(ValueError, match="baja"):
        apoyos.set_situacion(conn, id_, Situacion.PADRON, motivo_baja=MotivoBaja.DUPLICADO)
    with pytest.raises(ValueError, match="inconsistencia"):
        apoyos.set_resultado(conn, id_, Resultado.VALIDO, inciso="a")


def test_units_count_what_counts(conn: sqlite3.Connection) -> None:
    for number, (municipio, situacion) in enumerate(
        [("A", Situacion.LISTA_NOMINAL), ("A", Situacion.LISTA_NOMINAL), ("B", Situacion.BAJA)]
    ):
        apoyos.set_situacion(conn, arrive(conn, number), situacion, municipio=municipio)
    assert conteos.por_unidad(conn, 1, "municipio") == {"A": 2}
    apoyos.set_resultado(conn, 1, Resultado.INCONSISTENTE)
    assert conteos.por_unidad(conn, 1, "municipio") == {"A": 1}


@pytest.mark.parametrize(
    "event",
    [
        "DELETE FROM apoyos WHERE id = 1", "UPDATE apoyos SET situacion = 'BAJA', municipio = 'A'",
        "INSERT INTO apoyos SELECT 2, 'F2', 1, 1, 1, 1, dia, '[]', 'bien', '', '', '', '', 'SIN_RESPUESTA', "
        "'', '', '', 'pendiente', '', '' FROM apoyos",
    ],
    ids=["goes", "changes", "comes"],
)  # fmt: skip
def test_no_trigger_reads_the_other_counters(conn: sqlite3.Connection, event: str) -> None:
    """Whatever an aspirante has of auxiliares and secciones, a change goes to its own counters."""
    arrive(conn, 1)

    def steps() -> int:
        conn.execute("SAVEPOINT antes")
        taken = [0]
        conn.set_progress_handler(lambda: taken.__setitem__(0, taken[0] + 1), 10)
        conn.execute(event)
        conn.set_progress_handler(None, 0)
        conn.execute("ROLLBACK TO antes")
        return taken[0]

    few = steps()
    for axis in ("dia", "auxiliar", "diario", "municipio"):
        conn.executemany(
            f"INSERT INTO conteos SELECT 1, '{axis}', ?1, ?1, ?1, 1, 1" + ", 1" * len(conteos.FIELDS),
            [(n,) for n in range(2, 3000)],
        )
    assert steps() <= few + 5


def test_days_are_those_of_hora_del_centro() -> None:
    # 21/09/2026 23:59:59.999 and 22/09/2026 00:00 in the centre of Mexico.
    midnight = 1_790_056_800_000
    assert fecha(dia_de(midnight - 1)).isoformat() == "2026-09-21"
    assert fecha(dia_de(midnight)).isoformat() == "2026-09-22"


def test_an_index_of_before_gets_its_counters() -> None:
    """The migration makes apoyos of what was received before there were portals, and counts them."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    conn.row_factory = sqlite3.Row
    for name in ("0001_cimientos.sql", "0002_avisos.sql"):
        script = (resources.files("server.store.migrations") / name).read_text(encoding="utf-8")
        for statement in statements(script):
            conn.execute(statement)
    for number in range(5):
        tipo = "testigos" if number == 4 else "apoyo"
        arrive(conn, number, auxiliar=1 + number % 2, marks=MARKS[number % 4], tipo=tipo)
    script = (resources.files("server.store.migrations") / "0003_portales.sql").read_text(encoding="utf-8")
    for statement in statements(script):
        conn.execute(statement)
    assert list(conteos.recount(conn)) == []
    assert list(apoyos.differences(conn)) == []
    assert conteos.total(conn, 1) == Cuenta(4, 0, 0, 0, 0, 4, 4, 0, 0, 2, 0, 2)
    conn.close()


def test_what_does_not_come_as_an_arrival_is_counted_too(conn: sqlite3.Connection) -> None:
    """An apoyo whose situación is known when it is inserted; arrivals take a shorter way."""
    columns = "id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen"
    for id_, more in enumerate(
        [("LISTA_NOMINAL", "valido", "A", "1"), ("SIN_RESPUESTA", "inconsistente", "", ""),
         ("SIN_RESPUESTA", "pendiente", "B", ""), ("SIN_RESPUESTA", "pendiente", "", "2")], start=1,
    ):  # fmt: skip
        conn.execute(
            f"INSERT INTO apoyos ({columns}, situacion, resultado, municipio, seccion) "
            f"VALUES ({id_}, 'F{id_}', 1, 1, 1, 1, 1, '[]', 'bien', ?, ?, ?, ?)", more,
        )  # fmt: skip
    assert list(conteos.recount(conn)) == []
    assert conteos.total(conn, 1) == counted(conn.execute("SELECT * FROM apoyos").fetchall())
    assert conteos.por_unidad(conn, 1, "municipio") == {"A": 1}


def test_the_writer_keeps_them_too(tmp_path: Path) -> None:
    conn = open_writer(tmp_path / "indice.db")
    migrate(conn)
    conn.execute("BEGIN IMMEDIATE")
    arrive(conn, 1)
    conn.execute("ROLLBACK")
    assert conteos.total(conn, 1) == Cuenta()
    assert list(conteos.recount(conn)) == []
    conn.close()
