"""The readers: processes of their own that look at images, so that no line waits for a picture (rows F1, X9).

A registro's images go to one process, and only they: no keys, no settings, no files. A process that dies of an image,
or takes too long over it, costs that registro one attempt and nobody else anything; the next one finds a new process.
Processes are started when there is work and end with the server, even when it is killed (server.lectura.proceso).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from server.lectura import modelo
from server.lectura.modelo import Lectura
from server.lectura.proceso import LARGO, MAX_RESPUESTA, Respuesta, Saludo, Tarea, con_largo

log = logging.getLogger("acopio.lectores")

LECTOR = "server.lectura.leer:leer_y_codificar"
SEGUNDOS = 20.0
"""Processor time for one registro; the longest that any photo of a card took is a tenth of it (bench/README.md)."""
RELOJ = 10.0
"""By the clock it may take so many times that: others have the cores first."""
MEMORIA = 2 * 1024**3
"""Address space of a process; what it really holds is a tenth of it."""
TAREAS = 500
"""Registros that a process reads before a new one takes its place: no library's leak grows for days."""
_FIN_S = 2.0


class LecturaFallida(Exception):  # noqa: N818 -- the noun is Spanish
    """Nothing is known of these images yet; another attempt may say more. `motivo`: `lector_murio`, `lector_lento`,
    `lector_error` (it raised; `detalle` names the exception) or `lector_detenido` (the server is ending)."""

    def __init__(self, motivo: str, detalle: str = "") -> None:
        super().__init__(motivo)
        self.motivo = motivo
        self.detalle = detalle


@dataclass(slots=True)
class _Proceso:
    """One process, and how many registros it has read."""

    proceso: asyncio.subprocess.Process
    leidos: int = 0


class Lectores:
    """So many processes; 0: one thread of the server's own, which nothing can stop when an image hangs it.

    All of it happens on the event loop. `funcion`: who reads, as `modulo:funcion` (tests give their own).
    """

    def __init__(
        self, cuantos: int, *, segundos: float = SEGUNDOS, reloj: float = RELOJ, memoria: int = MEMORIA,
        tareas: int = TAREAS, funcion: str = LECTOR,
    ) -> None:  # fmt: skip
        self._saludo = Saludo(segundos, memoria, funcion)
        self._plazo = segundos * reloj
        self._tareas = tareas
        self._cuantos = cuantos
        self._libres: asyncio.LifoQueue[_Proceso | None] = asyncio.LifoQueue()
        self._vivos: list[_Proceso] = []
        self._hilo: ThreadPoolExecutor | None = None
        self._andando = False

    @property
    def a_la_vez(self) -> int:
        """How many registros are read at the same time: more need not be asked for."""
        return max(1, self._cuantos)

    @property
    def pids(self) -> list[int]:
        """The processes that are there now."""
        return [one.proceso.pid for one in self._vivos]

    def start(self) -> None:
        """Begin. No process is started before there is something to read."""
        self._andando = True
        for _ in range(self._cuantos):
            self._libres.put_nowait(None)
        if not self._cuantos:
            self._hilo = ThreadPoolExecutor(1, "acopio-lector")

    async def stop(self) -> None:
        """End. What is being read is given up: `lector_detenido`."""
        self._andando = False
        if self._hilo is not None:
            self._hilo.shutdown(wait=False, cancel_futures=True)
            self._hilo = None
        for one in list(self._vivos):
            await self._acabar(one)

    async def leer(self, imagenes: Mapping[str, bytes]) -> Lectura:
        """Read the images of one registro, by tipo. Raises LecturaFallida."""
        if not self._andando:
            raise LecturaFallida("lector_detenido")
        if self._hilo is not None:
            return await self._en_hilo(self._hilo, imagenes)
        uno = await self._libres.get()
        seguir: _Proceso | None = None
        try:
            if not self._andando:
                raise LecturaFallida("lector_detenido")
            try:
                uno = uno or await self._iniciar()
            except OSError as error:  # no memory, or no descriptors, for one more process
                raise LecturaFallida("lector_murio", type(error).__name__) from error
            leida = await self._pedir(uno, imagenes)
            uno.leidos += 1
            if uno.leidos < self._tareas and self._andando:
                seguir = uno
            return leida
        finally:
            # Also when whoever asked was cancelled: an answer that nobody waits for must not reach the next one.
            if uno is not None and seguir is None:
                await asyncio.shield(self._acabar(uno))
            self._libres.put_nowait(seguir)

    async def _en_hilo(self, hilo: ThreadPoolExecutor, imagenes: Mapping[str, bytes]) -> Lectura:
        from server.lectura.leer import leer_imagenes  # what reads images is loaded where images are read

        try:
            return await asyncio.get_running_loop().run_in_executor(hilo, leer_imagenes, imagenes)
        except Exception as error:
            raise LecturaFallida("lector_error", type(error).__name__) from error

    async def _iniciar(self) -> _Proceso:
        proceso = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "server.lectura.proceso",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_entorno(),
        )
        uno = _Proceso(proceso)
        self._vivos.append(uno)
        assert proceso.stdin is not None
        proceso.stdin.write(con_largo(msgspec.msgpack.encode(self._saludo)))
        return uno

    async def _pedir(self, uno: _Proceso, imagenes: Mapping[str, bytes]) -> Lectura:
        assert uno.proceso.stdin is not None
        assert uno.proceso.stdout is not None
        try:
            async with asyncio.timeout(self._plazo):
                uno.proceso.stdin.write(con_largo(msgspec.msgpack.encode(Tarea(dict(imagenes)))))
                await uno.proceso.stdin.drain()
                size = int.from_bytes(await uno.proceso.stdout.readexactly(LARGO), "big")
                if size > MAX_RESPUESTA:
                    raise LecturaFallida("lector_murio", "respuesta")
                raw = await uno.proceso.stdout.readexactly(size)
            respuesta = msgspec.msgpack.decode(raw, type=Respuesta)
            if respuesta.error:
                raise LecturaFallida("lector_error", respuesta.error)
            return modelo.decode(respuesta.lectura)
        except TimeoutError as error:
            log.warning("lectura lenta")
            raise LecturaFallida("lector_lento") from error
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError) as error:
            raise await self._murio(uno) from error

    async def _murio(self, uno: _Proceso) -> LecturaFallida:
        if not self._andando:
            return LecturaFallida("lector_detenido")
        code = None
        with contextlib.suppress(TimeoutError):
            # Left alone first: a signal sent to one that is dying takes its status away from who waits for it.
            async with asyncio.timeout(_FIN_S):
                code = await uno.proceso.wait()
        if code is None:  # it closed its output and is there still
            with contextlib.suppress(ProcessLookupError):
                uno.proceso.kill()
            code = await uno.proceso.wait()
        motivo = "lector_lento" if code == -signal.SIGPROF else "lector_murio"
        log.warning("lector perdido", extra={"datos": {"motivo": motivo, "codigo": code}})
        return LecturaFallida(motivo, str(code))

    async def _acabar(self, uno: _Proceso) -> None:
        """End it: at once if it is reading, it has nothing of its own to lose."""
        if uno in self._vivos:
            self._vivos.remove(uno)
        with contextlib.suppress(ProcessLookupError):
            uno.proceso.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIN_S):
                await uno.proceso.wait()
        if uno.proceso.stdin is not None:
            uno.proceso.stdin.close()


def _entorno() -> dict[str, str]:
    """Ours without the settings, secrets among them; with the way to our modules. One thread each is enough."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ACOPIO_")}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
