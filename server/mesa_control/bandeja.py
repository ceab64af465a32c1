"""The tray of an operator: claim a registro, hold it, give it back (rows B7, G5).

Two people never hold the same: one row for each apoyo that waits, changed by the one write thread. A hold ends by
itself, at an instant that is written in the row; `vencer` only tidies and puts on the record that it did.
"""

from __future__ import annotations

from collections.abc import Collection

from server import bitacora
from server.bitacora import Evento
from server.domain.mesa import EstadoRevision
from server.errors import AppError
from server.store import ajustes, revisiones
from server.store.revisiones import Revision
from server.store.writer import Tx

MINUTO_MS = 60_000


def siguiente(tx: Tx, cuenta: int, *, excepto: Collection[int] = ()) -> Revision | None:
    """Claim the next for this operator and return it; None when there is nothing for them.

    What they hold already goes first (a page that was closed), then what is assigned to them, then what is nobody's;
    within each the first limit. `excepto`: revisiones that their screen has already.
    """
    for held in revisiones.tomadas_por(tx.conn, cuenta, tx.now_ms):
        if held.id not in excepto:
            return _hold(tx, held, cuenta)
    for assigned in (True, False):
        found = revisiones.primera_libre(tx.conn, cuenta, tx.now_ms, asignada=assigned, excepto=excepto)
        if found is not None:
            return _hold(tx, found, cuenta)
    return None


def reclamar(tx: Tx, revision: int, cuenta: int) -> Revision:
    """Claim this one.

    Raises AppError: no_encontrado, revision_hecha, revisor_impedido (they gave an opinion on it), revision_ajena
    (assigned to somebody else, or held by them).
    """
    return _hold(tx, libre_para(tx, revision, cuenta), cuenta)


def libre_para(tx: Tx, revision: int, cuenta: int) -> Revision:
    """The revision, if this person may decide it now; raises as `reclamar`, and changes nothing."""
    found = revisiones.get(tx.conn, revision)
    if found is None:
        raise AppError("no_encontrado")
    if found.estado is not EstadoRevision.PENDIENTE:
        raise AppError("revision_hecha")
    if found.tiene(tx.now_ms) not in (None, cuenta) or found.asignada_a not in (None, cuenta):
        raise AppError("revision_ajena")
    if revisiones.opino(tx.conn, found.apoyo_id, cuenta):
        raise AppError("revisor_impedido")
    return found


def mantener(tx: Tx, revision: int, cuenta: int) -> Revision:
    """Hold it for as long again. Of one whose hold has ended, and that nobody took since, it is a new claim."""
    return reclamar(tx, revision, cuenta)


def soltar(tx: Tx, revision: int, cuenta: int) -> None:
    """Give it back. One that this person does not hold stays as it is."""
    found = revisiones.get(tx.conn, revision)
    if found is not None and revisiones.soltar(tx.conn, revision, cuenta):
        _released(tx, found, f"cuenta:{cuenta}", "soltada")


def vencer(tx: Tx) -> int:
    """Tidy up holds that have ended; how many."""
    gone = revisiones.vencidas(tx.conn, tx.now_ms)
    for one in gone:
        assert one.reclamada_por is not None, "the query asks for it"
        revisiones.soltar(tx.conn, one.id, one.reclamada_por)
        _released(tx, one, "sistema", "vencida")
    return len(gone)


def _hold(tx: Tx, found: Revision, cuenta: int) -> Revision:
    until = tx.now_ms + ajustes.reglas(tx.conn).reclamo_minutos * MINUTO_MS
    if not revisiones.reclamar(tx.conn, found.id, cuenta, tx.now_ms, until):
        raise AppError("revision_ajena")
    if found.tiene(tx.now_ms) != cuenta:
        bitacora.record(
            tx.conn, tx.now_ms, Evento.REVISION_RECLAMADA, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{found.apoyo_id}",
            revision=found.id, ronda=found.ronda.value,
        )  # fmt: skip
    held = revisiones.get(tx.conn, found.id)
    assert held is not None, "it was there a moment ago, in the same transaction"
    return held


def _released(tx: Tx, one: Revision, actor: str, por: str) -> None:
    bitacora.record(
        tx.conn, tx.now_ms, Evento.REVISION_SOLTADA, actor=actor, objeto=f"apoyo:{one.apoyo_id}", revision=one.id,
        cuenta=one.reclamada_por, por=por,
    )  # fmt: skip
