"""Versions of the padrón: one in force, replaced at any moment, gone when it is withdrawn; and what is asked again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.apoyo import Situacion
from server.padron.local import LocalPadron
from server.padron.proveedor import Pregunta
from server.store import padron, padron_archivo
from server.store.connection import Connection, open_reader, open_writer
from server.store.migrations import migrate
from server.store.padron import Version
from server.store.padron_archivo import Construido, PadronIncompleto, PadronOcupado
from tests.server.padron.archivos import clave, persona


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    made = open_writer(tmp_path / "indice.db")
    migrate(made)
    yield made
    padron.close_files(tmp_path / "padron")
    made.close()


def build(folder: Path, corte: str, people: int = 30, **changes: str) -> Construido:
    with padron_archivo.alone(folder / "padron"):
        rows = [[persona(n, **changes)[name] for name in padron.COLUMNS] for n in range(people)]
        return padron_archivo.build(folder / "padron", corte, rows)


def put(conn: Connection, made: Construido, now_ms: int = 1) -> Version:
    return padron.poner_vigente(conn, made.corte, made.filas, made.archivo, made.resumen, now_ms)


def test_without_a_version_nothing_is_known(conn: Connection) -> None:
    assert padron.ask(conn, clave(1)) == padron.Respuesta("SIN_RESPUESTA")
    assert padron.vigente(conn) is None
    assert padron.corte_vigente(conn) is None
    assert padron.versiones(conn) == []


def test_an_index_in_memory_has_none() -> None:
    conn = open_writer(Path(":memory:"))
    migrate(conn)
    assert padron.folder_of(conn) is None
    padron.poner_vigente(conn, "2026-01-01", 1, "x.sqlite", b"r" * 32, 1)
    assert padron.ask(conn, clave(1)).situacion == "SIN_RESPUESTA"
    conn.close()


def test_exactly_one_is_in_force_and_the_same_file_is_the_same_version(conn: Connection, tmp_path: Path) -> None:
    first, second = build(tmp_path, "2026-01-31"), build(tmp_path, "2026-02-28")
    one = put(conn, first)
    two = put(conn, second)
    assert (one.id, two.id) == (1, 2)
    assert [(found.id, found.vigente) for found in padron.versiones(conn)] == [(2, True), (1, False)]
    again = put(conn, first)
    assert (again.id, again.vigente, padron.corte_vigente(conn)) == (1, True, "2026-01-31")
    assert len(padron.versiones(conn)) == 2
    with pytest.raises(Exception, match="UNIQUE"):
        conn.execute("UPDATE padron_versiones SET vigente = 1")


def test_what_it_says(conn: Connection, tmp_path: Path) -> None:
    put(conn, build(tmp_path, "2026-01-31", situacion="BAJA", motivo_baja="defuncion"))
    assert padron.ask(conn, clave(7)) == padron.Respuesta("BAJA", "defuncion", "2026-01-31")
    assert padron.ask(conn, clave(77)) == padron.Respuesta("NO_ENCONTRADO", "", "2026-01-31")
    assert padron.ask(conn, "").situacion == "SIN_RESPUESTA"


def test_a_version_whose_file_is_not_there_answers_nothing_until_it_is_back(conn: Connection, tmp_path: Path) -> None:
    made = build(tmp_path, "2026-01-31")
    version = put(conn, made)
    path = tmp_path / "padron" / made.archivo
    assert padron.ask(conn, clave(1)).situacion == "LISTA_NOMINAL"
    aside = path.rename(tmp_path / "aparte")
    assert padron.ask(conn, clave(1)) == padron.Respuesta("SIN_RESPUESTA")
    assert padron.missing(conn, version)
    path.write_bytes(b"something else" * 400)
    assert padron.ask(conn, clave(1)) == padron.Respuesta("SIN_RESPUESTA")
    path.write_bytes(b"")
    assert padron.ask(conn, clave(1)) == padron.Respuesta("SIN_RESPUESTA"), "an empty file is no padrón"
    path.unlink()
    aside.rename(path)
    assert padron.ask(conn, clave(1)).situacion == "LISTA_NOMINAL"
    assert not padron.missing(conn, version)


def test_only_one_import_at_a_time_and_what_no_version_names_is_swept(conn: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "padron"
    kept, gone = build(tmp_path, "2026-01-31"), build(tmp_path, "2026-02-28")
    put(conn, kept)
    (folder / padron_archivo.EN_OBRA).write_bytes(b"half")
    with padron_archivo.alone(folder):
        with pytest.raises(PadronOcupado), padron_archivo.alone(folder):
            pytest.fail("two at a time")
        assert padron_archivo.sweep(folder, {one.archivo for one in padron.versiones(conn)}) == 2
    assert not (folder / gone.archivo).exists()
    assert padron.ask(conn, clave(1)).corte == "2026-01-31"


def test_a_withdrawn_version_keeps_its_row(conn: Connection, tmp_path: Path) -> None:
    put(conn, build(tmp_path, "2026-01-31"))
    assert not padron.retirar(conn, 1), "not the one in force"
    put(conn, build(tmp_path, "2026-02-28"))
    assert padron.retirar(conn, 1)
    assert not padron.retirar(conn, 1)
    found = padron.get(conn, 1)
    assert found is not None
    assert (found.archivo, found.corte) == ("", "2026-01-31")


@pytest.mark.parametrize("change", ["longer", "other", "corte", "filas"])
def test_a_file_is_what_was_made_or_it_is_not(tmp_path: Path, change: str) -> None:
    made = build(tmp_path, "2026-01-31")
    path = tmp_path / "padron" / made.archivo
    padron_archivo.check(path, made)
    raw = path.read_bytes()
    match change:
        case "longer":
            path.write_bytes(raw + b"x")
        case "other":
            path.write_bytes(raw[:5_000] + bytes([raw[5_000] ^ 1]) + raw[5_001:])
        case "corte":
            made = Construido(made.archivo, "2026-01-30", made.filas, made.resumen, made.bytes)
        case "filas":
            made = Construido(made.archivo, made.corte, made.filas + 1, made.resumen, made.bytes)
    with pytest.raises(PadronIncompleto):
        padron_archivo.check(path, made)


def test_replacing_it_while_readers_ask_never_gives_a_mixed_answer(conn: Connection, tmp_path: Path) -> None:
    """Every version says something else of everybody; the oldest are withdrawn and removed while they are read."""
    kinds = (("LISTA_NOMINAL", "0001"), ("PADRON", "0002"), ("BAJA", "0003"))
    made = [
        build(tmp_path, f"2026-01-{n + 1:02d}", situacion=kinds[n % 3][0], seccion=f"{n:04d}", motivo_baja="")
        for n in range(12)
    ]
    versions = {put(conn, one).id: n for n, one in enumerate(made)}
    put(conn, made[0])
    end, wrong, asked = threading.Event(), [], [0, 0, 0]
    local = LocalPadron(tmp_path / "indice.db")
    people = [Pregunta(clave(n)) for n in range(30)]

    def batches(place: int) -> None:
        while not end.is_set():
            found = local._ask(people)
            said = {(one.version, one.corte, one.situacion, one.seccion) for one in found}
            version, corte, situacion, seccion = said.pop()
            n = versions[version or 0] if version is not None else -1
            silent = situacion is Situacion.SIN_RESPUESTA
            right = (f"2026-01-{n + 1:02d}", kinds[n % 3][0], f"{n:04d}") == (corte, situacion.value, seccion)
            if said or not (silent or right):
                wrong.append(said)
            asked[place] += not silent

    def single(place: int) -> None:
        reader = open_reader(tmp_path / "indice.db")
        while not end.is_set():
            one = padron.ask(reader, clave(3))
            n = int(one.corte[-2:]) - 1 if one.corte else -1
            if one.situacion != "SIN_RESPUESTA" and one.situacion != kinds[n % 3][0]:
                wrong.append(one)
            asked[place] += one.situacion != "SIN_RESPUESTA"
        reader.close()

    threads = [threading.Thread(target=work, args=(n,)) for n, work in enumerate((batches, batches, single))]
    for thread in threads:
        thread.start()
    try:
        for turn in range(150):
            put(conn, made[turn % 6])
        for n in range(6, 12):
            before = padron.vigente(conn)
            put(conn, made[n])
            assert before is not None
            assert padron.retirar(conn, before.id)
            padron.close_files(tmp_path / "padron")
            (tmp_path / "padron" / before.archivo).unlink()
        while not all(asked):
            assert all(thread.is_alive() for thread in threads)
    finally:
        end.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert local._ask(people)[0].seccion == "0011"


def test_files_that_went_out_are_closed(conn: Connection, tmp_path: Path) -> None:
    """Room that a removed file takes up is given back with the next question, not at the end of the process."""
    first, second = build(tmp_path, "2026-01-31"), build(tmp_path, "2026-02-28")

    def held(made: Construido) -> int:
        links = [path.readlink() for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        return sum(link.name == made.archivo for link in links)

    put(conn, first)
    padron.ask(conn, clave(1))
    assert (held(first), held(second)) == (1, 0)
    put(conn, second)
    padron.ask(conn, clave(1))
    assert (held(first), held(second)) == (0, 1)
    padron.close_files(tmp_path / "padron")
    assert (held(first), held(second)) == (0, 0)
