"""The sync session: what the phone has, against what the server holds; one answer (SPEC §8.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from server import bitacora
from server.bitacora import Evento
from server.clock import hora_del_centro
from server.config import Settings
from server.domain.periodo import Fase, Ventana
from server.errors import AppError
from server.intake.device_auth import Phone, token_digest
from server.store import catalogo, conflictos, registros, sesiones, subidas
from server.store.connection import Connection
from server.store.partials import Partials
from server.store.subidas import Subida
from server.store.writer import Tx
from sync_protocol.errors import CATALOGUE
from sync_protocol.session import Aviso, Entrada, EstadoSobre, RespuestaSesion, SolicitudSesion
from sync_protocol.signing import b64url_decode
from sync_protocol.sobre import MAX_SOBRE, MIN_SOBRE

CLOCK_TOLERANCE_MS = 5 * 60 * 1000
CLOSING_SOON_MS = 48 * 3600 * 1000
SUBIDAS_URL = "/sync/subidas"


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that is in the index."""

    id: int
    token: str
    vence_ms: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the server holds of a phone, read before the session is written. `given`: newest lote of which acuses may
    be given, None without limit."""

    taken: dict[int, registros.Registro]
    refused: dict[tuple[int, bytes], str]
    open_uploads: set[str]
    given: int | None


def read_ledger(conn: Connection, request: SolicitudSesion, given: int | None) -> Ledger:
    """Everything that the answer needs from the index, in four queries whatever the size of the queue."""
    ids = [entry.registro for entry in request.sobres]
    taken = registros.of_device(conn, request.dispositivo, min(ids), max(ids)) if ids else {}
    refused = conflictos.refusals_of(conn, request.dispositivo) | conflictos.conflicts_of(conn, request.dispositivo)
    return Ledger(taken, refused, subidas.of_device(conn, request.dispositivo), given)


def answer_entry(
    entry: Entrada, dispositivo: int, ledger: Ledger, ventana: Ventana | None, now_ms: int, partials: Partials
) -> EstadoSobre:
    """What the server knows of one queued sobre."""
    codigo = b64url_decode(entry.codigo)
    held = ledger.taken.get(entry.registro)
    if held is not None and held.codigo == codigo:
        if ledger.given is None or held.lote <= ledger.given:
            return EstadoSobre(registro=entry.registro, estado="acusado", acuse=held.acuse)
        return EstadoSobre(registro=entry.registro, estado="recibido")
    motivo = ledger.refused.get((entry.registro, codigo)) or _impossible(entry.tam)
    if motivo is None and ventana is not None and not ventana.takes(now_ms):
        motivo = "periodo_cerrado"
    if motivo is not None:
        return EstadoSobre(registro=entry.registro, estado="rechazado", codigo=motivo, texto=CATALOGUE[motivo].text)
    id_ = subidas.upload_id(dispositivo, entry.registro, codigo)
    offset = partials.offset(id_) if id_ in ledger.open_uploads else 0
    return EstadoSobre(
        registro=entry.registro, estado="parcial" if offset else "nuevo", url=f"{SUBIDAS_URL}/{id_}", offset=offset
    )


def _impossible(tam: int) -> str | None:
    if tam > MAX_SOBRE:
        return "sobre_demasiado_grande"
    return "sobre_longitud" if tam < MIN_SOBRE else None


def open_session(
    tx: Tx, request: SolicitudSesion, manifest: bytes, answers: tuple[EstadoSobre, ...], settings: Settings
) -> Opened:
    """Write the session and its uploads. Raises AppError `sesion_repetida` for a nonce that was seen before."""
    token = secrets.token_urlsafe(24)
    vence_ms = tx.now_ms + settings.token_ms
    wanted = {answer.registro for answer in answers if answer.url}
    sesion_id = sesiones.insert(
        tx.conn, request.dispositivo, request.nonce, token_digest(token), manifest, len(wanted), request.reloj_ms,
        tx.now_ms, vence_ms,
    )  # fmt: skip
    if sesion_id is None:
        raise AppError("sesion_repetida")
    subidas.upsert(tx.conn, _uploads(request, wanted, tx.now_ms + settings.subida_vence_ms))
    actor = f"dispositivo:{request.dispositivo}"
    bitacora.record(
        tx.conn, tx.now_ms, Evento.SESION_ABIERTA, actor=actor, objeto=f"sesion:{sesion_id}",
        sobres=len(request.sobres), por_enviar=len(wanted),
    )  # fmt: skip
    if request.borrados:
        bitacora.record(
            tx.conn, tx.now_ms, Evento.SOBRES_BORRADOS_EN_TELEFONO, actor=actor, registros=list(request.borrados)
        )
    return Opened(sesion_id, token, vence_ms)


def _uploads(request: SolicitudSesion, wanted: set[int], vence_ms: int) -> list[Subida]:
    uploads = []
    for entry in request.sobres:
        if entry.registro in wanted:
            codigo = b64url_decode(entry.codigo)
            id_ = subidas.upload_id(request.dispositivo, entry.registro, codigo)
            uploads.append(Subida(id_, request.dispositivo, entry.registro, entry.tam, codigo, vence_ms))
    return uploads


def window(conn: Connection, solicitud: int, gracia_ms: int) -> Ventana | None:
    """The window of an aspirante's periodo."""
    periodo = catalogo.periodo_of(conn, solicitud)
    return Ventana(periodo.inicia_ms, periodo.termina_ms, gracia_ms) if periodo else None


def notices(
    conn: Connection,
    phone: Phone,
    request: SolicitudSesion,
    ventana: Ventana | None,
    now_ms: int,
    *,
    second_copy_down: bool,
) -> tuple[Aviso, ...]:
    """What the auxiliar should know. None of it is a reason to refuse what the phone holds."""
    found: list[Aviso] = []
    auxiliar = catalogo.auxiliar(conn, phone.auxiliar)
    if auxiliar is not None and auxiliar.baja_ms is not None:
        found.append(Aviso("auxiliar_baja", "Usted fue dado de baja como auxiliar. Lo que envíe quedará marcado."))
    if phone.baja_ms is not None:
        found.append(Aviso("dispositivo_baja", "Este teléfono está dado de baja. Lo que envíe quedará marcado."))
    if ventana is not None:
        found.extend(_periodo_notices(ventana, now_ms))
    periodo = catalogo.periodo_of(conn, phone.solicitud)
    if periodo is not None and not periodo.activo:
        found.append(Aviso("periodo_inactivo", "El periodo está inactivo por ahora."))
    if periodo is not None and not periodo.aspirante_activo:
        found.append(
            Aviso("aspirante_inactivo", "El registro de la persona aspirante está inactivo. Lo que envíe se recibe.")
        )
    if abs(request.reloj_ms - now_ms) > CLOCK_TOLERANCE_MS:
        found.append(
            Aviso("reloj_desfasado", "El reloj de este teléfono no es correcto. Ajústelo a la hora automática.")
        )
    if second_copy_down:
        found.append(Aviso("segunda_copia", "El servidor no puede dar acuses en este momento. Conserve lo enviado."))
    return tuple(found)


def _periodo_notices(ventana: Ventana, now_ms: int) -> list[Aviso]:
    fase = ventana.fase(now_ms)
    limite = f"{hora_del_centro(ventana.cierre_ms)} (hora del centro)"
    if fase is Fase.CERRADO:
        return [Aviso("periodo_cerrado", f"El plazo de envío terminó el {limite}.")]
    if fase is Fase.GRACIA:
        return [Aviso("periodo_en_gracia", f"La captación terminó. Puede enviar hasta el {limite}.")]
    if fase is Fase.ABIERTO and ventana.termina_ms - now_ms < CLOSING_SOON_MS:
        fin = hora_del_centro(ventana.termina_ms)
        return [Aviso("periodo_por_cerrar", f"La captación termina el {fin} (hora del centro).")]
    return []


def answer(
    opened: Opened,
    entries: tuple[EstadoSobre, ...],
    avisos: tuple[Aviso, ...],
    ventana: Ventana | None,
    now_ms: int,
    en_vuelo: int,
) -> RespuestaSesion:
    """The whole answer."""
    return RespuestaSesion(
        sesion=opened.id,
        ahora_ms=now_ms,
        token=opened.token,
        vence_ms=opened.vence_ms,
        en_vuelo=en_vuelo,
        inicia_ms=ventana.inicia_ms if ventana else 0,
        termina_ms=ventana.termina_ms if ventana else 0,
        sobres=entries,
        avisos=avisos,
    )
