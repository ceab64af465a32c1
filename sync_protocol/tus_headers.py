"""Each header of tus 1.0 (and ours beside it), as a table: name, how it is read (SPEC §8.3; tus 1.0.0 "Headers")."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sync_protocol.errors import RemoteProtocolError

TUS_VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
CHECKSUM_ALGORITHMS = "sha256"
OFFSET_OCTET_STREAM = "application/offset+octet-stream"

ACUSE = "acopio-acuse"
ESTADO = "acopio-estado"
CODIGO = "acopio-codigo"
PREFIX_SHA256 = "acopio-prefix-sha256"

MAX_METADATA = 4096
_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_KEY = re.compile(r"[!-+\--~]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checksum:
    """`Upload-Checksum`: SHA-256 of the body of one PATCH."""

    digest: bytes


def _integer(value: str) -> int:
    # tus: "The value MUST be a non-negative integer."
    if not _INTEGER.fullmatch(value):
        raise RemoteProtocolError("tus_cabecera", "se esperaba un entero no negativo")
    return int(value)


def _checksum(value: str) -> Checksum:
    # tus: the name of the algorithm and the Base64 encoded checksum, separated by a space.
    algorithm, _, encoded = value.partition(" ")
    if algorithm != "sha256":
        raise RemoteProtocolError("tus_algoritmo", algorithm[:16])
    try:
        digest = base64.b64decode(encoded, validate=True)
    except ValueError as error:
        raise RemoteProtocolError("tus_cabecera", "upload-checksum") from error
    if len(digest) != 32:
        raise RemoteProtocolError("tus_cabecera", "upload-checksum")
    return Checksum(digest)


def _metadata(value: str) -> dict[str, bytes]:
    # tus: comma-separated pairs; key and Base64 value separated by a space; keys unique, non-empty, ASCII.
    if len(value) > MAX_METADATA:
        raise RemoteProtocolError("tus_cabecera", "upload-metadata demasiado larga")
    pairs: dict[str, bytes] = {}
    for pair in filter(None, (part.strip() for part in value.split(","))):
        key, _, encoded = pair.partition(" ")
        if not _KEY.fullmatch(key) or key in pairs:
            raise RemoteProtocolError("tus_cabecera", "upload-metadata")
        try:
            pairs[key] = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise RemoteProtocolError("tus_cabecera", "upload-metadata") from error
    return pairs


def _media_type(value: str) -> str:
    return value.split(";")[0].strip().lower()


READERS: dict[str, Callable[[str], Any]] = {
    "tus-resumable": str,
    "upload-offset": _integer,
    "upload-length": _integer,
    "upload-defer-length": _integer,
    "upload-checksum": _checksum,
    "upload-metadata": _metadata,
    "content-length": _integer,
    "content-type": _media_type,
}


def read(headers: Mapping[str, str], name: str) -> Any:
    """The parsed value of a header, or None when it is absent. Raises `tus_cabecera` or `tus_algoritmo`."""
    value = headers.get(name)
    return None if value is None else READERS[name](value)


def require(headers: Mapping[str, str], name: str) -> Any:
    """The parsed value of a header that must be there. Raises `tus_cabecera`."""
    value = read(headers, name)
    if value is None:
        raise RemoteProtocolError("tus_cabecera", f"falta {name}")
    return value


def write_metadata(pairs: Mapping[str, bytes]) -> str:
    """`Upload-Metadata` as a client sends it."""
    return ",".join(f"{key} {base64.b64encode(value).decode('ascii')}" for key, value in pairs.items())
