"""Avisos de privacidad, as the OPL writes and publishes them (row B13). A published version is never changed."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.responses import Response

from server.documentos import aviso, markdown
from server.errors import DatoInvalido
from server.portals.forms import Campo, Formulario, Leido, opcion, parrafos
from server.portals.public.privacidad import CLASES
from server.portals.visita import Visita
from server.registro import institucion as registro
from server.store import avisos_privacidad
from server.store.avisos_privacidad import Aviso

LONG = 60_000
BODY = 400_000

FORMULARIO = Formulario(
    Campo("clase", "Clase", opcion(*CLASES), tipo="select", opciones=tuple(CLASES.items())),
    Campo("titulo", "Título", maximo=200),
    Campo(
        "texto", "Texto del aviso", parrafos, tipo="textarea", maximo=LONG,
        ayuda="## para un subtítulo, - para una lista, **negritas**. Una línea en blanco separa párrafos.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AvisosContext:
    """`avisos`: every version, newest first. `clases`: what each class is called. `faltan`: classes without one."""

    avisos: list[Aviso]
    clases: dict[str, str]
    faltan: list[str]


@dataclass(frozen=True, slots=True)
class RedactarContext:
    """`form`: the version being written. `vista`: how it will look, None before it was asked for.

    `publicable`: whether it is ready to be published.
    """

    form: Leido
    vista: Markup | None
    publicable: bool


async def lista(v: Visita) -> Response:
    """Every version that was published, and which class still lacks one."""
    avisos = await v.read(avisos_privacidad.lista)
    there = {found.clase for found in avisos}
    return v.page("opl/avisos.html", AvisosContext(avisos, CLASES, [clase for clase in CLASES if clase not in there]))


async def redacta(v: Visita) -> Response:
    """The editor, with the version in force or, before the first, the text to start from."""
    clase = v.request.query_params.get("clase", "")
    clase = clase if clase in CLASES else "integral"
    found = await v.read(lambda conn: avisos_privacidad.vigente(conn, clase))
    text = found.texto if found else aviso.modelo(clase, v.institucion)
    title = found.titulo if found else CLASES[clase]
    form = FORMULARIO.vacio({"clase": clase, "titulo": title, "texto": text})
    return v.page("opl/aviso_redactar.html", RedactarContext(form, None, publicable=False))


async def recibe(v: Visita) -> Response:
    """`accion=ver`: show how it will look. `accion=publicar`: publish it."""
    data = await v.request.form()
    form = FORMULARIO.leer(data)
    if form.bien:
        try:
            aviso.completo(form.valores["texto"])
        except DatoInvalido as error:
            form = form.con_error("texto", error)
    vista = markdown.leer(form.valores["texto"]).html if form.valores.get("texto") else None
    if not form.bien:
        return v.page("opl/aviso_redactar.html", RedactarContext(form, vista, publicable=False), status=422)
    if data.get("accion") != "publicar":
        return v.page("opl/aviso_redactar.html", RedactarContext(form, vista, publicable=True))
    cuenta, values = v.persona.cuenta, form.valores
    await v.write(lambda tx: registro.publicar_aviso(tx, cuenta, values["clase"], values["titulo"], values["texto"]))
    return v.go("/opl/privacidad", "aviso_publicado")
