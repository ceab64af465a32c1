"""The participation processes that apoyos are collected for (row B1)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class TipoProceso(StrEnum):
    """Every kind there is."""

    CANDIDATURA_INDEPENDIENTE = "candidatura_independiente"
    CONSULTA_POPULAR = "consulta_popular"
    INICIATIVA_CIUDADANA = "iniciativa_ciudadana"
    REVOCACION_MANDATO = "revocacion_mandato"


NOMBRES: Final[dict[str, str]] = {
    TipoProceso.CANDIDATURA_INDEPENDIENTE: "Candidatura independiente",
    TipoProceso.CONSULTA_POPULAR: "Consulta popular",
    TipoProceso.INICIATIVA_CIUDADANA: "Iniciativa ciudadana",
    TipoProceso.REVOCACION_MANDATO: "Revocación de mandato",
}
"""How each is written on screens."""
