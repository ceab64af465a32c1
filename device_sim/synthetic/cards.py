"""Draws a Credencial para Votar, anverso and reverso, as it would be printed (row D3).

Every card says DATOS SINTÉTICOS · SIN VALIDEZ across its paper and in a line of its own. Positions come from
`card_layouts`, ornaments from `artwork`; here the person's data, face, signature and codes are set in place.
A card is a function of the person: photographing it twice is the camera's business.
"""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from device_sim.synthetic import artwork, card_layouts, faces, identifiers, lettering, signatures
from device_sim.synthetic.card_layouts import Back, Box, Field, Front
from device_sim.synthetic.lettering import Colour, Style
from device_sim.synthetic.people import Persona
from device_sim.synthetic.rasgos import card_toma, rasgos_of

_INK: Final[Colour] = (28, 26, 34)
_LABEL: Final[Colour] = (96, 92, 98)
_LEGEND: Final[Colour] = (178, 20, 30)
_BAND_HEIGHT: Final = 168
_LABEL_SIZE: Final = 22
_MRZ: Final = Style(52, (20, 20, 24), 0.7)
_MRZ_PITCH: Final = 49
_MRZ_LEADING: Final = 80


def draw_anverso(persona: Persona) -> Image.Image:
    """The front of that person's card."""
    front = card_layouts.FRONTS[persona.modelo]
    card = artwork.background(front.palette, ord(persona.modelo)).copy()
    draw = ImageDraw.Draw(card)
    _draw_band(card, draw, front)
    data = _printed_data(persona)
    for field in front.fields:
        _draw_field(draw, field, data[field.datum])
    _draw_portraits(card, persona, front)
    _draw_signature(card, persona, front.signature)
    _draw_legend(draw, (800, front.legend_y))
    return card


def draw_reverso(persona: Persona) -> Image.Image:
    """The back of that person's card, with every code that its model carries."""
    back = card_layouts.BACKS[persona.modelo]
    card = artwork.background(back.palette, ord(persona.modelo) + 1).copy()
    draw = ImageDraw.Draw(card)
    if back.votes:
        _draw_votes(draw, back, back.votes)
    _draw_fingerprint(card, draw, persona, back.fingerprint)
    _draw_signature(card, persona, back.signature)
    if back.pdf417:
        _paste_code(card, pdf417_text(persona), zxingcpp.BarcodeFormat.PDF417, back.pdf417, columns=8, ec_level=5)
    if back.code128:
        _draw_code128(card, draw, persona, back.code128)
    dense = iter(dense_qr_payloads(persona))
    for kind, box in back.qrs:
        content = public_qr(persona) if kind == "publico" else next(dense)
        level = "M" if kind == "publico" else "L"
        _paste_code(card, content, zxingcpp.BarcodeFormat.QRCode, box, ec_level=level)
    if back.mrz_y is not None:
        _draw_mrz(draw, persona, back.mrz_y)
    if back.ocr_x is not None:
        # The model C has no MRZ: the OCR stands upright at the edge.
        mask = lettering.vertical_text(persona.ocr, Style(54, _INK, 1.0), 56)
        card.paste(_INK, (back.ocr_x, (artwork.CARD_SIZE[1] - mask.height) // 2), mask)
    _draw_legend(draw, back.legend)
    return card


def pdf417_text(persona: Persona) -> str:
    """What the PDF417 of a model C says, in plain letters: OCR, emisión, claves and name, parted by bars.

    The real content is closed to us; this is a text that identifies the person and has no Ñ nor accents, as
    the codes of that age had not.
    """
    names = (persona.apellido_paterno, persona.apellido_materno, persona.nombre)
    plain = [identifiers.fold(n).replace("Ñ", "N") for n in names]
    return "|".join(("IFE", persona.clave_elector, persona.curp, persona.ocr, persona.emision, *plain))


def public_qr(persona: Persona) -> str:
    """The url in the public QR of that person's card. Date, letter and serial follow from the person."""
    rng = random.Random(persona.semilla ^ 0x9B)
    issued = date(int(persona.anio_emision), 1, 1) + timedelta(days=rng.randrange(365))
    return identifiers.public_qr_url(
        ocr=persona.ocr,
        emision=persona.emision,
        cic=persona.cic,
        fecha=issued,
        letra=rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ"),
        serie=f"{rng.randrange(1_000_000):06d}",
    )


def dense_qr_payloads(persona: Persona) -> tuple[bytes, ...]:
    """The opaque bytes of the dense QRs of that person's card, in the order of the layout. Their real
    content is signed and closed: only its being there, and its hash, can be used."""
    back = card_layouts.BACKS[persona.modelo]
    rng = random.Random(persona.semilla ^ 0xDE)
    return tuple(rng.randbytes(back.dense_bytes) for kind, _ in back.qrs if kind == "denso")


def _printed_data(persona: Persona) -> dict[str, str]:
    address = persona.domicilio.split("\n")
    age = int(persona.anio_emision) - persona.fecha_nacimiento.year
    return {
        "apellido_paterno": persona.apellido_paterno,
        "apellido_materno": persona.apellido_materno,
        "nombre": persona.nombre,
        "domicilio_1": address[0],
        "domicilio_2": address[1] if len(address) > 1 else "",
        "domicilio_3": address[2] if len(address) > 2 else "",
        "edad": str(age),
        "sexo": persona.sexo,
        "nacimiento": f"{persona.fecha_nacimiento:%d/%m/%Y}",
        "folio": f"{int(persona.identificador_ciudadano):010d}",
        "registro": f"{persona.anio_registro} {persona.emision}",
        "clave_elector": persona.clave_elector,
        "curp": persona.curp,
        "entidad": persona.entidad,
        "municipio": persona.municipio,
        "seccion": persona.seccion,
        "anio_emision": persona.anio_emision,
        "emision": persona.emision,
        "vigencia": persona.vigencia,
        "vigencia_completa": f"{persona.anio_emision}-{persona.vigencia}",
    }


def _draw_band(card: Image.Image, draw: ImageDraw.ImageDraw, front: Front) -> None:
    palette = front.palette
    draw.rectangle((0, 0, card.width, _BAND_HEIGHT), fill=palette.band)
    draw.rectangle((0, _BAND_HEIGHT, card.width, _BAND_HEIGHT + 7), fill=palette.line_two)
    emblem = artwork.rosette_emblem(118, palette.on_band)
    card.paste(emblem, (62, 25), emblem)
    lettering.draw_text(draw, (216, 34), front.institution, Style(50, palette.on_band, 1.0))
    lettering.draw_text(draw, (216, 102), front.subtitle, Style(31, palette.on_band, 0.3))


def _draw_field(draw: ImageDraw.ImageDraw, field: Field, value: str) -> None:
    if field.label:
        lettering.draw_text(draw, (field.x, field.y), field.label, Style(_LABEL_SIZE, _LABEL))
    style = Style(field.size, _INK, 0.5)
    lettering.draw_fitted(draw, (field.x, field.y + _LABEL_SIZE + 6), value, style, field.width)


def _draw_portraits(card: Image.Image, persona: Persona, front: Front) -> None:
    age = int(persona.anio_emision) - persona.fecha_nacimiento.year
    rasgos = rasgos_of(persona.semilla, persona.sexo, age)
    toma = card_toma(persona.semilla)
    portrait = faces.draw_face(rasgos, toma, _size(front.photo))
    card.paste(portrait, front.photo[:2])
    ImageDraw.Draw(card).rectangle(front.photo, outline=front.palette.line, width=3)
    if front.ghost:
        ghost = portrait.resize(_size(front.ghost), Image.Resampling.BILINEAR).convert("L")
        # Only the dark parts print: the ghost is ink on the paper, not a second photograph.
        mask = ghost.point([max(0, 205 - v) * 2 // 3 for v in range(256)])
        card.paste(front.palette.band, front.ghost[:2], mask)


def _draw_signature(card: Image.Image, persona: Persona, box: Box) -> None:
    firma = signatures.signature_of(persona.semilla, persona.nombre, persona.apellido_paterno)
    mask = signatures.signature_mask(firma, _size(box), random.Random(persona.semilla), unsteady=0.4)
    card.paste(_INK, box[:2], mask)


def _draw_legend(draw: ImageDraw.ImageDraw, middle: tuple[int, int]) -> None:
    style = Style(36, _LEGEND, 0.9)
    half = lettering.text_width(artwork.LEYENDA, style.size) / 2 + 22
    x, y = middle
    draw.rounded_rectangle((x - half, y - 8, x + half, y + 48), 10, fill=(255, 255, 255), outline=_LEGEND, width=3)
    lettering.draw_text(draw, (x, y), artwork.LEYENDA, style, "centre")


def _draw_votes(draw: ImageDraw.ImageDraw, back: Back, box: Box) -> None:
    """The little squares that the polling station marks."""
    left, top, right, bottom = box
    style = Style(24, _LABEL, 0.3)
    lettering.draw_text(draw, (left, top), "ELECCIONES FEDERALES", style)
    lettering.draw_text(draw, (left, (top + bottom) // 2 + 10), "LOCALES Y EXTRAORDINARIAS", style)
    columns = 6
    cell = min(96, (right - left) // columns)
    high = min(cell, (bottom - top - 100) // 4)
    for band in (top + 38, (top + bottom) // 2 + 48):
        for i in range(columns * 2):
            x, y = left + i % columns * cell, band + i // columns * high
            draw.rectangle((x, y, x + cell - 8, y + high - 8), outline=back.palette.band, width=2)
            lettering.draw_text(draw, (x + 8, y + 6), f"{12 + i:02d}", Style(18, _LABEL))


def _draw_fingerprint(card: Image.Image, draw: ImageDraw.ImageDraw, persona: Persona, box: Box) -> None:
    draw.rectangle(box, fill=(252, 252, 250), outline=_LABEL, width=2)
    inner = (box[0] + 12, box[1] + 12, box[2] - 12, box[3] - 12)
    card.paste((40, 40, 48), inner[:2], artwork.fingerprint(persona.semilla, _size(inner)))


def _draw_code128(card: Image.Image, draw: ImageDraw.ImageDraw, persona: Persona, box: Box) -> None:
    _paste_code(card, persona.cic, zxingcpp.BarcodeFormat.Code128, box)
    cic = Style(38, _INK, 0.6)
    lettering.draw_text(draw, ((box[0] + box[2]) / 2, box[3] + 12), f"IDMEX {persona.cic}", cic, "centre")


def _draw_mrz(draw: ImageDraw.ImageDraw, persona: Persona, y: int) -> None:
    draw.rectangle((0, y - 36, artwork.CARD_SIZE[0], artwork.CARD_SIZE[1]), fill=(253, 252, 250))
    lines = identifiers.mrz_td1(
        persona.filiacion,
        cic=persona.cic,
        ocr=persona.ocr,
        emision=persona.emision,
        vigencia=persona.vigencia,
    )
    left = (artwork.CARD_SIZE[0] - 30 * _MRZ_PITCH) / 2
    for row, line in enumerate(lines):
        lettering.draw_grid(draw, (left, y + row * _MRZ_LEADING), line, _MRZ, _MRZ_PITCH)


def _paste_code(
    card: Image.Image, content: str | bytes, symbology: zxingcpp.BarcodeFormat, box: Box, **options: object
) -> None:
    """Set a code in the middle of its box on white, with its quiet zone, in whole points a module: resampled
    modules would be uneven before any camera has looked at them."""
    code = zxingcpp.create_barcode(content, symbology, **options)
    width, height = _size(box)
    modules = np.array(code.to_image(scale=1, add_quiet_zones=False), copy=True)
    linear = symbology == zxingcpp.BarcodeFormat.Code128
    quiet = 10 if linear else 3
    across, down = modules.shape[1] + 2 * quiet, modules.shape[0] + 2 * quiet
    scale = width // across if linear else min(width // across, height // down)
    if scale < 2:
        raise ValueError("the code does not fit its place on the card")
    if linear:
        modules = np.repeat(modules[:1], max(1, (height - 20) // scale), axis=0)
    printed = np.kron(modules, np.ones((scale, scale), dtype=np.uint8))
    left = box[0] + (width - printed.shape[1]) // 2
    top = box[1] + (height - printed.shape[0]) // 2
    across, down = quiet * scale, 10 if linear else quiet * scale
    paper = (
        left - across,
        top - down,
        left + printed.shape[1] + across - 1,
        top + printed.shape[0] + down - 1,
    )
    ImageDraw.Draw(card).rectangle(paper, fill=(255, 255, 255))
    card.paste(Image.fromarray(printed.astype(np.uint8), "L"), (left, top))


def _size(box: Iterable[int]) -> tuple[int, int]:
    left, top, right, bottom = box
    return right - left, bottom - top
