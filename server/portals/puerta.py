"""The door of every page: who asks, may they, and is it really they who ask. Then the screen is called.

A route is made by `ver` (GET) or `hacer` (POST) with its screen and its permission; routes.py lists them all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message, Receive

from server.errors import AppError
from server.portals.visita import Portal, Visita
from server.security import csrf, sessions
from server.security.permissions import Permiso, needs_active_account, needs_second_factor, publico
from server.security.sessions import TOUCH_MS, Quien
from server.store import sesiones_portal

Pantalla = Callable[[Visita], Awaitable[Response]]

BODY = 1024 * 1024
"""Bytes of a form, where its route says nothing else."""
LOGIN, LOGIN_ASPIRANTE, SECOND_FACTOR, DECLARACION = (
    "/entrar", "/entrar/aspirante", "/entrar/segundo-factor", "/declaracion",
)  # fmt: skip


class Pagina(Route):
    """A page's route; knows its permission, so that a test can walk the table."""

    def __init__(self, path: str, pantalla: Pantalla, permiso: Permiso, methods: list[str], body: int) -> None:
        super().__init__(path, _endpoint(pantalla, permiso, body), methods=methods)
        self.permiso = permiso


def ver(path: str, pantalla: Pantalla, permiso: Permiso) -> Pagina:
    """A page that is looked at."""
    return Pagina(path, pantalla, permiso, ["GET"], BODY)


def hacer(path: str, pantalla: Pantalla, permiso: Permiso, *, cuerpo: int = BODY) -> Pagina:
    """A form that changes something; `cuerpo`: how many bytes it may have."""
    return Pagina(path, pantalla, permiso, ["POST"], cuerpo)


def _endpoint(pantalla: Pantalla, permiso: Permiso, body: int) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request = Request(request.scope, _bounded(request.receive, body))
        portal: Portal = request.app.state.portal
        if not csrf.from_this_site(request.method, request.headers, portal.settings.url_publica):
            raise AppError("origen_ajeno")
        now = portal.clock()
        quien = sessions.who(portal.reader, sessions.token_of(request, portal.settings), now)
        if permiso is not publico:
            stopped = _stopped(request, permiso, quien)
            if stopped is not None:
                return stopped
        _touch(portal, quien, now)
        try:
            return await pantalla(Visita(portal, request, quien, now))
        finally:
            await request.close()

    return endpoint


def _bounded(receive: Receive, limit: int) -> Receive:
    """A body that may have so many bytes. Starlette's own bound would answer with a bare line instead of a page."""
    left = limit

    async def counted() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise AppError("cuerpo_demasiado_grande")
        return message

    return counted


def _stopped(request: Request, permiso: Permiso, quien: Quien | None) -> Response | None:
    """The way to what is still missing; None when the person may go on. Raises AppError `sin_permiso`."""
    if quien is None:
        at = LOGIN_ASPIRANTE if request.url.path.startswith("/aspirante") else LOGIN
        return _elsewhere(request, at)
    if not quien.activa and needs_active_account(permiso):
        return _elsewhere(request, DECLARACION)
    if not permiso(quien):
        raise AppError("sin_permiso")
    if needs_second_factor(permiso, quien):
        return _elsewhere(request, SECOND_FACTOR)
    return None


def _elsewhere(request: Request, url: str) -> Response:
    """On to another page, which leads back here. What was about to be sent is not: it must be sent again."""
    if request.method == "GET":
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        url = f"{url}?{urlencode({'sigue': back})}"
    headers = {"Cache-Control": "no-store"}
    if request.headers.get("hx-request") == "true":
        # A fragment's place is no place for a login form.
        return Response(status_code=200, headers={**headers, "HX-Redirect": url})
    return RedirectResponse(url, 303, headers=headers)


def _touch(portal: Portal, quien: Quien | None, now_ms: int) -> None:
    if quien is not None and now_ms - quien.vista_ms >= TOUCH_MS:
        sesion = quien.sesion
        portal.writer.submit(lambda tx: sesiones_portal.touch(tx.conn, sesion, now_ms), _ignore)


def _ignore(result: Any) -> None:
    """Nobody waits for it: a session that was not touched only ends earlier."""
