"""The limit does the work that it claims: it refuses what it must, and what it kept can be read back."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from bench.ingest import limit, phones
from bench.ingest.procs import BenchError
from server import keyring
from server.app import KEYS
from server.keyring import Keyring
from sync_protocol import acuse as acuses
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.sobre import SIGNATURE_LENGTH, codigo_de_integridad
from tests import factories


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("limit")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phones, "RECORD_BYTES", 20_000)
        phones.prepare(folder, [3, 3])
    return folder


@pytest.fixture
def keys(box: Path) -> Keyring:
    return keyring.load(phones.settings(box).datos / KEYS, factories.SECRET.encode())


def _work(box: Path) -> list[limit.Work]:
    return limit._interleaved(phones.load(box, 2, 3))


def _changed(work: limit.Work, raw: bytes) -> limit.Work:
    return replace(work, body=memoryview(raw), sealed=_sealed(work, raw))


def _sealed(work: limit.Work, raw: bytes) -> phones.Sealed:
    return phones.Sealed(work.sealed.registro, 0, len(raw), codigo_de_integridad(raw))


def test_what_is_kept_can_be_read_back_and_its_acuse_verifies(box: Path, keys: Keyring, tmp_path: Path) -> None:
    work = _work(box)
    store = limit.Store(tmp_path)
    checked = [limit.check(keys, one, "Instituto de Prueba") for one in work]
    store.keep(checked[:4])
    store.keep(checked[4:])
    store.close()
    conn = sqlite3.connect(tmp_path / "index.db")
    rows = conn.execute("SELECT folio, codigo, posicion, tam, acuse FROM registros").fetchall()
    conn.close()
    segment = (tmp_path / "segment").read_bytes()
    assert len(rows) == len(work) == 6
    for folio, codigo, posicion, tam, acuse in rows:
        read = acuses.read(acuse, keys.publicas)
        assert codigo_de_integridad(segment[posicion : posicion + tam]).hex() == codigo == read.codigo
        assert read.folio == folio


def test_the_same_record_twice_is_refused_by_the_index(box: Path, keys: Keyring, tmp_path: Path) -> None:
    store = limit.Store(tmp_path)
    one = limit.check(keys, _work(box)[0], "Instituto de Prueba")
    store.keep([one])
    with pytest.raises(sqlite3.IntegrityError):
        store.keep([one])
    store.close()


def test_a_flipped_byte_is_refused_whatever_was_done_to_hide_it(box: Path, keys: Keyring) -> None:
    first = _work(box)[0]
    raw = bytearray(first.body)
    raw[5000] ^= 1
    with pytest.raises(BenchError, match="announced"):
        limit.check(keys, replace(first, body=memoryview(raw)), "X")
    with pytest.raises(InvalidSignature):
        limit.check(keys, _changed(first, bytes(raw)), "X")
    signed = bytes(raw[:-SIGNATURE_LENGTH])
    again = signed + phones.load(box, 1, 3)[0].key.sign_low_s(signed)
    with pytest.raises(RemoteProtocolError, match="sobre_no_abre"):
        limit.check(keys, _changed(first, again), "X")


def test_the_run_takes_every_record_once_and_ends(box: Path, keys: Keyring, tmp_path: Path) -> None:
    store = limit.Store(tmp_path)
    run = limit._Run(keys, "X", store, _work(box), 2)
    run.start()
    assert run.over.wait(60)
    run.stop()
    store.close()
    assert len(run.waits) == 6


def test_a_bad_record_ends_the_run_with_its_error(box: Path, keys: Keyring, tmp_path: Path) -> None:
    work = _work(box)
    work[3] = replace(work[3], sealed=work[2].sealed)
    store = limit.Store(tmp_path)
    run = limit._Run(keys, "X", store, work, 6)
    run.start()
    with pytest.raises(BenchError, match="announced"):
        run.stop() if run.over.wait(60) else pytest.fail("it never ended")
    store.close()
