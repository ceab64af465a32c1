"""The verdict on a registro: valid, inconsistent by an inciso, or raised; and taking it back (rows G2, G5; P13.6-13.8).

One operation: the dictamen, the revision done, the resultado of the apoyo once it is firm, the event. A share is
reviewed twice, blind; where two agree (the same, and of an inconsistency the same inciso) it is firm, where they differ
somebody else decides. A dictamen is never changed: a new one names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.domain.apoyo import Resultado, Via
from server.domain.mesa import EstadoRevision, Fallo, Ronda, pide_segunda
from server.errors import AppError, DatoInvalido
from server.mesa_control import bandeja
from server.mesa_control.criterios import vigentes
from server.store import ajustes, apoyos, dictamenes, elevaciones, revisiones
from server.store.apoyos import Apoyo
from server.store.connection import Connection
from server.store.dictamenes import Dictamen
from server.store.revisiones import Revision
from server.store.writer import Tx

MAX_TEXTO: Final = 500
MAX_PANTALLA: Final = 8_000
"""Characters of `en_pantalla` as JSON."""
DESHACER_MS: Final = 24 * 3_600_000
"""For how long who decided may take it back; afterwards the coordination reopens it, with a reason."""
RETIRADA: Final = "Quien elevó el caso lo retiró."


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided of a revision that they hold. `resultado`: valido, inconsistente, elevado.

    `inciso`, `detalle`: of an inconsistency; `motivo`: of a case that is raised. `abierto_ms`: when it was shown;
    `en_pantalla`: what was to be seen, codes and ids only.
    """

    revision: int
    cuenta: int
    resultado: str
    inciso: str = ""
    detalle: str = ""
    motivo: str = ""
    abierto_ms: int = 0
    en_pantalla: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dictado:
    """What became of it. `firme`: it is the apoyo's resultado; otherwise somebody else gives another opinion, or the
    authority resolves."""

    dictamen: int
    firme: bool
    revision: int


@dataclass(frozen=True, slots=True)
class _Dicho:
    """A verdict that may be given. `version`: of the criteria."""

    fallo: Fallo
    inciso: str
    detalle: str
    version: int


def decidir(tx: Tx, decision: Decision) -> Dictado:
    """Give an opinion. Sent twice by one person, with one content, it is given once.

    Raises AppError (no_encontrado, revision_hecha, revision_ajena, revisor_impedido) or DatoInvalido
    (resultado_ajeno, inciso_ajeno, falta_detalle, falta_motivo, texto_largo, pantalla_grande).
    """
    found = revisiones.get(tx.conn, decision.revision)
    if found is None:
        raise AppError("no_encontrado")
    if found.estado is not EstadoRevision.PENDIENTE:
        return _again(tx, found, decision)
    revision = bandeja.libre_para(tx, decision.revision, decision.cuenta)
    apoyo = _apoyo(tx.conn, revision.apoyo_id)
    dicho = _said(tx.conn, apoyo, decision.resultado, decision.inciso, decision.detalle)
    motivo = _text(decision.motivo)
    if dicho.fallo is Fallo.ELEVADO and not motivo:
        raise DatoInvalido("falta_motivo", "Escriba qué encontró, para que la autoridad pueda resolver.")
    following = _following(tx, apoyo, revision, dicho)
    firme = following is None and dicho.fallo is not Fallo.ELEVADO
    before = dictamenes.firme(tx.conn, apoyo.id) if firme else None
    id_ = _record(
        tx, apoyo, dicho, ronda=revision.ronda, cuenta=decision.cuenta, abierto_ms=decision.abierto_ms,
        en_pantalla=decision.en_pantalla, firme=firme, revision=revision.id, sustituye=before.id if before else None,
    )  # fmt: skip
    revisiones.cerrar(tx.conn, revision.id, EstadoRevision.HECHA)
    if dicho.fallo is Fallo.ELEVADO:
        elevaciones.add(tx.conn, apoyo.id, id_, motivo, decision.cuenta, tx.now_ms)
    if following is not None:
        revisiones.add(tx.conn, apoyo.id, apoyo.solicitud, following, revision.entrada_ms, revision.limite_ms)
    return Dictado(id_, firme, revision.id)


def deshacer(tx: Tx, dictamen: int, cuenta: int) -> Revision:
    """Take back one's own newest opinion, while nothing came after it; the registro waits again, held by this person.

    Raises AppError: no_encontrado, dictamen_no_deshacible (somebody else's, of a hearing, undone before, older than a
    day, or somebody has gone on from it).
    """
    old = dictamenes.get(tx.conn, dictamen)
    if old is None:
        raise AppError("no_encontrado")
    newest = dictamenes.of_apoyo(tx.conn, old.apoyo_id)[-1]
    ended = tx.now_ms - old.en_ms > DESHACER_MS
    revision = revisiones.get(tx.conn, old.revision_id) if old.revision_id is not None else None
    if old.cuenta_id != cuenta or newest.id != old.id or old.resultado is Fallo.ANULADO or revision is None or ended:
        raise AppError("dictamen_no_deshacible")
    waiting = revisiones.pendiente_de(tx.conn, old.apoyo_id)
    if waiting is not None:
        if waiting.tiene(tx.now_ms) is not None:
            raise AppError("dictamen_no_deshacible")
        revisiones.cerrar(tx.conn, waiting.id, EstadoRevision.CANCELADA)
    apoyo = _apoyo(tx.conn, old.apoyo_id)
    raised = elevaciones.of_dictamen(tx.conn, old.id, apoyo.id)
    if raised is not None:
        elevaciones.resolver(tx.conn, raised.id, RETIRADA, cuenta, tx.now_ms)
    dictamenes.add(
        tx.conn, apoyo_id=apoyo.id, revision_id=revision.id, ronda=old.ronda, resultado=Fallo.ANULADO,
        criterios_version=old.criterios_version, cuenta_id=cuenta, abierto_ms=tx.now_ms, en_ms=tx.now_ms,
        en_pantalla="{}", firme=False, sustituye=old.id,
    )  # fmt: skip
    if old.firme:
        _apply(tx.conn, apoyo.id, dictamenes.firme(tx.conn, apoyo.id))
    bitacora.record(
        tx.conn, tx.now_ms, Evento.DICTAMEN_DESHECHO, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{apoyo.id}",
        dictamen=old.id, ronda=old.ronda.value,
    )  # fmt: skip
    again = revisiones.add(
        tx.conn, apoyo.id, apoyo.solicitud, revision.ronda, revision.entrada_ms, revision.limite_ms,
        motivo=revision.motivo, pedida_por=revision.pedida_por,
    )  # fmt: skip
    assert again is not None, "none waits: the one that did was cancelled above"
    if revision.asignada_a is not None:
        revisiones.asignar(tx.conn, [again], revision.asignada_a, tx.now_ms)
    return bandeja.reclamar(tx, again, cuenta)


def en_audiencia(
    tx: Tx,
    audiencia: int,
    apoyo_id: int,
    cuenta: int,
    resultado: str,
    inciso: str,
    detalle: str,
    abierto_ms: int,
    en_pantalla: Mapping[str, Any],
) -> int:
    """The decision of a hearing, firm, in place of the one in force; its id. What waited for another opinion ends.

    Said twice in one hearing with one content, it is said once. Raises AppError: no_encontrado, revisor_impedido (they
    gave an opinion before the hearing); DatoInvalido as `decidir`.
    """
    apoyo = _apoyo(tx.conn, apoyo_id)
    given = dictamenes.of_apoyo(tx.conn, apoyo_id)
    if any(one.cuenta_id == cuenta and one.audiencia_id != audiencia for one in given):
        raise AppError("revisor_impedido")
    if resultado not in (Fallo.VALIDO, Fallo.INCONSISTENTE):
        raise DatoInvalido("resultado_ajeno", "Elija si el registro es válido o tiene una inconsistencia.")
    dicho = _said(tx.conn, apoyo, resultado, inciso, detalle)
    before = dictamenes.firme(tx.conn, apoyo_id)
    if before and before.audiencia_id == audiencia and before.cuenta_id == cuenta and _same(before, dicho):
        return before.id
    _cancel_waiting(tx, apoyo_id)
    return _record(
        tx, apoyo, dicho, ronda=Ronda.AUDIENCIA, cuenta=cuenta, abierto_ms=abierto_ms, en_pantalla=en_pantalla,
        firme=True, audiencia=audiencia, sustituye=before.id if before else None,
    )  # fmt: skip


def por_autoridad(
    tx: Tx, apoyo_id: int, cuenta: int, resultado: str, inciso: str, detalle: str, abierto_ms: int, sustituye: int
) -> int:
    """What the authority resolved of a case that was raised: a firm dictamen; its id. DatoInvalido as `decidir`."""
    apoyo = _apoyo(tx.conn, apoyo_id)
    if resultado not in (Fallo.VALIDO, Fallo.INCONSISTENTE):
        raise DatoInvalido("resultado_ajeno", "Elija si el registro es válido o tiene una inconsistencia.")
    dicho = _said(tx.conn, apoyo, resultado, inciso, detalle)
    _cancel_waiting(tx, apoyo_id)
    return _record(
        tx, apoyo, dicho, ronda=Ronda.REAPERTURA, cuenta=cuenta, abierto_ms=abierto_ms, en_pantalla={}, firme=True,
        sustituye=sustituye,
    )  # fmt: skip


def firme_de(conn: Connection, apoyo_id: int) -> Dictamen | None:
    """The decision in force."""
    return dictamenes.firme(conn, apoyo_id)


def _apoyo(conn: Connection, apoyo_id: int) -> Apoyo:
    found = apoyos.get(conn, apoyo_id)
    if found is None:
        raise AppError("no_encontrado")
    return found


def _again(tx: Tx, revision: Revision, decision: Decision) -> Dictado:
    """A second sending of what was decided is answered as the first; anything else came too late."""
    for one in dictamenes.en_pie(tx.conn, revision.apoyo_id):
        if one.revision_id != revision.id or one.cuenta_id != decision.cuenta:
            continue
        try:
            apoyo = _apoyo(tx.conn, one.apoyo_id)
            dicho = _said(tx.conn, apoyo, decision.resultado, decision.inciso, decision.detalle)
        except DatoInvalido:
            break
        case = elevaciones.of_dictamen(tx.conn, one.id, one.apoyo_id)
        if _same(one, dicho) and (case is None or case.motivo == _text(decision.motivo)):
            return Dictado(one.id, one.firme, revision.id)
    raise AppError("revision_hecha")


def _same(one: Dictamen, dicho: _Dicho) -> bool:
    return (one.resultado, one.inciso, one.detalle) == (dicho.fallo, dicho.inciso, dicho.detalle)


def _text(value: str) -> str:
    clean = " ".join(value.split())
    if len(clean) > MAX_TEXTO:
        raise DatoInvalido("texto_largo", f"Escriba {MAX_TEXTO} caracteres o menos.")
    if not clean.isprintable():
        raise DatoInvalido("texto_con_signos", "Escriba sólo letras, números y signos.")
    return clean


def _said(conn: Connection, apoyo: Apoyo, resultado: str, inciso: str, detalle: str) -> _Dicho:
    """The verdict by the criteria in force. An inconsistency without a written detail carries its criterion's."""
    if resultado not in (Fallo.VALIDO, Fallo.INCONSISTENTE, Fallo.ELEVADO):
        raise DatoInvalido("resultado_ajeno", "Elija una de las decisiones.")
    now = vigentes(conn, apoyo.via)
    fallo = Fallo(resultado)
    if fallo is not Fallo.INCONSISTENTE:
        if inciso or detalle.strip():
            raise DatoInvalido("inciso_sobra", "Sólo una inconsistencia lleva inciso y detalle.")
        return _Dicho(fallo, "", "", now.version)
    criterion = now.de(inciso)
    if criterion is None:
        what = "de una cédula en papel" if apoyo.via is Via.PAPEL else "de la aplicación"
        raise DatoInvalido("inciso_ajeno", f"Ese inciso no está en los criterios vigentes para un apoyo {what}.")
    written = _text(detalle)
    if not written and criterion.pide_detalle:
        raise DatoInvalido("falta_detalle", f"El inciso {inciso}) pide un detalle: {criterion.detalle}.")
    return _Dicho(fallo, inciso, written or criterion.detalle, now.version)


def _following(tx: Tx, apoyo: Apoyo, revision: Revision, dicho: _Dicho) -> Ronda | None:
    """Which opinion must be asked for before it is firm."""
    if dicho.fallo is Fallo.ELEVADO:
        return None
    if revision.ronda is Ronda.PRIMERA:
        pct = ajustes.reglas(tx.conn).segunda_pct
        drawn = pct > 0 and pide_segunda(apoyo.folio, ajustes.sorteo(tx.conn, tx.now_ms), pct)
        return Ronda.SEGUNDA if drawn else None
    if revision.ronda is Ronda.SEGUNDA:
        first = [one for one in dictamenes.en_pie(tx.conn, apoyo.id) if one.ronda is Ronda.PRIMERA]
        if not first or (first[-1].resultado, first[-1].inciso) != (dicho.fallo, dicho.inciso):
            return Ronda.TERCERA
    return None


def _cancel_waiting(tx: Tx, apoyo_id: int) -> None:
    waiting = revisiones.pendiente_de(tx.conn, apoyo_id)
    if waiting is not None:
        revisiones.cerrar(tx.conn, waiting.id, EstadoRevision.CANCELADA)


def _record(
    tx: Tx,
    apoyo: Apoyo,
    dicho: _Dicho,
    *,
    ronda: Ronda,
    cuenta: int,
    abierto_ms: int,
    en_pantalla: Mapping[str, Any],
    firme: bool,
    revision: int | None = None,
    audiencia: int | None = None,
    sustituye: int | None = None,
) -> int:
    shown = msgspec.json.encode(dict(en_pantalla), order="sorted").decode()
    if len(shown) > MAX_PANTALLA:
        raise DatoInvalido("pantalla_grande", "La página envió más de lo que cabe en un dictamen. Recárguela.")
    id_ = dictamenes.add(
        tx.conn, apoyo_id=apoyo.id, revision_id=revision, audiencia_id=audiencia, ronda=ronda, resultado=dicho.fallo,
        inciso=dicho.inciso, detalle=dicho.detalle, criterios_version=dicho.version, cuenta_id=cuenta,
        abierto_ms=abierto_ms, en_ms=tx.now_ms, en_pantalla=shown, firme=firme, sustituye=sustituye,
    )  # fmt: skip
    if firme:
        _apply(tx.conn, apoyo.id, dictamenes.get(tx.conn, id_))
    bitacora.record(
        tx.conn, tx.now_ms, Evento.DICTAMEN, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{apoyo.id}", dictamen=id_,
        revision=revision, audiencia=audiencia, ronda=ronda.value, resultado=dicho.fallo.value, inciso=dicho.inciso,
        criterios=dicho.version, firme=firme, sustituye=sustituye, abierto_ms=abierto_ms,
        en_pantalla=dict(en_pantalla),
    )  # fmt: skip
    return id_


def _apply(conn: Connection, apoyo_id: int, firme: Dictamen | None) -> None:
    """The apoyo's resultado is that of the decision in force; none: it waits."""
    if firme is None:
        apoyos.set_resultado(conn, apoyo_id, Resultado.PENDIENTE)
        return
    apoyos.set_resultado(conn, apoyo_id, Resultado(firme.resultado.value), inciso=firme.inciso, detalle=firme.detalle)
