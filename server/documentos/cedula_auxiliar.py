"""The Cédula de Registro de Auxiliar: who was registered, beside what their phone sent at its alta (row B4, P7.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.documentos.compilar import compilar, texto
from server.documentos.imagenes import dibujo, fotografia
from server.documentos.membrete import campo, membrete
from server.domain.institucion import Institucion

PLANTILLA = "cedula_auxiliar.typ"

Imagen = tuple[bytes, str] | None
"""Bytes and media type of one testigo visual, as the phone sent it."""


@dataclass(frozen=True, slots=True)
class CedulaAuxiliar:
    """Everything as people read it. `revision`: the state, `Pendiente de revisión` or what the OPL found.

    The images lie sealed; whoever makes a cédula opened them in memory, and the PDF must not be kept either.
    """

    institucion: Institucion
    solicitud: str
    aspirante: str
    auxiliar: str
    nombre: str
    correo: str
    tipo_cuenta: str
    clave_elector: str
    dispositivo: str
    modelo: str
    folio: str
    recibido: str
    codigo_integridad: str
    anverso: Imagen
    reverso: Imagen
    foto: Imagen
    firma: Imagen
    revision: str
    emitida: str
    logo_png: bytes | None = None


def datos(cedula: CedulaAuxiliar) -> dict[str, Any]:
    """What the template is given."""
    imagenes = (
        ("Anverso de la credencial", cedula.anverso, fotografia),
        ("Reverso de la credencial", cedula.reverso, fotografia),
        ("Fotografía viva", cedula.foto, fotografia),
        ("Firma manuscrita digitalizada", cedula.firma, dibujo),
    )
    return {
        "membrete": membrete(cedula.institucion, cedula.logo_png),
        "auxiliar": texto(cedula.auxiliar),
        "nombre": texto(cedula.nombre),
        "revision": texto(cedula.revision),
        "emitida": texto(cedula.emitida),
        "codigo": texto(cedula.codigo_integridad),
        "secciones": [
            {
                "titulo": "Persona auxiliar acreditada",
                "campos": [
                    campo("Nombre completo", cedula.nombre, ancho=6),
                    campo("Id de auxiliar", cedula.auxiliar, ancho=1, fijo=True),
                    campo("Clave de elector", cedula.clave_elector, ancho=2, fijo=True),
                    campo("Tipo de cuenta", cedula.tipo_cuenta, ancho=3),
                    campo("Correo electrónico", cedula.correo, ancho=3),
                    campo("Aspirante", cedula.aspirante, ancho=2),
                    campo("Folio de solicitud", cedula.solicitud, ancho=1, fijo=True),
                ],
            },
            {
                "titulo": "Alta del dispositivo",
                "campos": [
                    campo("Id de dispositivo", cedula.dispositivo, ancho=2, fijo=True),
                    campo("Modelo", cedula.modelo, ancho=2),
                    campo("Recibido (hora del centro)", cedula.recibido, ancho=2),
                    campo("Folio del registro", cedula.folio, ancho=6, fijo=True),
                ],
            },
        ],
        "imagenes": [
            {
                "titulo": titulo,
                "llego": imagen is not None,
                "bytes": leer(imagen[0]) if imagen is not None else [],
                "alt": f"{titulo} de la persona auxiliar {texto(cedula.auxiliar)}, como la envió su teléfono.",
            }
            for titulo, imagen, leer in imagenes
        ],
    }


def pdf(cedula: CedulaAuxiliar) -> bytes:
    """The printable. Raises DocumentoError."""
    return compilar(PLANTILLA, datos(cedula))
