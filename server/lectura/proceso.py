"""A reader's own process: `python -m server.lectura.proceso`. Images come in on its input, readings go out.

It has no keys, no settings and no files: image bytes and what they say are all it ever sees. It ends when its input
does, however the server ended; and by itself when one job takes more processor time than it was given, even if what
hangs is a library in C.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import BinaryIO, cast

import msgspec

LARGO = 4
"""Bytes of the length before each message, big-endian."""
MAX_RESPUESTA = 8 * 1024 * 1024
NICE = 10


class Saludo(msgspec.Struct, array_like=True):
    """First of all: seconds of processor for each job, bytes of address space, and whose function does the work."""

    segundos: float
    memoria: int
    funcion: str


class Tarea(msgspec.Struct, array_like=True):
    """One registro's images, by tipo."""

    imagenes: dict[str, bytes]


class Respuesta(msgspec.Struct, array_like=True):
    """`lectura`: as server.lectura.modelo encodes it; empty if reading raised, then `error` names the exception."""

    lectura: bytes = b""
    error: str = ""


def main(entrada: BinaryIO, salida: BinaryIO) -> None:
    """Answer jobs, one after the other, until the input ends."""
    # Ctrl+C and systemd's stop go to the whole group; the server decides when its readers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raw = recibir(entrada)
    if raw is None:
        return
    saludo = msgspec.msgpack.decode(raw, type=Saludo)
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (saludo.memoria, saludo.memoria))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    leer = _funcion(saludo.funcion)
    while (raw := recibir(entrada)) is not None:
        tarea = msgspec.msgpack.decode(raw, type=Tarea)
        # ITIMER_PROF counts this process's own processor time: a busy machine makes nobody slow.
        signal.setitimer(signal.ITIMER_PROF, saludo.segundos)
        try:
            respuesta = Respuesta(leer(tarea.imagenes))
        except Exception as error:  # noqa: BLE001 -- said to the server, which counts it as an attempt
            respuesta = Respuesta(error=type(error).__name__)
        signal.setitimer(signal.ITIMER_PROF, 0)
        salida.write(con_largo(msgspec.msgpack.encode(respuesta)))
        salida.flush()


def con_largo(message: bytes) -> bytes:
    """A message as it travels."""
    return len(message).to_bytes(LARGO, "big") + message


def recibir(entrada: BinaryIO) -> bytes | None:
    """The next message, None at the end of the input or when it is cut short."""
    head = entrada.read(LARGO)
    if len(head) < LARGO:
        return None
    size = int.from_bytes(head, "big")
    raw = entrada.read(size)
    return raw if len(raw) == size else None


def _funcion(nombre: str) -> Callable[[Mapping[str, bytes]], bytes]:
    """`modulo:funcion`, from bytes by tipo to an encoded Lectura."""
    modulo, _, funcion = nombre.partition(":")
    return cast("Callable[[Mapping[str, bytes]], bytes]", getattr(import_module(modulo), funcion))


if __name__ == "__main__":
    # What a library prints must not be taken for an answer.
    respuestas = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with contextlib.suppress(BrokenPipeError):  # the server is gone
        main(sys.stdin.buffer, respuestas)
