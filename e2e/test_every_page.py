"""The public pages and the demo's mail look right (e2e/looks.py); test_every_portal_page.py walks the portals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from e2e import looks
from e2e.conftest import OpenPage, Site
from e2e.pages.inbox import Inbox

pytestmark = [pytest.mark.e2e, pytest.mark.socket]

MAIL_ALONE = "/html"


def addresses(page: Page, site: Site) -> Iterator[tuple[str, str]]:
    """Every kind of page there is, by a name for the report."""
    yield "inicio", "/"
    yield "bandeja", "/demo/correo"
    yield "bandeja de una persona", f"/demo/correo?para={site.auxiliares[0].correo}"
    yield "buzón vacío", "/demo/correo?para=nadie@ejemplo.mx"
    yield "error", "/esto/no/existe"
    for subject in ("Código para registrar", "Acuse de recibo"):
        Inbox(page, site.url).open().open_message(subject)
        path = page.url.removeprefix(site.url)
        yield subject, path
        yield f"{subject} (solo el correo)", f"{path}{MAIL_ALONE}"


def check(page: Page, name: str, url: str) -> list[str]:
    """What is wrong with one page."""
    if url.endswith(MAIL_ALONE):
        # Its own policy forbids scripts, axe's too: the same words in a page without a policy.
        page.goto("about:blank")
        page.set_content(page.request.get(url).text())
    else:
        page.goto(url)
    return looks.check(page, name)


def test_axe_finds_nothing_and_nothing_scrolls_sideways(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    found = []
    for name, path in list(addresses(page, site)):
        found += check(page, name, site.url + path)
    assert not found, "\n".join(found)


def test_an_inbox_that_is_still_empty(new_site: Site, open_page: OpenPage) -> None:
    page = open_page()
    found = check(page, "bandeja sin correo", f"{new_site.url}/demo/correo")
    assert not found, "\n".join(found)
    assert "Todavía no llega correo" in page.get_by_role("main").inner_text()
