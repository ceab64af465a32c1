"""Tells of the second copy: an event in the bitácora for each change, and two mails for an outage that lasts (row X1).

One mail once it has been away for `tras_ms`, one once all has been well for as long: however it flickers between, it is
one outage. Mails are rows of the outbox, so a restart neither forgets nor repeats one.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from server import bitacora
from server.bitacora import Evento
from server.clock import Clock
from server.diario.comparison import Hallazgo
from server.diario.places.place import Motivo
from server.diario.second_copy import Estado, SecondCopy
from server.errors import AppError
from server.store import correos
from server.store.connection import IndexFailure, open_reader
from server.store.writer import Tx, Writer

log = logging.getLogger("acopio.segunda_copia")

EVERY_S = 2.0
FINDINGS_RECORDED = 20
_KEY = "segunda_copia:"
FUERA = "segunda_copia_fuera"
BIEN = "segunda_copia_bien"


class Aviso(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail to the administrator is made of; `datos` of its row. Instants in milliseconds of Unix time."""

    aviso: str
    desde_ms: int
    en_ms: int
    motivo: str = ""
    pendientes: int = 0
    lugar: str = ""


@dataclass(frozen=True, slots=True)
class Vista:
    """What the watch remembers between two looks."""

    motivo: Motivo | None = None
    """As the bitácora has it."""
    fuera_ms: int | None = None
    """When the outage began that is not over yet."""
    bien_ms: int | None = None
    """Since when all has been well again, in an outage."""
    avisado: bool = False


@dataclass(frozen=True, slots=True)
class Paso:
    """What one look leads to."""

    vista: Vista
    cambio: bool = False
    aviso: Aviso | None = None


def look(vista: Vista, estado: Estado, now_ms: int, tras_ms: int) -> Paso:
    """One look. Pure: what must be told follows from what was and what is."""
    after = replace(vista, motivo=estado.motivo)
    cambio = estado.motivo is not vista.motivo
    if estado.motivo is not None:
        since = vista.fuera_ms if vista.fuera_ms is not None else estado.desde_ms
        after = replace(after, fuera_ms=since, bien_ms=None)
        if vista.avisado or now_ms - since < tras_ms:
            return Paso(after, cambio)
        aviso = Aviso(
            aviso=FUERA, desde_ms=since, en_ms=now_ms, motivo=estado.motivo.value, pendientes=estado.pendientes,
            lugar=estado.lugar,
        )  # fmt: skip
        return Paso(replace(after, avisado=True), cambio, aviso)
    if vista.fuera_ms is None:
        return Paso(after, cambio)
    well = vista.bien_ms if vista.bien_ms is not None else now_ms
    if now_ms - well < tras_ms:
        return Paso(replace(after, bien_ms=well), cambio)
    over = Aviso(aviso=BIEN, desde_ms=vista.fuera_ms, en_ms=well, lugar=estado.lugar) if vista.avisado else None
    return Paso(Vista(), cambio, over)


def remembered(datos: str | None) -> Vista:
    """What an earlier process left to be said, from the newest mail's `datos`."""
    if datos is None:
        return Vista()
    last = msgspec.json.decode(datos, type=Aviso)
    return Vista(fuera_ms=last.desde_ms, avisado=True) if last.aviso == FUERA else Vista()


class SecondCopyWatch:
    """Looks every few seconds and writes what follows, in one transaction."""

    def __init__(
        self, second: SecondCopy, writer: Writer, index: Path, clock: Clock, *, tras_ms: int, mail: bool
    ) -> None:
        """`tras_ms`: how long an outage, or its end, must last. `mail`: whether the administrator has an address."""
        self._mail = mail
        self._second = second
        self._writer = writer
        self._index = index
        self._clock = clock
        self._tras_ms = tras_ms
        self._vista: Vista | None = None
        self._findings: list[Hallazgo] = []
        self._looking = threading.Lock()

    async def run(self) -> None:
        """Watch for ever. A store that cannot be written now is tried again at the next look."""
        while True:
            try:
                await asyncio.to_thread(self.look)
            except (AppError, OSError, IndexFailure) as error:
                log.warning("cambio de la segunda copia sin anotar", extra={"datos": {"motivo": type(error).__name__}})
            except Exception:  # a watch that dies in silence would hide the next outage
                log.exception("vigilancia de la segunda copia interrumpida")
            await asyncio.sleep(EVERY_S)

    def look(self) -> None:
        """One look, on a thread that may block. Raises AppError when nothing can be written."""
        with self._looking:
            self._look()

    def _look(self) -> None:
        if self._vista is None:
            reader = open_reader(self._index)
            try:
                self._vista = remembered(correos.newest_notice(reader, _KEY))
            finally:
                reader.close()
        estado = self._second.estado()
        paso = look(self._vista, estado, self._clock(), self._tras_ms)
        if not self._mail:
            paso = replace(paso, aviso=None)
        self._findings += self._second.take_findings()
        if paso.cambio or paso.aviso or self._findings:
            findings = tuple(self._findings)
            self._writer.run(lambda tx: _write(tx, paso, estado, findings))
            self._findings.clear()
        self._vista = paso.vista


def _write(tx: Tx, paso: Paso, estado: Estado, findings: Sequence[Hallazgo]) -> None:
    if paso.cambio:
        if estado.motivo is None:
            bitacora.record(
                tx.conn, tx.now_ms, Evento.SEGUNDA_COPIA_RESTABLECIDA, actor="sistema", pendientes=estado.pendientes
            )
        else:
            bitacora.record(
                tx.conn, tx.now_ms, Evento.SEGUNDA_COPIA_DETENIDA, actor="sistema", motivo=estado.motivo.value,
                desde_ms=estado.desde_ms, pendientes=estado.pendientes,
            )  # fmt: skip
    for finding in findings[:FINDINGS_RECORDED]:
        bitacora.record(
            tx.conn, tx.now_ms, Evento.SEGUNDA_COPIA_HALLAZGO, actor="sistema", objeto=f"lote:{finding.numero}",
            clase=finding.clase.value, en_total=len(findings),
        )  # fmt: skip
    if paso.aviso is not None:
        clave = f"{_KEY}{paso.aviso.desde_ms}:{paso.aviso.aviso}"
        correos.add_notice(tx.conn, clave, msgspec.json.encode(paso.aviso).decode(), tx.now_ms)
