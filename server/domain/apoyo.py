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


class Via(StrEnum):
    """How it came: captured by a phone, or typed from paper (P11)."""

    APP = "app"
    PAPEL = "papel"


class Duplicado(StrEnum):
    """Whether the same person's apoyo counts elsewhere already (P15.3)."""

    NO = ""
    MISMO = "mismo"
    OTRO = "otro"


class Ambito(StrEnum):
    """The person's home against the territory of the periodo; NO_SABIDO until the padrón answers."""

    NO_SABIDO = ""
    DENTRO = "dentro"
    FUERA = "fuera"


class Clase(StrEnum):
    """Every apoyo is in exactly one, so that reports add up: enviados = the sum of all."""

    LISTA_NOMINAL = "lista_nominal"
    EN_MESA = "en_mesa"
    DUPLICADO_MISMO = "duplicado_mismo"
    DUPLICADO_OTRO = "duplicado_otro"
    EN_PADRON = "en_padron"
    BAJAS = "bajas"
    FUERA_DE_AMBITO = "fuera_de_ambito"
    NO_ENCONTRADOS = "no_encontrados"
    CON_INCONSISTENCIA = "con_inconsistencia"
    FUERA_DE_REGIMEN = "fuera_de_regimen"
    EN_PROCESAMIENTO = "en_procesamiento"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _CLASES[self]

    @property
    def explicacion(self) -> str:
        """What it means, for whoever reads a report."""
        return _EXPLICACIONES[self]

    @property
    def cuenta(self) -> bool:
        """It counts for the threshold as things stand."""
        return self in (Clase.LISTA_NOMINAL, Clase.EN_MESA)

    @property
    def espera(self) -> bool:
        """Whether it will count is not known yet."""
        return self is Clase.EN_PROCESAMIENTO


_CLASES = {
    Clase.LISTA_NOMINAL: "En Lista Nominal",
    Clase.EN_MESA: "En Lista Nominal, en mesa de control",
    Clase.DUPLICADO_MISMO: "Duplicados, mismo aspirante",
    Clase.DUPLICADO_OTRO: "Duplicados, otro aspirante",
    Clase.EN_PADRON: "En el padrón, no en Lista Nominal",
    Clase.BAJAS: "Bajas del padrón",
    Clase.FUERA_DE_AMBITO: "Fuera del ámbito geográfico",
    Clase.NO_ENCONTRADOS: "Datos no encontrados",
    Clase.CON_INCONSISTENCIA: "Con inconsistencia",
    Clase.FUERA_DE_REGIMEN: "Fuera del régimen de excepción",
    Clase.EN_PROCESAMIENTO: "En procesamiento",
}
_EXPLICACIONES = {
    Clase.LISTA_NOMINAL: "La persona está en la Lista Nominal y la mesa de control encontró válido su apoyo.",
    Clase.EN_MESA: "La persona está en la Lista Nominal; la mesa de control aún no termina de revisar su apoyo.",
    Clase.DUPLICADO_MISMO: "La persona ya había dado su apoyo a este aspirante; cuenta el primero que se recibió.",
    Clase.DUPLICADO_OTRO: "La persona dio su apoyo también a otro aspirante; por la regla del instituto no cuenta.",
    Clase.EN_PADRON: "La persona está en el Padrón Electoral, pero no en la Lista Nominal.",
    Clase.BAJAS: "La persona fue dada de baja del Padrón Electoral.",
    Clase.FUERA_DE_AMBITO: "El domicilio de la persona está fuera del territorio en que se piden los apoyos.",
    Clase.NO_ENCONTRADOS: "Los datos no se encontraron en el Padrón Electoral.",
    Clase.CON_INCONSISTENCIA: "La encontró la mesa de control, o el registro llegó tras una baja o fuera del periodo.",
    Clase.FUERA_DE_REGIMEN: "Es una cédula en papel de donde no se otorgó el régimen de excepción.",
    Clase.EN_PROCESAMIENTO: "Se recibió y falta saber la situación registral de la persona.",
}
_POR_SITUACION = {
    Situacion.SIN_RESPUESTA: Clase.EN_PROCESAMIENTO,
    Situacion.BAJA: Clase.BAJAS,
    Situacion.NO_ENCONTRADO: Clase.NO_ENCONTRADOS,
    Situacion.PADRON: Clase.EN_PADRON,
}


def clase(
    situacion: Situacion,
    resultado: Resultado,
    origen: OrigenApoyo,
    *,
    duplicado: Duplicado = Duplicado.NO,
    ambito: Ambito = Ambito.NO_SABIDO,
    fuera_de_regimen: bool = False,
) -> Clase:
    """The one class of an apoyo. What was found against it by people or by its origin goes first, then what the padrón
    says of the person, then whether it is one too many. The column `apoyos.clase` is the same rule in SQL.
    """
    if resultado is Resultado.INCONSISTENTE or origen is OrigenApoyo.INCONSISTENTE:
        return Clase.CON_INCONSISTENCIA
    if situacion is Situacion.SIN_RESPUESTA:
        return Clase.EN_PROCESAMIENTO
    if fuera_de_regimen:
        return Clase.FUERA_DE_REGIMEN
    if situacion in _POR_SITUACION:
        return _POR_SITUACION[situacion]
    if ambito is Ambito.FUERA:
        return Clase.FUERA_DE_AMBITO
    if duplicado is not Duplicado.NO:
        return Clase.DUPLICADO_MISMO if duplicado is Duplicado.MISMO else Clase.DUPLICADO_OTRO
    return Clase.EN_MESA if resultado is Resultado.PENDIENTE else Clase.LISTA_NOMINAL


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
