"""Decode rates: our ladder beside each library alone, on the same photos, by what spoiled them and by kind of code."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import zxingcpp
from PIL import Image

from bench.pipeline.cards import KINDS, Photo
from server.lectura import codigos

OURS = "acopio"
ZXING = "zxing-cpp"
PYZBAR = "pyzbar"
Reader = Callable[[bytes], set[bytes]]


@dataclass
class Score:
    """What one reader made of the photos: codes read and milliseconds of processor, by what spoiled them."""

    reader: str
    read: Counter[tuple[str, str]] = field(default_factory=Counter)
    false: int = 0
    cards: Counter[str] = field(default_factory=Counter)
    ms: dict[str, float] = field(default_factory=dict)

    def data(self) -> dict[str, object]:
        """What is kept as JSON (`asdict` makes nonsense of a Counter)."""
        read = {"/".join(key): n for key, n in self.read.items()}
        return {"reader": self.reader, "read": read, "false": self.false, "cards": dict(self.cards), "ms": self.ms}


def readers() -> dict[str, Reader]:
    """Ours, and each library called as its own page shows it; pyzbar where libzbar is."""
    found: dict[str, Reader] = {OURS: _ours, ZXING: _zxing}
    try:
        from pyzbar import pyzbar
    except (ImportError, OSError):
        print(f"left out: {PYZBAR}: no libzbar on this machine", flush=True)
    else:

        def zbar(jpeg: bytes) -> set[bytes]:
            with Image.open(io.BytesIO(jpeg)) as picture:
                return {one.data for one in pyzbar.decode(picture)}

        found[PYZBAR] = zbar
    return found


def _ours(jpeg: bytes) -> set[bytes]:
    return {one.datos for one in codigos.leer({"reverso": jpeg})[0]}


def _zxing(jpeg: bytes) -> set[bytes]:
    with Image.open(io.BytesIO(jpeg)) as picture:
        return {bytes(one.bytes) for one in zxingcpp.read_barcodes(picture)}


def measure(photos: Iterable[Photo], by: dict[str, Reader]) -> tuple[list[Score], Counter[tuple[str, str]], list[str]]:
    """Every photo to every reader in turn; scores, how many codes there were, and the names of what spoiled them."""
    scores = {name: Score(name) for name in by}
    there: Counter[tuple[str, str]] = Counter()
    names: dict[str, None] = {}
    order = list(by)
    for number, photo in enumerate(photos):
        names[photo.spoiled] = None
        there.update((photo.spoiled, kind) for kind, _ in photo.codes)
        for name in order[number % len(order) :] + order[: number % len(order)]:
            score, began = scores[name], time.process_time()
            got = by[name](photo.jpeg)
            spent = (time.process_time() - began) * 1000
            score.ms[photo.spoiled] = score.ms.get(photo.spoiled, 0.0) + spent
            score.cards[photo.spoiled] += 1
            score.read.update((photo.spoiled, kind) for kind, data in photo.codes if data in got)
            if name == OURS:
                score.false += len(got - {data for _, data in photo.codes})
    return list(scores.values()), there, list(names)


def table(scores: list[Score], there: Counter[tuple[str, str]], names: list[str]) -> list[str]:
    """A row for each way of spoiling: the share of codes read by each, and milliseconds a card."""
    head = "".join(f"{score.reader:>12}" for score in scores)
    lines = [
        f"{'':20}{'codes read, %':>{12 * len(scores)}}   {'ms a card':>{12 * len(scores)}}",
        f"{'':20}{head}   {head}",
    ]
    for name in names:
        total = sum(there[name, kind] for kind in KINDS)
        shares = [100 * sum(score.read[name, kind] for kind in KINDS) / total for score in scores]
        times = [score.ms[name] / score.cards[name] for score in scores]
        lines.append(
            f"{name:20}" + "".join(f"{s:>12.0f}" for s in shares) + "   " + "".join(f"{t:>12.0f}" for t in times)
        )
    return lines


def kinds(scores: list[Score], there: Counter[tuple[str, str]], names: list[str]) -> list[str]:
    """A row for each kind of code: the share read over all photos, and ours by each library's."""
    ours, others = scores[0], scores[1:]
    lines = [
        f"{'kind of code':20}{'there':>8}"
        + "".join(f"{score.reader + ', %':>14}" for score in scores)
        + "".join(f"{'x ' + score.reader:>14}" for score in others)
    ]
    for kind in (*KINDS, "all"):
        chosen = KINDS if kind == "all" else (kind,)
        total = sum(there[name, one] for name in names for one in chosen)
        if total:
            read = [sum(score.read[name, one] for name in names for one in chosen) for score in scores]
            cells = "".join(f"{100 * count / total:>14.1f}" for count in read)
            ratios = "".join(f"{read[0] / count:>14.2f}" if count else f"{'-':>14}" for count in read[1:])
            lines.append(f"{kind:20}{total:>8}{cells}{ratios}")
    spent = [sum(score.ms.values()) / sum(score.cards.values()) for score in scores]
    cells = "".join(f"{one:>14.1f}" for one in spent)
    ratios = "".join(f"{spent[0] / one:>14.2f}" for one in spent[1:])
    lines += [
        f"{'ms a card':28}{cells}{ratios}",
        "",
        f"codes that no card carries, read by {ours.reader}: {ours.false}",
    ]
    return lines
