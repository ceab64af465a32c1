"""Auxiliares in bulk: what each row of a file says, or what is wrong with it: line, field, reason (row C3, P7.4).

Pure. No row is lost, each is either a Buena or a Mala. Rows come in the official order (the layout
of server.domain.auxiliar) or under a header that names them in any order, case and accents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import msgspec

from server.domain.auxiliar import LAYOUT, DatosAuxiliar, leer
from server.errors import DatoInvalido
from server.registro import hoja
from server.registro.hoja import Fila

CAMPOS = tuple(dato.campo for dato in LAYOUT)
ETIQUETAS: Mapping[str, str] = {dato.campo: dato.etiqueta for dato in LAYOUT}
MOTIVOS = "Motivos"
"""Heading of the last column of the file with the wrong rows; it is passed over when the file comes back."""
_SERIAL = re.compile(r"(\d{4,5})(?:\.0+)?")
_SERIAL_EPOCH = date(1899, 12, 30)
_PLAIN_SIGNS = re.compile(r"[^a-z0-9]+")


class Hallazgo(msgspec.Struct, frozen=True):
    """What is wrong: `campo` of the layout (or empty: the row as a whole), a stable code and a sentence."""

    campo: str
    codigo: str
    texto: str


class Mala(msgspec.Struct, frozen=True):
    """A row that cannot be taken. `celdas`: what was seen, in the official order."""

    linea: int
    celdas: tuple[str, ...]
    hallazgos: tuple[Hallazgo, ...]

    def visto(self, campo: str) -> str:
        """The value that a finding is about."""
        return self.celdas[CAMPOS.index(campo)] if campo in ETIQUETAS else ""


@dataclass(frozen=True, slots=True)
class Buena:
    """A row that can be taken, as far as it alone can tell."""

    linea: int
    celdas: tuple[str, ...]
    datos: DatosAuxiliar


@dataclass(slots=True)
class Lectura:
    """How a file is being read. `ignoradas`: headings that name nothing of the layout."""

    hoy: date
    ignoradas: list[str] = field(default_factory=list)
    _order: tuple[int | None, ...] = ()
    _width: int = 0
    _correos: dict[str, int] = field(default_factory=dict)
    _claves: dict[str, int] = field(default_factory=dict)

    def filas(self, contenido: bytes) -> Iterator[Buena | Mala]:
        """Every row of the file, in its order. Raises DatoInvalido when the file as a whole cannot be taken."""
        found = 0
        for index, fila in enumerate(hoja.leer(contenido)):
            if index == 0 and self._header(fila):
                continue
            found += 1
            if found > hoja.MAX_ROWS:
                raise DatoInvalido(
                    "archivo_demasiadas_filas",
                    f"El archivo tiene más de {hoja.MAX_ROWS:,} renglones. Divídalo en varios.",
                )
            yield self._row(fila)
        if not found:
            raise DatoInvalido("archivo_vacio", "El archivo sólo tiene el encabezado: no hay auxiliares que registrar.")

    def _header(self, fila: Fila) -> bool:
        """Whether the first row names the columns; then in which order they are. Raises DatoInvalido."""
        names = [_plain(cell) for cell in fila.celdas]
        known = [_COLUMN_OF.get(name) for name in names]
        if sum(campo is not None for campo in known) < 3:
            self._order, self._width = tuple(range(len(CAMPOS))), len(CAMPOS)
            return False
        twice = sorted({ETIQUETAS[campo] for campo in known if campo is not None and known.count(campo) > 1})
        if twice:
            raise DatoInvalido(
                "columna_repetida", f"El encabezado repite: {', '.join(twice)}. Deje una sola de cada una."
            )
        missing = [dato.etiqueta for dato in LAYOUT if dato.obligatorio and dato.campo not in known]
        if not {"apellido_paterno", "apellido_materno"} & set(known):
            missing.append("Apellido Paterno")
        if missing:
            raise DatoInvalido(
                "columna_faltante", f"Al encabezado le falta: {', '.join(missing)}. Use la plantilla oficial."
            )
        self._order = tuple(known.index(campo) if campo in known else None for campo in CAMPOS)
        self._width = len(known)
        self.ignoradas = [
            cell.strip()
            for cell, name, campo in zip(fila.celdas, names, known, strict=True)
            if campo is None and name not in ("", *_OURS)
        ]
        return True

    def _row(self, fila: Fila) -> Buena | Mala:
        cells = tuple(_stripped(fila.celdas[i]) if i is not None and i < len(fila.celdas) else "" for i in self._order)
        if fila.error is not None:
            # Cells that cannot be told apart: the line as it is, under the first column.
            whole = (" ".join(fila.celdas), *("" for _ in CAMPOS[1:]))
            return Mala(fila.linea, whole, (Hallazgo("", fila.error.codigo, fila.error.texto),))
        beyond = [cell.strip() for cell in fila.celdas[self._width :] if cell.strip()]
        if beyond:
            return Mala(fila.linea, cells, (_too_many(beyond),))
        values = dict(zip(CAMPOS, cells, strict=True))
        values["fecha_nacimiento"] = _date_cell(values["fecha_nacimiento"])
        datos = leer(values, self.hoy)
        if isinstance(datos, dict):
            wrong = tuple(Hallazgo(campo, error.codigo, error.texto) for campo, error in datos.items())
            return Mala(fila.linea, cells, wrong)
        again = self._seen_before(fila.linea, datos)
        return Mala(fila.linea, cells, again) if again else Buena(fila.linea, cells, datos)

    def _seen_before(self, linea: int, datos: DatosAuxiliar) -> tuple[Hallazgo, ...]:
        found: list[Hallazgo] = []
        for campo, value, seen in (
            ("correo", datos.correo, self._correos), ("clave_elector", datos.clave_elector, self._claves)
        ):  # fmt: skip
            if value in seen:
                found.append(
                    Hallazgo(
                        campo, f"{campo}_repetido_en_archivo",
                        f"«{ETIQUETAS[campo]}» está también en la línea {seen[value]} de este archivo.",
                    )
                )  # fmt: skip
        if not found:
            self._correos[datos.correo] = self._claves[datos.clave_elector] = linea
        return tuple(found)


def _too_many(beyond: list[str]) -> Hallazgo:
    shown = ", ".join(f"«{cell[:40]}»" for cell in beyond[:3])
    return Hallazgo(
        "", "columnas_de_mas",
        f"Tiene más columnas de las que debe ({shown}): quizá un dato lleva el separador dentro. "
        "Escríbalo entre comillas.",
    )  # fmt: skip


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _PLAIN_SIGNS.sub(" ", letters.replace("(s)", "")).strip()


def _stripped(text: str) -> str:
    # An apostrophe makes a spreadsheet keep a cell as text; ours are there so that nothing is taken for a formula.
    return text.strip().removeprefix("'").strip()


def _date_cell(text: str) -> str:
    """A date that a spreadsheet wrote as its number of days becomes one as people write it."""
    found = _SERIAL.fullmatch(text)
    if found is None or not 3_000 <= int(found[1]) <= 60_000:
        return text
    return (_SERIAL_EPOCH + timedelta(days=int(found[1]))).strftime("%d/%m/%Y")


_COLUMN_OF = {_plain(name): dato.campo for dato in LAYOUT for name in (dato.campo, dato.etiqueta, *dato.otros)}
_OURS = (_plain(MOTIVOS), "linea")
