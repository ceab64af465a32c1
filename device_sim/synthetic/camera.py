"""The phone's camera: turns a drawn card, face or signature into an expediente's JPEG (row D3).

`capture_expediente` is the door: a person and a seed give four images of about 270 KB together. Defects
(blur, tilt, dark) are asked for by name, so that a scenario can say what went wrong. Nothing is read here;
see `codes` for that.
"""

import io
import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from device_sim.synthetic import cards, faces, signatures
from device_sim.synthetic.artwork import CARD_SIZE, CORNER
from device_sim.synthetic.people import CORTE, Persona
from device_sim.synthetic.rasgos import live_toma, rasgos_of

Point = tuple[float, float]

PHOTO_SIZE: Final = (1600, 1200)
LIVE_SIZE: Final = (900, 1200)
FIRMA_SIZE: Final = (800, 400)

# Bytes wanted of each image: together the 270 KB of a usual expediente.
ANVERSO_BYTES: Final = 87_000
REVERSO_BYTES: Final = 105_000  # codes are all edges
LIVE_BYTES: Final = 63_000
FIRMA_BYTES: Final = 15_000

_CARD_SHARE: Final = 0.86  # of the photo's width
_LENS: Final = 0.6  # what the best lens of a cheap phone leaves unsharp, in points
_FULL_BLUR: Final = 14.0  # radius in points of a blur of 1.0
_CARD_GRAIN: Final = 2
_LIVE_GRAIN: Final = 6  # the front lens is the cheaper one, and indoors
_NOISE_SIZE: Final = (2000, 1600)
_TABLES: Final = ((146, 112, 78), (96, 88, 84), (188, 180, 168), (70, 84, 96), (124, 132, 120))


@dataclass(frozen=True, slots=True)
class Expediente:
    """The four images of one apoyo, as JPEG."""

    anverso: bytes
    reverso: bytes
    foto: bytes
    firma: bytes


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with a photo. `blur` and `dark` run from 0 (none) to 1 (far too much)."""

    blur: float = 0.0
    tilt_degrees: float = 0.0
    dark: float = 0.0


NO_DEFECTS: Final = Defects()


def capture_expediente(
    persona: Persona, seed: int, *, blur: float = 0.0, tilt_degrees: float = 0.0, dark: float = 0.0
) -> Expediente:
    """Photograph that person's card on both sides and their face, and take their signature on the glass.

    The same person, seed and defects give the same bytes. The defects spoil the photos, not the signature.
    """
    rng = random.Random((persona.semilla << 64) ^ (seed & 0xFFFFFFFFFFFFFFFF))
    defects = Defects(blur, tilt_degrees, dark)
    return Expediente(
        anverso=photograph_card(cards.draw_anverso(persona), rng, defects),
        reverso=photograph_card(cards.draw_reverso(persona), rng, defects, REVERSO_BYTES),
        foto=photograph_person(persona, rng, Defects(blur, 0.0, dark)),
        firma=sign_on_glass(persona, rng),
    )


def photograph_card(
    card: Image.Image, rng: random.Random, defects: Defects = NO_DEFECTS, wanted: int = ANVERSO_BYTES
) -> bytes:
    """A card on a table, seen from above by a hand not quite steady; a JPEG of about `wanted` bytes."""
    corners = _corners(rng, defects.tilt_degrees)
    photo = _table(rng)
    _lay_shadow(photo, corners, rng)
    coefficients = _perspective(corners)
    seen = card.transform(
        PHOTO_SIZE,
        Image.Transform.PERSPECTIVE,
        coefficients,
        Image.Resampling.BILINEAR,
        fillcolor=(150, 148, 150),
    )
    photo.paste(seen, (0, 0), _card_mask(corners))
    return _encode(_expose(photo, rng, defects, _CARD_GRAIN), wanted, 40)


def photograph_person(persona: Persona, rng: random.Random, defects: Defects = NO_DEFECTS) -> bytes:
    """The person, live: the face of the card, at their age of today, in another pose and place."""
    age = CORTE.year - persona.fecha_nacimiento.year
    rasgos = rasgos_of(persona.semilla, persona.sexo, age)
    # Drawn at two thirds and enlarged: a phone's front lens is no sharper, and it halves the time.
    drawn = faces.draw_face(rasgos, live_toma(rng), (LIVE_SIZE[0] * 2 // 3, LIVE_SIZE[1] * 2 // 3))
    photo = drawn.resize(LIVE_SIZE, Image.Resampling.BILINEAR)
    return _encode(_expose(photo, rng, defects, _LIVE_GRAIN), LIVE_BYTES, 78)


def sign_on_glass(persona: Persona, rng: random.Random) -> bytes:
    """The signature as the screen records it: clean ink on white, written anew."""
    firma = signatures.signature_of(persona.semilla, persona.nombre, persona.apellido_paterno)
    return _encode(signatures.draw_signature(firma, FIRMA_SIZE, rng), FIRMA_BYTES, 75)


def _corners(rng: random.Random, tilt_degrees: float) -> tuple[Point, Point, Point, Point]:
    """Where the card's corners fall in the photo, clockwise from the top left: turned by the tilt and a
    degree of the hand's own, and drawn together a little by perspective."""
    turn = math.radians(tilt_degrees + rng.uniform(-0.9, 0.9))
    aspect = CARD_SIZE[1] / CARD_SIZE[0]
    # A turned card must still fit the frame: the auxiliar steps back.
    cos, sin = math.cos(turn), math.sin(turn)
    wide = abs(cos) + aspect * abs(sin)
    high = aspect * abs(cos) + abs(sin)
    room = min(_CARD_SHARE * PHOTO_SIZE[0] / wide, 0.95 * PHOTO_SIZE[1] / high)
    half_x, half_y = room / 2, room * aspect / 2
    middle_x = PHOTO_SIZE[0] / 2 + rng.uniform(-14, 14)
    middle_y = PHOTO_SIZE[1] / 2 + rng.uniform(-30, 30)
    lean_x, lean_y = rng.uniform(-0.008, 0.008), rng.uniform(-0.012, 0.012)
    points = []
    for x, y in ((-half_x, -half_y), (half_x, -half_y), (half_x, half_y), (-half_x, half_y)):
        near = 1 + lean_x * x / half_x + lean_y * y / half_y
        tx = (x * cos - y * sin) * near
        ty = (x * sin + y * cos) * near
        points.append((middle_x + tx, middle_y + ty))
    return points[0], points[1], points[2], points[3]


def _perspective(corners: tuple[Point, Point, Point, Point]) -> tuple[float, ...]:
    """The eight numbers that lead from a point of the photo back to a point of the card."""
    width, height = CARD_SIZE
    targets = ((0, 0), (width, 0), (width, height), (0, height))
    rows = []
    for (x, y), (u, v) in zip(corners, targets, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    wanted = [value for target in targets for value in target]
    solved = np.linalg.solve(np.array(rows, dtype=np.float64), np.array(wanted, dtype=np.float64))
    return tuple(float(value) for value in solved)


def _card_mask(corners: tuple[Point, Point, Point, Point]) -> Image.Image:
    """The card's shape with its rounded corners, drawn at half size so that the edge comes out soft."""
    half = (PHOTO_SIZE[0] // 2, PHOTO_SIZE[1] // 2)
    mask = Image.new("L", half, 0)
    ImageDraw.Draw(mask).polygon([(x / 2, y / 2) for x, y in _rounded(corners)], fill=255)
    return mask.resize(PHOTO_SIZE, Image.Resampling.BILINEAR)


def _rounded(corners: tuple[Point, Point, Point, Point]) -> list[Point]:
    outline: list[Point] = []
    for i, corner in enumerate(corners):
        before, after = corners[i - 1], corners[(i + 1) % 4]
        start = _towards(corner, before)
        end = _towards(corner, after)
        for step in range(6):
            t = step / 5
            outline.append(
                (
                    (1 - t) ** 2 * start[0] + 2 * t * (1 - t) * corner[0] + t * t * end[0],
                    (1 - t) ** 2 * start[1] + 2 * t * (1 - t) * corner[1] + t * t * end[1],
                )
            )
    return outline


def _towards(corner: Point, other: Point) -> Point:
    share = CORNER / math.dist(corner, other)
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share


def _table(rng: random.Random) -> Image.Image:
    kind = rng.randrange(len(_TABLES))
    table = _table_texture(kind)
    if rng.random() < 0.5:
        table = table.transpose(Image.Transpose.ROTATE_180)
    return table.copy()


@lru_cache(maxsize=len(_TABLES))
def _table_texture(kind: int) -> Image.Image:
    """A table top, with grain if of wood; soft, so that the JPEG spends its bytes on the card."""
    source = np.random.default_rng(kind)
    grain = source.normal(0, 9, (150, 6)) if kind % 2 == 0 else source.normal(0, 5, (12, 16))
    coarse = np.array(_TABLES[kind])[None, None, :] + grain[..., None]
    small = Image.fromarray(coarse.clip(0, 255).astype(np.uint8), "RGB")
    return small.resize(PHOTO_SIZE, Image.Resampling.BICUBIC)


def _lay_shadow(photo: Image.Image, corners: tuple[Point, Point, Point, Point], rng: random.Random) -> None:
    fall_x, fall_y = rng.uniform(-16, 16), rng.uniform(4, 18)
    small = Image.new("L", (PHOTO_SIZE[0] // 8, PHOTO_SIZE[1] // 8), 0)
    ImageDraw.Draw(small).polygon([((x + fall_x) / 8, (y + fall_y) / 8) for x, y in corners], fill=110)
    shadow = small.filter(ImageFilter.GaussianBlur(2)).resize(PHOTO_SIZE, Image.Resampling.BILINEAR)
    photo.paste((18, 16, 14), (0, 0), shadow)


def _expose(photo: Image.Image, rng: random.Random, defects: Defects, grain: int) -> Image.Image:
    """Focus, light and sensor, in the order in which they happen in a camera."""
    if defects.blur > 0:
        photo = photo.filter(ImageFilter.GaussianBlur(_LENS + defects.blur * _FULL_BLUR))
    else:
        photo = photo.filter(ImageFilter.BoxBlur(_LENS))
    photo = ImageChops.multiply(photo, _vignette(photo.size))
    # Darkness takes light away and turns what is left bluish; the sensor then adds more grain.
    gain = (1.0 - 0.92 * min(1.0, max(0.0, defects.dark))) * rng.uniform(0.95, 1.05)
    warm = rng.uniform(-0.03, 0.03) - 0.04 * defects.dark
    curve = [min(255, round(value * gain * tint)) for tint in (1.0 + warm, 1.0, 1.0 - warm) for value in range(256)]
    photo = photo.point(curve)
    left = rng.randrange(_NOISE_SIZE[0] - photo.width)
    top = rng.randrange(_NOISE_SIZE[1] - photo.height)
    noise = _noise(grain + round(4 * defects.dark)).crop((left, top, left + photo.width, top + photo.height))
    return ImageChops.add(photo, Image.merge("RGB", (noise, noise, noise)), 1.0, -128)


@lru_cache(maxsize=4)
def _vignette(size: tuple[int, int]) -> Image.Image:
    width, height = size[0] // 4, size[1] // 4
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    distance = np.hypot((x / width - 0.5) * 1.2, y / height - 0.5)
    plane = (255 * (1.0 - 0.34 * distance**2)).clip(0, 255).astype(np.uint8)
    one = Image.fromarray(plane, "L").resize(size, Image.Resampling.BILINEAR)
    return Image.merge("RGB", (one, one, one))


@lru_cache(maxsize=8)
def _noise(strength: int) -> Image.Image:
    """A sheet of grain around 128. A photo takes a window of it: cheaper than new grain."""
    source = np.random.default_rng(strength)
    plane = source.normal(128, strength, (_NOISE_SIZE[1], _NOISE_SIZE[0])).clip(0, 255).astype(np.uint8)
    # Neighbouring points of a sensor are not independent: the demosaicing smooths them.
    return Image.fromarray(plane, "L").filter(ImageFilter.BoxBlur(0.6))


def _encode(photo: Image.Image, wanted: int, quality: int) -> bytes:
    """JPEG of about the wanted size. The first quality is a good guess, corrected at most twice."""
    best = b""
    for _ in range(3):
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=quality, subsampling="4:2:0", optimize=True)
        data = buffer.getvalue()
        if not best or abs(len(data) - wanted) < abs(len(best) - wanted):
            best = data
        ratio = wanted / len(data)
        if 0.94 < ratio < 1.06:
            break
        # Around the middle of the scale, a tenth more bytes costs about four steps of quality.
        step = round(math.log(ratio) * (42 if quality < 75 else 26))
        better = max(28, min(93, quality + (step or (1 if ratio > 1 else -1))))
        if better == quality:
            break
        quality = better
    return best
