"""The little HTTP that every edge shares: headers, JSON answers, errors with their stable code."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server.errors import ERRORS, AppError
from sync_protocol.errors import ProtocolError


class Shortcut:
    """ASGI middleware: what lies under `prefix` goes straight to `target`, past routing and the pages' headers.

    The route stays in the table (routes.py); this only saves every upload the way there.
    """

    def __init__(self, app: ASGIApp, prefix: str, target: ASGIApp) -> None:
        self._app, self._prefix, self._target = app, prefix, target

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        straight = scope["type"] == "http" and scope["path"].startswith(self._prefix)
        await (self._target if straight else self._app)(scope, receive, send)


def lower_headers(scope: Scope) -> dict[str, str]:
    """The request's headers with lower-case names; a repeated one counts once, the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def respond(send: Send, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    """A complete answer on a bare ASGI channel."""
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    if body:
        raw.append((b"content-type", b"application/json"))
    if status != 204:
        raw.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})


def json_error(code: str, detail: str = "") -> bytes:
    """The body of an error (SPEC §9)."""
    answer = {"codigo": code, "texto": ERRORS[code].text}
    if detail:
        answer["detalle"] = detail
    return msgspec.json.encode(answer)


def json_response(value: object, status: int = 200) -> Response:
    """A JSON answer; it is never cached."""
    return Response(msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, media_type="application/json")


def error_response(error: AppError | ProtocolError) -> Response:
    """The HTTP answer of an expected refusal."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, AppError) and error.retry_after:
        headers["Retry-After"] = str(error.retry_after)
    body = json_error(error.code, error.detail)
    return Response(body, error.entry.status, headers, media_type="application/json")


async def small_body(request: Request, limit: int, too_large: str = "solicitud_invalida") -> bytes:
    """The whole body, at most `limit` bytes. Raises AppError before it holds more."""
    parts = bytearray()
    async for chunk in request.stream():
        if len(parts) + len(chunk) > limit:
            raise AppError(too_large)
        parts += chunk
    return bytes(parts)
