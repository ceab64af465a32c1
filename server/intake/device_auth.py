"""Who is speaking: a device by its keys, an upload by its session's token; before any body is read."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from server.clock import Clock
from server.errors import AppError
from server.fast_keys import FastPublicKey
from server.store import dispositivos, sesiones
from server.store.connection import Connection
from sync_protocol.signing import PublicKey

_CACHE = 4096


@dataclass(frozen=True, slots=True)
class Phone:
    """A device with its keys ready to verify, newest first."""

    id: int
    auxiliar: int
    solicitud: int
    baja_ms: int | None
    llaves: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a bearer token stands for."""

    sesion_id: int
    dispositivo: int
    vence_ms: int


def token_digest(token: str) -> bytes:
    """The form in which tokens are stored."""
    return hashlib.sha256(token.encode("ascii", "replace")).digest()


class DeviceAuth:
    """Looks devices and tokens up in the index, and remembers them: parsing a public key costs a millisecond."""

    def __init__(self, reader: Connection, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._phones: OrderedDict[int, Phone] = OrderedDict()
        self._grants: OrderedDict[bytes, Grant] = OrderedDict()

    def phone(self, id_: int) -> Phone:
        """A device that has, or once had, an alta. Raises AppError `dispositivo_desconocido`."""
        known = self._phones.get(id_)
        if known is not None:
            self._phones.move_to_end(id_)
            return known
        row = dispositivos.get(self._reader, id_)
        if row is None:
            raise AppError("dispositivo_desconocido")
        llaves = tuple(FastPublicKey.from_point(punto) for punto in row.llaves)
        phone = Phone(row.id, row.auxiliar_id, row.solicitud, row.baja_ms, llaves)
        self._phones[id_] = phone
        if len(self._phones) > _CACHE:
            self._phones.popitem(last=False)
        return phone

    def forget(self, id_: int) -> None:
        """A device has changed: alta of a key, or baja."""
        self._phones.pop(id_, None)

    def grant(self, authorization: str | None) -> Grant:
        """The session behind an Authorization header. Raises AppError `token_invalido` or `token_vencido`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > 200:
            raise AppError("token_invalido")
        digest = token_digest(token)
        grant = self._grants.get(digest)
        if grant is None:
            row = sesiones.by_token(self._reader, digest)
            if row is None:
                raise AppError("token_invalido")
            grant = self._grants[digest] = Grant(row.id, row.dispositivo_id, row.vence_ms)
            if len(self._grants) > _CACHE:
                self._grants.popitem(last=False)
        if self._clock() >= grant.vence_ms:
            raise AppError("token_vencido")
        return grant
