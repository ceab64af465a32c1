"""Mail: a real conversation with the mail server, and no message unless an address was given (row D6)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import aiosmtplib

from server.clock import CENTRO
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla, omitido
from server.notify.smtp_address import SmtpAddress

TIMEOUT_S = 15


def smtp(e: Entorno) -> Iterator[Resultado]:
    """Connect, EHLO, TLS, login, NOOP."""
    if e.settings.smtp_url is None:
        if e.settings.demo:
            yield omitido("smtp", "La demostración usa su propio buzón.")
        else:
            yield aviso("smtp", "No hay servidor de correo: los códigos de alta no llegan y nadie registra teléfonos.",
                        "Configure ACOPIO_SMTP_URL.")  # fmt: skip
        return
    at = SmtpAddress.parse(e.settings.smtp_url)
    try:
        steps = asyncio.run(_talk(at, e))
    except aiosmtplib.SMTPAuthenticationError:
        yield falla("smtp", f"{at.host}:{at.port} no acepta el usuario o la contraseña.", "Revise ACOPIO_SMTP_URL.")
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        yield falla("smtp", f"No se pudo conversar con {at.host}:{at.port}: {_short(error)}.",
                    "Revise nombre, puerto, TLS y cortafuegos; pruebe de nuevo.")  # fmt: skip
    else:
        yield bien("smtp", f"{at.host}:{at.port} responde ({', '.join(steps)}).", pasos=steps)


async def _talk(at: SmtpAddress, e: Entorno) -> list[str]:
    context = ssl.create_default_context() if at.tls or at.starttls else None
    client = aiosmtplib.SMTP(
        hostname=at.host, port=at.port, use_tls=at.tls, start_tls=False, tls_context=context, timeout=TIMEOUT_S
    )
    await client.connect()
    try:
        steps = ["conexión con TLS" if at.tls else "conexión"]
        await client.ehlo()
        steps.append("EHLO")
        if at.starttls:
            await client.starttls(tls_context=context)
            await client.ehlo()
            steps.append("STARTTLS")
        if at.user is not None:
            await client.login(at.user, at.password or "")
            steps.append("usuario")
        await client.noop()
        steps.append("NOOP")
        if e.prueba is not None:
            await client.send_message(_message(e.settings.correo_de, e.prueba, e.settings.institucion, e.clock()))
            steps.append("mensaje de prueba entregado")
    finally:
        # A server that hangs up first has told us all the same.
        try:
            await client.quit()
        except (aiosmtplib.SMTPException, OSError):
            client.close()
    return steps


def _message(de: str, para: str, institucion: str, now_ms: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = de, para, f"Prueba de correo de Acopio ({institucion})"
    message["Date"] = format_datetime(datetime.fromtimestamp(now_ms // 1000, CENTRO))
    message["Message-ID"] = make_msgid("acopio", de.rpartition("@")[2] or None)
    message.set_content("Si lee esto, el servidor de Acopio puede enviar correo. No hay que hacer nada.\n")
    return message


def _short(error: BaseException) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(error))
    return f"{type(error).__name__} {text}".strip()[:160]
