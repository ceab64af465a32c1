"""The cases of `tus.json` and `queue.json` (SPEC §§8.3 to 8.5): tables of (state, message) -> what follows."""

# ruff: noqa: E501  (tables: one case a line)

from __future__ import annotations

import base64
import hashlib
from typing import Any

from sync_protocol.errors import CATALOGUE
from sync_protocol.folio import Folio
from sync_protocol.sobre import MAX_SOBRE, MIN_SOBRE
from sync_protocol.vectors import shape

_NOW = 1_790_000_000_000
_LATER = _NOW + 7 * 86_400_000
_LATER_WRITTEN = "Mon, 28 Sep 2026 14:13:20 GMT"
_FOLIO = str(Folio(123, 45, 7, 312))
_CODIGO = hashlib.sha256(b"a sobre").hexdigest()
_LENGTH = 270_000
_V = {"tus-resumable": "1.0.0"}
_OCTETS = {"content-type": "application/offset+octet-stream"}
_ANSWER = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}
_ACUSE = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln"


def _b64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def _digest(text: bytes) -> str:
    return _b64(hashlib.sha256(text).digest())


# --- The server's half


def tus_groups() -> list[shape.Group]:
    """What a server does with a head; what it answers after a body; what a phone does with an answer."""
    return [
        shape.TusServerDecide(now_ms=_NOW, tests=tuple(_decide())),
        shape.TusServerAppend(tests=tuple(_append())),
        shape.TusClientStep(raw=_RAW, tests=tuple(_client())),
    ]


def _decide() -> list[shape.DecideVector]:
    held = shape.Upload(length=_LENGTH, offset=1000, expires_ms=_LATER)
    none_yet = shape.Upload(length=_LENGTH, offset=0, expires_ms=_LATER)
    every_byte = shape.Upload(length=_LENGTH, offset=_LENGTH, expires_ms=_LATER)
    expired = shape.Upload(length=_LENGTH, offset=1000, expires_ms=_NOW)
    received = shape.Upload(length=_LENGTH, offset=_LENGTH, expires_ms=_NOW - 1, recibido=True)
    acknowledged = shape.Upload(length=_LENGTH, offset=_LENGTH, expires_ms=_NOW - 1, acuse=_ACUSE)
    refused = shape.Upload(length=_LENGTH, offset=_LENGTH, expires_ms=_NOW - 1, rechazo="firma_invalida")
    made: list[shape.DecideVector] = []

    def does(
        name: str,
        comment: str,
        method: str,
        headers: dict[str, str],
        state: shape.Upload | None,
        decision: dict[str, Any],
        flag: str = "Good",
    ) -> None:
        request = shape.Request(method=method, headers=headers)
        made.append(
            shape.DecideVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="valid",
                flags=(flag,),
                request=request,
                state=state,
                decision=decision,
            )
        )

    def answers(
        name: str,
        comment: str,
        method: str,
        headers: dict[str, str],
        state: shape.Upload | None,
        status: int,
        flag: str = "Good",
        **written: str,
    ) -> None:
        reply = {
            "do": "reply",
            "status": status,
            "headers": {**_ANSWER, **{key.replace("_", "-"): value for key, value in written.items()}},
        }
        does(name, comment, method, headers, state, reply, flag)

    def refuses(
        name: str,
        comment: str,
        method: str,
        headers: dict[str, str],
        state: shape.Upload | None,
        code: str,
        flag: str = "Tus",
        **written: str,
    ) -> None:
        entry = CATALOGUE[code]
        reply = {
            "do": "reply",
            "status": entry.status,
            "headers": {
                **_ANSWER,
                "Acopio-Codigo": code,
                **{key.replace("_", "-"): value for key, value in written.items()},
            },
        }
        request = shape.Request(method=method, headers=headers)
        made.append(
            shape.DecideVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="invalid",
                flags=(flag,),
                layer=entry.layer.value,
                code=code,
                request=request,
                state=state,
                decision=reply,
            )
        )

    # OPTIONS and the version
    offers = {
        "Tus_Version": "1.0.0",
        "Tus_Extension": "creation,creation-with-upload,checksum,expiration,termination",
        "Tus_Checksum_Algorithm": "sha256",
        "Tus_Max_Size": str(MAX_SOBRE),
    }
    answers("options", "what this server can do; no version is asked for", "OPTIONS", {}, None, 204, **offers)
    answers(
        "options-of-another-version",
        "asking needs no common version",
        "OPTIONS",
        {"tus-resumable": "0.2.2"},
        held,
        204,
        **offers,
    )
    refuses(
        "version-missing", "every other request names the version", "HEAD", {}, held, "tus_version", Tus_Version="1.0.0"
    )
    refuses(
        "version-0-2-2",
        "another version",
        "PATCH",
        {**_OCTETS, "tus-resumable": "0.2.2", "upload-offset": "1000"},
        held,
        "tus_version",
        Tus_Version="1.0.0",
    )
    refuses(
        "version-1-0", "compared as it is", "HEAD", {"tus-resumable": "1.0"}, held, "tus_version", Tus_Version="1.0.0"
    )
    for method in ("GET", "PUT", "TRACE", "patch", ""):
        refuses(
            f"method-{method or 'empty'}-{'lower' if method.islower() else 'upper'}".lower(),
            "a method that uploads do not have",
            method,
            _V,
            held,
            "tus_metodo",
        )

    # HEAD
    progress = {"Upload_Offset": "1000", "Upload_Length": str(_LENGTH), "Upload_Expires": _LATER_WRITTEN}
    answers("head", "a part is held (a server adds Acopio-Prefix-Sha256)", "HEAD", _V, held, 200, **progress)
    answers(
        "head-nothing-yet",
        "an upload that a session has made",
        "HEAD",
        _V,
        none_yet,
        200,
        **{**progress, "Upload_Offset": "0"},
    )
    answers(
        "head-recibido",
        "complete, no acuse yet; it does not expire",
        "HEAD",
        _V,
        received,
        200,
        Upload_Offset=str(_LENGTH),
        Upload_Length=str(_LENGTH),
        Acopio_Estado="recibido",
    )
    answers(
        "head-acusado",
        "complete and durable; it does not expire",
        "HEAD",
        _V,
        acknowledged,
        200,
        Upload_Offset=str(_LENGTH),
        Upload_Length=str(_LENGTH),
        Acopio_Estado="acusado",
        Acopio_Acuse=_ACUSE,
    )
    answers(
        "head-refused",
        "HEAD has no body: the code is in a header",
        "HEAD",
        _V,
        refused,
        200,
        Upload_Offset=str(_LENGTH),
        Upload_Length=str(_LENGTH),
        Acopio_Codigo="firma_invalida",
    )
    made[-1] = shape.DecideVector(
        tc_id=1, name="head-refused", comment="HEAD has no body: the code is in a header", result="valid", flags=("Good",),
        request=made[-1].request, state=refused, decision=made[-1].decision,
    )  # fmt: skip
    refuses("head-unknown", "no upload there", "HEAD", _V, None, "subida_desconocida")
    refuses("head-expired", "to the millisecond", "HEAD", _V, expired, "subida_vencida")

    # PATCH
    patch = {**_V, **_OCTETS, "upload-offset": "1000"}
    appends = {"do": "append", "offset": 1000, "limit": _LENGTH - 1000, "checksum": ""}
    does("patch", "the rest, of a length not announced", "PATCH", patch, held, appends)
    does(
        "patch-with-length",
        "the rest, of the right length",
        "PATCH",
        {**patch, "content-length": str(_LENGTH - 1000)},
        held,
        appends,
    )
    does("patch-a-piece", "less than the rest", "PATCH", {**patch, "content-length": "1"}, held, appends)
    does(
        "patch-of-nothing",
        "an empty body is allowed",
        "PATCH",
        {**patch, "content-length": "0"},
        held,
        appends,
        "Unusual",
    )
    does(
        "patch-first-byte",
        "the first PATCH of an upload made by a session",
        "PATCH",
        {**patch, "upload-offset": "0"},
        none_yet,
        {**appends, "offset": 0, "limit": _LENGTH},
    )
    does(
        "patch-nothing-left",
        "every byte is here and no verdict: the empty PATCH asks for it",
        "PATCH",
        {**patch, "upload-offset": str(_LENGTH), "content-length": "0"},
        every_byte,
        {**appends, "offset": _LENGTH, "limit": 0},
        "Unusual",
    )
    does(
        "patch-with-checksum",
        "covers this body only",
        "PATCH",
        {**patch, "upload-checksum": f"sha256 {_digest(b'x')}"},
        held,
        {**appends, "checksum": hashlib.sha256(b"x").hexdigest()},
    )
    does(
        "patch-type-with-parameter",
        "media types may have parameters and any case",
        "PATCH",
        {**patch, "content-type": "Application/Offset+Octet-Stream; charset=binary"},
        held,
        appends,
        "Unusual",
    )
    at = {"Upload_Offset": "1000"}
    refuses(
        "patch-behind",
        "an offset that is held already: a duplicate",
        "PATCH",
        {**patch, "upload-offset": "0"},
        held,
        "tus_posicion",
        "Replay",
        **at,
    )
    refuses(
        "patch-ahead",
        "an offset that is not reached",
        "PATCH",
        {**patch, "upload-offset": "1001"},
        held,
        "tus_posicion",
        **at,
    )
    refuses(
        "patch-excess",
        "one byte more than announced at creation",
        "PATCH",
        {**patch, "content-length": str(_LENGTH - 999)},
        held,
        "tus_excede",
        **at,
    )
    refuses("patch-without-offset", "no Upload-Offset", "PATCH", {**_V, **_OCTETS}, held, "tus_cabecera", "Missing")
    for name, value in {
        "negative": "-1",
        "sign": "+1000",
        "zeros": "01000",
        "hex": "0x3e8",
        "float": "1000.0",
        "space": " 1000",
        "empty": "",
        "huge": "9" * 30,
        "arabic": "١٠٠٠",
        "list": "1000, 1000",
    }.items():
        refuses(
            f"patch-offset-{name}",
            "not a number as it should be written",
            "PATCH",
            {**patch, "upload-offset": value},
            held,
            "tus_cabecera",
            "Encoding",
        )
    refuses(
        "patch-length-negative",
        "a Content-Length below zero",
        "PATCH",
        {**patch, "content-length": "-5"},
        held,
        "tus_cabecera",
        "Encoding",
    )
    refuses(
        "patch-type-missing", "no Content-Type", "PATCH", {**_V, "upload-offset": "1000"}, held, "tus_tipo", "Missing"
    )
    refuses(
        "patch-type-other",
        "the usual type of bytes",
        "PATCH",
        {**patch, "content-type": "application/octet-stream"},
        held,
        "tus_tipo",
    )
    refuses(
        "patch-checksum-sha1",
        "an algorithm that is not offered",
        "PATCH",
        {**patch, "upload-checksum": "sha1 Lve95gjOVATpfV8EL5X4nxwjKHE="},
        held,
        "tus_algoritmo",
        "Algorithm",
    )
    refuses(
        "patch-checksum-upper-case",
        "names are compared as they are",
        "PATCH",
        {**patch, "upload-checksum": f"SHA256 {_digest(b'')}"},
        held,
        "tus_algoritmo",
        "Algorithm",
    )
    for name, value in {
        "hex": "sha256 " + "00" * 32,
        "short": "sha256 " + _b64(bytes(31)),
        "long": "sha256 " + _b64(bytes(33)),
        "nothing": "sha256",
        "not-base64": "sha256 ñ",
    }.items():
        refuses(
            f"patch-checksum-{name}",
            "not 32 bytes in Base64",
            "PATCH",
            {**patch, "upload-checksum": value},
            held,
            "tus_cabecera",
            "Encoding",
        )
    refuses("patch-unknown", "no upload there", "PATCH", patch, None, "subida_desconocida")
    refuses("patch-expired", "to the millisecond", "PATCH", patch, expired, "subida_vencida")
    done = {"Upload_Offset": str(_LENGTH)}
    answers(
        "patch-again-acusado",
        "the last PATCH, repeated after a lost answer: the same answer",
        "PATCH",
        patch,
        acknowledged,
        204,
        "Replay",
        **done,
        Acopio_Estado="acusado",
        Acopio_Acuse=_ACUSE,
    )
    answers(
        "patch-again-recibido",
        "the last PATCH, repeated while there is no acuse",
        "PATCH",
        {**patch, "upload-offset": "0", "content-length": str(_LENGTH)},
        received,
        204,
        "Replay",
        **done,
        Acopio_Estado="recibido",
    )
    refuses(
        "patch-again-refused",
        "the last PATCH, repeated after a refusal",
        "PATCH",
        patch,
        refused,
        "firma_invalida",
        "Replay",
        Upload_Offset=str(_LENGTH),
    )

    # DELETE
    does("delete", "a part", "DELETE", _V, held, {"do": "terminate"})
    does("delete-complete-unjudged", "every byte, no verdict", "DELETE", _V, every_byte, {"do": "terminate"}, "Unusual")
    does("delete-refused", "what was refused", "DELETE", _V, refused, {"do": "terminate"}, "Unusual")
    refuses("delete-acusado", "what has an acuse stays", "DELETE", _V, acknowledged, "tus_metodo")
    refuses("delete-recibido", "what was taken stays", "DELETE", _V, received, "tus_metodo")
    refuses("delete-unknown", "no upload there", "DELETE", _V, None, "subida_desconocida")
    refuses("delete-expired", "to the millisecond", "DELETE", _V, expired, "subida_vencida")

    # POST
    metadata = f"folio {_b64(_FOLIO)},codigo_integridad {_b64(_CODIGO)}"
    post = {**_V, "upload-length": str(_LENGTH), "upload-metadata": metadata}
    creates = {"do": "create", "length": _LENGTH, "folio": _FOLIO, "codigo": _CODIGO, "body": False, "checksum": ""}
    does("post", "creation", "POST", post, None, creates)
    does("post-empty-body", "Content-Length 0 is no body", "POST", {**post, "content-length": "0"}, None, creates)
    does(
        "post-with-body",
        "creation-with-upload",
        "POST",
        {**post, **_OCTETS, "content-length": "5"},
        None,
        {**creates, "body": True},
    )
    does(
        "post-with-body-in-pieces",
        "no length announced",
        "POST",
        {**post, **_OCTETS, "transfer-encoding": "chunked"},
        None,
        {**creates, "body": True},
    )
    does(
        "post-with-checksum",
        "of the body that follows",
        "POST",
        {**post, **_OCTETS, "content-length": "1", "upload-checksum": f"sha256 {_digest(b'x')}"},
        None,
        {**creates, "body": True, "checksum": hashlib.sha256(b"x").hexdigest()},
    )
    does(
        "post-metadata-with-more",
        "keys of other people's clients are passed over",
        "POST",
        {**post, "upload-metadata": f"filename {_b64('a.sobre')},empty,{metadata}"},
        None,
        creates,
        "Unusual",
    )
    does(
        "post-metadata-upper-case",
        "hex digits of either case",
        "POST",
        {**post, "upload-metadata": f"folio {_b64(_FOLIO)},codigo_integridad {_b64(_CODIGO.upper())}"},
        None,
        creates,
        "Unusual",
    )
    does(
        "post-smallest",
        "the smallest sobre",
        "POST",
        {**post, "upload-length": str(MIN_SOBRE)},
        None,
        {**creates, "length": MIN_SOBRE},
        "Unusual",
    )
    does(
        "post-largest",
        "the largest sobre",
        "POST",
        {**post, "upload-length": str(MAX_SOBRE)},
        None,
        {**creates, "length": MAX_SOBRE},
        "Unusual",
    )
    refuses(
        "post-too-large",
        "one byte over the limit",
        "POST",
        {**post, "upload-length": str(MAX_SOBRE + 1)},
        None,
        "sobre_demasiado_grande",
        "Range",
    )
    refuses(
        "post-too-small",
        "one byte under the smallest",
        "POST",
        {**post, "upload-length": str(MIN_SOBRE - 1)},
        None,
        "sobre_longitud",
        "Range",
    )
    refuses(
        "post-without-length",
        "no Upload-Length",
        "POST",
        {**_V, "upload-metadata": metadata},
        None,
        "tus_cabecera",
        "Missing",
    )
    refuses(
        "post-deferred-length",
        "creation-defer-length is not offered",
        "POST",
        {**_V, "upload-defer-length": "1", "upload-metadata": metadata},
        None,
        "tus_cabecera",
    )
    refuses(
        "post-length-negative",
        "not a number as it should be written",
        "POST",
        {**post, "upload-length": "-1"},
        None,
        "tus_cabecera",
        "Encoding",
    )
    refuses(
        "post-without-metadata",
        "no Upload-Metadata",
        "POST",
        {**_V, "upload-length": str(_LENGTH)},
        None,
        "tus_metadatos",
        "Missing",
    )
    bad_metadata = {
        "without-folio": f"codigo_integridad {_b64(_CODIGO)}",
        "without-code": f"folio {_b64(_FOLIO)}",
        "folio-wrong-check": f"folio {_b64(_FOLIO[:-1] + ('0' if _FOLIO[-1] != '0' else '1'))},codigo_integridad {_b64(_CODIGO)}",
        "folio-compact": f"folio {_b64(_FOLIO.replace('-', ''))},codigo_integridad {_b64(_CODIGO)}",
        "code-63-digits": f"folio {_b64(_FOLIO)},codigo_integridad {_b64(_CODIGO[:-1])}",
        "code-33-bytes": f"folio {_b64(_FOLIO)},codigo_integridad {_b64(_CODIGO + '00')}",
        "code-base64": f"folio {_b64(_FOLIO)},codigo_integridad {_digest(b'a sobre')}",
        "code-with-spaces": f"folio {_b64(_FOLIO)},codigo_integridad {_b64(_CODIGO[:32] + ' ' + _CODIGO[32:])}",
        "code-with-newline": f"folio {_b64(_FOLIO)},codigo_integridad {_b64(_CODIGO + chr(10))}",
    }
    for name, value in bad_metadata.items():
        refuses(
            f"post-metadata-{name}",
            "folio or código de integridad not as they should be",
            "POST",
            {**post, "upload-metadata": value},
            None,
            "tus_metadatos",
            "Encoding",
        )
    malformed = {
        "key-twice": f"{metadata},folio {_b64(_FOLIO)}",
        "not-base64": "folio ***",
        "two-spaces": "folio  Zm9v",
        "padding-missing": "folio Zg",
        "too-long": f"{metadata},a {'A' * 4096}",
    }
    for name, value in malformed.items():
        refuses(
            f"post-metadata-{name}",
            "not a list as tus has it",
            "POST",
            {**post, "upload-metadata": value},
            None,
            "tus_cabecera",
            "Encoding",
        )
    refuses(
        "post-body-type",
        "creation-with-upload of another type",
        "POST",
        {**post, "content-type": "image/jpeg", "content-length": "5"},
        None,
        "tus_tipo",
    )
    refuses(
        "post-body-too-long",
        "more bytes than the upload will have",
        "POST",
        {**post, **_OCTETS, "content-length": str(_LENGTH + 1)},
        None,
        "tus_excede",
    )
    refuses(
        "post-checksum-md5",
        "an algorithm that is not offered",
        "POST",
        {**post, **_OCTETS, "content-length": "1", "upload-checksum": "md5 1B2M2Y8AsgTpgAmY7PhCfg=="},
        None,
        "tus_algoritmo",
        "Algorithm",
    )
    return made


def _append() -> list[shape.AppendVector]:
    def vector(
        name: str, comment: str, *, keeps: bool, offset: int, code: str = "", flag: str = "Good", **ended: Any
    ) -> shape.AppendVector:
        body = {
            "limit": 1000,
            "checksum": False,
            "count": 400,
            "complete": True,
            "excess": False,
            "checksum_matches": True,
            **ended,
        }
        state = shape.Upload(length=1500, offset=offset, expires_ms=_LATER)
        verdict: dict[str, Any] = {"result": "valid"}
        if code:
            verdict = {"result": "invalid", "layer": CATALOGUE[code].layer.value, "code": code}
        return shape.AppendVector(
            tc_id=1,
            name=name,
            comment=comment,
            flags=(flag,),
            state=state,
            keeps=keeps,
            status=CATALOGUE[code].status if code else 204,
            offset=offset,
            **verdict,
            **body,
        )

    return [
        vector("body-whole", "a piece arrived", keeps=True, offset=900),
        vector("body-cut", "the line broke: what arrived stays", keeps=True, offset=900, complete=False),
        vector("body-empty", "nothing arrived", keeps=True, offset=500, count=0),
        vector("body-checksum-right", "a piece with its checksum", keeps=True, offset=900, checksum=True),
        vector(
            "body-checksum-wrong",
            "the piece goes, the offset stays",
            keeps=False,
            offset=500,
            checksum=True,
            checksum_matches=False,
            code="tus_checksum",
            flag="Transit",
        ),
        vector(
            "body-checksum-cut",
            "a checksum that cannot be said to hold",
            keeps=False,
            offset=500,
            checksum=True,
            complete=False,
            checksum_matches=False,
            code="tus_checksum",
            flag="Transit",
        ),
        vector(
            "body-excess",
            "more bytes than the upload has left",
            keeps=False,
            offset=500,
            count=1001,
            excess=True,
            code="tus_excede",
            flag="Length",
        ),
        vector(
            "body-excess-with-checksum",
            "more bytes than the upload has left",
            keeps=False,
            offset=500,
            count=1001,
            excess=True,
            checksum=True,
            code="tus_excede",
            flag="Length",
        ),
    ]


# --- The phone's half

_RAW = bytes(range(256)) * 2
_TUS = {"tus-resumable": "1.0.0"}


def _client() -> list[shape.ClientVector]:
    made: list[shape.ClientVector] = []
    prefix = {"acopio-prefix-sha256": hashlib.sha256(_RAW[:100]).hexdigest()}

    def then(
        name: str,
        comment: str,
        method: str,
        status: int,
        headers: dict[str, str],
        step: dict[str, Any],
        flag: str = "Good",
        *,
        offset: int = -1,
        restarts: int = 0,
    ) -> None:
        given = {**_TUS, **headers}
        reply = {key: value for key, value in given.items() if value}
        made.append(
            shape.ClientVector(
                tc_id=1, name=name, comment=comment, result="valid", flags=(flag,), url="/sync/subidas/a", length=len(_RAW), offset=offset, restarts=restarts,
                method=method, status=status, headers=reply, step=step,
            )
        )  # fmt: skip

    def error(
        name: str,
        comment: str,
        code: str,
        step: dict[str, Any],
        flag: str = "Good",
        *,
        method: str = "PATCH",
        restarts: int = 0,
        **headers: str,
    ) -> None:
        written = {key.replace("_", "-"): value for key, value in headers.items()}
        then(
            name,
            comment,
            method,
            CATALOGUE[code].status,
            {"acopio-codigo": code, **written},
            step,
            flag,
            restarts=restarts,
        )

    def upload(do: str, offset: int = -1, restarts: int = 0, **more: Any) -> dict[str, Any]:
        return {"do": do, "offset": offset, "restarts": restarts, **more}

    ask = upload("SendHead")
    delete = upload("SendDelete", restarts=1)
    then(
        "client-acuse",
        "the answer to the last PATCH",
        "PATCH",
        204,
        {"upload-offset": "512", "acopio-estado": "acusado", "acopio-acuse": _ACUSE},
        {"do": "Finished", "acuse": _ACUSE},
        offset=0,
    )
    then(
        "client-acuse-by-head",
        "the last answer was lost",
        "HEAD",
        200,
        {"upload-offset": "512", "acopio-estado": "acusado", "acopio-acuse": _ACUSE},
        {"do": "Finished", "acuse": _ACUSE},
    )
    then(
        "client-recibido",
        "complete, no acuse yet",
        "PATCH",
        204,
        {"upload-offset": "512", "acopio-estado": "recibido"},
        {"do": "Finished", "acuse": ""},
        offset=0,
    )
    then(
        "client-resumes",
        "a part is held and its prefix is ours",
        "HEAD",
        200,
        {"upload-offset": "100", "upload-length": "512", **prefix},
        upload("SendPatch", 100),
    )
    then(
        "client-resumes-without-prefix",
        "another tus server gives no prefix code",
        "HEAD",
        200,
        {"upload-offset": "100"},
        upload("SendPatch", 100),
        "Tus",
    )
    then("client-begins", "nothing is held", "HEAD", 200, {"upload-offset": "0"}, upload("SendPatch", 0))
    then(
        "client-prefix-differs",
        "what is held is damaged",
        "HEAD",
        200,
        {"upload-offset": "101", **prefix},
        delete,
        "Transit",
    )
    then(
        "client-prefix-differs-again",
        "for the fourth time",
        "HEAD",
        200,
        {"upload-offset": "101", **prefix},
        {"do": "Refused", "code": "integridad_distinta"},
        "Transit",
        restarts=3,
    )
    then("client-offset-beyond", "more than there is", "HEAD", 200, {"upload-offset": "513"}, delete, "Range")
    then(
        "client-offset-missing",
        "an answer that says nothing",
        "HEAD",
        200,
        {},
        upload("BackOff", retry_after=0, code="sin_codigo"),
        "Missing",
    )
    then(
        "client-offset-negative",
        "not a number as it should be",
        "HEAD",
        200,
        {"upload-offset": "-1"},
        upload("BackOff", retry_after=0, code="sin_codigo"),
        "Encoding",
    )
    then(
        "client-refused-by-head",
        "the refusal is in a header",
        "HEAD",
        200,
        {"upload-offset": "512", "acopio-codigo": "firma_invalida"},
        {"do": "Refused", "code": "firma_invalida"},
    )
    then(
        "client-piece-taken",
        "a server that takes less than was sent",
        "PATCH",
        204,
        {"upload-offset": "300"},
        upload("SendPatch", 300),
        "Unusual",
        offset=100,
    )
    then(
        "client-terminated",
        "the damaged upload is gone",
        "DELETE",
        204,
        {},
        {"do": "NeedSession", "code": "subida_desconocida"},
    )
    error(
        "client-delete-too-late",
        "another connection completed it: the session's answer will tell",
        "tus_metodo",
        {"do": "NeedSession", "code": "tus_metodo"},
        "Replay",
        method="DELETE",
    )

    error("client-position", "the server has another offset", "tus_posicion", ask, upload_offset="100")
    error("client-interrupted", "another connection went on", "subida_interrumpida", ask)
    error(
        "client-conflict",
        "the folio is there with other content",
        "folio_en_conflicto",
        {"do": "Refused", "code": "folio_en_conflicto"},
    )
    for code in ("token_invalido", "token_vencido", "subida_desconocida", "subida_vencida"):
        error(
            f"client-{code.replace('_', '-')}",
            "one session request, then on",
            code,
            {"do": "NeedSession", "code": code},
        )
    for code in ("integridad_distinta", "tus_checksum"):
        error(
            f"client-{code.replace('_', '-')}",
            "damaged on the way: from the beginning",
            code,
            upload("SendHead", restarts=1),
            "Transit",
        )
        error(
            f"client-{code.replace('_', '-')}-again",
            "for the fourth time",
            code,
            {"do": "Refused", "code": code},
            "Transit",
            restarts=3,
        )
    for code in (
        "firma_invalida",
        "cabecera_ajena",
        "sobre_no_abre",
        "contenido_invalido",
        "imagen_alterada",
        "periodo_cerrado",
        "dispositivo_desconocido",
        "sobre_demasiado_grande",
        "tus_metodo",
    ):
        error(
            f"client-{code.replace('_', '-')}",
            "kept, and said why; those behind go on",
            code,
            {"do": "Refused", "code": code},
        )
    for code in ("ocupado", "sin_espacio", "almacen_no_disponible", "interno", "demasiadas_solicitudes"):
        error(f"client-{code.replace('_', '-')}", "wait, and ask", code, upload("BackOff", retry_after=0, code=code))
    error(
        "client-retry-after",
        "as long as the server says",
        "ocupado",
        upload("BackOff", retry_after=30, code="ocupado"),
        retry_after="30",
    )
    error(
        "client-retry-after-an-hour",
        "never more than an hour",
        "ocupado",
        upload("BackOff", retry_after=3600, code="ocupado"),
        "Range",
        retry_after="86400",
    )
    error(
        "client-retry-after-date",
        "the other form of Retry-After is passed over",
        "ocupado",
        upload("BackOff", retry_after=0, code="ocupado"),
        "Encoding",
        retry_after="Mon, 28 Sep 2026 14:13:20 GMT",
    )

    portal = upload("BackOff", retry_after=0, code="no_es_el_servidor")
    nobody = {"tus-resumable": ""}
    then(
        "client-portal-200",
        "a captive portal says yes to everything",
        "PATCH",
        200,
        {**nobody, "content-type": "text/html"},
        portal,
        "Proxy",
        offset=0,
    )
    then("client-portal-302", "a captive portal sends elsewhere", "PATCH", 302, nobody, portal, "Proxy", offset=0)
    then("client-portal-404", "a 404 that is not ours changes nothing", "HEAD", 404, nobody, portal, "Proxy")
    then(
        "client-portal-acuse",
        "not even an acuse",
        "PATCH",
        204,
        {**nobody, "acopio-acuse": _ACUSE},
        portal,
        "Proxy",
        offset=0,
    )
    then("client-proxy-413", "a proxy's limit is not ours", "PATCH", 413, nobody, portal, "Proxy", offset=0)
    then(
        "client-proxy-502",
        "the proxy lives, the server does not",
        "PATCH",
        502,
        {**nobody, "retry-after": "5"},
        {**portal, "retry_after": 5},
        "Proxy",
        offset=0,
    )
    then("client-version-other", "another version of tus", "HEAD", 412, {"tus-resumable": "0.2.2"}, portal, "Tus")
    then(
        "client-code-unknown",
        "a code that a later server has",
        "PATCH",
        422,
        {"acopio-codigo": "motivo_nuevo"},
        upload("BackOff", retry_after=0, code="motivo_nuevo"),
        "Unknown",
    )
    then(
        "client-code-missing",
        "an error without a code",
        "PATCH",
        400,
        {},
        upload("BackOff", retry_after=0, code="sin_codigo"),
        "Missing",
    )
    return made


# --- The queue


def queue_groups() -> list[shape.Group]:
    """Every state with every event: what SPEC §8.5 allows, and all that it does not."""
    states = ("capturado", "ofrecido", "enviando", "recibido", "acusado", "borrado", "rechazado", "cuarentena")
    events = (
        "en_manifiesto",
        "bytes_enviados",
        "linea_cortada",
        "sin_acuse_aun",
        "acuse_verificado",
        "acuse_falso",
        "rechazado",
        "eliminado",
    )
    held = [state for state in states if state not in ("acusado", "borrado")]
    online = ("ofrecido", "enviando", "recibido")
    allowed = {
        **{(state, "en_manifiesto"): "ofrecido" for state in held},
        ("acusado", "en_manifiesto"): "acusado",
        ("ofrecido", "bytes_enviados"): "enviando",
        ("enviando", "bytes_enviados"): "enviando",
        ("ofrecido", "linea_cortada"): "ofrecido",
        ("enviando", "linea_cortada"): "ofrecido",
        **{(state, "sin_acuse_aun"): "recibido" for state in online},
        **{(state, "acuse_verificado"): "acusado" for state in (*held, "acusado")},
        **{(state, "acuse_falso"): "cuarentena" for state in held},
        **{(state, "rechazado"): "rechazado" for state in online},
        ("acusado", "eliminado"): "borrado",
    }
    tests = []
    for state in states:
        for event in events:
            then = allowed.get((state, event), "")
            verdict: dict[str, Any] = (
                {"result": "valid"} if then else {"result": "invalid", "layer": "service", "code": "interno"}
            )
            tests.append(
                shape.QueueVector(
                    tc_id=1, name=f"{state}-{event}".replace("_", "-"), comment=f"a {then}" if then else "no such transition", flags=("Good",) if then else ("Range",),
                    state=state, event=event, next=then, **verdict,
                )
            )  # fmt: skip
    return [shape.QueueTransition(tests=tuple(tests))]
