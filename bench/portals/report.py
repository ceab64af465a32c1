"""The tables: pages by size, their growth, and each beside its peers, within the same round."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from bench.portals.load import Asked
from bench.portals.servers import DATASETTE_NAME, OURS, RECOUNTING
from bench.portals.triggers import VARIANTS, Cost

TARGET_GROWTH = 1.5
"""How much slower, at most, a report may get from the smallest box to the largest (p95)."""


def _pick(runs: Sequence[Asked], server: str, page: str, size: int) -> list[Asked]:
    return [one for one in runs if (one.server, one.page, one.size) == (server, page, size)]


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _names(runs: Sequence[Asked], what: str) -> list[str]:
    return list(dict.fromkeys(getattr(one, what) for one in runs))


def pages(runs: Sequence[Asked]) -> list[str]:
    """Requests a second and times, medians over the rounds."""
    lines = [f"{'page':40}{'apoyos':>11}  {'server':18}{'req/s':>8}{'p50 ms':>9}{'p95 ms':>9}{'KB':>7}{'answers':>9}"]
    for page in _names(runs, "page"):
        for size in sorted(set(_names(runs, "size"))):  # type: ignore[arg-type]
            for server in (OURS, RECOUNTING, DATASETTE_NAME):
                if found := _pick(runs, server, page, int(size)):
                    lines.append(
                        f"{page:40}{int(size):>11,}  {server:18}{_median(o.rate for o in found):>8.1f}"
                        f"{_median(o.p50 for o in found):>9.1f}{_median(o.p95 for o in found):>9.1f}"
                        f"{_median(o.kilobytes for o in found):>7.0f}{sum(o.answers for o in found):>9}"
                    )
        lines.append("")
    return lines


def growth(runs: Sequence[Asked], server: str, page: str) -> float | None:
    """p95 in the largest box by that in the smallest, within each round; the median."""
    sizes = sorted({one.size for one in runs if (one.server, one.page) == (server, page)})
    if len(sizes) < 2:
        return None
    ratios = []
    for small in _pick(runs, server, page, sizes[0]):
        ratios += [one.p95 / small.p95 for one in _pick(runs, server, page, sizes[-1]) if one.round == small.round]
    return _median(ratios) if ratios else None


def faster(runs: Sequence[Asked], page: str, size: int, peer: str) -> float | None:
    """Our rate by the peer's, within each round; the median."""
    ratios = []
    for mine in _pick(runs, OURS, page, size):
        ratios += [mine.rate / one.rate for one in _pick(runs, peer, page, size) if one.round == mine.round]
    return _median(ratios) if ratios else None


def ratios(runs: Sequence[Asked]) -> list[str]:
    """How each page grows, and how many times the peers' rate ours is."""
    sizes = sorted({one.size for one in runs})
    lines = [f"p95 at {sizes[-1]:,} apoyos by p95 at {sizes[0]:,}, and our rate by each peer's at {sizes[-1]:,}", ""]
    lines.append(f"{'page':40}{OURS:>10}{RECOUNTING:>18}{DATASETTE_NAME:>11}{'x without':>11}{'x Datasette':>13}")
    for page in _names(runs, "page"):
        cells = [growth(runs, server, page) for server in (OURS, RECOUNTING, DATASETTE_NAME)]
        cells += [faster(runs, page, sizes[-1], peer) for peer in (RECOUNTING, DATASETTE_NAME)]
        texts = ["-" if cell is None else f"{cell:.2f}" for cell in cells]
        lines.append(f"{page:40}{texts[0]:>10}{texts[1]:>18}{texts[2]:>11}{texts[3]:>11}{texts[4]:>13}")
    return lines


def targets(runs: Sequence[Asked], reports: Sequence[str]) -> list[str]:
    """What the project has set itself: reports do not slow with size."""
    lines = []
    for page in reports:
        seen = growth(runs, OURS, page)
        if seen is not None:
            held = "held" if seen <= TARGET_GROWTH else "NOT HELD"
            lines.append(f"{page}: p95 grows at most {TARGET_GROWTH} times: seen {seen:.2f}: {held}")
    return lines


def costs(found: Sequence[Cost]) -> list[str]:
    """What the triggers cost the writer."""
    lines = [f"{'registros inserted':28}{'a second':>10}{'us each':>9}{'us CPU':>8}"]
    for variant in VARIANTS:
        of = [one for one in found if one.variant == variant]
        if of:
            lines.append(
                f"{variant:28}{_median(o.rate for o in of):>10,.0f}{_median(o.wall for o in of):>9.1f}"
                f"{_median(o.cpu for o in of):>8.1f}"
            )
    return lines
