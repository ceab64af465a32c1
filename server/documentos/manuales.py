"""The manuals (row C8): which there are and for whom, as a page and as a PDF. Their text is in `docs/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from server.documentos import markdown
from server.documentos.compilar import ROOT, compilar, texto
from server.documentos.markdown import Escrito
from server.documentos.membrete import membrete
from server.domain.institucion import Institucion

DOCS = ROOT / "docs"
IMAGENES = DOCS / "img"
PLANTILLA = "manual.typ"

_IMAGE = re.compile(r"img/([a-z0-9][a-z0-9-]*\.png)")


@dataclass(frozen=True, slots=True)
class Manual:
    """One manual. `nombre`: in the address and the file's name; `para`: whose pages list it."""

    nombre: str
    titulo: str
    resumen: str
    para: frozenset[str]

    @property
    def archivo(self) -> Path:
        """Its source."""
        return DOCS / f"manual-{self.nombre}.md"


MANUALES = (
    Manual(
        "aspirante", "Manual para personas aspirantes",
        "Entrar al portal, registrar auxiliares uno por uno o con un archivo, y seguir el avance.",
        frozenset({"aspirante", "opl"}),
    ),
    Manual(
        "auxiliar", "Manual para personas auxiliares",
        "Registrar el teléfono, captar apoyos, enviarlos y leer los acuses.", frozenset({"aspirante", "opl"}),
    ),
    Manual(
        "opl-portal", "Manual del portal del OPL",
        "Periodos, aspirantes, cédulas, revisión de auxiliares, avance, cuentas, privacidad y tarjetas.",
        frozenset({"opl"}),
    ),
    Manual(
        "mesa", "Manual de la mesa de control",
        "Revisar con el teclado, coordinar, capturar papel y desahogar garantías de audiencia.", frozenset({"opl"}),
    ),
    Manual(
        "opl", "Manual para la persona de sistemas del OPL",
        "Instalar y cuidar el servidor: segunda copia, respaldos, alarmas y la noche del cierre.", frozenset({"opl"}),
    ),
)  # fmt: skip
POR_NOMBRE = {manual.nombre: manual for manual in MANUALES}


def lista(para: str) -> tuple[Manual, ...]:
    """Those of `aspirante` or `opl`."""
    return tuple(manual for manual in MANUALES if para in manual.para)


def imagen(nombre: str) -> Path | None:
    """The file of a screenshot; None when it is not one of theirs, or was not taken yet."""
    path = IMAGENES / nombre
    return path if _IMAGE.fullmatch(f"img/{nombre}") and path.is_file() else None


def pagina(manual: Manual) -> Escrito:
    """As a page; links between manuals lead to their pages."""
    return _pagina(manual.archivo.read_text(encoding="utf-8"), _images())


def pdf(manual: Manual, institucion: Institucion, logo: bytes | None = None) -> bytes:
    """As a printable, with its table of contents. Raises DocumentoError."""
    return _pdf(manual.nombre, manual.archivo.read_text(encoding="utf-8"), _images(), institucion, logo)


def _images() -> tuple[tuple[str, int], ...]:
    """The screenshots that there are, with the instant of their last change: what a kept page depends on."""
    if not IMAGENES.is_dir():
        return ()
    return tuple(sorted((path.name, path.stat().st_mtime_ns) for path in IMAGENES.glob("*.png")))


def _pages_link(href: str) -> str:
    other = re.fullmatch(r"manual-([a-z-]+)\.md(#.*)?", href)
    if other and other[1] in POR_NOMBRE:
        return f"/manuales/{other[1]}{other[2] or ''}"
    return markdown.enlace_seguro(href)


@lru_cache(maxsize=8)
def _pagina(fuente: str, images: tuple[tuple[str, int], ...]) -> Escrito:
    def where(src: str) -> str:
        match = _IMAGE.fullmatch(src)
        return f"/manuales/img/{match[1]}" if match and imagen(match[1]) else ""

    return markdown.leer(fuente, enlace=_pages_link, imagen=where)


@lru_cache(maxsize=8)
def _pdf(
    nombre: str, fuente: str, images: tuple[tuple[str, int], ...], institucion: Institucion, logo: bytes | None
) -> bytes:
    def where(src: str) -> str:
        match = _IMAGE.fullmatch(src)
        return f"/docs/img/{match[1]}" if match and imagen(match[1]) else ""

    escrito = markdown.leer(fuente, imagen=where)
    titulo = texto(escrito.titulo or POR_NOMBRE[nombre].titulo)
    values = {
        "membrete": membrete(institucion, logo),
        "titulo": titulo,
        "pie": titulo,
        "nota": "Sistema Acopio de captación de apoyo ciudadano",
        "indice": True,
        "bloques": escrito.bloques,
    }
    return compilar(PLANTILLA, values)
