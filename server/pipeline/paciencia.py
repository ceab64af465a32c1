"""How long a stage that fails is tried again, and when a job is given up until a person looks (quarantine)."""

from __future__ import annotations

from dataclasses import dataclass

from server.pipeline.outcome import Cuarentena, Fallido, Reintenta

SEGUNDO = 1_000
MINUTO = 60 * SEGUNDO
HORA = 60 * MINUTO


@dataclass(frozen=True, slots=True)
class Paciencia:
    """Waits that double from `primera_ms` up to `tope_ms`. `veces`: failures until quarantine; None: never."""

    primera_ms: int
    tope_ms: int
    veces: int | None

    def espera_ms(self, fallas: int) -> int:
        """How long to wait after so many failures (1: the first)."""
        return min(self.tope_ms, self.primera_ms << min(max(0, fallas - 1), 30))


DE_SIEMPRE = Paciencia(30 * SEGUNDO, HORA, 6)
PADRON = Paciencia(MINUTO, 6 * HORA, None)
"""Its silence is no failure: the apoyo is at the mesa meanwhile."""
_LENTA = Paciencia(10 * MINUTO, 6 * HORA, 10)
"""What a person mends elsewhere (a key or a lote comes back from its copy): about two days."""
_LECTOR = Paciencia(5 * SEGUNDO, MINUTO, 3)
"""An image that ends its reader three times will end it again."""
_POR_MOTIVO = {
    "llave_desconocida": _LENTA,
    "lote_ilegible": _LENTA,
    "lector_murio": _LECTOR,
    "lector_lento": _LECTOR,
    "lector_error": _LECTOR,
}
SIN_REMEDIO = frozenset({"sobre_danado", "papel_danado", "no_encontrado"})
"""No further try can end otherwise."""
DEL_SERVIDOR = frozenset({"lector_detenido"})
"""The server is ending: it says nothing about the registro, whose row stays as it is."""


def tras_falla(motivo: str, intentos: int) -> Fallido:
    """What becomes of a job whose stage failed. `intentos`: how often it had failed there before."""
    if motivo in SIN_REMEDIO:
        return Cuarentena(motivo)
    policy = _POR_MOTIVO.get(motivo, DE_SIEMPRE)
    fallas = intentos + 1
    if policy.veces is not None and fallas >= policy.veces:
        return Cuarentena(motivo)
    return Reintenta(motivo, policy.espera_ms(fallas))
