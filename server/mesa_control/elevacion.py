"""Cases that go beyond an operator: raised ones that the authority resolves, and decided ones that are reopened
(rows G2, G4; P13.8).
"""

from __future__ import annotations

from server import bitacora
from server.bitacora import Evento
from server.domain.mesa import Ronda
from server.domain.plazo import limite
from server.errors import AppError, DatoInvalido
from server.mesa_control import dictamen
from server.store import ajustes, apoyos, dictamenes, elevaciones, revisiones
from server.store.elevaciones import Elevacion
from server.store.writer import Tx

MAX_TEXTO = 1_000


def resolver(
    tx: Tx, caso: int, cuenta: int, resultado: str, inciso: str, detalle: str, resolucion: str, abierto_ms: int
) -> int:
    """What the authority resolved: a firm dictamen in place of the one that raised it; its id.

    Raises AppError: no_encontrado, caso_resuelto; DatoInvalido: falta_resolucion, and as dictamen.decidir.
    """
    case = _open(tx, caso)
    said = _text(resolucion, "falta_resolucion", "Escriba qué se resolvió y con qué fundamento.")
    id_ = dictamen.por_autoridad(tx, case.apoyo_id, cuenta, resultado, inciso, detalle, abierto_ms, case.dictamen_id)
    elevaciones.resolver(tx.conn, case.id, said, cuenta, tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CASO_RESUELTO, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{case.apoyo_id}",
        caso=case.id, dictamen=id_,
    )  # fmt: skip
    return id_


def reabrir(tx: Tx, apoyo_id: int, cuenta: int, motivo: str) -> int:
    """Have a decided registro looked at again by somebody who has not; the revision's id. Until then nothing changes.

    Raises AppError: no_encontrado, sin_dictamen, revision_pendiente; DatoInvalido: falta_motivo, texto_largo.
    """
    apoyo = apoyos.get(tx.conn, apoyo_id)
    if apoyo is None:
        raise AppError("no_encontrado")
    if dictamenes.firme(tx.conn, apoyo_id) is None:
        raise AppError("sin_dictamen")
    said = _text(motivo, "falta_motivo", "Escriba por qué debe revisarse otra vez.")
    until = limite(tx.now_ms, ajustes.reglas(tx.conn).plazo_dias)
    made = revisiones.add(
        tx.conn, apoyo_id, apoyo.solicitud, Ronda.REAPERTURA, tx.now_ms, until, motivo=said, pedida_por=cuenta
    )
    if made is None:
        raise AppError("revision_pendiente")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.REVISION_REABIERTA, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{apoyo_id}",
        revision=made,
    )  # fmt: skip
    return made


def _open(tx: Tx, caso: int) -> Elevacion:
    case = elevaciones.get(tx.conn, caso)
    if case is None:
        raise AppError("no_encontrado")
    if case.resuelta_ms is not None:
        raise AppError("caso_resuelto")
    return case


def _text(value: str, code: str, asked: str) -> str:
    clean = value.strip()
    if not clean:
        raise DatoInvalido(code, asked)
    if len(clean) > MAX_TEXTO:
        raise DatoInvalido("texto_largo", f"Escriba {MAX_TEXTO} caracteres o menos.")
    return clean
