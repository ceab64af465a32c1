"""The inconsistencies for which the mesa finds an apoyo not valid: incisos a) to n) of P13.7, as data (rows C7, G2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TipoInconsistencia(StrEnum):
    """«Tipo de inconsistencia» of the table of P13.7."""

    CREDENCIAL = "Credencial no válida"
    FOTOCOPIA = "Fotocopia de la credencial"
    OTRA = "Otra"
    FOTO = "Foto no válida"
    FIRMA = "Firma no válida"
    SIN_FIRMA = "Sin firma"
    SIMULACION = "Simulación"


@dataclass(frozen=True, slots=True)
class Inconsistencia:
    """One inciso. `texto`: what was found. `detalle`: «detalle de inconsistencia», what the mesa specifies."""

    inciso: str
    tipo: TipoInconsistencia
    texto: str
    detalle: str


_TODAS = (
    Inconsistencia(
        "a", TipoInconsistencia.CREDENCIAL,
        "La imagen no corresponde al original de la Credencial para Votar de quien dio su apoyo.",
        "Imagen diferente a una Credencial para Votar",
    ),
    Inconsistencia(
        "b", TipoInconsistencia.CREDENCIAL,
        "La imagen corresponde únicamente al anverso o al reverso de la Credencial para Votar.",
        "Dos anversos o dos reversos de la misma Credencial para Votar",
    ),
    Inconsistencia(
        "c", TipoInconsistencia.CREDENCIAL,
        "El anverso y el reverso no corresponden a la misma Credencial para Votar.",
        "Anversos o reversos de distintas Credenciales para Votar",
    ),
    Inconsistencia(
        "d", TipoInconsistencia.CREDENCIAL,
        "La imagen no se obtuvo directamente del original de la Credencial para Votar.",
        "Pantalla, monitor u otro",
    ),
    Inconsistencia(
        "e", TipoInconsistencia.FOTOCOPIA,
        "La imagen corresponde a una fotocopia de la Credencial para Votar.",
        "En blanco y negro, o a color",
    ),
    Inconsistencia(
        "f", TipoInconsistencia.OTRA,
        "La Credencial para Votar es ilegible en la fotografía, en la firma o en alguno de sus datos.",
        "Qué dato no se lee: clave de elector, OCR, número de emisión o CIC; o qué otra cosa se encontró",
    ),
    Inconsistencia(
        "g", TipoInconsistencia.FOTO,
        "La fotografía viva no corresponde a la persona de la Credencial para Votar.",
        "Persona distinta",
    ),
    Inconsistencia(
        "h", TipoInconsistencia.FOTO,
        "La fotografía viva no es de una persona, o no se tomó directamente de quien da su apoyo.",
        "El objeto fotografiado, o de qué se presume que se obtuvo la fotografía",
    ),
    Inconsistencia(
        "i", TipoInconsistencia.FOTO,
        "La fotografía viva no muestra el rostro descubierto.",
        "Qué impide el pleno reconocimiento: cubrebocas, careta, lentes oscuros, gorra u otra prenda",
    ),
    Inconsistencia(
        "j", TipoInconsistencia.FIRMA,
        "En lugar de la firma hay un signo o símbolo que no es el de la Credencial para Votar.",
        "De qué símbolo se trata",
    ),
    Inconsistencia(
        "k", TipoInconsistencia.FIRMA,
        "En la firma se escribió el nombre de una persona distinta a la de la Credencial para Votar.",
        "Nombre distinto",
    ),
    Inconsistencia(
        "l", TipoInconsistencia.FIRMA,
        "A simple vista, la firma no coincide con la de la Credencial para Votar.",
        "Firma manuscrita distinta",
    ),
    Inconsistencia(
        "m", TipoInconsistencia.SIN_FIRMA,
        "La firma está en blanco y la Credencial para Votar no dice «sin firma».",
        "Sin firma",
    ),
    Inconsistencia(
        "n", TipoInconsistencia.SIMULACION,
        "La información de la Credencial para Votar está sobrepuesta, su letra o tonalidad cambia, la misma huella "
        "está en varios registros, o la CURP y la clave de elector no coinciden.",
        "Qué información está sobrepuesta o no coincide",
    ),
)  # fmt: skip

INCONSISTENCIAS: dict[str, Inconsistencia] = {one.inciso: one for one in _TODAS}
"""By inciso, in the order of P13.7."""
