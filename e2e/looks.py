"""What holds for how every page looks: nothing for axe to find in either theme, no sideways scroll, targets to hit."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
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

RUN = """options => axe.run(document, options).then(found => found.violations.flatMap(one =>
    one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`)))"""
ROWS = 6
SHORTEN = f"""() => document.querySelectorAll("main tbody, .mensajes").forEach(
    body => [...body.children].slice({ROWS}).forEach(row => row.remove()))"""
"""The rows of a list are alike: axe looks at the first ones, or it would take seconds on a long list."""

SMALL_TARGETS = """() => [...document.querySelectorAll(
        "a, button, select, summary, textarea, label:has(input), "
        + "input:not([type=hidden], [type=checkbox], [type=radio])")]
    .filter(one => one.checkVisibility() && (getComputedStyle(one).display !== "inline"
        || one.parentElement.textContent.trim() === one.textContent.trim()))
    .map(one => [one.textContent.trim().slice(0, 30) || one.name, one.getBoundingClientRect().height])
    .filter(([, height]) => height < 44)
    .map(([text, height]) => `«${text}» mide ${height} px de alto`)"""
"""Targets below 44 px, but for links within a sentence."""


def check(page: Page, name: str, *, dark: bool = True) -> list[str]:
    """What is wrong with the page that is open. It is left wide and light. `dark`: look at the dark theme too."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name}: a {width} px mide {wide}")
        if width == 360:
            found += [f"{name}: {what}" for what in page.evaluate(SMALL_TARGETS)]
    page.evaluate(SHORTEN)
    page.evaluate(AXE_SCRIPT)
    found += [f"{name} (claro): {what}" for what in page.evaluate(RUN, AXE)]
    if dark:
        page.emulate_media(color_scheme="dark")
        found += [f"{name} (oscuro): {what}" for what in page.evaluate(RUN, COLOURS)]
        page.emulate_media(color_scheme="light")
    return found
