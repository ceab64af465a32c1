"""The mesa de control in words: rounds of opinion, verdicts, which registros are looked at twice (rows G2, G5)."""

from __future__ import annotations

import hashlib
from enum import StrEnum


class Ronda(StrEnum):
    """Which opinion a revision asks for."""

    PRIMERA = "primera"
    SEGUNDA = "segunda"
    TERCERA = "tercera"
    REAPERTURA = "reapertura"
    AUDIENCIA = "audiencia"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _RONDAS[self]


class EstadoRevision(StrEnum):
    """Where a piece of work stands."""

    PENDIENTE = "pendiente"
    HECHA = "hecha"
    CANCELADA = "cancelada"


class Fallo(StrEnum):
    """What a dictamen says. ELEVADO: the criteria do not foresee it (P13.8). ANULADO: an older one holds no more."""

    VALIDO = "valido"
    INCONSISTENTE = "inconsistente"
    ELEVADO = "elevado"
    ANULADO = "anulado"

    @property
    def texto(self) -> str:
        """As people read it."""
        return _FALLOS[self]


_RONDAS = {
    Ronda.PRIMERA: "Primera revisión",
    Ronda.SEGUNDA: "Segunda revisión",
    Ronda.TERCERA: "Tercera revisión",
    Ronda.REAPERTURA: "Reapertura",
    Ronda.AUDIENCIA: "Garantía de audiencia",
}
_FALLOS = {
    Fallo.VALIDO: "Válido",
    Fallo.INCONSISTENTE: "Con inconsistencia",
    Fallo.ELEVADO: "Elevado a la autoridad",
    Fallo.ANULADO: "Deshecho",
}


def pide_segunda(folio: str, sorteo: str, pct: int) -> bool:
    """Whether this registro is looked at twice: a draw of `pct` percent that always falls the same for one folio.

    `sorteo`: secret of this box, so that nobody knows beforehand whose work is compared.
    """
    drawn = hashlib.blake2b(folio.encode(), key=sorteo.encode()[:64], digest_size=8, person=b"segunda").digest()
    return int.from_bytes(drawn, "big") % 100_000 < pct * 1_000
