"""`acopio verify`: everything is read back and compared with everything else (rows X1, X2, X4).

Reads only. Beside a running server the review speaks about the lotes up to the newest one of the index at its
beginning: about those nothing changes any more. What is newer is no error. Of a folder that was restored elsewhere it
says what it could not check without the passphrase. Memory is flat: a lote at a time for each thread.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from server.diario import lote as lotes
from server.diario.lote import FIRST_ANTERIOR
from server.errors import DiarioError
from server.replica.revision import indice
from server.replica.revision.copia import Comparador
from server.replica.revision.hallazgos import Hallazgos
from server.replica.revision.llaves import LlavesDispositivo, from_diario
from server.replica.revision.lotes import Filas, Material, Revisado, review
from server.replica.revision.tar import read
from server.store import registros, revision
from server.store.connection import Connection, IndexFailure, open_reader
from server.store.revision import FilaLlave, Fotografia
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PublicKey

Avance = Callable[[str, int, int], None]
"""Told how far it is: the stage, done, total."""


@dataclass(frozen=True, slots=True)
class Carpeta:
    """Where things lie in a data folder (server.app names them)."""

    indice: Path
    diario: Path
    parciales: Path


@dataclass(frozen=True, slots=True)
class Pedido:
    """What to review, and with what. `publicas`: the server's keys by thumbprint, None if they are not at hand;
    `nombres`: those that llaves.json names; `aperturas`: None not to open the sobres; `hilos`: threads."""

    carpeta: Carpeta
    publicas: dict[str, PublicKey] | None
    nombres: frozenset[str]
    aperturas: dict[bytes, OpeningKey] | None
    comparador: Comparador | None
    en_marcha: bool
    hilos: int = 1


@dataclass(slots=True)
class Informe:
    """What came of it."""

    hallazgos: Hallazgos = field(default_factory=Hallazgos)
    lotes: int = 0
    registros: int = 0
    conflictos: int = 0
    acuses: int = 0
    firmas: int = 0
    abiertos: int = 0
    bytes: int = 0
    segundos: float = 0.0
    sin_revisar: list[str] = field(default_factory=list)
    """What was not checked, each a sentence with what is missing."""
    en_indice: tuple[int, int, int] = (0, 0, 0)
    """Lotes, registros and conflictos read back that the index ought to have."""

    @property
    def por_segundo(self) -> float:
        """Registros a second."""
        return self.registros / self.segundos if self.segundos else 0.0


def verify(pedido: Pedido, avance: Avance = lambda stage, done, total: None) -> Informe:
    """Review a data folder. Never raises for what it finds; OSError only when the folder itself cannot be read."""
    began = time.monotonic()
    out = Informe()
    reader, foto = _index(pedido, out)
    try:
        _diario(pedido, out, foto if reader is not None else None, avance)
        if reader is not None:
            _whole(pedido, out, reader, foto, avance)
    finally:
        if reader is not None:
            reader.close()
    if pedido.comparador is not None:
        pedido.comparador(out.hallazgos, foto.numero or max(lotes.numbers(pedido.carpeta.diario), default=0))
    _unchecked(pedido, out)
    out.segundos = time.monotonic() - began
    return out


def _index(pedido: Pedido, out: Informe) -> tuple[Connection | None, Fotografia]:
    try:
        if not pedido.carpeta.indice.exists():
            raise FileNotFoundError(pedido.carpeta.indice)
        reader = open_reader(pedido.carpeta.indice)
        try:
            return reader, revision.snapshot(reader)
        except BaseException:
            reader.close()
            raise
    except (IndexFailure, OSError) as error:
        out.hallazgos.add("indice_ilegible", pedido.carpeta.indice.name, type(error).__name__)
        keys = tuple(from_diario(pedido.carpeta.diario))
        return None, Fotografia(0, keys, frozenset())


# -- the diario, lote by lote -----------------------------------------------------------------------------------------


def _diario(pedido: Pedido, out: Informe, foto: Fotografia | None, avance: Avance) -> None:
    folder = pedido.carpeta.diario
    if not folder.is_dir():
        if foto is not None and foto.numero:
            out.hallazgos.add("lote_faltante", "diario", "falta la carpeta entera")
        return
    _strangers(folder, out)
    present = list(lotes.numbers(folder))
    known = foto.numero if foto is not None else max(present, default=0)
    newer = [numero for numero in present if numero > known]
    if newer:
        out.hallazgos.add("lote_nuevo", f"desde el lote {newer[0]}", f"{len(newer)} lotes")
    wanted = list(range(1, known + 1)) + ([] if pedido.en_marcha else newer)
    keys = foto.llaves if foto is not None else tuple(from_diario(folder))
    # Of a folder at rest the altas of lotes that the index has yet to take count as well.
    if newer and foto is not None and not pedido.en_marcha:
        keys += tuple(from_diario(folder))
    by_lote: dict[int, list[FilaLlave]] = {}
    for key in foto.llaves if foto is not None else ():
        by_lote.setdefault(key.lote, []).append(key)
    task = _Task(
        pedido,
        Material(pedido.publicas, pedido.nombres, pedido.aperturas, LlavesDispositivo(keys)),
        foto,
        {numero: tuple(of_lote) for numero, of_lote in by_lote.items()},
        frozenset(present),
    )
    bajas: set[int] = set()
    previous: str | None = FIRST_ANTERIOR.hex()
    try:
        for done, result in enumerate(_in_order(task, wanted, pedido.hilos), start=1):
            previous = _link(out, result, previous)
            if foto is not None and result.numero <= foto.numero:
                out.en_indice = (out.lotes, out.registros, out.conflictos)
            bajas |= result.bajas
            out.bytes += task.sizes.pop(result.numero, 0)
            avance("Lotes", done, len(wanted))
    finally:
        task.close()
    for dispositivo in sorted(foto.bajas - bajas) if foto is not None else ():
        out.hallazgos.add("fila_sin_bytes", f"baja del dispositivo {dispositivo}")


def _link(out: Informe, result: Revisado, previous: str | None) -> str | None:
    """Add a lote's results; returns what the next one must name, None when this one could not be read."""
    out.hallazgos.extend(result.hallazgos)
    if not result.resumen:
        return None
    if previous is not None and result.anterior != previous:
        out.hallazgos.add("lote_no_sigue", f"lote {result.numero}")
    out.lotes += 1
    out.registros += result.registros
    out.conflictos += result.conflictos
    out.acuses += result.acuses
    out.firmas += result.firmas
    out.abiertos += result.abiertos
    return result.resumen


def _strangers(folder: Path, out: Informe) -> None:
    for path in folder.iterdir():
        if path.suffix == ".tmp":
            out.hallazgos.add("lote_a_medias", f"diario/{path.name[:60]}")
        elif path.suffix != ".tar" or path.name != f"{path.stem:0>10}.tar" or not path.stem.isdigit():
            out.hallazgos.add("archivo_ajeno", f"diario/{path.name[:60]}")


@dataclass(slots=True)
class _Task:
    """What each thread needs to review a lote."""

    pedido: Pedido
    material: Material
    foto: Fotografia | None
    llaves: dict[int, tuple[FilaLlave, ...]]
    present: frozenset[int]
    sizes: dict[int, int] = field(default_factory=dict)
    _local: threading.local = field(default_factory=threading.local)
    _readers: list[Connection] = field(default_factory=list)

    def run(self, numero: int) -> Revisado:
        out = Revisado(numero)
        where = f"lote {numero}"
        if numero not in self.present:
            out.found("lote_faltante", where)
            return out
        path = self.pedido.carpeta.diario / lotes.file_name(numero)
        try:
            whole = read(path)
        except (DiarioError, OSError) as error:
            out.found("lote_ilegible", where, str(error) if isinstance(error, DiarioError) else type(error).__name__)
            return out
        self.sizes[numero] = len(whole.raw)
        try:
            return review(whole, self.material, self._rows(numero))
        except IndexFailure as error:
            out.found("indice_ilegible", where, type(error).__name__)
            return out

    def _rows(self, numero: int) -> Filas | None:
        if self.foto is None or numero > self.foto.numero:
            return None
        conn = self._reader()
        return Filas(
            revision.lote(conn, numero),
            registros.of_lote(conn, numero),
            revision.conflictos_of(conn, numero),
            self.llaves.get(numero, ()),
            self.foto.bajas,
        )

    def _reader(self) -> Connection:
        conn: Connection | None = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._local.conn = open_reader(self.pedido.carpeta.indice)
            self._readers.append(conn)
        return conn

    def close(self) -> None:
        for conn in self._readers:
            conn.close()


def _in_order(task: _Task, numeros: list[int], hilos: int) -> Iterator[Revisado]:
    """The results in the order of the lotes; a few in hand at a time, so that memory stays flat."""
    if hilos <= 1:
        yield from map(task.run, numeros)
        return
    with ThreadPoolExecutor(hilos, thread_name_prefix="revision") as pool:
        in_hand: deque[Future[Revisado]] = deque()
        for numero in numeros:
            in_hand.append(pool.submit(task.run, numero))
            if len(in_hand) > 2 * hilos:
                yield in_hand.popleft().result()
        while in_hand:
            yield in_hand.popleft().result()


# -- the index as a whole ---------------------------------------------------------------------------------------------


def _whole(pedido: Pedido, out: Informe, reader: Connection, foto: Fotografia, avance: Avance) -> None:
    try:
        for done, (name, step) in enumerate(indice.PASOS, start=1):
            avance(name, done, len(indice.PASOS))
            step(out.hallazgos, reader, foto.numero)
        indice.parciales(out.hallazgos, reader, pedido.carpeta.parciales, running=pedido.en_marcha)
        _totals(out, reader, foto)
    except IndexFailure as error:
        out.hallazgos.add("indice_ilegible", pedido.carpeta.indice.name, str(error)[:200])


def _totals(out: Informe, reader: Connection, foto: Fotografia) -> None:
    """Totals of the index against the lotes that were read: rows whose lote no row names would show only here."""
    held = revision.lotes_up_to(reader, foto.numero)
    if held != foto.numero:
        out.hallazgos.add("cuenta_distinta", "lotes", f"el último es el {foto.numero}, hay {held} filas")
    rows, conflicts = revision.counts_up_to(reader, foto.numero)
    lotes_read, registros_read, conflicts_read = out.en_indice
    if lotes_read == foto.numero and (rows, conflicts) != (registros_read, conflicts_read):
        detail = f"índice {rows} y {conflicts}, diario {registros_read} y {conflicts_read}"
        out.hallazgos.add("cuenta_distinta", "registros y conflictos", detail)


def _unchecked(pedido: Pedido, out: Informe) -> None:
    if pedido.publicas is None:
        out.sin_revisar.append(
            "Las firmas de los acuses: falta la llave (ACOPIO_LLAVE_ARCHIVO o ACOPIO_FRASE) o un JWKS (--jwks). Se "
            "revisó que cada acuse nombre su folio, código, tamaño y hora, y una llave que llaves.json conoce."
            if pedido.nombres
            else "Las firmas de los acuses: no hay llaves.json, ni llave, ni JWKS."
        )
    if pedido.aperturas is None:
        out.sin_revisar.append("Que los sobres abran: pídalo con --abrir; necesita la llave.")
    if pedido.comparador is None:
        out.sin_revisar.append("La segunda copia: no está configurada o se pidió omitirla.")
    if out.hallazgos.counts.get("indice_ilegible"):
        out.sin_revisar.append("El índice: no se pudo leer; el diario se revisó solo.")
