"""The frame of pages that must be shown whatever happens: errors, health, the front page, the demo's inbox.

They need no session and no index. What can be read is used (the institute's name and colour, who is in); what cannot
be read is left out.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from server.domain.institucion import Institucion
from server.portals.marco import Marco, marco
from server.portals.rendering import page
from server.portals.visita import Portal
from server.security import sessions
from server.store.connection import IndexFailure

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

log = logging.getLogger("acopio")


def around(request: Request) -> Marco:
    """The frame around what is asked for."""
    portal: Portal | None = getattr(getattr(request.scope.get("app"), "state", None), "portal", None)
    path = request.url.path
    if portal is None:
        return marco(Institucion("Acopio"), None, path, "", demo=False)
    try:
        institucion = portal.institucion()
        quien = sessions.who(portal.reader, sessions.token_of(request, portal.settings), portal.clock())
        estilo = portal.parts.get("estilo", lambda _: "")(portal)
    except IndexFailure as error:
        log.warning("una página va sin los ajustes del instituto", extra={"datos": {"motivo": type(error).__name__}})
        institucion, quien, estilo = Institucion(portal.settings.institucion), None, ""
    return marco(institucion, quien, path, "", demo=portal.settings.demo, estilo=estilo)


def shown(request: Request, template: str, context: DataclassInstance, status: int = 200) -> Response:
    """The page within that frame."""
    return page(template, context, around(request), status)


@dataclass(frozen=True, slots=True)
class Nada:
    """The context of a page that shows nothing but its own words."""
