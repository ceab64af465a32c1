"""What the codes of a Credencial para Votar say: CIC, OCR, emisión, clave de elector, CURP (row F1).

By the code and never by the model's letter: models come that nobody here has seen. The dense QRs are closed to us; the
text of a PDF417 is not published either, so its data are found by their shapes, and only ones that could exist are
taken. Everything is text: zeros count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.domain import clave_elector, curp
from server.domain import cpv as numeros
from server.errors import DatoInvalido
from server.lectura.modelo import CodigoLeido


class Clase(StrEnum):
    """What a code of a card is for. `ajeno`: nothing that a card carries."""

    QR_PUBLICO = "qr_publico"
    QR_DENSO = "qr_denso"
    PDF417 = "pdf417"
    CODIGO_BARRAS = "codigo_barras"
    AJENO = "ajeno"


CAMPOS = ("cic", "ocr", "emision", "clave_elector", "curp")
EN_UNA_TARJETA = {Clase.QR_PUBLICO: 1, Clase.QR_DENSO: 2, Clase.PDF417: 1, Clase.CODIGO_BARRAS: 1}
"""How many of each a card carries at most."""

# qr.ine.mx/<OCR 13><emisión 2><CIC 9>/<date>/<letter>/<serial>: what follows the number is not published.
_URL = re.compile(r"(?:https?://)?(?:www\.)?qr\.ine\.mx/([0-9]{13})([0-9]{2})([0-9]{9})(?:[/?#].*)?", re.I | re.A)
_CLAVE = re.compile(r"(?<![A-Z0-9])[A-Z]{6}[0-9]{8}[A-Z][0-9]{3}(?![A-Z0-9])")
_CURP = re.compile(r"(?<![A-Z0-9])[A-Z]{4}[0-9]{6}[A-Z]{6}[A-Z0-9][0-9](?![A-Z0-9])")
_OCR_EMISION = re.compile(r"(?<![A-Z0-9])([0-9]{12,13})(?:[^A-Z0-9]{1,2}([0-9]{2}))?(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Dicho:
    """What all codes of a card say together: (datum, value), each once, in the order of reading."""

    valores: tuple[tuple[str, str], ...] = ()

    def de(self, campo: str) -> tuple[str, ...]:
        """Every value that a code gives to this datum: more than one when codes contradict each other."""
        return tuple(valor for nombre, valor in self.valores if nombre == campo)

    def primero(self, campo: str) -> str | None:
        """The first of them."""
        return next(iter(self.de(campo)), None)


def clasificar(simbologia: str, datos: bytes) -> tuple[Clase, tuple[tuple[str, str], ...]]:
    """What a code is, and the data that it gives."""
    if simbologia == "QRCode":
        return _qr(datos)
    text = datos.decode("latin-1").upper()
    if simbologia == "Code128":
        # The CIC, or the CIC with its check digit: as IDMEX lines have it.
        digits = text.strip()
        if re.fullmatch(r"[0-9]{9}", digits):
            return Clase.CODIGO_BARRAS, (("cic", digits),)
        if re.fullmatch(r"[0-9]{10}", digits) and digito_de_control(digits[:9]) == digits[9]:
            return Clase.CODIGO_BARRAS, (("cic", digits[:9]),)
        return Clase.AJENO, ()
    if simbologia == "PDF417":
        said = _pdf417(text)
        return (Clase.PDF417 if said else Clase.AJENO), said
    return Clase.AJENO, ()


def interpretar(codigos: Iterable[CodigoLeido]) -> Dicho:
    """What those codes say of the card and its holder."""
    found: dict[tuple[str, str], None] = {}
    for codigo in codigos:
        found.update(dict.fromkeys(clasificar(codigo.simbologia, codigo.datos)[1]))
    return Dicho(tuple(found))


def digito_de_control(campo: str) -> str:
    """Of the machine readable zone (ICAO 9303-3, 4.9): weights 7, 3, 1 over digits."""
    return str(sum(int(digit) * (7, 3, 1)[i % 3] for i, digit in enumerate(campo)) % 10)


def _qr(datos: bytes) -> tuple[Clase, tuple[tuple[str, str], ...]]:
    try:
        text = datos.decode("ascii").strip()
    except UnicodeDecodeError:
        return Clase.QR_DENSO, ()
    if url := _URL.fullmatch(text):
        ocr, emision, cic = url.groups()
        said = (("ocr", ocr), ("emision", emision), ("cic", cic))
        return Clase.QR_PUBLICO, said
    # A short text, or another address, is somebody's sticker: the dense ones carry hundreds of signed bytes.
    return (Clase.QR_DENSO if len(text) >= 100 and "://" not in text[:10] else Clase.AJENO), ()


def _pdf417(text: str) -> tuple[tuple[str, str], ...]:
    said: dict[str, str] = {}
    for campo, shape, parse in (("clave_elector", _CLAVE, clave_elector.parse), ("curp", _CURP, curp.parse)):
        found = next((m[0] for m in shape.finditer(text) if _existe(parse, m[0])), None)
        if found:
            said[campo] = found
    for match in _OCR_EMISION.finditer(text):
        if _existe(numeros.parse_ocr, match[1]):
            said["ocr"] = match[1]
            if match[2]:
                said["emision"] = match[2]
            break
    return tuple((campo, said[campo]) for campo in CAMPOS if campo in said)


def _existe(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except DatoInvalido:
        return False
    return True
