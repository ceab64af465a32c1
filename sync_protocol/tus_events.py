"""What goes over the wire of an upload, as frozen values: requests, decisions, replies (SPEC §8.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync_protocol.folio import Folio


@dataclass(frozen=True, slots=True)
class TusRequest:
    """The head of a request. `headers` have lower-case names; the body is not here: it arrives in pieces."""

    method: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UploadState:
    """What the server holds of one upload.

    `offset`: bytes that can really be read back. `acuse`: set once complete and durable. `recibido`: complete, but the
    acuse may not be given yet. `rechazo`: code, when complete and refused for good.
    """

    length: int
    offset: int
    expires_ms: int
    acuse: str = ""
    recibido: bool = False
    rechazo: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. `code` is a key of the catalogue when it is an error."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


@dataclass(frozen=True, slots=True)
class Append:
    """Take the body: at most `limit` bytes from `offset` on. `checksum` (SHA-256) covers exactly this body."""

    offset: int
    limit: int
    checksum: bytes | None


@dataclass(frozen=True, slots=True)
class Create:
    """Make an upload of `length` bytes for this folio and código de integridad; `body` says whether bytes follow."""

    length: int
    folio: Folio
    codigo: bytes
    body: bool
    checksum: bytes | None


@dataclass(frozen=True, slots=True)
class Terminate:
    """Forget the upload and its partial bytes."""


Decision = Reply | Append | Create | Terminate


@dataclass(frozen=True, slots=True)
class Received:
    """How a body ended. `complete`: the request's body arrived whole, as its Content-Length announced."""

    count: int
    complete: bool
    excess: bool = False
    checksum_matches: bool = True
