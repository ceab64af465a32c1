"""What goes between the server and a checker's process: one message a packet, over a pair of local sockets.

Sobres do not go over it: they lie in the arena. The keys do, once, as the first message: never on a command line,
in the environment or on a disk.
"""

from __future__ import annotations

import msgspec

MAX_PACKET = 65_536


class Hello(msgspec.Struct, frozen=True, array_like=True):
    """The first message: what the checker needs. `semillas`: the opening keys' seeds; `firma`: the signing scalar."""

    semillas: tuple[bytes, ...]
    firma: bytes
    institucion: str
    arena: int
    """Size of the arena in bytes."""


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One sobre to check: where it lies, and what it must be (check_sobre.Expected)."""

    number: int
    start: int
    solicitud: int
    auxiliar: int
    dispositivo: int
    registro: int
    codigo: bytes
    tam: int
    size: int
    """What has arrived; `tam` is what was announced."""
    llaves: tuple[bytes, ...]
    """The device's public keys as points, newest first."""
    recibido_ms: int


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What came of a job. With `code`, it failed."""

    number: int
    code: str = ""
    detail: str = ""
    acuse: str = ""
    capturado_ms: int = 0
    desfase_ms: int | None = None
