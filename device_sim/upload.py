"""One sobre on its way: carries out the steps that `tus_client` asks for (SPEC §8.3, §8.4).

What the steps *mean* for the queue is `device`'s: this returns how it ended. Cuts, busy servers and captive portals
are waited out here; so many failures without a byte of progress, and the sobre is left for another time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from device_sim.adaptive import SMALLEST_BODY
from device_sim.backoff import Backoff
from device_sim.events import Counts, LineCut, OnEvent, Sent, Waiting
from device_sim.outbox import Queued
from device_sim.transport import Cut, Outcome, Reply, Transport
from device_sim.turns import Turns
from sync_protocol.queue import Suceso
from sync_protocol.tus_client import (
    BackOff,
    Finished,
    NeedSession,
    Refused,
    SendDelete,
    SendHead,
    SendPatch,
    Upload,
    first_step,
    next_step,
)
from sync_protocol.tus_headers import CODIGO

MAX_TURNS = 100
"""How often in a row a phone comes back to a server that is full, before it asks with a session what it holds."""


@dataclass(frozen=True, slots=True)
class Later:
    """Too many failures in a row: another session will go on from what the server holds."""

    code: str


End = Finished | Refused | NeedSession | Later


@dataclass(slots=True)
class Courier:
    """Delivers sobres of one phone with the token of one session."""

    transport: Transport
    backoff: Backoff
    token: str
    counts: Counts
    on_event: OnEvent
    note: Callable[[int, Suceso], None]
    """Told what happened to a registro (bytes left, the line broke), to be written into its queue."""
    resumed: set[int]
    """Registros that went on from bytes the server already held."""
    turns: Turns
    """Whose body goes out now. What only waits for its answer has given its turn back."""
    moved: bool = False
    """Whether the server came to hold more of anything than the session said."""

    async def deliver(self, queued: Queued, raw: bytes, url: str, offset: int | None) -> End:
        """Bring one sobre to the server, from what the session said it holds of it."""
        step, line, body = first_step(Upload(url, len(raw), offset)), self.transport.line, _Body(self.turns)
        failures, turns, reached, unanswered = 0, 0, offset or 0, False
        while True:
            match step:
                case Finished():
                    self.counts.sent += 1
                    # All had arrived, and only by asking did the phone learn it: another would have sent it twice.
                    self.counts.duplicates_avoided += unanswered
                    return step
                case Refused() | NeedSession():
                    return step
                case BackOff():
                    if step.code == "ocupado" and step.retry_after:
                        turns += 1  # It answers, and says when: to wait for one's turn is no failure of the line.
                    else:
                        failures += 1
                    if failures >= self.backoff.max_failures or turns >= MAX_TURNS:
                        return Later(step.code)
                    await self._wait(max(failures, 1), step.retry_after, step.code)
                    step = SendHead(replace(step.upload, offset=None))
                case SendHead() | SendPatch() | SendDelete():
                    asked, outcome = step, await self._send(step, queued, raw, body)
                    if isinstance(outcome, Cut):
                        unanswered = unanswered or isinstance(asked, SendPatch)
                        step = self._cut(asked, queued, outcome)
                        continue
                    if isinstance(asked, SendPatch) and _too_long_for_a_proxy(outcome) and body.size > SMALLEST_BODY:
                        line.body_refused(body.size)
                        step = SendHead(replace(asked.upload, offset=None))
                        continue
                    unanswered = unanswered and not isinstance(asked, SendPatch)
                    step = next_step(asked.upload, outcome.http, raw)
                    leads_on = isinstance(asked, SendHead) and isinstance(step, SendPatch)
                    if leads_on and isinstance(step, SendPatch):
                        line.arrived(body.taken, (step.upload.offset or 0) - body.start)
                    if isinstance(step, SendPatch) and (step.upload.offset or 0) > reached:
                        failures, reached, self.moved = 0, step.upload.offset or 0, True
                    elif isinstance(step, SendHead | SendPatch) and not leads_on:
                        # An answer that brings nothing on: without this, two such answers could turn in a circle.
                        step = BackOff(step.upload, 0, outcome.headers.get(CODIGO, "sin_avance"))
                case _:
                    assert_never(step)

    async def _send(self, step: SendHead | SendPatch | SendDelete, queued: Queued, raw: bytes, body: _Body) -> Outcome:
        url = step.upload.url
        if isinstance(step, SendHead):
            return await self.transport.tus("HEAD", url, token=self.token)
        if isinstance(step, SendDelete):
            return await self.transport.tus("DELETE", url, token=self.token)
        start = step.upload.offset or 0
        self.note(queued.registro, Suceso.BYTES_ENVIADOS)
        if 0 < start < len(raw) and body.taken != start - body.start:
            self.resumed.add(queued.registro)
        await self.turns.take(first=start > 0)
        body.goes(start, self.transport.body_size(len(raw) - start))
        self.on_event(Sent(queued.folio, start, len(raw)))

        def told(count: int) -> None:
            body.went(count)
            self.on_event(Sent(queued.folio, start + count, len(raw)))

        try:
            return await self.transport.tus("PATCH", url, token=self.token, raw=raw, offset=start, on_bytes=told)
        finally:
            body.out()

    def _cut(self, step: SendHead | SendPatch | SendDelete, queued: Queued, cut: Cut) -> BackOff:
        self.counts.cuts += 1
        if isinstance(step, SendPatch):
            self.note(queued.registro, Suceso.LINEA_CORTADA)
        self.on_event(LineCut(queued.folio, cut.reason))
        return BackOff(step.upload, 0, cut.reason)

    async def _wait(self, failures: int, at_least: float, reason: str) -> None:
        seconds = self.backoff.delay(failures, at_least)
        self.on_event(Waiting(seconds, reason))
        await self.backoff.sleep(seconds)


@dataclass(slots=True)
class _Body:
    """The body of one sobre's request, as it goes out; it has its turn for so long."""

    turns: Turns
    going: bool = False
    start: int = 0
    size: int = 0
    taken: int = 0

    def goes(self, start: int, size: int) -> None:
        self.start, self.size, self.taken, self.going = start, size, 0, True

    def went(self, count: int) -> None:
        self.taken = count
        if count >= self.size:
            self.out()
        else:
            self.turns.review()

    def out(self) -> None:
        if self.going:
            self.going = False
            self.turns.give_back()


def _too_long_for_a_proxy(reply: Reply) -> bool:
    return reply.status == 413 and "tus-resumable" not in reply.headers
