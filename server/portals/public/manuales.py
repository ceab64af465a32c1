"""The manuals (row C8): lists, pages, printables and their screenshots; and the blank FURA (P7.3)."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import FileResponse, Response

from server.documentos import fura, manuales
from server.documentos.fura import Fura
from server.documentos.manuales import MANUALES, POR_NOMBRE, Manual
from server.documentos.markdown import Entrada
from server.domain.roles import Rol
from server.errors import AppError
from server.portals.impresos import logo, respuesta_pdf
from server.portals.visita import Visita
from server.store import solicitudes


@dataclass(frozen=True, slots=True)
class ManualesContext:
    """`manuales`: those to offer. `fura`: address of the blank form."""

    manuales: tuple[Manual, ...]
    fura: str


@dataclass(frozen=True, slots=True)
class ManualContext:
    """A manual. `indice`: its headings. `cuerpo`: HTML made from its source. `vuelta`: where the list is."""

    manual: Manual
    indice: tuple[Entrada, ...]
    cuerpo: Markup
    vuelta: str


async def lista(v: Visita) -> Response:
    """All of them, for everyone."""
    return v.page("public/manuales.html", ManualesContext(MANUALES, "/manuales/fura.pdf"))


async def del_opl(v: Visita) -> Response:
    """Those for who works at the OPL."""
    return v.page("public/manuales.html", ManualesContext(manuales.lista("opl"), "/manuales/fura.pdf"))


async def del_aspirante(v: Visita) -> Response:
    """Those for an aspirante, whose FURA comes with their name on it."""
    context = ManualesContext(manuales.lista("aspirante"), "/aspirante/manuales/fura.pdf")
    return v.page("public/manuales.html", context)


def _asked(v: Visita) -> Manual:
    manual = POR_NOMBRE.get(v.request.path_params["nombre"])
    if manual is None:
        raise AppError("no_encontrado")
    return manual


async def muestra(v: Visita) -> Response:
    """One manual as a page."""
    manual = _asked(v)
    escrito = manuales.pagina(manual)
    here = "/manuales"
    if v.quien is not None and v.quien.activa:
        here = "/aspirante/manuales" if v.quien.rol is Rol.ASPIRANTE else "/opl/manuales"
    return v.page("public/manual.html", ManualContext(manual, escrito.indice, escrito.html, here))


async def pdf(v: Visita) -> Response:
    """One manual as a printable."""
    manual, institucion, head = _asked(v), v.institucion, await logo(v)
    return await respuesta_pdf(lambda: manuales.pdf(manual, institucion, head), f"manual-{manual.nombre}")


async def imagen(v: Visita) -> Response:
    """A screenshot of a manual."""
    path = manuales.imagen(v.request.path_params["archivo"])
    if path is None:
        raise AppError("no_encontrado")
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": "public, max-age=3600"})


async def fura_en_blanco(v: Visita) -> Response:
    """The FURA with nobody's name on it."""
    document = Fura(v.institucion, logo_png=await logo(v))
    return await respuesta_pdf(lambda: fura.pdf(document), "fura")


async def fura_propio(v: Visita) -> Response:
    """The FURA with the name, folio and periodo of the aspirante who is in."""
    solicitud = v.solicitud
    quien = await v.read(lambda conn: solicitudes.rotulo(conn, solicitud))
    document = Fura(v.institucion, quien.nombre, f"{solicitud:06d}", quien.periodo, await logo(v))
    return await respuesta_pdf(lambda: fura.pdf(document), "fura")
