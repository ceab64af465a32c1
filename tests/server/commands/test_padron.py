"""`acopio padron`: with and without a server beside it, good files and bad ones (row F2)."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server import keyring
from server.app import INDEX, KEYS
from server.clock import system_clock
from server.commands import padron as command
from server.commands.padron import padron
from server.errors import ConfigurationError
from server.store import padron as store
from server.store import padron_archivo
from server.store.connection import open_reader
from tests.factories import SECRET
from tests.server.padron.archivos import clave, escrito, persona
from tests.server.portals.portal import abierto

GENTE = [persona(n) for n in range(1, 41)]


def acopio(datos: Path, *args: str) -> Result:
    return CliRunner().invoke(padron, list(args), env={"ACOPIO_DATOS": str(datos), "ACOPIO_FRASE": SECRET})


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", "")  # the command sets it for itself


@pytest.fixture
def datos(tmp_path: Path) -> Path:
    keyring.create(tmp_path / "caja" / KEYS, SECRET.encode(), system_clock())
    return tmp_path / "caja"


def said(datos: Path, n: int) -> store.Respuesta:
    reader = open_reader(datos / INDEX)
    try:
        return store.ask(reader, clave(n))
    finally:
        reader.close()


def files(datos: Path) -> set[str]:
    return {path.name for path in (datos / "padron").iterdir()} - {"candado"}


def test_the_first_one_in_an_empty_box(datos: Path, tmp_path: Path) -> None:
    assert "No hay ninguna versión" in acopio(datos, "estado").stdout
    done = acopio(datos, "import", str(escrito(tmp_path / "p.csv", GENTE)), "--corte", "2026-08-31")
    assert done.exit_code == 0, done.output
    assert "En vigor: versión 1, corte 31/08/2026, 40 personas." in done.stdout
    assert said(datos, 7) == store.Respuesta("LISTA_NOMINAL", "", "2026-08-31")
    listed = acopio(datos, "estado").stdout
    assert "corte 31/08/2026" in listed
    assert "VIGENTE" in listed
    assert len(files(datos)) == 1


def test_a_wrong_file_never_replaces_a_good_version(datos: Path, tmp_path: Path) -> None:
    acopio(datos, "import", str(escrito(tmp_path / "p.csv", GENTE)), "--corte", "2026-08-31")
    good = files(datos)
    worse = [persona(1), persona(2, seccion="SECRETA"), persona(3, cic="12x")]
    refused = acopio(datos, "import", str(escrito(tmp_path / "q.csv", worse)), "--corte", "2026-09-30")
    assert refused.exit_code == 1
    assert "Renglones que no se tomaron: 2 (se toleran 0)." in refused.stderr
    assert "línea 3, columna seccion: no es una sección, de cuatro cifras [seccion_forma]" in refused.stderr
    assert "línea 4, columna cic" in refused.stderr
    assert "SECRETA" not in refused.output
    assert "12x" not in refused.output
    assert "sigue la versión que estaba en vigor" in refused.stderr
    for content, words in ((b"", "vacío"), (b"PK\x03\x04", "libro de Excel"), (b"hola\n", "faltan las columnas")):
        (tmp_path / "r.csv").write_bytes(content)
        refused = acopio(datos, "import", str(tmp_path / "r.csv"), "--corte", "2026-09-30")
        assert (refused.exit_code, words in refused.stderr) == (1, True), refused.output
    assert "aaaa-mm-dd" in acopio(datos, "import", str(tmp_path / "p.csv"), "--corte", "30/09/2026").stderr
    assert files(datos) == good
    assert said(datos, 7).corte == "2026-08-31"


def test_tolerated_rows_are_left_out(datos: Path, tmp_path: Path) -> None:
    people = [*GENTE, persona(41, situacion="?")]
    done = acopio(datos, "import", str(escrito(tmp_path / "p.csv", people)), "--corte", "2026-08-31", "--tolerar", "1")
    assert done.exit_code == 0
    assert "40 personas" in done.stdout
    assert "Renglones que no se tomaron: 1 (se toleran 1)." in done.stderr


def test_one_with_half_the_people_is_asked_about(datos: Path, tmp_path: Path) -> None:
    acopio(datos, "import", str(escrito(tmp_path / "p.csv", GENTE)), "--corte", "2026-08-31")
    few = str(escrito(tmp_path / "q.csv", GENTE[:19]))
    refused = acopio(datos, "import", few, "--corte", "2026-09-30")
    assert refused.exit_code == 1
    assert "parece incompleto" in refused.stderr
    assert said(datos, 7).corte == "2026-08-31"
    assert len(files(datos)) == 1, "and its file does not stay"
    done = acopio(datos, "import", few, "--corte", "2026-09-30", "--aunque-menor")
    assert done.exit_code == 0
    assert said(datos, 39).situacion == "NO_ENCONTRADO"


def test_old_versions_are_withdrawn_and_the_one_in_force_is_not(datos: Path, tmp_path: Path) -> None:
    file = str(escrito(tmp_path / "p.csv", GENTE))
    acopio(datos, "import", file, "--corte", "2026-09-30")
    second = acopio(datos, "import", file, "--corte", "2026-08-31")
    assert "La anterior (versión 1, corte 30/09/2026) se conserva" in second.stdout
    assert "Atención: el corte de la anterior es más reciente" in second.stdout
    for which, words in (("2", "es la vigente"), ("9", "No hay una versión 9")):
        refused = acopio(datos, "retirar", which)
        assert (refused.exit_code, words in refused.stderr) == (1, True)
    assert acopio(datos, "retirar", "1").exit_code == 0
    assert len(files(datos)) == 1
    assert "retirada" in acopio(datos, "estado").stdout
    assert "ya se había retirado" in acopio(datos, "retirar", "1").stderr
    assert said(datos, 7).corte == "2026-08-31"


def test_the_same_file_again_changes_nothing_and_brings_a_lost_one_back(datos: Path, tmp_path: Path) -> None:
    file = str(escrito(tmp_path / "p.csv", GENTE))
    acopio(datos, "import", file, "--corte", "2026-08-31")
    (lost,) = files(datos)
    (datos / "padron" / lost).unlink()
    state = acopio(datos, "estado").stdout
    assert "FALTA SU ARCHIVO" in state
    assert "Impórtelo otra vez" in state
    assert said(datos, 7).situacion == "SIN_RESPUESTA"
    again = acopio(datos, "import", file, "--corte", "2026-08-31")
    assert "En vigor: versión 1," in again.stdout
    assert files(datos) == {lost}
    assert said(datos, 7).situacion == "LISTA_NOMINAL"


def test_what_the_box_cannot_do_is_said(datos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(escrito(tmp_path / "p.csv", GENTE))
    nowhere = acopio(tmp_path / "nada", "import", file, "--corte", "2026-08-31")
    assert isinstance(nowhere.exception, ConfigurationError)
    with padron_archivo.alone(datos / "padron"):
        busy = acopio(datos, "import", file, "--corte", "2026-08-31")
    assert isinstance(busy.exception, ConfigurationError)
    assert "Otra importación" in str(busy.exception)

    def full(*args: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(padron_archivo.Obra, "add", full)
    stopped = acopio(datos, "import", file, "--corte", "2026-08-31")
    assert isinstance(stopped.exception, ConfigurationError)
    assert "sigue la versión" in str(stopped.exception)
    assert files(datos) == set()


def test_a_file_that_changes_before_it_is_in_force_is_not_put_in_force(
    datos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    acopio(datos, "import", str(escrito(tmp_path / "p.csv", GENTE)), "--corte", "2026-08-31")
    ask = command._ask

    def spoil(settings: object, asked: command.Padron, patience_s: int = 0) -> command.RespuestaCuentas:
        with (datos / "padron" / asked.archivo).open("r+b") as file:
            file.seek(6_000)
            file.write(b"\xff")
        return ask(settings, asked, patience_s)  # type: ignore[arg-type]

    monkeypatch.setattr(command, "_ask", spoil)
    refused = acopio(datos, "import", str(escrito(tmp_path / "q.csv", GENTE[1:])), "--corte", "2026-09-30")
    assert refused.exit_code == 1
    assert "no se puso en vigor" in refused.stderr
    assert said(datos, 1).corte == "2026-08-31"


@pytest.mark.anyio
async def test_beside_a_running_server_nothing_stops(tmp_path: Path) -> None:
    caja = tmp_path / "caja"
    async with abierto(tmp_path) as sitio:
        file = escrito(tmp_path / "p.csv", GENTE)
        done = await asyncio.to_thread(acopio, caja, "import", str(file), "--corte", "2026-08-31")
        assert done.exit_code == 0, done.output
        assert store.ask(sitio.caja.reader, clave(3)).corte == "2026-08-31"
        [event] = sitio.eventos("padron_importado")
        assert event["actor"] == "consola"
        assert event["objeto"] == "padron:1"
        escrito(tmp_path / "p.csv", [persona(n, situacion="PADRON") for n in range(1, 60)])
        await asyncio.to_thread(acopio, caja, "import", str(file), "--corte", "2026-09-30")
        assert store.ask(sitio.caja.reader, clave(3)) == store.Respuesta("PADRON", "", "2026-09-30")
        assert "VIGENTE" in (await asyncio.to_thread(acopio, caja, "estado")).stdout
        refused = await asyncio.to_thread(acopio, caja, "retirar", "2")
        assert (refused.exit_code, "es la vigente" in refused.stderr) == (1, True)
        assert (await asyncio.to_thread(acopio, caja, "retirar", "1")).exit_code == 0
        assert len(files(caja)) == 1
        assert "0" in (await asyncio.to_thread(acopio, caja, "reverificar", "--todos")).stdout
        [asked] = sitio.eventos("padron_reverificar")
        assert "todos" in str(dict(asked))


@pytest.mark.anyio
async def test_the_log_says_nothing_of_people(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with abierto(tmp_path):
        file = escrito(tmp_path / "p.csv", [*GENTE, persona(50, seccion="x")])
        await asyncio.to_thread(
            acopio, tmp_path / "caja", "import", str(file), "--corte", "2026-08-31", "--tolerar", "1"
        )
    assert not any(word in caplog.text for word in ("PEÑALOZA", clave(50), clave(1)))
