"""All that is read from the images of one apoyo, as one pure function of their bytes (rows F1, X9)."""

from __future__ import annotations

from collections.abc import Mapping

from server.lectura import codigos, cpv, huellas, modelo
from server.lectura.modelo import Lectura


def leer_imagenes(imagenes: Mapping[str, bytes]) -> Lectura:
    """Codes, what they say, and hashes. Never raises for what the bytes are: what is no image is named as such."""
    leidos, ilegibles = codigos.leer(imagenes)
    hechas, sin_imagen = huellas.de_imagenes(imagenes)
    dice = cpv.interpretar(leidos)
    return Lectura(
        codigos=leidos,
        cic=dice.primero("cic"),
        ocr=dice.primero("ocr"),
        emision=dice.primero("emision"),
        clave_elector=dice.primero("clave_elector"),
        curp=dice.primero("curp"),
        ilegibles=tuple(tipo for tipo in imagenes if tipo in ilegibles or tipo in sin_imagen),
        huellas=hechas,
        lector=codigos.LECTOR,
    )


def leer_y_codificar(imagenes: Mapping[str, bytes]) -> bytes:
    """As `leer_imagenes`, encoded: what a reader's process sends back."""
    return modelo.encode(leer_imagenes(imagenes))
