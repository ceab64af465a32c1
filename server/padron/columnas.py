"""What a row of a padrón's CSV must be: its columns, under the names that people give them, and each datum (row F2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from server.domain.apoyo import MotivoBaja, Situacion
from server.domain.clave_elector import compact
from server.errors import DatoInvalido
from server.store.padron import COLUMNS

_K = TypeVar("_K")
_V = TypeVar("_V")

OBLIGATORIAS: Final = tuple(name for name in COLUMNS if name not in ("cic", "ocr", "motivo_baja"))
_OTHER_NAMES: Final = {
    "clave_de_elector": "clave_elector", "clave": "clave_elector", "cve_elector": "clave_elector",
    "nombres": "nombre", "nombre_s": "nombre", "primer_apellido": "apellido_paterno", "paterno": "apellido_paterno",
    "ap_paterno": "apellido_paterno", "segundo_apellido": "apellido_materno", "materno": "apellido_materno",
    "ap_materno": "apellido_materno", "entidad_federativa": "entidad", "clave_entidad": "entidad", "edo": "entidad",
    "delegacion": "municipio", "nombre_municipio": "municipio", "seccion_electoral": "seccion",
    "situacion_registral": "situacion", "motivo": "motivo_baja", "motivo_de_baja": "motivo_baja",
}  # fmt: skip
_CLAVE: Final = re.compile(r"[A-ZÑ0-9]{18}")
_MAX_TEXTO: Final = 100
_SITUACIONES: Final = {"lista_nominal": "LISTA_NOMINAL", "padron": "PADRON", "baja": "BAJA", "bajas": "BAJA"}


def plain(text: str) -> str:
    """A name for comparing: lower case, without accents, words joined by `_`."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


@dataclass(frozen=True, slots=True)
class Malo:
    """A row that was not taken. `columna`: "" for the row as a whole; `motivo`: a stable code; no value of it."""

    linea: int
    columna: str
    motivo: str
    texto: str


class Lector:
    """Reads rows under one header. Raises DatoInvalido for a header that is not a padrón's."""

    def __init__(self, encabezado: Sequence[str]) -> None:
        names = [_OTHER_NAMES.get(plain(cell), plain(cell)) for cell in encabezado]
        missing = [name for name in OBLIGATORIAS if name not in names]
        if missing:
            raise DatoInvalido(
                "padron_sin_columnas",
                f"Al archivo le faltan las columnas: {', '.join(missing)}. El primer renglón debe decir sus nombres.",
            )
        twice = [name for name in COLUMNS if names.count(name) > 1]
        if twice:
            raise DatoInvalido("padron_columnas_repetidas", f"El archivo tiene dos veces: {', '.join(twice)}.")
        self._width = len(names)
        self._at = {name: names.index(name) for name in COLUMNS if name in names}
        self._said: dict[tuple[str, str], tuple[str, str]] = {}
        self._homes: dict[tuple[str, str, str], tuple[str, str, str]] = {}

    def leer(self, linea: int, cells: list[str]) -> tuple[object, ...] | Malo:
        """(linea, *COLUMNS), or what is wrong."""
        if len(cells) != self._width:
            return Malo(linea, "", "columnas", f"tiene {len(cells)} columnas y el encabezado, {self._width}")
        at = self._at
        try:
            clave = cells[at["clave_elector"]]
            if not _CLAVE.fullmatch(clave):
                clave = compact(clave)
                if not _CLAVE.fullmatch(clave):
                    raise _Bad("clave_elector", "clave_forma", "no tiene 18 letras y cifras")
            situacion, motivo = self._status(cells)
            entidad, municipio, seccion = self._home(cells)
            if situacion == "LISTA_NOMINAL" and not (entidad and municipio and seccion):
                raise _Bad("seccion", "domicilio_faltante", "falta la entidad, el municipio o la sección")
            nombre, paterno, materno = (
                _text(cells[at[name]], name) for name in ("nombre", "apellido_paterno", "apellido_materno")
            )
            if not (nombre or paterno or materno):
                raise _Bad("nombre", "nombre_faltante", "no tiene nombre ni apellidos")
            cic = _digits(cells[at["cic"]], "cic", 9, 9) if "cic" in at else ""
            ocr = _digits(cells[at["ocr"]], "ocr", 12, 13) if "ocr" in at else ""
        except _Bad as bad:
            return Malo(linea, bad.columna, bad.motivo, bad.texto)
        return linea, clave, cic, ocr, nombre, paterno, materno, entidad, municipio, seccion, situacion, motivo

    def _status(self, cells: list[str]) -> tuple[str, str]:
        raw = (cells[self._at["situacion"]], cells[self._at["motivo_baja"]] if "motivo_baja" in self._at else "")
        known = self._said.get(raw)
        if known is None:
            known = _status(*raw)
            _keep(self._said, raw, known)
        return known

    def _home(self, cells: list[str]) -> tuple[str, str, str]:
        at = self._at
        raw = (cells[at["entidad"]], cells[at["municipio"]], cells[at["seccion"]])
        known = self._homes.get(raw)
        if known is None:
            known = _home(*raw)
            _keep(self._homes, raw, known)
        return known


class _Bad(Exception):  # noqa: N818 -- never leaves this module
    def __init__(self, columna: str, motivo: str, texto: str) -> None:
        super().__init__(motivo)
        self.columna, self.motivo, self.texto = columna, motivo, texto


def _keep(known: dict[_K, _V], key: _K, value: _V) -> None:
    # The country has some 71,000 secciones; a file of nonsense must not fill the memory.
    if len(known) < 100_000:
        known[key] = value


def _status(situacion: str, motivo: str) -> tuple[str, str]:
    said = _SITUACIONES.get(plain(situacion))
    if said is None:
        raise _Bad("situacion", "situacion_desconocida", "no es LISTA_NOMINAL, PADRON ni BAJA")
    why = plain(motivo)
    if why and said != Situacion.BAJA:
        raise _Bad("motivo_baja", "motivo_sin_baja", "tiene motivo de baja sin ser una baja")
    if why and why not in set(MotivoBaja):
        raise _Bad("motivo_baja", "motivo_desconocido", "no es ninguno de los ocho motivos de baja")
    return said, why


def _home(entidad: str, municipio: str, seccion: str) -> tuple[str, str, str]:
    entidad, seccion, municipio = entidad.strip(), seccion.strip(), _text(municipio, "municipio")
    if entidad and not (entidad.isascii() and entidad.isdigit() and 1 <= int(entidad) <= 33 and len(entidad) <= 2):
        raise _Bad("entidad", "entidad_forma", "no es una clave de entidad, de 01 a 32")
    if seccion and not (seccion.isascii() and seccion.isdigit() and len(seccion) <= 4):
        raise _Bad("seccion", "seccion_forma", "no es una sección, de cuatro cifras")
    # Spreadsheets take the zeros away.
    return (
        entidad.zfill(2) if entidad else "", municipio.zfill(3) if municipio.isdigit() else municipio,
        seccion.zfill(4) if seccion else "",
    )  # fmt: skip


def _text(text: str, columna: str) -> str:
    text = text.strip()
    if len(text) > _MAX_TEXTO:
        raise _Bad(columna, "texto_largo", f"tiene más de {_MAX_TEXTO} letras")
    if not text.isprintable() or "\ufffd" in text:
        raise _Bad(columna, "caracter_ilegible", "tiene un carácter que no se pudo leer")
    return text


def _digits(text: str, columna: str, least: int, most: int) -> str:
    text = text.strip()
    if not text:
        return ""
    if not (text.isascii() and text.isdigit()) or len(text) > most:
        raise _Bad(columna, f"{columna}_forma", f"no tiene {most} cifras")
    return text.zfill(least)
