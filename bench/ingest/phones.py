"""A box with its phones, made once, and the sobres that they will send, sealed before anything is measured.

Every run starts from a copy of the same box, so that the same sobres are new to it each time. The sobres lie in one
file a phone, mapped into memory: the load generator sends views of them.
"""

from __future__ import annotations

import math
import mmap
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server import keyring
from server.app import KEYS, open_index
from server.clock import system_clock
from server.config import Settings
from sync_protocol.folio import Folio
from sync_protocol.sealing import SealingKey
from sync_protocol.session import Entrada, SolicitudSesion
from sync_protocol.signing import PrivateKey, b64url
from sync_protocol.sobre import codigo_de_integridad
from tests import factories
from tests.factories import FrozenClock

RECORD_BYTES = 270_000
_KEYS_FILE = "phones.json"
_FASTEST = 1_100
"""Records a second that a queue is made for. Who is faster has a shorter window, nothing else."""


class Sealed(msgspec.Struct, frozen=True):
    """One sobre in the phone's file."""

    registro: int
    offset: int
    size: int
    codigo: bytes


class PhoneFile(msgspec.Struct):
    """A phone and what it will send. Its key is thrown away with the work folder."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    scalar: bytes
    sobres: list[Sealed] = []


@dataclass(slots=True)
class BenchPhone:
    """A phone ready to send: its sobres as views on the mapped file."""

    file: PhoneFile
    key: PrivateKey
    sobres: list[memoryview]

    def folio(self, registro: int) -> Folio:
        """The folio of one of its registros."""
        return Folio(self.file.solicitud, self.file.auxiliar, self.file.dispositivo, registro)

    def manifest(self) -> SolicitudSesion:
        """The session request that offers the whole queue."""
        file = self.file
        return SolicitudSesion(
            solicitud=file.solicitud,
            auxiliar=file.auxiliar,
            dispositivo=file.dispositivo,
            nonce=b64url(os.urandom(18)),
            reloj_ms=system_clock(),
            app="bench",
            sobres=tuple(Entrada(one.registro, one.size, b64url(one.codigo)) for one in file.sobres),
        )


def settings(folder: Path, *, second: bool = False) -> Settings:
    """The settings of a box in this folder."""
    return Settings(datos=folder / "caja", frase=factories.SECRET, segunda_copia=folder / "segunda" if second else None)


def environment(folder: Path, port: int, *, second: bool = False) -> dict[str, str]:
    """The same for a server that is a process of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ACOPIO_")}
    env |= {
        "ACOPIO_DATOS": str(folder / "caja"),
        "ACOPIO_FRASE": factories.SECRET,
        "ACOPIO_ESCUCHA": f"127.0.0.1:{port}",
    }
    if second:
        env["ACOPIO_SEGUNDA_COPIA"] = str(folder / "segunda")
    return env


def queue_length(phones: int, seconds: float) -> int:
    """How many sobres each of so many phones needs for a run of so many seconds."""
    return math.ceil(_FASTEST * min(1.0, 0.5 + phones / 16) * seconds / phones)


def prepare(folder: Path, queues: list[int]) -> None:
    """Make the box in `folder`/caja and, for each phone, the file with its sobres; `queues` says how many each."""
    config = settings(folder)
    clock = FrozenClock(system_clock())
    sembrados = factories.make_box(config, clock, factories.catalogue(clock(), auxiliares=len(queues)))
    writer, _ = open_index(config, clock)
    writer.start()
    try:
        # Which key the sobres are sealed to is known to the box alone.
        to = _opening_key(config)
        phones = writer.run(lambda tx: [factories.enrol(tx, one, to) for one in sembrados]).value
    finally:
        writer.stop()
    files = [PhoneFile(one.solicitud, one.auxiliar, one.dispositivo, one.key.scalar) for one in phones]
    overhead = _overhead(phones[0])
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        work = [
            pool.submit(_seal, file, to.raw, count, (RECORD_BYTES - overhead) // 4, clock(), folder)
            for file, count in zip(files, queues, strict=True)
        ]
        for file, done in zip(files, work, strict=True):
            file.sobres = done.result()
    (folder / _KEYS_FILE).write_bytes(msgspec.json.encode(files))


def _opening_key(config: Settings) -> SealingKey:
    return keyring.load(config.datos / KEYS, factories.SECRET.encode()).apertura.public


def _overhead(phone: factories.Phone) -> int:
    """Bytes of a sobre beside its four images."""
    return len(phone.seal(phone.plaintext(1, size=1000), 1, anterior=bytes([1] * 32))) - 4000


def _seal(file: PhoneFile, to: bytes, count: int, image: int, now: int, folder: Path) -> list[Sealed]:
    phone = factories.Phone(
        file.solicitud, file.auxiliar, file.dispositivo, SealingKey.from_bytes(to), PrivateKey.from_scalar(file.scalar)
    )
    phone.capture()  # registro 0, the testigos: they are not what is measured
    sealed: list[Sealed] = []
    with (folder / f"{file.dispositivo}.sobres").open("wb") as target:
        for _ in range(count):
            registro, offset = phone.next_registro, target.tell()
            raw = phone.capture(at=now, size=image)
            target.write(raw)
            sealed.append(Sealed(registro, offset, len(raw), phone.anterior))
    return sealed


def load(folder: Path, phones: int, each: int) -> list[BenchPhone]:
    """The first `phones` of a prepared folder, with at most `each` sobres in the queue of every one."""
    files = msgspec.json.decode((folder / _KEYS_FILE).read_bytes(), type=list[PhoneFile])[:phones]
    found = []
    for file in files:
        file.sobres = file.sobres[:each]
        with (folder / f"{file.dispositivo}.sobres").open("rb") as source:
            mapped = memoryview(mmap.mmap(source.fileno(), 0, prot=mmap.PROT_READ))
        views = [mapped[one.offset : one.offset + one.size] for one in file.sobres]
        assert codigo_de_integridad(views[0]) == file.sobres[0].codigo
        found.append(BenchPhone(file, PrivateKey.from_scalar(file.scalar), views))
    return found


def copy_box(source: Path, target: Path) -> None:
    """A box of its own for one run, as it was when it was made."""
    shutil.copytree(source / "caja", target / "caja")
    (target / "segunda").mkdir()
