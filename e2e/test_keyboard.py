"""Everything is reached with the keyboard alone and with JavaScript off, and it shows where one is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import OpenPage, Site
from e2e.pages.front import FrontPage
from e2e.pages.inbox import Inbox, MailMessage

pytestmark = [pytest.mark.e2e, pytest.mark.socket]


def tab_to(page: Page, words: str, *, most: int = 90) -> None:
    """Press Tab until the focus is on what bears these words; at every stop the focus must show."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if focused.count() == 0:  # inside the frame, or on the browser itself
            continue
        seen = focused.evaluate(
            """element => {
                const drawn = [null, "::after"].map(part => getComputedStyle(element, part));
                return {
                    text: [...(element.labels ?? []), element].map(one => one.textContent).join(" ").trim(),
                    shows: drawn.some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
                };
            }"""
        )
        assert seen["shows"], f"the focus on «{seen['text'][:40]}» does not show"
        if re.search(words, seen["text"]):
            return
    pytest.fail(f"Tab never reaches «{words}»")


@pytest.fixture
def plain(open_page: OpenPage) -> Page:
    """A browser without JavaScript."""
    return open_page(java_script_enabled=False, viewport={"width": 1024, "height": 768}, accept_downloads=True)


def test_the_whole_journey_by_keyboard_without_javascript(site: Site, plain: Page) -> None:
    page, itzel = plain, site.auxiliares[0]
    FrontPage(page, site.url).open()
    tab_to(page, "Ir al contenido", most=1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#contenido$"))
    tab_to(page, "Ver el correo recibido", most=4)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Correo recibido")
    inbox = Inbox(page, site.url)
    tab_to(page, "Buzón")
    page.keyboard.type(itzel.correo[:5])
    expect(inbox.address).to_have_value(itzel.correo)
    tab_to(page, "Filtrar", most=1)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?para="))
    expect(inbox.messages.first).to_contain_text(itzel.correo)

    tab_to(page, "^Acuse de recibo")
    page.keyboard.press("Enter")
    message = MailMessage(page)
    expect(message.body.get_by_role("heading", level=1)).to_have_text(re.compile("^Acuse de recibo"))
    tab_to(page, "^Descargar acuses.json")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.suggested_filename == "acuses.json"
    tab_to(page, "Versión en texto")
    page.keyboard.press("Enter")
    expect(page.locator("details pre")).to_contain_text("Código de integridad:")


def test_back_to_the_mailbox_of_the_message(site: Site, plain: Page) -> None:
    Inbox(plain, site.url).open().open_message("Código para registrar")
    tab_to(plain, "^Buzón de ")
    plain.keyboard.press("Enter")
    expect(plain).to_have_url(re.compile(r"/demo/correo\?para="))
    expect(plain.get_by_role("link", name="Quitar filtro")).to_be_visible()
