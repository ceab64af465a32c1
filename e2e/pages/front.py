"""The front page."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page


@dataclass(frozen=True)
class FrontPage:
    """GET /"""

    page: Page
    url: str

    def open(self) -> FrontPage:
        """Go there."""
        self.page.goto(f"{self.url}/")
        return self

    @property
    def heading(self) -> Locator:
        """The one h1."""
        return self.page.get_by_role("heading", level=1)

    def links(self) -> list[str]:
        """Where its links lead, each once."""
        found = [link.get_attribute("href") or "" for link in self.page.get_by_role("link").all()]
        return list(dict.fromkeys(found))

    def to_inbox(self) -> None:
        """Follow the link to the demo's inbox."""
        self.page.get_by_role("link", name="Ver el correo recibido").click()
