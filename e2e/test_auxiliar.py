"""An auxiliar's phone has sent over a line that was cut; the auxiliar reads the acuse and checks it (D5, D6, X2)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from playwright.sync_api import Page, expect

from e2e.conftest import APOYOS, Delivered, Site
from e2e.pages.front import FrontPage
from e2e.pages.inbox import Inbox, MailMessage

pytestmark = [pytest.mark.e2e, pytest.mark.socket]

SUBJECT = "Acuse de recibo"
SENT = APOYOS + 1
"""Apoyos and the testigos of the alta."""
CODE = r"(?:[0-9A-F]{4} ){15}[0-9A-F]{4}"


def facts(text: str) -> dict[str, str]:
    """Código de integridad by folio, as a mail shows them."""
    found = re.findall(rf"Folio:\s+([0-9X-]+).*?Código de integridad:\s+({CODE})", text, re.DOTALL)
    return dict(found)


def acuse_mails(page: Page, site: Site, address: str) -> Iterator[MailMessage]:
    """Each acuse that came to an address. One message a sync session: a line cut for long may make two of one queue."""
    inbox = Inbox(page, site.url)
    count = sum(subject.startswith(SUBJECT) for subject in inbox.open(f"?para={address}").subjects())
    for nth in range(count):
        yield inbox.open(f"?para={address}").open_message(SUBJECT, nth)


def verified(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What the acuses say, each verified by a public JOSE library with nothing but the file."""
    keys = KeySet.import_key_set(document["jwks"])
    return [
        json.loads(jws.deserialize_compact(token, keys, algorithms=["ES256"]).payload) for token in document["acuses"]
    ]


def test_phones_delivered_everything_over_a_line_that_was_cut(site: Site, delivered: Delivered) -> None:
    for auxiliar in site.auxiliares:
        phone = delivered.of(auxiliar)
        assert phone["capturados"] == phone["acuses"] == phone["borrados"] == SENT
    assert delivered.result["totales"]["cortes"] > 0
    assert delivered.result["totales"]["reanudados"] > 0


def test_auxiliar_reads_the_acuse_and_verifies_it_offline(site: Site, page: Page, tmp_path: Path) -> None:
    itzel, rogelio = site.auxiliares
    FrontPage(page, site.url).open().to_inbox()
    inbox = Inbox(page, site.url)
    everyone = inbox.subjects()

    inbox.filter_by(itzel.correo)
    expect(inbox.address).to_have_value(itzel.correo)
    expect(inbox.messages.first).to_contain_text(itzel.correo)
    expect(page.get_by_role("main").get_by_role("list")).not_to_contain_text(rogelio.correo)
    subjects = inbox.subjects()
    assert 2 <= len(subjects) < len(everyone)
    assert subjects[-1].startswith("Código para registrar su teléfono"), "the oldest: it came before the phone was in"

    shown: dict[str, str] = {}
    signed: list[dict[str, Any]] = []
    for message in acuse_mails(page, site, itzel.correo):
        expect(message.body.get_by_role("heading", level=1)).to_have_text(re.compile("^Acuse de recibo"))
        body = message.body_text()
        assert facts(body) == facts(message.open_text_version())
        assert not re.search(r"(?<![\d-])\d{9,13}(?![\d-])", body), "no CIC or OCR in full"
        shown |= facts(body)
        for masked in re.findall(r"Identificador:\s+(.+)", body):
            assert re.fullmatch(r"(CIC •{5}|OCR •{8,9})\d{4}|no leído", masked.strip()), masked

        document = json.loads(message.download("acuses.json", tmp_path).read_bytes())
        assert document["jwks"] == page.request.get(f"{site.url}/.well-known/jwks.json").json()
        signed += verified(document)
        for token in document["acuses"]:
            with pytest.raises(JoseError):
                verified({**document, "acuses": [changed(token)]})

    assert len(shown) == SENT
    assert {acuse["folio"]: acuse["codigo"] for acuse in signed} == {
        folio: code.replace(" ", "").lower() for folio, code in shown.items()
    }
    assert sorted(acuse["tipo"] for acuse in signed) == ["apoyo"] * APOYOS + ["testigos"]
    assert all(acuse["folio"].startswith(f"{itzel.solicitud:06d}-{itzel.auxiliar:06d}-") for acuse in signed)


def changed(token: str) -> str:
    """The same acuse with one digit of its folio another."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["folio"] = claims["folio"][:-1] + ("1" if claims["folio"][-1] != "1" else "2")
    forged = base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


def test_testigos_go_by_their_full_name(site: Site, page: Page) -> None:
    texts = [message.body_text() for message in acuse_mails(page, site, site.auxiliares[0].correo)]
    assert sum(text.count("Testigos visuales del alta") for text in texts) == 1
    assert sum(text.count("Apoyo ciudadano") for text in texts) == APOYOS
