"""Errors are a page for a person with a browser, and JSON for everyone else."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from server.portals.public.errores import error_page
from sync_protocol.errors import CATALOGUE

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
