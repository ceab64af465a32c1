"""What the mails say, and that nothing in a name or on a card can make them say anything else (row D6)."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from server.intake import enrol
from server.notify import messages
from server.notify.messages import mask
from server.notify.writing import Destinatario, one_line
from sync_protocol import acuse as acuses
from sync_protocol.errors import RemoteProtocolError
from tests.server.notify.samples import (
    CIC,
    INSTITUCION,
    ITZEL,
    NOW,
    URL,
    acuse_mail,
    code_mail,
    html_of,
    received,
    renglon,
    text_of,
)

CODE_LINE = "Código de integridad:"


class _Words(HTMLParser):
    """The words of an HTML body, as a person reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._skip = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skip = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._skip = False

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.words += data.split()


def words_of_html(html: str) -> list[str]:
    parser = _Words()
    parser.feed(html)
    return parser.words


# Masking


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        ("123456789", "•••••6789"),
        ("0123456789012", "•••••••••9012"),
        ("12345", "•2345"),
        ("1234", "••••"),
        ("7", "•"),
        ("", ""),
    ],
)
def test_mask_leaves_four_and_hides_short_ones_whole(identifier: str, shown: str) -> None:
    assert mask(identifier) == shown


def test_cic_is_masked_everywhere_in_the_mail() -> None:
    raw = acuse_mail(renglon(1)).as_string()
    message = acuse_mail(renglon(1))
    for body in (raw, text_of(message), html_of(message)):
        assert CIC not in body
    assert "CIC •••••6789" in text_of(message)
    assert "CIC •••••6789" in html_of(message)


def test_cic_is_whole_when_the_setting_says_so() -> None:
    message = acuse_mail(renglon(1, whole=True))
    assert f"CIC {CIC}" in text_of(message)
    assert f"CIC {CIC}" in html_of(message)


@pytest.mark.parametrize(
    ("cic", "ocr", "shown"),
    [
        (CIC, "0123456789012", "CIC •••••6789"),
        (None, "0123456789012", "OCR •••••••••9012"),
        (None, None, "no leído"),
        (" \n ", None, "no leído"),
    ],
)
def test_identifier_is_the_cic_or_the_ocr_or_says_that_none_was_read(
    cic: str | None, ocr: str | None, shown: str
) -> None:
    assert renglon(1, cic=cic, ocr=ocr).identificador == shown


def test_testigos_have_no_identifier_and_their_full_name() -> None:
    assert renglon(0).identificador == ""
    message = acuse_mail(renglon(0))
    assert "Tipo: Testigos visuales del alta" in text_of(message).splitlines()
    assert "Identificador" not in text_of(message) + html_of(message)


# What the acuse mail says


def test_text_has_one_line_a_fact_and_one_code_a_registro() -> None:
    lines = text_of(acuse_mail()).splitlines()
    codes = [line for line in lines if line.startswith(CODE_LINE)]
    assert len(codes) == text_of(acuse_mail()).count(CODE_LINE) == 3
    for line in codes:
        assert re.fullmatch(rf"{CODE_LINE}( [0-9A-F]{{4}}){{16}}", line)
    assert [line for line in lines if line.startswith("Folio: ")] == [f"Folio: {renglon(n).folio}" for n in range(3)]
    assert lines.count("Fecha de recepción: 21/09/2026 08:13:20 (hora del centro)") == 3


def test_text_and_html_carry_the_same_facts() -> None:
    message = acuse_mail()
    text, html = text_of(message), " ".join(words_of_html(html_of(message)))
    facts = [ITZEL.nombre, INSTITUCION, f"{URL}/.well-known/jwks.json", "acuses.json", "JOSE", "hora del centro"]
    for one in (renglon(0), renglon(1), renglon(2, cic=None, ocr="0123456789012")):
        facts += [one.folio, one.codigo, one.recibido, one.identificador, messages.TIPOS[one.tipo]]
    assert [fact for fact in facts if fact not in text] == []
    assert [fact for fact in facts if fact not in html] == []
    assert html.count(CODE_LINE) == text.count(CODE_LINE)


def test_subject_counts_registros_and_names_the_institution() -> None:
    assert received(acuse_mail(renglon(1)))["Subject"] == f"Acuse de recibo: 1 registro · {INSTITUCION}"
    assert received(acuse_mail())["Subject"] == f"Acuse de recibo: 3 registros · {INSTITUCION}"


def test_mails_say_that_no_person_wrote_them_and_keep_their_id() -> None:
    message = received(acuse_mail())
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<acuses.1.0.3@apoyo.ejemplo.mx>"
    assert message["To"] == ITZEL.correo


def test_attachment_parses_and_its_acuses_verify_with_its_keys() -> None:
    attachments = list(received(acuse_mail()).iter_attachments())
    assert [(part.get_filename(), part.get_content_type()) for part in attachments] == [
        ("acuses.json", "application/json")
    ]
    document = json.loads(attachments[0].get_content())
    keys = acuses.keys_from_jwks(document["jwks"])
    found = [acuses.read(token, keys) for token in document["acuses"]]
    assert [one.folio for one in found] == [renglon(n).folio for n in range(3)]
    token = document["acuses"][1]
    header, payload, signature = token.split(".")
    changed = f"{header}.{payload[:-2]}{'AA' if payload[-2:] != 'AA' else 'BB'}.{signature}"
    with pytest.raises(RemoteProtocolError):
        acuses.read(changed, keys)


def test_a_session_of_hundreds_stays_one_readable_mail() -> None:
    message = acuse_mail(*(renglon(n) for n in range(1, 401)))
    assert text_of(message).count(CODE_LINE) == 400
    assert all(len(line) < 998 for line in message.as_bytes().splitlines()), "the limit of SMTP"
    assert len(html_of(message)) < 400 * 1_500


# What the code mail says


def test_code_is_the_only_six_digit_number_and_is_there_once() -> None:
    message = code_mail("042917")
    assert re.findall(r"\d{6,}", text_of(message)) == ["042917"]
    assert re.findall(r"\d{6,}", " ".join(words_of_html(html_of(message)))) == ["042917"]
    assert "042917" not in received(message)["Subject"]


def test_code_mail_says_for_how_long_as_the_server_counts_it() -> None:
    minutes = enrol.CODE_MS // 60_000
    for body in (text_of(code_mail()), " ".join(words_of_html(html_of(code_mail())))):
        assert f"durante {minutes} minutos" in body
        assert "una sola vez" in body
        assert ITZEL.nombre in body


# What a name may try

BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
def test_a_name_with_line_breaks_adds_no_line_and_no_header(end: str) -> None:
    name = f"Itzel{end}Bcc: otra@ejemplo.mx{end}{end}{CODE_LINE} 0000"
    for message in (acuse_mail(to=Destinatario(name, ITZEL.correo)), code_mail(to=Destinatario(name, ITZEL.correo))):
        assert received(message)["Bcc"] is None
        text = text_of(message)
        assert text.splitlines()[0] == f"Itzel Bcc: otra@ejemplo.mx {CODE_LINE} 0000:"
        assert not [line for line in text.splitlines() if line == f"{CODE_LINE} 0000"]


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
def test_an_institution_with_line_breaks_adds_no_header(end: str) -> None:
    message = received(code_mail(institucion=f"Instituto{end}Bcc: otra@ejemplo.mx"))
    assert message["Bcc"] is None
    assert message["Subject"] == "Código para registrar su teléfono · Instituto Bcc: otra@ejemplo.mx"


@pytest.mark.parametrize(
    "address",
    [
        "itzel@ejemplo.mx\r\nBcc: otra@ejemplo.mx",
        "itzel@ejemplo.mx\nX: y",
        "itzel@ejemplo.mx, otra@ejemplo.mx",
        "Otra <otra@ejemplo.mx>",
        "itzel@ejemplo.mx otra@ejemplo.mx",
        "sin arroba",
        "",
    ],
)
def test_an_address_that_is_not_one_address_is_an_error(address: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        code_mail(to=Destinatario("Itzel", address))


def test_a_card_that_reads_as_lines_stays_on_its_line() -> None:
    one = renglon(1, cic=f"1\n{CODE_LINE} 1234", whole=True)
    assert text_of(acuse_mail(one)).count(f"\n{CODE_LINE}") == 1


def test_markup_in_a_name_is_text() -> None:
    to = Destinatario('<a href="https://malo.ejemplo">Itzel</a> & Co', ITZEL.correo)
    assert "<a href=" not in html_of(code_mail(to=to))
    assert "&lt;a href=" in html_of(code_mail(to=to))
    assert "& Co:" in text_of(code_mail(to=to))
    assert to.nombre in text_of(code_mail(to=to))


def test_marks_that_turn_the_direction_of_text_are_dropped() -> None:
    assert one_line("Itzel\u202e aveN\u200b  Barrera\t") == "Itzel aveN Barrera"
    assert one_line("Ángel Núñez Ü’Brien") == "Ángel Núñez Ü’Brien"


def test_long_names_are_whole_and_do_not_break_the_message() -> None:
    name = "María de los Ángeles " * 6
    institucion = "Instituto de Elecciones y Participación Ciudadana " * 4
    message = acuse_mail(to=Destinatario(name, ITZEL.correo), institucion=institucion)
    assert name.strip() in text_of(message)
    assert received(message)["Subject"] == f"Acuse de recibo: 3 registros · {institucion.strip()}"
    assert received(message)["To"] == ITZEL.correo
    assert all(len(line) < 998 for line in message.as_bytes().splitlines())


def test_reception_is_in_the_hour_of_the_centre() -> None:
    assert NOW == 1_790_000_000_000
    assert renglon(1).recibido == "21/09/2026 08:13:20"
