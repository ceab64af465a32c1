"""Drawn faces: one for each person, the same on the card and in the photo taken live (rows D3, G1).

Who is drawn and how they are seen is in `rasgos`; here they are drawn. A drawing, not a portrait: nobody's
photo was looked at to make it.
"""

import math
from collections.abc import Iterable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from device_sim.synthetic.rasgos import Colour, Point, Rasgos, Toma, mix


def draw_face(rasgos: Rasgos, toma: Toma, size: tuple[int, int]) -> Image.Image:
    """The face as an RGB picture. Drawn at twice the size and reduced, so that edges are soft."""
    double = (size[0] * 2, size[1] * 2)
    picture = _background(toma, double)
    pen = _Pen(ImageDraw.Draw(picture), toma, double)
    _draw_back_hair(pen, rasgos)
    _draw_bust(pen, rasgos, toma)
    _draw_head(pen, rasgos)
    _draw_shading(pen, rasgos)
    _soften(picture, pen, rasgos)
    _draw_eyes(pen, rasgos, toma)
    _draw_nose(pen, rasgos)
    _draw_mouth(pen, rasgos, toma)
    _draw_age(pen, rasgos)
    _draw_beard(pen, rasgos)
    _draw_front_hair(pen, rasgos)
    return _light(picture.reduce(2), toma)


class _Pen:
    """Draws in face units (origin between the eyes, y down) and applies the pose to each point."""

    def __init__(self, draw: ImageDraw.ImageDraw, toma: Toma, size: tuple[int, int]) -> None:
        self._draw = draw
        # A face is about 2.1 units wide and takes 46 % of the frame's width, whatever the frame's shape.
        self.unit = min(size[0] * 0.235, size[1] * 0.19) * toma.scale
        self._origin = (size[0] * 0.5 + toma.dx * self.unit, size[1] * 0.45 + toma.dy * self.unit)
        self._cos, self._sin = math.cos(toma.roll), math.sin(toma.roll)
        self.yaw = toma.yaw

    def at(self, x: float, y: float) -> Point:
        return (
            self._origin[0] + (x * self._cos - y * self._sin) * self.unit,
            self._origin[1] + (x * self._sin + y * self._cos) * self.unit,
        )

    def shape(self, points: Iterable[Point], colour: Colour) -> None:
        self._draw.polygon([self.at(x, y) for x, y in points], fill=colour)

    def line(self, points: Iterable[Point], colour: Colour, width: float) -> None:
        pixels = max(1, round(width * self.unit))
        self._draw.line([self.at(x, y) for x, y in points], fill=colour, width=pixels, joint="curve")

    def disc(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        self.shape(_ellipse(x, y, rx, ry), colour)


def _ellipse(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 1.0) -> list[Point]:
    turns = [2 * math.pi * (start + (end - start) * i / 36) for i in range(37)]
    return [(x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns]


def _dark(colour: Colour, share: float) -> Colour:
    return mix(colour, (20, 8, 6), share)


def _outline(r: Rasgos, grow: float = 0.0) -> list[Point]:
    """The contour of the head from the left temple over the crown and round the chin."""
    points: list[Point] = []
    for i in range(72):
        t = 2 * math.pi * i / 72
        x, y = math.cos(t), math.sin(t)
        if y < 0:  # crown: a plain half ellipse
            points.append((x * (r.width + grow), y * (r.forehead + grow)))
        else:  # cheeks narrow towards the jaw, then close at the chin
            narrow = r.width + (r.jaw - r.width) * min(1.0, y * 1.15)
            full = math.copysign(abs(x) ** 0.82, x)
            points.append((full * (narrow + grow), y**0.92 * (r.chin + grow)))
    return points


def _background(toma: Toma, size: tuple[int, int]) -> Image.Image:
    small = Image.new("RGB", (48, 64), toma.background)
    draw = ImageDraw.Draw(small)
    dark, pale = _dark(toma.background, 0.35), mix(toma.background, (255, 255, 255), 0.45)
    if toma.room == 1:  # a door
        draw.rectangle((32, 10, 47, 63), fill=dark)
    elif toma.room == 2:  # a window
        draw.rectangle((2, 4, 16, 28), fill=pale)
        draw.line((9, 4, 9, 28), fill=dark)
    elif toma.room == 3:  # a street: sky above, pavement below
        draw.rectangle((0, 0, 47, 22), fill=(188, 206, 226))
        draw.rectangle((0, 50, 47, 63), fill=(128, 126, 122))
    elif toma.room == 4:  # leaves
        for i in range(40):
            x, y = (i * 29) % 48, (i * 17) % 64
            draw.ellipse((x - 4, y - 3, x + 4, y + 3), fill=(76 + i % 5 * 12, 104 + i % 7 * 9, 66))
    if toma.room:
        small = small.filter(ImageFilter.GaussianBlur(1.2))
    return small.resize(size, Image.Resampling.BILINEAR)


def _draw_back_hair(pen: _Pen, r: Rasgos) -> None:
    if not r.long_hair:
        return
    fall = 1.2 + 0.5 * (r.hair_style % 3)
    side = r.width + 0.24
    back = [(-side, -0.2), (-side - 0.08, fall), (side + 0.08, fall), (side, -0.2)]
    crown = _ellipse(0, -0.25, side, r.forehead * 0.98, 0.5, 1.0)
    pen.shape(crown + back[::-1], _dark(r.hair, 0.25))


def _draw_bust(pen: _Pen, r: Rasgos, toma: Toma) -> None:
    half = [(0.62, 1.72), (1.1, 1.84), (1.6, 2.0), (2.0, 2.2), (2.3, 2.5), (2.5, 2.95), (2.65, 5.0)]
    shoulders = [(-x, y) for x, y in reversed(half)] + half
    pen.shape(shoulders, toma.clothes)
    neck = r.jaw * 0.66
    pen.shape([(-neck, 0.6), (-neck - 0.06, 1.9), (0, 2.25), (neck + 0.06, 1.9), (neck, 0.6)], _dark(r.skin, 0.1))
    pen.shape([(-neck, 0.6), (-neck - 0.03, 1.36), (0, 1.6), (neck + 0.03, 1.36), (neck, 0.6)], _dark(r.skin, 0.3))
    collar = _dark(toma.clothes, 0.3)
    pen.line([(-neck - 0.1, 1.78), (0, 2.34), (neck + 0.1, 1.78)], collar, 0.07)


def _draw_head(pen: _Pen, r: Rasgos) -> None:
    edge = _dark(r.skin, 0.22)
    for side in (-1, 1):
        x = side * (r.width + 0.02)
        pen.disc(x, 0.12, 0.15 * r.ears, 0.27 * r.ears, edge)
        pen.disc(x + side * 0.02, 0.12, 0.09 * r.ears, 0.19 * r.ears, _dark(r.skin, 0.34))
    pen.shape(_outline(r, 0.015), edge)
    pen.shape(_outline(r), _dark(r.skin, 0.12))
    pen.shape([(x * 0.87 + pen.yaw * 0.4, y * 0.92) for x, y in _outline(r)], r.skin)


def _draw_shading(pen: _Pen, r: Rasgos) -> None:
    """Patches of lighter and darker skin; `_soften` turns them into volume."""
    light, warm = (255, 232, 208), (206, 92, 80)
    pen.disc(pen.yaw * 0.9, -0.62, r.width * 0.55, 0.32, mix(r.skin, light, 0.14))
    for side in (-1, 1):
        pen.disc(side * 0.47 + pen.yaw * 0.6, 0.42, 0.24, 0.19, mix(r.skin, warm, 0.20))
        pen.disc(side * r.eye_gap + pen.yaw, -0.02, r.eye_width * 1.3, r.eye_height * 2.1, _dark(r.skin, 0.2))
    x, tip = pen.yaw * 1.5, 0.12 + r.nose_length
    away = -1 if pen.yaw > 0 else 1
    bridge = [(pen.yaw, -0.1), (x + away * r.nose_width * 0.85, tip), (x, tip + 0.02)]
    pen.shape(bridge, _dark(r.skin, 0.16))
    pen.disc(x, tip - 0.03, r.nose_width * 0.6, 0.11, mix(r.skin, light, 0.20))
    for wing in (-1, 1):
        pen.disc(x + wing * r.nose_width * 0.8, tip, r.nose_width * 0.34, 0.08, _dark(r.skin, 0.20))
    pen.disc(pen.yaw * 1.2, 0.62 + r.nose_length + 0.06, 0.24, 0.05, _dark(r.skin, 0.18))


def _soften(picture: Image.Image, pen: _Pen, r: Rasgos) -> None:
    """Blur the skin within its contour: smooth shading, and the edge of the face stays sharp."""
    neck = r.jaw * 0.66
    parts = (
        _outline(r, -0.03),
        [(0.07 - neck, 0.9), (0.05 - neck, 1.72), (neck - 0.05, 1.72), (neck - 0.07, 0.9)],
    )
    shapes = [[pen.at(x, y) for x, y in part] for part in parts]
    xs = [x for shape in shapes for x, _ in shape]
    ys = [y for shape in shapes for _, y in shape]
    width, height = picture.size
    box = (max(0, int(min(xs))), max(0, int(min(ys))), min(width, int(max(xs))), min(height, int(max(ys))))
    mask = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
    draw = ImageDraw.Draw(mask)
    for shape in shapes:
        draw.polygon([(x - box[0], y - box[1]) for x, y in shape], fill=255)
    skin = picture.crop(box)
    picture.paste(skin.filter(ImageFilter.BoxBlur(pen.unit * 0.055)), box[:2], mask)


def _draw_eyes(pen: _Pen, r: Rasgos, toma: Toma) -> None:
    for side in (-1, 1):
        x, tilt = side * r.eye_gap + toma.yaw, side * r.eye_slant
        lids = _almond(x, 0.02, r.eye_width, r.eye_height, tilt)
        pen.shape(lids, (240, 236, 230))
        iris = min(r.eye_height * 1.02, r.eye_width * 0.55)
        gaze = x + toma.yaw * 0.15
        pen.disc(gaze, 0.015, iris, iris, r.eye)
        pen.disc(gaze, 0.015, iris * 0.48, iris * 0.48, (12, 10, 10))
        pen.disc(gaze + 0.03, -0.02, iris * 0.22, iris * 0.22, (250, 250, 250))
        pen.line(lids[: len(lids) // 2 + 1], (32, 22, 20), 0.035 if r.long_hair else 0.024)
        brow = [
            (x - side * r.eye_width * 1.15, -0.20),
            (x, -0.25 - r.brow_arch),
            (x + side * r.eye_width * 1.35, -0.17 - tilt),
        ]
        pen.line(_curve(brow), mix(r.hair, r.skin, 0.18), r.brow_thick * 1.5)


def _almond(x: float, y: float, rx: float, ry: float, tilt: float) -> list[Point]:
    """The opening of an eye: first the upper lid from left to right, then the lower one back."""
    steps = [i / 10 * 2 - 1 for i in range(11)]
    upper = [(x + rx * s, y - ry * (1 - s * s) - tilt * s) for s in steps]
    lower = [(x + rx * s, y + ry * 0.72 * (1 - s * s) - tilt * s) for s in reversed(steps)]
    return upper + lower


def _curve(points: Sequence[Point]) -> list[Point]:
    """A quadratic Bézier through its ends, pulled to the middle point."""
    (ax, ay), (bx, by), (cx, cy) = points
    ts = [i / 12 for i in range(13)]
    return [
        (
            (1 - t) ** 2 * ax + 2 * t * (1 - t) * bx + t * t * cx,
            (1 - t) ** 2 * ay + 2 * t * (1 - t) * by + t * t * cy,
        )
        for t in ts
    ]


def _draw_nose(pen: _Pen, r: Rasgos) -> None:
    x, tip = pen.yaw * 1.5, 0.12 + r.nose_length
    shade = _dark(r.skin, 0.20)
    for wing in (-1, 1):
        pen.disc(x + wing * r.nose_width * 0.45, tip + 0.055, r.nose_width * 0.22, 0.032, _dark(r.skin, 0.55))
    pen.line(
        _curve([(x - r.nose_width * 0.5, tip + 0.07), (x, tip + 0.13), (x + r.nose_width * 0.5, tip + 0.07)]),
        shade,
        0.03,
    )


def _draw_mouth(pen: _Pen, r: Rasgos, toma: Toma) -> None:
    x, y = pen.yaw * 1.2, 0.40 + r.nose_length
    lips = mix(r.skin, (164, 62, 66), 0.52)
    lift = toma.smile * 0.12
    left, right = (x - r.mouth_width, y - lift), (x + r.mouth_width, y - lift)
    middle = _curve([left, (x, y + lift), right])
    upper = _curve([left, (x - 0.06, y - r.lip * 1.7), (x, y - r.lip * 0.75)])
    upper += _curve([(x, y - r.lip * 0.75), (x + 0.06, y - r.lip * 1.7), right])
    pen.shape(upper + middle[::-1], _dark(lips, 0.12))
    pen.shape(_curve([left, (x, y + lift + r.lip * 2.3), right]) + middle[::-1], lips)
    pen.line(middle, _dark(lips, 0.5), 0.022)


def _draw_age(pen: _Pen, r: Rasgos) -> None:
    if r.mole:
        pen.disc(r.mole[0], r.mole[1], 0.03, 0.03, _dark(r.skin, 0.6))
    if r.lines <= 0:
        return
    ink = _dark(r.skin, min(0.42, 0.12 + r.lines * 0.28))
    for side in (-1, 1):
        x = side * (r.nose_width + 0.13) + pen.yaw
        pen.line(_curve([(x, 0.42), (x + side * 0.14, 0.62), (x + side * 0.12, 0.9)]), ink, 0.026)
        pen.line(
            _curve([(side * 0.28 + pen.yaw, 0.2), (side * 0.44 + pen.yaw, 0.26), (side * 0.6, 0.18)]),
            ink,
            0.022,
        )
    for i in range(round(min(3.0, r.lines * 4))):
        y = -0.56 - 0.15 * i
        pen.line(_curve([(-0.46 + pen.yaw, y), (pen.yaw, y - 0.07), (0.46 + pen.yaw, y)]), ink, 0.02)


def _draw_beard(pen: _Pen, r: Rasgos) -> None:
    if not r.beard:
        return
    y = 0.40 + r.nose_length
    x = pen.yaw * 1.2
    hair = mix(r.hair, r.skin, 0.22)
    reach = r.mouth_width * 1.12
    over = _curve([(x - reach, y + 0.01), (x, y - 0.42), (x + reach, y + 0.01)])
    under = _curve([(x - reach, y + 0.01), (x, y - r.lip * 2.4), (x + reach, y + 0.01)])
    pen.shape(over + under[::-1], hair)
    if r.beard == 2:  # goatee
        pen.disc(x, y + 0.38, 0.22, 0.19, hair)
    elif r.beard == 3:  # full: the lower face, with the mouth left free
        lower = [(px * 1.01, py) for px, py in _outline(r) if py > 0.34 * r.chin]
        mouth = _ellipse(x, y + r.lip * 0.4, r.mouth_width * 1.12, r.lip * 2.1)
        pen.shape([*lower, (-r.jaw * 0.72, 0.42), (-0.3, y - 0.1), (0.3, y - 0.1), (r.jaw * 0.72, 0.42)], hair)
        pen.shape(mouth, r.skin)
        pen.shape(_ellipse(x, y + r.lip * 0.3, r.mouth_width * 0.95, r.lip * 1.2), mix(r.skin, (164, 62, 66), 0.5))


def _draw_front_hair(pen: _Pen, r: Rasgos) -> None:
    top, side = r.forehead, r.width
    hair = r.hair
    if r.hair_style == 5:
        for way in (-1, 1):
            pen.shape(
                [
                    (way * side * 1.0, -0.62),
                    (way * (side + 0.09), -0.1),
                    (way * (side + 0.02), 0.2),
                    (way * side * 0.93, -0.1),
                ],
                hair,
            )
        return
    brow_line = {0: -0.66, 1: -0.56, 2: -0.80, 3: -0.72, 4: -0.60}[r.hair_style]
    crown = _ellipse(0, -0.18, side + 0.10, top + 0.02, 0.5, 1.0)
    temples = 0.26 if not r.long_hair else 0.75
    edge_right = [(side + 0.10, temples * 0.4), (side + 0.02, temples), (side * 0.94, -0.12)]
    edge_left = [(-side * 0.94, -0.12), (-side - 0.02, temples), (-side - 0.10, temples * 0.4)]
    part = r.parting if r.hair_style != 2 else 0.0
    fringe = [
        (side * 0.8, brow_line + 0.18),
        (part + 0.3, brow_line - 0.04),
        (part, brow_line - 0.14),
        (part - 0.3, brow_line - 0.04),
        (-side * 0.8, brow_line + 0.18),
    ]
    pen.shape(crown + edge_right + fringe + edge_left, hair)
    if r.hair_style == 4:  # curls along the crown
        for i in range(17):
            t = math.pi * (1.0 + i / 16)
            pen.disc((side + 0.08) * math.cos(t), -0.18 + top * math.sin(t), 0.19, 0.19, hair)
    shine = mix(hair, (230, 220, 210), 0.16)
    for i in range(3):
        reach = 0.62 - 0.16 * i
        pen.line(_ellipse(part * 0.4, -0.2, side * reach + 0.2, top * (0.86 - 0.06 * i), 0.62, 0.80), shine, 0.02)


def _light(picture: Image.Image, toma: Toma) -> Image.Image:
    """Soft light from one side, and the softness of a lens."""
    width, height = picture.size
    ramp = Image.linear_gradient("L").rotate(90).resize((width, height))
    strength = abs(toma.light_from) * 0.42
    if toma.light_from < 0:
        ramp = ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    shade = ramp.point([round(255 * (1 - strength * (1 - v / 255))) for v in range(256)])
    lit = ImageChops.multiply(picture, Image.merge("RGB", (shade, shade, shade)))
    gain = min(1.15, toma.light)
    return lit.point([min(255, round(v * gain)) for v in range(256)] * 3).filter(ImageFilter.GaussianBlur(0.7))
