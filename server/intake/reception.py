"""From the last byte to the acuse: check on a worker thread, take in the writer's group, wait for the second copy.

The one place that decides whether an acuse may be *given* (SPEC §1): `Reception.give`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from server import metrics
from server.clock import Clock
from server.config import Settings
from server.diario.second_copy import SecondCopy
from server.errors import AppError
from server.intake import accept_registro
from server.intake.accept_registro import Arrival, Taken
from server.intake.check_sobre import Expected
from server.intake.checkers.judge import Checkers, Verdict
from server.intake.replies import Replies
from server.store import conflictos, registros, subidas
from server.store.connection import Connection
from server.store.writer import Done, Tx, Writer
from sync_protocol.errors import CATALOGUE
from sync_protocol.tus_events import UploadState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """What an upload's id says: `<dispositivo>-<registro>-<first 8 bytes of the código, hex>`."""

    dispositivo: int
    registro: int
    codigo_start: bytes

    @classmethod
    def parse(cls, upload_id: str) -> UploadAddress | None:
        """None when it is no such id."""
        parts = upload_id.split("-")
        if len(upload_id) > 40 or len(parts) != 3 or not (parts[0] + parts[1]).isdecimal() or len(parts[2]) != 16:
            return None
        try:
            address = cls(int(parts[0]), int(parts[1]), bytes.fromhex(parts[2]))
        except ValueError:
            return None
        return address if upload_id == address.canonical else None

    @property
    def canonical(self) -> str:
        """The only spelling that is accepted; it is a file name too."""
        return f"{self.dispositivo}-{self.registro}-{self.codigo_start.hex()}"


class Reception:
    """Takes whole sobres. Methods that are coroutines belong to the event loop."""

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        checkers: Checkers,
        writer: Writer,
        reader: Connection,
        second_copy: SecondCopy | None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._checkers = checkers
        self._writer = writer
        self._reader = reader
        self.second_copy = second_copy
        self._loop: asyncio.AbstractEventLoop | None = None
        self._replies: Replies | None = None
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Bind to the loop that answers requests."""
        self._loop, self._replies = loop, Replies(loop)
        self._checkers.start()

    def stop(self) -> None:
        """End the checkers."""
        self._checkers.stop()

    # -- what may be given ------------------------------------------------------------------------------------------

    def give(self, lote: int) -> bool:
        """Whether acuses of this lote may be given: it is committed, and the second copy (if any) holds it too."""
        return self.second_copy is None or self.second_copy.confirmed >= lote

    def given_up_to(self) -> int | None:
        """Newest lote whose acuses may be given; None when there is no second copy to wait for."""
        return None if self.second_copy is None else self.second_copy.confirmed

    def second_copy_advanced(self, numero: int) -> None:
        """Called by the copier's thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._release, numero)

    def _release(self, numero: int) -> None:
        still = []
        for lote, future in self._waiting:
            if lote <= numero and not future.done():
                future.set_result(None)
            elif not future.done():
                still.append((lote, future))
        self._waiting = still

    async def until_given(self, lote: int) -> bool:
        """Wait for the second copy, but not for ever; says whether the acuse may be given."""
        if self.give(lote):
            return True
        assert self._loop is not None
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((lote, future))
        if self.give(lote):  # it may have arrived between the question and the queueing
            return True
        try:
            await asyncio.wait_for(future, self._settings.espera_acuse_ms / 1000)
        except TimeoutError:
            return self.give(lote)
        return True

    # -- what is held -----------------------------------------------------------------------------------------------

    def taken(self, address: UploadAddress) -> UploadState | None:
        """The state of an upload whose sobre has been taken; None when it has not."""
        row = registros.by_counter(self._reader, address.dispositivo, address.registro)
        if row is None or row.codigo[:8] != address.codigo_start:
            return None
        return UploadState(row.tam, row.tam, 0, acuse=row.acuse if self.give(row.lote) else "", recibido=True)

    def refused(self, address: UploadAddress) -> UploadState | None:
        """The state of an upload whose sobre was refused for good; None when it was not."""
        motivo = conflictos.refusal(self._reader, address.dispositivo, address.registro, address.codigo_start)
        return None if motivo is None else UploadState(0, 0, 0, rechazo=motivo)

    def subida(self, upload_id: str) -> subidas.Subida | None:
        """An upload under way."""
        return subidas.get(self._reader, upload_id)

    # -- taking -----------------------------------------------------------------------------------------------------

    async def take(self, chunks: Sequence[bytes], expected: Expected, sesion_id: int | None) -> Taken:
        """Check and take the sobre that these pieces make up. Raises AppError; a permanent refusal is remembered."""
        try:
            taken = (await self._checked_and_queued(chunks, expected, sesion_id)).value
        except AppError as error:
            metrics.REFUSED.labels(error.code).inc()
            if CATALOGUE[error.code].permanent:
                await self._remember_refusal(expected, error.code)
            raise
        if taken.rechazo:
            metrics.REFUSED.labels(taken.rechazo).inc()
        else:
            (metrics.TAKEN if taken.nuevo else metrics.REPEATED).inc()
        return taken

    def _checked_and_queued(
        self, chunks: Sequence[bytes], expected: Expected, sesion_id: int | None
    ) -> asyncio.Future[Done[Taken]]:
        """What is right goes from the checkers straight to the writer, and the request hears only of the end."""
        loop, replies, settings = self._loop, self._replies, self._settings
        assert loop is not None
        assert replies is not None
        future: asyncio.Future[Done[Taken]] = loop.create_future()
        recibido_ms = self._clock()

        def judged(verdict: Verdict | BaseException) -> None:
            if isinstance(verdict, BaseException):
                replies.tell(future, verdict)
                return
            arrival = Arrival(
                verdict.checked, verdict.acuse, recibido_ms, sesion_id, settings.gracia_ms, settings.sesion_quieta_ms
            )

            def written(result: Done[Taken] | BaseException) -> None:
                verdict.release()
                replies.tell(future, result)

            self._writer.submit(lambda tx: accept_registro.accept(tx, arrival), written, len(arrival.checked.raw))

        self._checkers.submit(chunks, expected, recibido_ms, judged)
        return future

    async def _remember_refusal(self, expected: Expected, code: str) -> None:
        await self.write(
            lambda tx: accept_registro.refuse(tx, expected.dispositivo, expected.registro, expected.codigo, code)
        )

    async def write(self, operation: Callable[[Tx], T]) -> Done[T]:
        """Run an operation on the write thread and wait until it is durable. Raises what it raised."""
        loop, replies = self._loop, self._replies
        assert loop is not None
        assert replies is not None
        future: asyncio.Future[Done[T]] = loop.create_future()
        self._writer.submit(operation, lambda result: replies.tell(future, result))
        return await future
