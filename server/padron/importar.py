"""A padrón's CSV of millions of rows becomes the file of a version, a piece at a time (row F2).

Bytes in, a whole file on the disk out, which nobody uses yet. Rows that are wrong are named by line, column and reason,
never by what they say; with more of them than are tolerated nothing is made. A process that ends in the middle leaves
one unfinished file behind, which the next import drops.
"""

from __future__ import annotations

import codecs
import io
import re
import shutil
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from server.domain import renglon_csv
from server.errors import DatoInvalido
from server.padron.columnas import Lector, Malo
from server.store.padron_archivo import Construido, Obra

NOMBRADOS: Final = 20
"""Bad rows that are named; the rest are counted."""
TOPE: Final = 1_000
"""Bad rows beyond the tolerated ones after which reading on is of no use to anybody."""
_PIECE: Final = 1 << 20
_LINE: Final = 1 << 16
_EVERY: Final = 5_000
_COLUMNS: Final = 14
SPARE: Final = 64 * 1024 * 1024

Avance = Callable[[str, int, int], None]
"""Told how far it is: the stage, done, total (bytes, or 0 and 0 where that is not known)."""


@dataclass(slots=True)
class Informe:
    """What was read. `leidas`: rows that were taken; `malas`: that were not; `por_motivo`: those by reason."""

    leidas: int = 0
    malas: int = 0
    primeras: list[Malo] = field(default_factory=list)
    por_motivo: Counter[tuple[str, str]] = field(default_factory=Counter)
    interrumpido: bool = False

    def add(self, bad: Malo) -> None:
        """One more."""
        self.malas += 1
        self.por_motivo[bad.columna, bad.motivo] += 1
        if len(self.primeras) < NOMBRADOS:
            self.primeras.append(bad)


@dataclass(frozen=True, slots=True)
class Importado:
    """What became of a file. `hecho`: None when it has more bad rows than were tolerated."""

    hecho: Construido | None
    informe: Informe


def importar(
    archivo: Path, corte: str, folder: Path, *, tolerar: int = 0, avance: Avance = lambda stage, done, total: None
) -> Importado:
    """Make a version in `folder`, in which the caller is alone. Raises DatoInvalido for a file that is no padrón,
    OSError, padron_archivo.PadronIncompleto."""
    fecha_de_corte(corte)
    total = archivo.stat().st_size
    _room(total, folder)
    codificacion = encoding(archivo, lambda done: avance("Revisar", done, total))
    informe = Informe()
    obra = Obra(folder, corte)
    try:
        with archivo.open("rb") as raw, io.TextIOWrapper(raw, codificacion, errors="replace", newline=None) as text:
            rows = _rows(_Lines(text), informe, tolerar, lambda: avance("Leer", raw.tell(), total))
            informe.leidas = obra.add(rows)
        if informe.malas > tolerar:
            obra.discard()
            return Importado(None, informe)
        avance("Ordenar", 0, 0)
        for line, first in obra.close_up():
            informe.add(Malo(line, "clave_elector", "clave_repetida", f"es la misma de la línea {first}"))
            informe.leidas -= 1
        if informe.malas > tolerar:
            obra.discard()
            return Importado(None, informe)
        if not informe.leidas:
            raise DatoInvalido("padron_vacio", "El archivo no tiene ninguna persona.")
        avance("Guardar", 0, 0)
        return Importado(obra.finish(informe.leidas), informe)
    except BaseException:
        obra.discard()
        raise


def fecha_de_corte(corte: str) -> date:
    """The date of cut. Raises DatoInvalido."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", corte):
            raise ValueError
        return date.fromisoformat(corte)
    except ValueError as error:
        raise DatoInvalido("corte_forma", "La fecha de corte se escribe aaaa-mm-dd, por ejemplo 2026-10-31.") from error


def _room(size: int, folder: Path) -> None:
    # The file comes to about the size of its CSV with its indexes, which are sorted through a temporary file.
    needed = size * 2 + SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatoInvalido(
            "padron_sin_espacio",
            f"No cabe: hacen falta {needed >> 20:,} MB y quedan {free >> 20:,} MB en la carpeta de datos. No se cambió "
            "nada: libere espacio, o retire versiones anteriores con «acopio padron retirar».",
        )


def encoding(archivo: Path, done: Callable[[int], None] = lambda done: None) -> str:
    """How the file is written: UTF-8, UTF-16 with its mark, or Windows-1252. Reads it once. Raises DatoInvalido."""
    with archivo.open("rb") as raw:
        start = raw.read(400)
        if not start.strip():
            raise DatoInvalido("padron_vacio", "El archivo está vacío.")
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise DatoInvalido(
                "padron_no_es_csv",
                "Es un libro de Excel o un archivo comprimido: guárdelo como «CSV UTF-8», o descomprímalo.",
            )
        if b"\x00" in start:
            raise DatoInvalido("padron_no_es_csv", "El archivo no es un CSV.")
        raw.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        broken = signs = 0
        while piece := raw.read(_PIECE):
            if piece.isascii():
                decoder.decode(piece)
            else:
                text = decoder.decode(piece)
                broken += text.count("\ufffd")
                signs += len(text) - len(text.encode("ascii", "ignore"))
            done(raw.tell())
    # UTF-8 with a few bytes spoiled is still UTF-8: the rows that have them are named.
    return "utf-8-sig" if signs >= 4 * broken else "cp1252"


def _rows(lines: _Lines, informe: Informe, tolerar: int, done: Callable[[], None]) -> Iterator[tuple[object, ...]]:
    separator = lines.begin()
    header, error = lines.record(separator)
    if error is not None or header is None:
        raise DatoInvalido("padron_sin_columnas", "El primer renglón del archivo no se puede separar en columnas.")
    lector = Lector(header)
    while True:
        cells, error = lines.record(separator)
        if cells is None:
            break
        if error is not None:
            found: tuple[object, ...] | Malo = Malo(lines.at, "", error.codigo, error.texto)
        elif not any(cells):
            continue
        else:
            found = lector.leer(lines.at, cells)
        if isinstance(found, Malo):
            informe.add(found)
            if informe.malas > tolerar + TOPE:
                informe.interrumpido = True
                return
        else:
            yield found
        if lines.at % _EVERY == 0:
            done()
    done()


class _Lines:
    """The lines of a file with a few read ahead. `at`: the number of the line at which the last record began."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._ahead: deque[str] = deque()
        self._next = 1
        self.at = 0

    def begin(self) -> str:
        """Skip what comes before the header; returns the separator."""
        first = self._first()
        said = re.fullmatch(r"\s*\"?sep=(.)\"?[,;\t ]*", first, re.IGNORECASE)
        if said is not None and said[1] in renglon_csv.SEPARADORES:
            self._drop()
            self._first()
            return said[1]
        sample = [line for n in range(20) if (line := self._peek(n)) is not None and line.strip()]
        return renglon_csv.separador(sample, _COLUMNS)

    def _first(self) -> str:
        while (first := self._peek(0)) is not None and not first.strip():
            self._drop()
        if first is None:
            raise DatoInvalido("padron_vacio", "El archivo está vacío.")
        return first

    def record(self, separator: str) -> tuple[list[str] | None, DatoInvalido | None]:
        """The cells of the next record, None at the end; and what is wrong with it."""
        line = self._ahead.popleft() if self._ahead else self._read()
        if line is None:
            return None, None
        self.at = self._next
        self._next += 1
        if '"' not in line:
            return line.split(separator), None
        cells, taken, error = renglon_csv.registro([line], 0, separator)
        if error is not None and error.codigo == "comillas_sin_cerrar":
            window = [line]
            for n in range(renglon_csv.JUNTOS - 1):
                more = self._peek(n)
                if more is not None:
                    window.append(more)
            cells, taken, error = renglon_csv.registro(window, 0, separator)
            for _ in range(taken - 1):
                self._drop()
        return cells, error

    def _peek(self, n: int) -> str | None:
        while len(self._ahead) <= n:
            line = self._read()
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[n]

    def _drop(self) -> None:
        self._ahead.popleft()
        self._next += 1

    def _read(self) -> str | None:
        line = self._text.readline(_LINE)
        if not line:
            return None
        if len(line) >= _LINE:
            raise DatoInvalido("padron_no_es_csv", "El archivo no es un CSV: tiene un renglón desmedidamente largo.")
        return line.removesuffix("\n")
