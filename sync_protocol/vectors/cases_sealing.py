"""The cases of `sealing.json`: the seal alone, without frame or signature (SPEC §3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_protocol.sealing import INFO_LABEL
from sync_protocol.vectors import shape

if TYPE_CHECKING:
    from sync_protocol.vectors.generate import Forge

_PLAINTEXT = b"Lo que va dentro de un sobre"


def groups(forge: Forge) -> list[shape.Group]:
    """Keys, their import, and opening."""
    return [
        shape.XWingKeyPair(tests=_key_pairs(forge)),
        shape.SealingKeyImport(tests=_imports(forge)),
        shape.HpkeOpen(seed=forge.opening.seed.hex(), tests=_opening(forge)),
    ]


def _key_pairs(forge: Forge) -> tuple[shape.KeyPairVector, ...]:
    keys = {"key-pair": forge.opening, "key-pair-of-another-server": forge.other_opening}
    return tuple(
        shape.KeyPairVector(
            tc_id=1,
            name=name,
            comment="a seed, and all that follows from it",
            result="valid",
            flags=("Good",),
            seed=key.seed.hex(),
            public_key=key.public.raw,
            key_id=key.public.key_id.hex(),
        )
        for name, key in keys.items()
    )


def _imports(forge: Forge) -> tuple[shape.SealingKeyVector, ...]:
    raw = forge.opening.public.raw

    def bad(name: str, comment: str, key: bytes, flag: str) -> shape.SealingKeyVector:
        return shape.SealingKeyVector(
            tc_id=1,
            name=name,
            comment=comment,
            result="invalid",
            flags=(flag,),
            layer="header",
            code="llave_desconocida",
            public_key=key,
        )

    return (
        shape.SealingKeyVector(
            tc_id=1,
            name="sealing-key",
            comment="1216 bytes",
            result="valid",
            flags=("Good",),
            public_key=raw,
        ),
        bad("sealing-key-empty", "no bytes", b"", "Length"),
        bad("sealing-key-short", "one byte less", raw[:-1], "Length"),
        bad("sealing-key-long", "one byte more", raw + b"\0", "Length"),
        bad("sealing-key-mlkem-only", "the first half without the second", raw[:1184], "Length"),
        bad("sealing-key-coefficient", "a coefficient of ML-KEM that is not below q", b"\xff\xff" + raw[2:], "Key"),
    )


def _opening(forge: Forge) -> tuple[shape.HpkeVector, ...]:
    info = INFO_LABEL + forge.header(len(_PLAINTEXT) + 16)
    made: list[shape.HpkeVector] = []

    def good(name: str, comment: str, plaintext: bytes, under: bytes = info, flag: str = "Good") -> None:
        sealed = forge.seal(plaintext, under, name)
        made.append(
            shape.HpkeVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="valid",
                flags=(flag,),
                info=under,
                enc=sealed.enc,
                ciphertext=sealed.ciphertext,
                plaintext=plaintext,
                encaps_randomness=sealed.randomness.hex(),
            )
        )

    def bad(
        name: str, comment: str, *, mend: Any = None, under: bytes = info, flag: str = "Seal", **sealing: Any
    ) -> None:
        sealed = forge.seal(_PLAINTEXT, info, name, **sealing)
        enc, ciphertext = (mend or (lambda e, c: (e, c)))(sealed.enc, sealed.ciphertext)
        made.append(
            shape.HpkeVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="invalid",
                flags=(flag,),
                layer="hpke",
                code="sobre_no_abre",
                info=under,
                enc=enc,
                ciphertext=ciphertext,
            )
        )

    good("seal", "a short text under a header", _PLAINTEXT)
    good("seal-of-nothing", "HPKE seals an empty text; a sobre may not hold one", b"", flag="Unusual")
    good("seal-of-1000-bytes", "more than one block", bytes(range(250)) * 4)
    good("seal-without-info", "HPKE allows an empty info; a sobre never has one", _PLAINTEXT, b"", "Unusual")

    bad("seal-enc-short", "1119 bytes", mend=lambda e, c: (e[:-1], c), flag="Length")
    bad("seal-enc-long", "1121 bytes", mend=lambda e, c: (e + b"\0", c), flag="Length")
    bad("seal-enc-empty", "no enc", mend=lambda _, c: (b"", c), flag="Length")
    bad("seal-enc-mlkem-only", "1088 bytes", mend=lambda e, c: (e[:1088], c), flag="Length")
    bad("seal-enc-low-order", "the X25519 half is a point of low order", mend=lambda e, c: (e[:1088] + bytes(32), c))
    bad("seal-enc-bit", "one bit of the ML-KEM half", mend=lambda e, c: (bytes([e[0] ^ 1]) + e[1:], c))
    bad("seal-ciphertext-empty", "not even a tag", mend=lambda e, _: (e, b""), flag="Length")
    bad("seal-tag-short", "15 bytes of tag", mend=lambda e, c: (e, c[:-1]), flag="Length")
    bad("seal-tag-bit", "one bit of the tag", mend=lambda e, c: (e, c[:-1] + bytes([c[-1] ^ 1])))
    bad("seal-ciphertext-bit", "one bit of the ciphertext", mend=lambda e, c: (e, bytes([c[0] ^ 1]) + c[1:]))
    bad("seal-other-info", "opened under one bit more of the header", under=info[:-1] + bytes([info[-1] ^ 1]))
    bad("seal-empty-info", "opened without info", under=b"")
    bad("seal-to-another-key", "sealed to the other server", to=forge.other_opening)
    bad("seal-with-aad", "sealed with AAD", aad=b"x")
    bad("seal-second-message", "not the first message of its context", earlier_messages=1)
    return tuple(made)
