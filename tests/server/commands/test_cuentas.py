"""`acopio cuentas`: the first administrator of an empty box, with and without a server beside it (row A1)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server import keyring
from server.app import KEYS
from server.clock import system_clock
from server.commands.cuentas import cuentas
from server.errors import ConfigurationError
from tests.factories import SECRET
from tests.server.portals.entrar.gente import PDF
from tests.server.portals.portal import abierto

ANA = ["crear", "ana@ejemplo.mx", "--nombre", "Ana Prueba", "--cargo", "Titular"]


def acopio(datos: Path, *args: str) -> Result:
    environment = {"ACOPIO_DATOS": str(datos), "ACOPIO_FRASE": SECRET, "ACOPIO_URL_PUBLICA": "https://caja.ejemplo.mx"}
    return CliRunner().invoke(cuentas, list(args), env=environment)


@pytest.fixture
def datos(tmp_path: Path) -> Path:
    keyring.create(tmp_path / "caja" / KEYS, SECRET.encode(), system_clock())
    return tmp_path / "caja"


def test_the_first_administrator_of_an_empty_box(datos: Path) -> None:
    assert "Todavía no hay cuentas" in acopio(datos, "listar").stdout
    made = acopio(datos, *ANA, "--en-papel")
    assert made.exit_code == 0, made.output
    assert re.search(r"https://caja\.ejemplo\.mx/invitacion/[\w-]{43}\n", made.stdout)
    assert "quedó aceptada" in made.stdout
    twice = acopio(datos, *ANA)
    assert (twice.exit_code, twice.stdout) == (1, "")
    assert "Ya hay una cuenta con ese correo" in twice.stderr
    again = acopio(datos, "enlace", "ANA@ejemplo.mx")
    assert "/invitacion/" in again.stdout
    assert again.stdout not in made.stdout
    assert re.search(r"invitada +administracion +1 paso +ana@ejemplo\.mx", acopio(datos, "listar").stdout)


def test_a_scanned_declaracion_and_bad_ones(datos: Path, tmp_path: Path) -> None:
    scan, other = tmp_path / "d.pdf", tmp_path / "d.docx"
    scan.write_bytes(PDF)
    other.write_bytes(b"PK")
    refused = acopio(datos, *ANA, "--declaracion", str(other))
    assert refused.exit_code == 1
    assert "no es un PDF" in refused.stderr
    assert "Todavía no hay cuentas" in acopio(datos, "listar").stdout, "nothing half done"
    assert acopio(datos, *ANA, "--declaracion", str(scan)).exit_code == 0
    both = acopio(datos, *ANA, "--declaracion", str(scan), "--en-papel")
    assert isinstance(both.exception, ConfigurationError)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["suspender", "nadie@ejemplo.mx", "--causa", "x"], "No hay una cuenta"),
        (["reactivar", "ana@ejemplo.mx"], "no está suspendida"),
        (["restablecer", "ana@ejemplo.mx", "--segundo-factor"], "no tiene un segundo paso"),
        (["crear", "sin arroba", "--nombre", "X", "--cargo", "Y"], "no es un correo"),
        (["crear", "x@ejemplo.mx", "--nombre", "  ", "--cargo", "Y"], "Escriba el nombre"),
    ],
)
def test_what_cannot_be_done(datos: Path, args: list[str], said: str) -> None:
    acopio(datos, *ANA)
    refused = acopio(datos, *args)
    assert refused.exit_code == 1
    assert said in refused.stderr


def test_suspend_and_reactivate(datos: Path) -> None:
    acopio(datos, *ANA)
    assert acopio(datos, "suspender", "ana@ejemplo.mx", "--causa", "Licencia").exit_code == 0
    assert "suspendida" in acopio(datos, "listar").stdout
    assert "invitada" in acopio(datos, "reactivar", "ana@ejemplo.mx").stdout


@pytest.mark.anyio
async def test_beside_a_running_server(tmp_path: Path) -> None:
    async with abierto(tmp_path) as sitio:
        made = await asyncio.to_thread(acopio, tmp_path / "caja", *ANA, "--en-papel")
        assert made.exit_code == 0, made.output
        link = re.search(r"/invitacion/[\w-]{43}", made.stdout)
        assert link
        assert (await sitio.nadie().get(link[0])).status == 200
        [event] = sitio.eventos("cuenta_invitada")
        assert event["actor"] == "consola"
        refused = await asyncio.to_thread(acopio, tmp_path / "caja", *ANA)
        assert refused.exit_code == 1
        assert len((await asyncio.to_thread(acopio, tmp_path / "caja", "listar")).stdout.splitlines()) == 1
