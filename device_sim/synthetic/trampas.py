"""What the mesa de control must find: captures that are not as they should be, each with its inciso of P13.7.

A capture is made as always and then spoilt in one way, so that whoever draws it knows the right answer: the demo, the
e2e journeys and the benches of the mesa. Nothing here is a recipe against a real card: all are drawn.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from device_sim.synthetic.camera import (
    FIRMA_SIZE,
    Defects,
    Expediente,
    capture_expediente,
    photograph_person,
)
from device_sim.synthetic.people import Persona


class Trampa(StrEnum):
    """In what way a capture is not as it should be."""

    FOTOCOPIA = "fotocopia"
    PANTALLA = "pantalla"
    DOS_ANVERSOS = "dos_anversos"
    OTRO_REVERSO = "otro_reverso"
    OTRA_PERSONA = "otra_persona"
    FOTO_REPETIDA = "foto_repetida"
    SIN_FIRMA = "sin_firma"
    SIMBOLO = "simbolo"

    @property
    def inciso(self) -> str:
        """What an operator who sees it answers."""
        return _INCISOS[self]


_INCISOS: Final = {
    Trampa.FOTOCOPIA: "e",
    Trampa.PANTALLA: "d",
    Trampa.DOS_ANVERSOS: "b",
    Trampa.OTRO_REVERSO: "c",
    Trampa.OTRA_PERSONA: "g",
    Trampa.FOTO_REPETIDA: "h",
    Trampa.SIN_FIRMA: "m",
    Trampa.SIMBOLO: "j",
}
_QUALITY: Final = 45


def spoil(made: Expediente, trampa: Trampa, persona: Persona, otra: Persona, seed: int, defects: Defects) -> Expediente:
    """The capture of `persona`, spoilt. `otra`: somebody else, where the trick needs one."""
    rng = random.Random(seed ^ 0x7A4)

    def redo(raw: bytes, change: Callable[[Image.Image], Image.Image]) -> bytes:
        with Image.open(io.BytesIO(raw)) as opened:
            return _jpeg(change(opened.convert("RGB")))

    match trampa:
        case Trampa.FOTOCOPIA:
            return replace(made, anverso=redo(made.anverso, _photocopied), reverso=redo(made.reverso, _photocopied))
        case Trampa.PANTALLA:
            return replace(made, anverso=redo(made.anverso, _on_screen), reverso=redo(made.reverso, _on_screen))
        case Trampa.DOS_ANVERSOS:
            return replace(made, reverso=_another(persona, seed + 1, defects).anverso)
        case Trampa.OTRO_REVERSO:
            return replace(made, reverso=_another(otra, seed + 1, defects).reverso)
        case Trampa.OTRA_PERSONA:
            return replace(made, foto=photograph_person(otra, rng))
        case Trampa.FOTO_REPETIDA:
            # One photo for all of them: that of the same person, at the same moment, saved once more.
            return replace(made, foto=redo(photograph_person(otra, random.Random(1)), lambda image: image))
        case Trampa.SIN_FIRMA:
            return replace(made, firma=_jpeg(Image.new("RGB", FIRMA_SIZE, "white")))
        case Trampa.SIMBOLO:
            return replace(made, firma=_jpeg(_cross(rng)))


def _another(persona: Persona, seed: int, defects: Defects) -> Expediente:
    return capture_expediente(persona, seed, blur=defects.blur, tilt_degrees=defects.tilt_degrees, dark=defects.dark)


def _photocopied(image: Image.Image) -> Image.Image:
    """Grey, harsh, on paper: what a copier makes of a card."""
    grey = ImageOps.autocontrast(image.convert("L").filter(ImageFilter.GaussianBlur(0.8)), cutoff=(2, 25))
    return ImageOps.posterize(grey, 4).convert("RGB")


def _on_screen(image: Image.Image) -> Image.Image:
    """The grid of a monitor, its bluish light, and a reflection."""
    pixels = np.asarray(image, dtype=np.float32)
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    grid = 1.0 - 0.16 * ((x % 4 == 0) | (y % 4 == 0)) + 0.07 * np.sin((x + 0.31 * y) / 5.3)
    glare = 60.0 * np.exp(-(((x / width - 0.72) ** 2) / 0.01 + ((y / height - 0.3) ** 2) / 0.04))
    lit = pixels * grid[..., None] * np.array([0.92, 0.98, 1.08], dtype=np.float32) + glare[..., None]
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8), "RGB")


def _cross(rng: random.Random) -> Image.Image:
    firma = Image.new("RGB", FIRMA_SIZE, "white")
    width, height = FIRMA_SIZE
    middle = (width / 2 + rng.uniform(-60, 60), height / 2 + rng.uniform(-30, 30))
    arm = rng.uniform(50, 90)
    draw = ImageDraw.Draw(firma)
    for sign in (-1, 1):
        ends = (middle[0] - arm, middle[1] - sign * arm, middle[0] + arm, middle[1] + sign * arm)
        draw.line(ends, fill=(20, 24, 60), width=7)
    return firma.filter(ImageFilter.GaussianBlur(0.8))


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
