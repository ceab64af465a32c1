"""Duplicates in the index: whatever the order, the crashes and the repeats, it is what the rule says of the set."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.apoyo import Duplicado, OrigenApoyo, Resultado, Situacion
from server.domain.banderas import Codigo
from server.domain.duplicados import Candidato, Dato, puede_contar, resolver
from server.domain.reglas import DuplicadosOtros
from server.store import apoyos, banderas, identidades
from server.store.connection import open_writer
from server.store.migrations import migrate

S = Situacion


@dataclass(frozen=True)
class Uno:
    """An apoyo of the set. `antes`: data that were misread at first."""

    solicitud: int
    ms: int
    origen: OrigenApoyo
    datos: dict[str, bytes]
    antes: dict[str, bytes]
    situacion: Situacion
    resultado: Resultado


def data() -> st.SearchStrategy[dict[str, bytes]]:
    hashes = st.sampled_from([bytes([n]) * 16 for n in range(3)])
    return st.dictionaries(st.sampled_from(["clave", "cic", "ocr"]), hashes, max_size=3)


UNO = st.builds(
    Uno, st.sampled_from([1, 1, 2, 3, 9]), st.integers(0, 4),
    st.sampled_from([OrigenApoyo.BIEN] * 4 + [OrigenApoyo.INCONSISTENTE]),
    data(), data(), st.sampled_from([S.LISTA_NOMINAL] * 4 + [S.NO_ENCONTRADO]),
    st.sampled_from([Resultado.PENDIENTE] * 3 + [Resultado.VALIDO, Resultado.INCONSISTENTE]),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as made:
        conn = open_writer(Path(made) / "molde.db")
        migrate(conn)
        for n in (1, 2):
            conn.execute("INSERT INTO procesos VALUES (?, 'candidatura_independiente', 'x', 1)", (n,))
            conn.execute(
                "INSERT INTO periodos (id, proceso_id, nombre, ambito, entidad, inicia_ms, termina_ms, estatus, "
                "creado_ms) VALUES (?, ?, 'x', 'local', '32', 1, 2, 'activo', 1)",
                (n, n),
            )
        for solicitud in (1, 2, 3, 9):
            conn.execute(
                "INSERT INTO aspirantes (id, periodo_id, nombre, apellido_paterno, apellido_materno, correo, "
                "tipo_cuenta, estatus, creado_ms) VALUES (?, ?, 'a', 'b', '', 'c', 'google', 'activo', 1)",
                (solicitud, 2 if solicitud == 9 else 1),
            )
        conn.close()
        yield Path(made)


@dataclass
class Indice:
    """An index in memory, and operations on it that are killed now and then."""

    conn: sqlite3.Connection
    regla: DuplicadosOtros
    kills: Iterator[bool] = field(default_factory=lambda: iter(()))

    def do(self, step: object) -> None:
        while True:
            self.conn.execute("BEGIN IMMEDIATE")
            step()  # type: ignore[operator]
            if not next(self.kills, False):
                self.conn.execute("COMMIT")
                return
            self.conn.execute("ROLLBACK")

    def take(self, id_: int, uno: Uno) -> None:
        self.do(
            lambda: self.conn.execute(
                "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen) "
                "VALUES (?, ?, ?, 1, 1, ?, 0, '[]', ?)",
                (id_, f"f{id_}", uno.solicitud, uno.ms, uno.origen),
            )
        )

    def identify(self, id_: int, datos: dict[str, bytes]) -> None:
        self.do(lambda: identidades.identify(self.conn, id_, datos, self.regla, 7))

    def answer(self, id_: int, situacion: Situacion) -> None:
        def step() -> None:
            apoyos.set_situacion(self.conn, id_, situacion)
            identidades.revisar(self.conn, [id_], self.regla, 7)

        self.do(step)

    def decide(self, id_: int, resultado: Resultado) -> None:
        """The mesa's verdict, and then what its trigger asks of the pipeline, each in a transaction of its own."""
        self.do(lambda: apoyos.set_resultado(self.conn, id_, resultado))
        self.do(lambda: identidades.revisar(self.conn, [id_], self.regla, 7))

    def labels(self) -> dict[int, tuple[Duplicado, frozenset[Codigo]]]:
        rows = self.conn.execute("SELECT id, duplicado FROM apoyos")
        return {
            row["id"]: (Duplicado(row["duplicado"]), frozenset(one.codigo for one in banderas.of(self.conn, row["id"])))
            for row in rows
        }


@settings(max_examples=150, deadline=None)
@given(
    unos=st.lists(UNO, min_size=1, max_size=9), regla=st.sampled_from(DuplicadosOtros), draw=st.data(),
    kills=st.lists(st.booleans(), max_size=60),
)  # fmt: skip
def test_the_outcome_is_a_function_of_the_set(
    folder: Path, unos: list[Uno], regla: DuplicadosOtros, draw: st.DataObject, kills: list[bool]
) -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    source = sqlite3.connect(folder / "molde.db")
    source.backup(conn)
    source.close()
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA foreign_keys = ON")
    indice = Indice(conn, regla, iter(kills))
    order = draw.draw(st.permutations(range(len(unos))))
    for id_ in order:
        indice.take(id_ + 1, unos[id_])
    steps = [(id_, kind) for id_ in range(len(unos)) for kind in ("misread", "read", "answer", "decide", "again")]
    for id_, kind in draw.draw(st.permutations(steps)):
        uno = unos[id_]
        if kind == "misread":
            if identidades.of(conn, id_ + 1) != uno.datos:
                indice.identify(id_ + 1, uno.antes)
        elif kind == "read":
            indice.identify(id_ + 1, uno.datos)
        elif kind == "answer":
            indice.answer(id_ + 1, uno.situacion)
        elif kind == "decide":
            indice.decide(id_ + 1, uno.resultado)
        else:
            indice.do(lambda id_=id_: identidades.revisar(conn, [id_ + 1], regla, 7))
    for id_, uno in enumerate(unos):
        indice.identify(id_ + 1, uno.datos)
    # Whatever comes last is followed by nothing that would put right what it left undone.
    last = draw.draw(st.integers(0, len(unos) - 1))
    verdict = draw.draw(st.sampled_from(Resultado))
    indice.decide(last + 1, verdict)
    unos[last] = replace(unos[last], resultado=verdict)
    candidatos = []
    datos: dict[int, list[Dato]] = {}
    for row in conn.execute("SELECT * FROM apoyos"):
        uno = unos[row["id"] - 1]
        one = apoyos.get(conn, row["id"])
        assert one is not None
        able = puede_contar(uno.situacion, uno.resultado, uno.origen, one.ambito, fuera_de_regimen=False)
        periodo = 2 if uno.solicitud == 9 else 1
        candidatos.append(Candidato(one.id, uno.solicitud, periodo, uno.ms, able))
        datos[one.id] = list(uno.datos.items())
    expected = resolver(candidatos, datos, regla)
    assert indice.labels() == {id_: (said.duplicado, said.banderas) for id_, said in expected.items()}
    conn.close()


def test_what_a_verdict_changes_goes_on_along_those_who_share_data(folder: Path) -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    source = sqlite3.connect(folder / "molde.db")
    source.backup(conn)
    source.close()
    conn.row_factory = sqlite3.Row
    indice = Indice(conn, DuplicadosOtros.PRIMERO)
    a, b, c = b"a" * 16, b"b" * 16, b"c" * 16
    sets = [{"cic": a}, {"cic": a, "ocr": b}, {"ocr": b, "clave": c}, {"clave": c}]
    for n, datos in enumerate(sets, 1):
        indice.take(n, Uno(1, n, OrigenApoyo.BIEN, datos, datos, S.LISTA_NOMINAL, Resultado.PENDIENTE))
        indice.identify(n, datos)
    no, mismo = Duplicado.NO, Duplicado.MISMO
    assert [label for label, _ in indice.labels().values()] == [no, mismo, no, mismo]
    indice.decide(1, Resultado.INCONSISTENTE)
    assert [label for label, _ in indice.labels().values()] == [no, no, mismo, no]
    indice.decide(1, Resultado.VALIDO)
    assert [label for label, _ in indice.labels().values()] == [no, mismo, no, mismo]
    conn.close()


def test_one_card_given_a_thousand_times_is_judged_in_few_questions(folder: Path) -> None:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    source = sqlite3.connect(folder / "molde.db")
    source.backup(conn)
    source.close()
    conn.row_factory = sqlite3.Row
    indice = Indice(conn, DuplicadosOtros.PRIMERO)
    same = {"clave": b"c" * 16, "cic": b"i" * 16, "ocr": b"o" * 16}
    asked: list[str] = []
    for id_ in range(1, 301):
        indice.take(id_, Uno(1 + id_ % 2, id_, OrigenApoyo.BIEN, same, same, S.LISTA_NOMINAL, Resultado.PENDIENTE))
    conn.set_trace_callback(asked.append)
    for id_ in range(1, 301):
        asked.clear()
        indice.identify(id_, same)
        assert len(asked) < 40, "one more of a known group costs no more questions than the first"
    asked.clear()
    indice.decide(1, Resultado.INCONSISTENTE)
    assert len(asked) < 300 * 8, "and when the first falls, each is asked for once"
    counting = [id_ for id_, (label, _) in indice.labels().items() if label is Duplicado.NO]
    assert counting == [1, 2]
    conn.close()
