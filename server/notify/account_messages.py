"""What is said to whoever has an account: of the OPL (row A1) or of an aspirante who enters (row A2).

Pure but for the templates. Instants in ms; `hasta_ms` is when a link or a code stops being good, None when the index
does not say.
"""

from __future__ import annotations

from email.message import EmailMessage

from server.clock import hora_del_centro
from server.domain.roles import Rol
from server.notify.writing import Destinatario, Remitente, one_line, write


def invitacion(to: Destinatario, rol: str, token: str, hasta_ms: int | None, remite: Remitente) -> EmailMessage:
    """The link with which a functionary makes the account's password (row A1)."""
    context = {"perfil": Rol(rol).titulo, "token": token, "hasta": _instant(hasta_ms)}
    return write("invitacion", "Active su cuenta del sistema de apoyo ciudadano", context, to, remite)


def declaracion_devuelta(to: Destinatario, motivo: str, remite: Remitente) -> EmailMessage:
    """The signed Declaración de Confidencialidad needs to be corrected, and why (row A1)."""
    subject = "Su Declaración de Confidencialidad necesita una corrección"
    return write("declaracion_devuelta", subject, {"motivo": one_line(motivo)}, to, remite)


def cuenta_activa(to: Destinatario, rol: str, remite: Remitente) -> EmailMessage:
    """The declaración was accepted: the account can be used (row A1)."""
    return write("cuenta_activa", "Su cuenta está activa", {"perfil": Rol(rol).titulo}, to, remite)


def cuenta_suspendida(to: Destinatario, causa: str, en_ms: int, remite: Remitente) -> EmailMessage:
    """The account can no longer be used, and why."""
    context = {"causa": one_line(causa), "fecha": hora_del_centro(en_ms)}
    return write("cuenta_suspendida", "Su cuenta se suspendió", context, to, remite)


def restablecer(to: Destinatario, token: str, hasta_ms: int | None, remite: Remitente) -> EmailMessage:
    """The link with which a forgotten password is replaced."""
    context = {"token": token, "hasta": _instant(hasta_ms)}
    return write("restablecer", "Restablezca su contraseña", context, to, remite)


def contrasena_cambiada(to: Destinatario, en_ms: int, remite: Remitente) -> EmailMessage:
    """The password has changed: whoever did not do it learns of it."""
    return write("contrasena_cambiada", "Su contraseña cambió", {"en": hora_del_centro(en_ms)}, to, remite)


def acceso(to: Destinatario, codigo: str, hasta_ms: int | None, remite: Remitente) -> EmailMessage:
    """The one-time code with which an aspirante enters (row A2)."""
    context = {"codigo": codigo, "hasta": _instant(hasta_ms)}
    return write("acceso", "Código para entrar a su portal", context, to, remite)


def _instant(ms: int | None) -> str:
    return hora_del_centro(ms) if ms is not None else ""
