"""The box around the service: whose files, which limits, is a server running and what does it say of itself."""

from __future__ import annotations

import os
import resource
import stat
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec

from server.diario import lote as lotes
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla, omitido
from server.store import revision
from server.store.connection import IndexFailure, open_reader

OPEN_FILES = 4096


def permisos(e: Entorno) -> Iterator[Resultado]:
    """Only the service's account may look into the data folder, and all of it is that account's."""
    top = e.settings.datos.stat()
    if stat.S_IMODE(top.st_mode) & 0o077:
        yield aviso("datos_permisos", "Otras cuentas de este equipo pueden ver la carpeta de datos.",
                    f"chmod 700 {e.settings.datos}")  # fmt: skip
    else:
        yield bien("datos_permisos", "Solo su dueño puede ver la carpeta de datos.")
    foreign = 0
    for folder in (e.settings.datos, e.diario, e.parciales, e.llaves):
        if folder.is_dir():
            foreign += sum(1 for path in folder.iterdir() if path.lstat().st_uid != top.st_uid)
    if foreign:
        yield falla("datos_dueno", f"{foreign:,} archivos de los datos son de otra cuenta.",
                    f"chown -R {top.st_uid}:{top.st_gid} {e.settings.datos}", cuantos=foreign)  # fmt: skip
    elif os.geteuid() not in (0, top.st_uid):
        yield aviso("datos_dueno", "Esta orden corre con otra cuenta que la de los datos.",
                    "Use deploy/orden, que corre con la cuenta del servicio.")  # fmt: skip
    elif os.geteuid() == 0 and top.st_uid != 0:
        yield aviso("datos_dueno", "Esta orden corre como root: lo que escriba sería de root.",
                    "Use deploy/orden, que corre con la cuenta del servicio.")  # fmt: skip


def limites(e: Entorno) -> Iterator[Resultado]:
    """Files that a process may have open: each phone is one."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < OPEN_FILES:
        yield aviso("archivos_abiertos", f"Un proceso puede abrir solo {soft:,} archivos; cada teléfono es uno.",
                    f"Suba el límite a {OPEN_FILES} o más (LimitNOFILE en el servicio).", limite=soft)  # fmt: skip
    else:
        yield bien("archivos_abiertos", f"Un proceso puede abrir {soft:,} archivos.", limite=soft)


def indice(e: Entorno) -> Iterator[Resultado]:
    """The index answers, and its schema is this version's."""
    try:
        reader = open_reader(e.indice)
        try:
            different = revision.schema_differences(reader)
        finally:
            reader.close()
    except (IndexFailure, OSError) as error:
        if not e.indice.exists() and not any(lotes.numbers(e.diario)):
            yield aviso("indice", "Todavía no hay índice.", "Se crea al iniciar el servidor por primera vez.")
            return
        yield falla("indice", f"El índice no se puede leer ({type(error).__name__}).",
                    "Restaure su respaldo, o inicie sin él: registros y acuses vuelven del diario.")  # fmt: skip
        return
    if different:
        yield aviso("indice", "El esquema del índice no es el de esta versión.",
                    "Si acaba de actualizar, reinicie el servicio; si no, corra «acopio verify».")  # fmt: skip
    else:
        yield bien("indice", "El índice responde y su esquema es el de esta versión.")


def servidor(e: Entorno) -> Iterator[Resultado]:
    """Whether one runs, and what its health page says."""
    if not e.en_marcha:
        yield aviso("servidor", "No hay un servidor en marcha en esta carpeta de datos.", "systemctl start acopio")
        return
    host = "127.0.0.1" if e.settings.host in ("", "0.0.0.0", "::", "[::]") else e.settings.host  # noqa: S104
    url = f"http://{host}:{e.settings.port}/salud/listo"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            answer.read(64 * 1024)
        yield bien("servidor", "El servidor está en marcha y listo para dar acuses.")
    except urllib.error.HTTPError as error:
        yield falla("servidor", f"El servidor está en marcha y no puede dar acuses: {_parts(error.read(64 * 1024))}",
                    "Corrija esa parte; los teléfonos conservan lo suyo.")  # fmt: skip
    except OSError as error:
        yield aviso("servidor", f"Algo tiene la carpeta de datos y no responde en {host}:{e.settings.port} "
                    f"({type(error).__name__}).", "¿Otra orden en curso, o un servidor que aún inicia?")  # fmt: skip


def _parts(body: bytes) -> str:
    try:
        parts = msgspec.json.decode(body, type=dict[str, object]).get("partes")
        assert isinstance(parts, dict)
        return " ".join(str(one["texto"]) for one in parts.values() if one["estado"] != "bien")[:300]
    except (msgspec.MsgspecError, AssertionError, KeyError, TypeError):
        return "no dice por qué."


def intercambio(e: Entorno) -> Iterator[Resultado]:
    """Swap would put opened sobres on a disk."""
    try:
        swaps = Path("/proc/swaps").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        yield omitido("intercambio", "No se sabe si hay memoria de intercambio.")
        return
    if swaps:
        yield aviso("intercambio", "Hay memoria de intercambio: lo que se abre en memoria podría quedar en el disco.",
                    "Con systemd el servicio ya la tiene prohibida; si no, desactívela o cífrela.")  # fmt: skip
    else:
        yield bien("intercambio", "Sin memoria de intercambio.")
