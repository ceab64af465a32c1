"""Readers that behave badly, for the pool's tests: found by name in its processes."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Mapping

from server.lectura import modelo
from server.lectura.modelo import Lectura


def obedece(imagenes: Mapping[str, bytes]) -> bytes:
    """Does what the bytes of `foto` say; otherwise says who read, and how gently."""
    orden = imagenes["foto"]
    if orden == b"truena":
        ctypes.string_at(0)  # a segmentation fault, as a library in C has them
    if orden == b"se cuelga":
        while True:
            pass
    if orden == b"se duerme":
        time.sleep(600)
    if orden == b"se va":
        os._exit(0)
    if orden == b"falla":
        raise ValueError("con un dato que no debe salir")
    if orden == b"traga":
        bytearray(3 * 1024**3)
    if orden == b"habla":
        print("una biblioteca que imprime", flush=True)  # noqa: T201
        os.write(1, b"y otra que escribe")
    secretos = sorted(name for name in os.environ if name.startswith("ACOPIO_"))
    cargados = sorted(name for name in sys.modules if name.startswith(("cryptography", "Crypto", "server.keyring")))
    return modelo.encode(
        Lectura(lector=str(os.getpid()), huellas={"foto": orden}, ilegibles=(*secretos, *cargados, str(os.nice(0))))
    )
