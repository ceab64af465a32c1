"""From the photos of a card to its codes: two readers, and a ladder of pictures made easier to read (row F1).

zxing reads QR, PDF417 and Code 128; zbar, where its library is installed, finds Code 128 that are soft or oblique. Most
photos are done after one look. A rung costs more than the one before, and is climbed only while something is missing
that a card would carry: so the work for an image has an end, whatever is on it.

The phone has a reader of its own, made apart from this one on purpose: the two must not share a mistake.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from types import ModuleType
from typing import Final

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageFilter, ImageOps

from server.lectura import cpv, imagenes
from server.lectura.cpv import Clase
from server.lectura.modelo import CodigoLeido

MAX_CODIGOS = 16
MAX_BYTES = 4096
"""Of one code, and how many of one side: a photo of a wall of codes is not kept whole."""
MAX_LADO_AMPLIADA = 3_000
_SIMBOLOGIAS: Final = {
    zxingcpp.BarcodeFormat.QRCode: "QRCode",
    zxingcpp.BarcodeFormat.PDF417: "PDF417",
    zxingcpp.BarcodeFormat.Code128: "Code128",
}
_FORMATOS: Final = zxingcpp.BarcodeFormats(tuple(_SIMBOLOGIAS))
_LADOS = ("reverso", "anverso")
_DESVIO_MINIMO = 0.8
"""Degrees below which turning a picture gains nothing."""


def _zbar() -> ModuleType | None:
    """pyzbar, if it and the system's libzbar are there: an extra that makes no difference to who installs it not."""
    try:
        return importlib.import_module("pyzbar.pyzbar")
    except Exception:  # noqa: BLE001 -- not there, or of another machine: either way there is one reader
        return None


_ZBAR: Final = _zbar()
LECTOR: Final = f"zxing-cpp {metadata.version('zxing-cpp')}" + (
    f", pyzbar {metadata.version('pyzbar')}" if _ZBAR else ""
)
"""Who reads here, with versions."""


def leer(fotos: Mapping[str, bytes], *, zbar: bool = True) -> tuple[tuple[CodigoLeido, ...], frozenset[str]]:
    """The codes on anverso and reverso, each once, and which of the two are no images.

    The reverso carries the codes, and the anverso is looked at once. Only when the reverso has nothing, as when the two
    were taken in the wrong order, are more rungs climbed there, and all of them once something was read.
    """
    abiertas = {lado: imagenes.grises(fotos[lado]) for lado in _LADOS if lado in fotos}
    found: list[CodigoLeido] = []
    for lado in _LADOS:
        picture = abiertas.get(lado)
        if picture is None:
            continue
        subida = _Subida(lado, picture, zbar and _ZBAR is not None)
        if lado == "reverso":
            subida.subir(len(_PELDANOS))
        else:
            subida.subir(1 if found else _SUFICIENTES)
            if subida.leidos and not found:
                subida.subir(len(_PELDANOS))
        found += subida.leidos
    return tuple(found), frozenset(lado for lado, picture in abiertas.items() if picture is None)


@dataclass(slots=True)
class _Subida:
    """One photo on its way up the ladder."""

    lado: str
    tomada: Image.Image
    zbar: bool
    leidos: list[CodigoLeido] = field(default_factory=list)
    clases: set[Clase] = field(default_factory=set)
    _hechos: int = 0
    _derecha: Image.Image | None = None

    @property
    def derecha(self) -> Image.Image:
        """The photo turned so that its edges are level: a PDF417 is found only within about four degrees of it."""
        if self._derecha is None:
            angulo = inclinacion(self.tomada)
            self._derecha = self.tomada
            if abs(angulo) >= _DESVIO_MINIMO:
                self._derecha = self.tomada.rotate(angulo, Image.Resampling.BICUBIC, expand=True, fillcolor=128)
        return self._derecha

    def subir(self, hasta: int) -> None:
        """Climb to that rung, or until everything was read."""
        while self._hechos < hasta and not self._completa():
            peldano = _PELDANOS[self._hechos]
            self._hechos += 1
            for codigo in peldano(self):
                self._tomar(codigo)

    def _tomar(self, codigo: CodigoLeido) -> None:
        known = any((c.simbologia, c.datos) == (codigo.simbologia, codigo.datos) for c in self.leidos)
        if known or not 0 < len(codigo.datos) <= MAX_BYTES or len(self.leidos) >= MAX_CODIGOS:
            return
        self.leidos.append(codigo)
        self.clases.add(cpv.clasificar(codigo.simbologia, codigo.datos)[0])

    def _completa(self) -> bool:
        """A PDF417 stands alone on its card. The public QR is the easiest of all to read, so that where a dense one was
        read and it was not, the card has none. Dense ones beside it tell us nothing: they get the first rungs only."""
        if Clase.PDF417 in self.clases or {Clase.CODIGO_BARRAS, Clase.QR_DENSO} <= self.clases:
            return True
        return {Clase.CODIGO_BARRAS, Clase.QR_PUBLICO} <= self.clases and self._hechos >= _SUFICIENTES


def inclinacion(picture: Image.Image) -> float:
    """Degrees, -45 to 45, counterclockwise, by which to turn a picture so that most of its edges stand level."""
    small = picture.copy()
    small.thumbnail((800, 800), Image.Resampling.BOX)
    small = ImageOps.autocontrast(small, cutoff=1)  # in a dark photo eight bits of grey have few steps
    plane: npt.NDArray[np.float32] = np.asarray(small.filter(ImageFilter.GaussianBlur(2)), dtype=np.float32)
    if min(plane.shape) < 3:
        return 0.0
    edges: list[npt.NDArray[np.float32]] = list(np.gradient(plane))
    down, across = edges
    weight: npt.NDArray[np.float32] = np.hypot(down, across)
    strong = weight > max(4.0, float(np.quantile(weight, 0.9)))
    if not strong.any():
        return 0.0
    fuerza = weight[strong]
    # Four times the angle: level, upright and both senses of an edge fall on one direction.
    degrees = np.degrees(np.arctan2(down[strong], across[strong])) % 90
    counts, _ = np.histogram(degrees, bins=180, range=(0, 90), weights=fuerza)
    around = np.concatenate((counts[-3:], counts, counts[:3]))
    smooth = np.convolve(around, np.ones(7), "valid")
    peak = (float(np.argmax(smooth)) + 0.5) / 2
    offset = (degrees - peak + 45) % 90 - 45
    near = np.abs(offset) < 2
    angle = peak + float(np.average(offset[near], weights=fuerza[near])) if near.any() else peak
    return angle - 90 if angle > 45 else angle


# -- the two readers ---------------------------------------------------------------------------------------------------


def _con_zxing(
    subida: _Subida, picture: Image.Image, binarizer: zxingcpp.Binarizer = zxingcpp.Binarizer.LocalAverage
) -> Iterator[CodigoLeido]:
    for one in zxingcpp.read_barcodes(picture, formats=_FORMATOS, binarizer=binarizer):
        if one.format in _SIMBOLOGIAS:
            yield CodigoLeido(subida.lado, _SIMBOLOGIAS[one.format], bytes(one.bytes), "zxing")


def _con_zbar(subida: _Subida, picture: Image.Image) -> Iterator[CodigoLeido]:
    """Code 128 only: it knows no PDF417, and makes text of the bytes of a dense QR."""
    if not subida.zbar or _ZBAR is None or Clase.CODIGO_BARRAS in subida.clases:
        return
    for one in _ZBAR.decode(picture, symbols=[_ZBAR.ZBarSymbol.CODE128]):
        yield CodigoLeido(subida.lado, "Code128", bytes(one.data), "zbar")


# -- the ladder --------------------------------------------------------------------------------------------------------


def _tal_cual(subida: _Subida) -> Iterable[CodigoLeido]:
    yield from _con_zxing(subida, subida.tomada)


def _enderezada(subida: _Subida) -> Iterable[CodigoLeido]:
    if subida.derecha is not subida.tomada:
        yield from _con_zxing(subida, subida.derecha)
    yield from _con_zbar(subida, subida.derecha)


def _enfocada(escala: float, radio: float, fuerza: int) -> Callable[[_Subida], Iterable[CodigoLeido]]:
    """For soft photos: larger, its greys stretched, its edges made steep."""

    def peldano(subida: _Subida) -> Iterable[CodigoLeido]:
        picture = _escalada(ImageOps.autocontrast(subida.derecha, cutoff=1), escala)
        picture = picture.filter(ImageFilter.UnsharpMask(radio, fuerza, 2))
        yield from _con_zxing(subida, picture)
        yield from _con_zbar(subida, picture)

    return peldano


def _reducida(subida: _Subida) -> Iterable[CodigoLeido]:
    """For grainy photos: each point of a smaller one has averaged the grain of several."""
    yield from _con_zxing(subida, _escalada(subida.derecha, 0.5))


def _limpia(subida: _Subida) -> Iterable[CodigoLeido]:
    """For grain that is coarser than that."""
    yield from _con_zxing(subida, subida.derecha.filter(ImageFilter.MedianFilter(3)))


def _un_umbral(subida: _Subida) -> Iterable[CodigoLeido]:
    """For an even, pale or dirty ground: one threshold for all of it."""
    yield from _con_zxing(subida, subida.derecha, binarizer=zxingcpp.Binarizer.GlobalHistogram)


def _girada(grados: float) -> Callable[[_Subida], Iterable[CodigoLeido]]:
    """Where the edges that were counted were not the card's, or it was seen from the side."""

    def peldano(subida: _Subida) -> Iterable[CodigoLeido]:
        picture = subida.derecha.rotate(grados, Image.Resampling.BICUBIC, expand=True, fillcolor=128)
        yield from _con_zxing(subida, picture)

    return peldano


def _escalada(picture: Image.Image, escala: float) -> Image.Image:
    escala = min(escala, MAX_LADO_AMPLIADA / max(picture.size))
    size = (max(1, math.ceil(picture.width * escala)), max(1, math.ceil(picture.height * escala)))
    return picture.resize(size, Image.Resampling.BICUBIC if escala > 1 else Image.Resampling.BOX)


_PELDANOS: Final[tuple[Callable[[_Subida], Iterable[CodigoLeido]], ...]] = (
    _tal_cual,
    _enderezada,
    _reducida,
    _enfocada(1.5, 4, 180),
    _un_umbral,
    _limpia,
    _girada(3),
    _girada(-3),
    _enfocada(2, 7, 250),
)
_SUFICIENTES = 4
