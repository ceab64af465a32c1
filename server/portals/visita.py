"""One request of one person to a page: who asks, and what a screen needs to answer.

A screen is a function from a Visita to an answer. It reads through `read`, changes through `write`, and never sees a
cookie, a connection that writes, or a template engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server import bitacora
from server.bitacora import Evento
from server.clock import Clock
from server.config import Settings
from server.domain.institucion import Institucion
from server.keyring import Keyring
from server.portals.forms import Formulario, Leido
from server.portals.marco import marco
from server.portals.rendering import fragment, page
from server.security.sessions import Quien
from server.store import ajustes
from server.store.connection import Connection
from server.store.readers import Readers
from server.store.writer import Tx, Writer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

MAX_FILES = 2_000
MAX_FIELDS = 400


@dataclass(slots=True)
class Portal:
    """What every screen may use; made once, in app.py. `reader`: for what is asked at each request, on the loop.

    `parts`: what only some screens need, by name (the box, the outbox, limits …); server/app.py says which.
    """

    settings: Settings
    clock: Clock
    keyring: Keyring
    writer: Writer
    reader: Connection
    readers: Readers
    diario: Path
    parts: dict[str, Any] = field(default_factory=dict)
    _institucion: Institucion | None = None

    def institucion(self) -> Institucion:
        """The institute as it describes itself; read again after `institucion_changed`."""
        if self._institucion is None:
            self._institucion = ajustes.institucion(self.reader, self.settings.institucion)
        return self._institucion

    def institucion_changed(self) -> None:
        """Somebody has changed the settings."""
        self._institucion = None


@dataclass(slots=True)
class Visita:
    """A request. `quien`: who is in, None on public pages for somebody who is not."""

    portal: Portal
    request: Request
    quien: Quien | None
    now_ms: int

    @property
    def institucion(self) -> Institucion:
        """The institute as it describes itself."""
        return self.portal.institucion()

    @property
    def persona(self) -> Quien:
        """Who is in, on pages that nobody else reaches."""
        assert self.quien is not None, "the route's permission lets only people in who have a session"
        return self.quien

    @property
    def solicitud(self) -> int:
        """The folio of the aspirante who is in: the only source of it on an aspirante's pages."""
        assert self.persona.solicitud is not None, "the route's permission lets only aspirantes in"
        return self.persona.solicitud

    async def read(self, reading: Callable[[Connection], T]) -> T:
        """Read in a thread; everything read at once is of one state of the index."""
        return await self.portal.readers.run(reading)

    async def write(self, operation: Callable[[Tx], T]) -> T:
        """Do one operation on the write thread and wait until it is durable. Raises what the operation raised."""
        return (await asyncio.to_thread(self.portal.writer.run, operation)).value

    async def form(self, formulario: Formulario) -> Leido:
        """The form that was sent. Uploaded files stay open until the answer is made."""
        return formulario.leer(await self.request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS))

    def page(self, template: str, context: DataclassInstance, *, status: int = 200, fragmento: str = "") -> Response:
        """The page; or only its block `fragmento`, when htmx asked for a part."""
        if fragmento and self._asks_for_a_part():
            return fragment(template, context, fragmento, status)
        around = marco(
            self.institucion, self.quien, self.request.url.path, self.request.query_params.get("hecho", ""),
            demo=self.portal.settings.demo, estilo=self.portal.parts.get("estilo", lambda _: "")(self.portal),
        )  # fmt: skip
        return page(template, context, around, status)

    def go(self, url: str, hecho: str = "") -> Response:
        """After something was done: on to this page of ours, which says `hecho` (a code of HECHOS)."""
        if hecho:
            parts = urlsplit(url)
            query = "&".join(part for part in (parts.query, urlencode({"hecho": hecho})) if part)
            url = urlunsplit(parts._replace(query=query))
        return RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})

    async def seen(self, objeto: str, pantalla: str, **datos: object) -> None:
        """Put on the record that this person looked at somebody's data (B13). Ids and counts only."""
        actor = self.persona.actor
        await self.write(
            lambda tx: bitacora.record(
                tx.conn, tx.now_ms, Evento.DATOS_CONSULTADOS, actor=actor, objeto=objeto, pantalla=pantalla, **datos
            )
        )

    def _asks_for_a_part(self) -> bool:
        headers = self.request.headers
        return headers.get("hx-request") == "true" and headers.get("hx-request-type") == "partial"
