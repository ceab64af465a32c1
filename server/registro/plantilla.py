"""The official template for auxiliares in bulk, as XLSX and CSV (row C3; P7.3, W)."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from server.domain.auxiliar import LAYOUT
from server.registro import hoja

_ROWS = 20_000


def csv() -> bytes:
    """The header alone, UTF-8 with its mark, so that Excel reads the accents."""
    return ("\ufeff" + ",".join(dato.etiqueta for dato in LAYOUT) + "\r\n").encode()


def xlsx() -> bytes:
    """A sheet whose columns are text (dates and zeros stay as typed), and one with instructions."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Auxiliares"
    sheet.freeze_panes = "A2"
    for number, dato in enumerate(LAYOUT, 1):
        letter = get_column_letter(number)
        cell = sheet.cell(1, number, dato.etiqueta)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDDDDD")
        sheet.column_dimensions[letter].width = max(16, len(dato.etiqueta) + 4)
        # The style of a column is that of its empty cells: what is typed there stays text.
        sheet.column_dimensions[letter].number_format = "@"
        if dato.campo == "tipo_cuenta":
            kinds = DataValidation(
                type="list", formula1='"g,f,x"', allow_blank=True, showErrorMessage=True,
                errorTitle="Tipo de cuenta", error="Escriba g (Google), f (Facebook) o x (X).",
            )  # fmt: skip
            kinds.add(f"{letter}2:{letter}{_ROWS + 1}")
            sheet.add_data_validation(kinds)
    _instructions(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _instructions(book: Workbook) -> None:
    sheet = book.create_sheet("Instrucciones")
    sheet.column_dimensions["A"].width = 26
    sheet.column_dimensions["B"].width = 14
    sheet.column_dimensions["C"].width = 80
    rows: list[tuple[str, str, str]] = [("Columna", "¿Obligatoria?", "Cómo se escribe")]
    rows += [(dato.etiqueta, "Sí" if dato.obligatorio else "No", dato.ayuda) for dato in LAYOUT]
    rows += [
        ("", "", ""),
        ("Renglones", "", f"Hasta {hoja.MAX_ROWS:,} en cada archivo, y hasta 5 MB."),
        ("Hojas", "", "Sólo se lee la primera: «Auxiliares»."),
        ("Repetidos", "", "Una persona no puede estar dos veces: ni su correo ni su clave de elector."),
    ]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column, text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1 or column == 1:
                cell.font = Font(bold=True)
