"""Anything at all over HTTP: never a 500, never memory beyond the limit, never a sobre taken that was not one."""

from __future__ import annotations

import asyncio
import tracemalloc
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.store import registros
from sync_protocol.session import Entrada
from sync_protocol.signing import b64url
from sync_protocol.sobre import MAX_SOBRE, codigo_de_integridad
from tests.factories import Phone
from tests.server.asgi import OCTETS, Harness, Line, running

METHODS = st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT", "TRACE", ""])
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
NUMBERS = st.one_of(st.integers(-5, 5).map(str), st.integers(0, 10**20).map(str), TEXT)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "tus-resumable": st.sampled_from(["1.0.0", "0.2.2", ""]),
        "upload-offset": NUMBERS,
        "upload-length": NUMBERS,
        "content-length": NUMBERS,
        "content-type": st.sampled_from(["application/offset+octet-stream", "text/plain", ""]),
        "upload-checksum": st.one_of(TEXT, st.just("sha256 " + "A" * 43 + "=")),
        "upload-metadata": TEXT,
        "upload-defer-length": NUMBERS,
        "x-http-method-override": METHODS,
        "authorization": TEXT,
    },
)


class Server:
    """One server for all examples of a test: starting one costs more than a thousand requests."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._context = running(folder)
        self.h: Harness = self.loop.run_until_complete(self._context.__aenter__())
        self.phone: Phone = self.loop.run_until_complete(self.h.phone())
        self.raw = self.phone.capture()
        self.opened = self.loop.run_until_complete(self.h.session(self.phone, self.raw))

    def close(self) -> None:
        self.loop.run_until_complete(self._context.__aexit__(None, None, None))
        self.loop.close()


def check(status: int) -> None:
    assert status != 500
    assert 200 <= status < 600


def test_uploads_take_any_request(tmp_path: Path) -> None:
    server = Server(tmp_path)
    paths = st.one_of(
        st.just(server.opened.sobres[0].url), st.just("/sync/subidas"), TEXT.map(lambda t: f"/sync/subidas/{t}")
    )
    token = {"authorization": f"Bearer {server.opened.token}"}

    @settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
    @given(METHODS, paths, HEADERS, st.booleans(), st.lists(st.binary(max_size=300), max_size=4), st.booleans())
    def anything(method: str, path: str, headers: dict[str, str], known: bool, pieces: list[bytes], cut: bool) -> None:
        line = Line(tuple(pieces) or (b"",), cut=cut)
        answer = server.loop.run_until_complete(
            server.h.request(method, path, headers={**headers, **(token if known else {})}, line=line)
        )
        check(answer.status)
        assert "acopio-acuse" not in answer.headers

    anything()
    assert registros.count(server.h.box.reader) == 0
    server.close()


def test_a_sobre_changed_anywhere_is_never_taken(tmp_path: Path) -> None:
    """The manifest announces the changed bytes, so that only the sobre's own checks stand in the way."""
    server = Server(tmp_path)
    raw = server.raw

    @settings(max_examples=120, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.data())
    def mutated(data: st.DataObject) -> None:
        changed = bytearray(raw)
        if data.draw(st.booleans(), label="cut"):
            del changed[data.draw(st.integers(1400, len(raw) - 1)) :]
        else:
            changed[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
        line = Entrada(0, len(changed), b64url(codigo_de_integridad(bytes(changed))))

        async def send() -> None:
            opened = await server.h.session(server.phone, sobres=(line,))
            if not opened.sobres[0].url:
                return
            answer = await server.h.patch(opened, opened.sobres[0].url, 0, bytes(changed))
            check(answer.status)
            assert answer.status >= 400
            assert "acopio-acuse" not in answer.headers

        server.loop.run_until_complete(send())

    mutated()
    assert registros.count(server.h.box.reader) == 0
    server.close()


def test_small_requests_take_any_body(tmp_path: Path) -> None:
    server = Server(tmp_path)
    paths = st.sampled_from(["/sync/sesiones", "/dispositivos/codigo", "/dispositivos/alta", "/dispositivos/baja"])
    jws = st.tuples(*[st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=.", max_size=200)] * 3)
    bodies = st.one_of(st.binary(max_size=600), jws.map(lambda parts: ".".join(parts).encode()))

    @settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)
    @given(METHODS, paths, bodies)
    def anything(method: str, path: str, body: bytes) -> None:
        check(server.loop.run_until_complete(server.h.request(method, path, body=body)).status)

    anything()
    server.close()


def test_a_body_beyond_every_limit_costs_no_memory(tmp_path: Path) -> None:
    server = Server(tmp_path)
    piece = bytes(65_536)
    token = f"Bearer {server.opened.token}"

    class Endless(Line):
        async def receive(self) -> dict[str, object]:
            self._sent += 1
            return {"type": "http.request", "body": piece, "more_body": self._sent < 2_000}

    url = server.opened.sobres[0].url
    tracemalloc.start()
    for path, method, headers in (
        (url, "PATCH", {**OCTETS, "authorization": token, "upload-offset": "0"}),
        ("/sync/sesiones", "POST", {}),
        ("/dispositivos/alta", "POST", {}),
        ("/dispositivos/codigo", "POST", {}),
    ):
        answer = server.loop.run_until_complete(server.h.request(method, path, headers=headers, line=Endless()))
        assert answer.status in (400, 413)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * MAX_SOBRE
    server.close()
