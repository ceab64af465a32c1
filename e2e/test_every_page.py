"""What holds for every page: nothing for axe to find, in light and in dark, and no sideways scrolling at any width."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from e2e.conftest import OpenPage, Site
from e2e.pages.inbox import Inbox

pytestmark = [pytest.mark.e2e, pytest.mark.socket]

WIDTHS = (320, 360, 768, 1440)
MAIL_ALONE = "/html"
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # The mail in its frame lets no script in; it is looked at by itself below.
    "iframes": False,
    "resultTypes": ["violations"],
}


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
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    if url.endswith(MAIL_ALONE):
        # Its own policy forbids scripts, axe's too: the same words in a page without a policy.
        page.goto("about:blank")
        page.set_content(page.request.get(url).text())
    else:
        page.goto(url)
    found = [f"{name}: {line}" for line in Axe().run(page, options=AXE).generate_snapshot().splitlines() if line]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: a {width} px mide {wide}")
        if width == 360:
            found += [f"{name}: {what}" for what in page.evaluate(SMALL_TARGETS)]
    return found


SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, select, summary")]
    .filter(one => getComputedStyle(one).display !== "inline"
        || one.parentElement.textContent.trim() === one.textContent.trim())
    .map(one => [one.textContent.trim().slice(0, 30), one.getBoundingClientRect().height])
    .filter(([, height]) => height < 44)
    .map(([text, height]) => `«${text}» mide ${height} px de alto`)"""
"""Targets below 44 px, but for links within a sentence."""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(site: Site, open_page: OpenPage, theme: str) -> None:
    page = open_page(color_scheme=theme)
    found = []
    for name, path in list(addresses(page, site)):
        found += check(page, name, site.url + path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_inbox_that_is_still_empty(new_site: Site, open_page: OpenPage, theme: str) -> None:
    page = open_page(color_scheme=theme)
    found = check(page, "bandeja sin correo", f"{new_site.url}/demo/correo")
    assert not found, "\n".join(found)
    assert "Todavía no llega correo" in page.get_by_role("main").inner_text()
