"""The padrón: which version is in force, whether its file is there, or whom is asked instead (row F2)."""

from __future__ import annotations

from collections.abc import Iterator

from server.doctor.valores import Entorno, Resultado, aviso, bien, omitido
from server.domain.auxiliar import fecha_larga
from server.store import padron
from server.store.connection import IndexFailure, open_reader

_IMPORT = "Importe el padrón con «acopio padron import ARCHIVO --corte aaaa-mm-dd»; el servidor puede seguir en marcha."


def vigente(e: Entorno) -> Iterator[Resultado]:
    """The version in force."""
    try:
        reader = open_reader(e.indice)
        try:
            version = padron.vigente(reader)
            missing = version is not None and padron.missing(reader, version)
        finally:
            reader.close()
    except (IndexFailure, OSError):
        yield omitido("padron", "No se pudo leer el índice: no se sabe qué padrón está en vigor.")
        return
    instead = e.settings.padron_url is not None
    if version is None:
        said = " Los apoyos se preguntan al servicio del instituto." if instead else " Todo queda «Sin respuesta»."
        yield omitido("padron", f"No hay una versión del padrón en este equipo.{said}")
    elif missing:
        yield aviso(
            "padron_sin_archivo",
            f"Falta el archivo de la versión vigente del padrón (corte {fecha_larga(version.corte)}): todo queda "
            "«Sin respuesta».", _IMPORT, version=version.id,
        )  # fmt: skip
    else:
        yield bien("padron", f"Padrón con corte {fecha_larga(version.corte)}: {version.filas:,} personas.",
                   version=version.id, corte=version.corte, filas=version.filas)  # fmt: skip


def servicio(e: Entorno) -> Iterator[Resultado]:
    """The institute's own service, if there is one. It is not asked here: a question is about a person."""
    if e.settings.padron_url is None:
        return
    key = e.settings.padron_llave_archivo
    if key is None:
        yield bien("padron_servicio", "Los apoyos se preguntan al servicio del instituto, sin llave.")
        return
    try:
        key.read_text("ascii")
        loose = key.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError):
        yield aviso("padron_llave", "La llave del servicio del padrón no se puede leer: todo queda «Sin respuesta».",
                    "Revise ACOPIO_PADRON_LLAVE_ARCHIVO y sus permisos.")  # fmt: skip
        return
    if loose:
        yield aviso("padron_llave", "Otros usuarios del equipo pueden leer la llave del servicio del padrón.",
                    "Quíteles el permiso: chmod 600.")  # fmt: skip
        return
    yield bien("padron_servicio", "Los apoyos se preguntan al servicio del instituto.")
