"""Garantía de audiencia: asked for, scheduled, held, concluded with its acta (row B8; P14): the write operations.

What may be contested: a registro that the mesa found inconsistent, by a dictamen that no hearing gave. After a hearing
its result stands; the same registro may be contested again only when a later dictamen (a reopened case) finds it
inconsistent anew. It is in one open hearing at most (an index of its own says so too).

Who reviews: active accounts of garantía de audiencia or administración that were named, and never somebody who gave any
opinion on any registro of that hearing before: asked when it is scheduled, when it begins, and at each decision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.domain.dias import CENTRO_MS, DIA_MS
from server.domain.garantia_audiencia import (
    ANTES_MS,
    Acto,
    Cita,
    Conflicto,
    Estado,
    SinRevisar,
    conflictos,
    despues,
    repartir,
)
from server.errors import AppError, DatoInvalido
from server.mesa_control import dictamen
from server.store import archivos, audiencia_registros, audiencia_revisores, audiencias, correos, cuentas
from server.store.audiencia_registros import Impugnables
from server.store.audiencias import Audiencia
from server.store.connection import Connection
from server.store.writer import Tx

PROGRAMADA, CONCLUIDA = "audiencia_programada", "audiencia_concluida"
MAX_ACTA = 5_000_000
"""Bytes of a file that is kept as a row."""
MAX_ARGUMENTO = 2_000
MAX_MINUTOS = 12 * 60


@dataclass(frozen=True, slots=True)
class Solicitada:
    """The request without a date of this aspirante; `agregados`: how many registros came into it now."""

    audiencia: int
    agregados: int


@dataclass(frozen=True, slots=True)
class Programacion:
    """When, where, and who. `revisores`: ids of accounts. `oficialia`: who of Oficialía Electoral takes the acta."""

    inicia_ms: int
    minutos: int
    lugar: str
    oficialia: str
    revisores: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Guardada:
    """It is scheduled like this. `cambio`: it was not so before."""

    cambio: bool


@dataclass(frozen=True, slots=True)
class PorAceptar:
    """Other hearings are too near: saved only once these, and no others, were accepted."""

    conflictos: tuple[Conflicto, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decides of one registro. `resultado`: valido or inconsistente. `en_pantalla`: codes and ids."""

    resultado: str
    inciso: str
    detalle: str
    abierto_ms: int
    en_pantalla: Mapping[str, object]


# -- the aspirante --------------------------------------------------------------------------------------------------


def solicitar(
    tx: Tx, solicitud: int, filtro: Impugnables, cuales: Collection[int] | None, argumento: str, *, cuenta: int
) -> Solicitada:  # fmt: skip
    """Contest what the filter leaves, or those of `cuales` among it: in the request that has no date yet, or a new one.

    Asked for twice it is done once. Raises DatoInvalido `nada_que_impugnar` when nothing can be contested.
    """
    found = audiencia_registros.all_impugnables(tx.conn, solicitud, filtro, cuales)
    open_ = audiencias.por_programar(tx.conn, solicitud)
    if not found:
        if open_ is not None and cuales and set(cuales) <= set(audiencia_registros.apoyos(tx.conn, open_.id)):
            return Solicitada(open_.id, 0)
        raise DatoInvalido("nada_que_impugnar", "No hay registros que puedan impugnarse entre los que eligió.")
    id_ = open_.id if open_ is not None else audiencias.add(tx.conn, solicitud, cuenta, tx.now_ms)
    came = audiencia_registros.add_registros(tx.conn, id_, found, argumento)
    evento = Evento.AUDIENCIA_MODIFICADA if open_ is not None else Evento.AUDIENCIA_SOLICITADA
    _record(tx, evento, cuenta, id_, agregados=came)
    return Solicitada(id_, came)


def retirar(tx: Tx, id_: int, solicitud: int, cuales: Collection[int], *, cuenta: int) -> int:
    """Contest these no longer; how many. Raises DatoInvalido `audiencia_vacia` when none would be left."""
    _of(tx.conn, id_, Acto.MODIFICAR, solicitud)
    there = set(audiencia_registros.apoyos(tx.conn, id_))
    gone = there & set(cuales)
    if gone and gone == there:
        raise DatoInvalido("audiencia_vacia", "Así no quedaría ningún registro: para retirarlos todos, desista.")
    if not gone:
        return 0
    removed = audiencia_registros.remove_registros(tx.conn, id_, gone)
    _record(tx, Evento.AUDIENCIA_MODIFICADA, cuenta, id_, retirados=removed)
    return removed


def argumentar(tx: Tx, id_: int, solicitud: int, argumento: str, *, cuenta: int, apoyo: int | None = None) -> None:
    """What the aspirante says: of one registro, or of all. Until it is scheduled."""
    one = _of(tx.conn, id_, Acto.MODIFICAR, solicitud)
    if apoyo is None:
        if one.motivo == argumento:
            return
        audiencias.set_motivo(tx.conn, id_, argumento)
    elif not audiencia_registros.set_argumento(tx.conn, id_, apoyo, argumento):
        raise AppError("no_encontrado")
    _record(tx, Evento.AUDIENCIA_MODIFICADA, cuenta, id_, argumento=True)


def desistir(tx: Tx, id_: int, solicitud: int, *, cuenta: int) -> None:
    """The whole request is withdrawn, before it begins. Whoever was to review is told; withdrawn twice, it is once."""
    one = audiencias.get(tx.conn, id_, solicitud)
    if one is not None and one.estado is Estado.DESISTIDA:
        return
    one = _of(tx.conn, id_, Acto.DESISTIR, solicitud)
    audiencias.set_estado(tx.conn, id_, Estado.DESISTIDA)
    _record(tx, Evento.AUDIENCIA_DESISTIDA, cuenta, id_)
    if one.estado is Estado.PROGRAMADA:
        for revisor in audiencia_revisores.revisores(tx.conn, id_):
            _mail(tx, PROGRAMADA, id_, revisor.cuenta, "desistida")


# -- the OPL: when, where, who --------------------------------------------------------------------------------------


def programar(
    tx: Tx, id_: int, cita: Programacion, *, aceptados: Collection[str], cuenta: int
) -> Guardada | PorAceptar:
    """Give it a date, a place and reviewers, or others than it has. Whoever is concerned is mailed when it changed.

    Raises DatoInvalido with the field's code, AppError `audiencia_en_otra_etapa`.
    """
    one = _of(tx.conn, id_, Acto.PROGRAMAR)
    before = {revisor.cuenta for revisor in audiencia_revisores.revisores(tx.conn, id_)}
    same_cita = _same(one, cita) and one.estado is Estado.PROGRAMADA
    if same_cita and before == set(cita.revisores):
        return Guardada(cambio=False)
    _check(tx, one, cita, dated=not same_cita)
    near = conflictos_de(tx.conn, id_, cita)
    if not same_cita and {found.codigo for found in near} - set(aceptados):
        return PorAceptar(near)
    audiencias.set_cita(tx.conn, id_, cita.inicia_ms, cita.minutos, cita.lugar, cita.oficialia)
    _name(tx, id_, cita.revisores)
    _record(
        tx, Evento.AUDIENCIA_PROGRAMADA, cuenta, id_, inicia_ms=cita.inicia_ms, minutos=cita.minutos,
        revisores=sorted(cita.revisores), conflictos=[found.otra.id for found in near],
    )  # fmt: skip
    _tell(tx, one, "programada" if one.estado is Estado.SOLICITADA else "cambio", before, aspirante=not same_cita)
    return Guardada(cambio=True)


def nombrar(tx: Tx, id_: int, revisores: Sequence[int], *, cuenta: int) -> bool:
    """Other reviewers, also while it is being held: what nobody looked at yet is spread again. Says if any changed."""
    one = _of(tx.conn, id_, Acto.REVISORES)
    before = {revisor.cuenta for revisor in audiencia_revisores.revisores(tx.conn, id_)}
    if before == set(revisores):
        return False
    _check_revisores(tx, id_, revisores)
    _name(tx, id_, revisores)
    _record(tx, Evento.AUDIENCIA_REVISORES, cuenta, id_, revisores=sorted(revisores))
    _tell(tx, one, "cambio", before, aspirante=False)
    return True


def conflictos_de(conn: Connection, id_: int, cita: Programacion) -> tuple[Conflicto, ...]:
    """Other hearings too near to this one."""
    new = Cita(id_, cita.inicia_ms, cita.minutos, cita.revisores)
    first = new.dias[0] * DIA_MS + CENTRO_MS
    # One that began the day before may still be going on: none is longer than MAX_MINUTOS.
    others = audiencias.citas(conn, first - DIA_MS, new.termina_ms + DIA_MS)
    return conflictos(new, others)


def _same(one: Audiencia, cita: Programacion) -> bool:
    return (one.inicia_ms, one.minutos, one.lugar, one.oficialia) == (
        cita.inicia_ms, cita.minutos, cita.lugar, cita.oficialia,
    )  # fmt: skip


def _check(tx: Tx, one: Audiencia, cita: Programacion, *, dated: bool) -> None:
    if dated and cita.inicia_ms <= tx.now_ms:
        raise DatoInvalido("audiencia_pasada", "Esa fecha y hora ya pasaron: elija otra.")
    if not 1 <= cita.minutos <= MAX_MINUTOS:
        raise DatoInvalido("audiencia_duracion", "Escriba una duración de entre 1 minuto y 12 horas.")
    _check_revisores(tx, one.id, cita.revisores)


def _check_revisores(tx: Tx, id_: int, revisores: Sequence[int]) -> None:
    if not revisores:
        raise DatoInvalido("audiencia_sin_revisores", "Elija al menos a una persona que revise.")
    if set(revisores) - {one.cuenta for one in audiencia_revisores.candidatos(tx.conn)}:
        raise DatoInvalido("revisor_ajeno", "Elija a quienes revisan entre las cuentas activas que se ofrecen.")
    if set(revisores) & audiencia_revisores.impedidos(tx.conn, id_):
        raise DatoInvalido(
            "revisor_impedido", "Quien ya dictaminó alguno de estos registros no puede revisarlos en la audiencia."
        )


def _name(tx: Tx, id_: int, revisores: Sequence[int]) -> None:
    audiencia_revisores.put_revisores(tx.conn, id_, revisores)
    open_ = audiencia_registros.apoyos(tx.conn, id_, faltan=True)
    if open_:
        audiencia_registros.set_revisores_de(tx.conn, id_, repartir(open_, sorted(revisores)))


# -- the hearing ----------------------------------------------------------------------------------------------------


def iniciar(tx: Tx, id_: int, asistentes: str, *, cuenta: int, administra: bool) -> None:
    """It is being held from now on; who is there is noted. Begun twice, it is once."""
    one = audiencias.get(tx.conn, id_)
    if one is not None and one.estado is Estado.EN_DESAHOGO:
        return
    one = _of(tx.conn, id_, Acto.INICIAR)
    if not administra and not audiencia_revisores.is_revisor(tx.conn, id_, cuenta):
        raise AppError("audiencia_ajena")
    assert one.inicia_ms is not None, "the schema says so"
    if tx.now_ms < one.inicia_ms - ANTES_MS:
        raise AppError("audiencia_aun_no")
    # Since it was scheduled an account may have been suspended, or have decided one of these in the mesa.
    _check_revisores(tx, id_, [revisor.cuenta for revisor in audiencia_revisores.revisores(tx.conn, id_)])
    audiencias.set_estado(tx.conn, id_, Estado.EN_DESAHOGO)
    numero = audiencias.open_sesion(tx.conn, one, asistentes, cuenta, tx.now_ms)
    _record(tx, Evento.AUDIENCIA_INICIADA, cuenta, id_, sesion=numero)


def mirar(tx: Tx, id_: int, apoyo: int, *, cuenta: int) -> None:
    """A reviewer has this registro before the room. On the record; raises AppError `audiencia_ajena`."""
    _mine(tx, id_, apoyo, cuenta)
    audiencia_revisores.set_mirando(tx.conn, id_, cuenta, apoyo)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.DATOS_CONSULTADOS, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{apoyo}",
        pantalla="audiencia", audiencia=id_,
    )  # fmt: skip


def decidir(tx: Tx, id_: int, apoyo: int, decision: Decision, *, cuenta: int) -> int:
    """A reviewer confirms what was found or changes it; the id of the dictamen. The same again changes nothing.

    Raises AppError `audiencia_ajena`, `audiencia_en_otra_etapa`, and whatever the dictamen does.
    """
    row = _mine(tx, id_, apoyo, cuenta)
    said = row.despues
    if said is not None and (said.resultado, said.inciso, said.detalle) == (
        decision.resultado, decision.inciso, decision.detalle,
    ):  # fmt: skip
        return said.dictamen
    made = dictamen.en_audiencia(
        tx, id_, apoyo, cuenta, decision.resultado, decision.inciso, decision.detalle, decision.abierto_ms,
        dict(decision.en_pantalla),
    )  # fmt: skip
    audiencia_registros.set_final(tx.conn, id_, apoyo, made)
    return made


def no_revisar(tx: Tx, id_: int, apoyo: int, why: SinRevisar, *, cuenta: int) -> None:
    """A registro stays as it was, and why; `SinRevisar.NO` takes it back. What was decided cannot be left out."""
    row = _mine(tx, id_, apoyo, cuenta)
    if row.despues is not None:
        raise AppError("audiencia_en_otra_etapa")
    if row.sin_revisar is why:
        return
    audiencia_registros.set_sin_revisar(tx.conn, id_, apoyo, why)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.AUDIENCIA_SIN_REVISAR, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{apoyo}",
        audiencia=id_, motivo=why.value,
    )  # fmt: skip


def continuar(
    tx: Tx, id_: int, motivo: str, cita: Programacion, *, aceptados: Collection[str], cuenta: int
) -> Guardada | PorAceptar:
    """What is left goes on another day. What was decided stands."""
    one = _of(tx.conn, id_, Acto.CONTINUAR)
    _check(tx, one, cita, dated=True)
    near = conflictos_de(tx.conn, id_, cita)
    if {found.codigo for found in near} - set(aceptados):
        return PorAceptar(near)
    before = {revisor.cuenta for revisor in audiencia_revisores.revisores(tx.conn, id_)}
    audiencias.close_sesion(tx.conn, id_, tx.now_ms, motivo)
    audiencias.set_cita(tx.conn, id_, cita.inicia_ms, cita.minutos, cita.lugar, cita.oficialia)
    _name(tx, id_, cita.revisores)
    _record(tx, Evento.AUDIENCIA_SUSPENDIDA, cuenta, id_, inicia_ms=cita.inicia_ms, revisores=sorted(cita.revisores))
    _tell(tx, one, "continua", before, aspirante=True)
    return Guardada(cambio=True)


def huella(conn: Connection, id_: int) -> bytes:
    """All that an acta says of what was decided, as a digest: whoever makes the acta learns whether it still holds."""
    rows, _, _ = audiencia_registros.registros(conn, id_)
    said = [
        (row.apoyo, row.antes.dictamen, row.despues and row.despues.dictamen, row.sin_revisar.value) for row in rows
    ]
    return hashlib.sha256(msgspec.json.encode([said, [s.numero for s in audiencias.sesiones(conn, id_)]])).digest()


def concluir(tx: Tx, id_: int, acta: bytes, hecha_de: bytes, concluida_ms: int, *, cuenta: int) -> None:
    """It is over, and this PDF is its acta. `hecha_de`: the `huella` from which it was made. Twice is once.

    Raises AppError `audiencia_faltan` while a registro waits, `audiencia_cambio` when something was decided meanwhile.
    """
    one = audiencias.get(tx.conn, id_)
    if one is not None and one.estado is Estado.CONCLUIDA:
        return
    one = _of(tx.conn, id_, Acto.CONCLUIR)
    totales = audiencias.totales(tx.conn, id_)
    if totales.faltan:
        raise AppError("audiencia_faltan")
    if huella(tx.conn, id_) != hecha_de:
        raise AppError("audiencia_cambio")
    kept = archivos.add(tx.conn, f"acta-audiencia-{id_}.pdf", "application/pdf", acta, tx.now_ms) \
        if len(acta) <= MAX_ACTA else None  # fmt: skip
    resumen = hashlib.sha256(acta).digest()
    audiencias.close_sesion(tx.conn, id_, concluida_ms)
    audiencias.conclude(tx.conn, id_, concluida_ms, resumen, kept)
    _record(
        tx, Evento.AUDIENCIA_CONCLUIDA, cuenta, id_, registros=totales.registros, confirmados=totales.confirmados,
        cambiados=totales.cambiados, otro_inciso=totales.otro_inciso, sin_revisar=totales.sin_revisar,
        acta=resumen.hex(),
    )  # fmt: skip
    account = cuentas.of_aspirante(tx.conn, one.solicitud)
    if account is not None:
        _mail(tx, CONCLUIDA, id_, account.id, "concluida")


# -- shared ---------------------------------------------------------------------------------------------------------


def _of(conn: Connection, id_: int, acto: Acto, solicitud: int | None = None) -> Audiencia:
    one = audiencias.get(conn, id_, solicitud)
    if one is None:
        raise AppError("no_encontrado")
    if despues(one.estado, acto) is None:
        raise AppError("audiencia_en_otra_etapa")
    return one


def _mine(tx: Tx, id_: int, apoyo: int, cuenta: int) -> audiencia_registros.Renglon:
    _of(tx.conn, id_, Acto.REVISAR)
    row = audiencia_registros.registro(tx.conn, id_, apoyo)
    if row is None:
        raise AppError("no_encontrado")
    if row.revisor != cuenta or not audiencia_revisores.is_revisor(tx.conn, id_, cuenta):
        raise AppError("audiencia_ajena")
    return row


def _record(tx: Tx, evento: Evento, cuenta: int, id_: int, **datos: object) -> None:
    bitacora.record(tx.conn, tx.now_ms, evento, actor=f"cuenta:{cuenta}", objeto=f"audiencia:{id_}", **datos)


def _tell(tx: Tx, one: Audiencia, que: str, before: Collection[int], *, aspirante: bool) -> None:
    account = cuentas.of_aspirante(tx.conn, one.solicitud) if aspirante else None
    if account is not None:
        _mail(tx, PROGRAMADA, one.id, account.id, que)
    for revisor in audiencia_revisores.revisores(tx.conn, one.id):
        if aspirante or revisor.cuenta not in before:
            _mail(tx, PROGRAMADA, one.id, revisor.cuenta, "nombrado" if revisor.cuenta not in before else que)


def _mail(tx: Tx, clase: str, id_: int, cuenta: int, que: str) -> None:
    # One row for each hearing and person: a second change before the first was sent makes one mail, of what holds.
    datos = msgspec.json.encode({"audiencia": id_, "que": que}).decode()
    correos.add_to_account(tx.conn, f"{clase}:{id_}:{cuenta}", clase, cuenta, datos, tx.now_ms)
