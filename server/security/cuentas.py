"""The life of an account, as operations of the write thread (rows A1, A4): invited, declared, accepted, suspended.

A functionary's account is `invitada` until its link is opened and a password chosen, `por_declarar` until the signed
Declaración de Confidencialidad is handed in, `por_aceptar` until an administrator accepted it, then `activa`. Who acts
is looked at again inside the operation: an administrator who was suspended a moment ago suspends nobody.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.domain import sesion_portal
from server.domain.roles import Rol
from server.errors import DatoInvalido
from server.security import entrada
from server.security.archivo_firmado import Firmado
from server.store import archivos, correos, cuentas, declaraciones, llaves_correo, sesiones_portal
from server.store.connection import Connection
from server.store.cuentas import Cuenta
from server.store.writer import Tx

INVITACION_MS = 7 * 24 * 3_600_000
RESTABLECER_MS = 3_600_000
RESTABLECER_POR_HORA = 4

Autor = int | None
"""The administrator's account that acts; None at the console of the box."""


@dataclass(frozen=True, slots=True)
class Datos:
    """Who gets an account of the OPL (P5.3)."""

    nombre: str
    cargo: str
    correo: str
    telefono: str
    rol: Rol


@dataclass(frozen=True, slots=True)
class Invitada:
    """An account with its invitation. `token`: for the link, for who has no mail server."""

    cuenta: int
    token: str


def _actor(autor: Autor) -> str:
    return "consola" if autor is None else f"cuenta:{autor}"


def _administrator(tx: Tx, autor: Autor) -> None:
    if autor is not None and autor not in cuentas.active_administrators(tx.conn):
        raise DatoInvalido("sin_permiso", "Su cuenta ya no administra este sistema. Vuelva a entrar.")


def _functionary(tx: Tx, cuenta_id: int) -> Cuenta:
    cuenta = cuentas.get(tx.conn, cuenta_id)
    if cuenta is None or cuenta.rol == Rol.ASPIRANTE:
        raise DatoInvalido("cuenta_desconocida", "Esa cuenta no existe.")
    return cuenta


def invite(tx: Tx, datos: Datos, autor: Autor) -> Invitada:
    """A new account of the OPL, and its invitation by mail. Raises DatoInvalido."""
    _administrator(tx, autor)
    if datos.rol == Rol.ASPIRANTE:
        raise DatoInvalido("rol_invalido", "La cuenta de una persona aspirante nace con su registro, no aquí.")
    if cuentas.of_opl(tx.conn, datos.correo) is not None:
        raise DatoInvalido(
            "correo_ocupado", "Ya hay una cuenta con ese correo. Cada persona tiene una sola cuenta, y no se comparte."
        )
    cuenta = cuentas.add(
        tx.conn, rol=datos.rol, nombre=datos.nombre, cargo=datos.cargo, correo=datos.correo, telefono=datos.telefono,
        estatus="invitada", now_ms=tx.now_ms,
    )  # fmt: skip
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CUENTA_INVITADA, actor=_actor(autor), objeto=f"cuenta:{cuenta}", rol=datos.rol
    )
    return Invitada(cuenta, _mail_link(tx, "invitacion", cuenta, INVITACION_MS))


def invite_again(tx: Tx, cuenta_id: int, autor: Autor) -> Invitada:
    """Another invitation; the one before is good no longer. Raises DatoInvalido."""
    _administrator(tx, autor)
    if _functionary(tx, cuenta_id).estatus != "invitada":
        raise DatoInvalido("ya_acepto", "Esa persona ya aceptó su invitación.")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CUENTA_INVITADA, actor=_actor(autor), objeto=f"cuenta:{cuenta_id}", otra_vez=True
    )
    return Invitada(cuenta_id, _mail_link(tx, "invitacion", cuenta_id, INVITACION_MS))


def _mail_link(tx: Tx, clase: str, cuenta_id: int, dura_ms: int) -> str:
    token = secrets.token_urlsafe(32)
    digest = entrada.link_digest(token)
    llave = llaves_correo.add(tx.conn, clase, cuenta_id, digest, tx.now_ms, tx.now_ms + dura_ms)
    _mail(tx, f"{clase}:{llave}", clase, cuenta_id, token=token)
    return token


def _mail(tx: Tx, clave: str, clase: str, cuenta_id: int, **datos: object) -> None:
    correos.add_to_account(tx.conn, clave, clase, cuenta_id, msgspec.json.encode(datos).decode(), tx.now_ms)


def whose_link(conn: Connection, clase: str, token: str, now_ms: int) -> Cuenta | None:
    """Whose invitation (`invitacion`) or reset (`restablecer`) this is; None once it is used, replaced or expired."""
    llave = llaves_correo.by_digest(conn, clase, entrada.link_digest(token))
    if llave is None or llave.usada_ms is not None:
        return None
    if not sesion_portal.vigente(llave.creada_ms, llave.vence_ms, now_ms):
        return None
    cuenta = cuentas.get(conn, llave.cuenta_id)
    if cuenta is None or cuenta.estatus == "suspendida" or (clase == "invitacion") != (cuenta.estatus == "invitada"):
        return None
    return cuenta


def accept_invitation(tx: Tx, token: str, contrasena: str) -> Cuenta | None:
    """Choose the first password (`contrasena`: its hash). None when the link is good no longer, or was used."""
    cuenta = _spend_link(tx, "invitacion", token)
    if cuenta is None:
        return None
    cuentas.set_contrasena(tx.conn, cuenta.id, contrasena)
    _advance(tx, cuenta.id)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.INVITACION_ACEPTADA, actor=f"cuenta:{cuenta.id}", objeto=f"cuenta:{cuenta.id}"
    )
    return cuentas.get(tx.conn, cuenta.id)


def _spend_link(tx: Tx, clase: str, token: str) -> Cuenta | None:
    cuenta = whose_link(tx.conn, clase, token, tx.now_ms)
    llave = llaves_correo.by_digest(tx.conn, clase, entrada.link_digest(token))
    if cuenta is None or llave is None or not llaves_correo.use(tx.conn, llave.id, tx.now_ms):
        return None
    return cuenta


def _advance(tx: Tx, cuenta_id: int) -> None:
    """Where an account stands follows from what there is of it."""
    newest = declaraciones.newest_of(tx.conn, cuenta_id)
    cuenta = cuentas.get(tx.conn, cuenta_id)
    assert cuenta is not None
    if cuenta.rol == Rol.ASPIRANTE:
        estatus = "activa"
    elif cuenta.contrasena is None:
        estatus = "invitada"
    elif declaraciones.accepted(tx.conn, cuenta_id):
        estatus = "activa"
    else:
        estatus = "por_aceptar" if newest is not None and newest.estado == "entregada" else "por_declarar"
    cuentas.set_estatus(tx.conn, cuenta_id, estatus)


def ask_reset(tx: Tx, cuenta_id: int | None) -> None:
    """Mail a link for another password; who never had one is invited again. Says nothing either way."""
    cuenta = cuentas.get(tx.conn, cuenta_id) if cuenta_id is not None else None
    if cuenta is None or cuenta.estatus == "suspendida":
        bitacora.record(tx.conn, tx.now_ms, Evento.RESTABLECER_PEDIDO, actor="anonimo", enviado=False)
        return
    clase, dura = ("invitacion", INVITACION_MS) if cuenta.estatus == "invitada" else ("restablecer", RESTABLECER_MS)
    if llaves_correo.count_since(tx.conn, clase, cuenta.id, tx.now_ms - 3_600_000) >= RESTABLECER_POR_HORA:
        return
    _mail_link(tx, clase, cuenta.id, dura)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.RESTABLECER_PEDIDO, actor="anonimo", objeto=f"cuenta:{cuenta.id}", enviado=True
    )


def send_reset(tx: Tx, cuenta_id: int, autor: Autor) -> Invitada:
    """A link for another password that an administrator hands out. Raises DatoInvalido."""
    _administrator(tx, autor)
    cuenta = _functionary(tx, cuenta_id)
    if cuenta.estatus == "invitada":
        return invite_again(tx, cuenta_id, autor)
    if cuenta.estatus == "suspendida":
        raise DatoInvalido("cuenta_suspendida", "La cuenta está suspendida: reactívela primero.")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.RESTABLECER_PEDIDO, actor=_actor(autor), objeto=f"cuenta:{cuenta_id}", enviado=True
    )
    return Invitada(cuenta_id, _mail_link(tx, "restablecer", cuenta_id, RESTABLECER_MS))


def reset_password(tx: Tx, token: str, contrasena: str) -> Cuenta | None:
    """Another password by a mailed link. Every session ends; the second factor stays. None: good no longer."""
    cuenta = _spend_link(tx, "restablecer", token)
    if cuenta is None:
        return None
    cuentas.set_contrasena(tx.conn, cuenta.id, contrasena)
    sesiones_portal.close_all(tx.conn, cuenta.id, tx.now_ms)
    llaves_correo.void(tx.conn, cuenta.id, tx.now_ms)
    _password_changed(tx, cuenta.id, "correo")
    return cuenta


def change_password(tx: Tx, cuenta_id: int, comparada: str | None, contrasena: str, sesion: int) -> bool:
    """Another password for who gave the one before, whose hash was `comparada` (None: an aspirante had none).

    The other sessions end. False when it was changed meanwhile.
    """
    cuenta = cuentas.get(tx.conn, cuenta_id)
    if cuenta is None or cuenta.estatus == "suspendida" or cuenta.contrasena != comparada:
        return False
    cuentas.set_contrasena(tx.conn, cuenta_id, contrasena)
    sesiones_portal.close_all(tx.conn, cuenta_id, tx.now_ms, but=sesion)
    llaves_correo.void(tx.conn, cuenta_id, tx.now_ms)
    _password_changed(tx, cuenta_id, "portal")
    return True


def _password_changed(tx: Tx, cuenta_id: int, por: str) -> None:
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CONTRASENA_CAMBIADA, actor=f"cuenta:{cuenta_id}", objeto=f"cuenta:{cuenta_id}",
        por=por,
    )  # fmt: skip
    _mail(tx, f"contrasena:{cuenta_id}:{tx.now_ms}", "contrasena_cambiada", cuenta_id, en_ms=tx.now_ms)


def correct(tx: Tx, cuenta_id: int, *, nombre: str, cargo: str, telefono: str) -> None:
    """What people correct about themselves."""
    cuentas.set_datos(tx.conn, cuenta_id, nombre=nombre, cargo=cargo, telefono=telefono)
    bitacora.record(tx.conn, tx.now_ms, Evento.CUENTA_DATOS, actor=f"cuenta:{cuenta_id}", objeto=f"cuenta:{cuenta_id}")


def hand_in(tx: Tx, cuenta_id: int, archivo: Firmado) -> int:
    """The signed declaración; an administrator is to look at it. Raises DatoInvalido when none is awaited."""
    cuenta = _functionary(tx, cuenta_id)
    if cuenta.estatus != "por_declarar":
        raise DatoInvalido(
            "declaracion_no_esperada", "Su declaración ya fue entregada. Un administrador la revisará y le avisará."
        )
    id_ = _hand_in(tx, cuenta_id, archivo)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.DECLARACION_ENTREGADA, actor=f"cuenta:{cuenta_id}", objeto=f"declaracion:{id_}"
    )
    _advance(tx, cuenta_id)
    return id_


def _hand_in(tx: Tx, cuenta_id: int, archivo: Firmado) -> int:
    kept = archivos.add(tx.conn, archivo.nombre, archivo.medio, archivo.contenido, tx.now_ms)
    return declaraciones.add(tx.conn, cuenta_id, kept, tx.now_ms)


def resolve(tx: Tx, declaracion_id: int, autor: int, *, acepta: bool, motivo: str = "") -> None:
    """An administrator accepts a declaración, or returns it with a reason. Raises DatoInvalido."""
    _administrator(tx, autor)
    found = declaraciones.get(tx.conn, declaracion_id)
    if found is None:
        raise DatoInvalido("declaracion_desconocida", "Esa declaración no existe.")
    if found.cuenta_id == autor:
        raise DatoInvalido("declaracion_propia", "Su propia declaración debe aceptarla otra persona.")
    motivo = motivo.strip()
    if not acepta and not motivo:
        raise DatoInvalido("falta_motivo", "Diga por qué se devuelve: la persona leerá el motivo en su correo.")
    cuenta = _functionary(tx, found.cuenta_id)
    estado = "aceptada" if acepta else "devuelta"
    if not declaraciones.resolve(tx.conn, found.id, estado, motivo, autor, tx.now_ms):
        raise DatoInvalido("declaracion_resuelta", "Otra persona ya resolvió esa declaración.")
    evento = Evento.DECLARACION_ACEPTADA if acepta else Evento.DECLARACION_DEVUELTA
    bitacora.record(tx.conn, tx.now_ms, evento, actor=_actor(autor), objeto=f"declaracion:{found.id}")
    if cuenta.estatus == "suspendida":
        return  # it waits for its reactivation
    _advance(tx, cuenta.id)
    if acepta:
        _mail(tx, f"activa:{found.id}", "cuenta_activa", cuenta.id)
    else:
        _mail(tx, f"devuelta:{found.id}", "declaracion_devuelta", cuenta.id, motivo=motivo)


def declare_at_console(tx: Tx, cuenta_id: int, archivo: Firmado) -> None:
    """The declaración of who is invited from the console, received there, on the record as such."""
    id_ = _hand_in(tx, cuenta_id, archivo)
    declaraciones.resolve(tx.conn, id_, "aceptada", "", None, tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.DECLARACION_ACEPTADA, actor="consola", objeto=f"declaracion:{id_}",
        en_papel=archivo.medio == "text/plain",
    )  # fmt: skip
    _advance(tx, cuenta_id)


def suspend(tx: Tx, cuenta_id: int, autor: Autor, causa: str) -> None:
    """Nobody enters by this account any more; its sessions and mailed links end. Raises DatoInvalido."""
    _administrator(tx, autor)
    cuenta = _functionary(tx, cuenta_id)
    causa = causa.strip()
    if not causa:
        raise DatoInvalido("falta_causa", "Diga por qué se suspende: la persona leerá la causa en su correo.")
    if cuenta.estatus == "suspendida":
        raise DatoInvalido("ya_suspendida", "Esa cuenta ya estaba suspendida.")
    if cuenta_id == autor:
        raise DatoInvalido("cuenta_propia", "Su propia cuenta debe suspenderla otra persona.")
    _not_the_last(tx, cuenta_id)
    cuentas.set_estatus(tx.conn, cuenta_id, "suspendida")
    sesiones_portal.close_all(tx.conn, cuenta_id, tx.now_ms)
    llaves_correo.void(tx.conn, cuenta_id, tx.now_ms)
    bitacora.record(tx.conn, tx.now_ms, Evento.CUENTA_SUSPENDIDA, actor=_actor(autor), objeto=f"cuenta:{cuenta_id}")
    _mail(tx, f"suspendida:{cuenta_id}:{tx.now_ms}", "cuenta_suspendida", cuenta_id, causa=causa)


def _not_the_last(tx: Tx, cuenta_id: int) -> None:
    if cuentas.active_administrators(tx.conn) == [cuenta_id]:
        raise DatoInvalido(
            "ultima_administracion",
            "Es la única cuenta activa que administra: sin ella nadie podría invitar ni aceptar a nadie. "
            "Active antes a otra persona con ese rol.",
        )


def reactivate(tx: Tx, cuenta_id: int, autor: Autor) -> str:
    """The account goes on where it stood; returns its estatus. Raises DatoInvalido."""
    _administrator(tx, autor)
    if _functionary(tx, cuenta_id).estatus != "suspendida":
        raise DatoInvalido("no_suspendida", "Esa cuenta no está suspendida.")
    _advance(tx, cuenta_id)
    bitacora.record(tx.conn, tx.now_ms, Evento.CUENTA_REACTIVADA, actor=_actor(autor), objeto=f"cuenta:{cuenta_id}")
    cuenta = _functionary(tx, cuenta_id)
    if cuenta.estatus == "invitada":
        _mail_link(tx, "invitacion", cuenta_id, INVITACION_MS)
    elif cuenta.estatus == "activa":
        _mail(tx, f"activa:{cuenta_id}:{tx.now_ms}", "cuenta_activa", cuenta_id)
    return cuenta.estatus


def change_role(tx: Tx, cuenta_id: int, rol: Rol, autor: Autor) -> None:
    """Another role of the OPL; who had sessions enters again. Raises DatoInvalido."""
    _administrator(tx, autor)
    cuenta = _functionary(tx, cuenta_id)
    if rol == Rol.ASPIRANTE:
        raise DatoInvalido("rol_invalido", "La cuenta de una persona aspirante nace con su registro, no aquí.")
    if cuenta.rol == rol:
        return
    _not_the_last(tx, cuenta_id)
    cuentas.set_rol(tx.conn, cuenta_id, rol)
    sesiones_portal.close_all(tx.conn, cuenta_id, tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CUENTA_ROL, actor=_actor(autor), objeto=f"cuenta:{cuenta_id}", antes=cuenta.rol,
        despues=rol,
    )  # fmt: skip


def take_factor_away(tx: Tx, cuenta_id: int, autor: Autor) -> None:
    """For who lost phone and printed codes: a new one is made at the next entry. Sessions end. Raises DatoInvalido."""
    _administrator(tx, autor)
    if _functionary(tx, cuenta_id).totp_secreto is None:
        raise DatoInvalido("sin_factor", "Esa cuenta no tiene un segundo paso que retirar.")
    if cuenta_id == autor:
        raise DatoInvalido("cuenta_propia", "El suyo debe retirarlo otra persona.")
    entrada.forget_factor(tx, cuenta_id, actor=_actor(autor))
    sesiones_portal.close_all(tx.conn, cuenta_id, tx.now_ms)
