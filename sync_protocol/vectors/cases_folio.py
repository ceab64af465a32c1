"""The cases of `folio.json` (SPEC §2)."""

# ruff: noqa: E501  (tables: one case a line)

from __future__ import annotations

from sync_protocol.folio import Folio, check_character
from sync_protocol.vectors import shape

_GOOD = "000123-000045-0000007-000312-"


def groups() -> list[shape.Group]:
    """Strict form, typed form, check character."""
    return [
        shape.FolioParse(tests=tuple(_parse())),
        shape.FolioTyped(tests=tuple(_typed())),
        shape.CheckCharacter(tests=tuple(_check())),
    ]


def _good(name: str, comment: str, folio: Folio, text: str = "") -> shape.FolioVector:
    counters = shape.Counters(
        solicitud=folio.solicitud, auxiliar=folio.auxiliar, dispositivo=folio.dispositivo, registro=folio.registro
    )
    return shape.FolioVector(
        tc_id=1,
        name=name,
        comment=comment,
        result="valid",
        flags=("Good",),
        text=text or str(folio),
        counters=counters,
        written=str(folio) if text else "",
    )


def _bad(name: str, comment: str, text: str, flag: str) -> shape.FolioVector:
    return shape.FolioVector(
        tc_id=1,
        name=name,
        comment=comment,
        result="invalid",
        flags=(flag,),
        layer="folio",
        code="folio_invalido",
        text=text,
    )


def _with_check(body: str) -> str:
    return f"{body}-{check_character(body.replace('-', ''))}"


def _parse() -> list[shape.FolioVector]:
    folio = Folio(123, 45, 7, 312)
    text = str(folio)
    x = next(f for f in (Folio(123, 45, 7, n) for n in range(1, 100)) if str(f).endswith("X"))
    swapped = "000132" + text[6:]
    return [
        _good("folio", "the example's counters", folio),
        _good("check-character-x", "the check character is ten", x),
        _good("smallest", "solicitud 1, auxiliar 0 (Mi Apoyo), dispositivo 1, registro 0", Folio(1, 0, 1, 0)),
        _good("largest", "every counter at its end", Folio(999999, 999999, 9999999, 999999)),
        _bad("wrong-check-character", "one more than it should be", text[:-1] + str((int(text[-1]) + 1) % 10), "Range"),
        _bad("check-character-lower-case-x", "machines take the upper case only", str(x)[:-1] + "x", "Encoding"),
        _bad("one-digit-wrong", "registro 313 with the check character of 312", text.replace("312", "313"), "CheckCharacter"),
        _bad("two-digits-swapped", "solicitud 000132 with the check character of 000123", swapped, "CheckCharacter"),
        _bad("distant-digits-swapped", "a digit of solicitud and one of registro", "000122-000045-0000007-000313" + text[-2:], "CheckCharacter"),
        _bad("no-dashes", "compact, as only people may type it", text.replace("-", ""), "Encoding"),
        _bad("spaces-for-dashes", "spaces instead of dashes", text.replace("-", " "), "Encoding"),
        _bad("dash-missing", "the last dash is not there", text[:-2] + text[-1], "Encoding"),
        _bad("dashes-elsewhere", "the right digits in other groups", "0001230-00045-0000007-000312-" + text[-1], "Encoding"),
        _bad("leading-space", "one space before", " " + text, "Encoding"),
        _bad("trailing-newline", "one newline after", text + "\n", "Encoding"),
        _bad("no-check-character", "ends with a dash", text[:-1], "Missing"),
        _bad("empty", "nothing at all", "", "Missing"),
        _bad("one-digit-less", "registro with five digits", _with_check("000123-000045-0000007-00312"), "Length"),
        _bad("one-digit-more", "registro with seven digits", _with_check("000123-000045-0000007-0000312"), "Length"),
        _bad("arabic-digit", "a digit that is none in ASCII", text.replace("7", "\u0667"), "Encoding"),
        _bad("full-width-digit", "a wide digit", text.replace("7", "\uff17"), "Encoding"),
        _bad("letter-for-digit", "O for 0", "O" + text[1:], "Encoding"),
        _bad("sign", "a sign in a counter", "+00123" + text[6:], "Encoding"),
        _bad("solicitud-zero", "solicitud 0, check character right", _with_check("000000-000045-0000007-000312"), "Range"),
        _bad("dispositivo-zero", "dispositivo 0, check character right", _with_check("000123-000045-0000000-000312"), "Range"),
    ]  # fmt: skip


def _typed() -> list[shape.FolioVector]:
    folio = Folio(123, 45, 7, 312)
    text = str(folio)
    x = next(f for f in (Folio(123, 45, 7, n) for n in range(1, 100)) if str(f).endswith("X"))
    return [
        _good("typed-as-written", "with dashes", folio, text),
        _good("typed-without-dashes", "digits only", folio, text.replace("-", "")),
        _good("typed-with-spaces", "spaces, and around", folio, f" {text.replace('-', ' ')} "),
        _good("typed-lower-case-x", "x for X", x, str(x).lower()),
        _good("typed-en-dash", "the dash that word processors make", folio, text.replace("-", "–")),
        _bad("typed-wrong-check", "the check character still counts", text[:-1] + str((int(text[-1]) + 1) % 10), "CheckCharacter"),
        _bad("typed-short", "24 digits and a check character", text.replace("-", "")[1:], "Length"),
        _bad("typed-letters", "a word", "folio " + text, "Encoding"),
        _bad("typed-empty", "nothing", "", "Missing"),
    ]  # fmt: skip


def _check() -> list[shape.CheckVector]:
    published = [
        ("iso-7064-0794", "ISO/IEC 7064, the standard's own example", "0794", "0"),
        ("isni-000000021825009", "an ORCID, which is an ISNI", "000000021825009", "7"),
        ("isni-000000021694233", "an ORCID whose check character is X", "000000021694233", "X"),
        ("all-zero", "25 zeros", "0" * 25, "1"),
        ("folio-example", "the digits of the example", _GOOD.replace("-", ""), check_character(_GOOD.replace("-", ""))),
    ]
    good = [
        shape.CheckVector(
            tc_id=1, name=name, comment=comment, result="valid", flags=("Good",), digits=digits, check=check
        )
        for name, comment, digits, check in published
    ]
    wrong = shape.CheckVector(
        tc_id=1,
        name="check-wrong",
        comment="0794 does not end in 1",
        result="invalid",
        flags=("CheckCharacter",),
        layer="folio",
        code="folio_invalido",
        digits="0794",
        check="1",
    )
    return [*good, wrong]
