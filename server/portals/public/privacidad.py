"""Avisos de privacidad for everyone (row B13): those in force, and every earlier version."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import Response

from server.clock import hora_del_centro
from server.documentos import aviso, markdown
from server.errors import AppError
from server.portals.impresos import logo, respuesta_pdf
from server.portals.visita import Visita
from server.store import avisos_privacidad
from server.store.avisos_privacidad import Aviso

CLASES = {"integral": "Aviso de privacidad integral", "simplificado": "Aviso de privacidad simplificado"}


@dataclass(frozen=True, slots=True)
class PrivacidadContext:
    """`simplificado`: the one in force, or None; `cuerpo`: its HTML. `integral`: the one in force, or None.

    `anteriores`: versions that are no longer in force. `clases`: what each class is called.
    """

    simplificado: Aviso | None
    cuerpo: Markup
    integral: Aviso | None
    anteriores: list[Aviso]
    clases: dict[str, str]


@dataclass(frozen=True, slots=True)
class AvisoContext:
    """One version. `clase`: what its class is called. `cuerpo`: its HTML."""

    aviso: Aviso
    clase: str
    cuerpo: Markup


async def lista(v: Visita) -> Response:
    """What is in force, and where the earlier versions are."""
    avisos, simple = await v.read(
        lambda conn: (avisos_privacidad.lista(conn), avisos_privacidad.vigente(conn, "simplificado"))
    )
    integral = next((found for found in avisos if found.clase == "integral" and found.vigente), None)
    earlier = [found for found in avisos if not found.vigente]
    cuerpo = await asyncio.to_thread(markdown.publicado, simple.texto) if simple else Markup()
    context = PrivacidadContext(simple, cuerpo, integral, earlier, CLASES)
    return v.page("public/privacidad.html", context)


async def _asked(v: Visita) -> Aviso:
    id_ = v.request.path_params["id"]
    found = await v.read(lambda conn: avisos_privacidad.get(conn, id_))
    if found is None:
        raise AppError("no_encontrado")
    return found


async def muestra(v: Visita) -> Response:
    """One version, in force or not."""
    found = await _asked(v)
    cuerpo = await asyncio.to_thread(markdown.publicado, found.texto)
    return v.page("public/aviso.html", AvisoContext(found, CLASES[found.clase], cuerpo))


async def pdf(v: Visita) -> Response:
    """One version as a printable."""
    found, institucion, head = await _asked(v), v.institucion, await logo(v)
    state = "vigente" if found.vigente else "versión anterior"
    note = f"{CLASES[found.clase]} · publicado el {hora_del_centro(found.publicado_ms)[:16]} · {state}"
    return await respuesta_pdf(
        lambda: aviso.pdf(aviso.AvisoImpreso(institucion, found.titulo, note, found.texto, head)),
        f"aviso-{found.clase}-{found.id}",
    )
