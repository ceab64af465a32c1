"""What is measured: each target is a server on loopback, the requests that it understands, and what a success is."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.ingest import install, phones
from bench.ingest.generator import Job, Reply
from bench.ingest.phones import BenchPhone
from bench.ingest.procs import BenchError, free_port, started
from sync_protocol import acuse as acuses
from sync_protocol import session
from sync_protocol.session import RespuestaSesion
from sync_protocol.signing import PublicKey

_SAMPLE = re.compile(r"^(acopio_(?:grupo_\w+_(?:sum|count)|sobres_tomados_total)(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)
TAKEN = "acopio_sobres_tomados_total"


@dataclass(frozen=True, slots=True)
class Running:
    """A server that is up. `jobs`: the queue of each phone."""

    pid: int
    address: tuple[str, int]
    jobs: list[list[Job]]
    ok: frozenset[bytes]
    check: Callable[[Sequence[Reply]], None]
    """Judges every answer once the run is over. Raises BenchError."""
    meters: Callable[[], dict[str, float]] = dict
    """The server's own counters, if it has any."""
    sessions_s: float = 0.0
    """What it took to open the phones' sessions beforehand."""


class Target(Protocol):
    """A kind of server. `name` is for --targets, `label` for the table."""

    @property
    def name(self) -> str: ...
    @property
    def label(self) -> str: ...

    def running(
        self, folder: Path, box: Path, fleet: list[BenchPhone]
    ) -> contextlib.AbstractContextManager[Running]: ...


def head(method: str, path: str, port: int, size: int, headers: Mapping[str, str]) -> bytes:
    """The head of a request, ready to be written."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {size}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@dataclass(frozen=True, slots=True)
class Acopio:
    """The server as `acopio serve` runs it: one session a phone beforehand, then one PATCH a record."""

    second: bool = False

    @property
    def name(self) -> str:
        """For --targets."""
        return "acopio2" if self.second else "acopio"

    @property
    def label(self) -> str:
        """For the table."""
        return "acopio + second copy" if self.second else "acopio"

    @contextlib.contextmanager
    def running(self, folder: Path, box: Path, fleet: list[BenchPhone]) -> Iterator[Running]:
        """Start it on a copy of the box and open the phones' sessions."""
        phones.copy_box(box, folder)
        port = free_port()
        env = phones.environment(folder, port, second=self.second)
        command = [sys.executable, "-m", "server", "serve"]
        with started(command, folder / "log", port, env=env, cwd=Path.cwd()) as pid:
            began = time.perf_counter()
            sessions = [_open_session(port, phone) for phone in fleet]
            sessions_s = time.perf_counter() - began
            jobs = [_patches(port, opened, phone) for opened, phone in zip(sessions, fleet, strict=True)]
            jwks = json.loads(_request(port, "GET", "/.well-known/jwks.json"))
            keys = acuses.keys_from_jwks(jwks)
            before = _meters(port)[TAKEN]

            def check(replies: Sequence[Reply]) -> None:
                verify_acuses(replies, fleet, keys)
                taken = _meters(port)[TAKEN] - before
                if taken != len(replies):
                    raise BenchError(f"{len(replies)} acuses were given for {taken:.0f} sobres")

            address, ok = ("127.0.0.1", port), frozenset({b"204"})
            yield Running(pid, address, jobs, ok, check, lambda: _meters(port), sessions_s)


def _request(port: int, method: str, path: str, body: bytes | None = None) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, body, {"Content-Type": "application/jose"} if body else {})
        answer = line.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise BenchError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content
    finally:
        line.close()


def _open_session(port: int, phone: BenchPhone) -> RespuestaSesion:
    request = session.sign(phone.manifest(), phone.key).encode()
    return session.decode_answer(_request(port, "POST", "/sync/sesiones", request))


def _patches(port: int, opened: RespuestaSesion, phone: BenchPhone) -> list[Job]:
    common = {
        "Authorization": f"Bearer {opened.token}",
        "Tus-Resumable": "1.0.0",
        "Content-Type": "application/offset+octet-stream",
    }
    urls = {state.registro: state.url for state in opened.sobres if state.estado == "nuevo"}
    return [
        Job(head("PATCH", urls[one.registro], port, one.size, {**common, "Upload-Offset": "0"}), body)
        for one, body in zip(phone.file.sobres, phone.sobres, strict=True)
    ]


def verify_acuses(replies: Sequence[Reply], fleet: list[BenchPhone], keys: Mapping[str, PublicKey]) -> None:
    """What a phone does before it deletes, for every record."""
    for reply in replies:
        phone = fleet[reply.phone]
        sealed = phone.file.sobres[reply.job]
        if not reply.header("acopio-acuse"):
            raise BenchError(f"no acuse: {reply.head!r}")
        folio = phone.folio(sealed.registro)
        acuses.verify(reply.header("acopio-acuse"), keys, folio=folio, codigo=sealed.codigo, tam=sealed.size)


def _meters(port: int) -> dict[str, float]:
    text = _request(port, "GET", "/metrics").decode()
    return {name: float(value) for name, value in _SAMPLE.findall(text)}


def recycled(fleet: list[BenchPhone], factor: int) -> Iterator[tuple[int, int, memoryview]]:
    """Phone, running number and body, for targets that take the same bytes again."""
    for index, phone in enumerate(fleet):
        bodies = itertools.islice(itertools.cycle(phone.sobres), factor * len(phone.sobres))
        for number, body in enumerate(bodies):
            yield index, number, body


@dataclass(frozen=True, slots=True)
class Nginx:
    """nginx with WebDAV PUT: bytes onto disk, no verification, no sync."""

    name: str = "nginx"
    label: str = "nginx WebDAV PUT"

    @contextlib.contextmanager
    def running(self, folder: Path, box: Path, fleet: list[BenchPhone]) -> Iterator[Running]:
        """Start it on an empty folder."""
        port = free_port()
        store = folder / "put"
        store.mkdir()
        template = (install.PEERS / "nginx.conf").read_text(encoding="utf-8")
        user = "user root;" if os.geteuid() == 0 else ""
        config = folder / "nginx.conf"
        config.write_text(template.replace("__PORT__", str(port)).replace("__USER__", user), encoding="utf-8")
        jobs: list[list[Job]] = [[] for _ in fleet]
        for phone, number, body in recycled(fleet, 3):
            jobs[phone].append(Job(head("PUT", f"/{phone}-{number}", port, len(body), {}), body))

        def check(replies: Sequence[Reply]) -> None:
            for reply in replies:
                if (store / f"{reply.phone}-{reply.job}").stat().st_size != len(jobs[reply.phone][reply.job].body):
                    raise BenchError(f"not all of it was kept: {reply.head!r}")

        command = [install.nginx(), "-e", "stderr", "-p", str(folder), "-c", str(config)]
        with started(command, folder / "log", port) as pid:
            yield Running(pid, ("127.0.0.1", port), jobs, frozenset({b"201"}), check)
