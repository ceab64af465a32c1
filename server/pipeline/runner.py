"""`Tuberia`: takes what is due and moves it on, round after round (rows F1-F5).

The rows are all there is to know: nothing is marked as taken, because one process owns the folder and one round runs at
a time. Killed in the middle, it does again what was not written. A round is small, what it writes are small operations
among those of the phones, and it waits while these are many.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, TypeVar

from server.clock import Clock
from server.diario.apertura import NoAbre
from server.errors import AppError
from server.expedientes.abrir import Abierto, Abridor
from server.lectura import modelo
from server.lectura.comparar import comparar
from server.lectura.lectores import LecturaFallida
from server.lectura.modelo import Lectura
from server.padron.proveedor import SILENCIO, Pregunta, Proveedor, Respuesta
from server.pipeline import compulsa, operaciones, paciencia
from server.pipeline.operaciones import Leida, Persona
from server.pipeline.outcome import Hallado, hallado
from server.pipeline.puesta_al_dia import PuestaAlDia
from server.pipeline.stages import CADENA, FRENTE, desde
from server.store import cedulas_papel, correcciones, lecturas, trabajos
from server.store.connection import Connection, IndexFailure
from server.store.readers import Readers
from server.store.trabajos import Trabajo
from server.store.writer import Done, Tx, Writer

log = logging.getLogger("acopio.tuberia")

T = TypeVar("T")

PAUSE_S = 1.0
"""How long an idle box sleeps between two looks at the queue; each is a handful of steps in an index."""
SICK_S = 10.0
"""After the index could not be read or written."""
FRONT = 48
"""Registros of a round that are opened and read."""
BATCH = 100
"""People of one question to the padrón, and jobs of a round that need rows alone."""
WRITES = 8
"""Operations that are with the write thread at once: an acuse waits for no more of them."""
BUSY = 64
"""With more than so many operations waiting at the write thread, phones go first."""


class Lector(Protocol):
    """Who reads images (server.lectura.lectores.Lectores)."""

    @property
    def a_la_vez(self) -> int:
        """How many registros are read at the same time."""

    async def leer(self, imagenes: Any) -> Lectura:
        """Read the images of one registro. Raises LecturaFallida."""


class _AlmacenAusente(Exception):  # noqa: N818
    """The store takes nothing now: no fault of any job."""


@dataclass(slots=True)
class Tuberia:
    """The pipeline of a running server. `run` for ever, or `paso` by `paso`."""

    writer: Writer
    readers: Readers
    clock: Clock
    abridor: Abridor
    lectores: Lector
    proveedor: Proveedor
    pausa_s: float = PAUSE_S
    _round: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _writes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(WRITES))
    _al_dia: PuestaAlDia = field(default_factory=PuestaAlDia)

    async def run(self) -> None:
        """Work for ever; ends when it is cancelled, between two writes."""
        while True:
            self._wake.clear()
            pause = self.pausa_s
            try:
                if await self.paso():
                    continue
            except (_AlmacenAusente, AppError, OSError, IndexFailure) as error:
                log.warning("tubería en espera", extra={"datos": {"motivo": type(error.__cause__ or error).__name__}})
                pause = SICK_S
            except Exception:  # whatever it was, what is to be done is still in its rows
                log.exception("la tubería tropezó")
                pause = SICK_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)

    def despertar(self) -> None:
        """There is something to do: look now."""
        self._wake.set()

    async def paso(self) -> int:
        """One round; how many jobs it moved, or tried to. 0: nothing is due."""
        async with self._round:
            await self._let_phones_go_first()
            now = self.clock()
            due, todo = await self.readers.run(lambda conn: (_due(conn, now), self._al_dia.mirar(conn)))
            moved = 0
            if todo:
                moved += await self._write(self._al_dia.aplicar)
            front = [job for etapa in reversed(FRENTE) for job in due[etapa]][:FRONT]
            places = asyncio.Semaphore(self.lectores.a_la_vez + 1)
            ready = await _all(self._front(job, places) for job in front)
            asked = [job.id for job in due["verificar_padron"]]
            known = [one for one in ready if one is not None]
            await self._padron(asked, known)
            rows = [job for etapa in CADENA for job in due[etapa]]
            await _all(self._chain(job) for job in rows)
            return moved + len(front) + len(asked) + len(rows)

    # -- what one registro goes through by itself -------------------------------------------------------------------

    async def _front(self, job: Trabajo, places: asyncio.Semaphore) -> Persona | None:
        """From where it is to the padrón's door; None when it did not get there."""
        etapa, intentos = job.etapa, job.intentos
        async with places:
            try:
                abierto, persona, criterio = await self.readers.run(partial(self._open, id_=job.id))
                for etapa in desde(job.etapa, FRENTE):
                    if not await self._write(await self._stage(etapa, abierto, persona, criterio)):
                        return None  # somebody sent it elsewhere meanwhile: the next round finds it there
                    intentos = 0
            except (NoAbre, LecturaFallida) as error:
                await self._failed(job.id, etapa, intentos, error.motivo)
                return None
            except (_AlmacenAusente, IndexFailure):
                raise
            except Exception as error:  # noqa: BLE001 -- one registro must not hold up the others
                await self._stumbled(job.id, etapa, intentos, error)
                return None
            return persona

    def _open(self, conn: Connection, id_: int) -> tuple[Abierto, Persona, str]:
        # The correction first: what comes in between is seen as a newer one, and the work is done again.
        seen = correcciones.ultima(conn, id_)
        abierto = self.abridor.abrir(conn, id_)
        hashes = operaciones.huellas(self.abridor.keyring, abierto.datos)
        return abierto, Persona(id_, abierto.datos, hashes, seen), cedulas_papel.criterio_de(conn, id_)

    async def _stage(
        self, etapa: str, abierto: Abierto, persona: Persona, criterio: str
    ) -> Callable[[Tx], bool]:  # fmt: skip
        """The work of one stage; what is to be written."""
        if etapa == "abrir":
            return partial(operaciones.abierto, persona=persona)
        if etapa == "leer_codigos":
            return partial(operaciones.leido, persona=persona, lectura=await self._read(abierto))
        again = await self._compare_again(abierto) if abierto.corregidos else None
        found = compulsa.compulsar(abierto.datos, criterio)
        return partial(operaciones.compulsado, persona=persona, hallado=found, comparado=again)

    async def _read(self, abierto: Abierto) -> Leida | None:
        if abierto.contenido is None:
            return None
        read = await self.lectores.leer(abierto.imagenes)
        found = comparar(compulsa.con_correcciones(abierto.contenido, abierto.datos), read)
        wrapped = self.abridor.keyring.wrap(lecturas.proposito(abierto.id), modelo.encode(read))
        return Leida(wrapped, read.lector, read.huellas, hallado(found))

    async def _compare_again(self, abierto: Abierto) -> Hallado | None:
        if abierto.contenido is None:
            return None
        kept = await self.readers.run(lambda conn: lecturas.get(conn, abierto.id))
        plain = kept and self.abridor.keyring.unwrap(lecturas.proposito(abierto.id), kept.leido)
        if not plain:
            return None
        changed = compulsa.con_correcciones(abierto.contenido, abierto.datos)
        return hallado(comparar(changed, modelo.decode(plain)))

    # -- the padrón, and what follows -------------------------------------------------------------------------------

    async def _padron(self, asked: Sequence[int], known: Sequence[Persona]) -> None:
        """Ask for these, opened again, and for those that were opened in this round."""
        have = {one.id for one in known}
        again = await _all(self._open_for_padron(id_) for id_ in asked if id_ not in have)
        people = [*known, *(one for one in again if one is not None)]
        for start in range(0, len(people), BATCH):
            some = people[start : start + BATCH]
            answers = await self._answers(some)
            pairs = zip(some, answers, strict=True)
            await _all(
                self._guarded(
                    one.id, "verificar_padron",
                    partial(
                        operaciones.verificado, persona=one, respuesta=answer,
                        hallado=compulsa.contestado(one.datos, answer),
                    ),
                )
                for one, answer in pairs
            )  # fmt: skip

    async def _answers(self, people: Sequence[Persona]) -> list[Respuesta]:
        """What the padrón says of each. One that raises, against its word, is silent: the line behind must go on."""
        asked = [Pregunta(one.datos.clave_elector, one.datos.curp, one.datos.cic, one.datos.ocr) for one in people]
        try:
            return await self.proveedor.preguntar(asked)
        except Exception as error:  # noqa: BLE001 -- whatever it was, the next round asks again
            # No text of the error: it may speak of data.
            log.error("el padrón falló", extra={"datos": {"motivo": type(error).__name__, "preguntas": len(asked)}})
            return [SILENCIO] * len(asked)

    async def _open_for_padron(self, id_: int) -> Persona | None:
        try:
            _, persona, _ = await self.readers.run(partial(self._open, id_=id_))
        except NoAbre as error:
            await self._failed(id_, "verificar_padron", None, error.motivo)
            return None
        return persona

    async def _chain(self, job: Trabajo) -> None:
        await self._guarded(job.id, job.etapa, partial(operaciones.encadenado, id_=job.id))

    async def _guarded(self, id_: int, etapa: str, operation: Callable[[Tx], bool]) -> None:
        try:
            await self._write(operation)
        except (_AlmacenAusente, IndexFailure):
            raise
        except Exception as error:  # noqa: BLE001 -- one registro must not hold up the others
            await self._stumbled(id_, etapa, None, error)

    # -- failures ---------------------------------------------------------------------------------------------------

    async def _stumbled(self, id_: int, etapa: str, intentos: int | None, error: Exception) -> None:
        # No text of the error: it may speak of data.
        log.error("una etapa falló", extra={"datos": {"apoyo": id_, "etapa": etapa, "motivo": type(error).__name__}})
        await self._failed(id_, etapa, intentos, "error_interno")

    async def _failed(self, id_: int, etapa: str, intentos: int | None, motivo: str) -> None:
        """`intentos`: how often it failed there before; None: as its row says, where silence of the padrón is none."""
        if motivo in paciencia.DEL_SERVIDOR:
            return
        if intentos is None:
            job = await self.readers.run(lambda conn: trabajos.get(conn, id_))
            intentos = job.intentos if job is not None and job.motivo != trabajos.ESPERA_PADRON else 0
        outcome = paciencia.tras_falla(motivo, intentos)
        await self._write(partial(operaciones.fallado, id_=id_, etapa=etapa, fallido=outcome))

    # -- the write thread -------------------------------------------------------------------------------------------

    async def _write(self, operation: Callable[[Tx], T]) -> T:
        """One operation on the write thread, durable when it returns. Raises what it raised, or _AlmacenAusente."""
        loop = asyncio.get_running_loop()
        async with self._writes:
            future: asyncio.Future[T] = loop.create_future()

            def settle(result: Done[T] | BaseException) -> None:
                if future.done():  # whoever waited was cancelled; the rows are right all the same
                    return
                if isinstance(result, BaseException):
                    future.set_exception(result)
                else:
                    future.set_result(result.value)

            self.writer.submit(operation, lambda result: loop.call_soon_threadsafe(settle, result))
            try:
                return await future
            except (AppError, OSError) as error:
                raise _AlmacenAusente from error

    async def _let_phones_go_first(self) -> None:
        while self.writer.waiting > BUSY:  # noqa: ASYNC110 -- the writer tells nobody that its queue is short again
            await asyncio.sleep(0.02)


def _due(conn: Connection, now_ms: int) -> dict[str, list[Trabajo]]:
    found = {etapa: trabajos.due(conn, etapa, now_ms, FRONT) for etapa in FRENTE}
    return found | {etapa: trabajos.due(conn, etapa, now_ms, BATCH) for etapa in ("verificar_padron", *CADENA)}


async def _all(work: Any) -> list[Any]:
    """Every one of them, also when one of them raises: none is left running behind the round's back."""
    tasks: list[Awaitable[Any]] = [asyncio.ensure_future(one) for one in work]
    try:
        done = await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return done
