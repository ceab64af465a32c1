"""The head that every printable of the institute carries: logo, name, colour, where it is and when it answers."""

from __future__ import annotations

import re
from typing import Any

from server.documentos.compilar import texto
from server.documentos.imagenes import dibujo
from server.domain.institucion import COLOR, Institucion


def membrete(institucion: Institucion, logo: bytes | None) -> dict[str, Any]:
    """For `_base.typ`. A colour that is not one gives way to the usual."""
    contacto = (institucion.domicilio, institucion.contacto_telefono, institucion.contacto_correo, institucion.horario)
    return {
        "nombre": texto(institucion.nombre),
        "siglas": texto(institucion.siglas),
        "color": institucion.color if re.fullmatch("#[0-9a-fA-F]{6}", institucion.color) else COLOR,
        "contacto": [texto(" ".join(linea.split())) for linea in contacto if linea.strip()],
        "logo": dibujo(logo) if logo else [],
    }


def campo(etiqueta: str, valor: str, *, ancho: int = 1, fijo: bool = False) -> dict[str, Any]:
    """A datum of a cédula. `ancho`: columns of the six it takes; `fijo`: printed as figures, one width each."""
    return {"etiqueta": texto(etiqueta), "valor": texto(valor.strip()) or "—", "ancho": ancho, "fijo": fijo}
