"""One apoyo that was typed from paper, as both portals show it, with what was noted at its typing (B5, C5, P11.5)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.domain.captura_papel import CRITERIOS
from server.domain.filtro_registros import PROCESOS
from server.domain.folio_papel import FolioPapel
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia
from server.domain.roles import Rol
from server.errors import AppError
from server.portals.visita import Visita
from server.store import fichas
from server.store.fichas import FichaPapel


@dataclass(frozen=True, slots=True)
class FichaPapelContext:
    """opl/registro_papel.html, aspirante/registro_papel.html. `criterio`: in words, "" for none; `base`: the consulta.

    `inconsistencia`: what the mesa found.
    """

    ficha: FichaPapel
    base: str
    proceso: str
    criterio: str
    inconsistencia: Inconsistencia | None


async def mostrar(v: Visita, folio: FolioPapel, base: str) -> Response:
    """What is known of it. Another aspirante's is as little there as one that never was."""
    found = await v.read(lambda conn: fichas.ficha_papel(conn, folio, v.persona.solicitud))
    if found is None:
        raise AppError("no_encontrado")
    await v.seen(f"registro:{found.renglon.folio}", "registro")
    where = "aspirante" if v.persona.rol is Rol.ASPIRANTE else "opl"
    return v.page(
        f"{where}/registro_papel.html",
        FichaPapelContext(
            ficha=found,
            base=base,
            proceso=PROCESOS.get(found.proceso, ""),
            criterio=CRITERIOS.get(found.criterio, ""),
            inconsistencia=DEL_PROTOCOLO.get(found.renglon.inciso),
        ),
    )
