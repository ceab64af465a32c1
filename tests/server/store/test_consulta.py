"""The consulta de registros: what it finds, against a plain reading of every row; its pages, and its work."""

from __future__ import annotations

import itertools
import random
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from server.domain import busqueda
from server.domain.apoyo import Clase, Via
from server.domain.dias import dia_de_fecha, fecha
from server.domain.filtro_registros import VALIDO, Filtro
from server.domain.marcas import Marca
from server.store import apoyos, consulta, vias
from server.store.consulta import Cuantos, Renglon
from tests.server.store.apoyos_de_prueba import APELLIDOS, NOMBRES, SITUACIONES, indice

ROWS = 900


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    made = indice(tmp_path_factory.mktemp("indice"), ROWS)
    made.execute("UPDATE apoyos SET origen = 'bien' WHERE id % 97 = 0")  # somebody resolved that, the mark stays
    for n in range(40):  # of paper: like others, but that no registro is beside them
        made.execute(
            "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, "
            "nombre, apellido_paterno, apellido_materno, busqueda, situacion, resultado, inciso, regimen, via) "
            "SELECT ? + id, 'PAPEL-' || id, solicitud, 0, 0, recibido_ms, dia, '[]', 'bien', nombre, apellido_paterno, "
            "apellido_materno, busqueda, situacion, resultado, inciso, iif(id % 2, 'fuera', ''), 'papel' FROM apoyos "
            "WHERE id = (SELECT id FROM apoyos WHERE via = 'app' ORDER BY id LIMIT 1 OFFSET ?)",
            (apoyos.PAPEL_DESDE, n * 7),
        )
    yield made
    made.close()


def plain(conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None) -> list[int]:
    """Ids that a filter asks for, newest first: each row looked at, each filter in words of its own."""
    tests: list[Callable[[sqlite3.Row], bool]] = [lambda row: solicitud is None or row["solicitud"] == solicitud]
    if filtro.desde:
        tests.append(lambda row: fecha(row["dia"]).isoformat() >= filtro.desde)
    if filtro.hasta:
        tests.append(lambda row: fecha(row["dia"]).isoformat() <= filtro.hasta)
    for name in ("solicitud", "auxiliar", "dispositivo"):
        if (wanted := getattr(filtro, name)) is not None:
            tests.append(lambda row, name=name, wanted=wanted: row[name] == wanted)  # type: ignore[misc]
    if filtro.folio:
        digits = filtro.folio.replace("-", "")
        tests.append(lambda row: row["folio"].replace("-", "").startswith(digits))
    for name, column in (("nombre", "nombre"), ("paterno", "apellido_paterno"), ("materno", "apellido_materno")):
        if typed := getattr(filtro, name):
            prefix = busqueda.parte(typed)
            tests.append(lambda row, c=column, p=prefix: busqueda.parte(row[c]).startswith(p))  # type: ignore[misc]
    if filtro.proceso:
        tipos = {1: "candidatura_independiente", 2: "consulta_popular", 3: "candidatura_independiente"}
        tests.append(lambda row: tipos[row["solicitud"]] == filtro.proceso)
    if filtro.situacion:
        tests.append(lambda row: row["situacion"] == filtro.situacion)
    if filtro.valido:
        tests.append(lambda row: row["resultado"] == VALIDO[filtro.valido])
    if filtro.inciso:
        tests.append(lambda row: row["inciso"] == filtro.inciso)
    if filtro.clase:
        tests.append(lambda row: row["clase"] == filtro.clase)
    if filtro.via:
        tests.append(lambda row: row["via"] == filtro.via)
    if filtro.motivo:
        tests.append(lambda row: row["motivo_baja"] == filtro.motivo)
    if filtro.marca in ("bien", "inconsistente"):
        tests.append(lambda row: row["origen"] == filtro.marca)
    elif filtro.marca:
        tests.append(lambda row: f'"{filtro.marca}"' in row["marcas"])
    rows = conn.execute("SELECT * FROM apoyos ORDER BY id DESC").fetchall()
    return [row["id"] for row in rows if all(test(row) for test in tests)]


VALUES: dict[str, list[Any]] = {
    "desde": ["2026-09-20", "2026-09-23", "2026-09-26", "2026-10-15"],
    "hasta": ["2026-09-10", "2026-09-23", "2026-09-28", "2026-10-15"],
    "solicitud": [1, 2, 3, 99],
    "folio": ["0", "000001", "000001000001", "00000100000", "0000010000010000001", "000001000001000000100000", "9"],
    "nombre": [*[name for name in NOMBRES if name], "j", "jose a", "nadie"],
    "paterno": [*[name for name in APELLIDOS if name], "l", "LO", "muñ", "nadie"],
    "materno": [*[name for name in APELLIDOS if name], "de la", "nadie"],
    "proceso": ["candidatura_independiente", "consulta_popular", "revocacion_mandato"],
    "auxiliar": [1, 2, 4, 99],
    "dispositivo": [1, 2, 3, 7, 99],
    "situacion": list(SITUACIONES),
    "valido": list(VALIDO),
    "motivo": ["defuncion", "migracion", "duplicado"],
    "marca": ["bien", "inconsistente", *Marca],
    "inciso": ["a", "n", "e"],
    "clase": list(Clase),
    "via": list(Via),
}


def combinations() -> Iterator[Filtro]:
    """Each filter alone, every pair, and many of any size."""
    for size in (0, 1, 2):
        for names in itertools.combinations(VALUES, size):
            for shift in range(3 if size == 1 else 1):
                yield Filtro(**{name: VALUES[name][shift % len(VALUES[name])] for name in names})
    rng = random.Random(3)
    for _ in range(150):
        names = rng.sample(list(VALUES), rng.randint(1, 6))
        yield Filtro(**{name: rng.choice(VALUES[name]) for name in names})


@pytest.mark.parametrize("limits", [{}, {"POCOS": 20, "TRABAJO": 60, "MUCHOS": 40}], ids=["usual", "small"])
def test_every_combination_finds_what_a_plain_reading_finds(
    conn: sqlite3.Connection, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(consulta if name == "MUCHOS" else vias, name, value)
    found_any = 0
    for filtro, solicitud in itertools.product(combinations(), (None, 1)):
        expected = plain(conn, filtro, solicitud)
        found_any += bool(expected)
        exported: list[int] = []
        antes: int | None = None
        while True:
            rows, antes = consulta.tramo(conn, filtro, solicitud, antes=antes, limite=70)
            exported += [row.id for row in rows]
            if antes is None:
                break
        assert exported == expected, (filtro, solicitud)
        told = consulta.pagina(conn, filtro, solicitud, limite=30).cuantos
        if not limits:
            assert told == Cuantos(len(expected), True), (filtro, solicitud)
        assert told.n == len(expected) if told.exacto else told.n <= len(expected), (filtro, solicitud)
    assert found_any > 200


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize(
    "filtro",
    [
        Filtro(), Filtro(situacion="BAJA"), Filtro(paterno="lo"), Filtro(marca="reloj_sin_referencia"),
        Filtro(desde="2026-09-23", hasta="2026-09-25"), Filtro(materno="garcia", valido="si"), Filtro(auxiliar=1),
        Filtro(dispositivo=1, situacion="PADRON"),
    ],
)  # fmt: skip
def test_pages_go_to_the_end_and_back(
    conn: sqlite3.Connection, filtro: Filtro, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if small:
        monkeypatch.setattr(vias, "TRABAJO", 50)
        monkeypatch.setattr(vias, "POCOS", 10)
    expected = plain(conn, filtro, None)
    pages = [consulta.pagina(conn, filtro, None, limite=11)]
    assert pages[0].despues is None
    while (antes := pages[-1].antes) is not None:
        pages.append(consulta.pagina(conn, filtro, None, limite=11, antes=antes))
        assert pages[-1].despues is not None
    assert [row.id for page in pages for row in page.renglones] == expected
    if not small:
        assert all(len(page.renglones) == 11 for page in pages[:-1])
    back: list[int] = [row.id for row in pages[-1].renglones]
    despues = pages[-1].despues
    while despues is not None:
        page = consulta.pagina(conn, filtro, None, limite=11, despues=despues)
        above = [row.id for row in page.renglones]
        # The newest page is shown whole, so it may repeat rows of the one below.
        back = above + [one for one in back if one not in above]
        despues = page.despues
    assert back == expected


def test_an_aspirante_reaches_nothing_of_another_whatever_is_asked(conn: sqlite3.Connection) -> None:
    for filtro in combinations():
        for row in consulta.pagina(conn, filtro, 2).renglones:
            assert row.solicitud == 2
    other = conn.execute("SELECT folio, auxiliar, dispositivo FROM apoyos WHERE solicitud = 1").fetchone()
    for filtro in (
        Filtro(folio=other["folio"]), Filtro(solicitud=1), Filtro(auxiliar=other["auxiliar"]),
        Filtro(dispositivo=other["dispositivo"]), Filtro(folio="000001"),
    ):  # fmt: skip
        assert consulta.pagina(conn, filtro, 2).renglones == ()
        assert consulta.pagina(conn, filtro, 1).renglones


def test_a_row_says_what_is_known(conn: sqlite3.Connection) -> None:
    row = conn.execute("SELECT * FROM apoyos WHERE situacion = 'BAJA' AND motivo_baja = 'migracion'").fetchone()
    [found] = consulta.pagina(conn, Filtro(folio=row["folio"]), None).renglones
    assert isinstance(found, Renglon)
    assert (found.id, found.folio, found.nombre, found.situacion.texto) == (
        row["id"], row["folio"], row["nombre"], "Bajas",
    )  # fmt: skip
    assert found.motivo_baja is not None
    assert found.motivo_baja.texto == "Migración"


@dataclass
class Watched:
    """A connection that keeps what it was asked."""

    conn: sqlite3.Connection
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        self.asked.append((sql, values))
        return self.conn.execute(sql, values)


@pytest.mark.parametrize("limits", [{}, {"POCOS": 20, "TRABAJO": 60}], ids=["usual", "small"])
def test_no_statement_reads_a_whole_table(
    conn: sqlite3.Connection, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(consulta if name == "MUCHOS" else vias, name, value)
    looked: set[str] = set()
    ways: set[str] = set()
    for filtro, solicitud in itertools.product(combinations(), (None, 1)):
        watched = Watched(conn)
        consulta.pagina(watched, filtro, solicitud, limite=11, antes=500)  # type: ignore[arg-type]
        consulta.pagina(watched, filtro, solicitud, limite=11, despues=300)  # type: ignore[arg-type]
        # Not one statement more because there are more rows.
        assert len(watched.asked) <= 24
        for sql, values in watched.asked:
            assert "OFFSET" not in sql
            ways |= set(re.findall(r"INDEXED BY (\w+)", sql))
            if sql in looked:
                continue
            looked.add(sql)
            plan = [row["detail"] for row in conn.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
            whole = [line for line in plan if line.startswith("SCAN") and not re.match(r"SCAN (s|x|d|\(|c VIRT)", line)]
            assert whole == [], (filtro, sql)
            for line in plan:
                assert not re.match(r"SEARCH c USING PRIMARY KEY \(solicitud=\?( AND eje=\?)?\)$", line), (filtro, sql)
    expected = {"solicitud", "situacion", "resultado", "origen", "auxiliar", "clase"}
    if limits:
        expected |= {"busqueda", "materno", "nombre", "marcados", "inciso", "papel"}
    assert {f"apoyos_{name}" for name in expected} == ways


def test_work_is_bounded_however_many_there_are(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vias, "TRABAJO", 300)
    monkeypatch.setattr(vias, "POCOS", 100)
    monkeypatch.setattr(consulta, "MUCHOS", 200)

    def steps(conn: sqlite3.Connection, filtro: Filtro, solicitud: int | None) -> int:
        """Instructions of SQLite's machine, in hundreds."""
        count = 0

        def one() -> int:
            nonlocal count
            count += 1
            return 0

        conn.set_progress_handler(one, 100)
        consulta.pagina(conn, filtro, solicitud, limite=20)
        conn.set_progress_handler(None, 100)
        return count

    few = indice(tmp_path_factory.mktemp("pocos"), 1_500)
    many = indice(tmp_path_factory.mktemp("muchos"), 12_000)
    worst: list[tuple[float, Filtro, int | None]] = []
    for filtro, solicitud in itertools.product(itertools.islice(combinations(), 260), (None, 1)):
        if filtro.dispositivo is not None:
            continue  # as long as the phone's own list: here eighteen phones hold everything
        before, after = steps(few, filtro, solicitud), steps(many, filtro, solicitud)
        worst.append((after - 2.0 * before, filtro, solicitud))
    few.close()
    many.close()
    assert max(worst, key=lambda one: one[0])[0] < 150, max(worst, key=lambda one: one[0])
    assert len(worst) > 300


def test_the_days_of_a_filter_are_days_of_hora_del_centro(conn: sqlite3.Connection) -> None:
    row = conn.execute("SELECT * FROM apoyos WHERE recibido_ms % 86400000 < 21600000 LIMIT 1").fetchone()
    day = fecha(row["dia"]).isoformat()
    assert Filtro(desde=day, hasta=day).dias == (row["dia"], row["dia"]) == ((dia_de_fecha(fecha(row["dia"])),) * 2)
    found = [one.id for one in consulta.tramo(conn, Filtro(desde=day, hasta=day), None, antes=None, limite=ROWS)[0]]
    assert row["id"] in found
