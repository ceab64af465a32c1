"""The inconsistencies for which the mesa finds an apoyo not valid: incisos a) to n) of P13.7, as data (rows C7, G2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.domain.apoyo import Via


class TipoInconsistencia(StrEnum):
    """«Tipo de inconsistencia» of the table of P13.7."""

    CREDENCIAL = "Credencial no válida"
    FOTOCOPIA = "Fotocopia de la credencial"
    OTRA = "Otra"
    FOTO = "Foto no válida"
    FIRMA = "Firma no válida"
    SIN_FIRMA = "Sin firma"
    SIMULACION = "Simulación"
    PAPEL = "Cédula en papel"


@dataclass(frozen=True, slots=True)
class Inconsistencia:
    """One inciso. `texto`: what was found. `detalle`: «detalle de inconsistencia», what the mesa specifies.

    `tipo`: of TipoInconsistencia, or in the words of the OPL that edited its criteria. `pide_detalle`: the operator
    must write it. `via`: of apoyos by phone, or of paper.
    """

    inciso: str
    tipo: str
    texto: str
    detalle: str
    pide_detalle: bool = False
    via: Via = Via.APP


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
        pide_detalle=True,
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
        pide_detalle=True,
    ),
    Inconsistencia(
        "i", TipoInconsistencia.FOTO,
        "La fotografía viva no muestra el rostro descubierto.",
        "Qué impide el pleno reconocimiento: cubrebocas, careta, lentes oscuros, gorra u otra prenda",
        pide_detalle=True,
    ),
    Inconsistencia(
        "j", TipoInconsistencia.FIRMA,
        "En lugar de la firma hay un signo o símbolo que no es el de la Credencial para Votar.",
        "De qué símbolo se trata",
        pide_detalle=True,
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
        pide_detalle=True,
    ),
)  # fmt: skip

_DE_PAPEL = (
    Inconsistencia("pa", TipoInconsistencia.PAPEL, "La cédula es una copia.", "Cédula en copia", via=Via.PAPEL),
    Inconsistencia(
        "pb", TipoInconsistencia.PAPEL, "A la cédula le falta la copia de la Credencial para Votar.",
        "Sin copia de credencial", via=Via.PAPEL,
    ),
    Inconsistencia(
        "pc", TipoInconsistencia.PAPEL, "A la cédula le falta la leyenda que pide la ley.", "Sin leyenda",
        via=Via.PAPEL,
    ),
    Inconsistencia("pd", TipoInconsistencia.PAPEL, "La cédula no está firmada.", "Sin firma", via=Via.PAPEL),
    Inconsistencia(
        "pe", TipoInconsistencia.PAPEL, "Se encontró otra inconsistencia en la cédula.", "Cuál", True, Via.PAPEL
    ),
)  # fmt: skip

INCONSISTENCIAS: dict[str, Inconsistencia] = {one.inciso: one for one in _TODAS}
"""By inciso, in the order of P13.7."""
DE_PAPEL: dict[str, Inconsistencia] = {one.inciso: one for one in _DE_PAPEL}
"""The five of captura manual, in the order of P11.5; their incisos begin with p."""
POR_CRITERIO = {"copia": "pa", "sin_copia_credencial": "pb", "sin_leyenda": "pc", "sin_firma": "pd", "otra": "pe"}
"""What is noted when a cédula of paper is typed in (`cedulas_papel.criterio`), and its inciso."""
DEL_PROTOCOLO: dict[str, Inconsistencia] = INCONSISTENCIAS | DE_PAPEL
"""Version 0 of the criteria: what holds until the OPL publishes its own (P13.4)."""
