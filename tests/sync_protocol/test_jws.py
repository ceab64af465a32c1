"""Compact JWS: made here and read by others, made by others and read here (SPEC §5). The bad ones are in `jws.json`."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey

from sync_protocol import jws
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.signing import b64url
from tests.sync_protocol.material import DEVICE, OTHER_DEVICE

TYP = "acopio-prueba+jwt"
THEIRS = ECKey.import_key({**DEVICE.public.jwk(), "d": b64url(DEVICE.scalar)})


def read(token: str | bytes) -> jws.Unverified:
    return jws.parse(token, typ=TYP, max_length=4096)


@given(st.binary(max_size=300), st.text(min_size=1, max_size=20))
def test_signed_and_verified(payload: bytes, kid: str) -> None:
    token = jws.sign(payload, DEVICE, typ=TYP, kid=kid)
    unverified = read(token)
    assert (unverified.kid, unverified.jwk) == (kid, None)
    assert unverified.verified_by(DEVICE.public) == payload
    assert read(token.encode()).payload == payload
    with pytest.raises(RemoteProtocolError, match="jws_firma"):
        unverified.verified_by(OTHER_DEVICE.public)


@given(st.binary(max_size=100))
def test_another_library_agrees_both_ways(payload: bytes) -> None:
    ours = jws.sign(payload, DEVICE, typ=TYP, kid="7")
    assert joserfc_jws.deserialize_compact(ours, THEIRS, algorithms=["ES256"]).payload == payload
    theirs = joserfc_jws.serialize_compact({"alg": "ES256", "typ": TYP, "kid": "7"}, payload, THEIRS, ["ES256"])
    assert read(theirs).verified_by(DEVICE.public) == payload


def test_the_same_payload_gives_the_same_token() -> None:
    assert jws.sign(b"x", DEVICE, typ=TYP, kid="7") == jws.sign(b"x", DEVICE, typ=TYP, kid="7")


def test_with_jwk_the_key_goes_along_and_nothing_secret() -> None:
    token = jws.sign(b"x", DEVICE, typ=TYP, with_jwk=True)
    assert read(token).jwk == DEVICE.public.jwk()


@pytest.mark.parametrize(("kid", "with_jwk"), [("", False), ("7", True)])
def test_exactly_one_key_is_named(kid: str, with_jwk: bool) -> None:
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        read(jws.sign(b"x", DEVICE, typ=TYP, kid=kid, with_jwk=with_jwk))


def test_a_bit_of_every_character_never_verifies() -> None:
    token = jws.sign(b'{"hola":"mundo"}', DEVICE, typ=TYP, kid="7").encode()
    for at in range(len(token)):
        damaged = token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]
        with pytest.raises(RemoteProtocolError):
            read(damaged).verified_by(DEVICE.public)


def test_cut_at_every_character_it_never_verifies() -> None:
    token = jws.sign(b'{"hola":"mundo"}', DEVICE, typ=TYP, kid="7")
    for length in range(len(token)):
        with pytest.raises(RemoteProtocolError):
            read(token[:length]).verified_by(DEVICE.public)


def test_a_token_and_a_sobre_cannot_be_taken_for_each_other() -> None:
    """The same key signs both (SPEC §4): what is signed begins with `eyJ` in one, with `ACOPIO` in the other."""
    assert read(jws.sign(b"x", DEVICE, typ=TYP, kid="7")).signing_input.startswith(b"eyJ")
    head = json.dumps({"alg": "ES256", "typ": TYP, "kid": "7"}).encode()
    signed = f"ACOPIO{b64url(head)}.{b64url(b'x')}".encode()
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        read(signed + b"." + b64url(DEVICE.sign(signed)).encode())
