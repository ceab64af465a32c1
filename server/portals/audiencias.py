"""What the pages of hearings share: labels of stages, rows in words, the acta as an answer (rows B8, C7)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.domain.garantia_audiencia import Estado
from server.errors import AppError
from server.mesa_control import garantia_acta
from server.mesa_control.garantia_acta import Catalogo
from server.portals import impresos
from server.portals.visita import Visita
from server.store import archivos, audiencias
from server.store.audiencia_registros import Renglon
from server.store.audiencias import Audiencia
from server.store.connection import Connection

ESTADOS: dict[Estado, str] = {
    Estado.SOLICITADA: "duda",
    Estado.PROGRAMADA: "gris",
    Estado.EN_DESAHOGO: "duda",
    Estado.CONCLUIDA: "bien",
    Estado.DESISTIDA: "gris",
}
"""The class of each stage's label."""
QUE: dict[str, str] = {
    "faltan": "Por revisar",
    "confirmados": "Se confirmó la inconsistencia",
    "cambiados": "Cambiaron a válido",
    "otro_inciso": "Con otra inconsistencia o detalle",
    "sin_revisar": "No se revisaron",
}
"""Which registros of a hearing a list may show."""
POR_PAGINA = 50


@dataclass(frozen=True, slots=True)
class Fila:
    """A contested registro in words. `clase`: of the label of `despues`; `turno`: whose it is, "" where it is not said.

    `argumento`: what the aspirante says of it.
    """

    apoyo: int
    folio: str
    auxiliar: int
    antes: str
    despues: str
    clase: str
    argumento: str
    turno: str


def fila(row: Renglon, said: Catalogo, turno: str = "") -> Fila:
    """One row as people read it."""
    words = garantia_acta.renglon(row, said)
    changed = row.despues is not None and row.despues.resultado == "valido"
    clase = "bien" if changed else "duda" if words.cambio else "mal" if row.despues else "gris"
    return Fila(
        row.apoyo, row.folio, row.auxiliar, words.antes, words.despues, clase, row.argumento, turno
    )  # fmt: skip


async def acta(v: Visita, one: Audiencia) -> Response:
    """The acta as it was signed; while the hearing is held, how it stands, marked as a draft."""
    from server.documentos import acta_audiencia  # typst is loaded only when somebody prints

    if one.estado not in (Estado.EN_DESAHOGO, Estado.CONCLUIDA):
        raise AppError("no_encontrado")
    await v.seen(f"audiencia:{one.id}", "acta_audiencia")
    name = f"acta-audiencia-{one.id}"
    if one.acta_archivo is not None:
        which = one.acta_archivo
        kept = await v.read(lambda conn: archivos.get(conn, which))
        assert kept is not None, "a foreign key holds it"
        headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
        return Response(kept.contenido, media_type="application/pdf", headers=headers)
    logo, institucion, now = await impresos.logo(v), v.institucion, v.now_ms
    given = await v.read(lambda conn: garantia_acta.acta(conn, one.id, institucion, now, logo))
    return await impresos.respuesta_pdf(lambda: acta_audiencia.pdf(given), name)


def propia(conn: Connection, id_: int, solicitud: int) -> Audiencia:
    """An aspirante's own hearing. Raises AppError `no_encontrado`, for another's as for one that never was."""
    found = audiencias.get(conn, id_, solicitud)
    if found is None:
        raise AppError("no_encontrado")
    return found


def una(conn: Connection, id_: int) -> Audiencia:
    """A hearing of anybody's, for the OPL. Raises AppError `no_encontrado`."""
    found = audiencias.get(conn, id_)
    if found is None:
        raise AppError("no_encontrado")
    return found
