"""Sends what waits in the outbox, with retries; rows say what, compose.py makes the words at the last moment (row D6).

At least once: after a crash between the mail server's 250 and our commit a message goes again with the same Message-ID.
Codes and links overtake the rest, so that a registration of thousands keeps nobody from entering.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import aiosmtplib

from server import bitacora, metrics
from server.bitacora import Evento
from server.clock import Clock
from server.config import Settings
from server.keyring import Keyring
from server.notify.compose import Compositor, Compuesto, Hecho, Vencido, session_of
from server.notify.smtp_address import SmtpAddress
from server.store import correos, registros
from server.store.connection import open_reader
from server.store.correos import Correo
from server.store.writer import Tx, Writer

log = logging.getLogger("acopio.correo")

PAUSE_S = 0.5
RETRY_FIRST_MS = 15_000
RETRY_MAX_MS = 3_600_000
NOT_YET_MS = 5_000


CONNECTION_LOST = (
    aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPConnectError, aiosmtplib.SMTPTimeoutError,
    aiosmtplib.SMTPConnectResponseError, aiosmtplib.SMTPHeloError, aiosmtplib.SMTPAuthenticationError,
    OSError,
)  # fmt: skip
"""What says something about the mail server and nothing about the message: those behind it would fare no better."""


class Transport(Protocol):
    """Something that takes a message or raises aiosmtplib.SMTPException or OSError."""

    async def send(self, message: EmailMessage) -> None:
        """Hand one message over."""

    async def rest(self) -> None:
        """Nothing more is to be sent for now: let go of what is held for the next one."""


class SmtpTransport:
    """A mail server: `smtp://`, `smtp+starttls://` or `smtps://`, with user and password if they are in the URL.

    The connection stays open from one message to the next, until `rest`.
    """

    def __init__(self, url: str) -> None:
        self._at = SmtpAddress.parse(url)
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, message: EmailMessage) -> None:
        used = self._client is not None
        try:
            await self._hand_over(message)
        except aiosmtplib.SMTPException as error:
            lost = isinstance(error, CONNECTION_LOST) or getattr(error, "code", None) == 421
            if lost:
                await self._hang_up()
            if not lost or not used:
                raise
            # A server that has had enough of one connection (so many messages, so many seconds) takes another.
            await self._hand_over(message)

    async def _hand_over(self, message: EmailMessage) -> None:
        if self._client is None:
            secure = self._at.tls or self._at.starttls
            client = aiosmtplib.SMTP(
                hostname=self._at.host,
                port=self._at.port,
                use_tls=self._at.tls,
                start_tls=self._at.starttls,
                username=self._at.user,
                password=self._at.password,
                timeout=20,
                tls_context=ssl.create_default_context() if secure else None,
            )
            await client.connect()
            self._client = client
        await self._client.send_message(message)

    async def rest(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


class Outbox:
    """The worker: one message at a time, in order of their time, on the event loop."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        keyring: Keyring,
        writer: Writer,
        index: Path,
        diario: Path,
        transport: Transport,
        given_up_to: Callable[[], int | None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._writer = writer
        self._index = index
        self._transport = transport
        self._compositor = Compositor(
            settings=settings, clock=clock, keyring=keyring, index=index, diario=diario, given_up_to=given_up_to
        )
        self._round = asyncio.Lock()
        self._lost = False

    async def run(self) -> None:
        """Send for ever. Whatever goes wrong with one message, the others go on."""
        try:
            while True:
                try:
                    reached = await self.send_due() > 0 and not self._lost
                except Exception:  # an outbox that dies in silence would hide every acuse from then on
                    log.exception("bandeja de salida interrumpida")
                    reached = False
                if not reached:
                    await self._transport.rest()
                    await asyncio.sleep(PAUSE_S)
        finally:
            with contextlib.suppress(Exception):
                await self._transport.rest()

    async def send_due(self) -> int:
        """Try what is due by now; returns how many were tried. One round at a time, so that nothing goes twice."""
        async with self._round:
            return await self._send_round()

    async def _send_round(self) -> int:
        self._lost = False
        due = await asyncio.to_thread(self._due)
        for tried, correo in enumerate(due, 1):
            try:
                made = await asyncio.to_thread(self._compositor.compose, correo)
            except Exception as error:  # one message that cannot be made must not hold up those behind it
                log.exception("correo imposible de componer")
                await self._failed(correo, type(error).__name__)
                continue
            try:
                await self._send(correo, made)
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                await self._failed(correo, _reason(error))
                if isinstance(error, CONNECTION_LOST):
                    # The others would wait for the same silence, each for its own; and a code may come meanwhile.
                    self._lost = True
                    return tried
        return len(due)

    async def _send(self, correo: Correo, made: Hecho) -> None:
        if made is None:
            await self._write(lambda tx: correos.postpone(tx.conn, correo.id, tx.now_ms + NOT_YET_MS))
        elif isinstance(made, Vencido):
            await self._write(lambda tx: _expired(tx, correo))
            metrics.MAIL.labels("vencido").inc()
        else:
            await self._transport.send(made.message)
            await self._write(lambda tx: self._sent(tx, correo, made))
            metrics.MAIL.labels("enviado").inc()

    async def _write(self, operation: Callable[[Tx], object]) -> None:
        await asyncio.to_thread(self._writer.run, operation)

    def _due(self) -> list[Correo]:
        reader = open_reader(self._index)
        try:
            found = correos.due(reader, self._clock())
            metrics.MAIL_PENDING.set(correos.counts(reader).get("pendiente", 0))
        finally:
            reader.close()
        return found

    def _sent(self, tx: Tx, correo: Correo, made: Compuesto) -> None:
        correos.sent(tx.conn, correo.id, tx.now_ms)
        registros.mark_mailed(tx.conn, made.folios, correo.id)
        if correo.clase == "acuses" and registros.waiting_for_mail(tx.conn, session_of(correo)):
            # More of the session has arrived meanwhile: it gets a message of its own.
            correos.add(
                tx.conn, correo.clave, correo.clase, correo.auxiliar_id, "{}", tx.now_ms,
                tx.now_ms + self._settings.sesion_quieta_ms,
            )  # fmt: skip
        bitacora.record(
            tx.conn, tx.now_ms, Evento.CORREO_ENVIADO, actor="sistema",
            objeto=_whose(correo),
            clase=correo.clase, registros=len(made.folios),
        )  # fmt: skip

    async def _failed(self, correo: Correo, error: str) -> None:
        delay = min(RETRY_MAX_MS, RETRY_FIRST_MS * 2**correo.intentos)
        log.warning("correo no enviado", extra={"datos": {"clase": correo.clase, "motivo": error, "espera_ms": delay}})
        metrics.MAIL.labels("fallido").inc()
        await self._write(lambda tx: correos.failed(tx.conn, correo.id, error, tx.now_ms + delay))


def _expired(tx: Tx, correo: Correo) -> None:
    correos.expired(tx.conn, correo.id)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CORREO_VENCIDO, actor="sistema", objeto=_whose(correo), clase=correo.clase
    )


def _whose(correo: Correo) -> str:
    if correo.auxiliar_id is not None:
        return f"auxiliar:{correo.auxiliar_id}"
    return "administrador" if correo.cuenta_id is None else f"cuenta:{correo.cuenta_id}"


def _reason(error: Exception) -> str:
    """What went wrong as a code: its words may hold the address."""
    code = getattr(error, "code", None)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        code = error.recipients[0].code
    return f"{type(error).__name__} {code}" if isinstance(code, int) and code > 0 else type(error).__name__
