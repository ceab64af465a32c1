"""The server's half of tus 1.0: what to do with a request, given what is held (SPEC §8.3). No IO.

Laws of this file: the offset in an answer is never more than what can be read back; nothing that is complete is ever
appended to; an acuse is only ever copied from `UploadState`, never made here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from sync_protocol import folio as folios
from sync_protocol import tus_headers as th
from sync_protocol.errors import CATALOGUE, RemoteProtocolError
from sync_protocol.sobre import MAX_SOBRE, MIN_SOBRE
from sync_protocol.tus_events import (
    Append,
    Create,
    Decision,
    Received,
    Reply,
    Terminate,
    TusRequest,
    UploadState,
)

BASE_HEADERS = {"Tus-Resumable": th.TUS_VERSION, "Cache-Control": "no-store"}


def error_reply(code: str, extra: dict[str, str] | None = None) -> Reply:
    """The answer that carries a code of the catalogue."""
    headers = {**BASE_HEADERS, th.CODIGO.title(): code, **(extra or {})}
    if code == "tus_version":
        # tus: "the Server MUST respond with 412 and MUST include the Tus-Version header".
        headers["Tus-Version"] = th.TUS_VERSION
    return Reply(CATALOGUE[code].status, headers, code)


def options_reply(max_size: int = MAX_SOBRE) -> Reply:
    """Answer to OPTIONS: what this server can do."""
    return Reply(
        204,
        {
            **BASE_HEADERS,
            "Tus-Version": th.TUS_VERSION,
            "Tus-Extension": th.EXTENSIONS,
            "Tus-Checksum-Algorithm": th.CHECKSUM_ALGORITHMS,
            "Tus-Max-Size": str(max_size),
        },
    )


def decide(request: TusRequest, state: UploadState | None, now_ms: int) -> Decision:
    """What to do with a request for an upload (`state` None: there is none with this address).

    POST goes to the collection, every other method to an upload. Never raises for what a peer may send.
    """
    try:
        if request.method == "OPTIONS":
            return options_reply()
        if request.headers.get("tus-resumable") != th.TUS_VERSION:
            return error_reply("tus_version")
        if request.method == "POST":
            return _create(request)
        if request.method not in ("HEAD", "PATCH", "DELETE"):
            return error_reply("tus_metodo")
        if state is None:
            return error_reply("subida_desconocida")
        if not (state.acuse or state.recibido or state.rechazo) and now_ms >= state.expires_ms:
            return error_reply("subida_vencida")
        if request.method == "HEAD":
            return head_reply(state)
        if request.method == "DELETE":
            # What has been taken cannot be taken back by a DELETE: the acuse stands.
            return error_reply("tus_metodo") if state.acuse or state.recibido else Terminate()
        return _append(request, state)
    except RemoteProtocolError as error:
        return error_reply(error.code)


def _create(request: TusRequest) -> Decision:
    # tus: "The Client MUST send a POST request ... Upload-Length or Upload-Defer-Length"; deferring is not offered.
    length = th.require(request.headers, "upload-length")
    if length > MAX_SOBRE:
        return error_reply("sobre_demasiado_grande")
    if length < MIN_SOBRE:
        return error_reply("sobre_longitud")
    metadata = th.read(request.headers, "upload-metadata") or {}
    try:
        folio = folios.parse(metadata["folio"].decode("ascii"))
        written = metadata["codigo_integridad"].decode("ascii")
        codigo = bytes.fromhex(written)
    except (KeyError, ValueError, RemoteProtocolError):
        return error_reply("tus_metadatos")
    if len(written) != 64 or len(codigo) != 32:  # fromhex passes over white space
        return error_reply("tus_metadatos")
    content_length = th.read(request.headers, "content-length")
    has_body = bool(content_length) or "transfer-encoding" in request.headers
    if has_body and th.read(request.headers, "content-type") != th.OFFSET_OCTET_STREAM:
        return error_reply("tus_tipo")
    if content_length is not None and content_length > length:
        return error_reply("tus_excede")
    checksum = th.read(request.headers, "upload-checksum")
    return Create(length, folio, codigo, has_body, checksum.digest if checksum else None)


def _append(request: TusRequest, state: UploadState) -> Decision:
    # tus: "All PATCH requests MUST use Content-Type: application/offset+octet-stream, otherwise 415".
    if th.read(request.headers, "content-type") != th.OFFSET_OCTET_STREAM:
        return error_reply("tus_tipo")
    offset = th.require(request.headers, "upload-offset")
    checksum = th.read(request.headers, "upload-checksum")
    content_length = th.read(request.headers, "content-length")
    if state.acuse or state.recibido or state.rechazo:
        # A repeated last PATCH whose answer was lost: the same answer again, whatever offset it names.
        return done_reply(state)
    if offset != state.offset:
        # tus: "If the offsets do not match, the Server MUST respond with 409 without modifying the upload".
        return error_reply("tus_posicion", {"Upload-Offset": str(state.offset)})
    if content_length is not None and offset + content_length > state.length:
        return error_reply("tus_excede", {"Upload-Offset": str(state.offset)})
    return Append(offset, state.length - offset, checksum.digest if checksum else None)


def after_append(plan: Append, state: UploadState, received: Received) -> Reply:
    """The answer to a PATCH that did not complete the upload. `state` is as held after the bytes were written."""
    if received.excess:
        return error_reply("tus_excede", {"Upload-Offset": str(state.offset)})
    if plan.checksum is not None and not received.checksum_matches:
        # tus: "460 Checksum Mismatch ... the Server MUST NOT have changed the upload or its offset".
        return error_reply("tus_checksum", {"Upload-Offset": str(state.offset)})
    return Reply(204, {**BASE_HEADERS, **_progress(state)})


def keeps_bytes(plan: Append, received: Received) -> bool:
    """Whether the bytes of a body stay: always, unless a checksum covered it and cannot be said to hold."""
    if plan.checksum is None:
        return not received.excess or received.count <= plan.limit
    return received.complete and received.checksum_matches and not received.excess


def head_reply(state: UploadState, prefix_sha256: bytes | None = None) -> Reply:
    """Answer to HEAD; `prefix_sha256` lets a phone see a damaged prefix before it sends the rest in vain."""
    if state.acuse or state.recibido or state.rechazo:
        return Reply(200, {**done_reply(state).headers, "Upload-Length": str(state.length)})
    headers = {**BASE_HEADERS, **_progress(state), "Upload-Length": str(state.length)}
    if prefix_sha256 is not None:
        headers[th.PREFIX_SHA256.title()] = prefix_sha256.hex()
    return Reply(200, headers)


def done_reply(state: UploadState) -> Reply:
    """Answer once every byte is here: with the acuse, or `recibido` while it may not be given yet, or the refusal."""
    if state.rechazo:
        return error_reply(state.rechazo, {"Upload-Offset": str(state.length)})
    headers = {**BASE_HEADERS, "Upload-Offset": str(state.length)}
    if state.acuse:
        headers[th.ACUSE.title()] = state.acuse
    headers[th.ESTADO.title()] = "acusado" if state.acuse else "recibido"
    return Reply(204, headers)


def _progress(state: UploadState) -> dict[str, str]:
    expires = format_datetime(datetime.fromtimestamp(state.expires_ms / 1000, UTC), usegmt=True)
    return {"Upload-Offset": str(state.offset), "Upload-Expires": expires}
