"""Take the body of one upload request: keep what arrives, survive the cut, put out a stale writer.

A sobre that arrives whole in one request never touches a partial file. On a slow line what has arrived is put on
disk every second or so, and whatever is in hand when the line breaks is written and synced before anyone is told of
its offset.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from server import metrics
from server.store.partials import Partials
from sync_protocol.tus_events import Append, Received
from sync_protocol.tus_server import keeps_bytes

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

SPOOL_BYTES = 1024 * 1024
SPOOL_SECONDS = 1.5
SILENCE_STEP_S = 1.0


class PutOutError(Exception):
    """Another request continues this upload; this one's line is taken for dead."""


@dataclass(slots=True)
class Attachment:
    """The request that is writing an upload right now."""

    task: asyncio.Task[Any]
    released: asyncio.Event = field(default_factory=asyncio.Event)
    reading: bool = False
    evicted: bool = False

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A wait with nothing half done, in which a later request may put this one out. Raises PutOutError."""
        self.reading = True
        try:
            yield
        except asyncio.CancelledError:
            if not self.evicted:
                raise
            self.task.uncancel()
            raise PutOutError from None
        finally:
            self.reading = False


class Attachments:
    """At most one writer per upload; who comes later puts out who was there (SPEC §8.3)."""

    def __init__(self) -> None:
        self._by_upload: dict[str, Attachment] = {}

    def attach(self, upload_id: str) -> Attaching:
        """Become the writer of an upload for a while: `async with attachments.attach(id) as attachment`."""
        return Attaching(self._by_upload, upload_id)


class Attaching:
    """Enters once the writer before has put down what it had received."""

    __slots__ = ("_by_upload", "_mine", "_upload_id")

    def __init__(self, by_upload: dict[str, Attachment], upload_id: str) -> None:
        self._by_upload, self._upload_id = by_upload, upload_id

    async def __aenter__(self) -> Attachment:
        while (before := self._by_upload.get(self._upload_id)) is not None:
            if before.reading and not before.evicted:
                before.evicted = True
                before.task.cancel()
            await before.released.wait()
        task = asyncio.current_task()
        assert task is not None
        self._mine = self._by_upload[self._upload_id] = Attachment(task)
        return self._mine

    async def __aexit__(self, *exception: object) -> None:
        del self._by_upload[self._upload_id]
        self._mine.released.set()


@dataclass(slots=True)
class Body:
    """What has arrived of a body. `chunks` are in memory and begin at `flushed`; before that lies the partial file."""

    start: int
    flushed: int
    chunks: list[bytes] = field(default_factory=list)
    buffered: int = 0
    since: float = 0.0

    @property
    def end(self) -> int:
        """Offset after everything that has arrived."""
        return self.flushed + self.buffered


class ChunkReceiver:
    """Reads bodies into memory within one budget, and onto disk when they are slow or large."""

    def __init__(self, partials: Partials, *, budget: int, silence_s: float) -> None:
        self._partials = partials
        self._budget = budget
        self._silence_s = silence_s
        self._in_memory = 0

    @property
    def in_memory(self) -> int:
        """Bytes of bodies that no partial file and no lote holds yet."""
        return self._in_memory

    async def receive(
        self, upload_id: str, plan: Append, receive: Receive, attachment: Attachment
    ) -> tuple[Body, Received]:
        """Read the body to its end, to a cut, or until another request takes over (PutOutError).

        When it is cut, what arrived is on disk on return. Raises OSError when it could not be put there.
        """
        body = Body(plan.offset, plan.offset)
        digest = hashlib.sha256() if plan.checksum is not None else None
        complete = excess = False
        try:
            async with asyncio.timeout(self._silence_s) as silence:
                while not complete and not attachment.evicted:
                    message = await self._next(receive, attachment, silence)
                    if message["type"] == "http.disconnect":
                        break
                    chunk = message.get("body", b"")
                    if body.end + len(chunk) > plan.offset + plan.limit:
                        excess = True
                        break
                    self._keep(body, chunk)
                    if digest is not None:
                        digest.update(chunk)
                    complete = not message.get("more_body", False)
                    if not complete and self._should_spool(body):
                        silence.reschedule(None)  # a slow disk is not a silent line
                        await self.flush(upload_id, body)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            if not attachment.evicted:
                raise
            attachment.task.uncancel()
        matches = digest is None or digest.digest() == plan.checksum
        received = Received(body.end - plan.offset, complete, excess, matches)
        metrics.RECEIVED_BYTES.inc(received.count)
        if not keeps_bytes(plan, received):
            self.release(body)
            self._partials.truncate(upload_id, plan.offset)
            body = Body(plan.offset, plan.offset)
        elif not complete:
            metrics.CUT.inc()
            await self.flush(upload_id, body)
        if attachment.evicted:
            await self.flush(upload_id, body)
            raise PutOutError
        return body, received

    async def _next(
        self, receive: Receive, attachment: Attachment, silence: asyncio.Timeout
    ) -> MutableMapping[str, Any]:
        """The next piece of the body. Only here, where nothing is half done, may another request put this one out.

        The time limit starts anew about once a second, not with every piece: setting a timer is not free.
        """
        end = asyncio.get_running_loop().time() + self._silence_s
        if silence.when() is None or end - silence.when() > SILENCE_STEP_S:  # type: ignore[operator]
            silence.reschedule(end)
        attachment.reading = True
        try:
            return await receive()
        finally:
            attachment.reading = False

    def _keep(self, body: Body, chunk: bytes) -> None:
        if not body.chunks:
            body.since = time.monotonic()
        body.chunks.append(chunk)
        body.buffered += len(chunk)
        self._in_memory += len(chunk)
        metrics.BODY_MEMORY.set(self._in_memory)

    def _should_spool(self, body: Body) -> bool:
        slow = body.buffered > 0 and time.monotonic() - body.since > SPOOL_SECONDS
        return slow or body.buffered >= SPOOL_BYTES or self._in_memory >= self._budget

    async def flush(self, upload_id: str, body: Body) -> None:
        """Put on disk, synced, what is in memory. Raises OSError; what could be written counts."""
        if not body.chunks:
            return
        chunks, offset = body.chunks, body.flushed
        try:
            await asyncio.to_thread(self._partials.append, upload_id, offset, chunks)
        finally:
            self.release(body)
            body.flushed = self._partials.offset(upload_id)

    def release(self, body: Body) -> None:
        """Give the memory of a body back."""
        self._in_memory -= body.buffered
        metrics.BODY_MEMORY.set(self._in_memory)
        body.chunks, body.buffered = [], 0

    def whole(self, upload_id: str, body: Body) -> list[bytes]:
        """The sobre in pieces: what the partial file holds, and what is in memory after it."""
        held = [self._partials.read(upload_id)[: body.flushed]] if body.flushed else []
        return [*held, *body.chunks]
