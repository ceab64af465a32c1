"""The phone's key under its local password (SPEC §7; row D1)."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from device_sim import identity
from device_sim.errors import PhoneError
from device_sim.identity import ITERATIONS, Account, Identity, WrappedKey
from sync_protocol.signing import PrivateKey
from tests.device_sim.fake_server import FakeServer

PASSWORD = "una contraseña larga"
ACCOUNT = Account(solicitud=1, auxiliar=2, tipo_cuenta="google", correo="a@ejemplo.mx")


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return PrivateKey.generate()


@pytest.fixture(scope="module")
def wrapped(key: PrivateKey) -> WrappedKey:
    return identity.wrap(key, PASSWORD)


@pytest.fixture
def known(wrapped: WrappedKey) -> Identity:
    return Identity(account=ACCOUNT, aviso="1", key=wrapped, alta=FakeServer().accepted(7))


def test_the_right_password_gives_the_key(key: PrivateKey, wrapped: WrappedKey) -> None:
    assert identity.unwrap(wrapped, PASSWORD).scalar == key.scalar
    assert wrapped.point == key.public.point
    assert wrapped.iterations >= ITERATIONS == 600_000


@pytest.mark.parametrize("wrong", ["", "una contraseña larg", PASSWORD + " ", PASSWORD.upper()])
def test_a_wrong_password_gives_nothing(wrapped: WrappedKey, wrong: str) -> None:
    with pytest.raises(PhoneError) as caught:
        identity.unwrap(wrapped, wrong)
    assert caught.value.code == "contrasena_incorrecta"


def test_the_same_password_typed_in_another_form_is_the_same(wrapped: WrappedKey, key: PrivateKey) -> None:
    assert identity.unwrap(wrapped, PASSWORD.replace("ñ", "n\u0303")).scalar == key.scalar


@pytest.mark.parametrize("field", ["point", "salt", "nonce", "sealed"])
def test_a_file_that_was_changed_opens_nothing(wrapped: WrappedKey, field: str) -> None:
    value = bytearray(getattr(wrapped, field))
    value[-1] ^= 1
    with pytest.raises(PhoneError):
        identity.unwrap(structs.replace(wrapped, **{field: bytes(value)}), PASSWORD)


def test_two_wrappings_share_nothing(key: PrivateKey, wrapped: WrappedKey) -> None:
    again = identity.wrap(key, PASSWORD)
    assert (again.salt, again.nonce) != (wrapped.salt, wrapped.nonce)
    assert again.sealed != wrapped.sealed


def test_short_passwords_are_not_taken(key: PrivateKey) -> None:
    with pytest.raises(PhoneError) as caught:
        identity.wrap(key, "siete77")
    assert caught.value.code == "contrasena_corta"


def test_change_of_password(known: Identity, key: PrivateKey) -> None:
    changed = identity.change_password(known, PASSWORD, "otra contraseña")
    assert identity.unlock(changed, "otra contraseña").scalar == key.scalar
    with pytest.raises(PhoneError):
        identity.unlock(changed, PASSWORD)
    with pytest.raises(PhoneError):
        identity.change_password(changed, PASSWORD, "una tercera")


def test_neither_key_nor_password_is_in_the_file(tmp_path: Path, known: Identity, key: PrivateKey) -> None:
    identity.save(tmp_path, known)
    written = (tmp_path / identity.FILE).read_bytes()
    decoded = msgspec.json.decode(written)
    assert key.scalar not in written
    assert key.scalar.hex() not in repr(decoded)
    assert PASSWORD.encode() not in written
    assert (tmp_path / identity.FILE).stat().st_mode & 0o077 == 0
    assert identity.load(tmp_path) == known


def test_a_torn_file_is_said_so(tmp_path: Path, known: Identity) -> None:
    assert identity.load(tmp_path) is None
    identity.save(tmp_path, known)
    path = tmp_path / identity.FILE
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(PhoneError) as caught:
        identity.load(tmp_path)
    assert caught.value.code == "identidad_danada"


def test_fewer_iterations_than_promised_are_not_read(tmp_path: Path, known: Identity) -> None:
    identity.save(tmp_path, known)
    path = tmp_path / identity.FILE
    path.write_bytes(path.read_bytes().replace(b'"iterations":600000', b'"iterations":1'))
    with pytest.raises(PhoneError):
        identity.load(tmp_path)


def test_the_pending_key_outlives_a_restart(tmp_path: Path) -> None:
    started, key = identity.with_pending_key(Identity(account=ACCOUNT, aviso="1"), PASSWORD)
    identity.save(tmp_path, started)
    found = identity.load(tmp_path)
    assert found is not None
    again, same = identity.with_pending_key(found, PASSWORD)
    assert same.scalar == key.scalar
    assert again == found


def test_a_pending_key_whose_password_is_lost_is_replaced() -> None:
    started, key = identity.with_pending_key(Identity(account=ACCOUNT, aviso="1"), PASSWORD)
    _, other = identity.with_pending_key(started, "otra contraseña")
    assert other.scalar != key.scalar
