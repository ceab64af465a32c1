"""Photos of the reversos of synthetic cards, spoiled in one way at a time, and what their codes say."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance

from device_sim.synthetic import card_layouts, cards
from device_sim.synthetic.camera import NO_DEFECTS, REVERSO_BYTES, Defects, photograph_card
from device_sim.synthetic.people import MODELOS, Persona, persona_at, with_modelo

PADRON = 90_000
KINDS = ("PDF417", "Code128", "QR público", "QR denso")


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo. `codes`: what is printed on the card, as (kind, bytes)."""

    modelo: str
    spoiled: str
    jpeg: bytes
    codes: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Spoil:
    """One way of spoiling: in the camera, or afterwards to the picture that it made."""

    name: str
    defects: Defects = NO_DEFECTS
    after: Callable[[Image.Image, random.Random], Image.Image] | None = None
    quality: int = 85


def _smaller(side: int) -> Callable[[Image.Image, random.Random], Image.Image]:
    def make(picture: Image.Image, rng: random.Random) -> Image.Image:
        picture.thumbnail((side, side), Image.Resampling.BICUBIC)
        return picture

    return make


def _grain(sigma: float) -> Callable[[Image.Image, random.Random], Image.Image]:
    def make(picture: Image.Image, rng: random.Random) -> Image.Image:
        noise = np.random.default_rng(rng.randrange(2**32)).normal(0, sigma, (picture.height, picture.width, 1))
        return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8), "RGB")

    return make


def _pale(contrast: float) -> Callable[[Image.Image, random.Random], Image.Image]:
    return lambda picture, rng: ImageEnhance.Contrast(picture).enhance(contrast)


def _shaken(points: int) -> Callable[[Image.Image, random.Random], Image.Image]:
    """The hand moved sideways while the shutter was open."""

    def make(picture: Image.Image, rng: random.Random) -> Image.Image:
        plane = np.asarray(picture, dtype=np.float32)
        moved = sum(np.roll(plane, shift, axis=1) for shift in range(points)) / points
        return Image.fromarray(moved.clip(0, 255).astype(np.uint8), "RGB")

    return make


SPOILS = (
    Spoil("as taken"),
    Spoil("blur 0.08", Defects(blur=0.08)),
    Spoil("blur 0.12", Defects(blur=0.12)),
    Spoil("blur 0.16", Defects(blur=0.16)),
    Spoil("blur 0.22", Defects(blur=0.22)),
    Spoil("shaken 5", after=_shaken(5)),
    Spoil("shaken 9", after=_shaken(9)),
    Spoil("tilt 3", Defects(tilt_degrees=3)),
    Spoil("tilt 6", Defects(tilt_degrees=6)),
    Spoil("tilt -10", Defects(tilt_degrees=-10)),
    Spoil("tilt 17", Defects(tilt_degrees=17)),
    Spoil("tilt 40", Defects(tilt_degrees=40)),
    Spoil("tilt 90", Defects(tilt_degrees=90)),
    Spoil("dark 0.7", Defects(dark=0.7)),
    Spoil("dark 0.9", Defects(dark=0.9)),
    Spoil("pale 0.25", after=_pale(0.25)),
    Spoil("1000 wide", after=_smaller(1000)),
    Spoil("800 wide", after=_smaller(800)),
    Spoil("640 wide", after=_smaller(640)),
    Spoil("noise 25", after=_grain(25)),
    Spoil("noise 50", after=_grain(50)),
    Spoil("JPEG 20", after=lambda picture, rng: picture, quality=20),
    Spoil("JPEG 8", after=lambda picture, rng: picture, quality=8),
    Spoil("tilt 7, blur 0.1", Defects(blur=0.1, tilt_degrees=7)),
    Spoil("tilt 8, dark 0.85", Defects(tilt_degrees=8, dark=0.85)),
)


def photos(people: int, seed: int = 1, only: str = "") -> Iterator[Photo]:
    """So many people for each model of card, each photographed in every way; `only`: those whose name has it."""
    for i, modelo in enumerate(MODELOS):
        for n in range(people):
            persona = with_modelo(persona_at(seed, PADRON, "21", 500 * i + n), modelo)
            card = cards.draw_reverso(persona)
            codes = _printed(persona)
            for spoil in SPOILS:
                if only in spoil.name:
                    rng = random.Random(f"{seed}/{modelo}/{n}/{spoil.name}")
                    yield Photo(modelo, spoil.name, _photograph(card, spoil, rng), codes)


def _photograph(card: Image.Image, spoil: Spoil, rng: random.Random) -> bytes:
    taken = photograph_card(card, rng, spoil.defects, REVERSO_BYTES)
    if spoil.after is None:
        return taken
    with Image.open(io.BytesIO(taken)) as opened:
        picture = spoil.after(opened.convert("RGB"), rng)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=spoil.quality)
    return out.getvalue()


def _printed(persona: Persona) -> tuple[tuple[str, bytes], ...]:
    back = card_layouts.BACKS[persona.modelo]
    found: list[tuple[str, bytes]] = []
    if back.pdf417:
        found.append(("PDF417", cards.pdf417_text(persona).encode()))
    if back.code128:
        found.append(("Code128", persona.cic.encode()))
    if any(kind == "publico" for kind, _ in back.qrs):
        found.append(("QR público", cards.public_qr(persona).encode()))
    found += [("QR denso", dense) for dense in cards.dense_qr_payloads(persona)]
    return tuple(found)
