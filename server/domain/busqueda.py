"""How names are searched: by the beginning of each of their three parts, whatever accents and capitals (row C5)."""

from __future__ import annotations

from server.domain.apoyo import para_buscar

MATERNO = "|"
NOMBRE = ">"
_SEPARATORS = str.maketrans("", "", MATERNO + NOMBRE)
_LAST = "\U0010ffff"
"""Sorts after whatever may follow a prefix."""


def parte(texto: str) -> str:
    """One part of a name as it stands in a key, or as somebody typed its beginning."""
    return para_buscar(texto.translate(_SEPARATORS))


def clave(nombre: str, apellido_paterno: str, apellido_materno: str) -> str:
    """`PEREZ|LOPEZ>JUANA`: each part behind its own sign, so that none is taken for another. "" when all are empty."""
    partes = parte(apellido_paterno), parte(apellido_materno), parte(nombre)
    if not any(partes):
        return ""
    return f"{partes[0]}{MATERNO}{partes[1]}{NOMBRE}{partes[2]}"


def intervalo(prefijo: str) -> tuple[str, str]:
    """[low, high): the texts that begin so."""
    return prefijo, prefijo + _LAST
