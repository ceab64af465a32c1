"""The front page: what this server is and where to go."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.portals.rendering import page


@dataclass(frozen=True, slots=True)
class InicioContext:
    """`institucion`: who hosts the server. `demo`: whether the demo's inbox is there."""

    institucion: str
    demo: bool


@dataclass(slots=True)
class Inicio:
    """GET /"""

    institucion: str
    demo: bool

    async def show(self, request: Request) -> Response:
        """The page."""
        return page("public/inicio.html", InicioContext(self.institucion, self.demo))
