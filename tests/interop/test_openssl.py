"""The openssl command verifies our signatures, and signs some that we verify."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sync_protocol import jws, sobre
from sync_protocol.signing import PrivateKey, low_s
from sync_protocol.vectors import run, shape
from tests.sync_protocol import material
from tests.sync_protocol.material import DEVICE, SEEN

pytestmark = pytest.mark.interop

OpenSSL = Callable[..., subprocess.CompletedProcess[bytes]]


def pem(key: PrivateKey, folder: Path) -> tuple[Path, Path]:
    """The key's two halves as files: cryptography writes the PEM, the arithmetic is openssl's."""
    private = ec.derive_private_key(int.from_bytes(key.scalar, "big"), ec.SECP256R1())
    secret, public = folder / "llave.pem", folder / "publica.pem"
    secret.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    public.write_bytes(
        private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return secret, public


def der(signature: bytes) -> bytes:
    """r | s as ASN.1, the only form that openssl takes."""
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


def verifies(openssl: OpenSSL, public: Path, message: bytes, signature: bytes, folder: Path) -> bool:
    data, signed = folder / "mensaje", folder / "firma"
    data.write_bytes(message)
    signed.write_bytes(der(signature))
    done = openssl("dgst", "-sha256", "-verify", public, "-signature", signed, data)
    assert (done.returncode == 0) == (done.stdout.strip() == b"Verified OK"), done
    return done.returncode == 0


def test_it_verifies_the_sobres_of_the_vectors(openssl: OpenSSL, tmp_path: Path) -> None:
    _, public = pem(DEVICE, tmp_path)
    group = run.load(run.read_file("sobre.json")).test_groups[0]
    assert isinstance(group, shape.SobreVerify)
    seen = {"valid": 0, "invalid": 0}
    for v in group.tests:
        if v.result == "valid" or v.layer in ("signature", "hpke"):
            frame = sobre.parse(v.sobre)
            # The larger s is good ECDSA, and refused in a sobre all the same (SPEC §4).
            stated = v.layer != "signature" or v.name == "signature-high-s"
            said = verifies(openssl, public, bytes(frame.signed_part), bytes(frame.signature), tmp_path)
            assert said == stated, v.name
            seen["valid" if stated else "invalid"] += 1
    assert seen["valid"] > 20
    assert seen["invalid"] > 20


def test_it_verifies_a_jws(openssl: OpenSSL, tmp_path: Path) -> None:
    _, public = pem(DEVICE, tmp_path)
    read = jws.parse(jws.sign(b"{}", DEVICE, typ="x", kid="7"), typ="x", max_length=1000)
    assert verifies(openssl, public, read.signing_input, read.signature, tmp_path)
    assert not verifies(openssl, public, read.signing_input + b"x", read.signature, tmp_path)


def test_what_it_signs_we_verify(openssl: OpenSSL, tmp_path: Path) -> None:
    """A whole sobre whose signature openssl made, as hardware that is no Python would."""
    secret, _ = pem(DEVICE, tmp_path)
    raw = material.seal()
    data, signed = tmp_path / "sobre", tmp_path / "firma"
    data.write_bytes(raw[:-64])
    done = openssl("dgst", "-sha256", "-sign", secret, "-out", signed, data)
    assert done.returncode == 0, done.stderr
    r, s = decode_dss_signature(signed.read_bytes())
    # openssl gives either form of a signature; a phone turns it into the one that a sobre carries (SPEC §4).
    other = raw[:-64] + low_s(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    assert other != raw, "its nonces are its own"
    run.verify_sobre(
        other, announced=material.codigo(other), in_session_of=SEEN, devices=[SEEN], opening=material.OPENING
    )
