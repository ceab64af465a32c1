"""Contexts of the reports: filled, empty, large, and hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.domain import umbral as umbrales
from server.domain.apoyo import Clase, Cuenta
from server.domain.dias import DIA_MS, dia_de
from server.domain.umbral import Dispersion, Umbral, Unidad
from server.portals import tablas
from server.portals.aspirante.avance import AvanceContext
from server.portals.aspirante.detallado import DetalladoContext
from server.portals.aspirante.inicio import InicioContext
from server.portals.detallado import COLUMNAS, Detalle, FilaDetalle
from server.portals.informe import informe
from server.portals.opl import avance as opl
from server.reportes import graficas
from server.reportes.avance import Avance, Clases, Meta, serie
from server.store.avance import Auxiliares, FilaAspirante, FilaAuxiliar, Periodo, Solicitud

NOW = 1_790_000_000_000
HOSTILE = '<script>alert("x")</script>'
SOLICITUD = Solicitud(
    7, "Alma Prueba Uno", "activo", 1, "Regiduría", "Proceso de prueba", NOW - 10 * DIA_MS, NOW + 10 * DIA_MS
)
UNA = Cuenta(
    recibidos=40, lista_nominal=20, padron=3, baja=4, no_encontrado=5, sin_respuesta=8, pendientes=30, validos=6,
    inconsistentes=4, de_origen=2, cuentan=15, en_espera=7,
)  # fmt: skip


def report(days: int, each: Cuenta = UNA, solicitud: Solicitud = SOLICITUD, *, meta: bool = True) -> Avance:
    """A report of so many days with the same figures each."""
    today = dia_de(NOW)
    by_day = [(today - days + 1 + n, each) for n in range(days)]
    total = sum((one for _, one in by_day), Cuenta())
    units = (Unidad("056", "Zacatecas", 15), Unidad("017", solicitud.nombre, 90))
    asked = Umbral(5_567, Dispersion.MUNICIPIO, None, units)
    against = Meta(
        umbrales.evaluate(asked, total.cuentan, {"056": 15, "999": 3}), asked.dispersion, total.en_espera, 11
    )
    classes = tuple((one, n * each.recibidos) for n, one in enumerate(Clase))
    found = Clases(classes, (("Fotocopia de la credencial", 5), (solicitud.nombre, 3)) if each.recibidos else ())
    return Avance(
        solicitud, total, found, each, each, serie(by_day, today - days + 1, today), against if meta else None, NOW
    )


def detail(days: int, nombre: str = "Itzel Ruiz", query: dict[str, str] | None = None) -> Detalle:
    """A reporte detallado with as many auxiliares as days."""
    asked = query or {}
    form, dias = tablas.rango(asked)
    order = tablas.orden(asked, [one for one, _, _ in COLUMNAS], "recibidos")
    found = report(days)
    return Detalle(
        form=form, total=found.total, barras=graficas.barras(found.dias),
        dias=tuple(FilaDetalle("21/09/2026", one.cuenta) for one in found.dias),
        columnas=tablas.columnas(asked, order, COLUMNAS, ("desde", "hasta")),
        auxiliares=tuple(FilaAuxiliar(n, nombre, "baja" if n % 2 else "activo", UNA) for n in range(days)),
        cuantos=days, primera=1, anterior="?pagina=1" if days > 1 else "", siguiente="?pagina=3" if days > 1 else "",
        archivo="", filtrado=dias is not None, limpiar="?",
    )  # fmt: skip


def everyone(count: int, nombre: str = "Alma Prueba", requeridos: int | None = 5_567) -> opl.TodosContext:
    """A report for all with so many aspirantes."""
    lines = tuple(
        opl.Linea(FilaAspirante(n, nombre, "inactivo" if n % 3 else "activo", UNA), "0.3 %", 1) for n in range(count)
    )
    periodo = Periodo(1, nombre, nombre, NOW, NOW + DIA_MS, True, count)
    order = tablas.orden({}, [one for one, _, _ in opl.COLUMNAS], "nombre", descendente=False)
    return opl.TodosContext(
        (periodo,), periodo, requeridos, 2 if requeridos else 0, "Municipios", lines, count, UNA,
        tablas.columnas({}, order, opl.COLUMNAS, ("periodo",)), "", "?pagina=2", "/opl/avance/periodos/1", "12:20:11",
        "/opl/avance?mirando=1",
    )  # fmt: skip


NONE = opl.TodosContext((), None, None, 0, "", (), 0, Cuenta(), (), "", "", "", "12:20:11", "")
BARE = replace(SOLICITUD, nombre="", periodo_id=None, periodo="", proceso="", inicia_ms=None, termina_ms=None)
EVIL = replace(SOLICITUD, nombre=HOSTILE, periodo=HOSTILE, proceso=HOSTILE)
MANY = Cuenta(1_000_000, 1_000_000, 0, 0, 0, 0, 0, 1_000_000, 0, 0, 1_000_000, 0)

REPORTS = [
    report(12), report(0, Cuenta(), BARE, meta=False), report(1, Cuenta(1, sin_respuesta=1, pendientes=1)),
    report(120), report(400), report(1, MANY), report(2, UNA, EVIL),
]  # fmt: skip

CONTEXTS: list[tuple[str, Any]] = [
    *(("aspirante/avance.html", AvanceContext(informe(one), "/aspirante?mirando=1", "/x")) for one in REPORTS),
    ("aspirante/avance.html", AvanceContext(informe(REPORTS[0]), "", "/aspirante/x")),
    ("aspirante/detallado.html", DetalladoContext(detail(0), "/aspirante/estadisticas/detallado")),
    ("aspirante/detallado.html", DetalladoContext(detail(50, "María de la Concepción " * 8), "/x")),
    ("aspirante/detallado.html", DetalladoContext(detail(3, HOSTILE, {"desde": HOSTILE, "orden": HOSTILE}), "/x")),
    ("aspirante/inicio.html", InicioContext(REPORTS[0], Auxiliares(12, 3, 9), "abierto", "Quedan 11 días", "1 de 9")),
    ("aspirante/inicio.html", InicioContext(REPORTS[1], Auxiliares(0, 0, 0), "", "", "")),
    ("aspirante/inicio.html", InicioContext(REPORTS[-1], Auxiliares(1, 0, 0), "cerrado", "Terminó", HOSTILE)),
    ("opl/avance.html", everyone(50)),
    ("opl/avance.html", everyone(0, requeridos=None)),
    ("opl/avance.html", everyone(2, HOSTILE)),
    ("opl/avance.html", NONE),
    *(("opl/avance_uno.html", opl.UnoContext(one.solicitud, informe(one), "", "/opl/avance/7")) for one in REPORTS),
    ("opl/avance_detallado.html", opl.DetalladoContext(SOLICITUD, detail(3), "/opl/avance/7/detallado")),
    ("opl/avance_detallado.html", opl.DetalladoContext(EVIL, detail(1, HOSTILE), "/opl/avance/7/detallado")),
]  # fmt: skip
