"""Sobres as files on a memory card, and the answers beside them (SPEC §12; row X7).

Names help people and tell a damaged copy from a bad sobre; they are never believed: what a file is, its bytes say.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sync_protocol.errors import CATALOGUE, RemoteProtocolError
from sync_protocol.folio import Folio
from sync_protocol.sobre import MAGIC

SOBRE = ".sobre"
ACUSE = ".acuse"
RECHAZO = ".rechazo.json"
MAX_RECHAZO = 4096

_START_DIGITS = 16
_NAMED = re.compile(r"[0-9]{6}-[0-9]{6}-[0-9]{7}-[0-9]{6}-[0-9X]_([0-9a-f]{16})\.sobre", re.ASCII | re.IGNORECASE)


class Rechazo(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file was not taken. `integridad`: SHA-256 of that file, hex; `folio`: empty if its header was unreadable.

    Not signed: a phone shows it and changes nothing on its word.
    """

    codigo: Annotated[str, Meta(min_length=1, max_length=64)]
    texto: Annotated[str, Meta(max_length=400)]
    integridad: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    folio: Annotated[str, Meta(max_length=40)] = ""
    permanente: bool = False
    v: Literal[1] = 1


def file_name(folio: Folio, codigo: bytes) -> str:
    """The name a phone gives: two contents of one folio never share it. `codigo`: 32 bytes."""
    return f"{folio}_{codigo.hex()[:_START_DIGITS]}{SOBRE}"


def announced(name: str) -> bytes:
    """The first 8 bytes of the código de integridad that a file's name announces; empty when it announces none."""
    match = _NAMED.fullmatch(name)
    return bytes.fromhex(match.group(1)) if match else b""


def is_answer(name: str) -> bool:
    """Whether a file of this name is an answer, and so never a sobre."""
    return name.lower().endswith((ACUSE, RECHAZO))


def is_sobre(name: str, head: bytes) -> bool:
    """Whether a file is offered as a sobre: by its first bytes, or by its name. Everything else is somebody else's."""
    hidden = name.startswith(".")
    return not hidden and not is_answer(name) and (head.startswith(MAGIC) or name.lower().endswith(SOBRE))


def rechazo(codigo: str, integridad: bytes, folio: str = "") -> bytes:
    """The content of a refusal; the same refusal always has the same bytes. `integridad`: 32 bytes."""
    entry = CATALOGUE[codigo]
    body = Rechazo(
        codigo=codigo, texto=entry.text, integridad=integridad.hex(), folio=folio, permanente=entry.permanent
    )
    return msgspec.json.encode(body)


def read_rechazo(content: bytes) -> Rechazo:
    """A refusal as a phone reads it. Raises `solicitud_invalida`."""
    try:
        if len(content) > MAX_RECHAZO:
            raise RemoteProtocolError("solicitud_invalida", "rechazo")
        return msgspec.json.decode(content, type=Rechazo)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise RemoteProtocolError("solicitud_invalida", "rechazo") from error
