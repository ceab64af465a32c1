"""The states of a queued sobre on the phone, as a table (SPEC §8.5; rows D4, D5).

The law of this file: `borrado` can only be reached from `acusado`, and `acusado` only by an acuse that the phone has
verified itself (`acuse.verify`). After deletion a ledger line stays: folio, código de integridad, acuse; no person.
"""

from __future__ import annotations

from enum import StrEnum

from sync_protocol.errors import LocalProtocolError


class EstadoCola(StrEnum):
    """Where a sobre is, as the phone knows it."""

    CAPTURADO = "capturado"
    OFRECIDO = "ofrecido"
    ENVIANDO = "enviando"
    RECIBIDO = "recibido"
    ACUSADO = "acusado"
    BORRADO = "borrado"
    RECHAZADO = "rechazado"
    CUARENTENA = "cuarentena"


class Suceso(StrEnum):
    """What happened to it."""

    EN_MANIFIESTO = "en_manifiesto"
    BYTES_ENVIADOS = "bytes_enviados"
    LINEA_CORTADA = "linea_cortada"
    SIN_ACUSE_AUN = "sin_acuse_aun"
    ACUSE_VERIFICADO = "acuse_verificado"
    ACUSE_FALSO = "acuse_falso"
    RECHAZADO = "rechazado"
    ELIMINADO = "eliminado"


E, S = EstadoCola, Suceso

_OPEN = (E.CAPTURADO, E.OFRECIDO, E.ENVIANDO, E.RECIBIDO, E.RECHAZADO, E.CUARENTENA)

TRANSITIONS: dict[tuple[EstadoCola, Suceso], EstadoCola] = {
    **{(state, S.EN_MANIFIESTO): E.OFRECIDO for state in _OPEN},
    # Cut off between the acuse and the deletion: it is still on the phone, so the manifest lists it; the acuse stands.
    (E.ACUSADO, S.EN_MANIFIESTO): E.ACUSADO,
    (E.OFRECIDO, S.BYTES_ENVIADOS): E.ENVIANDO,
    (E.ENVIANDO, S.BYTES_ENVIADOS): E.ENVIANDO,
    (E.OFRECIDO, S.LINEA_CORTADA): E.OFRECIDO,
    (E.ENVIANDO, S.LINEA_CORTADA): E.OFRECIDO,
    **{(state, S.SIN_ACUSE_AUN): E.RECIBIDO for state in (E.OFRECIDO, E.ENVIANDO, E.RECIBIDO)},
    **{(state, S.ACUSE_VERIFICADO): E.ACUSADO for state in (*_OPEN, E.ACUSADO)},
    **{(state, S.ACUSE_FALSO): E.CUARENTENA for state in _OPEN},
    **{(state, S.RECHAZADO): E.RECHAZADO for state in (E.OFRECIDO, E.ENVIANDO, E.RECIBIDO)},
    (E.ACUSADO, S.ELIMINADO): E.BORRADO,
}


def advance(state: EstadoCola, event: Suceso) -> EstadoCola:
    """The state after `event`. An event that the table does not have is a bug of the phone: LocalProtocolError."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise LocalProtocolError("interno", f"{state} no admite {event}") from None


def to_offer(state: EstadoCola) -> bool:
    """Whether a sobre in this state goes into the next manifest: everything that is still on the phone."""
    return state is not EstadoCola.BORRADO
