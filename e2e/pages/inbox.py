"""The demo's inbox, and one of its messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page


@dataclass(frozen=True)
class Inbox:
    """GET /demo/correo"""

    page: Page
    url: str

    def open(self, query: str = "") -> Inbox:
        """Go there."""
        self.page.goto(f"{self.url}/demo/correo{query}")
        return self

    @property
    def address(self) -> Locator:
        """The choice of a mailbox."""
        return self.page.get_by_label("Buzón")

    def filter_by(self, address: str) -> None:
        """Choose a mailbox and press the button."""
        self.address.select_option(address)
        self.page.get_by_role("button", name="Filtrar").click()

    @property
    def messages(self) -> Locator:
        """One item for each message shown."""
        return self.page.get_by_role("main").get_by_role("listitem")

    def subjects(self) -> list[str]:
        """Their subjects, newest first."""
        return self.messages.get_by_role("link").all_inner_texts()

    def open_message(self, subject: str, nth: int = 0) -> MailMessage:
        """Open the nth message whose subject begins so."""
        self.messages.get_by_role("link", name=re.compile("^" + re.escape(subject))).nth(nth).click()
        return MailMessage(self.page)


@dataclass(frozen=True)
class MailMessage:
    """GET /demo/correo/{id}"""

    page: Page

    @property
    def body(self) -> FrameLocator:
        """The HTML body in its frame."""
        return self.page.frame_locator('iframe[title^="Mensaje:"]')

    def body_text(self) -> str:
        """Its words."""
        return self.body.locator("body").inner_text()

    def open_text_version(self) -> str:
        """Unfold the text version and read it."""
        self.page.get_by_text("Versión en texto").click()
        return self.page.locator("details pre").inner_text()

    def attachment(self, name: str) -> Locator:
        """The link that downloads it."""
        return self.page.get_by_role("link", name=re.compile(rf"^Descargar {re.escape(name)}"))

    def download(self, name: str, folder: Path) -> Path:
        """Download it as a person does."""
        with self.page.expect_download() as started:
            self.attachment(name).click()
        assert started.value.suggested_filename == name
        target = folder / name
        started.value.save_as(target)
        return target
