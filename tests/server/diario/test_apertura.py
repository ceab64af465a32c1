"""Opening one sobre: what it seals, and why it does not open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from server.clock import iso_utc
from server.diario.apertura import NoAbre, abrir
from server.diario.cadena import Diario
from server.diario.lote import file_name
from sync_protocol import registro, sobre
from sync_protocol.sealing import OpeningKey
from tests.factories import NOW, Phone

KEY = OpeningKey(bytes(range(32)))
KEYS = {KEY.public.key_id: KEY}


@dataclass(frozen=True)
class Lugar:
    lote: int
    posicion: int
    tam: int
    codigo: bytes


@pytest.fixture
def diario(tmp_path: Path) -> Path:
    made = Diario(tmp_path / "diario")
    made.prepare()
    return made.folder


def written(folder: Path, raw: bytes) -> Lugar:
    """A lote with one sobre, and where it lies."""
    builder = Diario(folder).begin(iso_utc(NOW))
    digest = sobre.codigo_de_integridad(raw)
    at = builder.add("registro", {}, sobre=("uno.sobre", raw, digest))
    builder.write(folder)
    return Lugar(1, at, len(raw), digest)


def test_a_sobre_opens_to_what_was_captured(diario: Path) -> None:
    phone = Phone(1, 2, 3, KEY.public)
    record = abrir(diario, KEYS, written(diario, phone.capture()))
    assert isinstance(record, registro.Testigos)
    assert record.folio == str(phone.folio(0))


def test_why_one_does_not_open(diario: Path) -> None:
    where = written(diario, Phone(1, 2, 3, KEY.public).capture())
    path = diario / file_name(1)
    found: list[str] = []
    with pytest.raises(NoAbre) as caught:
        abrir(diario, {}, where)
    found.append(caught.value.motivo)
    content = bytearray(path.read_bytes())
    content[where.posicion + where.tam // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(NoAbre) as caught:
        abrir(diario, KEYS, where)
    found.append(caught.value.motivo)
    path.unlink()
    with pytest.raises(NoAbre) as caught:
        abrir(diario, KEYS, where)
    found.append(caught.value.motivo)
    assert found == ["llave_desconocida", "sobre_danado", "lote_ilegible"]
