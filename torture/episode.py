"""One episode: a new box, its phones, a schedule of faults, and at the end the comparison of everything.

The harness is the supervisor too: a server that ended by itself is started again, as systemd would. A start that fails
while a fault of the disk is in force is tried again without faults; one that fails on a healthy disk is a finding.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sync_protocol import acuse
from torture import box as boxes
from torture import check, phones, plan
from torture.box import SERVE, Box
from torture.disk import Disk, ShimBlindError
from torture.disk_shim import Levers, Rule
from torture.line import Share, TortureLine
from torture.model import Finding, LoteReader, Witness
from torture.plan import Step

SLOTS = 24
"""Rules of the schedule take these slots in turn; those above are the harness's own."""
POINT, PLANTED = 30, 31
DRAIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How an episode is run. `planted`: a disk that lies all the time; `entry`: a server with a defect on purpose."""

    seed: int
    folder: Path
    library: Path | None
    """The shim; without one there are no faults of the disk, of the light or of the clock."""
    groups: int = 3
    per_group: int = 3
    share: Share = field(default_factory=Share)
    patience_s: float = 4.0
    """How long a step waits for the acuses that are to come first."""
    planted: Rule | None = None
    entry: tuple[str, ...] = SERVE


@dataclass(slots=True)
class Outcome:
    """What an episode came to."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    figures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class Episode:
    """Runs one schedule."""

    def __init__(self, setting: Setting, steps: list[Step]) -> None:
        self.setting, self.steps = setting, steps
        self.outcome = Outcome(setting.seed)
        self._rng = random.Random(setting.seed ^ 0x5EED)
        self._armed: dict[int, tuple[str, float]] = {}
        """Slot -> kind of its fault, and until when it lasts (0: until it is used up)."""
        self._next_slot = 0
        self._clock_until = 0.0
        self._readers: Mapping[str, LoteReader] = {"el diario": LoteReader(), "la segunda copia": LoteReader()}

    async def run(self) -> Outcome:
        """All of it. What is found is in the outcome; an exception is a defect of the harness."""
        began = time.monotonic()
        folder = self.setting.folder
        folder.mkdir(parents=True)
        config = await asyncio.to_thread(boxes.make, folder, self.setting.groups, self.setting.per_group)
        self._witness = Witness(acuse.keys_from_jwks(config.jwks))
        roots = (folder / boxes.DATA, folder / boxes.SECOND)
        self._levers = Levers(folder / "palancas")
        self._disk = Disk(folder / "disco.log", *roots, seed=self.setting.seed)
        library = self.setting.library
        preload = self._levers.environment(library, folder / "disco.log", *roots) if library else {}
        self._box = Box(folder, _free_port(), preload, self.setting.entry)
        if self.setting.planted is not None:
            self._levers.arm(PLANTED, self.setting.planted)
        self._phones: list[subprocess.Popen[bytes]] = []
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(self._end_processes)
            everyone = [one.dispositivo for group in config.groups for one in group]
            self._lines = {
                number: await stack.enter_async_context(
                    TortureLine(self._box.port, self.setting.seed * 1000 + number, self._witness, self.setting.share)
                )
                for number in everyone
            }
            self._config = boxes.with_lines(config, self._lines)
            (folder / phones.CONFIG).write_bytes(msgspec.json.encode(self._config))
            await self._start()
            self._phones = [phones.start(folder, group) for group in range(self.setting.groups)]
            with contextlib.suppress(ServerGoneError):
                await self._suffer()
                if not self._findings:
                    await self._drain()
            await self._box.kill(signal.SIGTERM)
        if not self._findings:
            self._compare()
        self._levers.close()
        self._gather(time.monotonic() - began)
        return self.outcome

    @property
    def _findings(self) -> list[Finding]:
        return self.outcome.findings + self._witness.findings

    # The schedule

    async def _suffer(self) -> None:
        for number, step in enumerate(self.steps, 1):
            self._witness.fault = number
            await asyncio.sleep(step.wait_s)
            await self._until_told(step.acuses)
            await self._keep_up()
            if self.setting.library is not None or step.kind not in plan.NEED_SHIM:
                await self._apply(step)
            if self._findings:
                return  # what comes after a broken promise would only blur it

    async def _until_told(self, acuses: int) -> None:
        wanted = self._witness.told + acuses
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.setting.patience_s):
                while self._witness.told < wanted:
                    await self._keep_up()
                    await asyncio.sleep(0.02)

    async def _apply(self, step: Step) -> None:
        counts = self.outcome.faults
        match step.kind:
            case "reloj_salta":
                self._levers.clock_offset_ms += step.amount
                self._clock_until = time.monotonic() + step.for_s if step.for_s else self._clock_until
                counts[step.kind] += 1
            case "telefono_kill9":
                self._phones[step.amount].kill()
                self._phones[step.amount].wait()
                self._phones[step.amount] = phones.start(self.setting.folder, step.amount)
                counts[step.kind] += 1
            case "segundo_servidor":
                await self._second_server()
            case "replica_kill9":
                for pid in self._box.children("litestream"):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        counts[step.kind] += 1
            case "servidor_kill9" | "corte_de_luz" | "servidor_sigterm":
                await self._stop_server(step)
                counts[step.kind] += 1
            case _:
                assert step.rule is not None
                self._arm(step)

    def _arm(self, step: Step) -> None:
        slot, self._next_slot = self._next_slot, (self._next_slot + 1) % SLOTS
        self._settle(slot)
        assert step.rule is not None
        self._levers.arm(slot, step.rule)
        self._armed[slot] = step.kind, time.monotonic() + step.for_s if step.for_s else 0.0

    def _settle(self, slot: int) -> None:
        """End a rule; it was a fault if it struck anything."""
        if slot in self._armed:
            kind, _ = self._armed.pop(slot)
            self.outcome.faults[kind] += self._levers.disarm(slot) > 0

    def _heal_disk(self) -> bool:
        """End every rule; says whether there was one."""
        were = list(self._armed)
        for slot in were:
            self._settle(slot)
        return bool(were)

    async def _keep_up(self) -> None:
        """What ends by its time, and what a supervisor does."""
        now = time.monotonic()
        for slot, (_, until) in list(self._armed.items()):
            if until and now >= until:
                self._settle(slot)
        if self._clock_until and now >= self._clock_until:
            self._levers.clock_offset_ms, self._clock_until = 0, 0.0
        if self._box.ended is not None:
            self.outcome.figures["reinicios del supervisor"] += 1
            await self._start()
        for group, process in enumerate(self._phones):
            if process.poll() not in (None, 0):
                words = (self.setting.folder / f"telefonos-{group}.log").read_text(errors="replace")[-600:]
                self._find("telefono_murio", words)
                self._phones[group] = phones.start(self.setting.folder, group)

    async def _stop_server(self, step: Step) -> None:
        if step.kind == "servidor_sigterm":
            if not await self._box.kill(signal.SIGTERM):
                self._find("no_termina", "SIGTERM no bastó para detener el servidor")
        else:
            await self._kill_at(step.rule)
        self._disk.follow()
        if step.kind == "corte_de_luz":
            self._cut_power()
        await self._start()
        self.outcome.findings += await asyncio.to_thread(check.in_index, self.setting.folder, self._witness)

    async def _kill_at(self, point: Rule | None) -> None:
        """kill -9: at this point of its work if it comes by it soon, else at once."""
        if point is not None and self._box.ended is None and self.setting.library is not None:
            self._levers.arm(POINT, point)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.5):
                    await self._box.end()
            if self._levers.disarm(POINT):
                self.outcome.figures["muertes en un punto elegido"] += 1
        await self._kill()

    async def _kill(self) -> None:
        """kill -9, between two calls of the disk: one torn from its record could not be followed."""
        with self._levers.held():
            await self._box.kill()

    def _cut_power(self) -> None:
        self._check_sight()
        self.outcome.figures["cambios en juego en cortes de luz"] += self._disk.cut_power()
        found, _ = check.on_disk(self.setting.folder, self._readers, self._witness)
        self.outcome.findings += found

    async def _second_server(self) -> None:
        status, words = await self._box.second_server()
        if self._box.ended is not None:
            return  # a fault had ended the first one: nothing was in the second one's way
        if status != 2 or "Otro servidor ya usa esta carpeta" not in words:
            if any(until >= 0 for _, until in self._armed.values()) and "Otro servidor" not in words and status != 0:
                return  # a fault of the disk struck it before it came to the lock
            self._find("segundo_servidor", f"no se negó: estado {status}: {words[-300:]}")
        self.outcome.faults["segundo_servidor"] += 1

    async def _start(self) -> None:
        """Bring the server up, first as it is, then on a disk without faults."""
        for _ in range(3):
            self._box.launch()
            if await self._box.ready():
                return
            await self._kill()
            self._disk.follow()
            faults = self._heal_disk()
            self.outcome.figures["inicios que un fallo impidió"] += faults
            if not faults:
                break
        self._levers.clock_offset_ms = 0
        self._box.launch()
        if not await self._box.ready():
            self._find("no_inicia", self._box.last_words())
            raise ServerGoneError

    # The end

    async def _drain(self) -> None:
        """All faults end; every phone must get rid of its queue."""
        self._heal_disk()
        self._levers.clock_offset_ms = 0
        for line in self._lines.values():
            line.clean = True
        (self.setting.folder / phones.END).touch()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                while any(process.poll() != 0 for process in self._phones):
                    await self._keep_up()
                    await asyncio.sleep(0.1)
                return
        self._find("atorado", f"{DRAIN_S:.0f} s sin fallos no bastaron para vaciar los teléfonos")

    def _compare(self) -> None:
        self._disk.follow()
        self._check_sight()
        self.outcome.findings += check.at_the_end(self.setting.folder, self._config, self._witness, self._readers)

    def _check_sight(self) -> None:
        """A power cut drawn from a log with holes would prove nothing: the bench itself is what is wrong then."""
        if self.setting.library is None:
            return
        try:
            self._disk.check_sight()
        except ShimBlindError as error:
            self._find("disco_sin_ver", str(error))

    def _find(self, kind: str, detail: str) -> None:
        self.outcome.findings.append(Finding(kind, detail, self._witness.fault))

    def _end_processes(self) -> None:
        for process in [*self._phones, self._box.process]:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()

    def _gather(self, seconds: float) -> None:
        outcome, witness = self.outcome, self._witness
        outcome.findings += witness.findings
        outcome.statuses = witness.statuses
        outcome.seconds = seconds
        for line in self._lines.values():
            outcome.faults.update({f"linea_{name}": n for name, n in line.counts.items()})
            outcome.figures["solicitudes"] += line.requests
        ledger = check.of_phones(self.setting.folder, self._config)
        outcome.figures.update({
            "captados": len(ledger.captured),
            "borrados con acuse": len(ledger.acuses),
            "acuses distintos": sum(len(tokens) for tokens in witness.given.values()),
            "veces que se dio un acuse": witness.told,
            "inicios del servidor": self._box.starts,
            "operaciones de disco": self._disk.operations,
        })  # fmt: skip


class ServerGoneError(Exception):
    """The server does not start on a healthy disk; the finding is in the outcome."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
