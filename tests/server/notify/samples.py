"""Mails as the outbox has them made, with their parts taken out again. Real keys, invented people."""

from __future__ import annotations

import email
import hashlib
from email.message import EmailMessage
from email.policy import default as default_policy

from server.clock import iso_utc
from server.notify import messages
from server.notify.messages import Renglon
from server.notify.second_copy_watch import BIEN, FUERA, Aviso
from server.notify.writing import Destinatario, Remitente
from sync_protocol import acuse as acuses
from sync_protocol.acuse import Acuse
from sync_protocol.folio import Folio
from sync_protocol.signing import PrivateKey

NOW = 1_790_000_000_000
KEY = PrivateKey.generate()
INSTITUCION = "Instituto Electoral de Prueba"
URL = "https://apoyo.ejemplo.mx"
ITZEL = Destinatario("Itzel Barrera Nava", "itzel.barrera@ejemplo.mx")
CIC = "123456789"
CONTACTO = (
    ("Dudas", "apoyo@ejemplo.mx"),
    ("Teléfono", "55 0000 0000"),
    ("Horario de atención", "lunes a viernes de 9:00 a 18:00"),
)


def remite(institucion: str = INSTITUCION) -> Remitente:
    """An institute that can be reached."""
    return Remitente(institucion, "acopio@ejemplo.mx", URL, CONTACTO)


def renglon(registro: int, *, cic: str | None = CIC, ocr: str | None = None, whole: bool = False) -> Renglon:
    """One registro, with an acuse that verifies; registro 0 is the testigos."""
    folio, tipo = Folio(123, 45, 7, registro), "apoyo" if registro else "testigos"
    codigo = hashlib.sha256(f"sobre {registro}".encode()).digest()
    signed = Acuse(
        iss=INSTITUCION, iat=NOW // 1000, folio=str(folio), tipo=tipo, codigo=codigo.hex(), tam=270_000,  # type: ignore[arg-type]
        recibido=iso_utc(NOW),
    )  # fmt: skip
    return messages.renglon(
        folio=str(folio), tipo=tipo, cic=cic if registro else None, ocr=ocr, whole=whole, recibido_ms=NOW,
        codigo=codigo, acuse=acuses.sign(signed, KEY),
    )  # fmt: skip


def acuse_mail(*renglones: Renglon, to: Destinatario = ITZEL, institucion: str = INSTITUCION) -> EmailMessage:
    """The mail of one session; without arguments, the testigos and two apoyos."""
    return messages.acuses(
        to,
        renglones or (renglon(0), renglon(1), renglon(2, cic=None, ocr="0123456789012")),
        remite(institucion),
        jwks=acuses.jwks({KEY.public.thumbprint: KEY.public}),
        message_id="<acuses.1.0.3@apoyo.ejemplo.mx>",
    )


def code_mail(codigo: str = "042917", *, to: Destinatario = ITZEL, institucion: str = INSTITUCION) -> EmailMessage:
    """The mail of an alta's one-time code."""
    return messages.codigo_alta(to, codigo, remite(institucion))


def notice_mail(*, away: bool) -> EmailMessage:
    """The mail to the administrator about the second copy."""
    notice = Aviso(
        aviso=FUERA if away else BIEN, desde_ms=NOW, en_ms=NOW + 360_000, motivo="llena" if away else "", pendientes=12,
        lugar="SFTP copias.ejemplo.mx:22",
    )  # fmt: skip
    return messages.aviso_segunda_copia("sistemas@ejemplo.mx", notice, remite())


def received(message: EmailMessage) -> EmailMessage:
    """The same message after it went over the wire as bytes."""
    parsed = email.message_from_bytes(message.as_bytes(), policy=default_policy)
    assert isinstance(parsed, EmailMessage)
    return parsed


def text_of(message: EmailMessage) -> str:
    """Its text body."""
    return str(_body(message, "plain"))


def html_of(message: EmailMessage) -> str:
    """Its HTML body."""
    return str(_body(message, "html"))


def _body(message: EmailMessage, kind: str) -> object:
    part = received(message).get_body((kind,))  # type: ignore[arg-type]
    assert part is not None
    return part.get_content()
