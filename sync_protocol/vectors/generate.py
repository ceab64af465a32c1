"""Writes the vector files and their schema: `python -m sync_protocol.vectors.generate`. Same bytes every time.

Keys and randomness are fixed and public: nothing here may ever be used for a real sobre. The cases are in `cases_*`;
this module has the forge, which makes whole sobres with exactly the defect that it is told, and is right in all else.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
from Crypto.Protocol import HPKE
from Crypto.PublicKey import ECC, Hybrid

from sync_protocol import PROTOCOL_VERSION
from sync_protocol.sealing import INFO_LABEL, OpeningKey
from sync_protocol.signing import PrivateKey
from sync_protocol.vectors import cases_folio, cases_jose, cases_sealing, cases_sobre, cases_tarjeta, cases_tus, shape

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_HEADER = struct.Struct(">6sBBIIII8s32sHHI")
"""SPEC §3.1, written down a second time: the forge must be able to write headers that `sobre` would not."""


def drawn(label: str, length: int = 32) -> bytes:
    """Bytes that look random and depend on `label` only, so that a new vector changes none of the others."""
    return hashlib.shake_256(b"acopio vectors v1: " + label.encode()).digest(length)


@contextmanager
def fixed_randomness(stream: bytes) -> Iterator[None]:
    """Encapsulation draws `stream`, within the block.

    `sealing` takes no randomness from outside, because a caller who repeats it breaks the seal; and the library has no
    way in for hybrid keys. Vectors must come out the same every time, so here, and only here, its source is replaced.
    """
    with mock.patch.object(Hybrid, "get_random_bytes", lambda count: stream[:count]):
        yield


@dataclass(frozen=True, slots=True)
class Sealed:
    """What HPKE gave, and what it drew."""

    enc: bytes
    ciphertext: bytes
    randomness: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A sobre and the código de integridad that is announced for it."""

    raw: bytes
    codigo: bytes


class Forge:
    """Fixed keys, fixed randomness, and sobres with one defect."""

    def __init__(self) -> None:
        self.device = PrivateKey.from_scalar(drawn("device 7"))
        self.other_device = PrivateKey.from_scalar(drawn("device 8"))
        self.stranger = PrivateKey.from_scalar(drawn("a key nobody knows"))
        self.server = PrivateKey.from_scalar(drawn("server, acuses"))
        self.retired_server = PrivateKey.from_scalar(drawn("server, acuses, retired"))
        self.opening = OpeningKey(drawn("server, sealing"))
        self.other_opening = OpeningKey(drawn("another server, sealing"))

    def seal(
        self,
        plaintext: bytes,
        info: bytes,
        label: str,
        *,
        to: OpeningKey | None = None,
        aead: str = "AES256_GCM",
        aad: bytes = b"",
        earlier_messages: int = 0,
    ) -> Sealed:
        """HPKE by the book, unless told otherwise."""
        randomness = drawn(f"encapsulation for {label}", 64)
        public = Hybrid.HybridKey(param_set=Hybrid.ParamSet.MLKEM768_X25519, pk=(to or self.opening).public.raw)
        with fixed_randomness(randomness):
            context = HPKE.new(receiver_key=public, aead_id=HPKE.AEAD[aead], info=info)
        for _ in range(earlier_messages):
            context.seal(b"")
        return Sealed(context.enc, context.seal(plaintext, aad), randomness)

    def header(self, ciphertext: int, **fields: Any) -> bytes:
        """A header of device 7's apoyo 1 with so many bytes of ciphertext, but for the fields that are given."""
        f = {
            "magic": b"ACOPIO",
            "version": 1,
            "tipo": 1,
            "solicitud": 123,
            "auxiliar": 45,
            "dispositivo": 7,
            "registro": 1,
            "key_id": self.opening.public.key_id,
            "anterior": drawn("an earlier sobre"),
            "enc_length": 1120,
            "signature_length": 64,
            "ciphertext_length": ciphertext,
        }
        if unknown := set(fields) - set(f):
            raise TypeError(f"no hay tales campos: {unknown}")
        return _HEADER.pack(*{**f, **fields}.values())

    def sobre(
        self,
        label: str,
        plaintext: bytes,
        *,
        header: dict[str, Any] | None = None,
        sealed_under: dict[str, Any] | None = None,
        info_label: bytes = INFO_LABEL,
        after_sealing: Callable[[bytes, bytes], tuple[bytes, bytes]] = lambda enc, ciphertext: (enc, ciphertext),
        signer: PrivateKey | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        after_signing: Callable[[bytes], bytes] = bytes,
        in_transit: Callable[[bytes], bytes] = bytes,
        **sealing: Any,
    ) -> Made:
        """A whole sobre. Each argument is a place to plant a defect; what comes after it is made to fit.

        `sealed_under`: header fields that only HPKE's `info` sees. `after_signing` changes the phone's own file, so the
        announced code is of the changed bytes; `in_transit` changes what arrives, so the announced code is not.
        """
        length = len(plaintext) + 16
        written = self.header(length, **(header or {}))
        seen = self.header(length, **{**(header or {}), **(sealed_under or {})})
        sealed = self.seal(plaintext, info_label + seen, label, **sealing)
        enc, ciphertext = after_sealing(sealed.enc, sealed.ciphertext)
        unsigned = written + enc + ciphertext
        own = after_signing(unsigned + (sign or (signer or self.device).sign_low_s)(unsigned))
        return Made(in_transit(own), hashlib.sha256(own).digest())

    def sign_with_nonce(self, key: PrivateKey, message: bytes, nonce: int) -> bytes:
        """ECDSA with a nonce of choice: valid, though not the deterministic signature."""
        r = int(ECC.construct(curve="P-256", d=nonce).pointQ.x) % P256_ORDER
        z = int.from_bytes(hashlib.sha256(message).digest(), "big")
        s = pow(nonce, -1, P256_ORDER) * (z + r * int.from_bytes(key.scalar, "big")) % P256_ORDER
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def build() -> dict[str, bytes]:
    """Every file by name: the vectors and `schema.json`."""
    forge = Forge()
    made = {
        "folio.json": ("ACOPIO-FOLIO", "2", cases_folio.groups()),
        "sobre.json": ("ACOPIO-SOBRE", "3", cases_sobre.groups(forge)),
        "sealing.json": ("HPKE-XWING-HKDFSHA256-AES256GCM", "3.3", cases_sealing.groups(forge)),
        "jws.json": ("ES256", "4, 5", cases_jose.jws_groups(forge)),
        "acuse.json": ("ACOPIO-ACUSE", "6", cases_jose.acuse_groups(forge)),
        "session.json": ("ACOPIO-SESION", "8.1", cases_jose.session_groups(forge)),
        "alta.json": ("ACOPIO-ALTA", "7", cases_jose.alta_groups(forge)),
        "tus.json": ("ACOPIO-TUS", "8.3, 8.4", cases_tus.tus_groups()),
        "queue.json": ("ACOPIO-COLA", "8.5", cases_tus.queue_groups()),
        "tarjeta.json": ("ACOPIO-TARJETA", "12", cases_tarjeta.groups()),
    }
    files = {name: _write(algorithm, spec, groups) for name, (algorithm, spec, groups) in made.items()}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(shape.VectorFile)}
    files["schema.json"] = msgspec.json.format(msgspec.json.encode(schema), indent=1) + b"\n"
    return files


def _write(algorithm: str, spec: str, groups: list[shape.Group]) -> bytes:
    number = 0
    numbered: list[shape.Group] = []
    flags: set[str] = set()
    for group in groups:
        tests: list[shape.Vector] = []
        for vector in group.tests:
            number += 1
            flags.update(vector.flags)
            tests.append(msgspec.structs.replace(vector, tc_id=number))
        numbered.append(msgspec.structs.replace(group, tests=tuple(tests)))
    file = shape.VectorFile(
        algorithm=algorithm,
        schema="schema.json",
        spec=spec,
        protocol_version=PROTOCOL_VERSION,
        number_of_tests=number,
        notes={flag: shape.NOTES[flag] for flag in sorted(flags)},
        test_groups=tuple(numbered),
    )
    return msgspec.json.format(msgspec.json.encode(file), indent=1) + b"\n"


def main() -> None:
    """Write the files beside this module."""
    for name, data in build().items():
        Path(__file__).with_name(name).write_bytes(data)


if __name__ == "__main__":
    main()
