"""The Cédula de confirmación de datos: what the OPL registered of an aspirante, to be signed (row B3, P6.1F)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.documentos.compilar import compilar, parrafos, texto
from server.documentos.imagenes import dibujo
from server.documentos.membrete import campo, membrete
from server.domain.institucion import Institucion

PLANTILLA = "cedula_confirmacion.typ"


@dataclass(frozen=True, slots=True)
class CedulaConfirmacion:
    """Everything as people read it: dates `dd/mm/aaaa`, instants with the hour, in hora del centro.

    `telefonos`: pairs (`"Domicilio"`, number), those that there are. `leyenda`: what is signed; line breaks are kept.
    `emblema_png`: as it was uploaded; one that cannot be read is left out.
    """

    institucion: Institucion
    folio: str
    proceso: str
    periodo: str
    inicia: str
    termina: str
    nombre: str
    lugar_nacimiento: str
    fecha_nacimiento: str
    telefonos: tuple[tuple[str, str], ...]
    correo: str
    tipo_cuenta: str
    clave_elector: str
    ocr: str
    cic: str
    entidad: str
    municipio: str
    seccion: str
    fecha_manifestacion: str
    oficio: str
    folio_interno: str
    observaciones: str
    emblema_png: bytes | None
    leyenda: str
    emitida: str
    logo_png: bytes | None = None


def datos(cedula: CedulaConfirmacion) -> dict[str, Any]:
    """What the template is given."""
    telefonos = [campo(f"Teléfono: {clase.lower()}", numero, ancho=2) for clase, numero in cedula.telefonos if numero]
    return {
        "membrete": membrete(cedula.institucion, cedula.logo_png),
        "folio": texto(cedula.folio),
        "nombre": texto(cedula.nombre),
        "emitida": texto(cedula.emitida),
        "leyenda": parrafos(cedula.leyenda),
        "observaciones": parrafos(cedula.observaciones),
        "emblema": dibujo(cedula.emblema_png) if cedula.emblema_png else [],
        "secciones": [
            {
                "titulo": "Periodo de captación",
                "campos": [
                    campo("Proceso", cedula.proceso, ancho=3),
                    campo("Periodo y cargo", cedula.periodo, ancho=3),
                    campo("Inicia (hora del centro)", cedula.inicia, ancho=3),
                    campo("Termina (hora del centro)", cedula.termina, ancho=3),
                ],
            },
            {
                "titulo": "Datos personales",
                "campos": [
                    campo("Nombre completo", cedula.nombre, ancho=6),
                    campo("Lugar de nacimiento", cedula.lugar_nacimiento, ancho=4),
                    campo("Fecha de nacimiento", cedula.fecha_nacimiento, ancho=2),
                    campo("Correo electrónico", cedula.correo, ancho=4),
                    campo("Tipo de cuenta", cedula.tipo_cuenta, ancho=2),
                    *telefonos,
                ],
            },
            {
                "titulo": "Credencial para Votar",
                "campos": [
                    campo("Clave de elector", cedula.clave_elector, ancho=2, fijo=True),
                    campo("OCR", cedula.ocr, ancho=2, fijo=True),
                    campo("CIC", cedula.cic, ancho=2, fijo=True),
                    campo("Entidad", cedula.entidad, ancho=2),
                    campo("Municipio", cedula.municipio, ancho=2),
                    campo("Sección electoral", cedula.seccion, ancho=2, fijo=True),
                ],
            },
            {
                "titulo": "Recepción del expediente",
                "campos": [
                    campo("Fecha de manifestación", cedula.fecha_manifestacion, ancho=2),
                    campo("Número de oficio o referencia", cedula.oficio, ancho=2),
                    campo("Folio interno", cedula.folio_interno, ancho=2),
                ],
            },
        ],
    }


def pdf(cedula: CedulaConfirmacion) -> bytes:
    """The printable. Raises DocumentoError."""
    return compilar(PLANTILLA, datos(cedula))
