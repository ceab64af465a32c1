"""Files of auxiliares: received, looked at without writing anything, then taken in pieces or dropped (row C3).

Every step is a row of `cargas` that says where it is, so that a process that was killed goes on where it was: a file
that was being looked at is looked at again; of one that was being taken, each piece and its progress are one operation
of the write thread, and phones have their turns between two of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.clock import CENTRO, Clock
from server.domain.auxiliar import causa_padron, discrepancias_de
from server.errors import AppError, DatoInvalido
from server.registro import auxiliares, hoja
from server.registro.auxiliares import SISTEMA, Rechazo, Registrado
from server.registro.carga import Buena, Hallazgo, Lectura, Mala
from server.store import cargas, padron
from server.store.cargas import Carga
from server.store.connection import Connection, open_reader
from server.store.writer import Tx, Writer

log = logging.getLogger("acopio.cargas")

CHUNK = 500
PROGRESS = 2_000
PAUSE_S = 2.0
KEEP_MS = 7 * 24 * 3600 * 1000
"""How long the wrong rows of a file can be downloaded, and a file waits for a decision."""
_ATTEMPTS = 3


class Nota(msgspec.Struct, frozen=True):
    """Something to know about a row that is good."""

    linea: int
    texto: str


class Resultado(msgspec.Struct):
    """What is kept of a file beside its counts. `bajas`: rows that the padrón gives a baja; `error`: of the file."""

    malas: list[Mala] = []
    bajas: list[Nota] = []
    avisos: list[Nota] = []
    ignoradas: list[str] = []
    error: str = ""


NADA = msgspec.json.encode(Resultado()).decode()


def resultado(conn: Connection, carga_id: int) -> Resultado:
    """What was found in a file; empty while nobody has looked, and once it was forgotten."""
    text = cargas.findings(conn, carga_id)
    return Resultado() if text in ("", "[]") else msgspec.json.decode(text, type=Resultado)


def recibir(tx: Tx, aspirante_id: int, nombre: str, contenido: bytes, actor: str) -> int | Rechazo:
    """Take a file to be looked at; returns its id. One at a time: another must have been resolved."""
    closed = auxiliares.cerrado(tx.conn, aspirante_id)
    if closed is not None:
        return closed
    if not contenido:
        return Rechazo("archivo", "archivo_vacio", "El archivo está vacío.")
    if len(contenido) > hoja.MAX_BYTES:
        return Rechazo("archivo", "archivo_grande", "El archivo pasa de 5 MB. Divídalo en varios.")
    pending = cargas.open_of(tx.conn, aspirante_id)
    if pending is not None:
        return Rechazo(
            "archivo", "carga_pendiente", "Hay otro archivo por resolver: acéptelo o descártelo antes de subir éste."
        )
    id_ = cargas.insert(tx.conn, aspirante_id, _file_name(nombre), contenido, tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CARGA_RECIBIDA, actor=actor, objeto=f"carga:{id_}", solicitud=aspirante_id,
        tam=len(contenido),
    )  # fmt: skip
    return id_


def _file_name(nombre: str) -> str:
    plain = "".join(sign for sign in nombre.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return plain[-120:] or "archivo"


def aceptar(tx: Tx, carga_id: int, actor: str) -> Rechazo | None:
    """Take the good rows. Again changes nothing."""
    carga = cargas.get(tx.conn, carga_id)
    if carga is None:
        return Rechazo("", "carga_desconocida", "Ese archivo no existe.")
    if carga.estado in ("aplicando", "aplicada"):
        return None
    if carga.estado != "por_aceptar" or not carga.buenas:
        return Rechazo("", "carga_no_aceptable", "Ese archivo no tiene renglones que registrar.")
    closed = auxiliares.cerrado(tx.conn, carga.aspirante_id)
    if closed is not None:
        return closed
    cargas.set_applying(tx.conn, carga_id)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CARGA_ACEPTADA, actor=actor, objeto=f"carga:{carga_id}", buenas=carga.buenas,
        malas=carga.malas,
    )  # fmt: skip
    return None


def descartar(tx: Tx, carga_id: int, actor: str) -> Rechazo | None:
    """Take no row. Again changes nothing; one that is being taken, or was, is not dropped."""
    carga = cargas.get(tx.conn, carga_id)
    if carga is None:
        return Rechazo("", "carga_desconocida", "Ese archivo no existe.")
    if carga.estado in ("aplicando", "aplicada"):
        return Rechazo("", "carga_ya_aceptada", "Ya se aceptó: sus auxiliares se dan de baja uno por uno.")
    if carga.abierta:
        cargas.resolve(tx.conn, carga_id, "descartada", tx.now_ms, hallazgos=NADA)
        bitacora.record(tx.conn, tx.now_ms, Evento.CARGA_DESCARTADA, actor=actor, objeto=f"carga:{carga_id}")
    return None


@dataclass(slots=True)
class Cargador:
    """The worker: one file at a time, its parsing and its SQL in a thread."""

    writer: Writer
    index: Path
    clock: Clock
    chunk: int = CHUNK
    _failures: int = 0
    _round: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            self._wake.clear()
            try:
                worked = await self.paso()
            except Exception as error:  # noqa: BLE001 -- what was to be done is still in its row
                log.warning("carga en espera", extra={"datos": {"motivo": type(error).__name__}})
                worked = False
            if not worked:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), PAUSE_S)

    def despertar(self) -> None:
        """There is something to do: begin now."""
        self._wake.set()

    async def paso(self) -> bool:
        """Do what is oldest; says whether there was anything. One at a time, whoever asks."""
        async with self._round:
            return await asyncio.to_thread(self._step)

    def _step(self) -> bool:
        reader = open_reader(self.index)
        try:
            carga = cargas.next_work(reader)
            if carga is None:
                if cargas.anything_before(reader, self.clock() - KEEP_MS, NADA):
                    self.writer.run(lambda tx: cargas.forget_before(tx.conn, tx.now_ms - KEEP_MS, NADA, tx.now_ms))
                return False
            self._work(reader, carga)
        finally:
            reader.close()
        return True

    def _work(self, reader: Connection, carga: Carga) -> None:
        try:
            if carga.estado == "revisando":
                self._look(reader, carga)
            else:
                self._apply(reader, carga)
            self._failures = 0
        except DatoInvalido as error:
            codigo, texto = error.codigo, error.texto
            self.writer.run(lambda tx: _fail(tx, carga.id, codigo, texto))
        except AppError:
            raise
        except Exception:  # one file that cannot be gone through must not hold up those behind it
            log.exception("carga interrumpida")
            self._failures += 1
            if self._failures >= _ATTEMPTS:
                self._failures = 0
                self.writer.run(lambda tx: _fail(tx, carga.id, "carga_interrumpida", _INTERRUPTED))

    def _look(self, reader: Connection, carga: Carga) -> None:
        """The dry run: nothing is written but its result."""
        lectura = Lectura(_today(self.clock))
        found = Resultado()
        filas = buenas = 0
        for fila in lectura.filas(cargas.content(reader, carga.id)):
            filas += 1
            if filas % PROGRESS == 0:
                self._progress(carga.id, filas)
            if isinstance(fila, Buena):
                again = auxiliares.repetido(reader, carga.aspirante_id, fila.datos)
                if again is None:
                    buenas += 1
                    found.bajas += _baja_of(reader, fila)
                    found.avisos += [Nota(fila.linea, one.texto) for one in discrepancias_de(fila.datos)]
                    continue
                fila = _refused(fila, again)
            found.malas.append(fila)
        found.ignoradas = lectura.ignoradas
        text = msgspec.json.encode(found).decode()

        def looked_at(tx: Tx) -> None:
            now = cargas.get(tx.conn, carga.id)
            if now is not None and now.estado == "revisando":  # else its owner dropped it meanwhile
                cargas.set_looked_at(
                    tx.conn, carga.id, filas=filas, buenas=buenas, malas=len(found.malas), hallazgos=text
                )

        self.writer.run(looked_at)

    def _progress(self, carga_id: int, filas: int) -> None:
        self.writer.run(lambda tx: cargas.set_progress(tx.conn, carga_id, filas))

    def _apply(self, reader: Connection, carga: Carga) -> None:
        """The good rows, piece by piece. The file says again what they are: it is the same file."""
        filas = list(Lectura(_today(self.clock)).filas(cargas.content(reader, carga.id)))
        found = resultado(reader, carga.id)
        refused = {mala.linea for mala in found.malas}
        for start in range(carga.avance, len(filas), self.chunk):
            piece = filas[start : start + self.chunk]
            done = self.writer.run(_piece(carga, found, refused, start, piece)).value
            if done is None:
                return
            found = done
        self.writer.run(lambda tx: _applied(tx, carga.id))


_INTERRUPTED = (
    "Algo falló de nuestro lado mientras se trabajaba con el archivo. Súbalo de nuevo: lo que ya se registró "
    "saldrá como repetido."
)


def _piece(
    carga: Carga, found: Resultado, refused: set[int], start: int, piece: list[Buena | Mala]
) -> Callable[[Tx], Resultado | None]:
    """The operation that takes some rows, if nobody has yet; it looks at each again, for things may have changed.

    It may be run twice, when a neighbour of its group fails: nothing outside the transaction is changed.
    """

    def operation(tx: Tx) -> Resultado | None:
        now = cargas.get(tx.conn, carga.id)
        if now is None or now.estado != "aplicando" or now.avance != start:
            return None
        bad: list[Mala] = []
        bajas: list[Nota] = []
        for fila in piece:
            if fila.linea in refused:
                continue
            if isinstance(fila, Buena):
                done = auxiliares.agregar(tx, carga.aspirante_id, fila.datos)
                if isinstance(done, Registrado):
                    bajas += [Nota(fila.linea, done.causa)] if done.causa else []
                    continue
                fila = _refused(fila, done)
            bad.append(fila)
        lines = {fila.linea for fila in piece}
        before = [nota for nota in found.bajas if nota.linea in lines]
        changed, text = found, None
        if bad or before != bajas:
            changed = Resultado(
                malas=sorted([*found.malas, *bad], key=lambda mala: mala.linea),
                bajas=sorted([*(n for n in found.bajas if n.linea not in lines), *bajas], key=lambda nota: nota.linea),
                avisos=found.avisos, ignoradas=found.ignoradas,
            )  # fmt: skip
            text = msgspec.json.encode(changed).decode()
        cargas.set_applied_up_to(tx.conn, carga.id, start + len(piece), now_bad=len(bad), hallazgos=text)
        return changed

    return operation


def _applied(tx: Tx, carga_id: int) -> None:
    carga = cargas.get(tx.conn, carga_id)
    if carga is None or carga.estado != "aplicando":
        return
    cargas.resolve(tx.conn, carga_id, "aplicada", tx.now_ms)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CARGA_APLICADA, actor=SISTEMA, objeto=f"carga:{carga_id}", registrados=carga.buenas,
        malas=carga.malas,
    )  # fmt: skip


def _fail(tx: Tx, carga_id: int, codigo: str, texto: str) -> None:
    carga = cargas.get(tx.conn, carga_id)
    if carga is None or not carga.abierta:
        return
    cargas.resolve(
        tx.conn,
        carga_id,
        "fallida",
        tx.now_ms,
        codigo=codigo,
        hallazgos=msgspec.json.encode(Resultado(error=texto)).decode(),
    )
    bitacora.record(tx.conn, tx.now_ms, Evento.CARGA_FALLIDA, actor=SISTEMA, objeto=f"carga:{carga_id}", codigo=codigo)


def _baja_of(conn: Connection, fila: Buena) -> list[Nota]:
    said = padron.ask(conn, fila.datos.clave_elector)
    causa = causa_padron(said.situacion, said.motivo, said.corte)
    return [Nota(fila.linea, causa)] if causa else []


def _refused(fila: Buena, why: Rechazo) -> Mala:
    return Mala(fila.linea, fila.celdas, (Hallazgo(why.campo, why.codigo, why.texto),))


def _today(clock: Clock) -> date:
    return datetime.fromtimestamp(clock() / 1000, CENTRO).date()
