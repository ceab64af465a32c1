"""`acopio backup`: a copy by hand of everything that cannot be made again but the secret (row X1).

In the destination: `diario/` (lotes, copied once each), `indice-<moment>.db`, the wrapped keys, and
`respaldo-<moment>.json`, which names them with their hashes and is written last, when all of it has been read back. A
backup without its manifest is none. It only reads the data folder: a server may be running on it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from server import keyring
from server.clock import iso_utc
from server.diario import lote as lotes
from server.diario.lote import FIRST_ANTERIOR, file_name, sync_folder
from server.diario.places.folder import FolderPlace
from server.errors import ConfigurationError, DiarioError
from server.replica.fuentes import CHECKING, Carpeta, Fuente, bring
from server.store import restauracion
from server.store.connection import IndexFailure

KEPT = 3
"""Indices that a destination keeps; lotes are never removed."""
DIARIO = "diario"
SPARE = 64 * 1024 * 1024


class Manifiesto(msgspec.Struct, frozen=True, kw_only=True):
    """`respaldo-<moment>.json`. Hashes are SHA-256 in hex; `resumen`: of the newest lote's manifest."""

    creado: str
    creado_ms: int
    indice: str
    indice_sha256: str
    llaves: str
    llaves_sha256: str
    lotes: int
    resumen: str
    registros: int
    no_contiene: tuple[str, ...]
    v: int = 1


NO_CONTIENE = (
    "la llave o frase que abre las llaves del servidor (ACOPIO_LLAVE_ARCHIVO o ACOPIO_FRASE)",
    "los ajustes (/etc/acopio/acopio.env)",
    "lo que estaba a medio llegar: los teléfonos lo conservan y lo vuelven a ofrecer",
    "las copias del padrón: se importan otra vez con «acopio padron import» (mientras, todo queda «Sin respuesta»)",
)


@dataclass(frozen=True, slots=True)
class Respaldado:
    """What a backup did. `nuevos`: lotes that were not there yet; sizes in bytes."""

    manifiesto: Manifiesto
    nuevos: int
    bytes_nuevos: int
    bytes_indice: int


def backup(
    datos: Path, index: Path, diario: Path, llaves: Path, target: Path, now_ms: int,
    say: Callable[[str], None] = lambda text: None,
) -> Respaldado:  # fmt: skip
    """Bring the backup in `target` up to date. Raises ConfigurationError or DiarioError with what to do."""
    if target.resolve().is_relative_to(datos.resolve()):
        raise ConfigurationError("El respaldo debe quedar fuera de la carpeta de datos, de preferencia en otro disco.")
    if not index.exists():
        raise ConfigurationError(f"No hay qué respaldar en {datos}: revise ACOPIO_DATOS.")
    try:
        (target / DIARIO).mkdir(parents=True, exist_ok=True, mode=0o700)
        with _only_one(target):
            return _backup(index, diario, llaves, target, now_ms, say)
    except OSError as error:
        raise ConfigurationError(
            f"No se pudo escribir el respaldo en {target} ({error.strerror or type(error).__name__}): revise el "
            f"disco y "
            "repita; lo ya copiado no se repite."
        ) from error
    except IndexFailure as error:
        raise ConfigurationError(
            f"El índice no se pudo copiar o su copia no pasó la revisión ({error}); el respaldo anterior quedó como "
            "estaba. Corra «acopio verify»."
        ) from error


@contextlib.contextmanager
def _only_one(target: Path) -> Iterator[None]:
    fd = os.open(target / "candado", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(
                "Otro «acopio backup» está escribiendo en esa carpeta: espere a que acabe."
            ) from error
        yield
    finally:
        os.close(fd)


def _backup(
    index: Path, diario: Path, llaves: Path, target: Path, now_ms: int, say: Callable[[str], None]
) -> Respaldado:
    for torn in target.glob("*.tmp"):
        torn.unlink()
    shutil.rmtree(target / DIARIO / CHECKING, ignore_errors=True)
    _room(index.stat().st_size, target)
    creado = iso_utc(now_ms)
    moment = creado[:19].replace("-", "").replace(":", "") + f"{now_ms % 1000:03d}Z"
    say("Índice: se copia y se revisa.")
    copy = target / f"indice-{moment}.tmp"
    restauracion.copy_to(index, copy)
    copy.chmod(0o600)
    held = restauracion.check(copy)
    # The index first, then the lotes that it knows: a newer one may still be withdrawn.
    new, size = _lotes(diario, target / DIARIO, restauracion.chain(copy), say)
    keys = (llaves / keyring.FILE).read_bytes()
    FolderPlace(target).store(keyring.FILE, keys)
    _sync(copy)
    final = copy.with_suffix(".db")
    copy.rename(final)
    manifest = Manifiesto(
        creado=creado,
        creado_ms=now_ms,
        indice=final.name,
        indice_sha256=_sha256(final),
        llaves=keyring.FILE,
        llaves_sha256=hashlib.sha256(keys).hexdigest(),
        lotes=held.ultimo.numero,
        resumen=held.ultimo.resumen.hex(),
        registros=held.registros,
        no_contiene=NO_CONTIENE,
    )
    path = target / f"respaldo-{moment}.tmp"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    _sync(path)
    path.rename(path.with_suffix(".json"))
    sync_folder(target)
    _prune(target)
    return Respaldado(manifest, new, size, final.stat().st_size)


def _lotes(diario: Path, target: Path, chain: dict[int, bytes], say: Callable[[str], None]) -> tuple[int, int]:
    """Copy what is missing, verify each copy, and check that those already there are the same chain."""
    there = set(lotes.numbers(target))
    missing = sorted(set(chain) - there)
    _room(sum((diario / file_name(numero)).stat().st_size for numero in missing), target)
    size, mine = 0, Carpeta(diario, diario, "el diario")
    for done, numero in enumerate(missing):
        size += bring(mine, numero, target, chain.get(numero - 1, FIRST_ANTERIOR), chain[numero])
        if done % 1000 == 999:
            say(f"Lotes: {done + 1:,} de {len(missing):,}.")
    if missing:
        sync_folder(target)
    for numero, resumen in sorted(chain.items()):
        if lotes.read_manifest(target / file_name(numero))[1] != resumen:
            raise DiarioError(
                f"El lote {numero} de ese respaldo no es el de este servidor: respalde en una carpeta distinta por "
                "servidor, o retire ese lote y repita."
            )
    return len(missing), size


def _room(needed: int, target: Path) -> None:
    free = shutil.disk_usage(target).free
    if free < needed + SPARE:
        raise ConfigurationError(
            f"No cabe: hacen falta {(needed + SPARE) >> 20:,} MB y quedan {free >> 20:,} MB en {target}. No se "
            f"cambió nada."
        )


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prune(target: Path) -> None:
    manifests = sorted(target.glob("respaldo-*.json"))
    kept = {msgspec.json.decode(path.read_bytes(), type=Manifiesto).indice for path in manifests[-KEPT:]}
    for path in manifests[:-KEPT]:
        path.unlink()
    for path in target.glob("indice-*.db"):
        if path.name not in kept:
            path.unlink()


# -- reading one back -----------------------------------------------------------------------------------------------


def newest(target: Path, until_ms: int | None) -> Manifiesto:
    """The newest backup in this folder, or the newest by a given moment. Raises ConfigurationError."""
    try:
        found = [msgspec.json.decode(path.read_bytes(), type=Manifiesto) for path in target.glob("respaldo-*.json")]
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(
            f"El manifiesto del respaldo en {target} no se puede leer: use otro respaldo."
        ) from error
    in_time = [one for one in found if until_ms is None or one.creado_ms <= until_ms]
    if not in_time:
        when = " de ese momento o antes" if found else ""
        raise ConfigurationError(f"En {target} no hay un respaldo{when}: revise la carpeta o el disco.")
    return max(in_time, key=lambda one: one.creado_ms)


def fetch_index(target: Path, manifest: Manifiesto, to: Path) -> None:
    """The index of a backup, if it is still what the manifest says. Raises ConfigurationError, OSError."""
    path = target / manifest.indice
    if not path.is_file() or _sha256(path) != manifest.indice_sha256:
        raise ConfigurationError(f"El índice {manifest.indice} del respaldo falta o está alterado: use otro respaldo.")
    shutil.copyfile(path, to)


def source(target: Path) -> Fuente:
    """The lotes and keys of a backup."""
    return Carpeta(target / DIARIO, target, "el respaldo")
