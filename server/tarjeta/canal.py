"""Who takes the sobres of a card: the running server over its local channel. (A box of one's own does it likewise.)"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from server import local_channel
from server.local_channel import BrokenChannelError, Peticion, Preguntar, Tomar, Veredicto


class Receptor(Protocol):
    """Takes sobres (server.intake.loose_sobre.LooseIntake, or a channel to one). May raise BrokenChannelError."""

    async def take(self, raw: bytes, announced: bytes = b"") -> Veredicto:
        """Take a sobre."""

    async def ask(self, folio: str, codigo: bytes) -> Veredicto:
        """Its acuse, once it may be given."""


class Canal:
    """A running server, from a command of the same box. Calls may overlap."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Veredicto]] = {}
        self._gone: str | None = None
        self._listening = asyncio.create_task(self._listen())

    async def take(self, raw: bytes, announced: bytes = b"") -> Veredicto:
        return await self._call(Tomar(next(self._ids), raw, announced))

    async def ask(self, folio: str, codigo: bytes) -> Veredicto:
        return await self._call(Preguntar(next(self._ids), folio, codigo))

    async def _call(self, asked: Peticion) -> Veredicto:
        if self._gone is not None:
            raise BrokenChannelError(self._gone)
        future: asyncio.Future[Veredicto] = asyncio.get_running_loop().create_future()
        self._waiting[asked.id] = future
        try:
            self._writer.write(local_channel.frame(asked))
            await self._writer.drain()
            return await future
        except OSError as error:
            raise BrokenChannelError(type(error).__name__) from error
        finally:
            self._waiting.pop(asked.id, None)

    async def _listen(self) -> None:
        reason = "el servidor se detuvo"
        try:
            while (body := await local_channel.read_frame(self._reader)) is not None:
                answer = local_channel.read_answer(body)
                future = self._waiting.get(answer.id)
                if future is not None and not future.done():
                    future.set_result(answer)
        except BrokenChannelError as error:
            reason = str(error)
        finally:
            self._gone = reason
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(BrokenChannelError(reason))

    async def close(self) -> None:
        """Hang up."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


@contextlib.asynccontextmanager
async def channel(datos: Path) -> AsyncIterator[Canal]:
    """The server that runs on this data folder. Raises OSError when none listens."""
    reader, writer = await asyncio.open_unix_connection(sock=local_channel.connect(datos))
    canal = Canal(reader, writer)
    try:
        yield canal
    finally:
        await canal.close()
