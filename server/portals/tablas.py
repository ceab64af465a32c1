"""Tables that are sorted by a link, filtered by days and taken away as files: what screens share (rows B6, C6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

from starlette.responses import Response

from server.domain.apoyo import Cuenta
from server.domain.dias import dia_de_fecha
from server.errors import AppError, DatoInvalido
from server.portals import descargas
from server.portals.forms import Campo, Formulario, Leido, fecha
from server.reportes.exportar import Celda, Fila

T = TypeVar("T")

FILAS = 50
"""Lines of a page."""

RANGO = Formulario(
    Campo("desde", "Desde", fecha, obligatorio=False, tipo="date"),
    Campo("hasta", "Hasta", fecha, obligatorio=False, tipo="date"),
)
LEJOS = (dia_de_fecha(date(1900, 1, 1)), dia_de_fecha(date(2100, 12, 31)))


def rango(query: Mapping[str, str]) -> tuple[Leido, tuple[int, int] | None]:
    """The filter of days as it was asked for, and the days (both included); None for all, or when it is wrong."""
    form = RANGO.leer(query)
    desde, hasta = form.valores.get("desde"), form.valores.get("hasta")
    if form.bien and desde and hasta and desde > hasta:
        form = form.con_error(
            "hasta", DatoInvalido("rango_invertido", "«Hasta» es anterior a «Desde»: cambie una de las dos fechas.")
        )
    if not form.bien or not (desde or hasta):
        return form, None
    return form, (
        dia_de_fecha(date.fromisoformat(desde)) if desde else LEJOS[0],
        dia_de_fecha(date.fromisoformat(hasta)) if hasta else LEJOS[1],
    )


@dataclass(frozen=True, slots=True)
class Columna:
    """A heading that sorts. `url`: the same table sorted by it; `aria`: ascending, descending, or "" when it is not."""

    texto: str
    url: str
    aria: str
    numero: bool


@dataclass(frozen=True, slots=True)
class Orden:
    """How a table is sorted and which page of it is shown."""

    por: str
    descendente: bool
    pagina: int

    @property
    def salto(self) -> int:
        """Lines before this page."""
        return (self.pagina - 1) * FILAS


def orden(query: Mapping[str, str], columnas: Sequence[str], usual: str, *, descendente: bool = True) -> Orden:
    """What the address asks for; what it asks wrongly is as usual."""
    por = query.get("orden", "")
    page = query.get("pagina", "")
    pagina = int(page) if page.isascii() and page.isdigit() and 0 < len(page) <= 6 else 1
    if por not in columnas:
        return Orden(usual, descendente, max(1, pagina))
    return Orden(por, query.get("sentido") != "asc", max(1, pagina))


def columnas(
    query: Mapping[str, str], now: Orden, texts: Sequence[tuple[str, str, bool]], kept: Sequence[str]
) -> tuple[Columna, ...]:
    """Headings: pairs of column and text, and whether it holds figures. `kept`: parameters that links carry on.

    The first touch sorts figures from the largest and words from A; the next one turns it round.
    """
    found = []
    for por, texto, numero in texts:
        current = por == now.por
        descending = not now.descendente if current else numero
        url = direccion(query, kept, orden=por, sentido="desc" if descending else "asc")
        aria = ("descending" if now.descendente else "ascending") if current else ""
        found.append(Columna(texto, url, aria, numero))
    return tuple(found)


def direccion(query: Mapping[str, str], kept: Sequence[str], **changes: str) -> str:
    """An address of this page: what is kept of the query, with these changes. `?` alone when nothing is left."""
    values = {name: query[name] for name in kept if query.get(name)} | changes
    return "?" + urlencode(values)


def paginas(query: Mapping[str, str], now: Orden, total: int, kept: Sequence[str]) -> tuple[str, str]:
    """Addresses of the page before and the next one; "" where there is none."""
    kept = [*kept, "orden", "sentido"]
    before = direccion(query, kept, pagina=str(now.pagina - 1)) if now.pagina > 1 else ""
    after = direccion(query, kept, pagina=str(now.pagina + 1)) if now.pagina * FILAS < total else ""
    return before, after


# -- files ------------------------------------------------------------------------------------------------------------

CIFRAS = (
    "Recibidos", "Lista Nominal", "Padrón", "Bajas", "Datos no encontrados", "Sin respuesta", "Válidos",
    "Con inconsistencia", "Pendientes de revisión", "Inconsistentes de origen", "Cuentan hasta hoy", "En espera",
    "No cuentan hasta hoy",
)  # fmt: skip


def cifras(cuenta: Cuenta) -> tuple[Celda, ...]:
    """The figures of a line, in the order of CIFRAS."""
    return (
        cuenta.recibidos, cuenta.lista_nominal, cuenta.padron, cuenta.baja, cuenta.no_encontrado,
        cuenta.sin_respuesta, cuenta.validos, cuenta.inconsistentes, cuenta.pendientes, cuenta.de_origen,
        cuenta.cuentan, cuenta.en_espera, cuenta.no_cuentan,
    )  # fmt: skip


def descarga(formato: str, nombre: str, hoja: str, encabezado: Sequence[str], filas: AsyncIterator[Fila]) -> Response:
    """The file. Raises AppError `no_encontrado` for a format that there is not."""
    if formato == "csv":
        return descargas.respuesta_csv(nombre, encabezado, filas)
    if formato == "xlsx":
        return descargas.respuesta_xlsx(nombre, encabezado, filas, hoja=hoja)
    raise AppError("no_encontrado")


async def una_por_una(lines: Sequence[T], to: Callable[[T], Fila]) -> AsyncIterator[Fila]:
    """Lines that are in memory already, as what a file is written from."""
    for line in lines:
        yield to(line)
