"""The door of uploads: `admission` joined to the event loop, to the disk and to the metrics (SPEC §10)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from server import metrics
from server.errors import AppError
from server.intake.admission import Admission, Limits, Load, Reason, Refusal, Ticket


class Gate:
    """Places for uploads. Belongs to the event loop; nothing here blocks it.

    `memory`: bytes of bodies in memory. `disk_free`: bytes free where they go. `closes_in_s`: seconds until nothing of
    this phone's periodo is taken any more, None when that is unknown or past.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        memory: Callable[[], int],
        disk_free: Callable[[], int],
        closes_in_s: Callable[[int], float | None] = lambda phone: None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self._limits = limits
        self._memory = memory
        self._disk_free = disk_free
        self._closes_in_s = closes_in_s
        self._clock = clock
        self._admission = Admission(limits, rng or random.Random())
        self._waiting: dict[Ticket, asyncio.Future[None]] = {}
        metrics.GATE_WAITING.set_function(lambda: self._admission.waiting)
        metrics.GATE_OUTSIDE.set_function(lambda: self._admission.outside(clock()))
        metrics.GATE_LONGEST.set_function(lambda: self._admission.longest_wait_s(clock()))
        metrics.GATE_ACTIVE.set_function(lambda: self._admission.active)

    @contextlib.asynccontextmanager
    async def place(self, phone: int) -> AsyncIterator[None]:
        """A place while the body is read and taken. Raises AppError `ocupado` or `sin_espacio`, with Retry-After."""
        ticket, decided = self._admission.arrive(phone, self._load(), self._clock())
        try:
            self._settle(decided)
            if not ticket.decided:
                await self._wait(ticket)
            if ticket.refusal is not None:
                raise self._refused(phone, ticket.refusal)
            yield
        finally:
            # However it ended, also while it waited: the place is the next one's.
            self._settle(self._admission.leave(ticket, self._load(), self._clock()))

    @contextlib.contextmanager
    def taking(self, phone: int) -> Iterator[None]:
        """While a complete sobre is checked and committed. One that raises was not delivered."""
        token, delivered = object(), False
        self._admission.taking(token, self._clock())
        try:
            yield
            delivered = True
        finally:
            now = self._clock()
            self._settle(self._admission.taken(token, phone, self._load(), now, delivered=delivered))

    def at_once(self, wanted: int) -> int:
        """`en_vuelo` of a session that is answered now."""
        return self._admission.at_once(wanted, self._clock())

    async def _wait(self, ticket: Ticket) -> None:
        loop = asyncio.get_running_loop()
        future = self._waiting[ticket] = loop.create_future()
        timer = loop.call_later(self._limits.patience_s, self._give_up, ticket)
        try:
            await future
        finally:
            timer.cancel()
            self._waiting.pop(ticket, None)

    def _give_up(self, ticket: Ticket) -> None:
        if not ticket.decided:
            self._settle(self._admission.give_up(ticket, self._load(), self._clock()))

    def _settle(self, decided: Iterable[Ticket]) -> None:
        for ticket in decided:
            future = self._waiting.get(ticket)
            if future is not None and not future.done():
                future.set_result(None)

    def _refused(self, phone: int, refusal: Refusal) -> AppError:
        metrics.GATE_REFUSED.labels(refusal.reason).inc()
        retry_after = refusal.retry_after
        left_s = self._closes_in_s(phone)
        if left_s is not None and left_s > 0:
            # Nobody is sent away past the end of the hours of grace: half of what is left stays for sending.
            retry_after = max(1, min(retry_after, int(left_s / 2)))
        code = "sin_espacio" if refusal.reason is Reason.DISK else "ocupado"
        return AppError(code, refusal.reason, retry_after=retry_after)

    def _load(self) -> Load:
        return Load(self._memory(), self._disk_free())
