"""The public address's TLS certificate, and the server's own keys."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from server import keyring
from server.clock import hora_del_centro
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla, omitido
from server.errors import ConfigurationError

DAYS_AVISO = 21
_DAY_MS = 24 * 3600 * 1000
_KEYS = "No cree otras: recupérelas del respaldo (manual, «Custodia de la llave»)."


def tls(e: Entorno) -> Iterator[Resultado]:
    """As a phone sees it: chain, name, end."""
    url = urlsplit(e.settings.url_publica)
    if url.scheme != "https":
        return  # `ajustes` says so
    host, port = url.hostname or "", url.port or 443
    try:
        ends_ms = certificate_end_ms(host, port, ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        yield falla("tls", f"El certificado de {host} no vale: {error.verify_message}.",
                    "Renuévelo o corrija la cadena: los teléfonos no enviarán mientras tanto.")  # fmt: skip
        return
    except (OSError, ValueError) as error:
        yield aviso("tls", f"No se pudo llegar a {host}:{port} ({type(error).__name__}).",
                    "Pruebe desde fuera de la red: puede ser solo que este equipo no se ve a sí mismo.")  # fmt: skip
        return
    days = (ends_ms - e.clock()) // _DAY_MS
    text = f"El certificado de {host} vence en {days} días, el {hora_del_centro(ends_ms)}."
    if days < DAYS_AVISO:
        yield aviso("tls", text, "Renuévelo ya; con Caddy, vea por qué no se renueva solo.", dias=days)
    else:
        yield bien("tls", text, dias=days)


def certificate_end_ms(host: str, port: int, context: ssl.SSLContext, timeout_s: float = 10.0) -> int:
    """When the certificate ends. Raises OSError, SSLCertVerificationError among them."""
    with (
        socket.create_connection((host, port), timeout=timeout_s) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        certificate = secured.getpeercert() or {}
    return int(ssl.cert_time_to_seconds(str(certificate["notAfter"]))) * 1000


def llaves(e: Entorno) -> Iterator[Resultado]:
    """Wrapped keys: there, readable, private, and the secret opens them."""
    path = e.llaves / keyring.FILE
    try:
        mode = path.stat().st_mode
    except OSError:
        yield falla("llaves", "Faltan las llaves del servidor (llaves.json).", _KEYS)
        return
    if mode & 0o077:
        yield aviso("llaves_permisos", "Otras cuentas de este equipo pueden leer llaves.json.", f"chmod 600 {path}")
    try:
        secret = keyring.read_secret(e.settings.llave_archivo, e.settings.frase)
        opened = keyring.load(e.llaves, secret)
    except ConfigurationError as error:
        yield falla("llaves", str(error), _KEYS)
    except OSError as error:
        yield falla("llaves", f"No se puede leer llaves.json ({type(error).__name__}).", "Revise dueño y permisos.")
    else:
        yield bien("llaves", f"Las llaves abren: {len(opened.publicas)} de firma, {len(opened.aperturas)} de apertura.")
    key_file = e.settings.llave_archivo
    if key_file is not None and key_file.exists() and key_file.stat().st_mode & 0o077:
        yield aviso("llave_archivo_permisos", "Otras cuentas de este equipo pueden leer el archivo de llave.",
                    f"chmod 600 {key_file}")  # fmt: skip


def llaves_respaldo(e: Entorno) -> Iterator[Resultado]:
    """A copy of the wrapped keys beside the second copy: without them nobody opens what it holds."""
    place = e.settings.segunda_copia
    if place is None:
        yield omitido(
            "llaves_copia", "Sin segunda copia, las llaves envueltas solo están en este disco y en su respaldo."
        )
        return
    try:
        same = (place / keyring.FILE).read_bytes() == (e.llaves / keyring.FILE).read_bytes()
    except OSError:
        same = False
    if same:
        yield bien("llaves_copia", "Junto a la segunda copia están las mismas llaves envueltas.")
    else:
        yield aviso("llaves_copia", "Junto a la segunda copia no están las llaves envueltas, o son otras.",
                    "Reinicie el servidor con la segunda copia disponible, o copie llaves.json a mano.")  # fmt: skip
