"""Python that is not ours: cryptography's HPKE and ECDSA, joserfc. They come with the development requirements."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite
from joserfc import jws as joserfc_jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sync_protocol import acuse, sealing, sobre
from sync_protocol.signing import b64url
from sync_protocol.vectors import run, shape
from tests.sync_protocol import material
from tests.sync_protocol.material import FOLIO, OPENING

pytestmark = pytest.mark.interop

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def halves(seed: bytes) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
    """X-Wing's expansion of its seed, by hashlib: ML-KEM's d | z, then the X25519 scalar."""
    expanded = hashlib.shake_256(seed).digest(96)
    return (
        mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
        x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
    )


def private(seed: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(*halves(seed))


def public(raw: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(raw[:1184]), x25519.X25519PublicKey.from_public_bytes(raw[1184:])
    )


def opened(seed: bytes, enc: bytes, info: bytes, ciphertext: bytes) -> bytes | None:
    try:
        return SUITE.decrypt(enc + ciphertext, private(seed), info)
    except InvalidTag:
        return None


def test_hpke_opens_a_sobre_sealed_here() -> None:
    frame = sobre.parse(material.seal())
    plaintext = opened(
        OPENING.seed, bytes(frame.enc), sealing.INFO_LABEL + bytes(frame.header), bytes(frame.ciphertext)
    )
    assert plaintext == sealing.open_sobre(frame, OPENING)


def test_hpke_agrees_on_every_vector_of_the_seal() -> None:
    for group in run.load(run.read_file("sealing.json")).test_groups:
        if isinstance(group, shape.HpkeOpen):
            for v in group.tests:
                stated = v.plaintext if v.result == "valid" else None
                assert opened(bytes.fromhex(group.seed), v.enc, v.info, v.ciphertext) == stated, v.name
        if isinstance(group, shape.XWingKeyPair):
            for pair in group.tests:
                post_quantum, classic = halves(bytes.fromhex(pair.seed))
                ours = post_quantum.public_key().public_bytes_raw() + classic.public_key().public_bytes_raw()
                assert ours == pair.public_key


def test_what_hpke_seals_is_opened_here() -> None:
    info = sealing.INFO_LABEL + bytes(72)
    together = SUITE.encrypt(b"de otra biblioteca", public(OPENING.public.raw), info)
    assert OPENING.unseal(memoryview(together), info) == b"de otra biblioteca"


def test_joserfc_verifies_every_good_acuse_offline_and_no_bad_signature() -> None:
    (group,) = run.load(run.read_file("acuse.json")).test_groups
    assert isinstance(group, shape.AcuseVerify)
    keys = KeySet.import_key_set(group.jwks)  # type: ignore[arg-type]
    seen = 0
    for v in group.tests:
        if v.result == "valid":
            read = joserfc_jws.deserialize_compact(v.token, keys, algorithms=["ES256"])
            assert msgspec.json.decode(read.payload, type=acuse.Acuse).folio == v.folio
            seen += 1
        elif v.code in ("jws_firma", "llave_de_acuse_desconocida"):
            with pytest.raises((JoseError, ValueError)):
                joserfc_jws.deserialize_compact(v.token, keys, algorithms=["ES256"])
    assert seen >= 5


def test_joserfc_signs_what_a_phone_takes_for_an_acuse() -> None:
    """The other way round: nothing in our reading asks for our own writing."""
    said = acuse.Acuse(
        iss="Instituto", iat=1_790_000_000, folio=str(FOLIO), tipo="apoyo", codigo="ab" * 32, tam=2000,
        recibido="2026-09-21T14:13:20.000Z",
    )  # fmt: skip
    key = {**material.SERVER.public.jwk(), "d": b64url(material.SERVER.scalar)}
    header = {"alg": "ES256", "typ": acuse.TYP, "kid": material.SERVER.public.thumbprint}
    keys = KeySet.import_key_set({"keys": [{**key, "kid": header["kid"]}]})  # type: ignore[arg-type, list-item]
    token = joserfc_jws.serialize_compact(header, msgspec.json.encode(said), keys, algorithms=["ES256"])
    known = {material.SERVER.public.thumbprint: material.SERVER.public}
    assert acuse.verify(token, known, folio=FOLIO, codigo=b"\xab" * 32, tam=2000) == said
