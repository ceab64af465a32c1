"""A card taken in: every sobre is offered, every answer goes back for its phone (SPEC §12; row X7).

One run over the files; again and again is harmless, because the same sobre gets the same acuse. What cannot be done
(a damaged file, a full card, a dead second copy) is noted and the rest goes on; only a card that is gone, or a server
that cannot store, ends the run.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from server.local_channel import BrokenChannelError, Veredicto
from server.tarjeta.archivos import Archivo, CardGoneError, Encontrado, Respuestas, Tarjeta
from server.tarjeta.canal import Receptor
from sync_protocol import tarjeta as nombres
from sync_protocol.sobre import MAX_SOBRE

AT_ONCE = 8
CHECK_EVERY = 50


class Suerte(StrEnum):
    """What became of a file."""

    NUEVO = "nuevo"
    REPETIDO = "repetido"
    SIN_ACUSE = "sin_acuse"
    RECHAZADO = "rechazado"
    ILEGIBLE = "ilegible"
    NO_TOMADO = "no_tomado"


@dataclass(frozen=True, slots=True)
class Resultado:
    """One file. `codigo`: of the catalogue, when it was refused; `escrita`: its answer is where phones find it."""

    archivo: Archivo
    suerte: Suerte
    folio: str = ""
    codigo: str = ""
    escrita: bool = True


@dataclass(slots=True)
class Importacion:
    """What came of a card. `cortada`: why it ended before its time (`tarjeta`, `servidor`, or a code)."""

    encontrado: Encontrado
    resultados: list[Resultado] = field(default_factory=list)
    cortada: str = ""
    asentada: bool = True
    """Whether the answers are surely on the card: it may be pulled out."""

    @property
    def cuentas(self) -> Counter[Suerte]:
        """How many of each."""
        return Counter(one.suerte for one in self.resultados)

    @property
    def sin_escribir(self) -> int:
        """Answers that could not be written."""
        return sum(1 for one in self.resultados if not one.escrita)

    @property
    def completa(self) -> bool:
        """Every sobre has its acuse, on the card."""
        good = all(one.suerte in (Suerte.NUEVO, Suerte.REPETIDO) and one.escrita for one in self.resultados)
        return good and not self.cortada and not self.encontrado.ilegibles and self.asentada


class _CutError(Exception):
    """The run cannot go on."""


class Importador:
    """One run. `espera_s`: how long the second copy may stand still before its acuses are left for another run."""

    def __init__(
        self,
        tarjeta: Tarjeta,
        respuestas: Respuestas,
        receptor: Receptor,
        *,
        espera_s: float,
        on_result: Callable[[Resultado], None] = lambda one: None,
    ) -> None:
        self._tarjeta = tarjeta
        self._respuestas = respuestas
        self._receptor = receptor
        self._espera_s = espera_s
        self._on_result = on_result
        self._queue: deque[Archivo] = deque()
        self._held: asyncio.Queue[tuple[Archivo, Veredicto] | None] = asyncio.Queue()
        self._out = Importacion(Encontrado((), 0, ()))

    async def run(self, encontrado: Encontrado) -> Importacion:
        """Offer everything that was found. Never raises for what a card, a sobre or the server may do."""
        self._out = Importacion(encontrado)
        self._queue = deque(encontrado.sobres)
        try:
            async with asyncio.TaskGroup() as collecting:
                collecting.create_task(self._collect())
                async with asyncio.TaskGroup() as working:
                    for slot in range(min(AT_ONCE, len(self._queue))):
                        working.create_task(self._work(slot))
                self._held.put_nowait(None)
        except* _CutError as errors:
            self._out.cortada = _first(errors)
        except* BrokenChannelError:
            self._out.cortada = "servidor"
        except* CardGoneError:
            self._out.cortada = "tarjeta"
        while not self._held.empty():
            if item := self._held.get_nowait():
                self._note(Resultado(item[0], Suerte.SIN_ACUSE, item[1].folio))
        try:
            await asyncio.to_thread(self._respuestas.settle)
        except CardGoneError:
            self._out.cortada = self._out.cortada or "tarjeta"
        except OSError:
            self._out.asentada = False
        return self._out

    def _note(self, resultado: Resultado) -> None:
        self._out.resultados.append(resultado)
        self._on_result(resultado)

    async def _work(self, slot: int) -> None:
        while self._queue:
            archivo = self._queue.popleft()
            if len(self._queue) % CHECK_EVERY == 0:
                await asyncio.to_thread(self._tarjeta.check)
            try:
                raw = await asyncio.to_thread(self._tarjeta.read, archivo)
            except OSError:
                await asyncio.to_thread(self._tarjeta.check)
                self._note(Resultado(archivo, Suerte.ILEGIBLE))
                continue
            if len(raw) > MAX_SOBRE:
                digest = hashlib.sha256(raw).digest()
                verdict = Veredicto(estado="rechazado", integridad=digest, codigo="sobre_demasiado_grande")
            else:
                verdict = await self._receptor.take(raw, nombres.announced(archivo.relativo.name))
            del raw
            if verdict.estado == "recibido":
                self._held.put_nowait((archivo, verdict))
            else:
                await self._settle(archivo, verdict, slot)

    async def _settle(self, archivo: Archivo, verdict: Veredicto, slot: int) -> None:
        if verdict.estado == "acusado":
            content = verdict.acuse.encode("ascii")
            written = await self._write(archivo, nombres.ACUSE, content, verdict, slot)
            suerte = Suerte.NUEVO if verdict.nuevo else Suerte.REPETIDO
            self._note(Resultado(archivo, suerte, verdict.folio, escrita=written))
        elif verdict.estado == "rechazado":
            content = nombres.rechazo(verdict.codigo, verdict.integridad, verdict.folio)
            written = await self._write(archivo, nombres.RECHAZO, content, verdict, slot)
            self._note(Resultado(archivo, Suerte.RECHAZADO, verdict.folio, verdict.codigo, escrita=written))
        else:
            self._note(Resultado(archivo, Suerte.NO_TOMADO, verdict.folio, verdict.codigo))
            if verdict.codigo in ("sin_espacio", "almacen_no_disponible"):
                raise _CutError(verdict.codigo)

    async def _write(self, archivo: Archivo, suffix: str, content: bytes, verdict: Veredicto, slot: int) -> bool:
        fallback = verdict.integridad.hex()
        try:
            await asyncio.to_thread(self._respuestas.put, archivo, suffix, content, fallback, slot)
        except OSError:
            # Full, or read-only, or gone. The sobre is safe at the server; the next run writes its acuse.
            await asyncio.to_thread(self._tarjeta.check)
            return False
        return True

    async def _collect(self) -> None:
        """The acuses that wait for the second copy, in the order in which it gets them."""
        loop = asyncio.get_running_loop()
        moved: float | None = None
        while (item := await self._held.get()) is not None:
            archivo, before = item
            moved = moved or loop.time()
            verdict = before
            while verdict.estado == "recibido" and loop.time() - moved <= self._espera_s:
                verdict = await self._receptor.ask(before.folio, before.integridad)
            if verdict.estado == "recibido":
                self._note(Resultado(archivo, Suerte.SIN_ACUSE, before.folio))
                continue
            moved = loop.time()
            await self._settle(archivo, msgspec.structs.replace(verdict, nuevo=before.nuevo), AT_ONCE)


def _first(errors: BaseExceptionGroup[_CutError]) -> str:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
