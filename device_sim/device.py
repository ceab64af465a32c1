"""One phone that sends its queue: sessions, uploads, acuses, deletions (SPEC §8; rows D5, D7).

The order is the promise: a sobre is deleted only after an acuse that `Outbox.acknowledge` has verified. Every sobre
goes its own way: one that is refused, or whose acuse does not hold, is set aside and the others go on. The phone's
clock decides nothing here; it is only compared with the server's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

import msgspec
from msgspec import structs

from device_sim import identity as identities
from device_sim.backoff import Backoff
from device_sim.calls import call
from device_sim.enrolment import JOSE
from device_sim.errors import Stopped
from device_sim.events import (
    AcuseVerified,
    Counts,
    Deleted,
    OnEvent,
    SessionOpened,
    SetAside,
    Waiting,
    ignore,
)
from device_sim.identity import Identity
from device_sim.outbox import Outbox, Queued
from device_sim.transport import Outcome, Reply, Transport
from device_sim.turns import Turns
from device_sim.upload import Courier, End, Later
from sync_protocol import acuse as acuses
from sync_protocol import session
from sync_protocol.errors import CATALOGUE, Layer, RemoteProtocolError
from sync_protocol.queue import EstadoCola, Suceso
from sync_protocol.session import Entrada, EstadoSobre, RespuestaSesion, SolicitudSesion
from sync_protocol.signing import PrivateKey, PublicKey, b64url
from sync_protocol.tus_client import Finished, NeedSession, Refused

APP = "acopio-simulador/1"
MAX_IN_FLIGHT = 8
MAX_ACUSE_WAITS = 6
"""How often a phone asks again, in one sync, for acuses that may not be given yet."""
_MAX_MS = 2**53

Task = tuple[Queued, str, int | None]
"""A sobre to send, where, and from which byte; None when the phone must ask."""


@dataclass(frozen=True, slots=True)
class Synced:
    """How a sync ended. `stopped` says why it ended before its time; `left` is what is still on the phone."""

    counts: Counts
    left: tuple[Queued, ...]
    stopped: Stopped | None

    @property
    def done(self) -> bool:
        """Whether nothing is left on the phone, and the server knows it."""
        return not self.left and self.stopped is None


@dataclass(slots=True)
class _Round:
    """What one session's uploads came to."""

    again: bool = False
    """Something was left for another session: its token ended, its line kept breaking."""
    waiting: bool = False
    """Something is complete at the server, without its acuse."""
    moved: bool = False
    """The server holds more than before, of anything."""


@dataclass(slots=True)
class Phone:
    """A phone with its queue open and its key unlocked. `keys` are the server's, by thumbprint, from the alta."""

    outbox: Outbox
    key: PrivateKey
    keys: dict[str, PublicKey]
    transport: Transport
    backoff: Backoff
    clock_ms: Callable[[], int]
    on_event: OnEvent = ignore
    on_keys: Callable[[dict[str, PublicKey]], None] = lambda _: None
    """Told when the server has published other keys, so that they can be kept."""
    counts: Counts = field(default_factory=Counts)
    _aside: dict[int, str] = field(default_factory=dict)
    """Registros not to be sent again in this sync, and the code that the person was told."""
    _resumed: set[int] = field(default_factory=set)
    _troubles: Counter[int] = field(default_factory=Counter)
    """How often a registro brought a session to its end: those go last in the next one."""

    async def sync(self) -> Synced:
        """Send everything that can be sent now. Never raises for what a server or a line may do."""
        self.counts, self._troubles, self._resumed = Counts(), Counter(), set()
        wire = self.transport.wire_bytes
        self._sweep()
        self._aside = {queued.registro: "" for queued in self.outbox.pending() if _permanent(queued.reason)}
        stopped = await self._rounds()
        self.counts.resumed = len(self._resumed)
        self.counts.wire_bytes = self.transport.wire_bytes - wire
        detail = msgspec.json.encode(self.counts.as_dict()).decode()
        self._log("sincronizacion", detail=detail if stopped is None else f"{stopped.code} {detail}")
        return Synced(self.counts, self.outbox.pending(), stopped)

    async def _rounds(self) -> Stopped | None:
        failures = acuse_waits = 0
        while True:
            # Those set aside go last: five thousand of them must not keep the others out of the manifest.
            queue = sorted(self.outbox.pending(), key=lambda queued: queued.registro in self._aside)
            entries = tuple(queue[: session.MAX_ENTRIES])
            deleted = self.outbox.unreported(session.MAX_ENTRIES)
            if not entries and not deleted:
                return None
            before = self._progress()
            answer = await self._open_session(entries, deleted)
            if isinstance(answer, Stopped):
                return answer
            came_to = await self._round(entries, answer)
            failures = 0 if came_to.moved or self._progress() != before else failures + 1
            reason = "sin_avance"
            if not came_to.again:
                if came_to.waiting:
                    # All is there: to wait for acuses is no failure of the line.
                    failures, acuse_waits, reason = 0, acuse_waits + 1, "sin_acuse_aun"
                    if acuse_waits > MAX_ACUSE_WAITS:
                        return Stopped(reason, "El servidor ya tiene los apoyos y aún no da el acuse: se conservan.")
                elif not self._more(entries):
                    return None
            if failures >= self.backoff.max_failures:
                return Stopped("sin_avance", "El envío no avanza. Nada se perdió; inténtelo más tarde.")
            if failures or came_to.waiting:
                seconds = self.backoff.delay(max(failures, acuse_waits, 1))
                self.on_event(Waiting(seconds, reason))
                await self.backoff.sleep(seconds)

    def _progress(self) -> tuple[int, int, int]:
        return self.counts.deleted, self.counts.sent, len(self._aside)

    def _more(self, entries: tuple[Queued, ...]) -> bool:
        """Whether another session has something to say: deletions to report, or entries beyond the first 5,000."""
        if self.outbox.unreported(1):
            return True
        offered = {queued.registro for queued in entries}
        return any(queued.registro not in offered | self._aside.keys() for queued in self.outbox.pending())

    async def _open_session(self, entries: tuple[Queued, ...], deleted: tuple[int, ...]) -> RespuestaSesion | Stopped:
        owner = self.outbox.folio(0)
        asked_ms = self.clock_ms()

        async def ask() -> Outcome:
            nonlocal asked_ms
            asked_ms = self.clock_ms()
            request = SolicitudSesion(
                solicitud=owner.solicitud,
                auxiliar=owner.auxiliar,
                dispositivo=owner.dispositivo,
                nonce=secrets.token_urlsafe(24),
                reloj_ms=max(0, asked_ms),
                sobres=tuple(Entrada(q.registro, q.size, b64url(q.codigo)) for q in entries),
                borrados=deleted,
                app=APP,
            )
            token = session.sign(request, self.key).encode("ascii")
            return await self.transport.post("sync/sesiones", token, JOSE)

        self.outbox.offer(queued.registro for queued in entries)
        answer = await call(ask, _read_session, self.backoff, self.on_event, on_cut=self._count_cut)
        if isinstance(answer, Stopped):
            for queued in entries:
                self._keep_aside(queued)
            self._log("sesion_fallida", detail=answer.code)
            return answer
        # Half of the round trip is nobody's: the answer was written somewhere between the two readings.
        desfase = answer.ahora_ms - (asked_ms + self.clock_ms()) // 2
        # No dates (0 and 0) is a server that has no periodo to speak of: the ones already known stand.
        dates = (answer.inicia_ms, answer.termina_ms) if answer.termina_ms > answer.inicia_ms else ()
        self.outbox.set_clock(desfase, *dates)
        self.outbox.mark_reported(deleted)
        self.counts.sessions += 1
        self._log("sesion", detail=f"{len(entries)} en cola, {len(deleted)} borrados")
        self.on_event(SessionOpened(len(entries), answer.avisos))
        return answer

    def _keep_aside(self, queued: Queued) -> None:
        """Offering it changed nothing: what had been set aside stays so, with its reason."""
        if queued.reason:
            forged = queued.reason in CATALOGUE and CATALOGUE[queued.reason].layer is Layer.JWS
            event = Suceso.ACUSE_FALSO if forged else Suceso.RECHAZADO
            self.outbox.advance(queued.registro, event, queued.reason)

    async def _round(self, entries: tuple[Queued, ...], answer: RespuestaSesion) -> _Round:
        """Act on what the server said of each entry; at most `en_vuelo` uploads run at once, fewer send at once."""
        came_to = _Round()
        said = {estado.registro: estado for estado in reversed(answer.sobres)}
        to_send: deque[Task] = deque()
        for queued in sorted(entries, key=lambda queued: self._troubles[queued.registro]):
            estado = said.get(queued.registro)
            if estado is None:
                self._keep_aside(queued)
                came_to.again = came_to.again or queued.registro not in self._aside
            elif estado.estado in ("nuevo", "parcial"):
                self._plan(queued, estado, to_send, came_to)
            else:
                await self._settle(queued, estado, answer.token, came_to)
        offered = min(max(answer.en_vuelo, 1), MAX_IN_FLIGHT)
        courier = Courier(
            self.transport,
            self.backoff,
            answer.token,
            self.counts,
            self.on_event,
            self.outbox.advance,
            self._resumed,
            Turns(lambda: self.transport.flows(offered)),
        )
        workers = min(offered, len(to_send))
        tasks = [asyncio.create_task(self._work(to_send, courier, came_to)) for _ in range(workers)]
        try:
            await asyncio.gather(*tasks)
        finally:
            # A disk that is full, or Ctrl+C: the others end too, and the first error goes up as it is.
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        came_to.moved = courier.moved
        return came_to

    def _plan(self, queued: Queued, estado: EstadoSobre, to_send: deque[Task], came_to: _Round) -> None:
        if queued.registro in self._aside:
            # The same bytes would fail in the same way, and an acuse that did not hold is for a person to look at.
            self._keep_aside(queued)
            return
        url = self.transport.resolve(estado.url)
        if url is None:
            self._log("direccion_ajena", queued.registro)
            came_to.again = True
            return
        offset = 0 if estado.estado == "nuevo" else estado.offset
        to_send.append((queued, url, offset if 0 <= offset <= queued.size else None))

    async def _settle(self, queued: Queued, estado: EstadoSobre, token: str, came_to: _Round) -> None:
        """What the server knows of an entry without our sending it now."""
        if estado.estado == "rechazado":
            self._set_aside(queued, Suceso.RECHAZADO, estado.codigo)
            return
        if queued.state in (EstadoCola.OFRECIDO, EstadoCola.ENVIANDO):
            # It had been sent, and the answer was lost: the manifest has just saved sending it twice.
            self.counts.sent += 1
            self.counts.duplicates_avoided += 1
            self.counts.payload_bytes += queued.size
        if estado.estado == "acusado":
            await self._acuse(queued, estado.acuse, token)
        else:
            self.outbox.advance(queued.registro, Suceso.SIN_ACUSE_AUN)
            came_to.waiting = True

    async def _work(self, to_send: deque[Task], courier: Courier, came_to: _Round) -> None:
        while to_send and not came_to.again:
            queued, url, offset = to_send.popleft()
            raw = self.outbox.read(queued.registro)
            end: End = await courier.deliver(queued, raw, url, offset)
            match end:
                case Finished():
                    self.counts.payload_bytes += queued.size
                    if end.acuse:
                        await self._acuse(queued, end.acuse, courier.token)
                    else:
                        self.outbox.advance(queued.registro, Suceso.SIN_ACUSE_AUN)
                        came_to.waiting = True
                case Refused():
                    self._set_aside(queued, Suceso.RECHAZADO, end.code)
                case NeedSession() | Later():
                    self._log("pendiente", queued.registro, end.code)
                    self._troubles[queued.registro] += 1
                    came_to.again = True
                case _:
                    assert_never(end)
        came_to.again = came_to.again or bool(to_send)

    async def _acuse(self, queued: Queued, token: str, bearer: str) -> None:
        """Verify, then delete. What does not hold is asked for once more, in case a proxy mauled a header."""
        failed = await self._acknowledge(queued, token)
        if failed is not None:
            again = await self.transport.get(f"sync/acuses/{queued.folio}", token=bearer)
            if isinstance(again, Reply) and again.status == 200:
                failed = await self._acknowledge(queued, again.body.decode("ascii", "replace").strip())
        if failed is not None:
            self._set_aside(queued, Suceso.ACUSE_FALSO, failed)
            return
        self.counts.acuses_verified += 1
        self.on_event(AcuseVerified(queued.folio))
        self._delete(queued)

    async def _acknowledge(self, queued: Queued, token: str) -> str | None:
        """None when the acuse holds; otherwise the code of what is wrong with it."""
        for attempt in (0, 1):
            try:
                self.outbox.acknowledge(queued.registro, token, self.keys)
            except RemoteProtocolError as error:
                unknown = error.code == "llave_de_acuse_desconocida"
                if attempt or not unknown or not await self._fetch_keys():
                    return error.code
            else:
                return None
        return "llave_de_acuse_desconocida"

    async def _fetch_keys(self) -> bool:
        """Keys that the server has published since the alta; only over TLS, or they would prove nothing."""
        if not self.transport.trusted:
            return False
        outcome = await self.transport.get(".well-known/jwks.json")
        if not isinstance(outcome, Reply) or outcome.status != 200:
            return False
        try:
            found = acuses.keys_from_jwks(msgspec.json.decode(outcome.body, type=dict[str, object]))
        except (msgspec.MsgspecError, UnicodeDecodeError, RemoteProtocolError):
            return False
        self.keys = {**self.keys, **found}
        self.on_keys(self.keys)
        return True

    def _set_aside(self, queued: Queued, event: Suceso, code: str) -> None:
        self.outbox.advance(queued.registro, event, code[:64] or "sin_codigo")
        if self._aside.get(queued.registro) == code:
            return
        self._aside[queued.registro] = code
        self._log(str(event), queued.registro, code)
        self.on_event(SetAside(queued.folio, code))

    def _sweep(self) -> None:
        """What was acknowledged when the phone died is deleted now."""
        for queued in self.outbox.pending():
            if queued.state is EstadoCola.ACUSADO:
                self._delete(queued)

    def _delete(self, queued: Queued) -> None:
        self.outbox.delete(queued.registro, self.clock_ms())
        self.counts.deleted += 1
        self._log("borrado", queued.registro)
        self.on_event(Deleted(queued.folio, queued.size))

    def _log(self, event: str, registro: int | None = None, detail: str = "") -> None:
        self.outbox.log(self.clock_ms(), event, registro=registro, detail=detail)

    def _count_cut(self) -> None:
        self.counts.cuts += 1


def phone_of(
    folder: Path,
    identity: Identity,
    key: PrivateKey,
    outbox: Outbox,
    transport: Transport,
    backoff: Backoff,
    clock_ms: Callable[[], int],
    on_event: OnEvent = ignore,
) -> Phone:
    """The phone that lives in a folder. Keys that the server publishes later are kept in its identity."""
    alta, _ = identity.registered

    def keep(keys: dict[str, PublicKey]) -> None:
        identities.save(folder, structs.replace(identity, alta=structs.replace(alta, jwks=acuses.jwks(keys))))

    return Phone(
        outbox, key, acuses.keys_from_jwks(alta.jwks), transport, backoff, clock_ms, on_event=on_event, on_keys=keep
    )


def _permanent(code: str) -> bool:
    """Whether the same sobre would be refused again. An acuse that did not hold says nothing about the sobre."""
    entry = CATALOGUE.get(code)
    return entry is not None and entry.permanent and entry.layer is not Layer.JWS


def _read_session(reply: Reply) -> RespuestaSesion:
    answer = session.decode_answer(reply.body)
    if not all(0 <= instant <= _MAX_MS for instant in (answer.ahora_ms, answer.inicia_ms, answer.termina_ms)):
        raise RemoteProtocolError("sesion_invalida", "instante")
    return answer
