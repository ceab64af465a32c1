"""What makes a drawn face one person's, and one picture of it differ from another (rows D3, G1).

`rasgos_of` draws the features of a person from a seed, as `signature_of` draws their hand; `Toma` says how
they are seen this time (pose, light, background). Nothing is drawn on paper here: see `faces`.
"""

import random
from dataclasses import dataclass
from typing import Final

from device_sim.synthetic.identifiers import Sexo

Colour = tuple[int, int, int]
Point = tuple[float, float]

_SKINS: Final[tuple[Colour, ...]] = (
    (141, 92, 62),
    (160, 108, 74),
    (178, 124, 88),
    (190, 138, 102),
    (203, 152, 116),
    (216, 168, 134),
    (226, 184, 154),
    (124, 80, 54),
)
_HAIRS: Final[tuple[Colour, ...]] = (
    (24, 20, 20),
    (34, 26, 22),
    (48, 34, 26),
    (66, 44, 30),
    (92, 62, 38),
    (20, 18, 24),
)
_GREYS: Final[tuple[Colour, ...]] = ((120, 116, 112), (168, 164, 160), (206, 204, 200))
_EYES: Final[tuple[Colour, ...]] = ((48, 30, 20), (62, 40, 24), (84, 56, 32), (92, 82, 48), (40, 26, 22))
_CLOTHES: Final[tuple[Colour, ...]] = (
    (44, 58, 92),
    (120, 34, 44),
    (232, 230, 224),
    (60, 88, 74),
    (28, 28, 34),
    (150, 122, 92),
    (92, 72, 120),
    (196, 120, 60),
)
_WALLS: Final[tuple[Colour, ...]] = (
    (214, 206, 190),
    (178, 196, 200),
    (196, 184, 150),
    (206, 178, 168),
    (168, 178, 160),
)


@dataclass(frozen=True, slots=True)
class Rasgos:
    """What makes a face this person's. Lengths are in units of half the width of an average face."""

    skin: Colour
    hair: Colour
    hair_style: int
    parting: float
    width: float
    jaw: float
    chin: float
    forehead: float
    eye_gap: float
    eye_width: float
    eye_height: float
    eye_slant: float
    eye: Colour
    brow_thick: float
    brow_arch: float
    nose_width: float
    nose_length: float
    mouth_width: float
    lip: float
    ears: float
    beard: int
    lines: float
    mole: Point | None
    long_hair: bool


@dataclass(frozen=True, slots=True)
class Toma:
    """One picture of a face: where it stands, how it is turned and lit, what is behind and worn."""

    dx: float
    dy: float
    scale: float
    roll: float
    yaw: float
    light: float
    light_from: float
    smile: float
    background: Colour
    room: int
    clothes: Colour


def rasgos_of(seed: int, sexo: Sexo, edad: int) -> Rasgos:
    """The features of the person with that seed. The age greys the hair, thins it and draws lines."""
    rng = random.Random(seed ^ 0xFACE)
    woman = sexo == "M"
    hair, style = rng.choice(_HAIRS), rng.randrange(5)
    # Drawn at every age, used only later in life: the features after them must not change with age.
    greying, grey, balding = rng.random(), rng.choice(_GREYS), rng.random()
    if edad > 45 and greying < (edad - 40) / 45:
        hair = mix(hair, grey, min(1.0, (edad - 40) / 35))
    if not woman and edad > 38 and balding < 0.3:
        style = 5  # receding
    around = rng.uniform
    return Rasgos(
        skin=mix(rng.choice(_SKINS), rng.choice(_SKINS), 0.35),
        hair=hair,
        hair_style=style,
        parting=around(-0.5, 0.5),
        width=around(0.90, 1.06) - (0.04 if woman else 0.0),
        jaw=around(0.66, 0.82) if woman else around(0.74, 0.95),
        chin=around(1.18, 1.36),
        forehead=around(1.18, 1.34),
        eye_gap=around(0.38, 0.48),
        eye_width=around(0.19, 0.25),
        eye_height=around(0.075, 0.125),
        eye_slant=around(-0.03, 0.05),
        eye=rng.choice(_EYES),
        brow_thick=around(0.035, 0.06) if woman else around(0.055, 0.095),
        brow_arch=around(0.02, 0.10),
        nose_width=around(0.15, 0.27),
        nose_length=around(0.36, 0.52),
        mouth_width=around(0.28, 0.42),
        lip=around(0.07, 0.12) if woman else around(0.045, 0.085),
        ears=around(0.8, 1.15),
        beard=0 if woman else rng.choice((0, 0, 0, 1, 1, 2, 3)),
        lines=max(0.0, (edad - 38) / 45),
        mole=(around(-0.55, 0.55), around(0.1, 0.8)) if rng.random() < 0.25 else None,
        long_hair=woman and rng.random() < 0.8,
    )


def card_toma(seed: int) -> Toma:
    """The pose of the photo that is printed on the card: frontal, even light, plain background."""
    rng = random.Random(seed ^ 0xCA8D)
    grey = rng.randrange(222, 238)
    return Toma(
        dx=rng.uniform(-0.03, 0.03),
        dy=rng.uniform(-0.04, 0.03),
        scale=rng.uniform(0.97, 1.03),
        roll=rng.uniform(-0.02, 0.02),
        yaw=rng.uniform(-0.04, 0.04),
        light=1.0,
        light_from=0.0,
        smile=rng.uniform(0.06, 0.28),
        background=(grey, grey, grey + 3),
        room=0,
        clothes=rng.choice(_CLOTHES),
    )


def live_toma(rng: random.Random) -> Toma:
    """A pose as an auxiliar's phone finds it: a little turned, lit from a side, somewhere in town."""
    return Toma(
        dx=rng.uniform(-0.12, 0.12),
        dy=rng.uniform(-0.08, 0.10),
        scale=rng.uniform(0.90, 1.06),
        roll=rng.uniform(-0.08, 0.08),
        yaw=rng.uniform(-0.16, 0.16),
        light=rng.uniform(0.86, 1.06),
        light_from=rng.uniform(-1.0, 1.0),
        smile=rng.uniform(0.05, 0.6),
        background=rng.choice(_WALLS),
        room=rng.randrange(1, 5),
        clothes=rng.choice(_CLOTHES),
    )


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """The first colour with a share of the second in it."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )
