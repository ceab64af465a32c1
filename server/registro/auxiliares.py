"""Auxiliares: alta, baja, reactivation, correction, review, and the padrón check (rows C2, C4, B4; P7.3-7.7, P8.6).

Operations of the write thread. Outcomes that are to be expected are values: Rechazo says which field, and why.
What was never confirmed by mail needs no mail of its baja: a person whom the padrón does not know at registration is
told by the aspirante, who sees the reason (P7.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.clock import hora_del_centro
from server.domain.auxiliar import DatosAuxiliar, causa_padron
from server.store import auxiliares, correos, padron
from server.store.auxiliares import Auxiliar
from server.store.connection import Connection
from server.store.padron import Respuesta
from server.store.writer import Tx

SISTEMA = "sistema"
ALTA = "auxiliar_alta"
BAJA = "auxiliar_baja"
RESEND_MS = 10 * 60_000
"""How long a mail must have been under way before it is sent again."""
MAX_CAUSA = 500


@dataclass(frozen=True, slots=True)
class Registrado:
    """An alta. `causa`: why it is a baja already (the padrón), empty when it is active."""

    id: int
    situacion: str
    causa: str = ""


@dataclass(frozen=True, slots=True)
class Rechazo:
    """What was asked for cannot be. `campo`: the field it is about, or empty."""

    campo: str
    codigo: str
    texto: str


@dataclass(frozen=True, slots=True)
class Hecho:
    """It was done; `auxiliar` as it is now."""

    auxiliar: Auxiliar


def repetido(conn: Connection, aspirante_id: int, datos: DatosAuxiliar, but: int | None = None) -> Rechazo | None:
    """Whether the aspirante has this person already, by mail or clave de elector; `but`: the one that is changed.

    A mail that belongs to a baja of the padrón is free: the clave was wrong, and now comes another.
    """
    for one in auxiliares.with_mail(conn, aspirante_id, datos.correo) if datos.correo else ():
        if one.id != but and one.baja_por != "padron":
            return Rechazo("correo", "correo_repetido", f"Ese correo ya es del auxiliar {one.id}{_what_to_do(one)}")
    for one in auxiliares.with_clave(conn, aspirante_id, datos.clave_elector) if datos.clave_elector else ():
        if one.id != but:
            return Rechazo(
                "clave_elector", "clave_elector_repetida",
                f"Esa clave de elector ya es del auxiliar {one.id}{_what_to_do(one)}",
            )  # fmt: skip
    return None


def _what_to_do(one: Auxiliar) -> str:
    if one.estatus != "baja":
        return ", que está activo."
    if one.baja_por == "opl":
        return ", a quien el OPL dio de baja: no puede registrarse otra vez."
    return ", que está de baja: desde su ficha puede reactivarlo."


def registrar(tx: Tx, aspirante_id: int, datos: DatosAuxiliar, actor: str) -> Registrado | Rechazo:
    """One auxiliar by hand. Not in the padrón, or a baja there: registered, and at once dado de baja (P7.6)."""
    closed = cerrado(tx.conn, aspirante_id)
    if closed is not None:
        return closed
    done = agregar(tx, aspirante_id, datos)
    if isinstance(done, Registrado):
        bitacora.record(
            tx.conn, tx.now_ms, Evento.AUXILIAR_ALTA, actor=actor, objeto=f"auxiliar:{done.id}",
            solicitud=aspirante_id, situacion=done.situacion,
        )  # fmt: skip
    return done


def cerrado(conn: Connection, aspirante_id: int) -> Rechazo | None:
    """Why this aspirante registers nobody now."""
    if auxiliares.aspirante_estatus(conn, aspirante_id) == "activo":
        return None
    return Rechazo("", "aspirante_inactivo", "Su registro como aspirante no está activo: consulte al OPL.")


def agregar(tx: Tx, aspirante_id: int, datos: DatosAuxiliar) -> Registrado | Rechazo:
    """The rows of an alta: auxiliar, movimientos and mail. The caller puts it on the record."""
    again = repetido(tx.conn, aspirante_id, datos)
    if again is not None:
        return again
    id_ = auxiliares.free_id(tx.conn)
    if id_ is None:
        return Rechazo("", "ids_agotados", "Este servidor ya dio todos los Id de auxiliar que puede dar.")
    said = padron.ask(tx.conn, datos.clave_elector)
    auxiliares.insert(tx.conn, id_, aspirante_id, datos, said.situacion, tx.now_ms)
    movimiento = auxiliares.add_movimiento(tx.conn, id_, "alta", "Registro en el portal.", "aspirante", tx.now_ms)
    causa = causa_padron(said.situacion, said.motivo, said.corte)
    if causa:
        auxiliares.set_baja(tx.conn, id_, causa, "padron", tx.now_ms)
        auxiliares.add_movimiento(tx.conn, id_, "baja", causa, "padron", tx.now_ms)
    else:
        _mail_alta(tx, id_, movimiento)
    return Registrado(id_, said.situacion, causa)


def dar_de_baja(tx: Tx, auxiliar_id: int, causa: str, por: str, actor: str) -> Hecho | Rechazo:
    """Baja with its cause, by the aspirante or the OPL. What arrives from now on is marked inconsistent (P7.7).

    The OPL may also make a baja of the aspirante its own, so that it is not reactivated.
    """
    causa = causa.strip()
    if not causa or len(causa) > MAX_CAUSA:
        return Rechazo("causa", "causa_faltante", f"Escriba la causa de la baja, en hasta {MAX_CAUSA} caracteres.")
    one = auxiliares.get(tx.conn, auxiliar_id)
    if one is None:
        return Rechazo("", "auxiliar_desconocido", "Ese auxiliar no existe.")
    if one.estatus == "baja" and (por != "opl" or one.baja_por == "opl"):
        return Rechazo("", "ya_de_baja", f"Ya estaba de baja desde el {hora_del_centro(one.baja_ms or 0)}.")
    return _baja(tx, one, causa, por, actor)


def _baja(tx: Tx, one: Auxiliar, causa: str, por: str, actor: str) -> Hecho:
    auxiliares.set_baja(tx.conn, one.id, causa, por, tx.now_ms)
    movimiento = auxiliares.add_movimiento(tx.conn, one.id, "baja", causa, por, tx.now_ms)
    if one.correo:
        datos = msgspec.json.encode({"causa": causa, "por": por}).decode()
        correos.add(tx.conn, f"{BAJA}:{one.id}:{movimiento}", BAJA, one.id, datos, tx.now_ms, tx.now_ms)
    bitacora.record(tx.conn, tx.now_ms, Evento.AUXILIAR_BAJA, actor=actor, objeto=f"auxiliar:{one.id}", por=por)
    return _now(tx, one)


def reactivar(tx: Tx, auxiliar_id: int, actor: str) -> Hecho | Rechazo:
    """The aspirante takes back its own baja, or asks the padrón again about one that it gave. Never the OPL's."""
    one = auxiliares.get(tx.conn, auxiliar_id)
    if one is None or one.estatus != "baja":
        return Rechazo("", "no_de_baja", "Ese auxiliar no está de baja.")
    if one.baja_por not in ("aspirante", "padron"):
        return Rechazo("", "baja_del_opl", "La baja la dio el OPL: sólo el OPL puede revertirla.")
    closed = cerrado(tx.conn, one.aspirante_id)
    if closed is not None:
        return closed
    again = repetido(tx.conn, one.aspirante_id, datos_de(one), one.id)
    if again is not None:
        return again
    said = padron.ask(tx.conn, one.clave_elector)
    auxiliares.set_situacion(tx.conn, one.id, said.situacion)
    causa = causa_padron(said.situacion, said.motivo, said.corte)
    if causa:
        auxiliares.set_baja(tx.conn, one.id, causa, "padron", tx.now_ms)
        if (one.baja_por, one.baja_causa) != ("padron", causa):
            auxiliares.add_movimiento(tx.conn, one.id, "baja", causa, "padron", tx.now_ms)
        return Rechazo("", "padron_no_permite", f"{causa} Sigue de baja.")
    return _alta(tx, one, "Reactivación.", "aspirante", actor)


def _alta(tx: Tx, one: Auxiliar, causa: str, por: str, actor: str) -> Hecho:
    auxiliares.set_activo(tx.conn, one.id)
    movimiento = auxiliares.add_movimiento(tx.conn, one.id, "alta", causa, por, tx.now_ms)
    _mail_alta(tx, one.id, movimiento)
    bitacora.record(tx.conn, tx.now_ms, Evento.AUXILIAR_REACTIVADO, actor=actor, objeto=f"auxiliar:{one.id}", por=por)
    return _now(tx, one)


def editar(tx: Tx, auxiliar_id: int, datos: DatosAuxiliar, actor: str) -> Hecho | Rechazo:
    """Other data. Who it is can only be corrected until a phone was registered; contact data at any time.

    A new clave de elector is asked of the padrón: that gives a baja, or takes back the one that a wrong clave gave.
    """
    one = auxiliares.get(tx.conn, auxiliar_id)
    if one is None:
        return Rechazo("", "auxiliar_desconocido", "Ese auxiliar no existe.")
    if one.baja_por == "opl":
        return Rechazo("", "baja_del_opl", "El OPL dio de baja a este auxiliar: sus datos ya no se cambian.")
    if not identidad_abierta(tx.conn, one):
        datos = replace(
            datos, nombre=one.nombre, apellido_paterno=one.apellido_paterno, apellido_materno=one.apellido_materno,
            fecha_nacimiento=one.fecha_nacimiento, clave_elector=one.clave_elector, curp=one.curp,
        )  # fmt: skip
    again = repetido(tx.conn, one.aspirante_id, datos, one.id)
    if again is not None:
        return again
    auxiliares.update(tx.conn, one.id, datos)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.AUXILIAR_EDITADO, actor=actor, objeto=f"auxiliar:{one.id}",
        campos=[name for name in DatosAuxiliar.__slots__ if getattr(datos, name) != getattr(one, name)],
    )  # fmt: skip
    if datos.clave_elector != one.clave_elector:
        _verify(tx, replace(one, clave_elector=datos.clave_elector), padron.ask(tx.conn, datos.clave_elector), actor)
    now = _now(tx, one)
    if datos.correo != one.correo and now.auxiliar.estatus == "activo" and one.estatus == "activo":
        _mail_alta(tx, one.id, tx.now_ms)  # the new address has never been told the ids
    return now


def identidad_abierta(conn: Connection, one: Auxiliar) -> bool:
    """Whether name, birth, clave and CURP may still be corrected: nobody has identified a phone as this person."""
    return one.estatus == "por_restaurar" or not auxiliares.has_phones(conn, one.id)


def _verify(tx: Tx, one: Auxiliar, said: Respuesta, actor: str) -> None:
    """What the padrón says now is written down, with the baja or alta that follows from it."""
    auxiliares.set_situacion(tx.conn, one.id, said.situacion)
    causa = causa_padron(said.situacion, said.motivo, said.corte)
    if causa and one.estatus != "baja":
        _baja(tx, one, causa, "padron", actor)
    elif causa and one.baja_por == "padron" and causa != one.baja_causa:
        auxiliares.set_baja(tx.conn, one.id, causa, "padron", tx.now_ms)
        auxiliares.add_movimiento(tx.conn, one.id, "baja", causa, "padron", tx.now_ms)
    elif not causa and one.baja_por == "padron":
        _alta(tx, one, "La verificación con el Padrón Electoral fue favorable.", "padron", actor)


def verificar_pendientes(tx: Tx, despues_de: int = 0, limite: int = 500) -> int | None:
    """Ask a padrón that was just put in force about those of whom none could be asked, some at a time.

    Returns up to which Id it was done, None when nobody is left after `despues_de`.
    """
    bajas = 0
    pending = auxiliares.unanswered(tx.conn, despues_de, limite)
    if not pending:
        return None
    for one in pending:
        said = padron.ask(tx.conn, one.clave_elector)
        _verify(tx, one, said, SISTEMA)
        bajas += said.situacion in ("BAJA", "NO_ENCONTRADO")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.AUXILIARES_VERIFICADOS, actor=SISTEMA, verificados=len(pending), bajas=bajas
    )
    return pending[-1].id


def revisar(tx: Tx, auxiliar_id: int, cuenta: int, *, corresponde: bool, causa: str = "") -> Hecho | Rechazo:
    """What the OPL found in the Cédula de Registro (P7.7). "No corresponde" is a baja with its cause, and its mail.

    Found to be the person after all, the baja that the OPL gave is taken back.
    """
    one = auxiliares.get(tx.conn, auxiliar_id)
    if one is None:
        return Rechazo("", "auxiliar_desconocido", "Ese auxiliar no existe.")
    actor = f"cuenta:{cuenta}"
    if not corresponde:
        causa = causa.strip()
        if not causa or len(causa) > MAX_CAUSA:
            return Rechazo("causa", "causa_faltante", f"Escriba la causa de la baja, en hasta {MAX_CAUSA} caracteres.")
        if one.baja_por == "opl" and one.revision == "no_corresponde":
            return Rechazo("", "ya_de_baja", "Ya se había marcado que no corresponde.")
        _baja(tx, one, causa, "opl", actor)
    elif one.baja_por == "opl" and one.revision == "no_corresponde":
        _alta(tx, one, "El OPL revisó de nuevo la cédula y corresponde.", "opl", actor)
    revision = "corresponde" if corresponde else "no_corresponde"
    auxiliares.set_revision(tx.conn, one.id, revision, cuenta, tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.AUXILIAR_REVISADO, actor=actor, objeto=f"auxiliar:{one.id}", revision=revision
    )
    return _now(tx, one)


def reenviar(tx: Tx, auxiliar_id: int, actor: str) -> Hecho | Rechazo:
    """The mail with the ids once more."""
    one = auxiliares.get(tx.conn, auxiliar_id)
    if one is None or one.estatus != "activo" or not one.correo:
        return Rechazo("", "auxiliar_no_activo", "El correo con los Id sólo se envía a auxiliares activos.")
    last = auxiliares.newest_mail(tx.conn, one.id, ALTA)
    if last is not None and (last[0] == "pendiente" or tx.now_ms - last[1] < RESEND_MS):
        return Rechazo("", "correo_reciente", "El correo está en camino o acaba de enviarse. Espere diez minutos.")
    _mail_alta(tx, one.id, tx.now_ms)
    bitacora.record(tx.conn, tx.now_ms, Evento.AUXILIAR_CORREO_REPETIDO, actor=actor, objeto=f"auxiliar:{one.id}")
    return Hecho(one)


def datos_de(one: Auxiliar) -> DatosAuxiliar:
    """The data of an auxiliar as they were given."""
    return DatosAuxiliar(**{name: getattr(one, name) for name in DatosAuxiliar.__slots__})


def _mail_alta(tx: Tx, auxiliar_id: int, which: int) -> None:
    correos.add(tx.conn, f"{ALTA}:{auxiliar_id}:{which}", ALTA, auxiliar_id, "{}", tx.now_ms, tx.now_ms)


def _now(tx: Tx, one: Auxiliar) -> Hecho:
    found = auxiliares.get(tx.conn, one.id)
    assert found is not None  # nobody deletes one
    return Hecho(found)
