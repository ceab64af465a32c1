"""Rebuild the index from the diario: what is newer than the index, or all of it when the index is lost.

Idempotent: a fact that the index has already changes nothing. What only the index knew (sessions, mail, the
catalogue's names) does not come back from here; the index has a backup of its own.
"""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass

from server import bitacora
from server.bitacora import Evento
from server.diario import lote as lotes
from server.diario.cadena import Diario
from server.diario.lote import Entrada, Manifiesto
from server.errors import DiarioError
from server.store import catalogo, conflictos, dispositivos, registros
from server.store import lotes as lotes_store
from server.store.connection import Connection
from server.store.registros import Registro
from sync_protocol import folio as folios
from sync_protocol import sobre

log = logging.getLogger("acopio.diario")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came back."""

    lotes: int
    registros: int


def recover(conn: Connection, diario: Diario, now_ms: int) -> Replayed:
    """Bring index and diario together at start. Raises DiarioError when the diario lacks what the index has."""
    diario.prepare()
    known = lotes_store.newest(conn)
    if known.numero:
        path = diario.folder / lotes.file_name(known.numero)
        if not path.exists():
            raise DiarioError(
                f"El índice conoce el lote {known.numero} y el diario no lo tiene. Restaure el diario de su segunda "
                "copia antes de iniciar; no se borró nada."
            )
        if lotes.read_manifest(path)[1] != known.resumen:
            raise DiarioError(f"El lote {known.numero} del diario no es el que el índice conoce.")
    diario.advance(known.numero, known.resumen)
    total = Replayed(0, 0)
    for manifest, resumen in diario.newer_than(known.numero, known.resumen):
        conn.execute("BEGIN IMMEDIATE")
        try:
            new = _apply(conn, diario, manifest, resumen, now_ms)
            conn.execute("COMMIT")
        except BaseException:
            conn.execute("ROLLBACK")
            raise
        diario.advance(manifest.lote, resumen)
        total = Replayed(total.lotes + 1, total.registros + new)
    if total.lotes:
        conn.execute("BEGIN IMMEDIATE")
        bitacora.record(
            conn, now_ms, Evento.INDICE_REPUESTO, actor="sistema", lotes=total.lotes, registros=total.registros
        )
        conn.execute("COMMIT")
        log.warning("índice repuesto", extra={"datos": {"lotes": total.lotes, "registros": total.registros}})
    return total


def _apply(conn: Connection, diario: Diario, manifest: Manifiesto, resumen: bytes, now_ms: int) -> int:
    size = (diario.folder / lotes.file_name(manifest.lote)).stat().st_size
    lotes_store.insert(conn, manifest.lote, resumen, len(manifest.entradas), size, now_ms)
    new = 0
    for entrada in manifest.entradas:
        if entrada.clase == "sobre":
            new += _registro(conn, diario, manifest.lote, entrada)
        elif entrada.clase == "conflicto":
            _conflicto(conn, manifest.lote, entrada)
        elif entrada.clase == "evento":
            _evento(conn, manifest.lote, entrada, now_ms)
        else:
            raise DiarioError(f"El lote {manifest.lote} trae una entrada de clase desconocida.")
    return new


def _registro(conn: Connection, diario: Diario, lote: int, entrada: Entrada) -> bool:
    assert entrada.sobre is not None
    assert entrada.acuse is not None
    at, receipt = entrada.sobre, entrada.acuse
    cabecera = sobre.parse_header(lotes.read_member(diario.folder, lote, at.posicion, sobre.HEADER_LENGTH))
    acuse = lotes.read_member(diario.folder, lote, receipt.posicion, receipt.tam).decode("ascii")
    folio = cabecera.folio
    if str(folio) != entrada.datos["folio"]:
        raise DiarioError(f"En el lote {lote}, un sobre no es del folio que dice el manifiesto.")
    return registros.insert_new(
        conn,
        Registro(
            folio=str(folio),
            solicitud=folio.solicitud,
            auxiliar=folio.auxiliar,
            dispositivo=folio.dispositivo,
            registro=folio.registro,
            tipo=cabecera.tipo.nombre,
            codigo=bytes.fromhex(at.sha256),
            anterior=cabecera.anterior,
            tam=at.tam,
            recibido_ms=int(entrada.datos["recibido_ms"]),
            marcas=tuple(entrada.datos["marcas"]),
            lote=lote,
            posicion=at.posicion,
            acuse=acuse,
        ),
    )


def _conflicto(conn: Connection, lote: int, entrada: Entrada) -> None:
    assert entrada.sobre is not None
    folio = folios.parse(entrada.datos["folio"])
    conflictos.insert_conflict(
        conn, str(folio), folio.dispositivo, folio.registro, bytes.fromhex(entrada.sobre.sha256), entrada.sobre.tam,
        int(entrada.datos["recibido_ms"]), lote, entrada.sobre.posicion,
    )  # fmt: skip


def _evento(conn: Connection, lote: int, entrada: Entrada, now_ms: int) -> None:
    datos = entrada.datos
    if datos["evento"] == "alta":
        catalogo.ensure_known(conn, datos["solicitud"], datos["auxiliar"], now_ms)
        dispositivos.insert(conn, datos["auxiliar"], datos["modelo"], datos["en_ms"], id_=datos["dispositivo"])
        dispositivos.add_key(conn, datos["dispositivo"], base64.b64decode(datos["llave"]), datos["en_ms"], lote)
    elif datos["evento"] == "baja":
        dispositivos.set_baja(conn, datos["dispositivo"], datos["en_ms"])
    else:
        raise DiarioError(f"El lote {lote} trae un evento desconocido.")
