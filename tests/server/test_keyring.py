"""Keys are made once, wrapped, and opened by nothing but their own secret."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from server import keyring
from server.errors import ConfigurationError

SECRET = b"un archivo de llave con bastante azar dentro"


def test_made_once_loaded_often_and_never_in_clear(tmp_path: Path) -> None:
    keyring.create(tmp_path, SECRET, 1)
    first, second = keyring.load(tmp_path, SECRET), keyring.load(tmp_path, SECRET)
    assert first.firma.scalar == second.firma.scalar
    assert first.apertura.seed == second.apertura.seed
    assert list(first.publicas) == [first.firma.public.thumbprint]
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert first.firma.scalar not in content
    assert first.apertura.seed not in content
    assert (tmp_path / keyring.FILE).stat().st_mode & 0o077 == 0
    with pytest.raises(ConfigurationError, match="ya tiene llaves"):
        keyring.create(tmp_path, SECRET, 2)


def test_another_secret_a_damaged_file_or_none_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="acopio init"):
        keyring.load(tmp_path, SECRET)
    keyring.create(tmp_path, SECRET, 1)
    with pytest.raises(ConfigurationError, match="no es el de este servidor"):
        keyring.load(tmp_path, SECRET + b"x")
    path = tmp_path / keyring.FILE
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ConfigurationError, match="dañado"):
        keyring.load(tmp_path, SECRET)


def test_where_the_secret_comes_from(tmp_path: Path) -> None:
    key_file = tmp_path / "llave"
    with pytest.raises(ConfigurationError, match="Falta"):
        keyring.read_secret(None, None)
    with pytest.raises(ConfigurationError, match="No se pudo leer"):
        keyring.read_secret(key_file, None)
    key_file.write_text("corta\n")
    with pytest.raises(ConfigurationError, match="32"):
        keyring.read_secret(key_file, None)
    key_file.write_text("x" * 40 + "\n")
    assert keyring.read_secret(key_file, "una frase bastante larga") == b"x" * 40
    with pytest.raises(ConfigurationError, match="12"):
        keyring.read_secret(None, "corta")
    assert keyring.read_secret(None, "una frase bastante larga") == b"una frase bastante larga"


def test_small_secrets_open_for_their_purpose_alone(tmp_path: Path) -> None:
    keyring.create(tmp_path / "a", SECRET, 1)
    keyring.create(tmp_path / "b", SECRET, 1)
    keys, others = keyring.load(tmp_path / "a", SECRET), keyring.load(tmp_path / "b", SECRET)
    wrapped = keys.wrap("totp:7", b"secreto")
    assert b"secreto" not in wrapped
    assert wrapped != keys.wrap("totp:7", b"secreto"), "a nonce of its own each time"
    assert keyring.load(tmp_path / "a", SECRET).unwrap("totp:7", wrapped) == b"secreto"
    assert keys.unwrap("totp:8", wrapped) is None
    assert others.unwrap("totp:7", wrapped) is None
    for at in range(len(wrapped)):
        altered = bytearray(wrapped)
        altered[at] ^= 1
        assert keys.unwrap("totp:7", bytes(altered)) is None
    for length in range(len(wrapped)):
        assert keys.unwrap("totp:7", wrapped[:length]) is None


def test_a_keyed_hash_is_the_same_after_a_start_and_after_a_new_opening_key(tmp_path: Path) -> None:
    keyring.create(tmp_path / "a", SECRET, 1)
    keyring.create(tmp_path / "b", SECRET, 2)
    one, again, other = (keyring.load(tmp_path / name, SECRET) for name in ("a", "a", "b"))
    found = one.huella("identidad:cic", "123456789")
    assert len(found) == 16
    assert again.huella("identidad:cic", "123456789") == found
    assert other.huella("identidad:cic", "123456789") != found, "without the keys nobody can try them all"
    assert one.huella("identidad:ocr", "123456789") != found
    rotated = replace(one, apertura=other.apertura, aperturas={**one.aperturas, **other.aperturas})
    assert rotated.huella("identidad:cic", "123456789") == found
