"""Perceptual hashes (row X9)."""

from __future__ import annotations

from collections.abc import Mapping

from server.lectura import imagenes as abrir
from sync_protocol.registro import IMAGENES


def de_imagenes(fotos: Mapping[str, bytes]) -> tuple[dict[str, bytes], frozenset[str]]:
    found: dict[str, bytes] = {}
    none: set[str] = set()
    for tipo in IMAGENES:
        if tipo in fotos and abrir.colores(fotos[tipo]) is None:
            none.add(tipo)
    return found, frozenset(none)
