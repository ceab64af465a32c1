"""Reporte de avance for the OPL: all the aspirantes of a periodo, and each one's as they see it themselves (row B6)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.clock import hora_del_centro
from server.domain.apoyo import Clase, Cuenta
from server.domain.umbral import Dispersion, Umbral
from server.errors import AppError
from server.portals import descargas, tablas
from server.portals import detallado as detail
from server.portals.detallado import Detalle
from server.portals.informe import ENCABEZADO_CLASES, Informe, filas_de_clases, informe, sondeo
from server.portals.tablas import CIFRAS, FILAS, Columna, cifras
from server.portals.visita import Visita
from server.reportes.avance import de_aspirante, unidades_alcanzadas
from server.reportes.graficas import porcentaje
from server.store import avance as rows
from server.store import periodos as store_periodos
from server.store.avance import FilaAspirante, OrdenAspirantes, Periodo, Solicitud
from server.store.connection import Connection

URL = "/opl/avance"
COLUMNAS = (
    (OrdenAspirantes.FOLIO, "Folio", True),
    (OrdenAspirantes.NOMBRE, "Aspirante", False),
    (OrdenAspirantes.RECIBIDOS, "Recibidos", True),
    (OrdenAspirantes.CUENTAN, "Cuentan", True),
    (OrdenAspirantes.ESPERA, "En espera", True),
    (OrdenAspirantes.NO_CUENTAN, "No cuentan", True),
)
GUARDADOS = ("periodo",)
MAX_FOLIO = 999_999
"""There are no more folios de solicitud than this."""


@dataclass(frozen=True, slots=True)
class Linea:
    """An aspirante's line. `parte`: what counts of what is asked for, as people read it; "" without a threshold;
    `unidades`: in how many units of the dispersión it has what it takes."""

    fila: FilaAspirante
    parte: str
    unidades: int


@dataclass(frozen=True, slots=True)
class TodosContext:
    """`periodo`: the one that is shown, None where there is none; `unidades`: how many the dispersión asks for;
    `descarga`: where its files are; `hora`: when it was read, hh:mm:ss; `sondeo` as in server.portals.informe."""

    periodos: tuple[Periodo, ...]
    periodo: Periodo | None
    requeridos: int | None
    unidades: int
    unidad: str
    lineas: tuple[Linea, ...]
    cuantos: int
    total: Cuenta
    columnas: tuple[Columna, ...]
    anterior: str
    siguiente: str
    descarga: str
    hora: str
    sondeo: str


async def todos(v: Visita) -> Response:
    """The report for all the aspirantes of a periodo: the newest that is active, or the one the address says."""
    query = v.request.query_params
    order = tablas.orden(query, tuple(OrdenAspirantes), OrdenAspirantes.NOMBRE, descendente=False)
    found = await v.read(lambda conn: _read(conn, query.get("periodo", ""), order))
    before, after = tablas.paginas(query, order, found.cuantos, GUARDADOS)
    again = sondeo(URL, query, v.now_ms, (*GUARDADOS, "orden", "sentido", "pagina"))
    context = TodosContext(
        periodos=found.periodos,
        periodo=found.periodo,
        requeridos=found.umbral.requeridos,
        unidades=found.umbral.needed_units,
        unidad=_UNIDAD.get(found.umbral.dispersion, ""),
        lineas=tuple(
            Linea(one, _part(one, found.umbral.requeridos), found.alcanzadas.get(one.folio, 0)) for one in found.filas
        ),
        cuantos=found.cuantos,
        total=found.total,
        columnas=tablas.columnas(query, order, COLUMNAS, GUARDADOS),
        anterior=before,
        siguiente=after,
        descarga=f"{URL}/periodos/{found.periodo.id}" if found.periodo else "",
        hora=hora_del_centro(v.now_ms)[11:],
        sondeo=again,
    )
    return v.page("opl/avance.html", context, fragmento="cifras")


_UNIDAD = {Dispersion.MUNICIPIO: "Municipios", Dispersion.SECCION: "Secciones"}


def _part(one: FilaAspirante, requeridos: int | None) -> str:
    return porcentaje(one.cuenta.cuentan, requeridos) if requeridos else ""


@dataclass(frozen=True, slots=True)
class Leidos:
    """What is read for the report of a periodo."""

    periodos: tuple[Periodo, ...]
    periodo: Periodo | None
    umbral: Umbral
    alcanzadas: dict[int, int]
    filas: tuple[FilaAspirante, ...]
    cuantos: int
    total: Cuenta


def _read(conn: Connection, asked: str, order: tablas.Orden) -> Leidos:
    periodos = tuple(rows.periodos(conn))
    chosen = next((one for one in periodos if str(one.id) == asked), None)
    if chosen is None:
        chosen = next((one for one in periodos if one.activo and one.aspirantes), periodos[0] if periodos else None)
    if chosen is None:
        return Leidos((), None, Umbral(), {}, (), 0, Cuenta())
    cuantos, total = rows.total_de_periodo(conn, chosen.id)
    umbral = store_periodos.umbral(conn, chosen.id)
    lines = rows.aspirantes(
        conn, chosen.id, OrdenAspirantes(order.por), descendente=order.descendente, limite=FILAS, salto=order.salto
    )
    reached = unidades_alcanzadas(conn, umbral, [one.folio for one in lines])
    return Leidos(periodos, chosen, umbral, reached, tuple(lines), cuantos, total)


PorClase = dict[int, dict[Clase, int]]


async def archivo_todos(v: Visita) -> Response:
    """The same for all the aspirantes of a periodo, as CSV or XLSX."""
    periodo, formato = int(v.request.path_params["periodo"]), v.request.path_params["formato"]

    def read(conn: Connection) -> tuple[list[FilaAspirante], Umbral, dict[int, int], PorClase] | None:
        if not any(one.id == periodo for one in rows.periodos(conn)):
            return None
        lines = rows.aspirantes(conn, periodo, OrdenAspirantes.FOLIO, descendente=False, limite=MAX_FOLIO, salto=0)
        umbral = store_periodos.umbral(conn, periodo)
        reached: dict[int, int] = {}
        for start in range(0, len(lines), FILAS):
            reached |= unidades_alcanzadas(conn, umbral, [one.folio for one in lines[start : start + FILAS]])
        return lines, umbral, reached, rows.clases_de_periodo(conn, periodo)

    found = await v.read(read)
    if found is None:
        raise AppError("no_encontrado")
    lines, umbral, reached, classes = found
    return tablas.descarga(
        formato, descargas.nombre_con_fecha(f"avance-periodo-{periodo}", v.now_ms), "Avance",
        ("Folio de solicitud", "Aspirante", "Estatus", "Apoyos requeridos", "Unidades alcanzadas", *CIFRAS,
         "Enviados", *(clase.texto for clase in Clase)),
        tablas.una_por_una(
            lines,
            lambda one: (
                one.folio, one.nombre, one.estatus, umbral.requeridos, reached.get(one.folio, 0), *cifras(one.cuenta),
                *_classes(classes.get(one.folio, {})),
            ),
        ),
    )  # fmt: skip


def _classes(found: dict[Clase, int]) -> tuple[int, ...]:
    return sum(found.values()), *(found.get(clase, 0) for clase in Clase)


@dataclass(frozen=True, slots=True)
class UnoContext:
    """One aspirante's report, with what the aspirante sees. `solicitud`: whose; `archivos`: where its files are."""

    solicitud: Solicitud
    informe: Informe
    sondeo: str
    archivos: str


async def uno(v: Visita) -> Response:
    """The report of the folio in the address."""
    folio = int(v.request.path_params["folio"])
    report = await v.read(lambda conn: de_aspirante(conn, folio, v.now_ms))
    if report is None:
        raise AppError("no_encontrado")
    again = sondeo(f"{URL}/{folio}", v.request.query_params, v.now_ms)
    context = UnoContext(report.solicitud, informe(report), again, f"{URL}/{folio}")
    return v.page("opl/avance_uno.html", context, fragmento="cifras")


async def archivo_uno(v: Visita) -> Response:
    """What the folio in the address sent, by class, as CSV or XLSX."""
    folio = int(v.request.path_params["folio"])
    report = await v.read(lambda conn: de_aspirante(conn, folio, v.now_ms))
    if report is None:
        raise AppError("no_encontrado")
    return tablas.descarga(
        v.request.path_params["formato"], descargas.nombre_con_fecha(f"enviados-{folio}", v.now_ms), "Enviados",
        ENCABEZADO_CLASES, tablas.una_por_una(filas_de_clases(report), lambda fila: fila),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DetalladoContext:
    """One aspirante's reporte detallado. `archivos`: where its files are."""

    solicitud: Solicitud
    detalle: Detalle
    archivos: str


async def detallado(v: Visita) -> Response:
    """The reporte detallado of the folio in the address; it names auxiliares, so it goes on the record (B13)."""
    folio = int(v.request.path_params["folio"])
    found, detalle, status = await detail.leer(v, folio)
    await v.seen(f"aspirante:{folio}", "avance_detallado", auxiliares=len(detalle.auxiliares))
    context = DetalladoContext(found, detalle, f"{URL}/{folio}/detallado")
    return v.page("opl/avance_detallado.html", context, status=status)


async def archivo(v: Visita) -> Response:
    """One of its tables as a file, on the record too."""
    folio = int(v.request.path_params["folio"])
    made = await detail.archivo(v, folio)
    await v.seen(f"aspirante:{folio}", "avance_detallado_archivo", tabla=v.request.path_params["tabla"])
    return made
