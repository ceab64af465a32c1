"""The front page: what this server is and where to go."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from server.portals.alrededor import Nada, shown


async def inicio(request: Request) -> Response:
    """GET /"""
    return shown(request, "public/inicio.html", Nada())
