"""The OPL's front page: what waits for somebody, each line a link to where it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from server.portals.visita import Visita
from server.security import permissions as puede
from server.security.permissions import Permiso
from server.store import pendientes
from server.store.pendientes import Pendientes

HORIZON_DAYS: Final = 7
DAY_MS: Final = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class Tarea:
    """One line of work. `clase`: how pressing it is, a class of status labels."""

    n: int
    texto: str
    url: str
    clase: str


@dataclass(frozen=True, slots=True)
class InicioContext:
    """opl/inicio.html. `primeros_pasos`: the box has no periodo or no aspirante yet."""

    tareas: tuple[Tarea, ...]
    primeros_pasos: bool
    sin_periodos: bool
    puede_registrar: bool
    aspirantes: int
    periodos: int
    en_curso: int
    dias: int


_POR_REVISAR: Final = "/opl/auxiliares?revision=pendiente&testigos=con&estatus=activo"
# One line for one thing, another for several; who may do it; how pressing it is.
_WORK: Final[tuple[tuple[Callable[[Pendientes], int], str, str, str, Permiso, str], ...]] = (
    (
        lambda p: p.correos_fallidos, "correo que no se pudo enviar", "correos que no se pudieron enviar",
        "/opl/administracion", puede.administrar, "mal",
    ),
    (
        lambda p: p.aspirantes_por_restaurar, "aspirante con datos por restaurar", "aspirantes con datos por restaurar",
        "/opl/aspirantes?estado=por_restaurar", puede.ver_aspirantes, "mal",
    ),
    (
        lambda p: p.declaraciones, "Declaración de Confidencialidad por aceptar",
        "Declaraciones de Confidencialidad por aceptar", "/opl/cuentas", puede.administrar_cuentas, "duda",
    ),
    (
        lambda p: p.aspirantes_sin_confirmar, "aspirante sin confirmación", "aspirantes sin confirmación",
        "/opl/aspirantes?estado=sin_confirmar", puede.ver_aspirantes, "duda",
    ),
    (
        lambda p: p.auxiliares_por_revisar, "Cédula de Registro de Auxiliar por revisar",
        "Cédulas de Registro de Auxiliar por revisar", _POR_REVISAR, puede.revisar_auxiliares,
        "duda",
    ),
    (
        lambda p: p.periodos_por_iniciar, f"periodo inicia en los próximos {HORIZON_DAYS} días",
        f"periodos inician en los próximos {HORIZON_DAYS} días", "/opl/periodos?estado=por_iniciar",
        puede.ver_periodos, "gris",
    ),
    (
        lambda p: p.periodos_por_terminar, f"periodo termina en los próximos {HORIZON_DAYS} días",
        f"periodos terminan en los próximos {HORIZON_DAYS} días", "/opl/periodos?estado=abierto",
        puede.ver_periodos, "gris",
    ),
)  # fmt: skip


async def inicio(v: Visita) -> Response:
    """GET /opl."""
    found = await v.read(lambda conn: pendientes.count(conn, v.now_ms, HORIZON_DAYS * DAY_MS))
    tareas = tuple(
        Tarea(n, one if n == 1 else many, url, clase)
        for count, one, many, url, may, clase in _WORK
        if (n := count(found)) and may(v.persona)
    )
    return v.page(
        "opl/inicio.html",
        InicioContext(
            tareas=tareas,
            primeros_pasos=found.aspirantes == 0,
            sin_periodos=found.periodos == 0,
            puede_registrar=puede.administrar_aspirantes(v.persona),
            aspirantes=found.aspirantes,
            periodos=found.periodos,
            en_curso=found.periodos_en_curso,
            dias=HORIZON_DAYS,
        ),
    )
