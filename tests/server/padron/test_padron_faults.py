"""kill -9 of an import at any moment, and of the server beside it: a whole version is in force, no litter grows."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server import keyring
from server.app import INDEX, KEYS
from server.clock import system_clock
from server.store import padron
from server.store.connection import open_reader
from server.store.padron import Version
from tests import factories
from tests.factories import FrozenClock
from tests.server.padron.archivos import clave, escrito, persona
from tests.server.test_faults import Server

pytestmark = [pytest.mark.faults, pytest.mark.socket]

PEOPLE = 12_000
KILLS = 6
SITUACIONES = ("LISTA_NOMINAL", "PADRON")


def command(datos: Path, file: Path, corte: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "ACOPIO_DATOS": str(datos), "ACOPIO_FRASE": factories.SECRET}
    return subprocess.Popen(
        [sys.executable, "-m", "server", "padron", "import", str(file), "--corte", corte], env=env,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def begun(process: subprocess.Popen[bytes], folder: Path, known: set[str]) -> None:
    """Wait until it writes."""
    while process.poll() is None and not ({path.name for path in folder.glob("*")} - known):
        time.sleep(0.002)


def state(datos: Path) -> tuple[Version, str]:
    """The version in force and what it says of somebody; all whom it should have are there."""
    reader = open_reader(datos / INDEX)
    try:
        version = padron.vigente(reader)
        assert version is not None
        found = {padron.ask(reader, clave(n)).situacion for n in range(0, PEOPLE, 997)}
        assert len(found) == 1
        assert padron.ask(reader, clave(PEOPLE)).situacion == "NO_ENCONTRADO"
        return version, found.pop()
    finally:
        reader.close()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"candado"}


def test_an_import_that_is_killed_leaves_the_version_that_was_in_force(tmp_path: Path) -> None:
    datos = tmp_path / "caja"
    keyring.create(datos / KEYS, factories.SECRET.encode(), system_clock())
    folder, rng, killed = datos / "padron", random.Random(5), 0
    files = [
        escrito(tmp_path / f"{one}.csv", [persona(n, situacion=one) for n in range(PEOPLE)]) for one in SITUACIONES
    ]
    first = command(datos, files[0], "2026-01-01")
    output, _ = first.communicate(timeout=90)
    assert first.returncode == 0, output
    now, said = state(datos)
    assert said == SITUACIONES[0]
    for turn in range(KILLS):
        known = names(folder) - {"importando.tmp"} | {"candado"}
        (folder / "importando.tmp").unlink(missing_ok=True)
        process = command(datos, files[(turn + 1) % 2], f"2026-02-{turn + 1:02d}")
        begun(process, folder, known)
        time.sleep(rng.uniform(0, 0.5))
        process.kill()
        process.communicate()
        killed += process.returncode == -9
        then, said = state(datos)
        expected = SITUACIONES[(turn + 1) % 2] if then != now else said
        assert said == expected
        if then == now:
            assert (then.id, then.corte) == (now.id, now.corte)
        now = then
        # What is named, one in the making, and one that was made and had not been put in force.
        reader = open_reader(datos / INDEX)
        named = {one.archivo for one in padron.versiones(reader)}
        reader.close()
        assert named <= names(folder)
        assert len(names(folder) - named) <= 2
    assert killed >= KILLS // 2, "most were killed at work"
    last = command(datos, files[1], "2026-03-01")
    output, _ = last.communicate(timeout=90)
    assert last.returncode == 0, output
    reader = open_reader(datos / INDEX)
    assert names(folder) == {one.archivo for one in padron.versiones(reader)}, "the next import leaves nothing behind"
    reader.close()
    assert state(datos)[1] == SITUACIONES[1]


def test_a_server_that_is_killed_in_the_middle_of_it_has_the_new_one_when_it_is_back(tmp_path: Path) -> None:
    config = factories.settings(tmp_path, second=True)
    factories.make_box(config, FrozenClock(system_clock()))
    file = escrito(tmp_path / "p.csv", [persona(n) for n in range(PEOPLE)])
    server = Server(tmp_path)
    try:
        asyncio.run(server.start())
        process = command(config.datos, file, "2026-01-01")
        begun(process, config.datos / "padron", {"candado"})
        server.kill()
        output, _ = process.communicate(timeout=90)
        assert process.returncode == 0, output
        asyncio.run(server.start())
        version, said = state(config.datos)
        assert (version.corte, said) == ("2026-01-01", "LISTA_NOMINAL")
        process = command(config.datos, file, "2026-01-02")
        output, _ = process.communicate(timeout=90)
        assert process.returncode == 0, output
        assert state(config.datos)[0].corte == "2026-01-02"
    finally:
        server.close()
