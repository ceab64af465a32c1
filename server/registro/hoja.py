"""A file of rows as people have them: CSV in the encodings and with the separators of the field, or XLSX (row C3).

Bytes in, rows out. Whatever comes, the only exception is DatoInvalido; a line that cannot be read is a Fila too.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

import openpyxl

from server.domain import renglon_csv
from server.errors import DatoInvalido

MAX_BYTES = 5_000_000
MAX_ROWS = 20_000
MAX_CELLS = 60
MAX_CELL = 400
"""Characters of a cell that are kept: no datum is that long, and what is wrong is shown from its beginning."""
_MAX_UNPACKED = 60_000_000
_MAX_MEMBERS = 500
_MAX_BLANKS = 60_000
_LAYOUT = 10
"""Columns of the layout."""


@dataclass(frozen=True, slots=True)
class Fila:
    """One row that is not blank. `linea`: its number in the file. `error`: why its cells cannot be told apart."""

    linea: int
    celdas: tuple[str, ...]
    error: DatoInvalido | None = None


def leer(contenido: bytes) -> Iterator[Fila]:
    """The rows of a file, in order. Raises DatoInvalido, at any row, when the file as a whole cannot be taken."""
    if len(contenido) > MAX_BYTES:
        raise DatoInvalido("archivo_grande", "El archivo pasa de 5 MB. Divídalo en varios.")
    if not contenido.strip():
        raise DatoInvalido("archivo_vacio", "El archivo está vacío.")
    rows = _xlsx(contenido) if contenido.startswith(b"PK\x03\x04") else _csv(_text(contenido))
    count = 0
    for fila in rows:
        count += 1
        if count > MAX_ROWS + 1:  # one of them may be the header
            raise DatoInvalido(
                "archivo_demasiadas_filas", f"El archivo tiene más de {MAX_ROWS:,} renglones. Divídalo en varios."
            )
        yield fila
    if not count:
        raise DatoInvalido("archivo_vacio", "El archivo no tiene ningún renglón con datos.")


def _text(contenido: bytes) -> str:
    if contenido.startswith(b"\xd0\xcf\x11\xe0"):
        raise DatoInvalido(
            "archivo_xls",
            "Es un libro de Excel antiguo (.xls) o con contraseña. Guárdelo como «Libro de Excel (.xlsx)» sin "
            "contraseña, o como «CSV UTF-8».",
        )
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if contenido.startswith(bom):
            return contenido[len(bom) :].decode(encoding, "replace")
    start = contenido[:400]
    if b"\x00" in start:
        # UTF-16 that lost its mark: in text of Latin letters every second byte is zero.
        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            if start[offset::2].count(0) > len(start) // 4 and 0 not in start[1 - offset :: 2]:
                return contenido.decode(encoding, "replace")
        raise DatoInvalido("archivo_no_es_tabla", "El archivo no es un CSV ni un libro de Excel (.xlsx).")
    try:
        return contenido.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lenient = contenido.decode("utf-8", "replace")
    broken = lenient.count("\ufffd")
    if sum(1 for sign in lenient if sign > "\x7f") >= 4 * broken:
        return lenient  # UTF-8 with a few bytes spoiled: the rows that have them are named
    return contenido.decode("cp1252", "replace")


def _csv(text: str) -> Iterator[Fila]:
    lines = re.split(r"\r\n|\r|\n", text)
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    separator, start = _separator(lines, first)
    at = start
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        cells, taken, error = renglon_csv.registro(lines, at, separator)
        if error is not None or any(cell.strip() for cell in cells):
            yield Fila(at + 1, tuple(cell[:MAX_CELL] for cell in cells[:MAX_CELLS]), error)
        at += taken


def _separator(lines: list[str], first: int) -> tuple[str, int]:
    """The separator, and the line at which the rows begin (after Excel's `sep=;`)."""
    said = re.fullmatch(r"\s*\"?sep=(.)\"?[,;\t ]*", lines[first], re.IGNORECASE)
    if said is not None and said[1] in renglon_csv.SEPARADORES:
        return said[1], first + 1
    sample = [line for line in lines[first : first + 200] if line.strip()][:20]
    return renglon_csv.separador(sample, _LAYOUT), first


def _xlsx(contenido: bytes) -> Iterator[Fila]:
    try:
        yield from _sheet(contenido)
    except DatoInvalido:
        raise
    except Exception as error:
        raise DatoInvalido(
            "archivo_danado",
            "El libro de Excel no se puede leer. Ábralo, guárdelo de nuevo como .xlsx y vuelva a subirlo.",
        ) from error


def _sheet(contenido: bytes) -> Iterator[Fila]:
    with zipfile.ZipFile(io.BytesIO(contenido)) as package:
        members = package.infolist()
    # zipfile never unpacks more of a member than its entry says, so this is what can come out.
    if len(members) > _MAX_MEMBERS or sum(member.file_size for member in members) > _MAX_UNPACKED:
        raise DatoInvalido(
            "archivo_desmedido",
            "El libro de Excel es desmedidamente grande por dentro. Copie sólo los datos a uno nuevo.",
        )
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise DatoInvalido("archivo_otro_formato", "No es un libro de Excel (.xlsx). Guárdelo como .xlsx o como CSV.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions that are of no use here
        book = openpyxl.load_workbook(io.BytesIO(contenido), read_only=True, data_only=True, keep_links=False)
    try:
        if not book.worksheets:
            raise DatoInvalido("archivo_vacio", "El libro de Excel no tiene hojas con datos.")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        blanks = 0
        for linea, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_CELLS), 1):
            cells = tuple(_cell(value) for value in row)
            if any(cell.strip() for cell in cells):
                blanks = 0
                yield Fila(linea, cells)
                continue
            blanks += 1
            if blanks > _MAX_BLANKS:
                raise DatoInvalido(
                    "archivo_renglones_vacios",
                    f"La hoja tiene más de {_MAX_BLANKS:,} renglones vacíos seguidos. "
                    "Copie sólo los datos a una nueva.",
                )
    finally:
        book.close()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "VERDADERO" if value else "FALSO"
        case datetime() if value.time() == time():
            return value.strftime("%d/%m/%Y")
        case datetime():
            return value.strftime("%d/%m/%Y %H:%M:%S")
        case date():
            return value.strftime("%d/%m/%Y")
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return str(value)[:MAX_CELL]
