"""What `acopio doctor` says of the padrón, and of whom is asked instead (row F2)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.app import INDEX
from server.doctor import padron as checks
from server.doctor.valores import Entorno, Estado
from server.store import padron, padron_archivo
from server.store.connection import Connection, open_writer
from server.store.migrations import migrate
from tests import factories
from tests.factories import FrozenClock
from tests.server.padron.archivos import persona


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    (tmp_path / "caja").mkdir()
    made = open_writer(tmp_path / "caja" / INDEX)
    migrate(made)
    yield made
    made.close()


def entorno(folder: Path, **changes: object) -> Entorno:
    config = factories.settings(folder, **changes)
    return Entorno(
        settings=config, env={}, clock=FrozenClock(), indice=config.datos / INDEX, diario=config.datos,
        parciales=config.datos, llaves=config.datos, en_marcha=False,
    )  # fmt: skip


def put(conn: Connection, datos: Path) -> Path:
    folder = datos / "padron"
    with padron_archivo.alone(folder):
        made = padron_archivo.build(folder, "2026-08-31", [[persona(1)[name] for name in padron.COLUMNS]])
    padron.poner_vigente(conn, made.corte, made.filas, made.archivo, made.resumen, 1)
    return folder / made.archivo


def test_without_one_it_is_only_said(conn: Connection, tmp_path: Path) -> None:
    [one] = checks.vigente(entorno(tmp_path))
    assert (one.estado, "Todo queda «Sin respuesta»" in one.texto) == (Estado.OMITIDO, True)
    [one] = checks.vigente(entorno(tmp_path, padron_url="https://padron.ejemplo.mx"))
    assert (one.estado, "servicio del instituto" in one.texto) == (Estado.OMITIDO, True)
    assert list(checks.servicio(entorno(tmp_path))) == []


def test_the_one_in_force_and_its_file(conn: Connection, tmp_path: Path) -> None:
    file = put(conn, tmp_path / "caja")
    [one] = checks.vigente(entorno(tmp_path))
    assert (one.estado, one.texto) == (Estado.BIEN, "Padrón con corte 31/08/2026: 1 personas.")
    file.unlink()
    [one] = checks.vigente(entorno(tmp_path))
    assert (one.estado, one.codigo) == (Estado.AVISO, "padron_sin_archivo")
    assert "acopio padron import" in one.que_hacer


def test_an_index_that_cannot_be_read(tmp_path: Path) -> None:
    [one] = checks.vigente(entorno(tmp_path))
    assert one.estado is Estado.OMITIDO


def test_the_key_of_the_service(tmp_path: Path) -> None:
    url, key = "https://padron.ejemplo.mx", tmp_path / "llave"
    [one] = checks.servicio(entorno(tmp_path, padron_url=url))
    assert (one.estado, "sin llave" in one.texto) == (Estado.BIEN, True)
    [one] = checks.servicio(entorno(tmp_path, padron_url=url, padron_llave_archivo=key))
    assert (one.estado, one.codigo) == (Estado.AVISO, "padron_llave")
    key.write_text("secreta")
    key.chmod(0o644)
    [one] = checks.servicio(entorno(tmp_path, padron_url=url, padron_llave_archivo=key))
    assert (one.estado, "chmod 600" in one.que_hacer) == (Estado.AVISO, True)
    key.chmod(0o600)
    [one] = checks.servicio(entorno(tmp_path, padron_url=url, padron_llave_archivo=key))
    assert one.estado is Estado.BIEN
