"""/aspirante/estadisticas/inconsistencias: what was found against registros, with its detail (row C7, P13.7, P14.1).

Of paper, also the comment that was written when the cédula was typed in (P11.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from server.domain.apoyo import Cuenta, Via
from server.domain.filtro_registros import CON_ORIGEN_INCONSISTENTE, Filtro
from server.domain.inconsistencias import INCONSISTENCIAS, Inconsistencia
from server.domain.marcas import Marca
from server.portals.aspirante.registros import LUGAR
from server.portals.consulta import POR_PAGINA
from server.portals.visita import Visita
from server.store import cedulas_papel, consulta, conteos, incisos
from server.store.connection import Connection
from server.store.consulta import Pagina, Renglon

URL = "/aspirante/estadisticas/inconsistencias"
SIN_NOMBRE = "Sin nombre en los criterios"
_ORIGEN = tuple(marca for marca in Marca if marca is not Marca.RELOJ_SIN_REFERENCIA)


@dataclass(frozen=True, slots=True)
class InconsistenciasContext:
    """`incisos`: those of P13.7 with how many registros each, and of the others those that have any. `elegido`: the
    inciso whose registros are listed, or "".

    `sin_inciso`: found inconsistent, but for none of them (P13.8). `origenes`: marks that make a registro inconsistent.
    `tipos`: of each inciso. `comentarios`: of registros of paper that have one, by id.
    `anterior`, `siguiente`, `csv`, `xlsx`, `por_origen`: addresses, "" where there is none.
    """

    cuenta: Cuenta
    incisos: tuple[tuple[Inconsistencia, int], ...]
    elegido: str
    sin_inciso: int
    origenes: tuple[Marca, ...]
    renglones: tuple[Renglon, ...]
    tipos: dict[str, str]
    comentarios: dict[int, str]
    url: str
    registros: str
    por_origen: str
    anterior: str
    siguiente: str
    csv: str
    xlsx: str


@dataclass(frozen=True, slots=True)
class _Leido:
    cuenta: Cuenta
    por_inciso: dict[str, int]
    textos: dict[str, Inconsistencia]
    filtro: Filtro
    pagina: Pagina
    comentarios: dict[int, str]


async def lista(v: Visita) -> Response:
    """How many of each inciso, the registros with their detail, and those that are inconsistent by their origin."""
    query = v.request.query_params
    asked = query.get("inciso", "")
    antes, despues = _cursor(query.get("antes", "")), _cursor(query.get("despues", ""))
    solicitud = v.solicitud

    def read(conn: Connection) -> _Leido:
        words, counts = incisos.textos(conn), conteos.por_inciso(conn, solicitud)
        # One that no version of the criteria names any more is shown as well.
        words |= {
            one: Inconsistencia(one, "Sin nombre en los criterios", "—", "—") for one in counts if one not in words
        }
        filtro = Filtro(valido="no", inciso=asked if asked in words else "")
        page = consulta.pagina(conn, filtro, solicitud, limite=POR_PAGINA, antes=antes, despues=despues)
        paper = [one.id for one in page.renglones if one.via is Via.PAPEL]
        said = cedulas_papel.comentarios(conn, paper) if paper else {}
        return _Leido(conteos.total(conn, solicitud), counts, words, filtro, page, said)

    found = await v.read(read)
    cuenta, by_inciso, page, filtro = found.cuenta, found.por_inciso, found.pagina, found.filtro
    inciso = filtro.inciso
    await v.seen(f"aspirante:{solicitud}", "inconsistencias", filas=len(page.renglones))
    more = filtro.query()
    return v.page(
        "aspirante/inconsistencias.html",
        InconsistenciasContext(
            cuenta=cuenta,
            incisos=tuple(
                (one, by_inciso.get(one.inciso, 0))
                for one in found.textos.values()
                if one.inciso in INCONSISTENCIAS or one.inciso in by_inciso
            ),
            elegido=inciso,
            sin_inciso=cuenta.inconsistentes - sum(by_inciso.values()),
            origenes=_ORIGEN,
            renglones=page.renglones,
            tipos={one.inciso: str(one.tipo) for one in found.textos.values()},
            comentarios=found.comentarios,
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
