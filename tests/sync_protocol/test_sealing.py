"""The seal: opens for its key only, and differs every time (SPEC §3.3)."""

from __future__ import annotations

import pytest
from Crypto.PublicKey import Hybrid

from sync_protocol import sealing, sobre
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.sealing import OpeningKey, SealingKey
from sync_protocol.vectors import generate
from tests.sync_protocol.material import DEVICE, FOLIO, FORGE, OPENING, seal


def test_sealed_and_opened() -> None:
    raw = sealing.seal(
        b"hola", tipo=sobre.Tipo.APOYO, folio=FOLIO, anterior=b"\x01" * 32, to=OPENING.public, signed_by=DEVICE
    )
    assert sealing.open_sobre(sobre.parse(raw), OPENING) == b"hola"


def test_the_same_content_never_gives_the_same_sobre() -> None:
    one, other = sobre.parse(seal()), sobre.parse(seal())
    assert bytes(one.enc) != bytes(other.enc)
    assert bytes(one.ciphertext) != bytes(other.ciphertext)


def test_a_phone_that_knows_the_public_key_only_can_seal() -> None:
    public = SealingKey.from_bytes(OPENING.public.raw)
    assert public.key_id == OPENING.public.key_id
    raw = sealing.seal(b"x", tipo=sobre.Tipo.APOYO, folio=FOLIO, anterior=b"\x01" * 32, to=public, signed_by=DEVICE)
    assert sealing.open_sobre(sobre.parse(raw), OpeningKey(OPENING.seed)) == b"x"


def test_another_key_is_told_apart_by_its_name() -> None:
    with pytest.raises(RemoteProtocolError, match="llave_desconocida"):
        sealing.open_sobre(sobre.parse(seal()), FORGE.other_opening)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_seed_is_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="32"):
        OpeningKey(bytes(length))


def test_two_seeds_two_keys() -> None:
    assert OpeningKey(bytes(32)).public.raw != OpeningKey(bytes(31) + b"\x01").public.raw


def test_the_forge_seals_as_the_protocol_does() -> None:
    """Same randomness, same bytes: the vectors' second way of writing a sobre has not drifted from the first."""
    header = FORGE.header(4 + 16, anterior=b"\x01" * 32)
    sealed = FORGE.seal(b"hola", sealing.INFO_LABEL + header, "a test")
    with generate.fixed_randomness(sealed.randomness):
        raw = sealing.seal(
            b"hola", tipo=sobre.Tipo.APOYO, folio=FOLIO, anterior=b"\x01" * 32, to=OPENING.public, signed_by=DEVICE
        )
    unsigned = header + sealed.enc + sealed.ciphertext
    assert raw == unsigned + DEVICE.sign_low_s(unsigned)


def test_fixed_randomness_ends_with_its_block() -> None:
    before = Hybrid.get_random_bytes
    with pytest.raises(RuntimeError), generate.fixed_randomness(bytes(64)):
        raise RuntimeError
    assert Hybrid.get_random_bytes is before
