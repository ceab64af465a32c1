"""A process with some phones in it, made to be killed: `python -m torture.phones FOLDER GROUP`.

The phones are the simulator's own: queue, session, uploads, acuses, deletions. They capture and send without end; when
the file `FIN` appears in the folder they capture no more, and the process ends when every queue is empty.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from device_sim.backoff import Backoff
from device_sim.device import Phone
from device_sim.errors import PhoneError
from device_sim.outbox import Outbox, open_outbox
from device_sim.transport import Timeouts, Transport
from sync_protocol import acuse
from sync_protocol.sealing import SealingKey
from sync_protocol.signing import PrivateKey
from tests.device_sim.sobres import fill

CONFIG = "telefonos.json"
END = "FIN"
ROOT = Path(__file__).parents[1]
_IN_QUEUE = 6
_TIMEOUTS = Timeouts(connect=1.0, send=2.0, answer=4.0, whole_answer=20.0)


class PhoneConfig(msgspec.Struct, frozen=True):
    """One phone: whose it is, its key, and where its line begins. Keys of a run mean nothing outside it."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    scalar: bytes
    url: str = ""

    def open(self, folder: Path, *, to_look: bool = False) -> Outbox:
        """Its queue."""
        own = folder / f"telefono-{self.dispositivo}"
        own.mkdir(exist_ok=True)
        return open_outbox(
            own, solicitud=self.solicitud, auxiliar=self.auxiliar, dispositivo=self.dispositivo, to_look=to_look
        )


class Config(msgspec.Struct, frozen=True):
    """All phones of an episode, in groups that live and die together."""

    groups: tuple[tuple[PhoneConfig, ...], ...]
    sealing: bytes
    jwks: dict[str, object]


def read(folder: Path) -> Config:
    """The phones of this folder."""
    return msgspec.json.decode((folder / CONFIG).read_bytes(), type=Config)


def start(folder: Path, group: int) -> subprocess.Popen[bytes]:
    """The process of one group."""
    with (folder / f"telefonos-{group}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "torture.phones", str(folder), str(group)], cwd=ROOT, stdout=log, stderr=log,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip


async def _hurried(seconds: float) -> None:
    """Nobody waits a minute here, whatever the server asks for: what is tested is what is kept, not patience."""
    await asyncio.sleep(min(seconds, 0.4))


async def _live(folder: Path, config: Config, phone: PhoneConfig) -> None:
    rng = random.Random()
    key, sealing = PrivateKey.from_scalar(phone.scalar), SealingKey.from_bytes(config.sealing)
    transport = Transport(phone.url, timeouts=_TIMEOUTS)
    with phone.open(folder) as outbox:
        backoff = Backoff(random.Random(), _hurried, base_s=0.05, cap_s=0.4, max_failures=6)
        one = Phone(
            outbox, key, acuse.keys_from_jwks(config.jwks), transport, backoff, lambda: time.time_ns() // 1_000_000
        )
        while True:
            ending = (folder / END).exists()
            waiting = len(outbox.pending())
            if ending and not waiting and not outbox.unreported(1):
                break
            if not ending and waiting < _IN_QUEUE:
                # Mostly small, so that there are many; now and then one that cannot stay in the server's memory.
                size = rng.choice([100] * 12 + [900] * 6 + [8_000] * 3 + [280_000] * (rng.random() < 0.1))
                fill(outbox, key, sealing, rng.randint(1, 3), size=size)
            await one.sync()
            await asyncio.sleep(rng.uniform(0.0, 0.15))
    await transport.aclose()


async def _all(folder: Path, group: int) -> None:
    config = read(folder)
    await asyncio.gather(*(_live(folder, config, phone) for phone in config.groups[group]))


if __name__ == "__main__":
    try:
        asyncio.run(_all(Path(sys.argv[1]), int(sys.argv[2])))
    except PhoneError as error:
        sys.exit(f"{error.code}: {error.text}")
