"""Errors are a page for a person with a browser, and JSON for everyone else."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import jinja2
import pytest
from starlette.requests import Request

from server.domain.roles import Rol
from server.portals import rendering
from server.portals.public.errores import error_page
from server.portals.visita import Visita
from server.registro import institucion
from sync_protocol.errors import CATALOGUE
from tests.server.portals.portal import abierto

pytestmark = pytest.mark.anyio

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


def asked(path: str, accept: str | None = CHROME) -> Request:
    headers = [(b"accept", accept.encode())] if accept is not None else []
    return Request({"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b""})


@pytest.mark.parametrize("path", ["/", "/no/existe", "/demo/correo/999", "/static/nada.css", "/sincronizar"])
def test_a_browser_gets_a_page_with_code_and_sentence(path: str) -> None:
    answer = error_page(asked(path), "no_encontrado", 404)
    assert answer is not None
    html = bytes(answer.body).decode()
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert "<code>no_encontrado</code>" in html
    assert CATALOGUE["no_encontrado"].text in html


@pytest.mark.parametrize(
    "path",
    ["/sync/subidas/1", "/sync/nada", "/dispositivos/alta", "/salud/listo", "/metrics", "/.well-known/nada",
     "/demo/correo/api/mensajes"],
)  # fmt: skip
def test_addresses_of_machines_never_answer_a_page(path: str) -> None:
    assert error_page(asked(path), "no_encontrado", 404) is None


@pytest.mark.parametrize("accept", [None, "", "*/*", "application/json", "text/plain, application/json"])
def test_who_asks_for_no_page_gets_none(accept: str | None) -> None:
    assert error_page(asked("/no/existe", accept), "no_encontrado", 404) is None


@pytest.mark.parametrize("accept", ["text/html", "TEXT/HTML;q=0.9", "application/json, text/html", CHROME])
def test_who_takes_html_gets_a_page(accept: str) -> None:
    assert error_page(asked("/no/existe", accept), "no_encontrado", 404) is not None


@pytest.mark.parametrize(
    "code", ["no_encontrado", "tus_metodo", "ocupado", "sin_espacio", "interno", "solicitud_invalida"]
)
def test_every_error_a_person_may_meet_has_a_heading(code: str) -> None:
    entry = CATALOGUE[code]
    answer = error_page(asked("/"), code, entry.status)
    assert answer is not None
    assert f"<code>{code}</code>" in bytes(answer.body).decode()


async def test_errors_are_shown_in_the_institutes_name_and_with_the_menu(tmp_path: Path) -> None:
    async with abierto(tmp_path) as sitio:
        admin = await sitio.entrar(Rol.ADMINISTRACION)
        await sitio.write(lambda tx: institucion.cambiar(tx, admin.cuenta, {"nombre": "Instituto de Acá"}, None))
        sitio.harness.app.state.portal.institucion_changed()
        answer = await admin.get("/opl/no-existe")
        assert answer.status == 404
        assert "Instituto de Acá" in answer.text
        assert "/opl/periodos" in answer.page().links
        assert "Instituto de Acá" in (await sitio.nadie().get("/")).text


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/salud", 200), ("/no-existe", 404)])
async def test_without_an_index_there_are_still_pages(
    tmp_path: Path, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with abierto(tmp_path) as sitio:
        portal = sitio.harness.app.state.portal
        persona = await sitio.entrar(Rol.ADMINISTRACION)
        portal.reader = sqlite3.connect(":memory:")
        portal.institucion_changed()
        answer = await persona.get(path)
        assert answer.status == status
        assert "Instituto de Prueba" in answer.text
        assert answer.headers["content-type"].startswith("text/html")


async def test_a_missing_template_is_our_fault_and_no_disks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with abierto(tmp_path) as sitio:
        monkeypatch.setattr(rendering._ENVIRONMENT, "loader", jinja2.DictLoader({}))
        monkeypatch.setattr(rendering._ENVIRONMENT, "cache", None)
        with pytest.raises(rendering.TemplateMissingError):  # the server answers 500 and passes it on to its log
            await sitio.nadie().get("/entrar")


async def test_a_disk_that_fails_is_told_on_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with abierto(tmp_path) as sitio:
        admin = await sitio.entrar(Rol.ADMINISTRACION)

        def fails(self: Visita, *given: object, **named: object) -> None:
            raise OSError(errno.EIO, "se rompió")

        monkeypatch.setattr(Visita, "page", fails)
        answer = await admin.get("/opl/ajustes")
        assert (answer.status, "<h1>El servidor no puede guardar</h1>" in answer.text) == (503, True)
