"""What a phone says while it sends: events for progress bars and logs, figures at the end. No person is in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from sync_protocol.folio import Folio
from sync_protocol.session import Aviso


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The server has answered a manifest of `sobres` entries."""

    sobres: int
    avisos: tuple[Aviso, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """`held` of `size` bytes of a sobre have been handed to the line."""

    folio: Folio
    held: int
    size: int


@dataclass(frozen=True, slots=True)
class LineCut:
    """A request did not come through. `folio` is None for a session."""

    folio: Folio | None
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The phone waits before it goes on."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True)
class AcuseVerified:
    """The acuse holds."""

    folio: Folio


@dataclass(frozen=True, slots=True)
class Deleted:
    """The sobre is off the phone; its ledger line stays."""

    folio: Folio
    size: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """Refused by the server, or its acuse does not hold: the phone keeps it and says why."""

    folio: Folio
    code: str


Event = SessionOpened | Sent | LineCut | Waiting | AcuseVerified | Deleted | SetAside
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """For a phone that nobody watches."""


@dataclass(slots=True)
class Counts:
    """The figures of one or more syncs of a phone.

    `sent`: the server said it holds the whole sobre. `resumed`: sobres that went on from bytes already there.
    `duplicates_avoided`: the phone had begun to send, no answer came, and on asking it learnt that all had arrived.
    """

    sessions: int = 0
    sent: int = 0
    acuses_verified: int = 0
    deleted: int = 0
    resumed: int = 0
    duplicates_avoided: int = 0
    cuts: int = 0
    payload_bytes: int = 0
    wire_bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        """For JSON results and the sync log."""
        return asdict(self)
