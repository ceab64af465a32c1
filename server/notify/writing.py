"""How a mail is written: one template per message gives its text and its HTML, so that both say the same (row D6).

A template knows neither: it is made of the pieces that `_piezas.html` and `_piezas.txt` both have.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import jinja2

from server.domain.institucion import COLOR

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
TEMPLATES = Path(__file__).resolve().parents[2] / "web" / "templates" / "mail"


def one_line(text: str) -> str:
    """Text that people typed without line breaks, controls or marks of direction: it stays where it is put."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _facts(text: str) -> str:
    """The lines of a block without the empty ones that its pieces leave between them."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


_HTML = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_TEXT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=False, undefined=jinja2.StrictUndefined, trim_blocks=True,  # noqa: S701
    lstrip_blocks=True,
)  # fmt: skip
_TEXT.filters["en_linea"] = one_line
_TEXT.filters["renglones"] = _facts


@dataclass(frozen=True, slots=True)
class Destinatario:
    """Who gets it."""

    nombre: str
    correo: str


@dataclass(frozen=True, slots=True)
class Remitente:
    """Who writes. `de`: the From; `url`: the public address, without a slash at its end.

    `contacto`: (label, value) of each way to reach the institute, for the foot of the mail. `color`: `#rrggbb`, dark
    enough for white text.
    """

    institucion: str
    de: str
    url: str
    contacto: tuple[tuple[str, str], ...] = ()
    color: str = COLOR


def write(
    template: str, subject: str, context: Mapping[str, object], to: Destinatario, remite: Remitente
) -> EmailMessage:
    """One message. `context`: what the template uses beside names that every mail has. Text in it must be one line.

    Raises ValueError or IndexError for an address that is not exactly one.
    """
    institucion = one_line(remite.institucion)
    values: dict[str, object] = {
        "titulo": subject, "nombre": one_line(to.nombre), "correo": one_line(to.correo), "institucion": institucion,
        "contacto": [(name, one_line(value)) for name, value in remite.contacto], "url": remite.url,
        "color": remite.color if _COLOR.fullmatch(remite.color) else COLOR, **context,
    }  # fmt: skip
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"{subject} · {institucion}"
    message["From"] = remite.de
    message["To"] = Address(addr_spec=to.correo.strip())  # one address or an error, never a list
    message["Auto-Submitted"] = "auto-generated"
    text = _TEXT.get_template(f"{template}.j2").render({**values, "forma": "txt"})
    message.set_content(re.sub(r"\n{3,}", "\n\n", text).strip() + "\n")
    html = _HTML.get_template(f"{template}.j2").render({**values, "forma": "html"})
    message.add_alternative(html, subtype="html")
    return message
