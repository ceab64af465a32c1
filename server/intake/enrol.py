"""Alta, baja and re-keying of a phone, as operations of the write thread (rows D1, D2; SPEC §7).

What a phone is told about itself goes into the diario with its row, so that no restore can forget a phone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from server import bitacora
from server.bitacora import Evento
from server.errors import AppError
from server.intake.accept_registro import event_alta, event_baja
from server.store import catalogo, codigos_alta, correos, dispositivos
from server.store.catalogo import Auxiliar
from server.store.writer import Tx
from sync_protocol.alta import CODE_DIGITS, Alta, Baja, SolicitudCodigo

CODE_MS = 15 * 60 * 1000
CODE_ATTEMPTS = 5
CODES_PER_HOUR = 6
MAX_DEVICES = 2


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone that is in. `repetida`: the same key had asked before and its reply was lost."""

    dispositivo: int
    lote: int
    repetida: bool


def _digest(sal: bytes, codigo: str) -> bytes:
    return hashlib.scrypt(codigo.encode(), salt=sal, n=2**10, r=8, p=1, dklen=32)


def _matches(auxiliar: Auxiliar | None, solicitud: int, tipo_cuenta: str, correo: str) -> Auxiliar | None:
    if auxiliar is None or auxiliar.estatus == "por_restaurar":
        return None
    same = (
        auxiliar.aspirante_id == solicitud
        and auxiliar.tipo_cuenta == tipo_cuenta
        and hmac.compare_digest(auxiliar.correo.casefold().encode(), correo.strip().casefold().encode())
    )
    return auxiliar if same else None


def _takes_phones(tx: Tx, auxiliar: Auxiliar) -> bool:
    """Whether the aspirante's registration is active (row B2); one still to be restored is."""
    periodo = catalogo.periodo_of(tx.conn, auxiliar.aspirante_id)
    return periodo is None or periodo.aspirante_activo


def ask_code(tx: Tx, request: SolicitudCodigo) -> None:
    """Queue a one-time code by mail, if account and ids match. Says nothing either way (no enumeration)."""
    auxiliar = _matches(
        catalogo.auxiliar(tx.conn, request.auxiliar), request.solicitud, request.tipo_cuenta, request.correo
    )
    if auxiliar is None or auxiliar.estatus != "activo" or not _takes_phones(tx, auxiliar):
        return
    if codigos_alta.count_since(tx.conn, auxiliar.id, tx.now_ms - 3_600_000) >= CODES_PER_HOUR:
        return
    codigo = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    sal = secrets.token_bytes(16)
    id_ = codigos_alta.insert(tx.conn, auxiliar.id, sal, _digest(sal, codigo), tx.now_ms, tx.now_ms + CODE_MS)
    correos.add(tx.conn, f"codigo:{id_}", "codigo_alta", auxiliar.id, f'{{"codigo":"{codigo}"}}', tx.now_ms, tx.now_ms)
    bitacora.record(tx.conn, tx.now_ms, Evento.CODIGO_ALTA_PEDIDO, actor="sistema", objeto=f"auxiliar:{auxiliar.id}")


@dataclass(frozen=True, slots=True)
class WrongCode:
    """The proof of the account failed. A value and not an exception: the attempt itself must be committed."""

    code: str


def _spend_code(tx: Tx, auxiliar_id: int, codigo: str) -> WrongCode | None:
    newest = codigos_alta.newest(tx.conn, auxiliar_id)
    if newest is None:
        return WrongCode("datos_no_coinciden")
    if newest.usado_ms is not None or tx.now_ms >= newest.vence_ms:
        return WrongCode("codigo_vencido")
    if newest.intentos >= CODE_ATTEMPTS:
        return WrongCode("codigo_agotado")
    if not hmac.compare_digest(newest.resumen, _digest(newest.sal, codigo)):
        codigos_alta.add_attempt(tx.conn, newest.id)
        return WrongCode("datos_no_coinciden")
    codigos_alta.use(tx.conn, newest.id, tx.now_ms)
    return None


def alta(tx: Tx, request: Alta, punto: bytes) -> Enrolled | WrongCode:
    """Enrol a phone, or give one that is enrolled a new key. `punto`: the public key that signed the request.

    Raises AppError `datos_no_coinciden`, `auxiliar_de_baja`, `aspirante_inactivo`, `aviso_no_aceptado`,
    `dispositivos_maximo`.
    """
    auxiliar = _matches(
        catalogo.auxiliar(tx.conn, request.auxiliar), request.solicitud, request.tipo_cuenta, request.correo
    )
    if auxiliar is None:
        raise AppError("datos_no_coinciden")
    known = dispositivos.owner_of_key(tx.conn, punto)
    if known is not None:
        before = dispositivos.get(tx.conn, known[0])
        if before is None or before.auxiliar_id != auxiliar.id:
            raise AppError("datos_no_coinciden")
        return Enrolled(known[0], known[1], repetida=True)
    if auxiliar.estatus != "activo":
        raise AppError("auxiliar_de_baja")
    if not _takes_phones(tx, auxiliar):
        raise AppError("aspirante_inactivo")
    if not request.acepta:
        raise AppError("aviso_no_aceptado")
    active = dispositivos.active_of(tx.conn, auxiliar.id)
    if request.dispositivo is None and len(active) >= MAX_DEVICES:
        raise AppError("dispositivos_maximo", "activos: " + ", ".join(str(id_) for id_ in active))
    if request.dispositivo is not None and request.dispositivo not in active:
        raise AppError("datos_no_coinciden")
    wrong = _spend_code(tx, auxiliar.id, request.codigo)
    if wrong is not None:
        return wrong
    id_ = request.dispositivo or dispositivos.insert(tx.conn, auxiliar.id, request.modelo, tx.now_ms)
    tx.lote.add("evento", event_alta(id_, request.solicitud, auxiliar.id, punto, request.modelo, tx.now_ms))
    dispositivos.add_key(tx.conn, id_, punto, tx.now_ms, tx.lote.numero)
    evento = Evento.DISPOSITIVO_LLAVE if request.dispositivo else Evento.DISPOSITIVO_ALTA
    bitacora.record(
        tx.conn, tx.now_ms, evento, actor=f"auxiliar:{auxiliar.id}", objeto=f"dispositivo:{id_}", aviso=request.aviso
    )
    return Enrolled(id_, tx.lote.numero, repetida=False)


def baja(tx: Tx, request: Baja, *, needs_code: bool) -> int | WrongCode:
    """Baja of a phone of the same auxiliar; returns the lote that holds it. A second baja changes nothing.

    Raises AppError `datos_no_coinciden`.
    """
    phone = dispositivos.get(tx.conn, request.dispositivo)
    if phone is None or phone.auxiliar_id != request.auxiliar or phone.solicitud != request.solicitud:
        raise AppError("datos_no_coinciden")
    if phone.baja_ms is not None:
        return 0  # its reply was lost: the code that it spent cannot be asked for again
    if needs_code:
        wrong = _spend_code(tx, phone.auxiliar_id, request.codigo or "")
        if wrong is not None:
            return wrong
    dispositivos.set_baja(tx.conn, phone.id, tx.now_ms)
    tx.lote.add("evento", event_baja(phone.id, tx.now_ms))
    bitacora.record(
        tx.conn, tx.now_ms, Evento.DISPOSITIVO_BAJA, actor=f"auxiliar:{phone.auxiliar_id}",
        objeto=f"dispositivo:{phone.id}",
    )  # fmt: skip
    return tx.lote.numero
