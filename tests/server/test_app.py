"""The edges that every request crosses: health, headers, unknown addresses, a locked index, logs without people."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import sys
from pathlib import Path

import pytest

from server.app import INDEX, writing
from server.errors import ConfigurationError
from server.logs import JsonFormatter
from server.store import registros
from tests.server.asgi import Line, running


def test_health_metrics_and_keys(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path, second=True) as h:
            phone = await h.phone()
            await h.send(phone, phone.capture())
            assert (await h.request("GET", "/salud/vivo")).json() == {"estado": "vivo"}
            ready = await h.request("GET", "/salud/listo")
            assert (ready.status, ready.json()["estado"]) == (200, "listo")
            metrics = (await h.request("GET", "/metrics")).body.decode()
            assert "acopio_sobres_tomados_total" in metrics
            assert "acopio_segunda_copia_disponible 1.0" in metrics
            keys = (await h.request("GET", "/.well-known/jwks.json")).json()["keys"]
            assert [key["kid"] for key in keys] == [h.box.keys.firma.public.thumbprint]
            assert all("d" not in key for key in keys)
            h.box.writer.broken = "prueba"
            assert (await h.request("GET", "/salud/listo")).status == 503

    asyncio.run(run())


def test_security_headers_on_what_a_browser_may_show(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as h:
            for path in ("/", "/salud/vivo", "/no-existe"):
                headers = (await h.request("GET", path)).headers
                assert "unsafe" not in headers["content-security-policy"]
                assert "default-src 'none'" in headers["content-security-policy"]
                assert headers["x-content-type-options"] == "nosniff"
            assert (await h.request("GET", "/demo/correo")).status == 404, "the inbox is the demo's alone"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "status", "codigo"),
    [("GET", "/no-existe", 404, "no_encontrado"), ("GET", "/sync/sesiones", 405, "tus_metodo")],
)
def test_unknown_addresses_have_a_code(tmp_path: Path, method: str, path: str, status: int, codigo: str) -> None:
    async def run() -> None:
        async with running(tmp_path) as h:
            answer = await h.request(method, path)
            assert (answer.status, answer.codigo) == (status, codigo)

    asyncio.run(run())


def test_a_locked_index_is_said_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.store.connection.BUSY_MS", 50)

    async def run() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            raw = phone.capture()
            opened = await h.session(phone, raw)
            other = sqlite3.connect(h.box.settings.datos / INDEX, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
            assert (answer.status, answer.codigo) == (503, "almacen_no_disponible")
            assert "acopio-acuse" not in answer.headers
            other.execute("ROLLBACK")
            other.close()
            assert (await h.head(opened, opened.sobres[0].url)).headers["upload-offset"] == str(len(raw))
            assert "acopio-acuse" in (await h.send(phone, raw)).headers
            assert registros.count(h.box.reader) == 1

    asyncio.run(run())


def test_logs_are_json_and_name_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def run() -> None:
        async with running(tmp_path, second=True) as h:
            h.mail.failing = ConnectionError("aux1@ejemplo.mx no existe")
            phone = await h.phone()
            await h.send(phone, phone.capture())
            await h.send(phone, phone.capture())
            await h.send(phone, phone.seal(b"rubbish", 9))
            await h.app.state.outbox.send_due()

    asyncio.run(run())
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name.startswith("acopio")]
    assert lines
    for line in lines:
        assert {"en", "nivel", "origen", "mensaje"} <= json.loads(line).keys()
        for secret in ("ejemplo.mx", "Auxiliar1", "PERSONA", "123456789", "127.0.0.1"):
            assert secret not in line


def test_an_exceptions_message_is_not_logged_only_its_kind_and_place() -> None:
    try:
        raise ValueError("JUANA PÉREZ 123456789")
    except ValueError:
        record = logging.LogRecord("acopio", logging.ERROR, "x", 1, "falló", None, sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert "JUANA" not in str(line)
    assert line["error"] == "ValueError"
    assert line["traza"][0].startswith("test_app.py:")


def test_an_unexpected_error_has_its_code_its_headers_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("JUANA PÉREZ")

    async def run() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            raw = phone.capture()
            opened = await h.session(phone, raw)
            with monkeypatch.context() as patch:
                patch.setattr("server.intake.checkers.judge.check", broken)
                answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
            assert (answer.status, answer.codigo) == (500, "interno")
            assert answer.headers["tus-resumable"] == "1.0.0", "a phone must know that it is still our server"
            assert b"JUANA" not in answer.body
            assert "acopio-acuse" in (await h.send(phone, raw)).headers

    asyncio.run(run())


def test_a_small_request_whose_line_is_cut_is_no_error_of_ours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with running(tmp_path) as h:
            phone = await h.phone()
            body = phone.session_jws(phone.capture())
            answer = await h.request("POST", "/sync/sesiones", line=Line((body[:50],), cut=True))
            assert answer.status == 400
            assert (await h.request("POST", "/sync/sesiones", body=body)).status == 200

    asyncio.run(run())
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_no_command_of_the_console_writes_beside_a_server(tmp_path: Path) -> None:
    async def run() -> None:
        async with running(tmp_path) as h:
            with pytest.raises(ConfigurationError, match="Otro servidor"), writing(h.box.settings, h.clock):
                pass

    asyncio.run(run())
