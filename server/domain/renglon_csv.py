"""Telling the cells of one record of a CSV apart, in files as people have them (rows C3, F2)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Final

from server.errors import DatoInvalido

SEPARADORES: Final = ",;\t|"
JUNTOS: Final = 4
"""Lines that one record may span: a cell in which somebody typed line breaks."""


def separador(muestra: Sequence[str], columnas: int) -> str:
    """What these lines are separated by: the sign that makes most cells. Beyond `columnas` they say nothing: a sign
    inside a datum would win with them."""

    def cells(sign: str) -> float:
        return sum(min(len(registro([line], 0, sign)[0]), columnas) for line in muestra) / max(1, len(muestra))

    return max(SEPARADORES, key=cells)


def registro(lines: Sequence[str], at: int, separator: str) -> tuple[list[str], int, DatoInvalido | None]:
    """The record that begins at a line, how many lines it takes, and what is wrong with it.

    A quote that is never closed would swallow the rest of the file: after a few lines it is one bad row, and the next
    line is a row again.
    """
    if '"' not in lines[at]:
        return lines[at].split(separator), 1, None
    for taken in range(1, min(JUNTOS, len(lines) - at) + 1):
        try:
            found = list(csv.reader([f"{line}\n" for line in lines[at : at + taken]], delimiter=separator, strict=True))
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                continue
            break  # text after a closing quote, or a cell of an absurd length
        if len(found) == 1:
            return found[0], taken, None
        break
    else:
        return (
            lines[at].split(separator), 1,
            DatoInvalido("comillas_sin_cerrar", "Hay unas comillas que no se cierran: quítelas o escriba el par."),
        )  # fmt: skip
    try:
        return next(csv.reader([lines[at]], delimiter=separator)), 1, None
    except (csv.Error, StopIteration):
        return [lines[at]], 1, DatoInvalido("renglon_ilegible", "El renglón no se puede separar en columnas.")
