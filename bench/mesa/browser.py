"""The review screen in a real browser: from the key to four painted images, and four hundred decisions by keyboard."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.ingest.procs import BenchError

NOTED = Path(__file__).parents[2] / ".venv" / ".chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
MEASURE = """tecla => new Promise((done, fail) => {
  const t0 = performance.now(), on = new Map();
  let shown = 0;
  const stop = setTimeout(() => fail(new Error(`se pintaron ${on.size}`)), 15000);
  const seen = new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (one.renderTime > t0) on.set(one.identifier, one.renderTime - t0);
    if (on.size < 4) return;
    seen.disconnect();
    clearTimeout(stop);
    done({ shown, painted: Math.max(...on.values()) });
  });
  seen.observe({ type: "element" });
  document.addEventListener("mesa:mostrado", event => {
    shown = performance.now() - t0;
    document.querySelectorAll(".mesa-tablero .mesa-marco img").forEach((one, n) =>
      one.setAttribute("elementtiming", `${event.detail}-${n}`));
  }, { once: true });
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: tecla, bubbles: true, cancelable: true }));
})"""
"""Presses a key and asks the browser when the frame with each image of the next registro was on the screen (Element
Timing, `renderTime`). Keys are events of the page itself, so that the way from the script that drives the browser is
not in the figure."""


@dataclass(frozen=True, slots=True)
class Painted:
    """From the key to the next registro on the page, and to its images painted. Milliseconds."""

    shown: float
    painted: float


@dataclass(frozen=True, slots=True)
class Day:
    """So many decisions. `thinking`: what the operator's script waited of its own accord; seconds."""

    decisions: int
    total: float
    thinking: float
    saved: int
    errors: int

    @property
    def added_ms(self) -> float:
        """What the system adds to each decision."""
        return (self.total - self.thinking) / self.decisions * 1000


def chromium() -> str:
    """The browser. Raises BenchError where there is none."""
    noted = NOTED.read_text(encoding="utf-8").strip() if NOTED.exists() else os.environ.get("ACOPIO_CHROMIUM")
    found = noted or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not found:
        raise BenchError("there is no browser: run deploy/preparar-navegador, or set ACOPIO_CHROMIUM")
    return found


@contextmanager
def operator(url: str, cookie: tuple[str, str]) -> Iterator[Page]:
    """An operator's browser, with the first registro open."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="es-MX")
            context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
            page = context.new_page()
            page.goto(f"{url}/mesa")
            page.get_by_role("button", name="revis").click()
            page.wait_for_selector(".mesa-tablero")
            yield page
        finally:
            browser.close()


def key_to_paint(page: Page, count: int, pause_s: float = 1.2) -> list[Painted]:
    """Decide so many, each after a pause in which the next ones are fetched, and time each."""
    found = []
    for _ in range(count):
        time.sleep(pause_s)
        seen = page.evaluate(MEASURE, "v")
        found.append(Painted(seen["shown"], seen["painted"]))
    return found


def day(page: Page, count: int, think_s: float) -> Day:
    """So many decisions as hands make them: look, press a key; every seventh an inciso with its detail, every
    fortieth undone and decided again. What was saved is counted by the page's own events."""
    page.evaluate(
        "() => { window.guardados = 0; document.addEventListener('mesa:guardado', () => { window.guardados += 1; }); }"
    )
    began = time.perf_counter()
    thinking, undone = 0.0, 0
    for n in range(1, count + 1):
        thinking += _think(think_s)
        here = _shown(page)
        if n % 7 == 0:
            page.keyboard.press("i")
            page.keyboard.type("Cubrebocas")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("v")
        _until_next(page, here)
        if n % 40 == 0:
            undone += 1
            for key in ("u", "v"):
                thinking += _think(think_s)
                here = _shown(page)
                page.keyboard.press(key)
                _until_next(page, here)
    page.wait_for_function(f"() => window.guardados >= {count + undone}", timeout=60_000)
    total = time.perf_counter() - began
    saved = int(page.evaluate("() => window.guardados"))
    return Day(count + undone, total, thinking, saved, page.locator("#mesa-problemas > *").count())


def _shown(page: Page) -> str:
    return str(page.locator("article.mesa").get_attribute("data-revision"))


def _until_next(page: Page, before: str) -> None:
    """Hands do not press a key before they see the next registro; this wait is the system's."""
    page.wait_for_function(
        "before => { const one = document.querySelector('article.mesa');"
        " return one !== null && one.dataset.revision !== before; }",
        arg=before,
    )


def _think(seconds: float) -> float:
    began = time.perf_counter()
    time.sleep(seconds)
    return time.perf_counter() - began
