"""What each step of taking one record costs by itself: one thread, in this process, nothing else going on.

The steps are the server's own functions, in the order of `check` (SPEC §3.5): once with the keys as the server loads
them, once with the protocol's own classes (pycryptodome), which is what a phone runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.ingest import phones
from bench.ingest.phones import BenchPhone
from server import keyring
from server.acuse.issue import issue
from server.app import INDEX, KEYS
from server.clock import system_clock
from server.intake.device_auth import DeviceAuth
from server.store.connection import open_reader
from sync_protocol import registro, sealing, sobre
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey, PublicKey
from tests import factories

Steps = dict[str, float]
"""Milliseconds by step."""

HASH = "SHA-256 of the record"
VERIFY = "ECDSA P-256 verify, hashing included"
OPEN = "HPKE X-Wing open"
DECODE = "content decode, SHA-256 of 4 images"
SIGN = "acuse: build and sign"


@dataclass(frozen=True, slots=True)
class _Keys:
    """The three keys at work: the server's two, and the phone's public one."""

    apertura: OpeningKey
    firma: PrivateKey
    phone: PublicKey


def _each(function: Callable[[int], object], count: int) -> float:
    """Milliseconds of one call: the best of three passes, since the machine has others to serve too."""
    passes = []
    for _ in range(3):
        began = time.perf_counter()
        for index in range(count):
            function(index)
        passes.append(1000 * (time.perf_counter() - began) / count)
    return min(passes)


def steps(box: Path, phone: BenchPhone, count: int) -> tuple[Steps, Steps]:
    """The steps as the server does them, and as the protocol's own library does them."""
    raws = [bytes(one) for one in phone.sobres[:count]]
    settings = phones.settings(box)
    loaded = keyring.load(settings.datos / KEYS, factories.SECRET.encode())
    reader = open_reader(settings.datos / INDEX)
    try:
        known = DeviceAuth(reader, system_clock).phone(phone.file.dispositivo).llaves[0]
    finally:
        reader.close()
    as_served = _Keys(loaded.apertura, loaded.firma, known)
    plain = _Keys(
        OpeningKey(loaded.apertura.seed), PrivateKey.from_scalar(loaded.firma.scalar), PublicKey.from_point(known.point)
    )
    return _steps(as_served, raws), _steps(plain, raws)


def _steps(keys: _Keys, raws: Sequence[bytes]) -> Steps:
    parsed = [sobre.parse(raw) for raw in raws]
    contents = [sealing.open_sobre(one, keys.apertura) for one in parsed]
    codes = [sobre.codigo_de_integridad(raw) for raw in raws]
    heads = [one.cabecera for one in parsed]
    now, n = system_clock(), len(raws)

    def verify(i: int) -> None:
        assert keys.phone.verify(parsed[i].signed_part, parsed[i].signature)

    return {
        HASH: _each(lambda i: sobre.codigo_de_integridad(raws[i]), n),
        VERIFY: _each(verify, n),
        OPEN: _each(lambda i: sealing.open_sobre(parsed[i], keys.apertura), n),
        DECODE: _each(lambda i: registro.decode(contents[i], tipo=heads[i].tipo, folio=heads[i].folio), n),
        SIGN: _each(lambda i: issue(heads[i], codes[i], len(raws[i]), now, "Instituto de Prueba", keys.firma), n),
    }
