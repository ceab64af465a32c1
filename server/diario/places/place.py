"""What a second place must be able to do, and the reasons for which it cannot (SPEC §1.5; row X1).

A place takes lotes durably, lists what it holds, and lets any part of it be read again. It is judged by what it holds,
never by what it said (`server.diario.comparison`). Every failure is a `PlaceError`, with a reason from a closed list
that has its words for the administrator here.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

APARTADOS = "apartados"
"""Folder of a place for what was found different: nothing there is ever overwritten or dropped by us."""

Moved = Callable[[], None]
"""Called whenever something moves: what is slow but alive is told from what hangs."""
Taken = Callable[[int], None]
"""Called with the number of each lote that is durable now, in any order."""


class Motivo(StrEnum):
    """Why no second copy is made. The values are labels of metrics and codes of the health page."""

    NO_RESPONDE = "no_responde"
    SIN_CONEXION = "sin_conexion"
    NO_ESTA = "no_esta"
    LLENA = "llena"
    SIN_PERMISO = "sin_permiso"
    IDENTIDAD = "identidad"
    SIN_FSYNC = "sin_fsync"
    RELOJ = "reloj"
    ATRASADA = "atrasada"
    DISTINTA = "distinta"
    AJENA = "ajena"
    ADELANTADA = "adelantada"
    DIARIO = "diario"
    FALLA = "falla"

    @property
    def texto(self) -> str:
        """One Spanish sentence for the administrator."""
        return _TEXTS[self]

    @property
    def grave(self) -> bool:
        """The place is not this box's, or the box is not whole: a server that finds it so does not start."""
        return self in (Motivo.AJENA, Motivo.ADELANTADA)


_TEXTS = {
    Motivo.NO_RESPONDE: "No responde a tiempo.",
    Motivo.SIN_CONEXION: "No se puede llegar a ella: revise la red y que el otro equipo esté encendido.",
    Motivo.NO_ESTA: "La carpeta o el depósito no existe, o el disco no está montado.",
    Motivo.LLENA: "No le queda espacio.",
    Motivo.SIN_PERMISO: "No deja escribir: revise permisos, usuario y credenciales.",
    Motivo.IDENTIDAD: "No se pudo comprobar que el otro equipo es el que dice ser: revise los servidores conocidos o "
    "el certificado antes de seguir.",
    Motivo.SIN_FSYNC: "El servidor SFTP no ofrece «fsync@openssh.com», y sin eso no se sabe si lo copiado llegó a su "
    "disco. Use uno con OpenSSH.",
    Motivo.RELOJ: "El depósito dice que la hora de este equipo está mal: sincronice el reloj.",
    Motivo.ATRASADA: "Copia, pero demasiado despacio: los lotes esperan más de lo debido.",
    Motivo.DISTINTA: "Tiene un lote distinto del que hay en el diario y no se pudo apartar: revise los permisos.",
    Motivo.AJENA: "Tiene lotes de otro servidor. Indique en ACOPIO_SEGUNDA_COPIA un lugar propio o vacío.",
    Motivo.ADELANTADA: "Tiene lotes que el diario de este servidor no tiene. Si el servidor es nuevo, indique un lugar "
    "vacío; si no, deténgalo, ponga en el diario los lotes que le faltan y vuelva a iniciar.",
    Motivo.DIARIO: "Un lote del diario está dañado o falta, y la segunda copia tampoco lo tiene bien.",
    Motivo.FALLA: "Falló por una causa que no se esperaba; la bitácora del servicio dice cuál.",
}


class PlaceError(OSError):
    """A place cannot do what it was asked. `detalle` is for the log: no addresses, no credentials."""

    def __init__(self, motivo: Motivo, detalle: str = "") -> None:
        super().__init__(detalle or motivo.value)
        self.motivo = motivo
        self.detalle = detalle


_BY_ERRNO = {
    errno.ENOSPC: Motivo.LLENA,
    errno.EDQUOT: Motivo.LLENA,
    errno.EFBIG: Motivo.LLENA,
    errno.EACCES: Motivo.SIN_PERMISO,
    errno.EPERM: Motivo.SIN_PERMISO,
    errno.EROFS: Motivo.SIN_PERMISO,
    errno.ENOENT: Motivo.NO_ESTA,
    errno.ENOTDIR: Motivo.NO_ESTA,
    errno.ENODEV: Motivo.NO_ESTA,
    errno.ETIMEDOUT: Motivo.NO_RESPONDE,
    errno.ECONNREFUSED: Motivo.SIN_CONEXION,
    errno.ECONNRESET: Motivo.SIN_CONEXION,
    errno.EPIPE: Motivo.SIN_CONEXION,
    errno.EHOSTDOWN: Motivo.SIN_CONEXION,
    errno.EHOSTUNREACH: Motivo.SIN_CONEXION,
    errno.ENETUNREACH: Motivo.SIN_CONEXION,
}


def reason(error: BaseException) -> Motivo:
    """The reason behind any exception that came out of a place."""
    if isinstance(error, PlaceError):
        return error.motivo
    if isinstance(error, TimeoutError):
        return Motivo.NO_RESPONDE
    if isinstance(error, OSError):
        otherwise = Motivo.SIN_CONEXION if isinstance(error, ConnectionError) else Motivo.FALLA
        return _BY_ERRNO.get(error.errno or 0, otherwise)
    return Motivo.FALLA


class SecondPlace(Protocol):
    """Where second copies go. Used by one thread at a time; every method may raise OSError, best a `PlaceError`."""

    @property
    def clase(self) -> str:
        """`carpeta`, `sftp` or `s3`."""

    @property
    def nota(self) -> str:
        """What the administrator should know of this place although it works; empty when there is nothing."""

    def describe(self) -> str:
        """Where it is, in a few words, without user or password."""

    def connect(self) -> None:
        """Reach it anew, whatever was before, and make sure that it can be written durably."""

    def listing(self, moved: Moved) -> Mapping[int, int]:
        """Every lote that is there by its number, with its size in bytes."""

    def put(self, group: Sequence[tuple[int, Path]], moved: Moved, taken: Taken) -> None:
        """Take these lotes durably. What is there already is compared: the same is well, another raises DISTINTA."""

    def read(self, numero: int, posicion: int, tam: int) -> bytes:
        """Bytes of a lote as they are stored; fewer at its end. Raises NO_ESTA when it has no such lote."""

    def checksum(self, numero: int) -> bytes | None:
        """SHA-256 of the whole lote as the place itself vouches for it; None where only reading would tell."""

    def set_aside(self, numero: int, marca: str) -> None:
        """Move a lote to `apartados/<number>.<marca>.tar`, durably, so that a right one can take its place."""

    def load(self, nombre: str) -> bytes | None:
        """A small file that lies beside the lotes; None when there is none."""

    def store(self, nombre: str, content: bytes) -> None:
        """Put a small file beside the lotes, durably, in place of an older one."""

    def close(self) -> None:
        """Let go. May be called from another thread: what is under way fails then, as soon as it can."""
