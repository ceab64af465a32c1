"""The demo's inbox as pages: what would have reached people's mail. Only there when the demo runs."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError
from server.http import json_response
from server.notify.inbox import Inbox, Mensaje
from server.portals.rendering import page


@dataclass(frozen=True, slots=True)
class BandejaContext:
    """`mensajes`: newest first. `para`: the address that was filtered by, or empty. `direcciones`: all addresses."""

    mensajes: list[Mensaje]
    para: str
    direcciones: list[str]


@dataclass(frozen=True, slots=True)
class MensajeContext:
    """`mensaje`: the message shown."""

    mensaje: Mensaje


@dataclass(slots=True)
class CorreoDemo:
    """GET /demo/correo and below."""

    inbox: Inbox

    async def list(self, request: Request) -> Response:
        """The inbox, optionally for one address (`?para=`)."""
        para = request.query_params.get("para", "")
        addresses = sorted({message.para for message in self.inbox.newest_first()})
        return page("public/correo_demo.html", BandejaContext(self.inbox.newest_first(para), para, addresses))

    async def show(self, request: Request) -> Response:
        """One message."""
        return page("public/correo_demo_mensaje.html", MensajeContext(self._message(request)))

    async def html(self, request: Request) -> Response:
        """The HTML body by itself, for a frame without scripts; mail styles itself inline, hence its own policy."""
        headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
            "Cache-Control": "no-store",
        }
        return Response(self._message(request).html, media_type="text/html", headers=headers)

    async def attachment(self, request: Request) -> Response:
        """One attachment, to be saved."""
        adjuntos = self._message(request).adjuntos
        index = request.path_params["n"]
        if index >= len(adjuntos):
            raise AppError("no_encontrado")
        adjunto = adjuntos[index]
        headers = {"Content-Disposition": f'attachment; filename="{adjunto.nombre}"', "Cache-Control": "no-store"}
        return Response(adjunto.contenido, media_type=adjunto.tipo, headers=headers)

    async def api(self, request: Request) -> Response:
        """Messages as JSON (`?para=`), for simulated phones that read their code as a person would."""
        return json_response(
            [
                {"asunto": m.asunto, "para": m.para, "texto": m.texto, "recibido_ms": m.recibido_ms}
                for m in self.inbox.newest_first(request.query_params.get("para", ""))[:50]
            ]
        )

    def _message(self, request: Request) -> Mensaje:
        message = self.inbox.get(request.path_params["id"])
        if message is None:
            raise AppError("no_encontrado")
        return message
