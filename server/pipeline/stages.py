"""The stages between the acuse and the mesa, in order, as data (rows F1-F5). `trabajos.etapa` names the next one.

A stage may be entered again at any time: what it does depends on what is known now, not on whether it was done before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Donde(StrEnum):
    """Where a stage does its work, before what it found is written in one operation."""

    HILO = "hilo"
    """In a thread: it opens the sobre."""
    LECTORES = "lectores"
    """In the readers' processes: it looks at images."""
    PADRON = "padron"
    """At the padrón, many people in one question."""
    TRANSACCION = "transaccion"
    """On the write thread: it needs rows alone. Those that follow each other are done in one transaction."""


@dataclass(frozen=True, slots=True)
class Etapa:
    """One stage. `nombre`: as in `trabajos.etapa`; `texto`: as an administrator reads it."""

    nombre: str
    donde: Donde
    texto: str


ETAPAS = (
    Etapa("abrir", Donde.HILO, "Abrir el sobre"),
    Etapa("leer_codigos", Donde.LECTORES, "Leer los códigos"),
    Etapa("compulsar", Donde.HILO, "Compulsar los datos"),
    Etapa("verificar_padron", Donde.PADRON, "Verificar en el padrón"),
    Etapa("buscar_duplicados", Donde.TRANSACCION, "Buscar duplicados"),
    Etapa("verificar_ambito", Donde.TRANSACCION, "Verificar el ámbito"),
    Etapa("clasificar", Donde.TRANSACCION, "Clasificar"),
)
NOMBRES = tuple(etapa.nombre for etapa in ETAPAS)
FRENTE = tuple(etapa.nombre for etapa in ETAPAS if etapa.donde in (Donde.HILO, Donde.LECTORES))
"""What one registro goes through by itself, opened once."""
CADENA = tuple(etapa.nombre for etapa in ETAPAS if etapa.donde is Donde.TRANSACCION)
"""What is done in one transaction."""


def siguiente(nombre: str) -> str | None:
    """The stage after this one; None after the last."""
    after = NOMBRES.index(nombre) + 1
    return NOMBRES[after] if after < len(NOMBRES) else None


def desde(nombre: str, entre: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `entre` from this stage on."""
    return tuple(one for one in entre if NOMBRES.index(one) >= NOMBRES.index(nombre))
