"""The demo's inbox as pages: what would have reached people's mail. Only there when the demo runs."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError
from server.http import json_response
from server.notify.inbox import Inbox, Mensaje
from server.portals.alrededor import shown

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class BandejaContext:
    """`mensajes`: those of this page, newest first. `para`: the address that was filtered by, or empty.

    `direcciones`: all addresses. `total`: messages on all pages. `desde`: number of the first one shown, from 1.
    """

    mensajes: list[Mensaje]
    para: str
    direcciones: list[str]
    total: int
    desde: int
    pagina: int
    paginas: int


@dataclass(frozen=True, slots=True)
class MensajeContext:
    """`mensaje`: the message shown."""

    mensaje: Mensaje


@dataclass(slots=True)
class CorreoDemo:
    """GET /demo/correo and below."""

    inbox: Inbox

    async def list(self, request: Request) -> Response:
        """The inbox, optionally for one address (`?para=`), a page at a time (`?pagina=`)."""
        addresses = sorted({message.para for message in self.inbox.newest_first()}, key=str.casefold)
        asked = request.query_params.get("para", "").strip()
        para = next((address for address in addresses if address.casefold() == asked.casefold()), asked)
        found = self.inbox.newest_first(para)
        paginas = max(1, -(-len(found) // PAGE_SIZE))
        number = request.query_params.get("pagina", "")
        # A page that has moved or was never there: the nearest one, rather than an error over a list that changes.
        pagina = min(max(1, int(number)), paginas) if number.isascii() and number.isdigit() and len(number) < 9 else 1
        start = (pagina - 1) * PAGE_SIZE
        context = BandejaContext(
            mensajes=found[start : start + PAGE_SIZE], para=para, direcciones=addresses, total=len(found),
            desde=start + 1, pagina=pagina, paginas=paginas,
        )  # fmt: skip
        return shown(request, "public/correo_demo.html", context)

    async def show(self, request: Request) -> Response:
        """One message."""
        return shown(request, "public/correo_demo_mensaje.html", MensajeContext(self._message(request)))

    async def html(self, request: Request) -> Response:
        """The HTML body by itself, for a frame without scripts; mail styles itself inline, hence its own policy.

        Its links may open a window of their own, as they do in a mail reader.
        """
        headers = {
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
            "sandbox allow-popups allow-popups-to-escape-sandbox",
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
        # The name comes from the mail: whatever it holds, it ends up as one quoted parameter.
        disposition = f"attachment; filename*=utf-8''{quote(adjunto.nombre, safe='', errors='replace')}"
        headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
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
