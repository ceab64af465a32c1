"""The phone's half of an upload: what to do next, given the last reply (SPEC §8.4). No IO, no clock.

The upload's URL is known before the first byte (the session's answer gives it), so the first request may be cut and
resumed. One request a record, no small chunks: after a cut, one HEAD says where to go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sync_protocol import tus_headers as th
from sync_protocol.errors import CATALOGUE, RemoteProtocolError

MAX_RESTARTS = 3
"""How often a damaged prefix or a mismatching code may make a phone begin again before it sets the sobre aside."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One sobre on its way. `offset` None: the phone must ask (HEAD) before it sends."""

    url: str
    length: int
    offset: int | None
    restarts: int = 0
    resumed: int = 0
    """How often the server already held a part when the phone went on."""


@dataclass(frozen=True, slots=True)
class SendHead:
    """Ask where to go on."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class SendPatch:
    """Send the sobre's bytes from `upload.offset` to its end, in one request."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class SendDelete:
    """Terminate the upload: what the server holds of it is damaged. Then a new session gives a fresh one."""

    upload: Upload


@dataclass(frozen=True, slots=True)
class Finished:
    """The server says it holds the whole sobre; `acuse` is empty while it is only `recibido`. Not verified yet."""

    acuse: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will not take it; the phone keeps it and shows why."""

    code: str


@dataclass(frozen=True, slots=True)
class NeedSession:
    """The address or the token is no longer good: one session request, then go on."""

    code: str


@dataclass(frozen=True, slots=True)
class BackOff:
    """Busy, broken or not our server: wait (at least `retry_after` seconds) and go on with `upload`."""

    upload: Upload
    retry_after: int
    code: str


Step = SendHead | SendPatch | SendDelete | Finished | Refused | NeedSession | BackOff


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply as it came. `headers` have lower-case names."""

    method: str
    status: int
    headers: Mapping[str, str]


def first_step(upload: Upload) -> Step:
    """Where to begin: send at once when the session's answer said where, otherwise ask."""
    return SendHead(upload) if upload.offset is None else SendPatch(upload)


def after_cut(upload: Upload) -> Step:
    """The line broke and no reply came: only the server knows how much arrived."""
    return SendHead(replace(upload, offset=None))


def next_step(upload: Upload, reply: HttpReply, raw: bytes | memoryview) -> Step:
    """What a reply asks for. `raw` is the sobre, to check the prefix that the server holds."""
    if reply.headers.get("tus-resumable") != th.TUS_VERSION:
        # A captive portal, a proxy's error page: whatever it says, it is not our server.
        return BackOff(replace(upload, offset=None), _retry_after(reply), "no_es_el_servidor")
    code = reply.headers.get(th.CODIGO, "")
    if reply.status in (200, 204):
        return _progress(upload, reply, raw)
    if reply.status == 409:
        return SendHead(replace(upload, offset=None)) if code != "folio_en_conflicto" else Refused(code)
    if reply.status in (401, 404, 410):
        return NeedSession(code)
    if reply.method == "DELETE" and code == "tus_metodo":
        # Another connection completed it meanwhile: no refusal of the sobre, and the session's answer will tell.
        return NeedSession(code)
    if code in ("integridad_distinta", "tus_checksum"):
        if upload.restarts >= MAX_RESTARTS:
            return Refused(code)
        return SendHead(replace(upload, offset=None, restarts=upload.restarts + 1))
    entry = CATALOGUE.get(code)
    if reply.status in (429, 503, 507) or reply.status >= 500 or entry is None:
        return BackOff(replace(upload, offset=None), _retry_after(reply), code or "sin_codigo")
    return Refused(code)


def _progress(upload: Upload, reply: HttpReply, raw: bytes | memoryview) -> Step:
    if reply.headers.get(th.ACUSE):
        return Finished(reply.headers[th.ACUSE])
    if reply.headers.get(th.ESTADO) == "recibido":
        return Finished("")
    if refused := reply.headers.get(th.CODIGO):
        return Refused(refused)
    if reply.method == "DELETE":
        return NeedSession("subida_desconocida")
    try:
        offset = th.require(reply.headers, "upload-offset")
    except RemoteProtocolError:
        return BackOff(replace(upload, offset=None), 0, "sin_codigo")
    if offset > upload.length or (reply.method == "HEAD" and not _prefix_holds(reply, raw, offset)):
        if upload.restarts >= MAX_RESTARTS:
            return Refused("integridad_distinta")
        return SendDelete(replace(upload, offset=None, restarts=upload.restarts + 1))
    resumed = upload.resumed + (1 if reply.method == "HEAD" and 0 < offset < upload.length else 0)
    return SendPatch(replace(upload, offset=offset, resumed=resumed))


def _prefix_holds(reply: HttpReply, raw: bytes | memoryview, offset: int) -> bool:
    said = reply.headers.get(th.PREFIX_SHA256)
    return said is None or said == hashlib.sha256(memoryview(raw)[:offset]).hexdigest()


def _retry_after(reply: HttpReply) -> int:
    value = reply.headers.get("retry-after", "0")
    return min(int(value), 3600) if value.isascii() and value.isdigit() and len(value) < 6 else 0
