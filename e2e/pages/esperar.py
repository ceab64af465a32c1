"""Waiting for what a page's script does."""

from __future__ import annotations

from playwright.sync_api import Error, Page

IMAGENES = "() => [...document.querySelectorAll('.mesa-marco img')].every(one => one.naturalWidth > 0)"
"""All images of the review screen are there."""

SALA = IMAGENES.replace(".mesa-marco", ".sala-imagenes")
"""And of the room's."""


def until(page: Page, holds: str, argument: str | None = None) -> None:
    """Wait until a JavaScript function says so. It is asked from outside: the policy of the pages forbids to evaluate
    anything there, and a page that is on its way to another is asked again."""
    for _ in range(400):
        try:
            if page.evaluate(holds, argument):
                return
        except Error as error:
            if "Execution context was destroyed" not in error.message:
                raise
        page.wait_for_timeout(25)
    raise AssertionError(holds)
