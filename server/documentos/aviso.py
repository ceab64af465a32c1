"""An aviso de privacidad as a printable, and the texts that the OPL starts from (row B13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from server.documentos import markdown
from server.documentos.compilar import ROOT, compilar, texto
from server.documentos.membrete import membrete
from server.domain.institucion import Institucion
from server.errors import DatoInvalido

PLANTILLA = "manual.typ"
_OPEN = re.compile(r"\[COMPLETE[^\]]*\]")


@dataclass(frozen=True, slots=True)
class AvisoImpreso:
    """A version of an aviso. `texto`: markdown; `nota`: which class it is and since when."""

    institucion: Institucion
    titulo: str
    nota: str
    texto: str
    logo_png: bytes | None = None


@lru_cache(maxsize=4)
def pdf(aviso: AvisoImpreso) -> bytes:
    """The printable, kept: anybody may ask for it any number of times. Raises DocumentoError."""
    escrito = markdown.leer(aviso.texto)
    values = {
        "membrete": membrete(aviso.institucion, aviso.logo_png),
        "titulo": texto(aviso.titulo),
        "pie": texto(aviso.titulo),
        "nota": texto(aviso.nota),
        "indice": False,
        "bloques": escrito.bloques,
    }
    return compilar(PLANTILLA, values)


def modelo(clase: str, institucion: Institucion) -> str:
    """The text to start from, with what is known of the institute; the rest is marked `[COMPLETE: …]`."""
    source = (ROOT / "docs" / f"aviso-{clase}.md").read_text(encoding="utf-8")
    source = source.split("\n---\n", 1)[1].strip()
    for mark, value in (
        ("nombre del instituto", institucion.nombre),
        ("domicilio del instituto", institucion.domicilio),
        ("correo de contacto", institucion.contacto_correo),
        ("teléfono de contacto", institucion.contacto_telefono),
    ):
        if value:
            # What an institute calls itself is text here too.
            source = source.replace(f"[COMPLETE: {mark}]", re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", value))
    return source


def completo(fuente: str) -> str:
    """The text, when nothing in it is still to be completed. Raises DatoInvalido."""
    missing = _OPEN.findall(fuente)
    if missing:
        raise DatoInvalido(
            "aviso_incompleto",
            f"Faltan {len(missing)} datos por completar; el primero es {missing[0]}. Escríbalos y quite los corchetes."
            if len(missing) > 1
            else f"Falta un dato por completar: {missing[0]}. Escríbalo y quite los corchetes.",
        )
    if not fuente.strip():
        raise DatoInvalido("aviso_vacio", "Escriba el texto del aviso.")
    return fuente
