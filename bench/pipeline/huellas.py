"""How near pictures of different people lie by their hashes, and how near one stays to itself when it is used again."""

from __future__ import annotations

import io
import random
import statistics
from collections.abc import Callable
from itertools import combinations

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from device_sim.synthetic.camera import capture_expediente
from device_sim.synthetic.people import persona_at, with_modelo
from server.lectura import huellas
from sync_protocol.registro import IMAGENES

Change = Callable[[Image.Image, random.Random], Image.Image]


def _saved(picture: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def _cut(share: float) -> Change:
    def make(picture: Image.Image, rng: random.Random) -> Image.Image:
        left, top = rng.uniform(0, 2 * share), rng.uniform(0, 2 * share)
        width, height = picture.size
        edges = (left * width, top * height, (1 - 2 * share + left) * width, (1 - 2 * share + top) * height)
        return _saved(picture.crop(tuple(map(int, edges))), 80)  # type: ignore[arg-type]

    return make


def _screen(picture: Image.Image, rng: random.Random) -> Image.Image:
    """Shown on a screen and photographed: the panel's points, a reflection, a hand not level, another exposure."""
    width, height = picture.size
    coarse = picture.resize((width * 2 // 3, height * 2 // 3)).resize((width, height), Image.Resampling.NEAREST)
    y, x = np.mgrid[0:height, 0:width]
    plane = np.asarray(coarse, dtype=np.float32) * (1 + 0.06 * np.sin(x * 1.9 + y * 0.2))[..., None]
    at_x, at_y = width * rng.uniform(0.2, 0.8), height * rng.uniform(0.2, 0.8)
    plane = plane + (25 * np.exp(-(((x - at_x) / (width * 0.3)) ** 2) - ((y - at_y) / (height * 0.3)) ** 2))[..., None]
    shown = Image.fromarray(plane.clip(0, 255).astype(np.uint8)).rotate(rng.uniform(-1.5, 1.5), fillcolor=(20, 20, 20))
    edge = [rng.uniform(0, 0.03) for _ in range(8)]
    corners = (
        width * edge[0], height * edge[1], width * edge[2], height * (1 - edge[3]),
        width * (1 - edge[4]), height * (1 - edge[5]), width * (1 - edge[6]), height * edge[7],
    )  # fmt: skip
    seen = shown.transform((width, height), Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    return _saved(ImageEnhance.Contrast(seen.filter(ImageFilter.GaussianBlur(1.2))).enhance(0.85), 70)


CHANGES: dict[str, Change] = {
    "saved at 40": lambda picture, rng: _saved(picture, 40),
    "half the size": lambda picture, rng: _saved(picture.resize((picture.width // 2, picture.height // 2)), 70),
    "light x 0.6": lambda picture, rng: _saved(ImageEnhance.Brightness(picture).enhance(0.6), 80),
    "light x 1.4": lambda picture, rng: _saved(ImageEnhance.Brightness(picture).enhance(1.4), 80),
    "contrast x 0.6": lambda picture, rng: _saved(ImageEnhance.Contrast(picture).enhance(0.6), 80),
    "turned 1 degree": lambda picture, rng: picture.rotate(1, Image.Resampling.BICUBIC),
    "cut by 2 %": _cut(0.02),
    "cut by 4 %": _cut(0.04),
    "from a screen": _screen,
}


def table(people: int, changed: int) -> list[str]:
    """So many people of one model of card, each against each; and what was done to the pictures of the first ones."""
    taken = [capture_expediente(with_modelo(persona_at(7, 90_000, "21", 13 * n), "G"), n) for n in range(people)]
    again = [
        capture_expediente(with_modelo(persona_at(7, 90_000, "21", 13 * n), "G"), n + 5_000) for n in range(changed)
    ]
    lines = [
        f"{'bits that differ of 256':26}"
        + "".join(f"{tipo + ' (max ' + str(huellas.MAXIMA[tipo]) + ')':>22}" for tipo in IMAGENES)
    ]
    rows: dict[str, list[str]] = {}
    for tipo in IMAGENES:
        pictures = [Image.open(io.BytesIO(getattr(one, tipo))).convert("RGB") for one in taken]
        made = [huellas.de_imagenes({tipo: getattr(one, tipo)})[0][tipo] for one in taken]
        others = sorted(huellas.distancia(a, b) for a, b in combinations(made, 2))
        rows.setdefault("other people: least", []).append(f"{others[0]}")
        rows.setdefault("  1 in 1000, median", []).append(f"{others[len(others) // 1000]}, {others[len(others) // 2]}")
        rng = random.Random(1)
        for name, change in CHANGES.items():
            far = [huellas.distancia(made[n], _hash(change(pictures[n], rng))) for n in range(changed)]
            rows.setdefault(name, []).append(_said(far, tipo))
        far = [huellas.distancia(made[n], _hash_of(getattr(one, tipo))) for n, one in enumerate(again)]
        rows.setdefault("taken anew", []).append(_said(far, tipo))
    lines += [f"{name:26}" + "".join(f"{cell:>22}" for cell in cells) for name, cells in rows.items()]
    return [*lines, "median / largest, and how many of them lie within what is shown together"]


def _said(far: list[int], tipo: str) -> str:
    within = sum(one <= huellas.MAXIMA[tipo] for one in far)
    return f"{statistics.median(far):.0f} / {max(far)}  {within}/{len(far)}"


def _hash(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    return _hash_of(out.getvalue())


def _hash_of(data: bytes) -> bytes:
    return huellas.de_imagenes({"foto": data})[0]["foto"]
