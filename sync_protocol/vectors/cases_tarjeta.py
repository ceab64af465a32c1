"""The cases of `tarjeta.json` (SPEC §12)."""

# ruff: noqa: E501  (tables: one case a line)

from __future__ import annotations

import msgspec

from sync_protocol import tarjeta
from sync_protocol.vectors import shape

_FOLIO = "000123-000045-0000007-000312-9"
_START = "0123456789abcdef"
_NAME = f"{_FOLIO}_{_START}.sobre"
_MAGIC = b"ACOPIO".hex()


def groups() -> list[shape.Group]:
    """Which files are sobres and what their names announce; refusals."""
    return [shape.CardFile(tests=tuple(_files())), shape.CardRefusal(tests=tuple(_refusals()))]


def _file(
    name: str, comment: str, file: str, head: str, sobre: bool, announced: str = "", flag: str = "Good"
) -> shape.CardFileVector:
    return shape.CardFileVector(
        tc_id=1, name=name, comment=comment, result="valid", flags=(flag,), file=file, head=head, sobre=sobre, announced=announced
    )  # fmt: skip


def _files() -> list[shape.CardFileVector]:
    return [
        _file("a-phones-own-name", "Folio, underscore, first 16 digits of the código.", _NAME, _MAGIC, True, _START),
        _file("upper-case", "FAT may fold the case of a name.", _NAME.upper(), _MAGIC, True, _START, "Unusual"),
        _file("named-without-the-magic", "Offered by its name; its frame will say what it is.", _NAME, "ffd8ffe000104a46", True, _START, "Unusual"),
        _file("named-and-empty", "A copy that was cut at its first byte.", _NAME, "", True, _START, "Truncated"),
        _file("any-other-name", "The bytes say what it is; nothing is announced.", "IMG_0001.dat", _MAGIC, True, "", "Unusual"),
        _file("no-name-to-speak-of", "No extension.", "x", _MAGIC, True, "", "Unusual"),
        _file("a-copys-name", "A file manager's second copy has no announced code.", f"{_FOLIO}_{_START} (1).sobre", _MAGIC, True, "", "Unusual"),
        _file("short-code", "Fifteen digits announce nothing.", f"{_FOLIO}_{_START[:-1]}.sobre", _MAGIC, True, "", "Encoding"),
        _file("long-code", "Seventeen digits announce nothing.", f"{_FOLIO}_{_START}0.sobre", _MAGIC, True, "", "Encoding"),
        _file("code-that-is-not-hex", "It announces nothing.", f"{_FOLIO}_{_START[:-1]}g.sobre", _MAGIC, True, "", "Encoding"),
        _file("folio-of-another-form", "It announces nothing.", f"123-45-7-312-9_{_START}.sobre", _MAGIC, True, "", "Encoding"),
        _file("full-width-digits", "Digits of other scripts are none.", f"{_FOLIO.replace('9', '９')}_{_START}.sobre", _MAGIC, True, "", "Encoding"),
        _file("a-photograph", "Somebody else's file: passed over, untouched.", "IMG_0001.JPG", "ffd8ffe000104a46", False, "", "Foreign"),
        _file("half-a-magic", "Too short to be one, and not named as one.", "x.bin", b"ACOPI".hex(), False, "", "Foreign"),
        _file("lower-case-magic", "Another file format's business.", "x.bin", b"acopio".hex(), False, "", "Foreign"),
        _file("an-acuse", "An answer, whatever its first bytes.", _NAME + ".acuse", _MAGIC, False, "", "Foreign"),
        _file("a-refusal", "An answer.", _NAME + ".rechazo.json", "7b22", False, "", "Foreign"),
        _file("a-refusal-in-upper-case", "FAT again.", _NAME.upper() + ".RECHAZO.JSON", "7b22", False, "", "Foreign"),
        _file("a-temporary-name", "Begins with a dot: not whole yet.", f".{_NAME}", _MAGIC, False, "", "Truncated"),
        _file("a-shadow-of-another-system", "Begins with a dot.", f"._{_NAME}", "00051607", False, "", "Foreign"),
    ]  # fmt: skip


def _refusals() -> list[shape.CardRefusalVector]:
    digest = bytes(range(32))
    whole = msgspec.json.decode(tarjeta.rechazo("firma_invalida", digest, _FOLIO), type=dict[str, object])

    def text(**changes: object) -> str:
        body = {**whole, **changes}
        return msgspec.json.encode({key: value for key, value in body.items() if value is not None}).decode()

    def good(
        name: str,
        comment: str,
        body: str,
        flag: str = "Good",
        code: str = "firma_invalida",
        folio: str = _FOLIO,
        permanent: bool = True,
    ) -> shape.CardRefusalVector:
        return shape.CardRefusalVector(
            tc_id=1, name=name, comment=comment, result="valid", flags=(flag,), text=body, codigo=code, folio=folio,
            integridad=digest.hex(), permanente=permanent,
        )  # fmt: skip

    def bad(name: str, comment: str, body: str, flag: str) -> shape.CardRefusalVector:
        return shape.CardRefusalVector(
            tc_id=1, name=name, comment=comment, result="invalid", flags=(flag,), layer="service", code="solicitud_invalida", text=body
        )  # fmt: skip

    return [
        good("refusal", "As a server writes it.", text()),
        good("without-v", "v may be left out.", text(v=None), "Unusual"),
        good("no-folio", "Its header could not be read.", text(folio=""), "Unusual", folio=""),
        good("a-newer-servers-word", "Readers of answers ignore what they do not know.", text(ayuda="https://ejemplo.mx"), "Unusual"),
        good("a-code-from-later", "A phone shows the text of a code that it does not know.", text(codigo="motivo_nuevo"), "Unusual", "motivo_nuevo"),
        bad("torn", "A card pulled out too soon.", text()[:40], "Truncated"),
        bad("zeros", "What a torn card leaves.", "\0" * 64, "Truncated"),
        bad("version-2", "Of another protocol.", text(v=2), "Range"),
        bad("short-integridad", "63 digits.", text(integridad=digest.hex()[:-1]), "Length"),
        bad("upper-case-integridad", "Lower case only.", text(integridad=digest.hex().upper()), "Encoding"),
        bad("no-codigo", "Required.", text(codigo=None), "Missing"),
        bad("too-long", "At most 4096 bytes.", text() + " " * 4096, "Length"),
    ]  # fmt: skip
