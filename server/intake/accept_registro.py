"""The moment a registro is taken: its rows, its place in the lote, its acuse, its first job; one transaction.

Runs on the write thread, inside a group. What it returns is durable only once the group is (store/writer.py). The
UNIQUE constraint decides what is new; a repeat gets the acuse that is there, another content for the same folio is
kept aside and refused.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from server import bitacora
from server.bitacora import Evento
from server.domain.marcas import Origen, marcas
from server.domain.periodo import Ventana
from server.errors import AppError
from server.intake.check_sobre import Checked
from server.store import conflictos, correos, dispositivos, registros, subidas
from server.store.dispositivos import Procedencia
from server.store.registros import Registro
from server.store.writer import Tx


@dataclass(frozen=True, slots=True)
class Taken:
    """What the phone is told once the group is durable. Exactly one of `acuse` and `rechazo` is set."""

    lote: int
    acuse: str = ""
    rechazo: str = ""
    nuevo: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a checked sobre arrived. `acuse`: signed already, given only if it turns out to be new."""

    checked: Checked
    acuse: str
    recibido_ms: int
    sesion_id: int | None
    gracia_ms: int
    sesion_quieta_ms: int


def accept(tx: Tx, arrival: Arrival) -> Taken:
    """Take one sobre. Raises AppError `periodo_cerrado`; then nothing of it stays."""
    checked = arrival.checked
    folio = checked.cabecera.folio
    origin = dispositivos.provenance(tx.conn, folio.dispositivo)
    ventana = None
    if origin.inicia_ms is not None and origin.termina_ms is not None:
        ventana = Ventana(origin.inicia_ms, origin.termina_ms, arrival.gracia_ms)
    mark = tx.lote.mark()
    registro = _registro(tx, arrival, origin, ventana)
    if not registros.insert_new(tx.conn, registro):
        tx.lote.back_to(mark)
        return _again(tx, arrival)
    if ventana is not None and not ventana.takes(arrival.recibido_ms):
        raise AppError("periodo_cerrado")
    if arrival.sesion_id is not None:
        correos.announce_session(tx.conn, arrival.sesion_id, folio.auxiliar, tx.now_ms, arrival.sesion_quieta_ms)
    return Taken(tx.lote.numero, acuse=arrival.acuse, nuevo=True)


def _registro(tx: Tx, arrival: Arrival, origin: Procedencia, ventana: Ventana | None) -> Registro:
    checked, folio = arrival.checked, arrival.checked.cabecera.folio
    found = marcas(
        Origen(
            auxiliar_baja_ms=origin.auxiliar_baja_ms,
            dispositivo_baja_ms=origin.dispositivo_baja_ms,
            ventana=ventana,
            capturado_ms=checked.capturado_ms,
            desfase_ms=checked.desfase_ms,
            recibido_ms=arrival.recibido_ms,
        )
    )
    name = str(folio)
    posicion = tx.lote.add(
        "sobre",
        {"folio": name, "recibido_ms": arrival.recibido_ms, "marcas": list(found)},
        sobre=(f"{name}.sobre", checked.raw, checked.codigo),
        acuse=(f"{name}.acuse", arrival.acuse.encode("ascii")),
    )
    return Registro(
        folio=name,
        solicitud=folio.solicitud,
        auxiliar=folio.auxiliar,
        dispositivo=folio.dispositivo,
        registro=folio.registro,
        tipo=checked.cabecera.tipo.nombre,
        codigo=checked.codigo,
        anterior=checked.cabecera.anterior,
        tam=len(checked.raw),
        recibido_ms=arrival.recibido_ms,
        marcas=tuple(found),
        lote=tx.lote.numero,
        posicion=posicion,
        acuse=arrival.acuse,
        sesion_id=arrival.sesion_id,
    )


def _again(tx: Tx, arrival: Arrival) -> Taken:
    checked, folio = arrival.checked, arrival.checked.cabecera.folio
    before = registros.by_folio(tx.conn, folio) or registros.by_counter(tx.conn, folio.dispositivo, folio.registro)
    assert before is not None, "a UNIQUE constraint refused the row, so there is one"
    if before.folio == str(folio) and before.codigo == checked.codigo:
        return Taken(before.lote, acuse=before.acuse)
    _keep_conflict(tx, checked, arrival.recibido_ms)
    subidas.delete(tx.conn, subidas.upload_id(folio.dispositivo, folio.registro, checked.codigo))
    return Taken(tx.lote.numero, rechazo="folio_en_conflicto")


def _keep_conflict(tx: Tx, checked: Checked, recibido_ms: int) -> None:
    folio = checked.cabecera.folio
    name = str(folio)
    if conflictos.conflict_known(tx.conn, name, checked.codigo):
        return
    if conflictos.conflict_count(tx.conn, folio.dispositivo) >= conflictos.MAX_CONFLICTS:
        return
    posicion = tx.lote.add(
        "conflicto",
        {"folio": name, "recibido_ms": recibido_ms},
        sobre=(f"conflicto-{name}-{checked.codigo[:8].hex()}.sobre", checked.raw, checked.codigo),
    )
    conflictos.insert_conflict(
        tx.conn, name, folio.dispositivo, folio.registro, checked.codigo, len(checked.raw), recibido_ms,
        tx.lote.numero, posicion,
    )  # fmt: skip
    bitacora.record(
        tx.conn, tx.now_ms, Evento.SOBRE_EN_CONFLICTO, actor=f"dispositivo:{folio.dispositivo}", objeto=name,
        codigo=checked.codigo.hex(),
    )  # fmt: skip


def refuse(tx: Tx, dispositivo: int, registro: int, codigo: bytes, motivo: str) -> None:
    """Remember a sobre that is refused for good, so that the next session says so without sending it again."""
    conflictos.insert_refusal(tx.conn, dispositivo, registro, codigo, motivo, tx.now_ms)
    subidas.delete(tx.conn, subidas.upload_id(dispositivo, registro, codigo))
    bitacora.record(
        tx.conn, tx.now_ms, Evento.SOBRE_RECHAZADO, actor=f"dispositivo:{dispositivo}", objeto=str(registro),
        motivo=motivo, codigo=codigo.hex(),
    )  # fmt: skip


def event_alta(
    dispositivo: int, solicitud: int, auxiliar: int, punto: bytes, modelo: str, en_ms: int
) -> dict[str, Any]:
    """The diario's line about an alta or a new key: what a replay needs, and no person."""
    return {
        "evento": "alta",
        "dispositivo": dispositivo,
        "solicitud": solicitud,
        "auxiliar": auxiliar,
        "llave": base64.b64encode(punto).decode("ascii"),
        "modelo": modelo,
        "en_ms": en_ms,
    }


def event_baja(dispositivo: int, en_ms: int) -> dict[str, Any]:
    """The diario's line about a baja."""
    return {"evento": "baja", "dispositivo": dispositivo, "en_ms": en_ms}
