"""A bucket of S3, or of a store that speaks it, as the second place: several PUTs at a time.

A lote is one object, `<prefix>0000000123.tar`, written with `If-None-Match: *` so that nothing is ever overwritten, and
with its SHA-256, which the store checks on arrival and keeps; both are asked back before the lote counts as taken. A
store that does not honour the condition is found at connection; each key is then looked at before it is written.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore import exceptions as failures
from botocore.config import Config

from server.diario.lote import file_name
from server.diario.places.folder import number_of
from server.diario.places.place import APARTADOS, Motivo, Moved, PlaceError, Taken

AT_ONCE = 8
_CONNECT_S = 10
_PROBE = "prueba"
_PROBE_CONTENT = b"acopio\n"
_UNCONDITIONAL = (
    "El depósito no respeta «If-None-Match»: se mira cada lote antes de escribirlo. Que nadie más escriba ahí."
)

_CODES = {
    "AccessDenied": Motivo.SIN_PERMISO,
    "AllAccessDisabled": Motivo.SIN_PERMISO,
    "ExpiredToken": Motivo.SIN_PERMISO,
    "InvalidAccessKeyId": Motivo.SIN_PERMISO,
    "SignatureDoesNotMatch": Motivo.SIN_PERMISO,
    "403": Motivo.SIN_PERMISO,
    "NoSuchBucket": Motivo.NO_ESTA,
    "NoSuchKey": Motivo.NO_ESTA,
    "404": Motivo.NO_ESTA,
    "InsufficientStorage": Motivo.LLENA,
    "QuotaExceeded": Motivo.LLENA,
    "XMinioStorageFull": Motivo.LLENA,
    "507": Motivo.LLENA,
    "RequestTimeTooSkewed": Motivo.RELOJ,
    "RequestTimeout": Motivo.NO_RESPONDE,
    "SlowDown": Motivo.NO_RESPONDE,
    "ServiceUnavailable": Motivo.NO_RESPONDE,
    "503": Motivo.NO_RESPONDE,
}
_EXISTS = ("PreconditionFailed", "412")
_NOT_KNOWN = ("NotImplemented", "501")


@dataclass(frozen=True)
class S3Address:
    """Which bucket, and where. `prefix` is empty or ends with `/`. Credentials come from the environment, as ever."""

    bucket: str
    prefix: str
    endpoint: str | None = None
    region: str | None = None
    ca: Path | None = None


class S3Place:
    """A bucket. The client is made once: that costs half a second of a processor."""

    clase = "s3"

    def __init__(self, address: S3Address, *, espera_s: float) -> None:
        """`espera_s`: how long a request may be silent."""
        self._address = address
        self._espera_s = espera_s
        self._client: Any = None
        self._reached = False
        self._conditional = True
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="segunda-copia-s3")
        self.nota = ""

    def describe(self) -> str:
        return f"S3 {self._address.bucket}/{self._address.prefix}"

    # -- the protocol -------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        self.close()
        self._reached = True
        if self._client is None:
            self._client = self._new_client()
        self._create(_PROBE, _PROBE_CONTENT)
        self._conditional = self._create(_PROBE, _PROBE_CONTENT) is False
        self.nota = "" if self._conditional else _UNCONDITIONAL

    def _new_client(self) -> Any:
        address = self._address
        try:
            return _session().client(
                "s3",
                endpoint_url=address.endpoint,
                region_name=address.region,
                verify=str(address.ca) if address.ca else None,
                config=Config(
                    connect_timeout=min(_CONNECT_S, self._espera_s),
                    read_timeout=self._espera_s,
                    retries={"total_max_attempts": 1},  # retrying is the copier's part
                    max_pool_connections=AT_ONCE,
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    # A store of one's own seldom has a name for each bucket. The signature covers the content.
                    s3={"addressing_style": "path" if address.endpoint else "auto", "payload_signing_enabled": True},
                ),
            )
        except (failures.BotoCoreError, ValueError) as error:
            raise _as_place_error(error) from error

    def listing(self, moved: Moved) -> Mapping[int, int]:
        found: dict[int, int] = {}
        asked = {"Bucket": self._address.bucket, "Prefix": self._address.prefix, "Delimiter": "/"}
        try:
            for page in self._made().get_paginator("list_objects_v2").paginate(**asked):
                moved()
                for entry in page.get("Contents", ()):
                    numero = number_of(entry["Key"][len(self._address.prefix) :])
                    if numero is not None:
                        found[numero] = entry["Size"]
        except (failures.BotoCoreError, failures.ClientError) as error:
            raise _as_place_error(error) from error
        return found

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        pool = self._pool
        try:
            tasks = {pool.submit(self._put_one, numero, path, moved): numero for numero, path in group}
        except RuntimeError as error:
            raise PlaceError(Motivo.SIN_CONEXION, "sin conexión") from error
        failure: BaseException | None = None
        for task in as_completed(tasks):
            went_wrong = task.exception()
            if went_wrong is None:
                taken(tasks[task])
            failure = failure or went_wrong
        if failure is not None:
            raise failure

    def read(self, numero: int, posicion: int, tam: int) -> bytes:
        if not tam:
            return b""
        span = f"bytes={posicion}-{posicion + tam - 1}"
        try:
            return self._body(self._call("get_object", Key=self._key(file_name(numero)), Range=span))
        except PlaceError as error:
            if _code(error.__cause__) == "InvalidRange":  # past the end
                return b""
            raise

    def checksum(self, numero: int) -> bytes | None:
        head = self._head(file_name(numero))
        return _checksum(head) if head else None

    def set_aside(self, numero: int, marca: str) -> None:
        key = self._key(file_name(numero))
        source = {"Bucket": self._address.bucket, "Key": key}
        self._call("copy_object", Key=self._key(f"{APARTADOS}/{numero:010d}.{marca}.tar"), CopySource=source)
        self._call("delete_object", Key=key)

    def load(self, nombre: str) -> bytes | None:
        try:
            return self._body(self._call("get_object", Key=self._key(nombre)))
        except PlaceError as error:
            if error.motivo is Motivo.NO_ESTA:
                return None
            raise

    def store(self, nombre: str, content: bytes) -> None:
        self._call("put_object", Key=self._key(nombre), Body=content, ChecksumSHA256=_b64(_sha256(content)))

    def close(self) -> None:
        self._reached = False
        pool, self._pool = self._pool, ThreadPoolExecutor(AT_ONCE, thread_name_prefix="segunda-copia-s3")
        pool.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            self._client.close()  # its idle connections; it makes new ones when it is used again

    # -- one object ---------------------------------------------------------------------------------------------------

    def _put_one(self, numero: int, path: Path, moved: Moved) -> None:
        content = path.read_bytes()
        name, digest = file_name(numero), _sha256(content)
        if self._conditional:
            new = self._create(name, content, digest, moved)
        else:
            new = self._head(name) is None
            if new:
                self._create(name, content, digest, moved, conditional=False)
        head = self._head(name)
        if head is None or head["ContentLength"] != len(content):
            if new:
                raise PlaceError(Motivo.FALLA, f"el depósito dijo tener el lote {numero} y no lo tiene entero")
            raise PlaceError(Motivo.DISTINTA, f"ya había otro lote {numero}")
        kept = _checksum(head)
        if kept is None and not new:
            kept = _sha256(self.load(name) or b"")
        if kept not in (None, digest):
            raise PlaceError(Motivo.DISTINTA, f"el lote {numero} no es el que se envió")
        moved()

    def _create(
        self, name: str, content: bytes, digest: bytes = b"", moved: Moved = lambda: None, *, conditional: bool = True
    ) -> bool:
        """Write an object; with the condition, says False where one was there already."""
        more = {"IfNoneMatch": "*"} if conditional else {}
        try:
            self._call(
                "put_object", Key=self._key(name), Body=_Watched(content, moved), ContentLength=len(content),
                ChecksumSHA256=_b64(digest or _sha256(content)), **more,
            )  # fmt: skip
        except PlaceError as error:
            code = _code(error.__cause__)
            if conditional and code in _EXISTS:
                return False
            if conditional and code in _NOT_KNOWN:
                return self._create(name, content, digest, moved, conditional=False)
            raise
        return True

    def _head(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._call("head_object", Key=self._key(name), ChecksumMode="ENABLED")
        except PlaceError as error:
            if error.motivo is Motivo.NO_ESTA:
                return None
            raise
        return found

    def _body(self, answer: Mapping[str, Any]) -> bytes:
        try:
            content: bytes = answer["Body"].read()
        except (failures.BotoCoreError, failures.HTTPClientError) as error:
            raise _as_place_error(error) from error
        return content

    def _call(self, operation: str, **arguments: Any) -> Any:
        try:
            return getattr(self._made(), operation)(Bucket=self._address.bucket, **arguments)
        except (failures.BotoCoreError, failures.ClientError) as error:
            raise _as_place_error(error) from error

    def _made(self) -> Any:
        if not self._reached:
            raise PlaceError(Motivo.SIN_CONEXION, "sin conexión")
        return self._client

    def _key(self, name: str) -> str:
        return self._address.prefix + name


@functools.cache
def _session() -> Any:
    """One for the process: it keeps the description of the service, which takes long to read."""
    return boto3.session.Session()


class _Watched(io.BytesIO):
    """A body that tells when a piece of it goes."""

    def __init__(self, content: bytes, moved: Moved) -> None:
        super().__init__(content)
        self._moved = moved

    def read(self, size: int | None = -1, /) -> bytes:
        self._moved()
        return super().read(size)


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _checksum(head: Mapping[str, Any]) -> bytes | None:
    kept = head.get("ChecksumSHA256")
    # A checksum of checksums (an object sent in parts) says nothing that can be compared.
    return base64.b64decode(kept) if kept and "-" not in kept else None


def _code(error: BaseException | None) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, failures.ClientError) else ""


_BY_KIND: Iterable[tuple[tuple[type[Exception], ...], Motivo]] = (
    ((failures.SSLError,), Motivo.IDENTIDAD),
    ((failures.ReadTimeoutError, failures.ConnectTimeoutError), Motivo.NO_RESPONDE),
    (
        (failures.NoCredentialsError, failures.PartialCredentialsError, failures.CredentialRetrievalError),
        Motivo.SIN_PERMISO,
    ),
    ((failures.HTTPClientError, failures.ConnectionError), Motivo.SIN_CONEXION),
)


def _as_place_error(error: Exception) -> PlaceError:
    if isinstance(error, failures.ClientError):
        code = _code(error)
        status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        return PlaceError(_CODES.get(code) or _CODES.get(status) or Motivo.FALLA, code or status)
    for kinds, motivo in _BY_KIND:
        if isinstance(error, kinds):
            return PlaceError(motivo, type(error).__name__)
    return PlaceError(Motivo.FALLA, type(error).__name__)
