"""The tus endpoint of sobres: Starlette's edge on one side, sync_protocol.tus_server on the other (SPEC §8.3).

This is an ASGI application of its own and not a set of request handlers: the body must be taken as it comes, and
what arrived before a cut must be kept.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from starlette.types import Receive, Scope, Send

from server import metrics
from server.clock import Clock
from server.config import Settings
from server.domain.periodo import Ventana
from server.errors import AppError
from server.http import json_error, lower_headers, respond
from server.intake.admission import Limits
from server.intake.check_sobre import Expected
from server.intake.device_auth import DeviceAuth, Grant
from server.intake.gate import Gate
from server.intake.receive_chunk import Attachment, Attachments, Body, ChunkReceiver, PutOutError
from server.intake.reception import Reception, UploadAddress
from server.store import subidas
from server.store.partials import Partials
from server.store.subidas import Subida
from sync_protocol import tus_server
from sync_protocol.tus_events import Append, Create, Received, Reply, Terminate, TusRequest, UploadState

log = logging.getLogger("acopio.subidas")

PREFIX = "/sync/subidas"
PER_DEVICE = 6
"""Uploads of one phone at once: past it `ocupado`, so that no phone starves the others."""
DISK_RESERVE = 32 * 1024 * 1024
"""Free bytes (a hundredth of a small disk) that uploads leave to the index, so that sessions go on when they cannot."""


class Uploads:
    """ASGI application for `/sync/subidas` and `/sync/subidas/{id}`."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        auth: DeviceAuth,
        reception: Reception,
        partials: Partials,
        window_of: Callable[[int], Ventana | None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._auth = auth
        self._reception = reception
        self._partials = partials
        self._attachments = Attachments()
        self._receiver = ChunkReceiver(partials, budget=settings.memoria_cuerpos, silence_s=settings.cuerpo_silencio_s)
        self._window_of = window_of
        reserve = min(DISK_RESERVE, shutil.disk_usage(settings.datos).total // 100)
        limits = Limits(
            settings.subidas, PER_DEVICE, settings.memoria_cuerpos, reserve, patience_s=settings.espera_lugar_s
        )
        self.gate = Gate(
            limits,
            memory=lambda: self._receiver.in_memory,
            disk_free=lambda: shutil.disk_usage(settings.datos).free,
            closes_in_s=self._closes_in_s,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        upload_id = scope["path"][len(PREFIX) :].strip("/")
        headers = lower_headers(scope)
        try:
            reply = await self._answer(scope["method"], upload_id, headers, receive)
        except AppError as error:
            reply = tus_server.error_reply(error.code, {**_retry_header(error), **_hang_up(error, headers)})
        except PutOutError:
            reply = tus_server.error_reply("subida_interrumpida")
        except OSError as error:
            refusal = disk_error(error)
            reply = tus_server.error_reply(refusal.code, _retry_header(refusal))
        except Exception:  # an answer without Tus-Resumable would look to the phone like a captive portal's
            log.exception("error inesperado en una subida")
            reply = tus_server.error_reply("interno")
        metrics.REQUESTS.labels("subidas", str(reply.status)).inc()
        body = json_error(reply.code) if reply.code and scope["method"] != "HEAD" else b""
        await respond(send, reply.status, reply.headers, body)

    async def _answer(self, method: str, upload_id: str, headers: dict[str, str], receive: Receive) -> Reply:
        request = TusRequest(headers.get("x-http-method-override", method), headers)
        if request.method == "OPTIONS":
            return tus_server.options_reply()
        grant = self._auth.grant(headers.get("authorization"))
        if not upload_id:
            return await self._create(request, grant, receive)
        address = UploadAddress.parse(upload_id)
        if address is None or address.dispositivo != grant.dispositivo or request.method == "POST":
            return tus_server.error_reply("tus_metodo" if request.method == "POST" else "subida_desconocida")
        async with self._attachments.attach(upload_id) as attachment:
            state, subida = self._state(address)
            decision = tus_server.decide(request, state, self._clock())
            if isinstance(decision, Terminate):
                return await self._terminate(upload_id)
            if isinstance(decision, Append):
                assert state is not None
                assert subida is not None
                async with self._place(grant, attachment):
                    if decision.offset > 0:
                        metrics.RESUMED.inc()
                    body, received = await self._receiver.receive(upload_id, decision, receive, attachment)
                    return await self._after_body(grant, subida, decision, body, received)
            assert isinstance(decision, Reply)
            if request.method == "HEAD" and not decision.code and state is not None and subida is not None:
                return tus_server.head_reply(state, self._partials.sha256(upload_id))
            return decision

    def _state(self, address: UploadAddress) -> tuple[UploadState | None, Subida | None]:
        subida = self._reception.subida(address.canonical)
        if subida is None:  # what is taken or refused has no upload any more
            return self._reception.taken(address) or self._reception.refused(address), None
        return UploadState(subida.tam, self._partials.offset(subida.id), subida.vence_ms), subida

    @contextlib.asynccontextmanager
    async def _place(self, grant: Grant, attachment: Attachment) -> AsyncIterator[None]:
        """Let in by the gate. While it waits at the door, a later request of the same upload may put it out."""
        async with contextlib.AsyncExitStack() as stack:
            with attachment.interruptible():
                await stack.enter_async_context(self.gate.place(grant.dispositivo))
            yield

    def _closes_in_s(self, dispositivo: int) -> float | None:
        ventana = self._window_of(self._auth.phone(dispositivo).solicitud)
        return None if ventana is None else (ventana.cierre_ms - self._clock()) / 1000

    async def _create(self, request: TusRequest, grant: Grant, receive: Receive) -> Reply:
        decision = tus_server.decide(request, None, self._clock())
        if not isinstance(decision, Create):
            assert isinstance(decision, Reply)
            return decision
        phone = self._auth.phone(grant.dispositivo)
        folio = decision.folio
        if (folio.solicitud, folio.auxiliar, folio.dispositivo) != (phone.solicitud, phone.auxiliar, phone.id):
            return tus_server.error_reply("cabecera_ajena")
        upload_id = subidas.upload_id(phone.id, folio.registro, decision.codigo)
        location = {"Location": f"{PREFIX}/{upload_id}"}
        async with self._attachments.attach(upload_id) as attachment:
            address = UploadAddress(phone.id, folio.registro, decision.codigo[:8])
            settled = self._reception.taken(address) or self._reception.refused(address)
            if settled is not None:
                done = tus_server.done_reply(settled)
                return done if done.code else Reply(201, {**done.headers, **location})
            vence_ms = self._clock() + self._settings.subida_vence_ms
            subida = Subida(upload_id, phone.id, folio.registro, decision.length, decision.codigo, vence_ms)
            await self._reception.write(lambda tx: subidas.upsert(tx.conn, [subida]))
            self._partials.unlink(upload_id)
            if not decision.body:
                state = UploadState(subida.tam, 0, vence_ms)
                return Reply(201, {**tus_server.head_reply(state).headers, **location})
            plan = Append(0, decision.length, decision.checksum)
            async with self._place(grant, attachment):
                body, received = await self._receiver.receive(upload_id, plan, receive, attachment)
                reply = await self._after_body(grant, subida, plan, body, received)
            return reply if reply.code else Reply(201, {**reply.headers, **location})

    async def _after_body(self, grant: Grant, subida: Subida, plan: Append, body: Body, received: Received) -> Reply:
        state = UploadState(subida.tam, body.end, subida.vence_ms)
        if received.complete and body.end == subida.tam and received.checksum_matches:
            return await self._complete(grant, subida, body)
        await self._receiver.flush(subida.id, body)
        return tus_server.after_append(plan, state, received)

    async def _complete(self, grant: Grant, subida: Subida, body: Body) -> Reply:
        phone = self._auth.phone(subida.dispositivo_id)
        expected = Expected(
            phone.solicitud, phone.auxiliar, phone.id, subida.registro, subida.codigo, subida.tam, phone.llaves
        )
        try:
            with self.gate.taking(grant.dispositivo):
                taken = await self._reception.take(self._receiver.whole(subida.id, body), expected, grant.sesion_id)
        except AppError as error:
            if error.code == "integridad_distinta" or error.entry.permanent:
                self._receiver.release(body)
                self._partials.unlink(subida.id)
                offset = 0 if error.code == "integridad_distinta" else subida.tam
                return tus_server.error_reply(error.code, {"Upload-Offset": str(offset), **_retry_header(error)})
            # The server could not store, or may not: what arrived stays where the phone can go on from.
            with contextlib.suppress(OSError):
                await self._receiver.flush(subida.id, body)
            raise
        finally:
            self._receiver.release(body)
        if body.flushed:
            self._partials.unlink(subida.id)
        state = UploadState(subida.tam, subida.tam, subida.vence_ms, recibido=True)
        if taken.rechazo:
            return tus_server.done_reply(replace(state, rechazo=taken.rechazo))
        given = await self._reception.until_given(taken.lote)
        return tus_server.done_reply(replace(state, acuse=taken.acuse if given else ""))

    async def _terminate(self, upload_id: str) -> Reply:
        await self._reception.write(lambda tx: subidas.delete(tx.conn, upload_id))
        self._partials.unlink(upload_id)
        return Reply(204, dict(tus_server.BASE_HEADERS))


def _retry_header(error: AppError) -> dict[str, str]:
    return {"Retry-After": str(error.retry_after)} if error.retry_after else {}


def _hang_up(error: AppError, headers: dict[str, str]) -> dict[str, str]:
    """A phone that is sent away hears it before its body's end: the line is closed behind the answer."""
    sends = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return {"Connection": "close"} if sends and error.entry.status in (503, 507) else {}


def disk_error(error: OSError) -> AppError:
    """What a phone is told when the disk said no."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return AppError("sin_espacio", retry_after=60)
    return AppError("almacen_no_disponible", retry_after=5)
