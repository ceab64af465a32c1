"""Our own phone as a process: its queue is filled beforehand, its whole sync is what is measured.

`python -m bench.weak_line.phone FOLDER SERVER` sends the queue that `prepare` left in FOLDER and says, for each sobre,
when the phone had verified its acuse and deleted it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import msgspec

from bench.ingest import phones as boxes
from device_sim.backoff import Backoff
from device_sim.device import Phone
from device_sim.events import Deleted, Event, LineCut, Sent, Waiting
from device_sim.outbox import Outbox, open_outbox
from device_sim.transport import Transport
from server import keyring
from server.app import KEYS, open_index
from server.clock import system_clock
from sync_protocol import acuse as acuses
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import Tipo
from tests import factories
from tests.factories import FrozenClock

RECORD_BYTES = 270_000
_OWNER = "telefono.json"


class Owner(msgspec.Struct, frozen=True):
    """The phone of a folder. Its key is thrown away with the work folder."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    scalar: bytes
    jwks: dict[str, object]


def prepare(folder: Path, records: int) -> None:
    """A box in `folder`/caja, and in `folder`/telefono a phone of it with so many sobres in its queue."""
    config, clock = boxes.settings(folder), FrozenClock(system_clock())
    sembrado = factories.make_box(config, clock, factories.catalogue(clock(), auxiliares=1))[0]
    writer, _ = open_index(config, clock)
    writer.start()
    try:
        keys = keyring.load(config.datos / KEYS, factories.SECRET.encode())
        phone = writer.run(lambda tx: factories.enrol(tx, sembrado, keys.apertura.public)).value
    finally:
        writer.stop()
    home = folder / "telefono"
    home.mkdir()
    jwks: dict[str, object] = {**acuses.jwks(keys.publicas)}
    owner = Owner(phone.solicitud, phone.auxiliar, phone.dispositivo, phone.key.scalar, jwks)
    (home / _OWNER).write_bytes(msgspec.json.encode(owner))
    overhead = len(phone.seal(phone.plaintext(1, size=1000), 1, anterior=bytes([1] * 32))) - 4000

    def seal(folio: Folio, anterior: bytes) -> bytes:
        content = phone.plaintext(folio.registro, at=clock(), size=(RECORD_BYTES - overhead) // 4)
        return phone.seal(content, folio.registro, anterior=anterior)

    with _outbox(home, owner) as outbox:
        for number in range(records):
            outbox.add(Tipo.APOYO if number else Tipo.TESTIGOS, seal)


def _outbox(home: Path, owner: Owner) -> Outbox:
    return open_outbox(home, solicitud=owner.solicitud, auxiliar=owner.auxiliar, dispositivo=owner.dispositivo)


def send(home: Path, server: str) -> None:
    """Sync as `acopio sim sync` does, until nothing is left; a line for each sobre that is off the phone."""
    owner = msgspec.json.decode((home / _OWNER).read_bytes(), type=Owner)
    began = time.monotonic()
    shown = [0.0]
    transport = Transport(server)

    def tell(event: Event) -> None:
        if isinstance(event, Sent) and time.monotonic() - shown[0] > 0.5:
            shown[0] = time.monotonic()
            line = transport.line
            print(
                f"{shown[0] - began:8.2f} rate {line.rate or 0:.0f} trip {line.shortest or 0:.2f}"
                f" flows {transport.flows(8)} held {line.buffer(shown[0])}",
                file=sys.stderr,
                flush=True,
            )
        if isinstance(event, Deleted):
            print(json.dumps({"seconds": time.monotonic() - began, "bytes": event.size}), flush=True)
        if isinstance(event, LineCut | Waiting):
            print(f"{time.monotonic() - began:8.2f} {event}", file=sys.stderr, flush=True)

    async def run() -> None:
        keys = acuses.keys_from_jwks(owner.jwks)
        phone = Phone(outbox, PrivateKey.from_scalar(owner.scalar), keys, transport, Backoff(), system_clock, tell)
        try:
            while not (ended := await phone.sync()).done:
                print(f"{time.monotonic() - began:8.2f} {ended.stopped}", file=sys.stderr, flush=True)
        finally:
            await transport.aclose()

    with _outbox(home, owner) as outbox:
        asyncio.run(run())


if __name__ == "__main__":
    send(Path(sys.argv[1]), sys.argv[2])
