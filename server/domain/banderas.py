"""What the mesa is told of an apoyo before it looks: flags, in plain words (rows F1-F4, X9). Never a rejection.

A flag is a code and perhaps which datum it speaks of; values are never in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Codigo(StrEnum):
    """The closed list. What each means is in its sentence."""

    CODIGOS_NO_LEIDOS = "codigos_no_leidos"
    CODIGO_DIFIERE = "codigo_difiere"
    CODIGO_SOLO_TELEFONO = "codigo_solo_telefono"
    CODIGO_SOLO_SERVIDOR = "codigo_solo_servidor"
    DATO_DIFIERE = "dato_difiere"
    IMAGEN_ILEGIBLE = "imagen_ilegible"
    CURP_CLAVE = "curp_clave"
    DATO_INVALIDO = "dato_invalido"
    NOMBRE_PADRON = "nombre_padron"
    DUPLICADO_MISMO = "duplicado_mismo"
    DUPLICADO_OTRO = "duplicado_otro"
    IMAGEN_REPETIDA = "imagen_repetida"
    FUERA_DE_AMBITO = "fuera_de_ambito"
    PADRON_SIN_RESPUESTA = "padron_sin_respuesta"
    PAPEL = "papel"


@dataclass(frozen=True, slots=True)
class Bandera:
    """One flag. `dato`: a datum (`cic`), an image (`foto`), a criterion of paper, or empty."""

    codigo: Codigo
    dato: str = ""

    @property
    def texto(self) -> str:
        """As the operator reads it."""
        return _TEXTOS[self.codigo].format(dato=DATOS.get(self.dato, self.dato))


DATOS = {
    "cic": "el CIC",
    "ocr": "el OCR",
    "clave": "la clave de elector",
    "clave_elector": "la clave de elector",
    "curp": "la CURP",
    "emision": "el número de emisión",
    "nombre": "el nombre",
    "apellido_paterno": "el apellido paterno",
    "apellido_materno": "el apellido materno",
    "anverso": "el anverso",
    "reverso": "el reverso",
    "foto": "la fotografía viva",
    "firma": "la firma",
    "copia": "cédula en copia",
    "sin_copia_credencial": "sin copia de credencial",
    "sin_leyenda": "sin leyenda",
    "sin_firma": "sin firma",
    "otra": "otra inconsistencia",
    # lectura: the kinds of code of a card
    "qr_publico": "el código QR público",
    "qr_denso": "un código QR denso",
    "pdf417": "el código PDF417",
    "codigo_barras": "el código de barras",
}
_TEXTOS = {
    Codigo.CODIGOS_NO_LEIDOS: "El servidor no pudo leer ningún código de las imágenes de la credencial.",
    Codigo.CODIGO_DIFIERE: "Un código de la credencial dice otra cosa en el servidor que en el teléfono: {dato}.",
    Codigo.CODIGO_SOLO_TELEFONO: "El teléfono leyó un código que el servidor no encontró en las imágenes: {dato}.",
    Codigo.CODIGO_SOLO_SERVIDOR: "El servidor leyó un código que el teléfono no envió: {dato}.",
    Codigo.DATO_DIFIERE: "Lo capturado no coincide con lo que dicen los códigos de la credencial: {dato}.",
    Codigo.IMAGEN_ILEGIBLE: "Una imagen no se pudo leer como imagen: {dato}.",
    Codigo.CURP_CLAVE: "La CURP y la clave de elector no coinciden entre sí.",
    Codigo.DATO_INVALIDO: "Un dato no tiene la forma que debe tener: {dato}.",
    Codigo.NOMBRE_PADRON: "El padrón tiene otro nombre para esa clave de elector.",
    Codigo.DUPLICADO_MISMO: "La persona ya había dado su apoyo a este aspirante.",
    Codigo.DUPLICADO_OTRO: "La persona dio su apoyo también a otro aspirante.",
    Codigo.IMAGEN_REPETIDA: "Hay una imagen casi igual en otro registro: {dato}.",
    Codigo.FUERA_DE_AMBITO: "El domicilio de la persona está fuera del territorio del periodo.",
    Codigo.PADRON_SIN_RESPUESTA: "El padrón aún no responde; se le preguntará de nuevo.",
    Codigo.PAPEL: "Al capturar la cédula en papel se anotó: {dato}.",
}
