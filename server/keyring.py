"""The server's private keys: made once, wrapped by a passphrase or a key file that lies outside the data folder.

Two kinds: `firma` (ECDSA P-256, signs acuses) and `apertura` (X-Wing, opens sobres). Older ones stay: a retired
signing key is still published, a retired opening key still opens what was sealed to it. Nothing here is ever in the
database, and nothing is on disk in clear.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from Crypto.Cipher import AES
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF, scrypt

from server.errors import ConfigurationError
from server.fast_keys import FastOpeningKey, FastPrivateKey
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey, PublicKey

FILE = "llaves.json"
_SCRYPT_N = 2**15
_KEY_ID = 8
_NONCE = 12
_TAG = 16


class _Wrapped(msgspec.Struct, forbid_unknown_fields=True):
    clase: str
    nombre: str
    creada_ms: int
    nonce: bytes
    cifrada: bytes


class _File(msgspec.Struct, forbid_unknown_fields=True):
    sal: bytes
    llaves: list[_Wrapped]
    v: int = 1


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys in memory. `firma` and `apertura` are the ones in use; the mappings hold the retired ones too."""

    firma: PrivateKey
    publicas: Mapping[str, PublicKey]
    """Public halves by thumbprint: the JWKS."""
    apertura: OpeningKey
    aperturas: Mapping[bytes, OpeningKey]
    """Opening keys by the key id that sobres name, oldest first."""

    def wrap(self, purpose: str, plain: bytes) -> bytes:
        """Seal a small secret that must rest in the index, or in a person's browser, and be read only by this server.

        `purpose` says what it is and whose (`totp:7`): what was wrapped for one purpose opens for no other. Key id (8)
        | nonce (12) | AES-256-GCM. The key is derived from the opening key in use by HKDF-SHA256, never that key.
        """
        nonce = secrets.token_bytes(_NONCE)
        key_id = self.apertura.public.key_id
        cipher = AES.new(_derived(self.apertura, purpose), AES.MODE_GCM, nonce=nonce)
        ciphertext, tag = cipher.encrypt_and_digest(plain)
        return key_id + nonce + ciphertext + tag

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes | None:
        """What `wrap` sealed, by retired keys too. None when it was altered, is another's, or its key is gone."""
        key = self.aperturas.get(wrapped[:_KEY_ID])
        if key is None or len(wrapped) < _KEY_ID + _NONCE + _TAG:
            return None
        cipher = AES.new(_derived(key, purpose), AES.MODE_GCM, nonce=wrapped[_KEY_ID : _KEY_ID + _NONCE])
        try:
            return cipher.decrypt_and_verify(wrapped[_KEY_ID + _NONCE : -_TAG], wrapped[-_TAG:])
        except ValueError:
            return None

    def huella(self, purpose: str, text: str) -> bytes:
        """A keyed hash of `text`, 16 bytes: equal texts of one purpose have equal hashes, and whoever has the index
        without these keys learns nothing from them, not even by trying every clave there is.

        HMAC-SHA256 with a key derived from the OLDEST opening key. Keys are added and never taken away, so a new one
        leaves every hash as it was: those of before and after it can be compared, and none must be made again.
        """
        oldest = next(iter(self.aperturas.values()))
        key = HKDF(oldest.seed, 32, b"", SHA256, 1, b"acopio/huella/v1\x00" + purpose.encode())
        assert isinstance(key, bytes)
        return hmac.digest(key, text.encode(), "sha256")[:16]


def read_secret(key_file: Path | None, passphrase: str | None) -> bytes:
    """What wraps the keys. Raises ConfigurationError when neither is given or the file cannot be read."""
    if key_file is not None:
        try:
            secret = key_file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationError(
                f"No se pudo leer el archivo de llave {key_file.name} (ACOPIO_LLAVE_ARCHIVO)."
            ) from error
        if len(secret) < 32:
            raise ConfigurationError(
                "El archivo de llave debe tener al menos 32 caracteres: cree uno con «acopio init»."
            )
        return secret
    if passphrase:
        if len(passphrase) < 12:
            raise ConfigurationError("ACOPIO_FRASE debe tener al menos 12 caracteres.")
        return passphrase.encode()
    raise ConfigurationError("Falta ACOPIO_LLAVE_ARCHIVO o ACOPIO_FRASE: sin ella no se abren las llaves del servidor.")


def create(folder: Path, secret: bytes, now_ms: int, sal: bytes | None = None) -> None:
    """Make the first keys. Raises ConfigurationError when there are some: they are never overwritten.

    `sal`: 16 bytes of its own for each server; random unless given.
    """
    path = folder / FILE
    if path.exists():
        raise ConfigurationError("Este servidor ya tiene llaves; no se reemplazan.")
    # Each by itself: `parents=True` would leave the data folder open to the whole box.
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    sal = sal or secrets.token_bytes(16)
    wrapping = _wrapping_key(secret, sal)
    signing = PrivateKey.generate()
    opening = OpeningKey(secrets.token_bytes(32))
    entries = [
        _wrap(wrapping, "firma", signing.public.thumbprint, signing.scalar, now_ms),
        _wrap(wrapping, "apertura", opening.public.key_id.hex(), opening.seed, now_ms),
    ]
    _write(path, msgspec.json.encode(_File(sal, entries)))


def _write(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    temporary.rename(path)
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@dataclass(frozen=True, slots=True)
class LlaveListada:
    """A key as anyone may know it. `clase`: firma or apertura; `nombre`: its thumbprint or key id."""

    clase: str
    nombre: str
    creada_ms: int


def listed(folder: Path) -> list[LlaveListada]:
    """Every key that is kept, oldest first, without opening any. Raises OSError or msgspec.MsgspecError."""
    file = msgspec.json.decode((folder / FILE).read_bytes(), type=_File)
    found = [LlaveListada(entry.clase, entry.nombre, entry.creada_ms) for entry in file.llaves]
    return sorted(found, key=lambda one: (one.creada_ms, one.clase))


def load(folder: Path, secret: bytes) -> Keyring:
    """Unwrap every key. Raises ConfigurationError when the secret is not the one that wrapped them."""
    try:
        file = msgspec.json.decode((folder / FILE).read_bytes(), type=_File)
    except FileNotFoundError as error:
        raise ConfigurationError("Este servidor aún no tiene llaves: ejecute «acopio init».") from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError("El archivo de llaves está dañado: restáurelo de su respaldo.") from error
    wrapping = _wrapping_key(secret, file.sal)
    firmas: dict[str, PrivateKey] = {}
    aperturas: dict[bytes, OpeningKey] = {}
    for entry in sorted(file.llaves, key=lambda entry: entry.creada_ms):
        plain = _unwrap(wrapping, entry)
        if entry.clase == "firma":
            firmas[entry.nombre] = FastPrivateKey(PrivateKey.from_scalar(plain))
        else:
            key = FastOpeningKey(plain)
            aperturas[key.public.key_id] = key
    if not firmas or not aperturas:
        raise ConfigurationError("El archivo de llaves está incompleto: restáurelo de su respaldo.")
    publicas = {name: key.public for name, key in firmas.items()}
    return Keyring(list(firmas.values())[-1], publicas, list(aperturas.values())[-1], aperturas)


def signing_names(folder: Path) -> frozenset[str]:
    """Thumbprints of the keys that sign acuses, which are not secret. Empty when there is no file that can be read."""
    try:
        file = msgspec.json.decode((folder / FILE).read_bytes(), type=_File)
    except (OSError, msgspec.MsgspecError):
        return frozenset()
    return frozenset(entry.nombre for entry in file.llaves if entry.clase == "firma")


def _derived(key: OpeningKey, purpose: str) -> bytes:
    derived = HKDF(key.seed, 32, b"", SHA256, 1, b"acopio/guardado/v1\x00" + purpose.encode())
    assert isinstance(derived, bytes)
    return derived


def _wrapping_key(secret: bytes, sal: bytes) -> bytes:
    derived = scrypt(secret, sal, 32, N=_SCRYPT_N, r=8, p=1)
    assert isinstance(derived, bytes)
    return derived


def _wrap(key: bytes, clase: str, nombre: str, plain: bytes, now_ms: int) -> _Wrapped:
    nonce = secrets.token_bytes(12)
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce)
    cipher.update(f"{clase}|{nombre}".encode())
    ciphertext, tag = cipher.encrypt_and_digest(plain)
    return _Wrapped(clase, nombre, now_ms, nonce, ciphertext + tag)


def _unwrap(key: bytes, entry: _Wrapped) -> bytes:
    cipher = AES.new(key, AES.MODE_GCM, nonce=entry.nonce)
    cipher.update(f"{entry.clase}|{entry.nombre}".encode())
    try:
        return cipher.decrypt_and_verify(entry.cifrada[:-16], entry.cifrada[-16:])
    except ValueError as error:
        raise ConfigurationError("La frase o el archivo de llave no es el de este servidor.") from error
