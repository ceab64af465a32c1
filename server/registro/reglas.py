"""Changing the rules of review (rows B7, F3, G2, G5; P13.3, P13.9, P15.3): on the record, with what they were."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from server import bitacora
from server.bitacora import Evento
from server.domain.reglas import LIMITES, Reglas
from server.errors import DatoInvalido
from server.store import ajustes, reencolado
from server.store.writer import Tx


@dataclass(frozen=True, slots=True)
class Cambiadas:
    """Which rules changed, and how many apoyos are compared again with those of the same person."""

    reglas: tuple[str, ...]
    por_revisar: int


def cambiar(tx: Tx, cuenta: int, reglas: Reglas) -> Cambiadas:
    """Set those that differ from what is in force. Raises `DatoInvalido` for a number out of its bounds."""
    for nombre, (low, high) in LIMITES.items():
        if not low <= getattr(reglas, nombre) <= high:
            raise DatoInvalido(f"regla_{nombre}", f"Escriba un número entero entre {low:,} y {high:,}.")
    before = ajustes.reglas(tx.conn)
    old, new = before.ajustes(), reglas.ajustes()
    changes = {clave: {"antes": old[clave], "ahora": valor} for clave, valor in new.items() if old[clave] != valor}
    if not changes:
        return Cambiadas((), 0)
    for clave in changes:
        ajustes.poner(tx.conn, clave, new[clave], None, tx.now_ms)
    again = reencolado.duplicados(tx.conn) if before.duplicados_otros is not reglas.duplicados_otros else 0
    bitacora.record(
        tx.conn, tx.now_ms, Evento.REGLAS_CAMBIADAS, actor=f"cuenta:{cuenta}", objeto="reglas", cambios=changes,
        por_revisar=again,
    )  # fmt: skip
    return Cambiadas(tuple(nombre for nombre in asdict(reglas) if f"regla_{nombre}" in changes), again)
