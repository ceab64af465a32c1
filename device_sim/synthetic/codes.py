"""The codes of a card as the phone reads them from its own photos, and what they say (row F1).

Reading never fails: rubbish gives no codes, and whoever called flags the registro. What is read is kept as
bytes, because the dense QRs are closed to us; `interpret` takes from the open ones the CIC, OCR and emisión.
The server reads the images again with its own code: the two must not share a mistake.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from device_sim.synthetic.people import Modelo

Lado = Literal["anverso", "reverso"]
Simbologia = Literal["QRCode", "PDF417", "Code128"]

_NAMES: Final[dict[zxingcpp.BarcodeFormat, Simbologia]] = {
    zxingcpp.BarcodeFormat.QRCode: "QRCode",
    zxingcpp.BarcodeFormat.PDF417: "PDF417",
    zxingcpp.BarcodeFormat.Code128: "Code128",
}
_FORMATS: Final = zxingcpp.BarcodeFormats(tuple(_NAMES))

# Larger than any phone's photo worth decoding; refused before its points are unpacked.
_MAX_POINTS: Final = 60_000_000

_PUBLIC_QR: Final = re.compile(rb"https?://qr\.ine\.mx/(\d{13})(\d{2})(\d{9})/(\d{8})/([A-Z])/(\d{6})/?", re.IGNORECASE)
_CIC: Final = re.compile(rb"\d{9}")
_PDF417_CLAVE: Final = re.compile(r"(?<![A-Z0-9])([A-Z]{6}\d{8}[HM]\d{3})(?![A-Z0-9])")
_PDF417_CURP: Final = re.compile(r"(?<![A-Z0-9])([A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d)(?![A-Z0-9])")
_PDF417_OCR: Final = re.compile(r"(?<!\d)(\d{12,13})(?!\d)")
_PDF417_EMISION: Final = re.compile(r"(?<![A-Z0-9])(\d{2})(?![A-Z0-9])")

_Picture = Image.Image
_Rung = Callable[[_Picture], _Picture]


@dataclass(frozen=True, slots=True)
class CodigoLeido:
    """One code found on a photo, with its bytes as they are."""

    lado: Lado
    simbologia: Simbologia
    datos: bytes


@dataclass(frozen=True, slots=True)
class LecturaCPV:
    """What the codes of a card say. A datum that no code carries is None; all are text, for their zeros.

    `modelo_probable` lists the models that carry such codes, never a verdict by the letter. `discrepancias`
    names the data on which two codes of the same capture disagree: then the first one read stands here.
    """

    cic: str | None = None
    ocr: str | None = None
    emision: str | None = None
    clave_elector: str | None = None
    curp: str | None = None
    modelo_probable: tuple[Modelo, ...] = ()
    tiene_qr: bool = False
    discrepancias: tuple[str, ...] = ()


def read_codes(anverso: bytes, reverso: bytes) -> tuple[CodigoLeido, ...]:
    """The codes on both photos. The reverso carries them all, so only there the whole ladder is climbed; if
    it has none and the anverso does, they were taken in the wrong order and it is climbed there."""
    found_back = _read_side(reverso, "reverso", thorough=True)
    found_front = _read_side(anverso, "anverso", thorough=False)
    if found_front and not found_back:
        found_front = _read_side(anverso, "anverso", thorough=True)
    return (*found_front, *found_back)


def interpret(codigos: Iterable[CodigoLeido]) -> LecturaCPV:
    """What those codes say of the card and its holder."""
    data: dict[str, str] = {}
    clashes: list[str] = []
    kinds: set[str] = set()
    for codigo in codigos:
        kind, said = _parse(codigo)
        kinds.add(kind)
        for name, value in said.items():
            if data.setdefault(name, value) != value and name not in clashes:
                clashes.append(name)
    return LecturaCPV(
        cic=data.get("cic"),
        ocr=data.get("ocr"),
        emision=data.get("emision"),
        clave_elector=data.get("clave_elector"),
        curp=data.get("curp"),
        modelo_probable=_models(kinds),
        tiene_qr=bool(kinds & {"publico", "denso"}),
        discrepancias=tuple(clashes),
    )


def _read_side(jpeg: bytes, lado: Lado, *, thorough: bool) -> tuple[CodigoLeido, ...]:
    picture = _open(jpeg)
    if picture is None:
        return ()
    found: dict[CodigoLeido, None] = {}  # a set that keeps the order of reading
    for rung in _LADDER if thorough else _LADDER[:1]:
        before = len(found)
        found.update(dict.fromkeys(_scan(rung(picture), lado)))
        if _complete(found, fresh=len(found) > before):
            break
    return tuple(found)


def _complete(found: Iterable[CodigoLeido], *, fresh: bool) -> bool:
    """Whether what the card carries has been read. A PDF417 stands alone; the public QR comes with the Code
    128. A Code 128 with dense QRs may want another of them: it ends when a rung brings nothing new."""
    kinds = {_parse(codigo)[0] for codigo in found}
    if "pdf417" in kinds or {"publico", "cic"} <= kinds:
        return True
    return {"denso", "cic"} <= kinds and not fresh


def _open(jpeg: bytes) -> _Picture | None:
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > _MAX_POINTS:
                return None
            return image.convert("L")
    except Exception:  # noqa: BLE001 - a decoder given arbitrary bytes may raise anything, and none of it is news
        return None


def _scan(picture: _Picture, lado: Lado) -> Iterator[CodigoLeido]:
    for barcode in zxingcpp.read_barcodes(picture, formats=_FORMATS):
        name = _NAMES.get(barcode.format)
        if name and barcode.bytes:
            yield CodigoLeido(lado, name, bytes(barcode.bytes))


def _parse(codigo: CodigoLeido) -> tuple[str, dict[str, str]]:
    """The kind of a code and the data it gives; a code that says nothing we know is of the kind 'ajeno'."""
    match codigo.simbologia:
        case "QRCode":
            if url := _PUBLIC_QR.fullmatch(codigo.datos):
                ocr, emision, cic = (part.decode("ascii") for part in url.groups()[:3])
                return "publico", {"ocr": ocr, "emision": emision, "cic": cic}
            return ("ajeno" if _is_plain_url(codigo.datos) else "denso"), {}
        case "Code128":
            if _CIC.fullmatch(codigo.datos):
                return "cic", {"cic": codigo.datos.decode("ascii")}
            return "ajeno", {}
        case "PDF417":
            said = _parse_pdf417(codigo.datos.decode("latin-1").upper())
            return ("pdf417" if said else "ajeno"), said


def _parse_pdf417(text: str) -> dict[str, str]:
    """The identifiers in the text of a model C, wherever they stand: the order is not published."""
    said: dict[str, str] = {}
    patterns = (
        ("clave_elector", _PDF417_CLAVE),
        ("curp", _PDF417_CURP),
        ("ocr", _PDF417_OCR),
        ("emision", _PDF417_EMISION),
    )
    for name, pattern in patterns:
        if match := pattern.search(text):
            said[name] = match[1]
    return said if "clave_elector" in said or "ocr" in said else {}


def _is_plain_url(datos: bytes) -> bool:
    return datos[:8].lower().startswith((b"http://", b"https://"))


def _models(kinds: set[str]) -> tuple[Modelo, ...]:
    if "publico" in kinds:
        return ("G", "H")
    if "denso" in kinds:
        return ("D", "E", "F")
    if "cic" in kinds:
        return ("D", "E", "F", "G", "H")
    if "pdf417" in kinds:
        return ("C",)
    return ()


def _as_taken(picture: _Picture) -> _Picture:
    return picture


def _stretched(picture: _Picture) -> _Picture:
    """For dark photos: the greys that are there, over the whole scale."""
    return ImageOps.autocontrast(picture, cutoff=1)


def _sharpened(picture: _Picture) -> _Picture:
    """For soft photos: enlarged by half and sharpened."""
    large = _resized(_stretched(picture), 1.5, Image.Resampling.BICUBIC)
    return large.filter(ImageFilter.UnsharpMask(radius=4, percent=180, threshold=2))


def _reduced(picture: _Picture) -> _Picture:
    """For grainy photos: a smaller picture has averaged its grain away."""
    return _resized(_stretched(picture), 0.66, Image.Resampling.BOX)


def _resized(picture: _Picture, scale: float, method: Image.Resampling) -> _Picture:
    # At least one point: a picture of a single point is rubbish, and rubbish must not raise.
    return picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), method)


def _turned(degrees: float) -> _Rung:
    """For tilted photos: the reader finds a PDF417 only within about four degrees of level."""

    def turn(picture: _Picture) -> _Picture:
        return _stretched(picture).rotate(degrees, Image.Resampling.BILINEAR, fillcolor=128)

    return turn


# Cheapest and likeliest first. The turns overlap: each reaches four degrees to both sides.
_LADDER: Final[tuple[_Rung, ...]] = (
    _as_taken,
    _stretched,
    _turned(6),
    _turned(-6),
    _sharpened,
    _reduced,
    _turned(12),
    _turned(-12),
)
