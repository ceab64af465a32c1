"""/aspirante/estadisticas/inconsistencias: what was found against registros, with its detail (row C7, P13.7, P14.1)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from server.domain.apoyo import Cuenta
from server.domain.filtro_registros import CON_ORIGEN_INCONSISTENTE, Filtro
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia
from server.domain.marcas import Marca
from server.portals.aspirante.registros import LUGAR
from server.portals.consulta import POR_PAGINA
from server.portals.visita import Visita
from server.store import consulta, conteos, fichas
from server.store.connection import Connection
from server.store.consulta import Pagina, Renglon

URL = "/aspirante/estadisticas/inconsistencias"
_ORIGEN = tuple(marca for marca in Marca if marca is not Marca.RELOJ_SIN_REFERENCIA)


@dataclass(frozen=True, slots=True)
class InconsistenciasContext:
    """`incisos`: those of P13.7 with how many registros each. `elegido`: the inciso whose registros are listed, or "".

    `sin_inciso`: found inconsistent, but for none of the fourteen (P13.8). `origenes`: marks that make a registro
    inconsistent. `anterior`, `siguiente`, `csv`, `xlsx`, `por_origen`: addresses, "" where there is none.
    """

    cuenta: Cuenta
    incisos: tuple[tuple[Inconsistencia, int], ...]
    elegido: str
    sin_inciso: int
    origenes: tuple[Marca, ...]
    renglones: tuple[Renglon, ...]
    catalogo: dict[str, Inconsistencia]
    url: str
    registros: str
    por_origen: str
    anterior: str
    siguiente: str
    csv: str
    xlsx: str


async def lista(v: Visita) -> Response:
    """How many of each inciso, the registros with their detail, and those that are inconsistent by their origin."""
    query = v.request.query_params
    inciso = query.get("inciso", "")
    inciso = inciso if inciso in DEL_PROTOCOLO else ""
    filtro = Filtro(valido="no", inciso=inciso)
    antes, despues = _cursor(query.get("antes", "")), _cursor(query.get("despues", ""))
    solicitud = v.solicitud

    def read(conn: Connection) -> tuple[Cuenta, dict[str, int], Pagina]:
        page = consulta.pagina(conn, filtro, solicitud, limite=POR_PAGINA, antes=antes, despues=despues)
        return conteos.total(conn, solicitud), fichas.por_inciso(conn, solicitud), page

    cuenta, by_inciso, page = await v.read(read)
    await v.seen(f"aspirante:{solicitud}", "inconsistencias", filas=len(page.renglones))
    more = filtro.query()
    return v.page(
        "aspirante/inconsistencias.html",
        InconsistenciasContext(
            cuenta=cuenta,
            incisos=tuple((one, by_inciso.get(one.inciso, 0)) for one in DEL_PROTOCOLO.values()),
            elegido=inciso,
            sin_inciso=cuenta.inconsistentes - sum(by_inciso.values()),
            origenes=_ORIGEN,
            renglones=page.renglones,
            catalogo=DEL_PROTOCOLO,
            url=URL,
            registros=LUGAR.base,
            por_origen=f"{LUGAR.base}?{Filtro(marca=CON_ORIGEN_INCONSISTENTE).query()}",
            anterior=_page(inciso, despues=page.despues) if page.despues is not None else "",
            siguiente=_page(inciso, antes=page.antes) if page.antes is not None else "",
            csv=f"{LUGAR.base}.csv?{more}" if page.renglones else "",
            xlsx=f"{LUGAR.base}.xlsx?{more}" if page.renglones else "",
        ),
    )


def _cursor(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 15 else None


def _page(inciso: str, **cursor: int | None) -> str:
    return f"{URL}?{urlencode({**({'inciso': inciso} if inciso else {}), **cursor})}"
