"""Disks: room, inodes, and whether a write really reaches them, timed."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from server.doctor.valores import Entorno, Resultado, aviso, bien, falla

MINIMUM = 512 * 1024 * 1024
FULL = 0.70
"""Share of a disk past which it is time to act: a surge fills the rest faster than anybody buys a disk."""
INODES = 0.90
SLOW_MS = 100.0
TRIES = 5
NETWORK = ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "ceph", "glusterfs")


def datos(e: Entorno) -> Iterator[Resultado]:
    """The data folder's disk."""
    yield from _disk("datos", "los datos", e.settings.datos)


def segunda_copia(e: Entorno) -> Iterator[Resultado]:
    """The second copy's, and that it is another one."""
    place = e.settings.segunda_copia
    if place is None or not place.is_dir():
        return  # `copias` says so
    yield from _disk("segunda_copia", "la segunda copia", place)
    if place.stat().st_dev == e.settings.datos.stat().st_dev:
        yield aviso(
            "segunda_copia_mismo_disco", "La segunda copia está en el mismo disco que los datos.",
            "Póngala en otro disco: si este falla, se pierden los dos.",
        )  # fmt: skip


def _disk(codigo: str, name: str, folder: Path) -> Iterator[Resultado]:
    usage, inodes = shutil.disk_usage(folder), os.statvfs(folder)
    used, free = 1 - usage.free / usage.total, f"{usage.free / 1e9:,.1f} GB libres ({usage.free / usage.total:.0%})"
    room = f"{usage.free // 270_000:,} apoyos más"
    if usage.free < MINIMUM:
        yield falla(f"{codigo}_espacio", f"El disco de {name} está lleno: {free}.",
                    "Amplíe el disco. No borre lotes.", libres=usage.free)  # fmt: skip
    elif used > FULL:
        yield aviso(f"{codigo}_espacio", f"El disco de {name} va lleno: {free}, unos {room}.",
                    "Amplíe el disco antes de la última noche del periodo.", libres=usage.free)  # fmt: skip
    else:
        yield bien(f"{codigo}_espacio", f"Disco de {name}: {free}, unos {room}.", libres=usage.free)
    if inodes.f_files and 1 - inodes.f_favail / inodes.f_files > INODES:
        yield falla(f"{codigo}_inodos", f"Al disco de {name} casi no le caben más archivos (inodos).",
                    "Borre de ese disco archivos que no sean de Acopio, o amplíelo.")  # fmt: skip
    kind = _kind(folder)
    if kind.startswith(NETWORK) and codigo == "datos":
        yield falla(f"{codigo}_en_red", f"La carpeta de {name} está en un disco de red ({kind}).",
                    "Muévala a un disco propio o de bloque: SQLite y los candados no son de fiar ahí.")  # fmt: skip
    yield _write(codigo, name, folder)


def _write(codigo: str, name: str, folder: Path) -> Resultado:
    times: list[float] = []
    try:
        for _ in range(TRIES):
            began = time.perf_counter()
            with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
                file.write(bytes(64 * 1024))
                file.flush()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - began) * 1000)
    except OSError as error:
        return falla(f"{codigo}_escritura", f"No se puede escribir en {name}: {error.strerror}.",
                     "Revise permisos, espacio y que el disco esté montado para escritura.")  # fmt: skip
    middle = sorted(times)[len(times) // 2]
    text = f"Escribir y asegurar 64 KB en {name} tarda {middle:,.1f} ms."
    if middle > SLOW_MS:
        return aviso(f"{codigo}_escritura", text, "Es lento: cada acuse espera eso. Vea quién más usa el disco.",
                     ms=round(middle, 2))  # fmt: skip
    return bien(f"{codigo}_escritura", text, ms=round(middle, 2))


def _kind(folder: Path) -> str:
    """The kind of file system; empty where it cannot be known."""
    try:
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    where, best = str(folder.resolve()), ("", "")
    for line in lines:
        parts = line.split(" ")
        mount = parts[1].replace("\\040", " ")
        if (where == mount or where.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(best[0]):
            best = (mount, parts[2])
    return best[1]
