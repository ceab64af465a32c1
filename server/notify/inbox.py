"""The demo's inbox: a real SMTP server (aiosmtpd) whose messages are kept in memory and shown on a page.

For demos and tests only; it takes mail from this machine and delivers nothing.
"""

from __future__ import annotations

import asyncio
import email
from collections import deque
from dataclasses import dataclass
from email.policy import default as default_policy
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from server.clock import Clock

CAPACITY = 2_000


@dataclass(frozen=True, slots=True)
class Adjunto:
    """An attachment."""

    nombre: str
    tipo: str
    contenido: bytes


@dataclass(frozen=True, slots=True)
class Mensaje:
    """One message as it was received."""

    id: int
    para: str
    de: str
    asunto: str
    texto: str
    html: str
    recibido_ms: int
    adjuntos: tuple[Adjunto, ...]


class Inbox:
    """Messages, newest first. Also the handler that aiosmtpd calls."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: deque[Mensaje] = deque(maxlen=CAPACITY)
        self._next = 1

    def newest_first(self, para: str = "") -> list[Mensaje]:
        """All messages, or those for one address."""
        return [m for m in reversed(self._messages) if not para or m.para.casefold() == para.casefold()]

    def get(self, id_: int) -> Mensaje | None:
        """One message."""
        return next((m for m in self._messages if m.id == id_), None)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Called by aiosmtpd for each message."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        parsed = email.message_from_bytes(content, policy=default_policy)
        plain, html = parsed.get_body(("plain",)), parsed.get_body(("html",))
        adjuntos = tuple(
            Adjunto(part.get_filename() or "adjunto", part.get_content_type(), _bytes(part))
            for part in parsed.iter_attachments()
        )
        self._messages.append(
            Mensaje(
                id=self._next,
                para=", ".join(envelope.rcpt_tos),
                de=str(envelope.mail_from),
                asunto=str(parsed["Subject"] or ""),
                texto=plain.get_content() if plain else "",
                html=html.get_content() if html else "",
                recibido_ms=self._clock(),
                adjuntos=adjuntos,
            )
        )
        self._next += 1
        return "250 OK"


def _bytes(part: Any) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


class InboxServer:
    """The SMTP server on 127.0.0.1, on the event loop of the caller."""

    def __init__(self, inbox: Inbox, port: int = 0) -> None:
        self._inbox = inbox
        self._port = port
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; returns the `smtp://` URL."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self._inbox, hostname="localhost", loop=loop), "127.0.0.1", self._port
        )
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
