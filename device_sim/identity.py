"""Who a phone is: its key under a local password, and what its alta delivered (SPEC §7; row D1).

The password never leaves this module in any form: PBKDF2 makes a key of it that wraps the 32-byte secret scalar with
AES-256-GCM. Only sealing a capture and opening a session need the unwrapped key. Not here: talking to the server
(`enrolment`), sobres (`outbox`).
"""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from Crypto.Cipher import AES
from msgspec import Meta, structs

from device_sim.errors import PhoneError
from sync_protocol.alta import AltaAceptada
from sync_protocol.signing import PrivateKey

FILE = "identidad.json"
ITERATIONS = 600_000
MAX_ITERATIONS = 10_000_000
MIN_PASSWORD = 8
_LABEL = b"acopio/llave/v1\x00"


class WrappedKey(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A device key that can rest on disk. `point` is its public half; it is authenticated with the secret one."""

    point: Annotated[bytes, Meta(min_length=65, max_length=65)]
    salt: Annotated[bytes, Meta(min_length=16, max_length=16)]
    iterations: Annotated[int, Meta(ge=ITERATIONS, le=MAX_ITERATIONS)]
    nonce: Annotated[bytes, Meta(min_length=12, max_length=12)]
    sealed: Annotated[bytes, Meta(min_length=48, max_length=48)]


class Account(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The auxiliar that a phone belongs to, and the account that proves it."""

    solicitud: int
    auxiliar: int
    tipo_cuenta: Literal["google", "facebook", "x"]
    correo: str


class Identity(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the phone remembers of itself.

    `pending` is a key whose alta may already be known to the server: it is on disk before the request leaves, so that
    a lost reply, or the death of the phone, costs nothing but the same request again.
    """

    account: Account
    aviso: str
    key: WrappedKey | None = None
    alta: AltaAceptada | None = None
    pending: WrappedKey | None = None
    baja_ms: int | None = None
    v: Literal[1] = 1

    @property
    def registered(self) -> tuple[AltaAceptada, WrappedKey]:
        """The alta and its key. Raises PhoneError when there is none yet."""
        if self.alta is None or self.key is None:
            raise PhoneError("sin_alta", "Este teléfono todavía no está dado de alta.")
        return self.alta, self.key


def load(folder: Path) -> Identity | None:
    """The identity kept in a phone's folder, or None. Raises PhoneError when the file is not one."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Identity)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise PhoneError("identidad_danada", "El archivo de identidad del teléfono está dañado.") from error


def save(folder: Path, identity: Identity) -> None:
    """Replace the identity at once: after a crash the old one or the new one is there, whole."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{FILE}.nueva"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(identity))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / FILE)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def wrap(key: PrivateKey, password: str) -> WrappedKey:
    """The key, readable only with `password`. Raises PhoneError for a password that is too short."""
    if len(password) < MIN_PASSWORD:
        raise PhoneError("contrasena_corta", f"La contraseña local debe tener al menos {MIN_PASSWORD} caracteres.")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    cipher = AES.new(_derive(password, salt, ITERATIONS), AES.MODE_GCM, nonce=nonce)
    cipher.update(_LABEL + key.public.point)
    secret, tag = cipher.encrypt_and_digest(key.scalar)
    return WrappedKey(
        point=key.public.point, salt=salt, iterations=ITERATIONS, nonce=nonce, sealed=bytes(secret) + bytes(tag)
    )


def unwrap(wrapped: WrappedKey, password: str) -> PrivateKey:
    """The key again. Raises PhoneError `contrasena_incorrecta`; a file that was tampered with looks the same."""
    cipher = AES.new(_derive(password, wrapped.salt, wrapped.iterations), AES.MODE_GCM, nonce=wrapped.nonce)
    cipher.update(_LABEL + wrapped.point)
    try:
        return PrivateKey.from_scalar(bytes(cipher.decrypt_and_verify(wrapped.sealed[:-16], wrapped.sealed[-16:])))
    except ValueError as error:
        raise PhoneError("contrasena_incorrecta", "La contraseña local no es correcta.") from error


def unlock(identity: Identity, password: str) -> PrivateKey:
    """The key of a phone that is dado de alta. Raises PhoneError `sin_alta` or `contrasena_incorrecta`."""
    return unwrap(identity.registered[1], password)


def change_password(identity: Identity, old: str, new: str) -> Identity:
    """The same key under another password. A forgotten one cannot be changed: see `enrolment.enrol`, re-keying."""
    return structs.replace(identity, key=wrap(unlock(identity, old), new))


def with_pending_key(identity: Identity, password: str) -> tuple[Identity, PrivateKey]:
    """The key for an alta, to be saved before the request leaves: the one already pending, or a new one.

    A pending key under another password is replaced: nobody can use it any more.
    """
    if identity.pending is not None:
        try:
            return identity, unwrap(identity.pending, password)
        except PhoneError:
            pass
    key = PrivateKey.generate()
    return structs.replace(identity, pending=wrap(key, password)), key


def accepted(identity: Identity, alta: AltaAceptada) -> Identity:
    """After the server's answer: the pending key is the phone's key from here on."""
    assert identity.pending is not None
    return structs.replace(identity, key=identity.pending, pending=None, alta=alta, baja_ms=None)


def _derive(password: str, salt: bytes, iterations: int) -> bytes:
    # NFKC: the same password typed on another keyboard must give the same bytes.
    text = unicodedata.normalize("NFKC", password).encode()
    return hashlib.pbkdf2_hmac("sha256", text, salt, iterations, dklen=32)
