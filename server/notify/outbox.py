"""Sends what waits in the outbox, with retries; rows say what, the words are made here at the last moment (row D6).

The CIC of an acuse is read by opening the sobre in memory: it is nowhere else in clear. At least once: after a crash
between the mail server's 250 and our commit a message goes again with the same Message-ID.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiosmtplib
import msgspec

from server import bitacora, metrics
from server.bitacora import Evento
from server.clock import CENTRO, Clock
from server.config import Settings
from server.diario.lote import read_member
from server.keyring import Keyring
from server.notify import messages
from server.notify.messages import Destinatario, Renglon
from server.notify.second_copy_watch import Aviso
from server.notify.smtp_address import SmtpAddress
from server.store import catalogo, correos, registros
from server.store.connection import open_reader
from server.store.correos import Correo
from server.store.registros import Registro
from server.store.writer import Tx, Writer
from sync_protocol import acuse as acuses
from sync_protocol import registro as contenido
from sync_protocol import sealing, sobre

log = logging.getLogger("acopio.correo")

PAUSE_S = 0.5
RETRY_FIRST_MS = 15_000
RETRY_MAX_MS = 3_600_000
NOT_YET_MS = 5_000


class Transport(Protocol):
    """Something that takes a message or raises aiosmtplib.SMTPException or OSError."""

    async def send(self, message: EmailMessage) -> None:
        """Hand one message over."""


class SmtpTransport:
    """A mail server: `smtp://`, `smtp+starttls://` or `smtps://`, with user and password if they are in the URL."""

    def __init__(self, url: str) -> None:
        self._at = SmtpAddress.parse(url)

    async def send(self, message: EmailMessage) -> None:
        await aiosmtplib.send(
            message,
            hostname=self._at.host,
            port=self._at.port,
            use_tls=self._at.tls,
            start_tls=self._at.starttls,
            username=self._at.user,
            password=self._at.password,
            timeout=20,
            tls_context=ssl.create_default_context() if self._at.tls or self._at.starttls else None,
        )


@dataclass(frozen=True, slots=True)
class _Prepared:
    message: EmailMessage
    folios: tuple[str, ...]


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
        self._keyring = keyring
        self._writer = writer
        self._index = index
        self._diario = diario
        self._transport = transport
        self._given_up_to = given_up_to
        self._round = asyncio.Lock()

    async def run(self) -> None:
        """Send for ever. Whatever goes wrong with one message, the others go on."""
        while True:
            try:
                count = await self.send_due()
            except Exception:  # an outbox that dies in silence would hide every acuse from then on
                log.exception("bandeja de salida interrumpida")
                count = 0
            if not count:
                await asyncio.sleep(PAUSE_S)

    async def send_due(self) -> int:
        """Try what is due by now; returns how many were tried. One round at a time, so that nothing goes twice."""
        async with self._round:
            return await self._send_round()

    async def _send_round(self) -> int:
        due = await asyncio.to_thread(self._due)
        for correo in due:
            try:
                await self._send(correo)
            except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
                await self._failed(correo, type(error).__name__)
            except Exception as error:  # one message that cannot be made must not hold up those behind it
                log.exception("correo imposible de componer")
                await self._failed(correo, type(error).__name__)
        return len(due)

    async def _send(self, correo: Correo) -> None:
        prepared = await asyncio.to_thread(self._prepare, correo)
        if prepared is None:
            await self._write(lambda tx: correos.postpone(tx.conn, correo.id, tx.now_ms + NOT_YET_MS))
            return
        await self._transport.send(prepared.message)
        await self._write(lambda tx: self._sent(tx, correo, prepared))
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

    def _sent(self, tx: Tx, correo: Correo, prepared: _Prepared) -> None:
        correos.sent(tx.conn, correo.id, tx.now_ms)
        registros.mark_mailed(tx.conn, prepared.folios, correo.id)
        if correo.clase == "acuses" and registros.waiting_for_mail(tx.conn, _session_of(correo)):
            # More of the session has arrived meanwhile: it gets a message of its own.
            correos.add(
                tx.conn, correo.clave, correo.clase, correo.auxiliar_id, "{}", tx.now_ms,
                tx.now_ms + self._settings.sesion_quieta_ms,
            )  # fmt: skip
        bitacora.record(
            tx.conn, tx.now_ms, Evento.CORREO_ENVIADO, actor="sistema",
            objeto="administrador" if correo.auxiliar_id is None else f"auxiliar:{correo.auxiliar_id}",
            clase=correo.clase, registros=len(prepared.folios),
        )  # fmt: skip

    async def _failed(self, correo: Correo, error: str) -> None:
        delay = min(RETRY_MAX_MS, RETRY_FIRST_MS * 2**correo.intentos)
        log.warning("correo no enviado", extra={"datos": {"clase": correo.clase, "motivo": error, "espera_ms": delay}})
        metrics.MAIL.labels("fallido").inc()
        await self._write(lambda tx: correos.failed(tx.conn, correo.id, error, tx.now_ms + delay))

    def _prepare(self, correo: Correo) -> _Prepared | None:
        host = urlsplit(self._settings.url_publica).hostname
        if correo.auxiliar_id is None:
            return self._notice(correo, f"<aviso.{correo.id}@{host}>")
        reader = open_reader(self._index)
        try:
            auxiliar = catalogo.auxiliar(reader, correo.auxiliar_id)
            if auxiliar is None or not auxiliar.correo:
                return None
            to = Destinatario(auxiliar.nombre, auxiliar.correo)
            if correo.clase == "codigo_alta":
                codigo = msgspec.json.decode(correo.datos)["codigo"]
                message = messages.codigo_alta(to, codigo, self._settings.institucion, self._settings.correo_de)
                message["Message-ID"] = f"<codigo.{correo.id}@{host}>"
                return _Prepared(self._dated(message), ())
            rows = registros.to_be_mailed(reader, _session_of(correo), self._given_up_to())
        finally:
            reader.close()
        if not rows:
            return None
        first = rows[0].registro
        message = messages.acuses(
            to,
            [self._renglon(row) for row in rows],
            self._settings.institucion,
            self._settings.correo_de,
            jwks=acuses.jwks(self._keyring.publicas),
            url_publica=self._settings.url_publica,
            message_id=f"<acuses.{correo.id}.{first}.{len(rows)}@{host}>",
        )
        return _Prepared(self._dated(message), tuple(row.folio for row in rows))

    def _notice(self, correo: Correo, message_id: str) -> _Prepared | None:
        settings = self._settings
        if settings.correo_administrador is None:
            return None  # it waits until the administrator has an address
        aviso = msgspec.json.decode(correo.datos, type=Aviso)
        message = messages.aviso_segunda_copia(
            settings.correo_administrador, aviso, settings.institucion, settings.correo_de, settings.url_publica
        )
        message["Message-ID"] = message_id
        return _Prepared(self._dated(message), ())

    def _dated(self, message: EmailMessage) -> EmailMessage:
        """With the Date that RFC 5322 asks for: without it a mail server takes a message for spam."""
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock() // 1000, CENTRO))
        return message

    def _renglon(self, row: Registro) -> Renglon:
        cic = ocr = None
        if row.tipo == "apoyo":
            parsed = sobre.parse(read_member(self._diario, row.lote, row.posicion, row.tam))
            key = self._keyring.aperturas[parsed.cabecera.key_id]
            record = contenido.decode(
                sealing.open_sobre(parsed, key), tipo=parsed.cabecera.tipo, folio=parsed.cabecera.folio
            )
            assert isinstance(record, contenido.Apoyo)
            cic, ocr = record.cic, record.ocr
        return messages.renglon(
            folio=row.folio, tipo=row.tipo, cic=cic, ocr=ocr, whole=self._settings.cic_completo,
            recibido_ms=row.recibido_ms, codigo=row.codigo, acuse=row.acuse,
        )  # fmt: skip


def _session_of(correo: Correo) -> int:
    return int(correo.clave.partition(":")[2])
