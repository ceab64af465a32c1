"""/opl/administracion/correos: mail that was given up: what went wrong, send it again, or drop it (row D6).

It names accounts and auxiliares by their ids; no address and no name is on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server import bitacora
from server.bitacora import Evento
from server.errors import AppError
from server.portals.visita import Visita
from server.store import correos
from server.store.correos import Fallido
from server.store.writer import Tx

PAGE = 50
CLASES = {
    "codigo_alta": "Código para registrar un teléfono",
    "acuses": "Acuse de recibo",
    "aviso": "Aviso a la administración",
    "invitacion": "Invitación a una cuenta",
    "declaracion_devuelta": "Declaración por corregir",
    "cuenta_activa": "Cuenta activa",
    "cuenta_suspendida": "Cuenta suspendida",
    "restablecer": "Enlace para restablecer la contraseña",
    "contrasena_cambiada": "Contraseña cambiada",
    "acceso": "Código para entrar",
    "aspirante_registrado": "Registro de aspirante confirmado",
    "aspirante_baja": "Baja de aspirante",
    "auxiliar_alta": "Alta de auxiliar",
    "auxiliar_baja": "Baja de auxiliar",
}
_NAMED = {
    "SMTPRecipientsRefused": "El servidor de correo no aceptó la dirección: corríjala en su registro.",
    "SMTPSenderRefused": "El servidor de correo no aceptó al remitente (ACOPIO_CORREO_DE).",
    "SMTPDataError": "El servidor de correo no aceptó el mensaje: pregunte a quien lo administra.",
    "SMTPAuthenticationError": "El servidor de correo no aceptó el usuario o la contraseña (ACOPIO_SMTP_URL).",
    "SMTPNotSupported": "El servidor de correo no admite algo que hace falta (cifrado, o letras de esa dirección).",
    "SMTPConnectError": "No se pudo llegar al servidor de correo: revise ACOPIO_SMTP_URL y la red.",
    "SMTPConnectTimeoutError": "El servidor de correo no respondió a tiempo.",
    "SMTPReadTimeoutError": "El servidor de correo no respondió a tiempo.",
    "SMTPTimeoutError": "El servidor de correo no respondió a tiempo.",
    "SMTPServerDisconnected": "El servidor de correo cortó la conexión.",
    "SMTPConnectResponseError": "El servidor de correo no quiso atender.",
    "TimeoutError": "El servidor de correo no respondió a tiempo.",
    "ConnectionRefusedError": "No se pudo llegar al servidor de correo: revise ACOPIO_SMTP_URL y la red.",
    "SSLCertVerificationError": "No se pudo comprobar el certificado del servidor de correo.",
    "ValueError": "La dirección no es válida: corríjala en su registro.",
    "IndexError": "La dirección no es válida: corríjala en su registro.",
}


@dataclass(frozen=True, slots=True)
class Renglon:
    """One mail. `a`: whose, in words; `enlace`: the page of that person, "" where there is none."""

    id: int
    que: str
    a: str
    enlace: str
    creado_ms: int
    intentos: int
    error: str
    codigo: str


@dataclass(frozen=True, slots=True)
class CorreosContext:
    """`renglones`: those of this page, oldest first; `total`: all of them. `siguiente`: the next page, or ""."""

    renglones: list[Renglon]
    total: int
    siguiente: str


@dataclass(frozen=True, slots=True)
class DescartarContext:
    """`correo`: the one that would be dropped."""

    correo: Renglon


async def lista(v: Visita) -> Response:
    """GET /opl/administracion/correos?desde=ID"""
    given = v.request.query_params.get("desde", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0
    found, total = await v.read(lambda conn: (correos.given_up(conn, after, PAGE + 1), correos.counts(conn)["fallido"]))
    following = f"?desde={found[PAGE - 1].id}" if len(found) > PAGE else ""
    context = CorreosContext([_row(one) for one in found[:PAGE]], total, following)
    return v.page("opl/correos_fallidos.html", context)


async def reenviar(v: Visita) -> Response:
    """POST /opl/administracion/correos/reenviar: all of them."""
    return await _again(v, None)


async def reenviar_uno(v: Visita) -> Response:
    """POST /opl/administracion/correos/{id}/reenviar"""
    return await _again(v, _id(v))


async def confirmar(v: Visita) -> Response:
    """GET /opl/administracion/correos/{id}/descartar: what would not be sent any more."""
    id_ = _id(v)
    found = await v.read(lambda conn: correos.given_up(conn, id_ - 1, 1))
    if not found or found[0].id != id_:
        raise AppError("no_encontrado")
    return v.page("opl/correo_descartar.html", DescartarContext(_row(found[0])))


async def descartar(v: Visita) -> Response:
    """POST /opl/administracion/correos/{id}/descartar"""
    id_, actor = _id(v), v.persona.actor

    def drop(tx: Tx) -> None:
        clase = correos.drop(tx.conn, id_)
        if clase is not None:
            bitacora.record(
                tx.conn, tx.now_ms, Evento.CORREO_DESCARTADO, actor=actor, objeto=f"correo:{id_}", clase=clase
            )

    await v.write(drop)
    return v.go("/opl/administracion/correos", "correo_descartado")


def _id(v: Visita) -> int:
    """The row that the address names. Raises AppError for a number that none can have."""
    id_ = int(v.request.path_params["id"])
    if id_ >= 2**53:
        raise AppError("no_encontrado")
    return id_


async def _again(v: Visita, id_: int | None) -> Response:
    actor = v.persona.actor

    def again(tx: Tx) -> None:
        count = correos.send_again(tx.conn, tx.now_ms, id_)
        if count:
            objeto = f"correo:{id_}" if id_ is not None else ""
            bitacora.record(tx.conn, tx.now_ms, Evento.CORREO_REINTENTADO, actor=actor, objeto=objeto, cuantos=count)

    await v.write(again)
    return v.go("/opl/administracion/correos", "correo_reintentado")


def _row(one: Fallido) -> Renglon:
    kind, _, id_ = one.a.partition(":")
    whose = {"auxiliar": f"Auxiliar {id_}", "cuenta": f"Cuenta {id_}"}.get(kind, "Administración")
    link = {"auxiliar": f"/opl/auxiliares/{id_}", "cuenta": f"/opl/cuentas/{id_}"}.get(kind, "")
    name = one.error.partition(" ")[0]
    said = _NAMED.get(name, "No se pudo componer o enviar: avise a soporte con este código.")
    return Renglon(one.id, CLASES.get(one.clase, one.clase), whose, link, one.creado_ms, one.intentos, said, one.error)
