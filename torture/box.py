"""The server under torture: `python -m server serve`, unchanged, on the disk of the shim; and its first folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server import keyring
from server.app import KEYS, open_index
from server.clock import system_clock
from server.store.writer import Tx
from sync_protocol import acuse
from tests import factories
from tests.factories import FrozenClock
from torture.line import TortureLine
from torture.phones import Config, PhoneConfig

DATA, SECOND = "caja", "segunda"
START_S = 60.0
SERVE = ("-m", "server", "serve")
ROOT = Path(__file__).parents[1]


def make(folder: Path, groups: int, per_group: int) -> Config:
    """A box with its second copy, its keys, a periodo around today, and phones dados de alta."""
    config = factories.settings(folder, second=True)
    clock = FrozenClock(system_clock())
    semilla = factories.catalogue(clock(), auxiliares=groups)
    sembrados = factories.make_box(config, clock, semilla)
    keys = keyring.load(config.datos / KEYS, factories.SECRET.encode())
    writer, _ = open_index(config, clock)
    writer.start()

    def enrol(tx: Tx) -> list[list[factories.Phone]]:
        return [[factories.enrol(tx, one, keys.apertura.public) for _ in range(per_group)] for one in sembrados]

    try:
        enrolled = writer.run(enrol).value
    finally:
        writer.stop()
    return Config(
        groups=tuple(
            tuple(PhoneConfig(one.solicitud, one.auxiliar, one.dispositivo, one.key.scalar) for one in group)
            for group in enrolled
        ),
        sealing=keys.apertura.public.raw,
        jwks=dict(acuse.jwks(keys.publicas)),
    )


def with_lines(config: Config, lines: Mapping[int, TortureLine]) -> Config:
    """The same phones, each at its line."""
    groups = tuple(
        tuple(
            PhoneConfig(one.solicitud, one.auxiliar, one.dispositivo, one.scalar, lines[one.dispositivo].url)
            for one in group
        )
        for group in config.groups
    )
    return Config(groups, config.sealing, config.jwks)


@dataclass(slots=True)
class Box:
    """The server's process, started again as a supervisor would."""

    folder: Path
    port: int
    preload: Mapping[str, str]
    entry: tuple[str, ...] = SERVE
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    _env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ACOPIO_")}
        self._env = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "ACOPIO_DATOS": str(self.folder / DATA),
            "ACOPIO_FRASE": factories.SECRET,
            "ACOPIO_SEGUNDA_COPIA": str(self.folder / SECOND),
            "ACOPIO_ESCUCHA": f"127.0.0.1:{self.port}",
        }

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.folder / "servidor.log"

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return "\n".join(lines[-6:])[-1500:]

    def launch(self) -> None:
        """Start the process; it is not ready yet."""
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.entry], cwd=ROOT, env={**self._env, **self.preload}, stdout=log, stderr=log
            )

    async def ready(self) -> bool:
        """Wait until it answers; False when it ended instead, or never did."""
        assert self.process is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_S):
                while self.process.poll() is None:
                    if await self._answers():
                        return True
                    await asyncio.sleep(0.03)
        return False

    async def _answers(self) -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(b"GET /salud/vivo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return (await asyncio.wait_for(reader.read(64), 5)).startswith(b"HTTP/1.1 200")
        except (OSError, TimeoutError):
            return False
        finally:
            writer.transport.abort()

    @property
    def ended(self) -> int | None:
        """Its exit status, once it has one."""
        return None if self.process is None else self.process.poll()

    async def end(self) -> None:
        """Wait until it ends."""
        while self.ended is None:  # noqa: ASYNC110 -- another process, not an event of this one
            await asyncio.sleep(0.01)

    async def kill(self, how: signal.Signals = signal.SIGKILL, within_s: float = 40.0) -> bool:
        """Send the signal and wait for the end; False when SIGKILL was needed after all."""
        if self.process is None:
            return True
        if self.process.poll() is None:
            self.process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self.process.wait, within_s)
            return True
        self.process.kill()
        await asyncio.to_thread(self.process.wait)
        return False

    async def second_server(self) -> tuple[int, str]:
        """Start another one on the same folder; returns its exit status and what it said."""
        env = {**self._env, **self.preload, "ACOPIO_ESCUCHA": "127.0.0.1:1"}
        made = await asyncio.to_thread(
            subprocess.run, [sys.executable, *self.entry], cwd=ROOT, env=env, capture_output=True, text=True,
            timeout=START_S, check=False,
        )  # fmt: skip
        return made.returncode, made.stderr

    def children(self, name: str) -> list[int]:
        """Processes with this name whose parent is the server: its replica, when there is one."""
        if self.process is None:
            return []
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, ValueError, IndexError):
                    comm, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
                    if int(rest.split()[1]) == self.process.pid and name in comm:
                        found.append(int(entry.name))
        return found
