"""What may be known of an apoyo, in the words of the documents, and how apoyos are counted (rows C5, C6, F2, G2).

Everything here is preliminary until the results are delivered (P7.13).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter


class Situacion(StrEnum):
    """What the padrón says of the person (W, F2). SIN_RESPUESTA: nobody has asked it yet, or it did not answer."""

    LISTA_NOMINAL = "LISTA_NOMINAL"
    PADRON = "PADRON"
    BAJA = "BAJA"
    NO_ENCONTRADO = "NO_ENCONTRADO"
    SIN_RESPUESTA = "SIN_RESPUESTA"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _SITUACIONES[self]


class Resultado(StrEnum):
    """What the mesa de control said (G2)."""

    PENDIENTE = "pendiente"
    VALIDO = "valido"
    INCONSISTENTE = "inconsistente"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _RESULTADOS[self]


class OrigenApoyo(StrEnum):
    """Whether it came as it must: not after a baja, captured within the periodo (F4)."""

    BIEN = "bien"
    INCONSISTENTE = "inconsistente"


class MotivoBaja(StrEnum):
    """The eight motives of a baja in the padrón (W)."""

    CANCELACION_TRAMITE = "cancelacion_tramite"
    DATOS_IRREGULARES = "datos_irregulares"
    DEFUNCION = "defuncion"
    DOMICILIO_IRREGULAR = "domicilio_irregular"
    DUPLICADO = "duplicado"
    MIGRACION = "migracion"
    PERDIDA_NACIONALIDAD = "perdida_nacionalidad"
    PERDIDA_VIGENCIA = "perdida_vigencia"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _MOTIVOS[self]


_SITUACIONES = {
    Situacion.LISTA_NOMINAL: "Lista Nominal",
    Situacion.PADRON: "Padrón",
    Situacion.BAJA: "Bajas",
    Situacion.NO_ENCONTRADO: "Datos no encontrados",
    Situacion.SIN_RESPUESTA: "Sin respuesta de situación",
}
_RESULTADOS = {
    Resultado.PENDIENTE: "Pendiente de revisión",
    Resultado.VALIDO: "Válido",
    Resultado.INCONSISTENTE: "Con inconsistencia",
}
_MOTIVOS = {
    MotivoBaja.CANCELACION_TRAMITE: "Cancelación de trámite",
    MotivoBaja.DATOS_IRREGULARES: "Datos irregulares",
    MotivoBaja.DEFUNCION: "Defunción",
    MotivoBaja.DOMICILIO_IRREGULAR: "Domicilio irregular",
    MotivoBaja.DUPLICADO: "Duplicado",
    MotivoBaja.MIGRACION: "Migración",
    MotivoBaja.PERDIDA_NACIONALIDAD: "Pérdida de nacionalidad",
    MotivoBaja.PERDIDA_VIGENCIA: "Pérdida de vigencia",
}


class Clase(StrEnum):
    """Every apoyo is in exactly one, so that reports add up."""

    CUENTA = "cuenta"
    EN_ESPERA = "en_espera"
    NO_CUENTA = "no_cuenta"


def clase(situacion: Situacion, resultado: Resultado, origen: OrigenApoyo) -> Clase:
    """Whether an apoyo counts for the threshold as things stand: in Lista Nominal, and nothing found against it."""
    if resultado is Resultado.INCONSISTENTE or origen is OrigenApoyo.INCONSISTENTE:
        return Clase.NO_CUENTA
    if situacion is Situacion.SIN_RESPUESTA:
        return Clase.EN_ESPERA
    return Clase.CUENTA if situacion is Situacion.LISTA_NOMINAL else Clase.NO_CUENTA


@dataclass(frozen=True, slots=True)
class Cuenta:
    """How many apoyos, three ways over: five situaciones, three resultados, and what counts or waits, sum to
    `recibidos` each. `de_origen`: inconsistent by their origin; they are among those that do not count."""

    recibidos: int = 0
    lista_nominal: int = 0
    padron: int = 0
    baja: int = 0
    no_encontrado: int = 0
    sin_respuesta: int = 0
    pendientes: int = 0
    validos: int = 0
    inconsistentes: int = 0
    de_origen: int = 0
    cuentan: int = 0
    en_espera: int = 0

    @property
    def no_cuentan(self) -> int:
        """What neither counts nor waits."""
        return self.recibidos - self.cuentan - self.en_espera

    @property
    def por_situacion(self) -> tuple[tuple[Situacion, int], ...]:
        """Every situación in the order of the documents, with how many."""
        return (
            (Situacion.LISTA_NOMINAL, self.lista_nominal),
            (Situacion.PADRON, self.padron),
            (Situacion.BAJA, self.baja),
            (Situacion.NO_ENCONTRADO, self.no_encontrado),
            (Situacion.SIN_RESPUESTA, self.sin_respuesta),
        )

    @property
    def por_resultado(self) -> tuple[tuple[Resultado, int], ...]:
        """Every resultado of the mesa, with how many."""
        return (
            (Resultado.VALIDO, self.validos),
            (Resultado.INCONSISTENTE, self.inconsistentes),
            (Resultado.PENDIENTE, self.pendientes),
        )

    def __add__(self, other: Cuenta) -> Cuenta:
        return Cuenta(*map(int.__add__, _figures(self), _figures(other)))


_figures = attrgetter(*(field.name for field in fields(Cuenta)))


def para_buscar(*partes: str) -> str:
    """Names as they are searched: upper case, no accents (MUÑOZ is found as MUNOZ), one space between words."""
    plain = "".join(c for c in unicodedata.normalize("NFD", " ".join(partes)) if not unicodedata.combining(c))
    return " ".join(plain.upper().split())
