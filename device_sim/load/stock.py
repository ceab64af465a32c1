"""A phone of the load before it sends: its alta, and a queue of sealed sobres (SPEC §3, §7).

What is as in the street: keys, alta with a mailed code, chain, HPKE and signature of every sobre, all different. What
is not: no local password (its 600,000 rounds are the phone's own cost); the four images of every sobre are one block of
noise with its folio in front, so that hundreds of phones need not draw photographs; the queue's tables are in memory
and unsynced, each sobre a file that goes when the phone deletes it. So memory does not grow with the number of sobres.
"""

from __future__ import annotations

import random
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from device_sim.backoff import Backoff
from device_sim.enrolment import AVISO, ask_code, request_alta
from device_sim.errors import Stopped
from device_sim.fleet import Member
from device_sim.identity import Account
from device_sim.inbox import codes, wait_for_code
from device_sim.outbox import Outbox, create
from device_sim.transport import Transport
from sync_protocol import registro
from sync_protocol.alta import AltaAceptada
from sync_protocol.folio import Folio
from sync_protocol.registro import IMAGENES, Apoyo, Imagen, Testigos
from sync_protocol.sealing import SealingKey, seal
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import Tipo

_BESIDES = 2_000
"""Bytes of a sobre beside its images, about."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone that has its alta."""

    key: PrivateKey
    account: Account
    alta: AltaAceptada


class FileQueue(Outbox):
    """A queue whose sobres are files of a folder and whose tables are in memory: laws and states are `Outbox`'s."""

    def __init__(self, folder: Path, owner: tuple[int, int, int]) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        create(connection, owner)
        super().__init__(connection, None)
        self._folder = folder

    @classmethod
    def of(cls, folder: Path, phone: Enrolled) -> Self:
        """The empty queue of a phone."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, (phone.account.solicitud, phone.account.auxiliar, phone.alta.dispositivo))

    def stock(self, phone: Enrolled, block: bytes, at_ms: int) -> None:
        """One more: testigos first, then apoyos. Each image is its folio and `block`."""
        tipo = Tipo.TESTIGOS if self.captured == 0 else Tipo.APOYO
        to = SealingKey.from_bytes(phone.alta.llave_sellado)

        def make(folio: Folio, anterior: bytes) -> bytes:
            content = registro.encode(_content(tipo, folio, block, at_ms))
            raw = seal(content, tipo=tipo, folio=folio, anterior=anterior, to=to, signed_by=phone.key)
            self._file(folio.registro).write_bytes(raw)
            return raw

        queued = self.add(tipo, make)
        self._db.execute("UPDATE sobres SET datos = zeroblob(0) WHERE registro = ?", (queued.registro,))

    def read(self, registro: int) -> bytes:
        """The sobre's bytes, from its file."""
        return self._file(registro).read_bytes()

    def delete(self, registro: int, at_ms: int) -> None:
        """Out of the queue, and its file with it."""
        super().delete(registro, at_ms)
        self._file(registro).unlink()

    def log(self, at_ms: int, event: str, *, registro: int | None = None, detail: str = "") -> None:
        """Nobody reads the sync log of a phone of the load."""

    def _file(self, registro: int) -> Path:
        return self._folder / f"{registro}.sobre"


def block_of(size: int, seed: int) -> bytes:
    """The noise that images are made of, so that a sobre has about `size` bytes."""
    return random.Random(seed).randbytes(max(1, (size - _BESIDES) // len(IMAGENES)))


async def enrol(member: Member, server: Transport, inbox: Transport, backoff: Backoff) -> Enrolled | Stopped:
    """The alta as any phone makes it, with the code that comes by mail."""
    account = Account(
        solicitud=member.solicitud, auxiliar=member.auxiliar, tipo_cuenta=member.tipo_cuenta, correo=member.correo
    )
    before = await codes(inbox, account.correo)
    if isinstance(before, Stopped):
        return before
    refused = await ask_code(server, account, backoff)
    if refused is not None:
        return refused
    code = await wait_for_code(inbox, account.correo, len(before), backoff.sleep)
    if isinstance(code, Stopped):
        return code
    key = PrivateKey.generate()
    answer = await request_alta(account, code, key, server, backoff)
    return answer if isinstance(answer, Stopped) else Enrolled(key, account, answer)


def _content(tipo: Tipo, folio: Folio, block: bytes, at_ms: int) -> Apoyo | Testigos:
    images = tuple(
        Imagen.of(name, "image/jpeg", b"\xff\xd8\xff\xe0" + f"{folio}/{name}".encode() + block) for name in IMAGENES
    )
    if tipo is Tipo.TESTIGOS:
        return Testigos(
            folio=str(folio), capturado_ms=at_ms, desfase_ms=0, modelo="G", codigos=(), ubicacion=None,
            imagenes=images, aviso=AVISO,
        )  # fmt: skip
    return Apoyo(
        folio=str(folio), capturado_ms=at_ms, desfase_ms=0, modelo="G", codigos=(), ubicacion=None, imagenes=images,
        es_original=True, cic=None, ocr=None, clave_elector=None, curp=None, nombre="PERSONA",
        apellido_paterno="SINTÉTICA", apellido_materno="DE CARGA",
    )  # fmt: skip
