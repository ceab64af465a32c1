"""Rows as CSV and XLSX, in pieces: memory does not grow with how many there are (rows B6, C5, C6).

Text stays text. A spreadsheet runs what begins like a formula, so in CSV such a cell gets an apostrophe before it, and
in XLSX every text is typed as text. Dates are hora del centro.

The XLSX is written as it goes out, which openpyxl cannot do (it spools each sheet on disk and writes the file at its
end): only `<row>` elements are made here; openpyxl makes all the rest of the package, and its own sheets, empty, are
what the rows are put into. Measured, this is also about ten times quicker.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from server.clock import CENTRO

Celda = str | int | float | date | datetime | None
"""What a cell may hold. A `datetime` is hora del centro, without zone; a bool becomes Sí or No; None an empty cell."""
Fila = Sequence[Celda]

BOM = b"\xef\xbb\xbf"
"""Without it Excel reads UTF-8 as Windows-1252."""

# What OWASP lists as the beginning of a formula, with the full-width forms that spreadsheets read alike; also after a
# semicolon or a line's end, because a spreadsheet with another list separator sees a cell begin there.
_FORMULA = re.compile(r"^(?=[\t\r])|(?:^|[;\t\r\n]) *(?=[=+\-@＝＋－＠])")
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")

SHEET_ROWS = 1_048_575
"""Rows of data that fit into one sheet of Excel, beside the heading; what is more goes to a next sheet."""
SHEET_BYTES = 1_500_000_000
"""Below 2 GiB: past that a ZIP needs its 64-bit form, of which Excel complains."""
_CELL_CHARACTERS = 32_767
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone


def hora_del_centro(ms: int) -> datetime:
    """An instant as a cell: hora del centro, to the second."""
    return datetime.fromtimestamp(ms // 1000, CENTRO).replace(tzinfo=None)


def inofensivo(texto: str) -> str:
    """Text that no spreadsheet takes for a formula when it opens a CSV; most texts come back as they are."""
    return _FORMULA.sub(r"\g<0>'", texto)


def _csv_cell(value: Celda) -> str:
    match value:
        case str():
            return inofensivo(value)
        case None:
            return ""
        case bool():
            return "Sí" if value else "No"
        case datetime():
            return value.strftime("%d/%m/%Y %H:%M:%S")
        case date():
            return value.strftime("%d/%m/%Y")
        case _:
            return str(value)


def csv_bytes(filas: Iterable[Fila]) -> bytes:
    """Rows as RFC 4180 says: commas, CRLF, quotes where needed; UTF-8. The BOM is the first piece's, not ours."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_csv_cell(value) for value in fila] for fila in filas)
    return text.getvalue().encode("utf-8", "replace")


class Libro:
    """An XLSX on its way: `add` rows as often as needed, then `end`; each gives the bytes that are ready.

    Every sheet begins with the heading, bold and frozen. Not for two threads at a time.
    """

    def __init__(
        self, encabezado: Sequence[str], hoja: str, *, filas_por_hoja: int = SHEET_ROWS,
        bytes_por_hoja: int = SHEET_BYTES,
    ) -> None:  # fmt: skip
        self._encabezado, self._hoja = tuple(encabezado), hoja
        self._rows_limit, self._bytes_limit = filas_por_hoja, bytes_por_hoja
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        package, (bold, instant, day) = self._skeleton(1)
        with zipfile.ZipFile(package) as made:
            sheet = made.read("xl/worksheets/sheet1.xml").decode()
        # It speaks of a sheet without rows.
        sheet = re.sub(r"<dimension [^>]*/>", "", sheet)
        self._before, self._after = re.split(r"<sheetData>.*</sheetData>|<sheetData ?/>", sheet, maxsplit=1, flags=re.S)
        self._bold, self._instant, self._day = f' s="{bold}"', f' s="{instant}"', f' s="{day}"'
        self._sheets = 0
        self._open()

    def add(self, filas: Iterable[Fila]) -> bytes:
        """These rows, below those before; the bytes of the file that are ready."""
        pending: list[str] = []
        for fila in filas:
            if self._rows >= self._rows_limit or self._size >= self._bytes_limit:
                self._write(pending)
                pending.clear()
                self._close()
                self._open()
            pending.append(self._row([self._cell(value) for value in fila]))
        self._write(pending)
        return self._sink.take()

    def end(self) -> bytes:
        """The rest of the file."""
        self._close()
        package, _ = self._skeleton(self._sheets)
        with zipfile.ZipFile(package) as made:
            for name in made.namelist():
                if not name.startswith("xl/worksheets/"):
                    self._zip.writestr(name, made.read(name))
        self._zip.close()
        return self._sink.take()

    def _skeleton(self, sheets: int) -> tuple[io.BytesIO, tuple[int, int, int]]:
        """A package of empty sheets by openpyxl, and the numbers of its styles: heading, instant, day."""
        book = Workbook()
        book.remove(book.worksheets[0])
        styles: list[Cell] = []
        for n in range(1, sheets + 1):
            sheet = book.create_sheet(self._hoja if n == 1 else f"{self._hoja} {n}")
            sheet.freeze_panes = "A2"
            for column, name in enumerate(self._encabezado, 1):
                sheet.column_dimensions[get_column_letter(column)].width = max(14, len(name) + 2)
            if n == 1:
                styles = [sheet.cell(1, column) for column in (1, 2, 3)]
        styles[0].font = Font(bold=True)
        styles[1].number_format = "dd/mm/yyyy hh:mm:ss"
        styles[2].number_format = "dd/mm/yyyy"
        out = io.BytesIO()
        book.save(out)
        bold, instant, day = (cell.style_id for cell in styles)
        return out, (bold, instant, day)

    def _open(self) -> None:
        self._sheets += 1
        self._rows = -1  # the heading is none
        self._size = 0
        self._member = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w")
        self._member.write(self._before.encode() + b"<sheetData>")
        self._write([self._row([_text(name, self._bold) for name in self._encabezado])])

    def _close(self) -> None:
        self._member.write(b"</sheetData>" + self._after.encode())
        self._member.close()

    def _write(self, rows: Sequence[str]) -> None:
        data = "".join(rows).encode()
        self._member.write(data)

    def _row(self, cells: Sequence[str]) -> str:
        row = f"<row>{''.join(cells)}</row>"
        self._rows += 1
        self._size += 2 * len(row)  # at most: two bytes of UTF-8 for what names are written with
        return row

    def _cell(self, value: Celda) -> str:
        match value:
            case None | "":
                return "<c/>"
            case str():
                return _text(value)
            case bool():
                return _text("Sí" if value else "No")
            case datetime():
                return f"<c{self._instant}><v>{(value - _EPOCH).total_seconds() / 86_400:.10f}</v></c>"
            case date():
                return f"<c{self._day}><v>{value.toordinal() - _EPOCH.toordinal()}</v></c>"
            case _:
                return f"<c><v>{value}</v></c>"


def _text(value: str, style: str = "") -> str:
    clean = _NOT_XML.sub("�", ILLEGAL_CHARACTERS_RE.sub("", value))[:_CELL_CHARACTERS]
    space = ' xml:space="preserve"' if clean != clean.strip() else ""
    return f'<c{style} t="inlineStr"><is><t{space}>{escape(clean)}</t></is></c>'


class _Sink(io.RawIOBase):
    """Where a ZIP is written to that nobody can go back in; it hands out what has gathered."""

    def __init__(self) -> None:
        super().__init__()
        self._gathered = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes | bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Gather."""
        self._gathered += data
        return len(data)

    def take(self) -> bytes:
        """What has gathered since the last time."""
        data = bytes(self._gathered)
        self._gathered.clear()
        return data
