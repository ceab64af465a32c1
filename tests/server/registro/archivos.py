"""Files of auxiliares as people have them, made by hand."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl

from server.domain.auxiliar import LAYOUT

ENCABEZADO = [dato.etiqueta for dato in LAYOUT]


def clave(n: int) -> str:
    """The clave de elector of the n-th synthetic person, born on 5 September 1990."""
    return (
        f"PRDMSN900905{n % 32 + 1:02d}{'HM'[n % 2]}{n // 32 % 1000:03d}"
        if n < 32_000
        else f"XZDMSN900905{n % 32 + 1:02d}M{n // 32 % 1000:03d}"
    )


def fila(n: int = 1, **changes: str) -> list[str]:
    """A row that is right, in the official order; `changes` by field."""
    values = {
        "nombre": "Itzel", "apellido_paterno": "Peñaloza", "apellido_materno": "Domínguez",
        "fecha_nacimiento": "05/09/1990", "telefono": "4921234567", "correo": f"gestor{n}@ejemplo.mx",
        "tipo_cuenta": "g", "clave_elector": clave(n), "curp": "", "referencia": f"Equipo {n}", **changes,
    }  # fmt: skip
    return [values[dato.campo] for dato in LAYOUT]


def texto(filas: Sequence[Sequence[str]], separador: str = ",", *, encabezado: bool = True, fin: str = "\r\n") -> str:
    """Rows as CSV without quotes."""
    rows = [ENCABEZADO, *filas] if encabezado else list(filas)
    return fin.join(separador.join(row) for row in rows) + fin


def xlsx(filas: Sequence[Sequence[object]], *, encabezado: bool = True) -> bytes:
    """Rows as the first sheet of an XLSX."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [ENCABEZADO, *filas] if encabezado else filas:
        sheet.append(list(row))
    book.create_sheet("Otra").append(["no se lee"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
