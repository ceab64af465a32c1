"""The cases of `jws.json`, `acuse.json`, `session.json` and `alta.json` (SPEC §§4 to 8.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sync_protocol import acuse, alta, session
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey, b64url
from sync_protocol.vectors import shape

if TYPE_CHECKING:
    from sync_protocol.vectors.generate import Forge

_DROP = object()
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_FOLIO = Folio(123, 45, 7, 312)
_CODIGO = hashlib.sha256(b"the sobre that the phone holds").digest()
_TAM = 270_000
_JWS_HEAD = {"alg": "ES256", "typ": "acopio-prueba+jwt", "kid": "7"}
_LONGEST = 1500
"""Bytes of payload in the longest JWS that the cases of `jws.json` take."""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _with(base: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**base, **other}.items() if value is not _DROP}


def _token(header: dict[str, Any] | bytes, payload: bytes, key: PrivateKey) -> str:
    head = header if isinstance(header, bytes) else _json(header)
    signed = f"{b64url(head)}.{b64url(payload)}"
    return f"{signed}.{b64url(key.sign(signed.encode()))}"


def _resigned(signed: str, key: PrivateKey) -> str:
    return f"{signed}.{b64url(key.sign(signed.encode()))}"


# --- jws.json


def jws_groups(forge: Forge) -> list[shape.Group]:
    """The serialisation, by way of a type of its own; then ECDSA alone, then keys."""
    key = forge.device
    return [
        shape.JwsVerify(
            typ="acopio-prueba+jwt",
            max_length=len(_token(_JWS_HEAD, b"a" * _LONGEST, key)),
            jwk=key.public.jwk(),
            tests=tuple(_jws(forge)),
        ),
        shape.EcdsaVerify(jwk=key.public.jwk(), tests=tuple(_ecdsa(forge))),
        shape.JwkImport(tests=tuple(_jwk(forge))),
    ]


def _jws(forge: Forge) -> list[shape.JwsVector]:
    key = forge.device
    head = _JWS_HEAD
    payload = b'{"hola":"mundo"}'
    good = _token(head, payload, key)
    h, p, s = good.split(".")
    made: list[shape.JwsVector] = []

    def valid(name: str, comment: str, token: str, content: bytes = payload, flag: str = "Good") -> None:
        made.append(
            shape.JwsVector(
                tc_id=1, name=name, comment=comment, result="valid", flags=(flag,), token=token, payload=content
            )
        )

    def bad(name: str, comment: str, token: str, flag: str, code: str = "jws_invalido") -> None:
        made.append(
            shape.JwsVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="invalid",
                flags=(flag,),
                layer="jws",
                code=code,
                token=token,
            )
        )

    def header(name: str, comment: str, flag: str, **other: Any) -> None:
        bad(name, comment, _token(_with(head, other), payload, key), flag)

    valid("jws", "with kid", good)
    valid(
        "jws-with-jwk",
        "with jwk instead of kid",
        _token(_with(head, {"kid": _DROP, "jwk": key.public.jwk()}), payload, key),
    )
    valid(
        "jws-header-order",
        "a JSON object has no order",
        _token(dict(reversed(head.items())), payload, key),
        flag="Unusual",
    )
    valid(
        "jws-header-spaces",
        "white space between the header's members",
        _token(json.dumps(head, indent=1).encode(), payload, key),
        flag="Unusual",
    )
    valid("jws-payload-empty", "the serialisation does not look inside", _token(head, b"", key), b"", "Unusual")
    valid("jws-payload-binary", "any bytes", _token(head, bytes(range(256)), key), bytes(range(256)), "Unusual")

    bad("alg-none", "alg none, no signature", f"{b64url(_json(_with(head, {'alg': 'none'})))}.{p}.", "Algorithm")
    header("alg-none-signed", "alg none over a good signature", "Algorithm", alg="none")
    mac_head = b64url(_json(_with(head, {"alg": "HS256"})))
    mac = hmac.new(key.public.point, f"{mac_head}.{p}".encode(), hashlib.sha256).digest()
    bad("alg-hs256", "HMAC with the public key as its secret", f"{mac_head}.{p}.{b64url(mac)}", "Algorithm")
    rsa_head = b64url(_json(_with(head, {"alg": "RS256"})))
    bad("alg-rs256", "256 bytes of signature", f"{rsa_head}.{p}.{b64url(bytes(range(256)))}", "Algorithm")
    for alg in ("RS256", "ES384", "ES512", "ES256K", "EdDSA", "es256", "", "ES256 "):
        name = (
            alg.strip().lower()
            if alg not in ("es256", "ES256 ")
            else {"es256": "lower-case", "ES256 ": "with-space"}[alg]
        )
        header(f"alg-{name or 'empty'}-signed-es256", "a good ES256 signature under another name", "Algorithm", alg=alg)
    header("alg-missing", "no alg", "Missing", alg=_DROP)
    header("alg-array", "alg is a list", "Encoding", alg=["ES256"])
    header("typ-other", "the type of an acuse", "Foreign", typ="acopio-acuse+jwt")
    header("typ-upper-case", "types are compared as they are", "Encoding", typ="ACOPIO-PRUEBA+JWT")
    header("typ-with-application", "media type spelt out", "Encoding", typ="application/acopio-prueba+jwt")
    header("typ-missing", "no typ", "Missing", typ=_DROP)
    header("no-key-named", "neither kid nor jwk", "Missing", kid=_DROP)
    header("two-keys-named", "kid and jwk", "Unknown", jwk=key.public.jwk())
    header("kid-number", "kid is a number", "Encoding", kid=7)
    header("kid-empty", "kid is empty", "Missing", kid="")
    header("crit", "crit with an extension", "Unknown", crit=["exp"], exp=1)
    header("crit-empty", "an empty crit", "Unknown", crit=[])
    header("b64-false", "RFC 7797", "Unknown", b64=False)
    header("zip", "a compressed payload", "Unknown", zip="DEF")
    header("jku", "a key to be fetched", "Unknown", jku="/llaves.json")
    header("x5c", "a certificate", "Unknown", x5c=[])
    header("unknown-member", "a header of its own", "Unknown", nota="hola")
    bad("header-array", "the header is a list", _token(b'["ES256"]', payload, key), "Encoding")
    bad("header-empty", "the header is empty", f".{p}.{s}", "Missing")
    bad("header-not-json", "the header is cut", _token(_json(head)[:-1], payload, key), "Truncated")
    bad("header-trailing", "two JSON values", _token(_json(head) + b"{}", payload, key), "Trailing")
    bad(
        "header-not-utf8",
        "a byte that is no UTF-8",
        _token(_json(head).replace(b'"7"', b'"\xff"'), payload, key),
        "Encoding",
    )

    other_alphabet = base64.b64encode(b"\xfb\xff\xfe").decode()
    padded = base64.urlsafe_b64encode(b'{"hola":"mundo!"}').decode()
    bad("payload-padded", "base64url with padding", _resigned(f"{h}.{padded}", key), "Encoding")
    bad("payload-plain-base64", "+ and / instead of - and _", _resigned(f"{h}.{other_alphabet}", key), "Encoding")
    bad("payload-not-canonical", "bits after the end that are not zero", _resigned(f"{h}.aGF", key), "Encoding")
    bad("payload-length-one", "five characters: no number of bytes", _resigned(f"{h}.aGVsb", key), "Encoding")
    bad("payload-newline", "a line break, as in MIME", _resigned(f"{h}.{p[:8]}\n{p[8:]}", key), "Encoding")
    bad("payload-space", "a space", _resigned(f"{h}.{p[:8]} {p[8:]}", key), "Encoding")
    bad(
        "signature-not-canonical",
        "bits after the end that are not zero",
        f"{h}.{p}.{s[:-1]}{chr(ord(s[-1]) + 1)}",
        "Encoding",
    )
    bad("signature-padded", "base64url with padding", f"{good}==", "Encoding")
    bad("signature-empty", "nothing after the last dot", f"{h}.{p}.", "Missing")
    bad("signature-63-bytes", "one byte less", f"{h}.{p}.{b64url(key.sign(f'{h}.{p}'.encode())[:-1])}", "Length")
    bad("signature-65-bytes", "one byte more", f"{h}.{p}.{b64url(key.sign(f'{h}.{p}'.encode()) + bytes(1))}", "Length")
    bad("signature-der", "r and s in DER", f"{h}.{p}.{b64url(_der(key.sign(f'{h}.{p}'.encode())))}", "Encoding")
    bad("two-parts", "no signature part", f"{h}.{p}", "Missing")
    bad("four-parts", "one dot more", f"{good}.", "Trailing")
    bad("five-parts", "as an encrypted JWE", f"{h}..{p}.{s}.{s}", "Encoding")
    bad("json-serialisation", "not compact", json.dumps({"protected": h, "payload": p, "signature": s}), "Encoding")
    bad("leading-space", "a space before", f" {good}", "Encoding")
    bad("trailing-newline", "a newline after", f"{good}\n", "Trailing")
    bad("empty", "nothing", "", "Missing")
    bad("not-ascii", "a letter with an accent", good.replace("eyJ", "eyÑ", 1), "Encoding")
    bad("too-long", "one byte of payload over the limit", _token(head, b"a" * (_LONGEST + 1), key), "Length")
    valid("longest", "as long as may be", _token(head, b"a" * _LONGEST, key), b"a" * _LONGEST, "Unusual")

    bad(
        "payload-changed",
        "signed, then changed",
        f"{h}.{b64url(payload.replace(b'mundo', b'Mundo'))}.{s}",
        "Signature",
        "jws_firma",
    )
    bad(
        "header-changed",
        "signed, then another kid",
        f"{b64url(_json(_with(head, {'kid': '8'})))}.{p}.{s}",
        "Signature",
        "jws_firma",
    )
    bad("signature-of-another-key", "device 8's", _token(head, payload, forge.other_device), "Signature", "jws_firma")
    bad(
        "signature-over-payload-only",
        "without the header",
        f"{h}.{p}.{b64url(key.sign(payload))}",
        "Signature",
        "jws_firma",
    )
    bad("signature-zero", "64 zeros", f"{h}.{p}.{b64url(bytes(64))}", "Signature", "jws_firma")
    own = _token(_with(head, {"kid": _DROP, "jwk": forge.stranger.public.jwk()}), payload, forge.stranger)
    bad("signed-by-the-key-it-carries", "a jwk in the header makes no one known", own, "Signature", "jws_firma")
    return made


def _der(signature: bytes) -> bytes:
    def integer(raw: bytes) -> bytes:
        value = raw.lstrip(b"\0") or b"\0"
        value = b"\0" + value if value[0] & 0x80 else value
        return b"\x02" + bytes([len(value)]) + value

    body = integer(signature[:32]) + integer(signature[32:])
    return b"\x30" + bytes([len(body)]) + body


def _ecdsa(forge: Forge) -> list[shape.EcdsaVector]:
    key = forge.device
    message = b"ACOPIO"
    r, s = key.sign(message)[:32], key.sign(message)[32:]
    n = _P256_ORDER
    n_bytes = n.to_bytes(32, "big")
    high = n - int.from_bytes(s, "big")

    def vector(
        name: str, comment: str, signature: bytes, flag: str, said: bytes = message, *, valid: bool = False
    ) -> shape.EcdsaVector:
        verdict: dict[str, Any] = (
            {"result": "valid"} if valid else {"result": "invalid", "layer": "signature", "code": "firma_invalida"}
        )
        return shape.EcdsaVector(
            tc_id=1, name=name, comment=comment, flags=(flag,), message=said, signature=signature.hex(), **verdict
        )

    return [
        vector("ecdsa", "deterministic (RFC 6979)", r + s, "Good", valid=True),
        vector("ecdsa-empty-message", "nothing to sign is a message too", key.sign(b""), "Good", b"", valid=True),
        vector("ecdsa-other-s", "n - s is as valid as s", r + high.to_bytes(32, "big"), "Malleable", valid=True),
        vector(
            "ecdsa-other-nonce",
            "not deterministic",
            forge.sign_with_nonce(key, message, 2**200 + 1),
            "Malleable",
            valid=True,
        ),
        vector("ecdsa-other-message", "of other bytes", r + s, "Signature", b"ACOPIo"),
        vector("ecdsa-s-plus-order", "s + n does not fit, s out of range", r + b"\xff" * 32, "Range"),
        vector("ecdsa-r-order", "r is n", n_bytes + s, "Range"),
        vector("ecdsa-s-order", "s is n", r + n_bytes, "Range"),
        vector("ecdsa-r-zero", "r is 0", bytes(32) + s, "Range"),
        vector("ecdsa-s-zero", "s is 0", r + bytes(32), "Range"),
        vector("ecdsa-zero", "both 0", bytes(64), "Range"),
        vector("ecdsa-one-one", "r and s are 1", (1).to_bytes(32, "big") * 2, "Signature"),
        vector("ecdsa-der", "DER instead of r | s", _der(r + s), "Encoding"),
        vector("ecdsa-short", "63 bytes", (r + s)[:-1], "Length"),
        vector("ecdsa-long", "65 bytes", r + s + b"\0", "Length"),
        vector("ecdsa-empty", "no bytes", b"", "Length"),
        vector("ecdsa-swapped", "s | r", s + r, "Encoding"),
    ]


def _jwk(forge: Forge) -> list[shape.JwkVector]:
    good = forge.device.public.jwk()
    x, y = forge.device.public.point[1:33], forge.device.public.point[33:]
    p = 2**256 - 2**224 + 2**192 + 2**96 - 1
    negative = (p - int.from_bytes(y, "big")).to_bytes(32, "big")

    def valid(name: str, comment: str, jwk: dict[str, str], thumbprint: str, flag: str = "Good") -> shape.JwkVector:
        return shape.JwkVector(
            tc_id=1, name=name, comment=comment, result="valid", flags=(flag,), jwk=jwk, thumbprint=thumbprint
        )

    def bad(name: str, comment: str, flag: str, **other: Any) -> shape.JwkVector:
        return shape.JwkVector(
            tc_id=1,
            name=name,
            comment=comment,
            result="invalid",
            flags=(flag,),
            layer="jws",
            code="jws_invalido",
            jwk=_with(good, other),
        )

    own = forge.device.public.thumbprint
    return [
        valid("jwk", "the four members", good, own),
        valid(
            "jwk-of-device-8",
            "another key, another name",
            forge.other_device.public.jwk(),
            forge.other_device.public.thumbprint,
        ),
        valid(
            "jwk-with-use",
            "members that do not enter the name",
            {**good, "use": "sig", "alg": "ES256", "kid": "7"},
            own,
            "Unusual",
        ),
        bad(
            "jwk-point-at-infinity",
            "x and y are 0: some libraries take it for the point at infinity, for which anyone can sign",
            "Key",
            x=b64url(bytes(32)),
            y=b64url(bytes(32)),
        ),
        bad("jwk-not-on-curve", "one bit of y", "Key", y=b64url(y[:-1] + bytes([y[-1] ^ 1]))),
        bad("jwk-x-not-reduced", "x is p", "Key", x=b64url(p.to_bytes(32, "big"))),
        bad("jwk-private", "carries d", "Key", d=b64url(forge.device.scalar)),
        bad("jwk-rsa", "another kind", "Algorithm", kty="RSA"),
        bad("jwk-p384", "another curve's name", "Algorithm", crv="P-384"),
        bad("jwk-secp256k1", "another curve's name", "Algorithm", crv="secp256k1"),
        bad("jwk-without-kty", "no kty", "Missing", kty=_DROP),
        bad("jwk-without-x", "no x", "Missing", x=_DROP),
        bad("jwk-without-y", "no y: a compressed point", "Missing", y=_DROP),
        bad("jwk-x-short", "31 bytes", "Length", x=b64url(x[:-1])),
        bad("jwk-y-long", "33 bytes", "Length", y=b64url(bytes(1) + y)),
        bad("jwk-x-padded", "base64url with padding", "Encoding", x=b64url(x) + "="),
        bad("jwk-x-hex", "hex", "Encoding", x=x.hex()),
        valid(
            "jwk-of-the-negative",
            "-y is a key of its own",
            {**good, "y": b64url(negative)},
            _thumbprint({**good, "y": b64url(negative)}),
            "Unusual",
        ),
    ]


def _thumbprint(jwk: dict[str, str]) -> str:
    return b64url(hashlib.sha256(_json({key: jwk[key] for key in ("crv", "kty", "x", "y")})).digest())


# --- acuse.json


def acuse_groups(forge: Forge) -> list[shape.Group]:
    """A phone that knows the server's key and a retired one."""
    keys = {key.public.thumbprint: key.public for key in (forge.server, forge.retired_server)}
    return [shape.AcuseVerify(jwks=acuse.jwks(keys), tests=tuple(_acuses(forge)))]


def _acuses(forge: Forge) -> list[shape.AcuseVector]:
    kid = forge.server.public.thumbprint
    head = {"alg": "ES256", "typ": acuse.TYP, "kid": kid}
    said = {
        "iss": "Instituto Electoral de Prueba",
        "iat": 1_790_000_100,
        "folio": str(_FOLIO),
        "tipo": "apoyo",
        "codigo": _CODIGO.hex(),
        "tam": _TAM,
        "recibido": "2026-09-21T13:35:00.123Z",
        "v": 1,
    }
    made: list[shape.AcuseVector] = []
    held = {"folio": str(_FOLIO), "codigo": _CODIGO.hex(), "tam": _TAM}

    def valid(name: str, comment: str, token: str, flag: str = "Good", **other: Any) -> None:
        made.append(
            shape.AcuseVector(
                tc_id=1, name=name, comment=comment, result="valid", flags=(flag,), token=token, **{**held, **other}
            )
        )

    def bad(name: str, comment: str, flag: str, code: str, token: str, **other: Any) -> None:
        made.append(
            shape.AcuseVector(
                tc_id=1,
                name=name,
                comment=comment,
                result="invalid",
                flags=(flag,),
                layer="jws",
                code=code,
                token=token,
                **{**held, **other},
            )
        )

    def saying(**other: Any) -> str:
        return _token(head, _json(_with(said, other)), forge.server)

    def content(name: str, comment: str, flag: str, **other: Any) -> None:
        bad(name, comment, flag, "jws_invalido", saying(**other))

    zero = Folio(123, 45, 7, 0)
    valid("acuse", "of an apoyo", saying())
    valid("acuse-of-testigos", "of registro 0", saying(folio=str(zero), tipo="testigos"), folio=str(zero))
    valid("acuse-v-left-out", "v may be left out", saying(v=_DROP), "Unusual")
    valid("acuse-member-not-known-yet", "a later server may say more; it is signed too", saying(nota="hola"), "Unusual")
    valid(
        "acuse-retired-key",
        "a retired key stays published",
        _token({**head, "kid": forge.retired_server.public.thumbprint}, _json(said), forge.retired_server),
    )
    valid("acuse-iss-unicode", "an institution's name", saying(iss="Instituto Electoral de Michoacán — OPL"))

    other = Folio(123, 45, 7, 313)
    bad(
        "acuse-of-another-folio",
        "right in itself; the phone asks about registro 312",
        "Foreign",
        "acuse_ajeno",
        saying(folio=str(other)),
    )
    bad(
        "acuse-of-another-code",
        "one bit of the código",
        "Foreign",
        "acuse_ajeno",
        saying(codigo=(bytes([_CODIGO[0] ^ 1]) + _CODIGO[1:]).hex()),
    )
    bad("acuse-of-another-size", "one byte less", "Foreign", "acuse_ajeno", saying(tam=_TAM - 1))
    bad(
        "acuse-unknown-kid",
        "a key that the phone does not have",
        "Key",
        "llave_de_acuse_desconocida",
        _token({**head, "kid": forge.stranger.public.thumbprint}, _json(said), forge.stranger),
    )
    bad(
        "acuse-kid-of-device",
        "the phone's own key",
        "Key",
        "llave_de_acuse_desconocida",
        _token({**head, "kid": forge.device.public.thumbprint}, _json(said), forge.device),
    )
    bad(
        "acuse-by-another-key",
        "the server's kid over another's signature",
        "Signature",
        "jws_firma",
        _token(head, _json(said), forge.stranger),
    )
    bad(
        "acuse-by-retired-key",
        "this kid over the retired key's signature",
        "Signature",
        "jws_firma",
        _token(head, _json(said), forge.retired_server),
    )
    good = saying()
    h, _, s = good.split(".")
    bad(
        "acuse-changed",
        "signed, then for the folio that is asked",
        "Signature",
        "jws_firma",
        f"{h}.{b64url(_json({**said, 'tam': _TAM + 1}))}.{s}",
        tam=_TAM + 1,
    )
    bad(
        "acuse-typ-of-session",
        "another type",
        "Foreign",
        "jws_invalido",
        _token({**head, "typ": session.TYP}, _json(said), forge.server),
    )
    bad(
        "acuse-with-jwk",
        "carries its own key",
        "Key",
        "llave_de_acuse_desconocida",
        _token({"alg": "ES256", "typ": acuse.TYP, "jwk": forge.stranger.public.jwk()}, _json(said), forge.stranger),
    )
    bad(
        "acuse-alg-none",
        "no signature",
        "Algorithm",
        "jws_invalido",
        f"{b64url(_json({**head, 'alg': 'none'}))}.{b64url(_json(said))}.",
    )
    bad("acuse-empty", "nothing", "Missing", "jws_invalido", "")
    bad("acuse-too-long", "over 2048 bytes", "Length", "jws_invalido", saying(iss="a" * 1500))

    for name in said:
        if name != "v":
            content(f"acuse-without-{name}", "a required field is not there", "Missing", **{name: _DROP})
    content("acuse-v-2", "another version", "Unknown", v=2)
    content("acuse-instant-without-milliseconds", "seconds only", "Encoding", recibido="2026-09-21T13:35:00Z")
    content("acuse-instant-microseconds", "six decimals", "Encoding", recibido="2026-09-21T13:35:00.123456Z")
    content("acuse-instant-offset", "not in UTC", "Encoding", recibido="2026-09-21T07:35:00.123-06:00")
    content("acuse-instant-space", "a space for the T", "Encoding", recibido="2026-09-21 13:35:00.123Z")
    content("acuse-instant-newline", "a newline after", "Encoding", recibido="2026-09-21T13:35:00.123Z\n")
    content("acuse-instant-number", "a number", "Encoding", recibido=1_790_000_100_123)
    content("acuse-codigo-upper-case", "lower case only", "Encoding", codigo=_CODIGO.hex().upper())
    content("acuse-codigo-newline", "a newline after", "Encoding", codigo=_CODIGO.hex() + "\n")
    content("acuse-codigo-short", "63 digits", "Length", codigo=_CODIGO.hex()[:-1])
    content("acuse-tam-text", "a text", "Encoding", tam=str(_TAM))
    content("acuse-tam-float", "not an integer", "Encoding", tam=float(_TAM) + 0.5)
    content("acuse-tam-zero", "no sobre is empty", "Range", tam=0)
    content("acuse-iat-text", "a text", "Encoding", iat="1790000100")
    content("acuse-tipo-unknown", "neither apoyo nor testigos", "Range", tipo="mi_apoyo")
    content("acuse-iss-empty", "no institution", "Range", iss="")
    content("acuse-iss-of-121", "too long", "Range", iss="a" * 121)
    content(
        "acuse-folio-wrong-check",
        "its check character is wrong",
        "CheckCharacter",
        folio=str(_FOLIO)[:-1] + ("0" if str(_FOLIO)[-1] != "0" else "1"),
    )
    bad("acuse-not-json", "cut", "Truncated", "jws_invalido", _token(head, _json(said)[:-1], forge.server))
    bad("acuse-array", "a list", "Encoding", "jws_invalido", _token(head, _json(list(said.values())), forge.server))
    return made


# --- session.json


def session_groups(forge: Forge) -> list[shape.Group]:
    """Requests of device 7, and answers to it."""
    return [
        shape.SessionRequest(jwk=forge.device.public.jwk(), tests=tuple(_requests(forge))),
        shape.SessionAnswer(tests=tuple(_answers())),
    ]


def _requests(forge: Forge) -> list[shape.RequestVector]:
    key = forge.device
    code = [b64url(hashlib.sha256(bytes([n])).digest()) for n in range(4)]
    head = {"alg": "ES256", "typ": session.TYP, "kid": "7"}
    said = {
        "solicitud": 123,
        "auxiliar": 45,
        "dispositivo": 7,
        "nonce": "0123456789abcdef",
        "reloj_ms": 1_790_000_000_000,
        "sobres": [[0, 270_000, code[0]], [5, 1273, code[1]], [6, 8 * 1024 * 1024, code[2]]],
        "borrados": [1, 2, 3, 4],
        "app": "vectores 1",
        "v": 1,
    }
    request = _Collector(shape.RequestVector)

    def valid(name: str, comment: str, flag: str = "Good", **other: Any) -> None:
        payload = _json(_with(said, other))
        request.add(name, comment, flag, token=_token(head, payload, key), payload=payload)

    def content(name: str, comment: str, flag: str, **other: Any) -> None:
        token = _token(head, _json(_with(said, other)), key)
        request.add(name, comment, flag, "session", "sesion_invalida", token=token)

    valid("session", "three sobres, four deleted")
    valid(
        "session-empty-queue",
        "nothing to send: the phone asks for the time and the notices",
        sobres=[],
        borrados=_DROP,
        app=_DROP,
        v=_DROP,
    )
    valid("session-clock-of-1970", "the phone's clock is never a reason to refuse", "Unusual", reloj_ms=0)
    valid(
        "session-clock-of-tomorrow",
        "the phone's clock is never a reason to refuse",
        "Unusual",
        reloj_ms=4_000_000_000_000,
    )
    valid("session-nonce-of-64", "as long as may be", "Unusual", nonce="n" * 64)
    for name in ("solicitud", "auxiliar", "dispositivo", "nonce", "reloj_ms", "sobres"):
        content(
            f"session-without-{name.replace('_', '-')}", "a required field is not there", "Missing", **{name: _DROP}
        )
    content("session-unknown-field", "one field more", "Unknown", sim="52")
    content("session-v-2", "another version", "Unknown", v=2)
    content("session-solicitud-zero", "no such solicitud", "Range", solicitud=0)
    content("session-solicitud-of-7-digits", "no folio can hold it", "Range", solicitud=10**6)
    content("session-auxiliar-zero", "Mi Apoyo has no session in this version", "Range", auxiliar=0)
    content("session-auxiliar-of-7-digits", "no folio can hold it", "Range", auxiliar=10**6)
    content("session-dispositivo-text", "a text", "Encoding", dispositivo="7")
    content("session-nonce-of-15", "too short", "Range", nonce="n" * 15)
    content("session-nonce-of-65", "too long", "Range", nonce="n" * 65)
    content("session-clock-negative", "before 1970", "Range", reloj_ms=-1)
    content("session-clock-too-large", "over 2^53", "Range", reloj_ms=2**53 + 1)
    content("session-clock-float", "not an integer", "Encoding", reloj_ms=1.5)
    content("session-app-of-81", "too long", "Range", app="a" * 81)
    content(
        "session-registro-twice",
        "two sobres of one registro",
        "Content",
        sobres=[[5, 2000, code[0]], [5, 2000, code[1]]],
    )
    content("session-registro-held-and-deleted", "a sobre cannot be both", "Content", borrados=[5])
    content("session-registro-of-7-digits", "no folio can hold it", "Range", sobres=[[10**6, 2000, code[0]]])
    content("session-registro-negative", "less than nothing", "Range", sobres=[[-1, 2000, code[0]]])
    content("session-deleted-negative", "less than nothing", "Range", borrados=[-1])
    content(
        "session-entry-as-object",
        "entries are arrays",
        "Encoding",
        sobres=[{"registro": 5, "tam": 2000, "codigo": code[0]}],
    )
    content("session-entry-short", "no código", "Missing", sobres=[[5, 2000]])
    content("session-entry-long", "one value more", "Unknown", sobres=[[5, 2000, code[0], 0]])
    content("session-entry-negative", "less than nothing", "Range", sobres=[[5, -1, code[0]]])
    content(
        "session-code-hex", "hex instead of base64url", "Encoding", sobres=[[5, 2000, hashlib.sha256(b"").hexdigest()]]
    )
    content("session-code-padded", "base64url with padding", "Encoding", sobres=[[5, 2000, code[0] + "="]])
    content("session-code-newline", "a newline after", "Encoding", sobres=[[5, 2000, code[0] + "\n"]])
    content(
        "session-code-not-canonical",
        "bits after the end that are not zero",
        "Encoding",
        sobres=[[5, 2000, code[0][:-1] + chr(ord(code[0][-1]) + 1)]],
    )
    content("session-code-short", "42 characters", "Length", sobres=[[5, 2000, code[0][:-1]]])
    content("session-kid-of-another", "the payload names device 8", "Foreign", dispositivo=8)
    request.add(
        "session-not-json", "cut", "Truncated", "session", "sesion_invalida", token=_token(head, _json(said)[:-1], key)
    )
    request.add(
        "session-trailing",
        "two JSON values",
        "Trailing",
        "session",
        "sesion_invalida",
        token=_token(head, _json(said) + b"{}", key),
    )
    request.add(
        "session-by-another-device",
        "device 8's signature",
        "Signature",
        "jws",
        "jws_firma",
        token=_token(head, _json(said), forge.other_device),
    )
    request.add(
        "session-typ-of-alta",
        "another type",
        "Foreign",
        "jws",
        "jws_invalido",
        token=_token({**head, "typ": alta.TYP_ALTA}, _json(said), key),
    )
    request.add("session-plain-json", "not signed at all", "Missing", "jws", "jws_invalido", token=_json(said).decode())
    return request.made


def _answers() -> list[shape.AnswerVector]:
    said = {
        "sesion": 9,
        "ahora_ms": 1_790_000_000_000,
        "token": "t0k3n",
        "vence_ms": 1_790_000_900_000,
        "en_vuelo": 2,
        "inicia_ms": 1_789_000_000_000,
        "termina_ms": 1_799_000_000_000,
        "sobres": [
            {"registro": 0, "estado": "acusado", "acuse": "eyJ..."},
            {"registro": 5, "estado": "nuevo", "url": "/sync/subidas/a"},
            {"registro": 6, "estado": "parcial", "url": "/sync/subidas/b", "offset": 4096},
            {"registro": 7, "estado": "recibido"},
            {"registro": 8, "estado": "rechazado", "codigo": "firma_invalida", "texto": "La firma no corresponde."},
        ],
        "avisos": [{"codigo": "periodo_por_cerrar", "texto": "Quedan dos días."}],
        "v": 1,
    }
    answer = _Collector(shape.AnswerVector)

    def bad(name: str, comment: str, flag: str, body: str) -> None:
        answer.add(name, comment, flag, "session", "sesion_invalida", body=body)

    def saying(**other: Any) -> str:
        return _json(_with(said, other)).decode()

    answer.add("answer", "one of each estado", "Good", body=saying())
    answer.add("answer-without-notices", "avisos may be left out", "Unusual", body=saying(avisos=_DROP, v=_DROP))
    answer.add("answer-member-not-known-yet", "a later server may say more", "Unusual", body=saying(nota="hola"))
    answer.add("answer-empty-queue", "nothing was offered", "Good", body=saying(sobres=[]))
    bad("answer-html", "a captive portal", "Proxy", "<!DOCTYPE html><title>Bienvenido a la red</title>")
    bad("answer-empty", "nothing", "Proxy", "")
    bad("answer-cut", "the line broke", "Truncated", saying()[:-20])
    bad("answer-other-json", "JSON, of someone else", "Proxy", '{"status":"ok"}')
    bad("answer-without-token", "a required field is not there", "Missing", saying(token=_DROP))
    bad("answer-estado-unknown", "none of the five", "Unknown", saying(sobres=[{"registro": 0, "estado": "borrado"}]))
    bad(
        "answer-offset-text",
        "a text",
        "Encoding",
        saying(sobres=[{"registro": 0, "estado": "parcial", "url": "/a", "offset": "1"}]),
    )
    return answer.made


# --- alta.json


def alta_groups(forge: Forge) -> list[shape.Group]:
    """Altas carry their key; bajas name one or carry it."""
    return [
        shape.AltaRequest(tests=tuple(_altas(forge))),
        shape.BajaRequest(jwk=forge.device.public.jwk(), tests=tuple(_bajas(forge))),
    ]


def _altas(forge: Forge) -> list[shape.RequestVector]:
    key = forge.device
    head = {"alg": "ES256", "typ": alta.TYP_ALTA, "jwk": key.public.jwk()}
    said = {
        "solicitud": 123,
        "auxiliar": 45,
        "tipo_cuenta": "google",
        "correo": "auxiliar@example.org",
        "codigo": "042424",
        "acepta": True,
        "aviso": "2026-1",
        "modelo": "Teléfono de prueba",
        "v": 1,
    }
    request = _Collector(shape.RequestVector)

    def valid(name: str, comment: str, flag: str = "Good", **other: Any) -> None:
        payload = _json(_with(said, other))
        request.add(name, comment, flag, token=_token(head, payload, key), payload=payload)

    def content(name: str, comment: str, flag: str, **other: Any) -> None:
        request.add(
            name, comment, flag, "enrolment", "alta_invalida", token=_token(head, _json(_with(said, other)), key)
        )

    def shaped(name: str, comment: str, flag: str, code: str, header: dict[str, Any], signer: PrivateKey = key) -> None:
        request.add(name, comment, flag, "jws", code, token=_token(header, _json(said), signer))

    valid("alta", "a new device")
    valid("alta-re-keying", "a new key for device 7", dispositivo=7)
    valid("alta-not-accepted", "its shape is right; the server answers aviso_no_aceptado", acepta=False)
    valid("alta-bare", "modelo and v left out", "Unusual", modelo=_DROP, v=_DROP)
    for name in ("solicitud", "auxiliar", "tipo_cuenta", "correo", "codigo", "acepta", "aviso"):
        content(f"alta-without-{name.replace('_', '-')}", "a required field is not there", "Missing", **{name: _DROP})
    content("alta-unknown-field", "one field more", "Unknown", imei="0")
    content("alta-account-unknown", "none of the three", "Range", tipo_cuenta="apple")
    content("alta-code-of-5", "five digits", "Range", codigo="42424")
    content("alta-code-newline", "a newline after", "Encoding", codigo="042424\n")
    content("alta-code-number", "leading zeros matter: text", "Encoding", codigo=42424)
    content("alta-code-arabic", "digits that are none in ASCII", "Encoding", codigo="٠٤٢٤٢٤")
    content("alta-auxiliar-zero", "Mi Apoyo has no alta in this version", "Range", auxiliar=0)
    content("alta-auxiliar-of-7-digits", "no folio can hold it", "Range", auxiliar=10**6)
    content("alta-solicitud-of-7-digits", "no folio can hold it", "Range", solicitud=10**6)
    content("alta-dispositivo-of-8-digits", "no folio can hold it", "Range", dispositivo=10**7)
    content("alta-accepted-text", "a text", "Encoding", acepta="true")
    content("alta-notice-empty", "no version of the notice", "Range", aviso="")
    content("alta-mail-of-255", "too long", "Range", correo="a" * 243 + "@example.org")
    shaped(
        "alta-with-kid",
        "names a key instead of carrying it",
        "Key",
        "jws_invalido",
        {"alg": "ES256", "typ": alta.TYP_ALTA, "kid": "7"},
    )
    shaped(
        "alta-key-at-infinity",
        "a key for which anyone can sign",
        "Key",
        "jws_invalido",
        {**head, "jwk": {"kty": "EC", "crv": "P-256", "x": b64url(bytes(32)), "y": b64url(bytes(32))}},
    )
    shaped(
        "alta-key-not-held", "carries a key and is signed by another", "Signature", "jws_firma", head, forge.stranger
    )
    shaped("alta-typ-of-baja", "another type", "Foreign", "jws_invalido", {**head, "typ": alta.TYP_BAJA})
    return request.made


def _bajas(forge: Forge) -> list[shape.RequestVector]:
    key = forge.device
    head = {"alg": "ES256", "typ": alta.TYP_BAJA, "kid": "7"}
    said = {"solicitud": 123, "auxiliar": 45, "dispositivo": 7, "nonce": "0123456789abcdef", "codigo": None, "v": 1}
    request = _Collector(shape.RequestVector)

    def valid(name: str, comment: str, header: dict[str, Any], signer: PrivateKey, **other: Any) -> None:
        payload = _json(_with(said, other))
        request.add(name, comment, "Good", token=_token(header, payload, signer), payload=payload)

    def content(name: str, comment: str, flag: str, **other: Any) -> None:
        request.add(
            name, comment, flag, "enrolment", "alta_invalida", token=_token(head, _json(_with(said, other)), key)
        )

    lost = {"alg": "ES256", "typ": alta.TYP_BAJA, "jwk": forge.stranger.public.jwk()}
    valid("baja", "of itself", head, key)
    valid(
        "baja-of-a-lost-phone",
        "by a key that the server does not know, with the mailed code",
        lost,
        forge.stranger,
        codigo="042424",
    )
    for name in ("solicitud", "auxiliar", "dispositivo", "nonce"):
        content(f"baja-without-{name}", "a required field is not there", "Missing", **{name: _DROP})
    content("baja-unknown-field", "one field more", "Unknown", motivo="robo")
    content("baja-nonce-of-15", "too short", "Range", nonce="n" * 15)
    content("baja-auxiliar-of-7-digits", "no folio can hold it", "Range", auxiliar=10**6)
    request.add(
        "baja-by-another",
        "device 8's signature",
        "Signature",
        "jws",
        "jws_firma",
        token=_token(head, _json(said), forge.other_device),
    )
    request.add(
        "baja-two-keys",
        "kid and jwk",
        "Unknown",
        "jws",
        "jws_invalido",
        token=_token({**lost, "kid": "7"}, _json(said), forge.stranger),
    )
    return request.made


class _Collector:
    """Vectors of one type; those with a code are the invalid ones."""

    def __init__(self, kind: Callable[..., Any]) -> None:
        self._kind = kind
        self.made: list[Any] = []

    def add(self, name: str, comment: str, flag: str, layer: str = "", code: str = "", **fields: Any) -> None:
        result = "invalid" if code else "valid"
        self.made.append(
            self._kind(
                tc_id=1, name=name, comment=comment, result=result, flags=(flag,), layer=layer, code=code, **fields
            )
        )
