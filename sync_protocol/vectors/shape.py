"""The shape of the vector files: Wycheproof's (algorithm, testGroups, tests), typed and closed.

`schema.json` is made from these types, the generator writes with them and the runner reads with them, so the three
cannot drift apart. A key or a type of group that is not here makes a file unreadable, on purpose.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*$")]
Jwk = dict[str, str]


class _Shape(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True, rename="camel"):
    pass


class Vector(_Shape, kw_only=True, frozen=True):
    """What every vector says. An invalid one has exactly one defect: `name` names it, `layer` and `code` say where
    and how it must fail; all that other layers look at is as it should be."""

    tc_id: Annotated[int, Meta(ge=1)]
    name: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    comment: str
    result: Literal["valid", "invalid"]
    flags: tuple[str, ...] = ()
    layer: str = ""
    code: str = ""


# --- folio.json


class Counters(_Shape, frozen=True):
    """The four counters of a folio."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    registro: int


class FolioVector(Vector, kw_only=True, frozen=True):
    """`text` as written (or typed); when valid, `counters` and the form that is `written`."""

    text: str
    counters: Counters | None = None
    written: str = ""


class FolioParse(_Shape, tag_field="type", tag="FolioParse", frozen=True):
    """Strict reading of the written form, as machines do it."""

    tests: tuple[FolioVector, ...]


class FolioTyped(_Shape, tag_field="type", tag="FolioTyped", frozen=True):
    """Reading of what a person types."""

    tests: tuple[FolioVector, ...]


class CheckVector(Vector, kw_only=True, frozen=True):
    """The check character of `digits`."""

    digits: str
    check: str


class CheckCharacter(_Shape, tag_field="type", tag="CheckCharacter", frozen=True):
    """ISO/IEC 7064 MOD 11-2 by itself."""

    tests: tuple[CheckVector, ...]


# --- sobre.json


class Device(_Shape, frozen=True):
    """A device that the server knows, with its public key."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    jwk: Jwk


class SobreVector(Vector, kw_only=True, frozen=True):
    """A whole `sobre` and the `codigo` (de integridad) that was announced for it. When valid: its `folio`, `tipo`,
    `anterior` and the `plaintext` that comes out."""

    codigo: Hex
    sobre: bytes
    folio: str = ""
    tipo: str = ""
    anterior: Hex = ""
    plaintext: bytes = b""


class SobreVerify(_Shape, tag_field="type", tag="SobreVerify", frozen=True):
    """The complete order of checks (SPEC §3.5) in the session of `session`, by a server that knows `devices` and
    opens with `openingSeed`. `deviceScalars` are the phones' secrets, for those who want to make sobres of their own.
    """

    comment: str
    session: Device
    devices: tuple[Device, ...]
    opening_seed: Hex
    device_scalars: tuple[Hex, ...]
    tests: tuple[SobreVector, ...]


# --- sealing.json


class KeyPairVector(Vector, kw_only=True, frozen=True):
    """An X-Wing `seed` and the public key that follows from it."""

    seed: Hex
    public_key: bytes
    key_id: Hex


class XWingKeyPair(_Shape, tag_field="type", tag="XWingKeyPair", frozen=True):
    """From the 32-byte seed to the 1216-byte public key and its key id."""

    tests: tuple[KeyPairVector, ...]


class SealingKeyVector(Vector, kw_only=True, frozen=True):
    """A public sealing key as the alta delivers it."""

    public_key: bytes


class SealingKeyImport(_Shape, tag_field="type", tag="SealingKeyImport", frozen=True):
    """Reading a public sealing key."""

    tests: tuple[SealingKeyVector, ...]


class HpkeVector(Vector, kw_only=True, frozen=True):
    """`enc` and `ciphertext` under `info`. `encapsRandomness` is what the sealer drew (ML-KEM coins, X25519 seed)."""

    info: bytes
    enc: bytes
    ciphertext: bytes
    plaintext: bytes = b""
    encaps_randomness: Hex = ""


class HpkeOpen(_Shape, tag_field="type", tag="HpkeOpen", frozen=True):
    """HPKE alone: suite 0x647A, 0x0001, 0x0002; base mode, no AAD, first message."""

    seed: Hex
    tests: tuple[HpkeVector, ...]


# --- jws.json


class JwsVector(Vector, kw_only=True, frozen=True):
    """A compact JWS; when valid, its payload."""

    token: str
    payload: bytes = b""


class JwsVerify(_Shape, tag_field="type", tag="JwsVerify", frozen=True):
    """Shape, then signature by `jwk`."""

    typ: str
    max_length: int
    jwk: Jwk
    tests: tuple[JwsVector, ...]


class EcdsaVector(Vector, kw_only=True, frozen=True):
    """A `signature` (r | s) over `message`."""

    message: bytes
    signature: Hex


class EcdsaVerify(_Shape, tag_field="type", tag="EcdsaVerify", frozen=True):
    """ECDSA P-256 with SHA-256 alone."""

    jwk: Jwk
    tests: tuple[EcdsaVector, ...]


class JwkVector(Vector, kw_only=True, frozen=True):
    """A public key; when valid, its name (RFC 7638)."""

    jwk: Jwk
    thumbprint: str = ""


class JwkImport(_Shape, tag_field="type", tag="JwkImport", frozen=True):
    """Reading a public key that arrives as JWK."""

    tests: tuple[JwkVector, ...]


# --- acuse.json


class AcuseVector(Vector, kw_only=True, frozen=True):
    """The acuse and the sobre that the phone holds."""

    token: str
    folio: str
    codigo: Hex
    tam: int


class AcuseVerify(_Shape, tag_field="type", tag="AcuseVerify", frozen=True):
    """What a phone does before it deletes, with the server's `jwks`."""

    jwks: dict[str, list[Jwk]]
    tests: tuple[AcuseVector, ...]


# --- session.json, alta.json


class RequestVector(Vector, kw_only=True, frozen=True):
    """A JWS request; when valid, its payload."""

    token: str
    payload: bytes = b""


class SessionRequest(_Shape, tag_field="type", tag="SessionRequest", frozen=True):
    """A session request by the device of `jwk`."""

    jwk: Jwk
    tests: tuple[RequestVector, ...]


class AltaRequest(_Shape, tag_field="type", tag="AltaRequest", frozen=True):
    """An alta, signed by the key that it carries."""

    tests: tuple[RequestVector, ...]


class BajaRequest(_Shape, tag_field="type", tag="BajaRequest", frozen=True):
    """A baja by the device of `jwk`, or by the key that it carries."""

    jwk: Jwk
    tests: tuple[RequestVector, ...]


class AnswerVector(Vector, kw_only=True, frozen=True):
    """The body of an answer as a phone receives it."""

    body: str


class SessionAnswer(_Shape, tag_field="type", tag="SessionAnswer", frozen=True):
    """Reading the answer to a session request."""

    tests: tuple[AnswerVector, ...]


# --- tus.json


class Request(_Shape, frozen=True):
    """The head of a request; header names in lower case."""

    method: str
    headers: dict[str, str]


class Upload(_Shape, frozen=True):
    """What the server holds of an upload (`UploadState`)."""

    length: int
    offset: int
    expires_ms: int
    acuse: str = ""
    recibido: bool = False
    rechazo: str = ""


class DecideVector(Vector, kw_only=True, frozen=True):
    """`state` (none: no upload there) and `request` give `decision`: `do` and its fields."""

    request: Request
    state: Upload | None = None
    decision: dict[str, Any]


class TusServerDecide(_Shape, tag_field="type", tag="TusServerDecide", frozen=True):
    """What a server does with the head of a request at `nowMs`."""

    now_ms: int
    tests: tuple[DecideVector, ...]


class AppendVector(Vector, kw_only=True, frozen=True):
    """How a body ended (`count` bytes, whether whole, in excess, with its checksum) gives the answer and whether the
    bytes stay. `state` is as held afterwards."""

    limit: int
    checksum: bool
    count: int
    complete: bool
    excess: bool
    checksum_matches: bool
    state: Upload
    keeps: bool
    status: int
    offset: int


class TusServerAppend(_Shape, tag_field="type", tag="TusServerAppend", frozen=True):
    """What a server answers after the body of a PATCH that did not complete the upload."""

    tests: tuple[AppendVector, ...]


class ClientVector(Vector, kw_only=True, frozen=True):
    """A reply to `method` gives `step`: `do` and its fields. `offset` -1: not known."""

    url: str
    length: int
    offset: int
    restarts: int
    method: str
    status: int
    headers: dict[str, str]
    step: dict[str, Any]


class TusClientStep(_Shape, tag_field="type", tag="TusClientStep", frozen=True):
    """What a phone does next with a sobre whose bytes are `raw`."""

    raw: bytes
    tests: tuple[ClientVector, ...]


# --- queue.json


class QueueVector(Vector, kw_only=True, frozen=True):
    """`state` and `event` give `next`."""

    state: str
    event: str
    next: str = ""


class QueueTransition(_Shape, tag_field="type", tag="QueueTransition", frozen=True):
    """The states of a queued sobre."""

    tests: tuple[QueueVector, ...]


class CardFileVector(Vector, kw_only=True, frozen=True):
    """A file on a card: its name, its first bytes (hex), whether it is offered as a sobre, what its name announces."""

    file: str
    head: str
    sobre: bool
    announced: str = ""


class CardFile(_Shape, tag_field="type", tag="CardFile", frozen=True):
    """Which files on a memory card are sobres. `announced` counts for those that are."""

    tests: tuple[CardFileVector, ...]


class CardRefusalVector(Vector, kw_only=True, frozen=True):
    """A `.rechazo.json` as text; when valid, what a phone reads in it."""

    text: str
    codigo: str = ""
    folio: str = ""
    integridad: str = ""
    permanente: bool = False


class CardRefusal(_Shape, tag_field="type", tag="CardRefusal", frozen=True):
    """Refusals on a memory card."""

    tests: tuple[CardRefusalVector, ...]


Group = (
    FolioParse
    | FolioTyped
    | CheckCharacter
    | SobreVerify
    | XWingKeyPair
    | SealingKeyImport
    | HpkeOpen
    | JwsVerify
    | EcdsaVerify
    | JwkImport
    | AcuseVerify
    | SessionRequest
    | SessionAnswer
    | AltaRequest
    | BajaRequest
    | TusServerDecide
    | TusServerAppend
    | TusClientStep
    | QueueTransition
    | CardFile
    | CardRefusal
)


class VectorFile(_Shape, frozen=True):
    """One file. `notes` explains each flag."""

    algorithm: str
    schema: str
    spec: str
    protocol_version: int
    number_of_tests: int
    notes: dict[str, str]
    test_groups: tuple[Group, ...]


NOTES = {
    "Good": "As a correct phone or server would make it.",
    "Unusual": "Allowed by SPEC and seldom seen; refusing it is a fault.",
    "Malleable": "Another valid signature over the same bytes; the sobre then has another código de integridad.",
    "Transit": "Damaged on the way: the announced code is of the bytes as they were. The phone sends again.",
    "Truncated": "The file ends too early; everything before the cut is right.",
    "Trailing": "Bytes after the end.",
    "Length": "A declared length that is not the one it must be.",
    "Range": "A number or a text out of its bounds.",
    "Kind": "A kind of sobre that does not fit its numbers, or is not taken.",
    "Foreign": "Right in itself, and another's.",
    "Signature": "Everything is in place but the signature.",
    "Seal": "Signed by the right device, and does not open.",
    "Content": "Sealed and signed by the right device; what is inside is wrong.",
    "Missing": "A required field is not there.",
    "Unknown": "A field that no SPEC of this version knows.",
    "Encoding": "The right value in a form that is not allowed.",
    "Algorithm": "An algorithm other than the one that SPEC names.",
    "CheckCharacter": "A slip that the check character exists for.",
    "Key": "A key that must not be taken.",
    "Replay": "Right, and already dealt with.",
    "Proxy": "Not the server's words: a captive portal or something in between.",
    "Tus": "As tus 1.0.0 has it.",
}
"""What each flag says."""
