"""What every checker does with one whole sobre, and what it says of it; the same on a thread and in a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from server.acuse.issue import issue
from server.errors import AppError
from server.intake.check_sobre import Checked, Expected, check
from sync_protocol.errors import ProtocolError
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey


@dataclass(frozen=True, slots=True)
class CheckKeys:
    """What a checker needs to know. `aperturas`: opening keys by key id; `firma` signs acuses for `institucion`."""

    aperturas: Mapping[bytes, OpeningKey]
    firma: PrivateKey
    institucion: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sobre that fulfils conditions 1 to 3, and the acuse that it will get if it turns out to be new.

    `release` gives back the memory in which the sobre lies: to be called once, when nobody needs its bytes any more.
    """

    checked: Checked
    acuse: str
    release: Callable[[], None]


Done = Callable[[Verdict | BaseException], None]
"""Called exactly once for each sobre, from any thread: a verdict, or AppError with the code of what failed."""


class Checkers(Protocol):
    """Checks sobres beside the event loop."""

    def start(self) -> None:
        """Begin; called on the event loop's thread."""

    def stop(self) -> None:
        """End; what is still being checked is answered with an error."""

    def submit(self, chunks: Sequence[bytes], expected: Expected, recibido_ms: int, done: Done) -> None:
        """Check the sobre that these pieces make up. Called on the event loop's thread."""


def judge(raw: bytes | memoryview, expected: Expected, recibido_ms: int, keys: CheckKeys) -> tuple[Checked, str]:
    """The checks and the acuse. Raises AppError with the code of the first thing that fails."""
    try:
        checked = check(raw, expected, keys.aperturas)
    except ProtocolError as error:
        raise AppError(error.code, error.detail) from error
    return checked, issue(checked.cabecera, checked.codigo, len(raw), recibido_ms, keys.institucion, keys.firma)
