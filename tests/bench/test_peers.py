"""The work that the Python peer is given, and the bench's proof that a peer does it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.ingest import phones, tus_peers
from bench.ingest.generator import drive
from bench.ingest.peers.tuspy import record
from bench.ingest.phones import BenchPhone
from bench.ingest.procs import BenchError
from server import keyring
from server.app import KEYS
from sync_protocol import acuse as acuses
from sync_protocol.sobre import SIGNATURE_LENGTH, codigo_de_integridad
from tests import factories


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bench's box with one phone and two sobres, small ones."""
    folder = tmp_path_factory.mktemp("bench")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(phones, "RECORD_BYTES", 20_000)
        phones.prepare(folder, [2])
    return folder


@pytest.fixture
def phone(box: Path) -> BenchPhone:
    return phones.load(box, 1, 2)[0]


@pytest.fixture
def keys(box: Path, phone: BenchPhone, tmp_path: Path) -> record.Keys:
    tus_peers._write_keys(tmp_path / "keys.json", box, [phone])
    return record.Keys(tmp_path / "keys.json")


def test_a_peers_receipt_is_one_that_a_phone_would_accept(box: Path, phone: BenchPhone, keys: record.Keys) -> None:
    raw, sealed = bytes(phone.sobres[0]), phone.file.sobres[0]
    found = record.check(keys, raw, sealed.codigo.hex())
    folio = phone.folio(sealed.registro)
    publicas = keyring.load(phones.settings(box).datos / KEYS, factories.SECRET.encode()).publicas
    acuses.verify(
        record.receipt(keys, str(folio), found), publicas, folio=folio, codigo=sealed.codigo, tam=len(raw)
    )  # fmt: skip


@pytest.mark.parametrize("at", [70, 100, 1100, 5000, -1])
def test_a_peer_refuses_one_flipped_byte(phone: BenchPhone, keys: record.Keys, at: int) -> None:
    raw = bytearray(phone.sobres[0])
    raw[at] ^= 1
    with pytest.raises(record.RefusedError, match="integridad_distinta"):
        record.check(keys, bytes(raw), phone.file.sobres[0].codigo.hex())
    with pytest.raises(record.RefusedError, match=r"firma_invalida|sobre_longitud"):
        record.check(keys, bytes(raw), codigo_de_integridad(raw).hex())
    signed = bytes(raw[:-SIGNATURE_LENGTH])
    if at not in (70, -1):
        again = signed + phone.key.sign_low_s(signed)
        with pytest.raises(record.RefusedError, match="sobre_no_abre"):
            record.check(keys, again, codigo_de_integridad(again).hex())


class _Handler(BaseHTTPRequestHandler):
    """Takes everything, as tus servers without our work do: 201 and 204."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, int]]

    def _answer(self, status: int) -> None:
        size = len(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.append((self.command, self.path, size))
        self.send_response(status)
        self.send_header("Location", f"http://127.0.0.1/files/u{len(self.seen)}")
        self.send_header("Upload-Offset", str(size))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self._answer(201)

    def do_PATCH(self) -> None:
        self._answer(204)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to say."""


@contextmanager
def _lenient() -> Iterator[tuple[int, list[tuple[str, str, int]]]]:
    seen: list[tuple[str, str, int]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"seen": seen})) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port, seen
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.socket
@pytest.mark.parametrize("patch", [False, True])
def test_a_peer_that_takes_a_bad_record_is_found_out(phone: BenchPhone, patch: bool) -> None:
    with _lenient() as (port, _), pytest.raises(BenchError, match="one flipped byte"):
        tus_peers._must_refuse(port, phone, patch)


@pytest.mark.socket
def test_the_generator_sends_the_second_request_of_a_record(phone: BenchPhone) -> None:
    with _lenient() as (port, seen):
        job = tus_peers._job(port, phone.sobres[0], {}, True)
        nothing = lambda: None  # noqa: E731
        load = drive(
            ("127.0.0.1", port), [[job] * 2000], ok=frozenset({b"201", b"204"}), warmup=0.0, seconds=0.05,
            on_open=nothing, on_close=nothing,
        )  # fmt: skip
    assert load.replies
    assert len(seen) == 2 * len(load.replies)
    size = len(phone.sobres[0])
    assert seen[:2] == [("POST", "/files", 0), ("PATCH", "/files/u1", size)]
    assert load.replies[0].upload == "u1"
    assert load.replies[0].header("upload-offset") == str(size)


def test_a_peer_refuses_a_device_that_it_does_not_know(phone: BenchPhone, keys: record.Keys) -> None:
    raw = bytearray(phone.sobres[0])
    raw[16:20] = (phone.file.dispositivo + 1).to_bytes(4, "big")
    signed = bytes(raw[:-SIGNATURE_LENGTH])
    again = signed + phone.key.sign_low_s(signed)
    with pytest.raises(record.RefusedError, match="cabecera_ajena"):
        record.check(keys, again, codigo_de_integridad(again).hex())
