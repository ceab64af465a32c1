"""Who sends over the line: a server at its far end, a client at its near end, and when each record was delivered."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bench.ingest import phones as boxes
from bench.ingest.procs import BenchError, end, tail
from bench.weak_line.phone import RECORD_BYTES

PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a run takes place: what to put before the commands of both ends, and the addresses they use."""

    at_phone: Sequence[str]
    at_server: Sequence[str]
    listen: tuple[str, int]
    """Where the server listens."""
    server: str
    """Where the client finds it: the same, or a proxy before it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record, delivered: seconds since the client began, its bytes."""

    seconds: float
    bytes: int


class Contestant(Protocol):
    """`name` is for --contestants, `label` for the table."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...

    def serve(self, folder: Path, listen: tuple[str, int]) -> tuple[list[str], dict[str, str]]:
        """The server's command and what its environment holds."""

    def send(self, folder: Path, server: str, records: int) -> list[str]:
        """The client's command. It prints a JSON line for each record that was delivered."""


@dataclass(frozen=True, slots=True)
class Acopio:
    """The project's phone before the project's server: a session, uploads, acuses verified, deletions."""

    name: str = "acopio"
    label: str = "acopio"

    def serve(self, folder: Path, listen: tuple[str, int]) -> tuple[list[str], dict[str, str]]:
        """`acopio serve` on a copy of the box."""
        shutil.copytree(folder.parent / "acopio" / "caja", folder / "caja")
        env = boxes.environment(folder, listen[1]) | {"ACOPIO_ESCUCHA": f"{listen[0]}:{listen[1]}"}
        return [sys.executable, "-m", "server", "serve"], env

    def send(self, folder: Path, server: str, records: int) -> list[str]:
        """The phone, on a copy of its folder."""
        shutil.copytree(folder.parent / "acopio" / "telefono", folder / "telefono")
        return [sys.executable, "-m", "bench.weak_line.phone", str(folder / "telefono"), server]


@dataclass(frozen=True, slots=True)
class Tus:
    """tus-js-client before `@tus/server`, both as shipped."""

    whole: bool = False

    @property
    def name(self) -> str:
        """For --contestants."""
        return "tus-whole" if self.whole else "tus"

    @property
    def label(self) -> str:
        """For the table."""
        return "tus-js-client, creation-with-upload" if self.whole else "tus-js-client on @tus/server"

    def serve(self, folder: Path, listen: tuple[str, int]) -> tuple[list[str], dict[str, str]]:
        """With its file store."""
        (folder / "files").mkdir()
        host, port = listen
        return ["node", str(PEERS / "server.mjs"), host, str(port), str(folder / "files")], dict(os.environ)

    def send(self, folder: Path, server: str, records: int) -> list[str]:
        """One file after the other."""
        command = ["node", str(PEERS / "client.mjs"), f"{server}/files", str(int(self.whole))]
        return command + _files(folder, records)


@dataclass(frozen=True, slots=True)
class WholeFile:
    """Whole files by multipart POST with retry, before a server that throws them away."""

    name: str = "post"
    label: str = "whole file by POST, retried"

    def serve(self, folder: Path, listen: tuple[str, int]) -> tuple[list[str], dict[str, str]]:
        """The sink."""
        host, port = listen
        return [sys.executable, "-m", "bench.weak_line.whole_file", "sink", host, str(port)], dict(os.environ)

    def send(self, folder: Path, server: str, records: int) -> list[str]:
        """One file after the other over one connection."""
        command = [sys.executable, "-m", "bench.weak_line.whole_file", "send", f"{server}/"]
        return command + _files(folder, records)


CONTESTANTS: dict[str, Contestant] = {one.name: one for one in (Acopio(), Tus(), Tus(whole=True), WholeFile())}


def have_tus() -> str | None:
    """None when the two tus packages are there, or could be installed; else why not."""
    if shutil.which("node") is None:
        return "Node is not installed"
    if not (PEERS / "node_modules" / "tus-js-client").is_dir():
        npm = shutil.which("npm")
        if npm is None:
            return "npm is not installed"
        print("installing tus-js-client and @tus/server with npm ...", flush=True)
        command = [npm, "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"npm ci failed: {done.stderr.strip()[-300:]}"
    return None


def versions() -> dict[str, str]:
    """What is being compared, for the head of the report."""
    found = {}
    for name in ("@tus/server", "tus-js-client"):
        package = PEERS / "node_modules" / name / "package.json"
        if package.is_file():
            found[name] = str(json.loads(package.read_text(encoding="utf-8"))["version"])
    return found


def _files(folder: Path, records: int) -> list[str]:
    path = folder / "record"
    path.write_bytes(os.urandom(RECORD_BYTES))
    return [str(path)] * records


@dataclass(slots=True)
class Seen:
    """What came of one run of a contestant."""

    deliveries: list[Delivery] = field(default_factory=list)
    complete: bool = False
    said: str = ""


def run(contestant: Contestant, ends: Ends, folder: Path, records: int, limit_s: float) -> Seen:
    """Start the server, run the client for at most `limit_s`. Raises BenchError when either did not start."""
    command, env = contestant.serve(folder, ends.listen)
    with _served([*ends.at_server, *command], env, folder / "server.log", ends.listen):
        client = [*ends.at_phone, *contestant.send(folder, ends.server, records)]
        with (folder / "client.log").open("wb") as errors, (folder / "client.out").open("wb") as out:
            process = subprocess.Popen(client, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
            try:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=limit_s)
            finally:
                code = process.poll()
                end(process)
    if code not in (None, 0):
        raise BenchError(f"{contestant.label} failed:\n{tail(folder / 'client.log')}")
    lines = (folder / "client.out").read_text(encoding="utf-8").splitlines()
    deliveries = [Delivery(**json.loads(line)) for line in lines]
    return Seen(deliveries, len(deliveries) == records, tail(folder / "client.log"))


@contextlib.contextmanager
def _served(command: Sequence[str], env: dict[str, str], log: Path, listen: tuple[str, int]) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            deadline = time.monotonic() + 30
            while not _listens(process.pid, listen[1]):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise BenchError(f"the server did not start:\n{tail(log)}")
                time.sleep(0.05)
            yield
        finally:
            end(process)


def _listens(pid: int, port: int) -> bool:
    """Whether somebody listens on this port where the process is: it may be another network than ours."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                return True
    return False
