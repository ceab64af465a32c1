"""ECDSA and the forms of keys, against published values and libraries that are not ours (SPEC §4)."""

# ruff: noqa: E501  (published values, one a line)

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from sync_protocol.errors import RemoteProtocolError
from sync_protocol.signing import PrivateKey, PublicKey, b64url, b64url_decode
from tests.sync_protocol.material import DEVICE, OTHER_DEVICE

RFC_6979 = PrivateKey.from_scalar(bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"))


@pytest.mark.parametrize(
    ("message", "signature"),
    [
        (b"sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"),
        (b"test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"),
    ],
)  # fmt: skip
def test_rfc_6979_appendix_a_2_5(message: bytes, signature: str) -> None:
    assert RFC_6979.sign(message) == bytes.fromhex(signature)
    assert RFC_6979.public.point[1:5].hex() == "60fed4ba"


@given(st.binary(max_size=200))
def test_another_library_accepts_ours_and_we_accept_its(message: bytes) -> None:
    theirs = ec.derive_private_key(int.from_bytes(DEVICE.scalar, "big"), ec.SECP256R1())
    ours = DEVICE.sign(message)
    der = encode_dss_signature(int.from_bytes(ours[:32], "big"), int.from_bytes(ours[32:], "big"))
    theirs.public_key().verify(der, message, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        theirs.public_key().verify(der, message + b"x", ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(theirs.sign(message, ec.ECDSA(hashes.SHA256())))
    assert DEVICE.public.verify(message, r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert not OTHER_DEVICE.public.verify(message, ours)


@pytest.mark.parametrize("key", [DEVICE, OTHER_DEVICE, RFC_6979], ids=["device", "other", "rfc"])
def test_thumbprint_as_another_library_has_it(key: PrivateKey) -> None:
    """RFC 7638 §3: SHA-256 over the required members, in lexicographic order, without white space."""
    assert ECKey.import_key(key.public.jwk()).thumbprint() == key.public.thumbprint


def test_key_forms_there_and_back() -> None:
    for form in (PublicKey.from_point(DEVICE.public.point), PublicKey.from_jwk(DEVICE.public.jwk())):
        assert form.point == DEVICE.public.point
        assert form.thumbprint == DEVICE.public.thumbprint
    assert PrivateKey.from_scalar(DEVICE.scalar).public.point == DEVICE.public.point
    assert len(PrivateKey.generate().scalar) == 32


def test_the_point_at_infinity_is_no_key() -> None:
    """The library imports (0, 0) as the point at infinity, for which anyone can sign: r = x(k·G), s = z/k."""
    for read in (
        lambda: PublicKey.from_point(b"\x04" + bytes(64)),
        lambda: PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": b64url(bytes(32)), "y": b64url(bytes(32))}),
    ):
        with pytest.raises(RemoteProtocolError, match="jws_invalido"):
            read()


@pytest.mark.parametrize(
    "point",
    [b"", b"\x04", DEVICE.public.point[:-1], DEVICE.public.point + b"\0", b"\x02" + DEVICE.public.point[1:33], b"\x06" + DEVICE.public.point[1:], b"\x04" + b"\x01" * 64, b"\x04" + b"\xff" * 64],
)  # fmt: skip
def test_no_key_from_another_form_or_off_the_curve(point: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        PublicKey.from_point(point)


@pytest.mark.parametrize("jwk", [None, [], "eyJ", {}, {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}, {"kty": "EC", "crv": "P-256", "x": None, "y": None}])  # fmt: skip
def test_no_key_from_what_is_no_jwk(jwk: object) -> None:
    with pytest.raises(RemoteProtocolError, match="jws_invalido"):
        PublicKey.from_jwk(jwk)  # type: ignore[arg-type]


@pytest.mark.parametrize("scalar", [bytes(32), b"\xff" * 32])
def test_no_private_key_out_of_range(scalar: bytes) -> None:
    with pytest.raises(ValueError, match="order"):
        PrivateKey.from_scalar(scalar)


@given(st.binary(max_size=100))
def test_base64url_there_and_back(data: bytes) -> None:
    text = b64url(data)
    assert b64url_decode(text) == b64url_decode(text.encode()) == data
    assert "=" not in text


@given(st.text(max_size=40))
def test_base64url_has_one_text_per_value(text: str) -> None:
    try:
        data = b64url_decode(text)
    except ValueError:
        return
    assert b64url(data) == text
