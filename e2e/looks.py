"""What holds for how every page looks: nothing for axe to find in either theme, no sideways scroll, targets to hit."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (320, 360, 768, 1440)
AXE: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # The mail in its frame lets no script in; it is looked at by itself.
    "iframes": False,
    "resultTypes": ["violations"],
}
COLOURS: dict[str, Any] = {**AXE, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
"""What another theme may change."""

ROWS = 8
SHORTEN = f"""() => document.querySelectorAll("main tbody").forEach(
    body => [...body.rows].slice({ROWS}).forEach(row => row.remove()))"""
"""The rows of a table are alike: axe looks at the first ones, or it would take seconds on a long list."""

SMALL_TARGETS = """() => [...document.querySelectorAll(
        "a, button, select, summary, textarea, label:has(input), input:not([type=hidden], [type=checkbox], [type=radio])")]
    .filter(one => one.checkVisibility() && (getComputedStyle(one).display !== "inline"
        || one.parentElement.textContent.trim() === one.textContent.trim()))
    .map(one => [one.textContent.trim().slice(0, 30) || one.name, one.getBoundingClientRect().height])
    .filter(([, height]) => height < 44)
    .map(([text, height]) => `«${text}» mide ${height} px de alto`)"""
"""Targets below 44 px, but for links within a sentence."""


def check(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open. It is left wide and light."""
    page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
    page.evaluate(SHORTEN)
    found = _axe(page, f"{name} (claro)", AXE)
    page.emulate_media(color_scheme="dark")
    found += _axe(page, f"{name} (oscuro)", COLOURS)
    page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: a {width} px mide {wide}")
        if width == 360:
            found += [f"{name}: {what}" for what in page.evaluate(SMALL_TARGETS)]
    return found


def _axe(page: Page, name: str, options: dict[str, Any]) -> list[str]:
    found = Axe().run(page, options=options)
    if not found.violations_count:
        return []
    return [f"{name}: {line}" for line in found.generate_snapshot().splitlines() if line]
