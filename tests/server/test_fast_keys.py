"""The server's fast keys accept and refuse exactly what the protocol's own do."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.fast_keys import FastOpeningKey, FastPrivateKey, FastPublicKey
from sync_protocol import sealing, sobre
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PrivateKey, PublicKey
from sync_protocol.vectors import run as vectors
from tests.factories import Phone

SEED = bytes(range(32))
PRIVATE = PrivateKey.from_scalar(bytes(31) + b"\7")
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@given(st.binary(max_size=200))
def test_the_same_signature_byte_for_byte(message: bytes) -> None:
    signature = FastPrivateKey(PRIVATE).sign(message)
    assert signature == PRIVATE.sign(message)
    assert FastPublicKey.from_point(PRIVATE.public.point).verify(message, signature)


@given(st.binary(min_size=1, max_size=80), st.data())
def test_the_same_verdict_on_any_signature(message: bytes, data: st.DataObject) -> None:
    plain, fast = PRIVATE.public, FastPublicKey.from_point(PRIVATE.public.point)
    good = PRIVATE.sign(message)
    r, s = int.from_bytes(good[:32], "big"), int.from_bytes(good[32:], "big")
    mauled = data.draw(
        st.one_of(
            st.binary(min_size=60, max_size=68),
            st.just(r.to_bytes(32, "big") + (N - s).to_bytes(32, "big")),
            st.just(bytes(64)),
            st.just(r.to_bytes(32, "big") + bytes(32)),
            st.just(r.to_bytes(32, "big") + N.to_bytes(32, "big")),
            st.just(good + b"\0"),
            st.integers(0, 511).map(lambda bit: (int.from_bytes(good, "big") ^ (1 << bit)).to_bytes(64, "big")),
        )
    )
    assert fast.verify(message, mauled) == plain.verify(message, mauled)


@pytest.mark.parametrize("point", [b"", bytes(65), b"\4" + bytes(64), b"\2" + bytes(32), b"\4" + b"\xff" * 64])
def test_the_same_verdict_on_a_point(point: bytes) -> None:
    for kind in (PublicKey, FastPublicKey):
        with pytest.raises(RemoteProtocolError):
            kind.from_point(point)


def test_the_same_key_opens_the_same_sobres_and_no_others() -> None:
    plain, fast = OpeningKey(SEED), FastOpeningKey(SEED)
    assert plain.public.raw == fast.public.raw
    phone = Phone(1, 2, 3, plain.public, PRIVATE)
    raw = phone.capture()
    parsed = sobre.parse(raw)
    assert sealing.open_sobre(parsed, plain) == sealing.open_sobre(parsed, fast)
    for where in [*range(0, 72, 5), *range(72, len(raw) - 64, 97), 72 + 1087, 72 + 1088, 72 + 1119, len(raw) - 65]:
        damaged = bytearray(raw)
        damaged[where] ^= 1
        sealed, info = memoryview(damaged)[72:-64], sealing.INFO_LABEL + bytes(damaged[:72])
        for key in (plain, fast):
            with pytest.raises(ValueError, match=r"."):
                key.unseal(sealed, info)
    other = FastOpeningKey(os.urandom(32))
    with pytest.raises(ValueError, match=r"."):
        other.unseal(parsed.sealed, sealing.INFO_LABEL + bytes(parsed.header))
    for length in (0, 1, 1119, 1120, 1135):
        for key in (plain, fast):
            with pytest.raises(ValueError, match=r"."):
                key.unseal(memoryview(bytes(length)), b"")


@pytest.mark.parametrize("name", vectors.FILES)
def test_every_vector_has_the_same_verdict(name: str) -> None:
    """The protocol's vectors, with the server's keys in the place of the protocol's own."""
    results = list(vectors.run_file(name, vectors.read_file(name), vectors.Keys(FastOpeningKey, FastPublicKey)))
    assert results
    assert [result for result in results if not result.ok] == []
