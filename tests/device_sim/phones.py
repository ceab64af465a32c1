"""A phone on a bench: with sobres in its queue before the fake server, on a line whose faults a test chooses."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from device_sim.backoff import Backoff
from device_sim.device import Phone
from device_sim.events import Event
from device_sim.faults import NO_FAULT, AsgiLine, Fault, Plan
from device_sim.outbox import Queued
from device_sim.transport import Transport
from sync_protocol.signing import PrivateKey
from tests.device_sim.fake_server import Device, FakeServer
from tests.device_sim.sobres import AUXILIAR, DISPOSITIVO, NOW_MS, SOLICITUD, fill, own_outbox

SERVER = "http://127.0.0.1:8000"


@dataclass
class Bench:
    """A phone, the fake server, and the line between them."""

    folder: Path
    server: FakeServer = field(default_factory=FakeServer)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    """Faults in order: each strikes the next request whose `METHOD /path` begins with its text."""
    always: Fault | Plan = NO_FAULT
    """What happens to the requests that none of `faults` strikes."""
    clock_ms: int = NOW_MS
    slept: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = PrivateKey.generate()
        self.sealing = self.server.opening.public
        self.server.devices[DISPOSITIVO] = Device(SOLICITUD, AUXILIAR, self.key.public)
        self.outbox = own_outbox(self.folder)
        self.phone = self.new_phone()

    def new_phone(self) -> Phone:
        """The same phone after its program was started again."""
        self.outbox.close()
        self.outbox = own_outbox(self.folder)
        self.phone = Phone(
            self.outbox,
            self.key,
            dict(self.server.published),
            Transport(SERVER, connection=AsgiLine(self.server.app, self.plan)),
            self.backoff(),
            lambda: self.clock_ms,
            self.events.append,
        )
        return self.phone

    def backoff(self) -> Backoff:
        return Backoff(random.Random(1), self.sleep, max_failures=4)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def plan(self, request: httpx2.Request) -> Fault:
        said = f"{request.method} {request.url.path}"
        for index, (prefix, fault) in enumerate(self.faults):
            if said.startswith(prefix):
                del self.faults[index]
                return fault
        return self.always if isinstance(self.always, Fault) else self.always(request)

    def fill(self, apoyos: int, size: int = 300) -> list[Queued]:
        return fill(self.outbox, self.key, self.sealing, apoyos, size)

    def folio(self, registro: int) -> str:
        return str(self.outbox.folio(registro))
