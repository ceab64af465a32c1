"""The server's end of the local channel: commands bring sobres, or give orders, while it runs (X7, A1, F2)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from server import local_channel
from server.errors import AppError
from server.intake.loose_sobre import LooseIntake
from server.local_channel import (
    BrokenChannelError,
    Cuentas,
    Orden,
    Padron,
    Peticion,
    Preguntar,
    RespuestaCuentas,
    Tomar,
    Veredicto,
)

log = logging.getLogger("acopio.consola")

CONNECTIONS = 4
IN_FLIGHT = 8
"""Requests of one connection at a time: its sobres are in memory, and phones are waiting too."""


class Console:
    """Listens in the data folder. `make` gives each connection its own import; `ordenes` does the rest."""

    def __init__(
        self, folder: Path, make: Callable[[], LooseIntake], ordenes: Callable[[Orden], Awaitable[RespuestaCuentas]]
    ) -> None:
        self._folder = folder
        self._make = make
        self._ordenes = ordenes
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin. Without it phones are served all the same, so a folder that takes no sockets is only said."""
        try:
            listening = local_channel.listen(self._folder)
        except OSError as error:
            log.warning("sin canal local: import-sobres no podrá usarse con el servidor en marcha",
                        extra={"datos": {"motivo": type(error).__name__}})  # fmt: skip
            return
        self._server = await asyncio.start_unix_server(self._accept, sock=listening)

    async def stop(self) -> None:
        """End: what is under way is answered or not at all; the command asks again."""
        if self._server is None:
            return
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()
        (self._folder / local_channel.SOCKET).unlink(missing_ok=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._open) >= CONNECTIONS:
            writer.close()
            return
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the server stops: there is nobody above this task to tell
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        intake = self._make()
        slots = asyncio.Semaphore(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            while True:
                await slots.acquire()
                try:
                    body = await local_channel.read_frame(reader)
                    asked = None if body is None else local_channel.read_request(body)
                except BrokenChannelError as error:
                    log.info("canal local cortado", extra={"datos": {"motivo": str(error)[:80]}})
                    return
                if asked is None:
                    return
                group.create_task(self._reply(intake, asked, writer, slots))

    async def _reply(
        self, intake: LooseIntake, asked: Peticion, writer: asyncio.StreamWriter, slots: asyncio.Semaphore
    ) -> None:
        try:
            answer = await (self._order(asked) if isinstance(asked, Cuentas | Padron) else _answer(intake, asked))
            writer.write(local_channel.frame(answer))
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        finally:
            slots.release()

    async def _order(self, asked: Orden) -> RespuestaCuentas:
        try:
            return await self._ordenes(asked)
        except Exception as error:  # the command is told, and the channel stays
            log.exception("error inesperado en el canal local")
            said = error.entry.text if isinstance(error, AppError) else "Error interno: vea la bitácora del servidor."
            return RespuestaCuentas(id=asked.id, bien=False, renglones=(said,))


async def _answer(intake: LooseIntake, asked: Tomar | Preguntar) -> Veredicto:
    try:
        if isinstance(asked, Tomar):
            found = await intake.take(asked.sobre, asked.anunciado)
        else:
            found = await intake.ask(asked.folio, asked.integridad)
    except Exception:  # one sobre that shows a bug must not take the others of its card with it
        log.exception("error inesperado en el canal local")
        found = Veredicto(estado="no_tomado", integridad=b"", codigo="interno")
    return Veredicto(
        id=asked.id, estado=found.estado, integridad=found.integridad, folio=found.folio, acuse=found.acuse,
        codigo=found.codigo, nuevo=found.nuevo,
    )  # fmt: skip
