"""Counters always say what a recount gives, and classes add up to what was sent, whatever happens to apoyos and in
whatever order (rows B6, C5-C7)."""

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

from server.domain.apoyo import (
    Ambito,
    Clase,
    Cuenta,
    Duplicado,
    MotivoBaja,
    OrigenApoyo,
    Resultado,
    Situacion,
    clase,
)
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


def on_paper(conn: sqlite3.Connection, number: int, *, solicitud: int = 1, dia: int = 0) -> int:
    """A cédula of paper that becomes an apoyo, as captura manual inserts them; returns the apoyo's id."""
    id_ = apoyos.PAPEL_DESDE + number
    conn.execute(
        "INSERT INTO paquetes (id, solicitud, folio, cedulas, recibido_ms, estado, creado_ms, creado_por) "
        "VALUES (?, ?, 'P', 9, 1, 'abierto', 1, 1) ON CONFLICT DO NOTHING",
        (solicitud, solicitud),
    )
    conn.execute(
        "INSERT INTO cedulas_papel (paquete_id, numero, doble, estado, datos, capturada_por, capturada_ms, apoyo_id) "
        "VALUES (?, ?, 0, 'lista', x'00', 1, 1, ?)",
        (solicitud, number + 1, id_),
    )
    recibido = NOW + dia * DIA_MS
    conn.execute(
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, via) "
        "VALUES (?, ?, ?, 0, 0, ?, ?, '[]', 'bien', 'papel')",
        (id_, f"PAPEL-{solicitud}-{number}", solicitud, recibido, dia_de(recibido)),
    )
    return id_


arrivals = st.tuples(
    st.just("llega"), st.integers(1, 2), st.integers(1, 3), st.integers(-2, 2), st.sampled_from(MARKS),
    st.sampled_from(["apoyo", "apoyo", "apoyo", "testigos"]),
)  # fmt: skip
places = st.sampled_from(["", "A", "B"])
papers = st.tuples(st.just("papel"), st.integers(1, 2), st.integers(-2, 2))
# By phone the first ids, on paper those that follow the steps at which they may have come.
ids = st.one_of(st.integers(1, 12), st.integers(apoyos.PAPEL_DESDE, apoyos.PAPEL_DESDE + 12))
changes = st.one_of(
    st.tuples(st.just("situacion"), ids, st.sampled_from(Situacion), places, places),
    st.tuples(st.just("resultado"), ids, st.sampled_from(Resultado), st.sampled_from(["", "a", "n", "pb", "o"])),
    st.tuples(st.just("duplicado"), ids, st.sampled_from(Duplicado)),
    st.tuples(st.just("ambito"), ids, st.sampled_from(Ambito), st.booleans()),
    st.tuples(st.just("origen"), ids, st.sampled_from(OrigenApoyo)),
    st.tuples(st.just("persona"), ids, st.text(max_size=8)),
    st.tuples(st.just("se_va"), ids),
    st.tuples(st.just("se_olvida_desde"), st.integers(0, 3)),
)


@given(st.lists(st.one_of(arrivals, papers, changes, changes, changes), max_size=40))
def test_counters_equal_a_recount_and_classes_add_up_after_any_sequence(steps: list[tuple[object, ...]]) -> None:
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
            elif step == "papel":
                on_paper(conn, number, solicitud=rest[0], dia=rest[1])  # type: ignore[arg-type]
            elif step == "resultado":
                id_, resultado, inciso = rest
                inciso = inciso if resultado is Resultado.INCONSISTENTE else ""
                apoyos.set_resultado(conn, id_, resultado, inciso=inciso)  # type: ignore[arg-type]
            elif step == "duplicado":
                apoyos.set_duplicado(conn, *rest)  # type: ignore[arg-type]
            elif step == "ambito":
                id_, ambito, outside = rest
                apoyos.set_ambito(conn, id_, ambito, fuera_de_regimen=outside)  # type: ignore[arg-type]
            elif step == "origen":
                conn.execute("UPDATE apoyos SET origen = ?2 WHERE id = ?1", rest)
            elif step == "persona":
                apoyos.set_person(conn, rest[0], rest[1], "X", "Y")  # type: ignore[arg-type]
            elif step == "se_va":
                conn.execute("DELETE FROM registros WHERE id = ?", rest)
                if conn.execute("DELETE FROM cedulas_papel WHERE apoyo_id = ?", rest).rowcount:
                    conn.execute("DELETE FROM apoyos WHERE id = ?", rest)
            else:
                restauracion.forget_after(conn, rest[0], 1)  # type: ignore[arg-type]
        assert list(conteos.recount(conn)) == []
        assert list(apoyos.differences(conn)) == []
        assert list(conteos.unsummed(conn)) == []
        assert list(conteos.misclassed(conn)) == []
        for solicitud in (1, 2):
            rows = conn.execute("SELECT * FROM apoyos WHERE solicitud = ?", (solicitud,)).fetchall()
            assert conteos.total(conn, solicitud) == counted(rows)
            classes = conteos.por_clase(conn, solicitud)
            assert list(classes) == list(Clase)
            assert Counter(classes) == Counter(map(class_of, rows))
            sent = conn.execute(
                "SELECT (SELECT count(*) FROM registros WHERE tipo = 'apoyo' AND solicitud = ?1) + (SELECT count(*) "
                "FROM cedulas_papel c JOIN paquetes p ON p.id = c.paquete_id WHERE p.solicitud = ?1)",
                (solicitud,),
            ).fetchone()[0]
            assert sum(classes.values()) == sent == len(rows), "enviados = the sum of the classes"
            found = [row for row in rows if row["resultado"] == "inconsistente"]
            assert conteos.por_inciso(conn, solicitud) == Counter(row["inciso"] for row in found if row["inciso"])
            assert classes[Clase.CON_INCONSISTENCIA] == sum(
                row["resultado"] == "inconsistente" or row["origen"] == "inconsistente" for row in rows
            )
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
    clases = Counter(map(class_of, rows))
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
        cuentan=clases[Clase.LISTA_NOMINAL] + clases[Clase.EN_MESA],
        en_espera=clases[Clase.EN_PROCESAMIENTO],
    )


def class_of(row: sqlite3.Row) -> Clase:
    """The rule of the domain."""
    return clase(
        Situacion(row["situacion"]), Resultado(row["resultado"]), OrigenApoyo(row["origen"]),
        duplicado=Duplicado(row["duplicado"]), ambito=Ambito(row["ambito"]), fuera_de_regimen=row["regimen"] == "fuera",
    )  # fmt: skip


def test_every_combination_is_classed_by_sql_as_by_the_rule_and_the_figures_add_up(conn: sqlite3.Connection) -> None:
    every = list(product(Situacion, Resultado, OrigenApoyo, Duplicado, Ambito, ("", "fuera"), ("app", "papel")))
    columns = "id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, "
    for id_, values in enumerate(every, start=1):
        conn.execute(
            f"INSERT INTO apoyos ({columns}situacion, resultado, origen, duplicado, ambito, regimen, via) "
            f"VALUES ({id_}, 'F{id_}', 1, 1, 1, 1, 1, '[]', ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
    rows = conn.execute("SELECT * FROM apoyos ORDER BY id").fetchall()
    assert len(rows) == 5 * 3 * 2 * 3 * 3 * 2 * 2
    for row in rows:
        assert row["clase"] == class_of(row), tuple(row)
    assert {row["clase"] for row in rows} == set(Clase), "every class is reached"
    figures = conteos.total(conn, 1)
    assert figures == counted(rows)
    assert sum(n for _, n in figures.por_situacion) == figures.recibidos == len(rows)
    assert sum(n for _, n in figures.por_resultado) == len(rows)
    assert figures.cuentan + figures.en_espera + figures.no_cuentan == len(rows)
    assert sum(conteos.por_clase(conn, 1).values()) == len(rows)
    # The counters are moved by any step from one combination to another, as if it had been inserted so.
    for id_, values in enumerate(reversed(every), start=1):
        conn.execute(
            "UPDATE apoyos SET situacion = ?, resultado = ?, origen = ?, duplicado = ?, ambito = ?, regimen = ?, "
            f"via = ? WHERE id = {id_}",
            values,
        )
    assert list(conteos.recount(conn)) == []
    assert conteos.total(conn, 1) == figures


def test_a_false_counter_is_named(conn: sqlite3.Connection) -> None:
    arrive(conn, 1)
    # Zeros need not be there, and ids may lie further apart than what is left of them.
    conn.execute("INSERT INTO conteos_totales VALUES (1, 'bajas', 'BAJA', 'valido', 'bien', 0)")
    conn.execute("INSERT INTO conteos SELECT 1, 'municipio', 0, 0, 'B', 7, 7" + ", 0" * len(conteos.FIELDS))
    conn.execute("UPDATE conteos SET primero = 0, ultimo = 9 WHERE eje = 'diario'")
    assert list(conteos.recount(conn)) == []
    day = dia_de(NOW)
    for change, *expected in (
        ("UPDATE conteos_totales SET n = 5",
         ("1 en_procesamiento SIN_RESPUESTA pendiente bien", 5, 1), ("1 bajas BAJA valido bien", 5, 0)),
        ("INSERT INTO conteos SELECT 1, 'inciso', 0, 0, 'n', 1, 1, 1" + ", 0" * (len(conteos.FIELDS) - 1),
         ("1 inciso n recibidos", 1, 0)),
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


def test_classes_that_do_not_add_up_are_named(conn: sqlite3.Connection) -> None:
    for number in range(4):
        arrive(conn, number, solicitud=1 + number // 3, marks=MARKS[2] if number == 1 else "[]")
    on_paper(conn, 4, solicitud=2)
    assert list(conteos.unsummed(conn)) == []
    for change, *expected in (
        ("UPDATE conteos_totales SET n = n + 1 WHERE solicitud = 2", (2, "clases", 2, 3)),
        ("DELETE FROM conteos_totales WHERE solicitud = 2", (2, "clases", 2, 0)),
        ("UPDATE conteos SET recibidos = 0 WHERE eje = 'dia' AND solicitud = 1", (1, "dia", 3, 0)),
        ("INSERT INTO conteos_totales VALUES (7, 'bajas', 'BAJA', 'valido', 'bien', 2)", (7, "clases", 0, 2)),
        ("DELETE FROM cedulas_papel", *((2, que, 1, 2) for que in ("auxiliar", "clases", "dia", "diario"))),
    ):
        conn.execute("SAVEPOINT antes")
        conn.execute(change)
        found = [(one.solicitud, one.que, one.enviados, one.clases) for one in conteos.unsummed(conn)]
        assert found == list(expected), change
        conn.execute("ROLLBACK TO antes")


def test_an_apoyo_of_another_class_than_its_own_is_named(conn: sqlite3.Connection) -> None:
    """The class is SQLite's to compute: only a schema that somebody changed can say another."""
    sql = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'apoyos'").fetchone()[0]
    arrive(conn, 1)
    apoyos.set_situacion(conn, 1, Situacion.LISTA_NOMINAL)
    apoyos.set_duplicado(conn, 1, Duplicado.MISMO)
    assert list(conteos.misclassed(conn)) == []
    conn.execute("PRAGMA writable_schema = ON")
    other = sql.replace("WHEN duplicado = 'mismo' THEN 'duplicado_mismo'", "")
    assert other != sql
    conn.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'apoyos'", (other,))
    conn.execute("PRAGMA writable_schema = RESET")
    assert list(conteos.misclassed(conn)) == [("LISTA_NOMINAL pendiente bien mismo", "en_mesa", 1)]


def test_a_duplicate_and_one_from_elsewhere_do_not_count(conn: sqlite3.Connection) -> None:
    for number in range(4):
        apoyos.set_situacion(conn, arrive(conn, number), Situacion.LISTA_NOMINAL, municipio="A")
    assert conteos.total(conn, 1).cuentan == 4
    apoyos.set_duplicado(conn, 1, Duplicado.MISMO)
    apoyos.set_duplicado(conn, 2, Duplicado.OTRO)
    apoyos.set_ambito(conn, 3, Ambito.FUERA)
    apoyos.set_ambito(conn, 4, Ambito.DENTRO, fuera_de_regimen=True)
    total = conteos.total(conn, 1)
    assert (total.lista_nominal, total.cuentan, total.no_cuentan) == (4, 0, 4)
    assert conteos.por_unidad(conn, 1, "municipio") == {}
    classes = {one: n for one, n in conteos.por_clase(conn, 1).items() if n}
    assert classes == dict.fromkeys(
        (Clase.DUPLICADO_MISMO, Clase.DUPLICADO_OTRO, Clase.FUERA_DE_AMBITO, Clase.FUERA_DE_REGIMEN), 1
    )


def test_incisos_are_counted_as_they_change(conn: sqlite3.Connection) -> None:
    for number in range(3):
        apoyos.set_resultado(conn, arrive(conn, number), Resultado.INCONSISTENTE, inciso="e")
    apoyos.set_resultado(conn, 2, Resultado.INCONSISTENTE, inciso="n")
    apoyos.set_resultado(conn, 3, Resultado.VALIDO)
    assert conteos.por_inciso(conn, 1) == {"e": 1, "n": 1}
    assert list(conteos.recount(conn)) == []


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
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen) "
        "SELECT 2, 'F2', 1, 1, 1, 1, dia, '[]', 'bien' FROM apoyos",
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
    for name in ("0003_portales.sql", "0004_despues_del_acuse.sql"):
        script = (resources.files("server.store.migrations") / name).read_text(encoding="utf-8")
        for statement in statements(script):
            conn.execute(statement)
        if name == "0003_portales.sql":
            # What the mesa may have found before there were classes.
            conn.execute("UPDATE apoyos SET resultado = 'inconsistente', inciso = 'e' WHERE id = 2")
            conn.execute("UPDATE apoyos SET resultado = 'valido', situacion = 'LISTA_NOMINAL' WHERE id = 1")
    assert list(conteos.recount(conn)) == []
    assert list(conteos.unsummed(conn)) == []
    assert conteos.por_inciso(conn, 1) == {"e": 1}
    assert list(apoyos.differences(conn)) == []
    assert conteos.total(conn, 1) == counted(conn.execute("SELECT * FROM apoyos").fetchall())
    assert conteos.total(conn, 1) == Cuenta(4, 1, 0, 0, 0, 3, 2, 1, 1, 2, 1, 0)
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
