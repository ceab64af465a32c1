"""CSV files of a padrón, made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from server.store.padron import COLUMNS

CORTE = "2026-08-31"


def clave(n: int) -> str:
    """Of the n-th person."""
    return f"PRDMSN900905{n // 1000 % 32 + 1:02d}M{n % 1000:03d}"


def persona(n: int = 1, **changes: str) -> dict[str, str]:
    """A row that is right, by column; `changes` by column."""
    return {
        "clave_elector": clave(n), "cic": f"{n:09d}", "ocr": f"0240{n:09d}", "nombre": "ÍTZEL",
        "apellido_paterno": "PEÑALOZA", "apellido_materno": "DOMÍNGUEZ", "entidad": "32", "municipio": "ZACATECAS",
        "seccion": "0240", "situacion": "LISTA_NOMINAL", "motivo_baja": "", **changes,
    }  # fmt: skip


def texto(
    gente: Sequence[dict[str, str]], separador: str = ",", encabezado: Sequence[str] = COLUMNS, fin: str = "\r\n"
) -> str:
    """Rows as CSV without quotes."""
    rows = [encabezado, *([one[name] for name in COLUMNS] for one in gente)]
    return fin.join(separador.join(row) for row in rows) + fin


def escrito(path: Path, gente: Sequence[dict[str, str]]) -> Path:
    """A file of these people."""
    path.write_text(texto(gente), encoding="utf-8", newline="")
    return path
