"""One process of phones: their altas, the sealing of their queues, the sending, the check."""

from __future__ import annotations

import asyncio
import contextlib
import random
import resource
import signal
import sys
import time
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from device_sim.backoff import Backoff
from device_sim.errors import Stopped
from device_sim.fleet import Member
from device_sim.load.line import LINES, PhoneLine
from device_sim.load.phones import LoadPhone, Watch
from device_sim.load.plan import WorkerPlan
from device_sim.load.results import PhoneOutcome, Tick
from device_sim.load.stock import Enrolled, FileQueue, block_of, enrol
from device_sim.transport import Transport

EVERY_S = 0.5
ALTAS_AT_ONCE = 8
CHECKS_AT_ONCE = 4


class Progress(msgspec.Struct, frozen=True, tag=True):
    """So many more of a stage are done: alta, captura, comprobacion."""

    stage: str
    count: int


class Ready(msgspec.Struct, frozen=True, tag=True):
    """All sealed. `termina_ms`: the end of the periodo, as the altas told."""

    termina_ms: int


class Go(msgspec.Struct, frozen=True, tag=True):
    """When the load begins: seconds of Unix time."""

    at: float


class Ticked(msgspec.Struct, frozen=True, tag=True):
    """What was seen so far."""

    tick: Tick


class Ended(msgspec.Struct, frozen=True, tag=True):
    """All phones are done, or out of time. The parent answers with `Go` when the check may begin."""


class Checked(msgspec.Struct, frozen=True, tag=True):
    """The last word of a process."""

    phones: list[PhoneOutcome]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """It cannot go on; `text` is for the person."""

    text: str


Said = Progress | Ready | Ticked | Ended | Checked | Failed
_SAID = msgspec.msgpack.Decoder(Said)
_GO = msgspec.msgpack.Decoder(Go)


def read(connection: Connection) -> Said:
    """What a process of phones says next. Raises EOFError when it is gone."""
    said: Said = _SAID.decode(connection.recv_bytes())
    return said


def go(connection: Connection, at: float) -> None:
    """Let it begin."""
    connection.send_bytes(msgspec.msgpack.encode(Go(at)))


def main(connection: Connection, raw: bytes) -> None:
    """The process' whole life. `raw`: its WorkerPlan, as MessagePack."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else max(soft, 65_536), hard))
    worker = Worker(connection, msgspec.msgpack.decode(raw, type=WorkerPlan))
    try:
        _run(worker.run())
    except WorkerError as error:
        worker.say(Failed(str(error)))
    except BrokenPipeError:
        pass  # The parent is gone: nobody wants the figures.


class WorkerError(Exception):
    """The load cannot go on; the message is for the person."""


class Worker:
    """The phones of one process."""

    def __init__(self, connection: Connection, plan: WorkerPlan) -> None:
        self._connection = connection
        self._mine = plan
        self._plan = plan.plan
        self._phones: list[LoadPhone] = []

    def say(self, what: Said) -> None:
        """Tell the parent."""
        self._connection.send_bytes(msgspec.msgpack.encode(what))

    async def run(self) -> None:
        """From the altas to the check."""
        enrolled = await self._altas()
        self._seal(enrolled)
        self.say(Ready(max((one.alta.termina_ms for _, one in enrolled), default=0)))
        await self._send(await self._told())
        self.say(Ended())
        await self._told()
        await self._check()
        self.say(Checked([phone.outcome for phone in self._phones]))

    async def _told(self) -> float:
        return _GO.decode(await asyncio.to_thread(self._connection.recv_bytes)).at

    async def _altas(self) -> list[tuple[int, Enrolled]]:
        server, inbox = Transport(self._mine.server), Transport(self._mine.inbox)
        room = asyncio.Semaphore(ALTAS_AT_ONCE)

        async def one(number: int, member: Member) -> tuple[int, Enrolled]:
            async with room:
                done = await enrol(member, server, inbox, Backoff(random.Random(number), base_s=0.1, cap_s=2.0))
            if isinstance(done, Stopped):
                raise WorkerError(f"No se pudo dar de alta el teléfono {number}: {done.text}")
            self.say(Progress("alta", 1))
            return number, done

        try:
            return list(await asyncio.gather(*(one(number, member) for number, member in self._mine.members)))
        finally:
            await server.aclose()
            await inbox.aclose()

    def _seal(self, enrolled: list[tuple[int, Enrolled]]) -> None:
        plan, folder = self._plan, Path(self._mine.folder)
        block = block_of(plan.size, plan.seed)
        for (number, phone), arrives in zip(enrolled, self._mine.arrivals, strict=True):
            queue = FileQueue.of(folder / str(number), phone)
            for _ in range(plan.records + 1):
                queue.stock(phone, block, time.time_ns() // 1_000_000)
            line = PhoneLine(LINES[plan.line], plan.seed * 100_003 + number)
            self._phones.append(LoadPhone(number, phone, queue, arrives, line))
            self.say(Progress("captura", plan.records + 1))

    async def _send(self, at: float) -> None:
        began = time.monotonic() + (at - time.time())
        watch = Watch(lambda: time.monotonic() - began)
        until = self._plan.last_arrival_s + self._plan.give_up_s
        telling = asyncio.create_task(self._tell(watch))
        seed = self._plan.seed * 7919
        try:
            async with asyncio.TaskGroup() as group:
                for phone in self._phones:
                    rng = random.Random(seed + phone.number)
                    group.create_task(phone.run(self._mine.server, watch, until, rng))
        finally:
            telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await telling
            self.say(Ticked(watch.take()))

    async def _tell(self, watch: Watch) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.say(Ticked(watch.take()))

    async def _check(self) -> None:
        server = Transport(self._mine.server)
        room = asyncio.Semaphore(CHECKS_AT_ONCE)

        async def one(phone: LoadPhone) -> None:
            async with room:
                await phone.check(server)
            self.say(Progress("comprobacion", 1))

        try:
            await asyncio.gather(*(one(phone) for phone in self._phones))
        finally:
            await server.aclose()


def _run(work: Coroutine[Any, Any, None]) -> None:
    if sys.platform == "win32":
        asyncio.run(work)
        return
    import uvloop

    uvloop.run(work)
