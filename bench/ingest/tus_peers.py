"""The peers that speak tus: `@tus/server` and tuspyserver, as shipped and given the work that our acuse demands.

Given the same work, every receipt is verified as an acuse is, every record must be in the peer's index and in a file of
its full length, and before anything is measured three bad records must be refused: so it really does the work.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.ingest import install, phones
from bench.ingest.generator import Job, Reply, header
from bench.ingest.phones import BenchPhone, Sealed
from bench.ingest.procs import BenchError, free_port, started
from bench.ingest.targets import Running, head, recycled, verify_acuses
from server import keyring
from server.app import KEYS
from sync_protocol.signing import b64url
from sync_protocol.sobre import ENC_LENGTH, HEADER_LENGTH, SIGNATURE_LENGTH, codigo_de_integridad
from tests import factories

_BODY = "application/offset+octet-stream"
_TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Server:
    """A program that speaks tus at /files. `command`: its first words; port and folder follow, then keys and index."""

    name: str
    label: str
    command: Callable[[str], list[str]]
    recycle: int
    """How many times a phone may send the same queue, where that is possible."""


NODE = Server("tus", "@tus/server", lambda script: [install.node(), str(install.TUS / f"{script}.mjs")], 2)
PYTHON = Server(
    "tuspy", "tuspyserver", lambda script: [str(install.tuspy_python()), str(install.TUSPY / f"{script}.py")], 1
)


@dataclass(frozen=True, slots=True)
class TusPeer:
    """One of the two. `work`: with our work; `patch`: POST and then PATCH, instead of one POST that carries all."""

    server: Server
    work: bool = False
    patch: bool = False

    @property
    def name(self) -> str:
        """For --targets."""
        return self.server.name + ("_work" if self.work else "") + ("_patch" if self.patch else "")

    @property
    def label(self) -> str:
        """For the table."""
        how = "same work" if self.work else "as shipped"
        return f"{self.server.label}, {how}" + (", POST+PATCH" if self.patch else "")

    @contextlib.contextmanager
    def running(self, folder: Path, box: Path, fleet: list[BenchPhone]) -> Iterator[Running]:
        """Start it on an empty folder."""
        port = free_port()
        store, keys, index = folder / "files", folder / "keys.json", folder / "index.db"
        store.mkdir()
        command = [*self.server.command("same_work" if self.work else "shipped"), str(port), str(store)]
        if self.work:
            _write_keys(keys, box, fleet)
            command += [str(keys), str(index)]
        jobs = self._jobs(port, fleet)
        with started(command, folder / "log", port, cwd=folder) as pid:
            if self.work:
                _must_refuse(port, fleet[0], self.patch)

            def check(replies: Sequence[Reply]) -> None:
                _full_length(store, replies, fleet)
                if self.work:
                    _receipts(replies, fleet, box, index)

            ok = frozenset({b"201", b"204"})
            yield Running(pid, ("127.0.0.1", port), jobs, ok, check)

    def _jobs(self, port: int, fleet: list[BenchPhone]) -> list[list[Job]]:
        jobs: list[list[Job]] = [[] for _ in fleet]
        # A record that comes twice is no new one: whoever keeps an index is sent each once.
        for phone, number, body in recycled(fleet, 1 if self.work else self.server.recycle):
            sealed = fleet[phone].file.sobres[number % len(fleet[phone].sobres)]
            said = _announced(fleet[phone], sealed, sealed.codigo) if self.work else {}
            jobs[phone].append(_job(port, body, said, self.patch))
        return jobs


def _announced(phone: BenchPhone, sealed: Sealed, codigo: bytes) -> dict[str, str]:
    values = {"folio": str(phone.folio(sealed.registro)), "codigo_integridad": codigo.hex()}
    pairs = (f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())
    return {"Upload-Metadata": ",".join(pairs)}


def _job(port: int, body: memoryview, said: Mapping[str, str], patch: bool) -> Job:
    creation = {**_TUS, "Upload-Length": str(len(body)), **said}
    if not patch:
        return Job(head("POST", "/files", port, len(body), {**creation, "Content-Type": _BODY}), body)
    return Job(head("POST", "/files", port, 0, creation), memoryview(b""), partial(_second, port, body))


def _second(port: int, body: memoryview, answer: bytes) -> Job:
    path = "/files/" + header(answer, "location").rpartition("/")[2]
    return Job(head("PATCH", path, port, len(body), {**_TUS, "Upload-Offset": "0", "Content-Type": _BODY}), body)


def _write_keys(path: Path, box: Path, fleet: list[BenchPhone]) -> None:
    """What a peer needs to know; the keys are those of a box that lives as long as the bench."""
    loaded = keyring.load(phones.settings(box).datos / KEYS, factories.SECRET.encode())
    told = {
        "seed": b64url(loaded.apertura.seed),
        "firma": {**loaded.firma.public.jwk(), "d": b64url(loaded.firma.scalar)},
        "kid": loaded.firma.public.thumbprint,
        "devices": {str(phone.file.dispositivo): phone.key.public.jwk() for phone in fleet},
    }
    path.write_text(json.dumps(told), encoding="utf-8")


def _full_length(store: Path, replies: Sequence[Reply], fleet: list[BenchPhone]) -> None:
    for reply in replies:
        sobres = fleet[reply.phone].file.sobres
        size = sobres[reply.job % len(sobres)].size
        if reply.header("upload-offset") != str(size) or (store / reply.upload).stat().st_size != size:
            raise BenchError(f"not all of it was kept: {reply.head!r}")


def _receipts(replies: Sequence[Reply], fleet: list[BenchPhone], box: Path, index: Path) -> None:
    keys = keyring.load(phones.settings(box).datos / KEYS, factories.SECRET.encode()).publicas
    verify_acuses(replies, fleet, keys)
    with contextlib.closing(sqlite3.connect(index)) as conn:
        found = set(conn.execute("SELECT device, registro, acuse FROM registros"))
    told = {
        (phone.dispositivo, phone.sobres[reply.job].registro, reply.header("acopio-acuse"))
        for reply in replies
        for phone in (fleet[reply.phone].file,)
    }
    if found != told:
        raise BenchError(f"{len(told)} receipts were given for {len(found)} records in the index")


def _must_refuse(port: int, phone: BenchPhone, patch: bool) -> None:
    """A record damaged on the way, one that another signed, and one that does not open: no receipt for any."""
    sealed, good = phone.file.sobres[0], bytes(phone.sobres[0])
    middle = HEADER_LENGTH + ENC_LENGTH + 1000
    flipped = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
    unsigned = flipped[:-SIGNATURE_LENGTH]
    signed = unsigned + phone.key.sign_low_s(unsigned)
    wrong = {
        "one flipped byte": (flipped, sealed.codigo),
        "one flipped byte and a código that fits": (flipped, codigo_de_integridad(flipped)),
        "one flipped byte, signed again": (signed, codigo_de_integridad(signed)),
    }
    for name, (raw, codigo) in wrong.items():
        job = _job(port, memoryview(raw), _announced(phone, sealed, codigo), patch)
        status, answer = _send(port, job)
        if job.then is not None:
            status, answer = _send(port, job.then(answer))
        if status < 400 or header(answer, "acopio-acuse"):
            raise BenchError(f"a record with {name} was taken: {answer!r}")


def _send(port: int, job: Job) -> tuple[int, bytes]:
    """One request by itself; its status, and the answer's head as the generator sees one."""
    first, *lines = job.head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, bytes(job.body), dict(one.split(": ", 1) for one in lines if one))
        answer = line.getresponse()
        answer.read()
        head_ = "".join(f"\r\n{name}: {value}" for name, value in answer.getheaders())
        return answer.status, head_.encode("latin-1") + b"\r\n"
    finally:
        line.close()
