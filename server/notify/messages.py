"""What each mail says: an event in, subject and bodies out. Pure but for the templates it reads once (row D6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import jinja2
import msgspec

from server.clock import hora_del_centro
from server.diario.places.place import Motivo
from server.notify.second_copy_watch import FUERA, Aviso
from sync_protocol.sobre import printed_code

TEMPLATES = Path(__file__).resolve().parents[2] / "web" / "templates" / "mail"

_HTML = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_TEXT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=False, undefined=jinja2.StrictUndefined, trim_blocks=True,  # noqa: S701
    lstrip_blocks=True,
)  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Destinatario:
    """Who gets it."""

    nombre: str
    correo: str


def one_line(text: str) -> str:
    """Text from the catalogue without line breaks, controls or marks of direction: it stays where it is put."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


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


def codigo_alta(to: Destinatario, codigo: str, institucion: str, de: str) -> EmailMessage:
    """The one-time code of an alta (row D1)."""
    context: dict[str, object] = {"nombre": one_line(to.nombre), "codigo": codigo, "institucion": one_line(institucion)}
    return _message("codigo_alta", "Código para registrar su teléfono", context, to, de)


def acuses(
    to: Destinatario,
    renglones: Sequence[Renglon],
    institucion: str,
    de: str,
    *,
    jwks: dict[str, list[dict[str, str]]],
    url_publica: str,
    message_id: str,
) -> EmailMessage:
    """The acuses of one sync session, with the signed acuses attached so that anyone can verify them offline."""
    context: dict[str, object] = {
        "nombre": one_line(to.nombre),
        "renglones": renglones,
        "tipos": TIPOS,
        "institucion": one_line(institucion),
        "url_publica": url_publica,
        "total": len(renglones),
    }
    plural = "s" if len(renglones) != 1 else ""
    message = _message("acuses", f"Acuse de recibo: {len(renglones)} registro{plural}", context, to, de)
    message["Message-ID"] = message_id
    document = {"jwks": jwks, "acuses": [renglon.acuse for renglon in renglones]}
    message.add_attachment(
        msgspec.json.format(msgspec.json.encode(document), indent=2),
        maintype="application",
        subtype="json",
        filename="acuses.json",
    )
    return message


def aviso_segunda_copia(correo: str, aviso: Aviso, institucion: str, de: str, url_publica: str) -> EmailMessage:
    """The second copy is away, or well again (row X1): what it means, since when, and what to do."""
    away = aviso.aviso == FUERA
    context: dict[str, object] = {
        "fuera": away,
        "institucion": one_line(institucion),
        "lugar": one_line(aviso.lugar),
        "motivo": Motivo(aviso.motivo).texto if away else "",
        "desde": hora_del_centro(aviso.desde_ms),
        "hasta": hora_del_centro(aviso.en_ms),
        "pendientes": aviso.pendientes,
        "url_publica": url_publica,
    }
    subject = "La segunda copia no responde: no se dan acuses" if away else "La segunda copia está al día otra vez"
    return _message("aviso_segunda_copia", subject, context, Destinatario("", correo), de)


def _message(template: str, subject: str, context: dict[str, object], to: Destinatario, de: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"{subject} · {context['institucion']}"
    message["From"] = de
    message["To"] = Address(addr_spec=to.correo.strip())  # one address or an error, never a list
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEXT.get_template(f"{template}.txt").render(context))
    message.add_alternative(_HTML.get_template(f"{template}.html").render(context), subtype="html")
    return message
