"""Contexts of manuals, avisos, the institute's settings and the record of accesses."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from server.documentos import markdown
from server.documentos.manuales import MANUALES, Manual
from server.documentos.markdown import Entrada
from server.errors import DatoInvalido
from server.portals.opl import accesos, ajustes, privacidad
from server.portals.opl.accesos import AccesosContext, CadenaContext, Renglon
from server.portals.opl.ajustes import AjustesContext, Cambio, Version
from server.portals.opl.privacidad import AvisosContext, RedactarContext
from server.portals.public.manuales import ManualContext, ManualesContext
from server.portals.public.privacidad import CLASES, AvisoContext, PrivacidadContext
from server.store.accesos import Cadena
from server.store.avisos_privacidad import Aviso

HOSTILE = '<script>alert("x")</script>'
AHORA = 1_790_000_000_000


def aviso(id_: int = 1, *, titulo: str = "Aviso", clase: str = "integral", vigente: bool = True) -> Aviso:
    return Aviso(id_, clase, titulo, "## Uno\n\nDos", AHORA, titulo, vigente)


def cuerpo(fuente: str) -> Markup:
    return markdown.leer(fuente).html


_ajustes = ajustes.FORMULARIO
_filtros = accesos._formulario([(1, HOSTILE)])
_hostil = Renglon(7, AHORA, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
_manual = Manual("x", HOSTILE, HOSTILE, frozenset())

CONTEXTS: list[tuple[str, Any]] = [
    ("public/manuales.html", ManualesContext(MANUALES, "/manuales/fura.pdf")),
    ("public/manuales.html", ManualesContext((_manual,), "/manuales/fura.pdf")),
    ("public/manuales.html", ManualesContext((), "/manuales/fura.pdf")),
    ("public/manual.html", ManualContext(_manual, (Entrada(2, "a", HOSTILE),), cuerpo(HOSTILE), "/manuales")),
    ("public/manual.html", ManualContext(MANUALES[0], (), cuerpo("| A |\n|---|\n| b |"), "/manuales")),
    ("public/privacidad.html", PrivacidadContext(None, Markup(), None, [], CLASES)),
    (
        "public/privacidad.html",
        PrivacidadContext(
            aviso(1, clase="simplificado", titulo=HOSTILE), cuerpo(f"## a\n\n{HOSTILE}"), aviso(2, titulo=HOSTILE),
            [aviso(3, vigente=False), aviso(4, vigente=False)], CLASES,
        ),
    ),
    ("public/aviso.html", AvisoContext(aviso(titulo=HOSTILE), "Integral", cuerpo(HOSTILE))),
    ("public/aviso.html", AvisoContext(aviso(vigente=False), "Integral", cuerpo("texto"))),
    ("opl/ajustes.html", AjustesContext(_ajustes.vacio({"nombre": "Instituto"}), "", [])),
    (
        "opl/ajustes.html",
        AjustesContext(
            _ajustes.leer({"nombre": HOSTILE, "color": HOSTILE, "responsiva": HOSTILE, "contacto_correo": HOSTILE}),
            "/institucion/logo.png?v=3",
            [Version(AHORA, HOSTILE, (Cambio("Siglas", HOSTILE, HOSTILE), Cambio("Color", "a", "b")))],
        ),
    ),
    ("opl/avisos.html", AvisosContext([], CLASES, list(CLASES))),
    ("opl/avisos.html", AvisosContext([aviso(1, titulo=HOSTILE), aviso(2, vigente=False)], CLASES, ["simplificado"])),
    (
        "opl/aviso_redactar.html",
        RedactarContext(privacidad.FORMULARIO.vacio({"texto": HOSTILE}), None, publicable=False),
    ),
    (
        "opl/aviso_redactar.html",
        RedactarContext(privacidad.FORMULARIO.leer({"clase": "x", "texto": HOSTILE}), cuerpo(HOSTILE), publicable=True),
    ),
    ("opl/accesos.html", AccesosContext(_filtros.vacio(), [], "", "", "/opl/accesos.csv")),
    ("opl/accesos.html", AccesosContext(_filtros.vacio(), [_hostil] * 50, "?despues=7", "?antes=7", "/x.csv")),
    (
        "opl/accesos.html",
        AccesosContext(_filtros.leer({"objeto": HOSTILE, "desde": HOSTILE}), [], "", "", ""),
    ),
    (
        "opl/accesos.html",
        AccesosContext(_filtros.vacio().con_error("folio", DatoInvalido("x", HOSTILE)), [], "", "", ""),
    ),
    ("opl/accesos_cadena.html", CadenaContext(Cadena(1200, None, AHORA, AHORA, "ab" * 32), AHORA)),
    ("opl/accesos_cadena.html", CadenaContext(Cadena(0, 3, None, None), AHORA)),
]  # fmt: skip
