"""What is said of phones and of the box: the code of an alta, the acuses of a session, the second copy (row D6).

An event in, a message out; pure but for the templates, which are read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

import msgspec

from server.clock import hora_del_centro
from server.diario.places.place import Motivo
from server.notify.second_copy_watch import FUERA, Aviso
from server.notify.writing import Destinatario, Remitente, one_line, write
from sync_protocol.sobre import printed_code

TIPOS = {"apoyo": "Apoyo ciudadano", "testigos": "Testigos visuales del alta"}
"""What people read for the tipo of a registro."""


@dataclass(frozen=True, slots=True)
class Renglon:
    """One registro as its mail lists it. `identificador`: CIC or OCR, masked or whole; empty for testigos."""

    folio: str
    tipo: str
    identificador: str
    recibido: str
    codigo: str
    acuse: str


def mask(identifier: str) -> str:
    """All but the last four characters hidden; shorter ones hidden whole."""
    return "•" * max(0, len(identifier) - 4) + identifier[-4:] if len(identifier) > 4 else "•" * len(identifier)


def renglon(
    *, folio: str, tipo: str, cic: str | None, ocr: str | None, whole: bool, recibido_ms: int, codigo: bytes, acuse: str
) -> Renglon:
    """A line of the acuse mail: P9.14 has folio, CIC/OCR, date of reception and código de integridad."""
    # As the phone read it: up to 32 signs of any kind, so it is kept to its line before it is shown.
    kind, read = ("CIC", one_line(cic)) if cic else ("OCR", one_line(ocr or ""))
    label = f"{kind} {read if whole else mask(read)}" if read else ""
    if tipo == "apoyo" and not label:
        label = "no leído"
    return Renglon(folio, tipo, label, hora_del_centro(recibido_ms), printed_code(codigo), acuse)


def codigo_alta(to: Destinatario, codigo: str, remite: Remitente) -> EmailMessage:
    """The one-time code of an alta (row D1)."""
    return write("codigo_alta", "Código para registrar su teléfono", {"codigo": codigo}, to, remite)


def acuses(
    to: Destinatario,
    renglones: Sequence[Renglon],
    remite: Remitente,
    *,
    jwks: dict[str, list[dict[str, str]]],
    message_id: str,
) -> EmailMessage:
    """The acuses of one sync session, with the signed acuses attached so that anyone can verify them offline."""
    context: dict[str, object] = {"renglones": renglones, "tipos": TIPOS, "total": len(renglones)}
    plural = "s" if len(renglones) != 1 else ""
    message = write("acuses", f"Acuse de recibo: {len(renglones)} registro{plural}", context, to, remite)
    message["Message-ID"] = message_id
    document = {"jwks": jwks, "acuses": [renglon.acuse for renglon in renglones]}
    message.add_attachment(
        msgspec.json.format(msgspec.json.encode(document), indent=2),
        maintype="application",
        subtype="json",
        filename="acuses.json",
    )
    return message


def aviso_segunda_copia(correo: str, aviso: Aviso, remite: Remitente) -> EmailMessage:
    """The second copy is away, or well again (row X1): what it means, since when, and what to do."""
    away = aviso.aviso == FUERA
    context: dict[str, object] = {
        "fuera": away,
        "lugar": one_line(aviso.lugar),
        "motivo": Motivo(aviso.motivo).texto if away else "",
        "desde": hora_del_centro(aviso.desde_ms),
        "hasta": hora_del_centro(aviso.en_ms),
        "pendientes": aviso.pendientes,
    }
    subject = "La segunda copia no responde: no se dan acuses" if away else "La segunda copia está al día otra vez"
    return write("aviso_segunda_copia", subject, context, Destinatario("", correo), remite)
