"""The aspirante's front page: where things stand, and the way to everything else (row C1)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.domain.dias import dia_de
from server.domain.periodo import Fase, Ventana
from server.errors import AppError
from server.portals.informe import en_palabras
from server.portals.visita import Visita
from server.reportes.avance import Avance, de_aspirante
from server.store import avance as rows
from server.store.avance import Auxiliares
from server.store.connection import Connection


@dataclass(frozen=True, slots=True)
class InicioContext:
    """`fase`: por_iniciar, abierto, gracia, cerrado, or "" without a periodo; `plazo`: what that means today, in words;
    `meta`: what counts against what is asked for, in words."""

    avance: Avance
    auxiliares: Auxiliares
    fase: str
    plazo: str
    meta: str


async def inicio(v: Visita) -> Response:
    """The page."""

    def read(conn: Connection) -> tuple[Avance | None, Auxiliares]:
        return de_aspirante(conn, v.solicitud, v.now_ms), rows.auxiliares_por_estatus(conn, v.solicitud)

    report, auxiliares = await v.read(read)
    if report is None:
        raise AppError("no_encontrado")
    fase, plazo = plazo_de(report, v.now_ms, v.portal.settings.gracia_ms)
    return v.page("aspirante/inicio.html", InicioContext(report, auxiliares, fase, plazo, en_palabras(report)))


def plazo_de(report: Avance, now_ms: int, gracia_ms: int) -> tuple[str, str]:
    """Where the periodo stands, as a code and in words."""
    found = report.solicitud
    if found.inicia_ms is None or found.termina_ms is None:
        return "", ""
    today = dia_de(now_ms)
    fase = Ventana(found.inicia_ms, found.termina_ms, gracia_ms).fase(now_ms)
    if fase is Fase.POR_INICIAR:
        left = dia_de(found.inicia_ms) - today
        return fase, "Comienza hoy" if not left else "Comienza mañana" if left == 1 else f"Comienza en {left} días"
    if fase is Fase.ABIERTO:
        left = dia_de(found.termina_ms - 1) - today
        return fase, "Hoy es el último día" if not left else f"Quedan {left + 1} días, con hoy"
    if fase is Fase.GRACIA:
        return fase, "La captación terminó; los teléfonos aún pueden enviar lo que guardan"
    return fase, "La captación y el envío terminaron"
