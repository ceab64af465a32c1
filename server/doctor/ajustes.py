"""Settings that contradict each other or the world, and variables that nobody reads."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from server import config
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla
from server.notify.smtp_address import SmtpAddress

LOCAL = ("127.0.0.1", "localhost", "::1")
_OTHERS = frozenset({"ACOPIO_SIM_CONTRASENA", "ACOPIO_SIM_SERVIDOR"})


def known_variables() -> frozenset[str]:
    """The variables that the settings are read from: those that their module names."""
    return frozenset(re.findall(r"ACOPIO_[A-Z_]*[A-Z]", inspect.getsource(config))) | _OTHERS


def desconocidos(e: Entorno) -> Iterator[Resultado]:
    """A variable that is misspelt is a setting that is not there."""
    known = known_variables()
    strange = sorted(name for name in e.env if name.startswith("ACOPIO_") and name not in known)
    for name in strange:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"¿Quiso decir {near[0]}?" if near else "Quítela."
        yield aviso("ajuste_desconocido", f"La variable {name[:60]} no es un ajuste de Acopio y no hace nada.", hint)
    if not strange:
        yield bien("ajuste_desconocido", "Todas las variables ACOPIO_ son ajustes conocidos.")


def contradicciones(e: Entorno) -> Iterator[Resultado]:
    """What cannot be meant."""
    found = list(_contradictions(e))
    yield from found
    if not found:
        yield bien("ajustes", "Los ajustes no se contradicen.")


def _contradictions(e: Entorno) -> Iterator[Resultado]:
    s = e.settings
    url = urlsplit(s.url_publica)
    local = url.hostname in LOCAL
    if url.scheme != "https" and not local:
        yield falla("url_sin_tls", "ACOPIO_URL_PUBLICA no es https: los teléfonos hablarían en claro.",
                    "Ponga un servidor con TLS delante y la dirección con https://.")  # fmt: skip
    if local and not s.demo:
        yield aviso("url_local", "ACOPIO_URL_PUBLICA es de este mismo equipo: los correos llevarían esa dirección.",
                    "Ponga la dirección que ven los teléfonos.")  # fmt: skip
    if s.demo and not local:
        yield falla("demo_publica", "ACOPIO_DEMO está en «si» con una dirección pública: cualquiera lee el buzón.",
                    "Quite ACOPIO_DEMO.")  # fmt: skip
    if s.host not in LOCAL and url.scheme == "https" and s.port == url.port:
        yield aviso("escucha_sin_tls", "ACOPIO_ESCUCHA atiende sin TLS en el mismo puerto que la dirección pública.",
                    "Escuche en 127.0.0.1 y deje el puerto público al servidor con TLS.")  # fmt: skip
    if s.llave_archivo is not None and s.frase is not None:
        yield aviso("dos_llaves", "Están puestas ACOPIO_LLAVE_ARCHIVO y ACOPIO_FRASE: la frase no se usa.",
                    "Quite la que no sea.")  # fmt: skip
    if s.smtp_url is not None:
        at = SmtpAddress.parse(s.smtp_url)
        if s.correo_de.endswith("@localhost"):
            yield aviso("remitente", "ACOPIO_CORREO_DE es @localhost: casi ningún servidor acepta ese remitente.",
                        "Ponga una dirección del dominio del instituto.")  # fmt: skip
        if at.password and not at.tls and not at.starttls and at.host not in LOCAL:
            yield falla("smtp_en_claro", "La contraseña del correo viaja en claro (smtp:// con usuario).",
                        "Use smtps:// o smtp+starttls://.")  # fmt: skip
    second = s.segunda_copia
    if second is not None:
        if second.resolve().is_relative_to(s.datos.resolve()):
            yield falla("segunda_copia_dentro", "La segunda copia está dentro de la carpeta de datos.",
                        "Póngala en otro disco.")  # fmt: skip
        if s.llave_archivo is not None and s.llave_archivo.resolve().is_relative_to(second.resolve()):
            yield falla("llave_con_copia", "El archivo de llave está en la segunda copia: juntas abren los apoyos.",
                        "Mueva la llave a otra parte y guarde las copias por separado.")  # fmt: skip
