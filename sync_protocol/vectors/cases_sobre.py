"""The cases of `sobre.json`: whole sobres through the complete order of checks (SPEC §3)."""

# ruff: noqa: E501  (tables: one case a line)

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey, low_s
from sync_protocol.sobre import ENC_LENGTH, HEADER_LENGTH, MAX_CIPHERTEXT, Tipo
from sync_protocol.vectors import shape

if TYPE_CHECKING:
    from sync_protocol.vectors.generate import Forge, Made

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ENC = HEADER_LENGTH
_CIPHERTEXT = HEADER_LENGTH + ENC_LENGTH

_FOLIO = Folio(123, 45, 7, 1)
_DROP = object()
"""In place of a value: the field is left out."""


def image(tipo: str, /, **other: Any) -> dict[str, Any]:
    """One image, no more than a few bytes: what they show is not the protocol's business."""
    datos = other.get("datos", b"\xff\xd8" + tipo.encode() + b"\xff\xd9")
    made = {"tipo": tipo, "formato": "image/jpeg", "sha256": hashlib.sha256(bytes(datos, "utf-8") if isinstance(datos, str) else datos).digest(), "datos": datos}  # fmt: skip
    return {key: value for key, value in {**made, **other}.items() if value is not _DROP}


def images() -> list[dict[str, Any]]:
    """The four."""
    return [image(tipo) for tipo in ("anverso", "reverso", "foto", "firma")]


def apoyo(folio: Folio = _FOLIO, /, **other: Any) -> bytes:
    """The plaintext of an apoyo, short, with the fields that are given instead."""
    content = {
        "folio": str(folio),
        "capturado_ms": 1_790_000_000_000,
        "desfase_ms": -1500,
        "modelo": "G",
        "codigos": [],
        "ubicacion": None,
        "imagenes": images(),
        "v": 1,
        "es_original": True,
        "cic": "123456789",
        "ocr": None,
        "clave_elector": None,
        "curp": None,
        "nombre": "PRUEBA",
        "apellido_paterno": "DE",
        "apellido_materno": "VECTOR",
    }
    return msgspec.msgpack.encode({key: value for key, value in {**content, **other}.items() if value is not _DROP})


def testigos(folio: Folio, /, **other: Any) -> bytes:
    """The plaintext of testigos visuales."""
    content = {
        "folio": str(folio),
        "capturado_ms": 1_789_990_000_000,
        "desfase_ms": None,
        "modelo": "H",
        "codigos": [],
        "ubicacion": None,
        "imagenes": images(),
        "v": 1,
        "aviso": "2026-1",
    }
    return msgspec.msgpack.encode({key: value for key, value in {**content, **other}.items() if value is not _DROP})


def groups(forge: Forge) -> list[shape.Group]:
    """Three servers' views: the usual one, one at the far end of every counter, one that does not know the device."""
    seven = shape.Device(solicitud=123, auxiliar=45, dispositivo=7, jwk=forge.device.public.jwk())
    eight = shape.Device(solicitud=123, auxiliar=46, dispositivo=8, jwk=forge.other_device.public.jwk())
    far = shape.Device(solicitud=999999, auxiliar=999999, dispositivo=9999999, jwk=forge.device.public.jwk())
    scalars = (forge.device.scalar.hex(), forge.other_device.scalar.hex())
    cases = _Cases(forge)

    def group(comment: str, session: shape.Device, devices: tuple[shape.Device, ...]) -> shape.SobreVerify:
        return shape.SobreVerify(
            comment=comment,
            session=session,
            devices=devices,
            opening_seed=forge.opening.seed.hex(),
            device_scalars=scalars,
            tests=cases.take(),
        )

    _valid(cases)
    _transit(cases)
    _frame(cases)
    _header(cases)
    _signature(cases)
    _hpke(cases)
    _content(cases)
    usual = group("device 7 in its own session; device 8 is known too", seven, (seven, eight))

    last = Folio(999999, 999999, 9999999, 999999)
    numbers = {"solicitud": 999999, "auxiliar": 999999, "dispositivo": 9999999, "registro": 999999}
    cases.good("largest-counters", "every counter at its end", apoyo(last), header=numbers, folio=last)
    at_the_end = group("the largest device of the largest auxiliar of the largest solicitud", far, (far,))

    cases.bad(
        "device-unknown",
        "right in itself; the server has no such device",
        "header",
        "dispositivo_desconocido",
        "Foreign",
        apoyo(),
    )
    unknown = group("a server that knows device 8 only", seven, (eight,))
    return [usual, at_the_end, unknown]


class _Cases:
    """Collects vectors, each made by the forge under its own name."""

    def __init__(self, forge: Forge) -> None:
        self.forge = forge
        self._made: list[shape.SobreVector] = []

    def take(self) -> tuple[shape.SobreVector, ...]:
        made, self._made = tuple(self._made), []
        return made

    def good(
        self, name: str, comment: str, plaintext: bytes, *, folio: Folio = _FOLIO, flag: str = "Good", **recipe: Any
    ) -> Made:
        made = self.forge.sobre(name, plaintext, **recipe)
        header = recipe.get("header", {})
        self._made.append(
            shape.SobreVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="valid",
                flags=(flag,),
                codigo=made.codigo.hex(),
                sobre=made.raw,
                folio=str(folio),
                tipo=Tipo(header.get("tipo", 1)).nombre,
                anterior=made.raw[32:64].hex(),
                plaintext=plaintext,
            )
        )
        return made

    def bad(self, name: str, comment: str, layer: str, code: str, flag: str, plaintext: bytes, **recipe: Any) -> None:
        made = self.forge.sobre(name, plaintext, **recipe)
        self._made.append(
            shape.SobreVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="invalid",
                flags=(flag,),
                layer=layer,
                code=code,
                codigo=made.codigo.hex(),
                sobre=made.raw,
            )
        )


def _flip(at: int, mask: int = 0x01) -> Callable[[bytes], bytes]:
    """One bit, at an offset from the beginning or (negative) from the end."""

    def flipped(raw: bytes) -> bytes:
        copy = bytearray(raw)
        copy[at] ^= mask
        return bytes(copy)

    return flipped


def _cut(length: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:length]


def _valid(cases: _Cases) -> None:
    forge = cases.forge
    zero = Folio(123, 45, 7, 0)
    second = Folio(123, 45, 7, 2)
    first = cases.good(
        "testigos", "the first sobre of a phone: registro 0, no anterior", testigos(zero),
        folio=zero, header={"tipo": 2, "registro": 0, "anterior": bytes(32)},
    )  # fmt: skip
    full: dict[str, Any] = {
        "codigos": [
            {"lado": "anverso", "simbologia": "Code128", "datos": b"123456789"},
            {"lado": "reverso", "simbologia": "QRCode", "datos": bytes(range(256))},
        ],
        "ubicacion": {"lat": 19.4326, "lon": -99.1332, "precision_m": 12.5},
        "ocr": "0123456789012",
        "clave_elector": "PRPRPR80010109M100",
        "curp": "SABC560626MDFLRN01",
    }
    chained = cases.good(
        "apoyo",
        "registro 1, every field filled; its anterior is the código de integridad of the testigos above",
        apoyo(**full),
        header={"anterior": first.codigo},
    )
    bare: dict[str, Any] = {
        "cic": None,
        "ocr": None,
        "clave_elector": None,
        "curp": None,
        "ubicacion": None,
        "desfase_ms": None,
        "codigos": [],
        "nombre": "",
        "apellido_paterno": "",
        "apellido_materno": "",
    }
    cases.good(
        "apoyo-bare",
        "registro 2, chained; all that may be nil is, and names are empty",
        apoyo(second, **bare),
        folio=second,
        header={"registro": 2, "anterior": chained.codigo},
    )
    cases.good(
        "anterior-of-nothing-known", "anterior names a sobre that never came: a hole shows, nothing is refused", apoyo()
    )
    cases.good("v-left-out", "v may be left out", apoyo(v=_DROP), flag="Unusual")
    fields = msgspec.msgpack.decode(apoyo())
    turned = msgspec.msgpack.encode(dict(reversed(fields.items())))
    cases.good("fields-in-another-order", "a map has no order", turned, flag="Unusual")
    wide = apoyo().replace(b"\xa1v\x01", b"\xa1v\xcf" + bytes(7) + b"\x01")
    cases.good("integers-not-shortest", "MessagePack allows a small integer in a wide form", wide, flag="Unusual")
    accents: dict[str, Any] = {
        "nombre": "MARÍA JOSÉ ÑÚÑEZ",
        "apellido_paterno": "D'ÁVILA-GÜEMES",
        "apellido_materno": "𝓟",
    }
    cases.good("names-in-unicode", "names are text, not ASCII", apoyo(**accents))
    cases.good("names-of-120-characters", "characters, not bytes", apoyo(nombre="Ñ" * 120), flag="Unusual")
    code = {"lado": "anverso", "simbologia": "", "datos": b""}
    cases.good("sixteen-codes", "as many codes as may be, empty ones too", apoyo(codigos=[code] * 16), flag="Unusual")
    cases.good("images-in-another-order", "each once, in any order", apoyo(imagenes=images()[::-1]), flag="Unusual")
    cases.good("modelo-not-known-yet", "the list of models is not closed", apoyo(modelo="Z"), flag="Unusual")
    edge = {"lat": -90.0, "lon": 180.0, "precision_m": 0.0}
    cases.good("location-at-the-edge", "a pole, the date line", apoyo(ubicacion=edge), flag="Unusual")

    cases.good(
        "signature-not-deterministic", "a nonce of its own, as phones' secure hardware makes them", apoyo(),
        sign=lambda message: low_s(forge.sign_with_nonce(forge.device, message, 0xACA0)), flag="Malleable",
    )  # fmt: skip


def _transit(cases: _Cases) -> None:
    regions = {
        "magic": 0, "version": 6, "tipo": 7, "solicitud": 11, "auxiliar": 15, "dispositivo": 19, "registro": 23, "key-id": 24,
        "anterior": 63, "enc-length": 65, "signature-length": 67, "ciphertext-length": 71, "enc-first": _ENC, "enc-last": _CIPHERTEXT - 1,
        "ciphertext": _CIPHERTEXT, "tag": -65, "signature-r": -64, "signature-last": -1,
    }  # fmt: skip
    damaged: dict[str, Callable[[bytes], bytes]] = {f"{name}-flipped": _flip(at) for name, at in regions.items()}
    damaged["last-byte-lost"] = lambda raw: raw[:-1]
    damaged["one-byte-more"] = lambda raw: raw + b"\0"
    damaged["two-bytes-swapped"] = lambda raw: raw[:40] + raw[41:42] + raw[40:41] + raw[42:]
    for name, change in damaged.items():
        cases.bad(
            f"transit-{name}",
            "what arrived is not what was announced",
            "integrity",
            "integridad_distinta",
            "Transit",
            apoyo(),
            in_transit=change,
        )


def _frame(cases: _Cases) -> None:
    content = apoyo()
    whole = HEADER_LENGTH + ENC_LENGTH + len(content) + 16 + 64

    def bad(name: str, comment: str, code: str, flag: str, plaintext: bytes = content, **recipe: Any) -> None:
        cases.bad(name, comment, "frame", code, flag, plaintext, **recipe)

    for length, where in (
        (0, "an empty file"), (1, "one byte"), (6, "after the magic"), (HEADER_LENGTH - 1, "inside the last header field"), (HEADER_LENGTH, "after the header"),
        (_CIPHERTEXT - 1, "one byte of enc missing"), (_CIPHERTEXT, "after enc"), (whole - 80, "before the tag"), (whole - 65, "one byte of the tag missing"),
        (whole - 64, "no signature"), (whole - 1, "the last byte missing"),
    ):  # fmt: skip
        bad(f"truncated-at-{length}", where, "sobre_truncado", "Truncated", after_signing=_cut(length))

    bad(
        "trailing-zero",
        "one zero byte after the signature",
        "sobre_sobrante",
        "Trailing",
        after_signing=lambda raw: raw + b"\0",
    )
    bad(
        "trailing-newline",
        "as a text editor would leave it",
        "sobre_sobrante",
        "Trailing",
        after_signing=lambda raw: raw + b"\n",
    )
    bad("twice", "two sobres in one file", "sobre_sobrante", "Trailing", after_signing=lambda raw: raw + raw)

    bad("magic-lower-case", "acopio", "sobre_magia", "Encoding", header={"magic": b"acopio"})
    bad("magic-bit", "one bit of the magic", "sobre_magia", "Encoding", header={"magic": b"ACOPIN"})
    bad("not-a-sobre", "a JPEG", "sobre_magia", "Encoding", after_signing=lambda raw: b"\xff\xd8\xff\xe0" + raw[4:])
    for version in (0, 2, 255):
        bad(f"version-{version}", "a version that is not 1", "sobre_version", "Unknown", header={"version": version})

    for tipo in (0, 4, 255):
        bad(f"tipo-{tipo}", "a kind that no version has", "sobre_tipo", "Kind", header={"tipo": tipo})
    bad(
        "tipo-mi-apoyo",
        "reserved: auxiliar 0, tipo 3",
        "sobre_tipo",
        "Kind",
        apoyo(Folio(123, 0, 7, 1)),
        header={"tipo": 3, "auxiliar": 0},
    )
    bad(
        "tipo-apoyo-auxiliar-zero",
        "auxiliar 0 is Mi Apoyo's, tipo 1 is not",
        "sobre_tipo",
        "Kind",
        apoyo(Folio(123, 0, 7, 1)),
        header={"auxiliar": 0},
    )
    zero = Folio(123, 45, 7, 0)
    bad(
        "tipo-apoyo-registro-zero",
        "registro 0 is the testigos'",
        "sobre_tipo",
        "Kind",
        apoyo(zero),
        header={"registro": 0, "anterior": bytes(32)},
    )
    bad(
        "tipo-testigos-registro-one",
        "testigos are registro 0 only",
        "sobre_tipo",
        "Kind",
        testigos(_FOLIO),
        header={"tipo": 2},
    )

    bad(
        "anterior-zero-registro-one",
        "only registro 0 has nothing before it",
        "sobre_longitud",
        "Range",
        header={"anterior": bytes(32)},
    )
    bad(
        "anterior-set-registro-zero",
        "nothing can be before registro 0",
        "sobre_longitud",
        "Range",
        testigos(zero),
        header={"tipo": 2, "registro": 0},
    )

    for field, length in (
        ("enc_length", 0),
        ("enc_length", 1119),
        ("enc_length", 1121),
        ("enc_length", 65535),
        ("signature_length", 0),
        ("signature_length", 63),
        ("signature_length", 65),
        ("signature_length", 65535),
    ):
        bad(
            f"{field.replace('_', '-')}-{length}",
            "a length that is fixed, declared otherwise",
            "sobre_longitud",
            "Length",
            header={field: length},
        )
    bad("ciphertext-length-0", "no ciphertext declared", "sobre_longitud", "Length", header={"ciphertext_length": 0})
    bad("ciphertext-length-16", "a tag and nothing under it", "sobre_longitud", "Length", b"")
    bad(
        "ciphertext-length-one-more",
        "declares a byte that is not there",
        "sobre_truncado",
        "Length",
        header={"ciphertext_length": len(content) + 17},
    )
    bad(
        "ciphertext-length-one-less",
        "a byte that it does not declare",
        "sobre_sobrante",
        "Length",
        header={"ciphertext_length": len(content) + 15},
    )
    for length, name in (
        (MAX_CIPHERTEXT + 1, "one over the limit"),
        (2**31, "half the field"),
        (2**32 - 1, "all bits set"),
    ):
        bad(
            f"ciphertext-length-{length}",
            f"{name}: nothing may be allocated for it",
            "sobre_demasiado_grande",
            "Length",
            header={"ciphertext_length": length},
        )
    bad(
        "ciphertext-length-limit-truncated",
        "as large as may be, and the file is short",
        "sobre_truncado",
        "Length",
        header={"ciphertext_length": MAX_CIPHERTEXT},
    )

    for field, value in (
        ("solicitud", 0),
        ("solicitud", 10**6),
        ("solicitud", 2**32 - 1),
        ("auxiliar", 10**6),
        ("dispositivo", 0),
        ("dispositivo", 10**7),
        ("registro", 10**6),
        ("registro", 2**32 - 1),
    ):
        bad(f"{field}-{value}", "a counter that no folio can hold", "folio_invalido", "Range", header={field: value})


def _header(cases: _Cases) -> None:
    forge = cases.forge

    def ajena(name: str, comment: str, folio: Folio, signer: PrivateKey) -> None:
        fields = {"solicitud": folio.solicitud, "auxiliar": folio.auxiliar, "dispositivo": folio.dispositivo}
        cases.bad(name, comment, "header", "cabecera_ajena", "Foreign", apoyo(folio), header=fields, signer=signer)

    ajena(
        "sobre-of-another-device",
        "device 8's own sobre, in device 7's session",
        Folio(123, 46, 8, 1),
        forge.other_device,
    )
    ajena("another-auxiliar", "device 7 names an auxiliar that is not its own", Folio(123, 46, 7, 1), forge.device)
    ajena("another-solicitud", "device 7 names a solicitud that is not its own", Folio(124, 45, 7, 1), forge.device)
    for name, key_id in (("key-id-bit", _flip(7)(forge.opening.public.key_id)), ("key-id-zero", bytes(8))):
        cases.bad(
            name,
            "sealed to the right key under another name",
            "header",
            "llave_desconocida",
            "Foreign",
            apoyo(),
            header={"key_id": key_id},
        )
    cases.bad(
        "sealed-to-another-server", "names the other key and is sealed to it", "header", "llave_desconocida", "Foreign", apoyo(),
        header={"key_id": forge.other_opening.public.key_id}, to=forge.other_opening,
    )  # fmt: skip


def _signature(cases: _Cases) -> None:
    forge = cases.forge
    sign = forge.device.sign_low_s

    def bad(name: str, comment: str, **recipe: Any) -> None:
        cases.bad(name, comment, "signature", "firma_invalida", "Signature", apoyo(), **recipe)

    for name, at in {
        "registro": 22,
        "anterior-first": 32,
        "anterior-last": 63,
        "enc-first": _ENC,
        "enc-last": _CIPHERTEXT - 1,
        "ciphertext-first": _CIPHERTEXT,
        "ciphertext-last": -81,
        "tag-last": -65,
    }.items():
        bad(f"signed-then-{name}-flipped", "one bit changed after signing", after_signing=_flip(at))
    for name, at in {"r-first": -64, "r-last": -33, "s-first": -32, "s-last": -1}.items():
        bad(f"signature-{name}-flipped", "one bit of the signature", after_signing=_flip(at))
    n = _P256_ORDER.to_bytes(32, "big")
    bad("signature-zero", "64 zeros", sign=lambda _: bytes(64))
    bad("signature-r-zero", "r is 0", sign=lambda m: bytes(32) + sign(m)[32:])
    bad("signature-s-zero", "s is 0", sign=lambda m: sign(m)[:32] + bytes(32))
    bad("signature-r-order", "r is the order", sign=lambda m: n + sign(m)[32:])
    bad("signature-s-order", "s is the order", sign=lambda m: sign(m)[:32] + n)
    bad("signature-all-ones", "r and s out of range", sign=lambda _: b"\xff" * 64)
    bad("signature-swapped", "s | r", sign=lambda m: sign(m)[32:] + sign(m)[:32])
    bad("signature-little-endian", "r and s backwards", sign=lambda m: sign(m)[31::-1] + sign(m)[:31:-1])
    bad(
        "signature-high-s",
        "n - s: as valid an ECDSA signature, which others could make",
        sign=lambda m: _high_s(sign(m)),
    )
    bad("signature-of-device-8", "the other device's", signer=forge.other_device)
    bad("signature-of-a-stranger", "a key nobody knows", signer=forge.stranger)
    bad("signature-of-the-server", "the key of the acuses", signer=forge.server)
    bad("signature-over-header", "covers the header only", sign=lambda m: sign(m[:HEADER_LENGTH]))
    bad("signature-over-digest", "hashed twice", sign=lambda m: sign(hashlib.sha256(m).digest()))
    bad("signature-over-another-sobre", "the right device's, of other bytes", sign=lambda m: sign(m + b"\0"))


def _high_s(signature: bytes) -> bytes:
    return signature[:32] + (_P256_ORDER - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")


def _hpke(cases: _Cases) -> None:
    forge = cases.forge
    other = forge.seal(apoyo(), b"", "another sobre")

    def bad(name: str, comment: str, **recipe: Any) -> None:
        cases.bad(name, comment, "hpke", "sobre_no_abre", "Seal", apoyo(), **recipe)

    for name, at in {"mlkem-first": 0, "mlkem-last": 1087, "x25519-first": 1088, "x25519-last": 1119}.items():
        bad(
            f"enc-{name}-flipped",
            "one bit of enc, then signed",
            after_sealing=lambda enc, ct, at=at: (_flip(at)(enc), ct),
        )
    bad("enc-of-another-sobre", "enc swapped, then signed", after_sealing=lambda _, ct: (other.enc, ct))
    bad("enc-halves-swapped", "X25519 before ML-KEM", after_sealing=lambda enc, ct: (enc[1088:] + enc[:1088], ct))
    bad("enc-zero", "1120 zeros", after_sealing=lambda _, ct: (bytes(1120), ct))
    bad("enc-x25519-zero", "a point of low order", after_sealing=lambda enc, ct: (enc[:1088] + bytes(32), ct))
    for name, at in {"ciphertext-first": 0, "ciphertext-last": -17, "tag-first": -16, "tag-last": -1}.items():
        bad(f"{name}-flipped", "one bit, then signed", after_sealing=lambda enc, ct, at=at: (enc, _flip(at)(ct)))
    bad(
        "ciphertext-of-another-sobre",
        "the right length, another's seal",
        after_sealing=lambda enc, _: (enc, other.ciphertext),
    )
    bad("tag-zero", "16 zeros", after_sealing=lambda enc, ct: (enc, ct[:-16] + bytes(16)))
    bad("tag-before-ciphertext", "tag | ciphertext", after_sealing=lambda enc, ct: (enc, ct[-16:] + ct[:-16]))
    bad("sealed-to-another-key", "the right name on it, the wrong key inside", to=forge.other_opening)
    bad("info-without-zero", "the label's zero byte left out", info_label=b"acopio/sobre/v1")
    bad("info-label-v2", "another version's label", info_label=b"acopio/sobre/v2\x00")
    bad("info-without-label", "the header only", info_label=b"")
    bad(
        "sealed-under-another-registro",
        "the header was changed between sealing and signing",
        sealed_under={"registro": 2},
    )
    bad(
        "sealed-under-another-anterior",
        "the chain was changed between sealing and signing",
        sealed_under={"anterior": b"\x01" * 32},
    )
    bad("aad-not-empty", "there is no AAD", aad=b"ACOPIO")
    bad("second-message", "sealed with the second nonce of its context", earlier_messages=1)
    bad("aes-128-gcm", "another AEAD of the same tag length", aead="AES128_GCM")
    bad("chacha20-poly1305", "another AEAD of the same tag length", aead="CHACHA20_POLY1305")


def _content(cases: _Cases) -> None:
    def bad(
        name: str,
        comment: str,
        plaintext: bytes,
        flag: str = "Content",
        code: str = "contenido_invalido",
        **recipe: Any,
    ) -> None:
        cases.bad(name, comment, "payload", code, flag, plaintext, **recipe)

    def field(name: str, comment: str, flag: str = "Range", **other: Any) -> None:
        bad(name, comment, apoyo(**other), flag)

    def within(name: str, comment: str, place: str, flag: str = "Range", **other: Any) -> None:
        inner: dict[str, dict[str, Any]] = {
            "codigos": {"lado": "reverso", "simbologia": "QRCode", "datos": b"0"},
            "ubicacion": {"lat": 19.4, "lon": -99.1, "precision_m": 10.0},
        }
        value = {key: value for key, value in {**inner[place], **other}.items() if value is not _DROP}
        placed: dict[str, Any] = {place: [value] if place == "codigos" else value}
        bad(name, comment, apoyo(**placed), flag)

    def first_image(
        name: str, comment: str, flag: str = "Range", code: str = "contenido_invalido", **other: Any
    ) -> None:
        bad(name, comment, apoyo(imagenes=[image("anverso", **other), *images()[1:]]), flag, code)

    good = apoyo()
    bad("content-nil", "one byte, nil", b"\xc0")
    bad("content-empty-map", "no field at all", b"\x80", "Missing")
    bad(
        "content-array",
        "the values without their names",
        msgspec.msgpack.encode(list(msgspec.msgpack.decode(good).values())),
    )
    bad("content-json", "JSON instead of MessagePack", b'{"folio":"000123-000045-0000007-000001-1"}', "Encoding")
    bad("content-trailing", "one byte after the map", good + b"\xc0", "Trailing")
    bad("content-truncated", "the last byte of the map missing", good[:-1], "Truncated")
    bad("content-huge-map", "declares 2^32 - 1 fields", b"\xdf\xff\xff\xff\xff", "Length")
    bad("content-huge-array", "codigos declares 2^32 - 1 entries", b"\x81\xa7codigos\xdd\xff\xff\xff\xff", "Length")
    bad("content-huge-text", "folio declares 2^32 - 1 bytes", b"\x81\xa5folio\xdb\xff\xff\xff\xff", "Length")
    bad("content-nested", "arrays, a thousand deep", b"\x81\xa7codigos" + b"\x91" * 1000 + b"\xc0", "Length")
    bad("content-integer-keys", "fields named by numbers", msgspec.msgpack.encode({1: "a"}), "Encoding")

    for name in msgspec.msgpack.decode(good):
        if name != "v":
            field(f"without-{name.replace('_', '-')}", "a required field is not there", "Missing", **{name: _DROP})
    field("unknown-field", "one field more", "Unknown", sexo="M")
    within("unknown-field-in-code", "one field more", "codigos", "Unknown", version=1)
    within("unknown-field-in-location", "one field more", "ubicacion", "Unknown", altitud=2240.0)
    first_image("unknown-field-in-image", "one field more", "Unknown", nombre="anverso.jpg")
    bad("content-of-testigos", "tipo 1 with the fields of tipo 2", testigos(_FOLIO), "Kind")
    zero = Folio(123, 45, 7, 0)
    head = {"tipo": 2, "registro": 0, "anterior": bytes(32)}
    bad("content-of-apoyo", "tipo 2 with the fields of tipo 1", apoyo(zero), "Kind", header=head)
    bad("aviso-empty", "no version of the notice", testigos(zero, aviso=""), "Range", header=head)
    bad("aviso-of-41", "longer than any version's name", testigos(zero, aviso="a" * 41), "Range", header=head)

    field("v-2", "a version of the content that is not 1", "Unknown", v=2)
    field("v-text", "a text", "Encoding", v="1")
    field("v-true", "a boolean", "Encoding", v=True)
    field("folio-number", "a number", "Encoding", folio=123000045)
    field("folio-compact", "without dashes", "Encoding", folio=str(_FOLIO).replace("-", ""))
    field(
        "folio-wrong-check",
        "its check character is wrong",
        "CheckCharacter",
        folio=str(_FOLIO)[:-1] + ("0" if str(_FOLIO)[-1] != "0" else "1"),
    )
    field("capturado-negative", "before 1970", capturado_ms=-1)
    field("capturado-too-large", "over 2^53", capturado_ms=2**53 + 1)
    field("capturado-float", "not an integer", "Encoding", capturado_ms=1.79e12)
    field("capturado-text", "ISO 8601", "Encoding", capturado_ms="2026-09-21T00:00:00Z")
    field(
        "capturado-timestamp", "MessagePack's own timestamp", "Encoding", capturado_ms=msgspec.msgpack.Ext(-1, bytes(4))
    )
    field("desfase-too-large", "over 2^53", desfase_ms=2**53 + 1)
    field("desfase-too-small", "under -2^53", desfase_ms=-(2**53) - 1)
    field("desfase-text", "a text", "Encoding", desfase_ms="0")
    field("modelo-lower-case", "g", modelo="g")
    field("modelo-two-letters", "GH", modelo="GH")
    field("modelo-newline", "a newline after the letter", modelo="G\n")
    field("modelo-empty", "no letter", modelo="")
    field("modelo-digit", "3", modelo="3")
    field("seventeen-codes", "one too many", codigos=[{"lado": "reverso", "simbologia": "", "datos": b""}] * 17)
    field("codes-nil", "nil instead of an empty array", "Encoding", codigos=None)
    within("code-side", "a side that a card has not", "codigos", lado="canto")
    within("code-symbology-of-33", "too long", "codigos", simbologia="a" * 33)
    within("code-text", "text instead of bytes", "codigos", "Encoding", datos="0123")
    within("latitude-91", "no such place", "ubicacion", lat=91.0)
    within("longitude-181", "no such place", "ubicacion", lon=181.0)
    within("latitude-nan", "not a number", "ubicacion", lat=math.nan)
    within("longitude-infinite", "not a place", "ubicacion", lon=-math.inf)
    within("precision-negative", "less than nothing", "ubicacion", precision_m=-1.0)
    within("precision-nan", "not a number", "ubicacion", precision_m=math.nan)
    within("location-without-precision", "a required field is not there", "ubicacion", "Missing", precision_m=_DROP)
    field("not-original", "es_original false", es_original=False)
    field("original-nil", "es_original nil", es_original=None)
    field("original-one", "es_original 1", "Encoding", es_original=1)
    for name in ("cic", "ocr", "clave_elector", "curp"):
        field(f"{name.replace('_', '-')}-empty", "nothing read is nil, not an empty text", **{name: ""})
        field(f"{name.replace('_', '-')}-of-33", "too long", **{name: "0" * 33})
    field("cic-number", "leading zeros matter: text", "Encoding", cic=123456789)
    field("nombre-of-121", "too long", nombre="A" * 121)
    field("nombre-nil", "nil", "Encoding", nombre=None)
    broken = good.replace(b"PRUEBA", b"PRU\xffBA")
    bad("nombre-not-utf8", "a byte that is no UTF-8", broken, "Encoding")
    surrogate = good.replace(b"PRUEBA", b"PRU\xed\xa0\x80")
    bad("nombre-surrogate", "half of a surrogate pair", surrogate, "Encoding")

    bad(
        "folio-of-another-registro",
        "registro 2 inside, registro 1 outside",
        apoyo(Folio(123, 45, 7, 2)),
        "Foreign",
        "contenido_ajeno",
    )
    bad(
        "folio-of-another-device",
        "device 8 inside, device 7 outside",
        apoyo(Folio(123, 45, 8, 1)),
        "Foreign",
        "contenido_ajeno",
    )

    four = images()
    bad("five-images", "one too many", apoyo(imagenes=[*four, image("foto", datos=b"\xff\xd8again\xff\xd9")]), "Range")
    for name in ("anverso", "reverso", "foto", "firma"):
        left = [one for one in four if one["tipo"] != name]
        bad(f"without-image-{name}", "three images", apoyo(imagenes=left), "Missing", "imagen_faltante")
    bad("no-images", "an empty array", apoyo(imagenes=[]), "Missing", "imagen_faltante")
    bad("image-twice", "foto twice, no firma", apoyo(imagenes=[*four[:3], four[2]]), "Missing", "imagen_faltante")
    first_image("image-kind-unknown", "a kind that is none of the four", tipo="selfie")
    first_image("image-gif", "a format that is not taken", formato="image/gif")
    first_image("image-format-without-type", "jpeg", formato="jpeg")
    first_image("image-empty", "no bytes", datos=b"")
    first_image("image-text", "text instead of bytes", "Encoding", datos="anverso")
    first_image("image-digest-short", "31 bytes", sha256=bytes(31))
    first_image("image-digest-hex", "hex instead of bytes", "Encoding", sha256="00" * 32)
    first_image("image-digest-missing", "no code", "Missing", sha256=_DROP)
    first_image(
        "image-digest-bit",
        "one bit of its code",
        "Content",
        "imagen_alterada",
        sha256=_flip(0)(image("anverso")["sha256"]),
    )
    altered = {**image("firma"), "datos": b"\xff\xd8firmA\xff\xd9"}
    bad(
        "image-altered", "one bit of the last image", apoyo(imagenes=[*four[:3], altered]), "Content", "imagen_alterada"
    )
    exchanged = [{**four[0], "tipo": "reverso"}, {**four[1], "tipo": "anverso", "sha256": four[0]["sha256"]}, *four[2:]]
    bad(
        "image-code-of-another",
        "one image with another's code",
        apoyo(imagenes=exchanged),
        "Content",
        "imagen_alterada",
    )
