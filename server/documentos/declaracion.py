"""The Declaración de Confidencialidad that a functionary signs before an account is active (row A1, P5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.documentos.compilar import compilar, parrafos, texto
from server.documentos.membrete import membrete
from server.domain.institucion import Institucion

PLANTILLA = "declaracion.typ"


@dataclass(frozen=True, slots=True)
class DeclaracionDatos:
    """Who declares. What is empty is left as a line to write on; the text is `institucion.declaracion`."""

    institucion: Institucion
    nombre: str
    cargo: str
    correo: str
    telefono: str
    fecha: str
    logo_png: bytes | None = None


def datos(declaracion: DeclaracionDatos) -> dict[str, Any]:
    """What the template is given."""
    return {
        "membrete": membrete(declaracion.institucion, declaracion.logo_png),
        "nombre": texto(declaracion.nombre.strip()),
        "cargo": texto(declaracion.cargo.strip()),
        "correo": texto(declaracion.correo.strip()),
        "telefono": texto(declaracion.telefono.strip()),
        "fecha": texto(declaracion.fecha.strip()),
        "compromiso": parrafos(declaracion.institucion.declaracion),
    }


def pdf(declaracion: DeclaracionDatos) -> bytes:
    """The printable. Raises DocumentoError."""
    return compilar(PLANTILLA, datos(declaracion))
