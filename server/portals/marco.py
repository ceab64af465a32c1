"""The frame around every page of a person who is in: institute, menu by role, what was just done (C1 and its like)."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain.institucion import Institucion
from server.domain.roles import Rol
from server.portals.hechos import HECHOS
from server.security import permissions as puede
from server.security.permissions import Permiso
from server.security.sessions import Quien


@dataclass(frozen=True, slots=True)
class Entrada:
    """A line of the menu. `actual`: "page" for the page itself, "true" for one below it, "" otherwise."""

    texto: str
    url: str
    actual: str


@dataclass(frozen=True, slots=True)
class Grupo:
    """Lines of the menu under one heading; the first group has none."""

    titulo: str
    entradas: tuple[Entrada, ...]


@dataclass(frozen=True, slots=True)
class Marco:
    """What templates/portal.html shows around a page. `hecho`: the sentence about what was just done, or ""."""

    institucion: Institucion
    quien: Quien | None
    menu: tuple[Grupo, ...]
    hecho: str
    demo: bool
    estilo: str
    inicio: str


_OPL: tuple[tuple[str, tuple[tuple[str, str, Permiso], ...]], ...] = (
    ("", (("Inicio", "/opl", puede.entrar_opl),)),
    (
        "Registro",
        (
            ("Periodos", "/opl/periodos", puede.ver_periodos),
            ("Aspirantes", "/opl/aspirantes", puede.ver_aspirantes),
            ("Auxiliares", "/opl/auxiliares", puede.ver_auxiliares),
            ("Tarjetas de memoria", "/opl/tarjetas", puede.administrar),
        ),
    ),
    # the coordination of the mesa de control
    (
        "Mesa de control",
        (
            ("Mi bandeja", "/mesa", puede.revisar_mesa),
            ("Coordinación", "/opl/mesa", puede.coordinar_mesa),
            ("Criterios de revisión", "/opl/criterios", puede.coordinar_mesa),
        ),
    ),
    # captura manual
    (
        "Papel",
        (
            ("Captura manual", "/opl/captura", puede.capturar_papel),
            ("Régimen de excepción", "/opl/captura/excepciones", puede.administrar_papel),
        ),
    ),
    (
        "Estadísticas",
        (
            ("Reporte de avance", "/opl/avance", puede.ver_avance),
            ("Consulta de registros", "/opl/registros", puede.ver_registros),
        ),
    ),
    # -- garantía de audiencia
    ("Garantía de audiencia", (("Audiencias", "/opl/audiencias", puede.ver_audiencias),)),
    (
        "Administración",
        (
            ("Estado del servidor", "/opl/administracion", puede.administrar),
            ("Cuentas", "/opl/cuentas", puede.administrar_cuentas),
            ("Institución", "/opl/ajustes", puede.administrar),
            ("Reglas de revisión", "/opl/reglas", puede.coordinar_mesa),
            ("Avisos de privacidad", "/opl/privacidad", puede.administrar),
            ("Quién vio qué", "/opl/accesos", puede.ver_accesos),
        ),
    ),
    ("Ayuda", (("Manuales", "/opl/manuales", puede.entrar_opl),)),
)
_ASPIRANTE: tuple[tuple[str, tuple[tuple[str, str, Permiso], ...]], ...] = (
    ("", (("Inicio", "/aspirante", puede.entrar_aspirante),)),
    (
        "Auxiliares/Gestores",
        (
            ("Registro", "/aspirante/auxiliares/registro", puede.auxiliares_propios),
            ("Registro por archivo", "/aspirante/auxiliares/carga", puede.auxiliares_propios),
            ("Consulta", "/aspirante/auxiliares", puede.auxiliares_propios),
        ),
    ),
    (
        "Estadísticas",
        (
            ("Reporte de avance", "/aspirante/estadisticas/avance", puede.registros_propios),
            ("Consulta de registros", "/aspirante/estadisticas/registros", puede.registros_propios),
            ("Reporte detallado", "/aspirante/estadisticas/detallado", puede.registros_propios),
            ("Inconsistencias", "/aspirante/estadisticas/inconsistencias", puede.registros_propios),
        ),
    ),
    # -- garantía de audiencia
    ("Garantía de audiencia", (("Audiencias", "/aspirante/audiencias", puede.audiencias_propias),)),
    ("Ayuda", (("Manuales", "/aspirante/manuales", puede.entrar_aspirante),)),
)


def home(quien: Quien) -> str:
    """Where a person begins."""
    return "/aspirante" if quien.rol is Rol.ASPIRANTE else "/opl"


def marco(
    institucion: Institucion, quien: Quien | None, path: str, hecho: str, *, demo: bool, estilo: str = ""
) -> Marco:
    """The frame of a page at `path`. `hecho`: a code of HECHOS; one that is not there says nothing."""
    menu: tuple[Grupo, ...] = ()
    if quien is not None and quien.activa:
        table = _ASPIRANTE if quien.rol is Rol.ASPIRANTE else _OPL
        here = _nearest([url for _, rows in table for _, url, _ in rows], path)
        menu = tuple(
            Grupo(titulo, entradas)
            for titulo, rows in table
            if (entradas := tuple(_entry(text, url, path, here) for text, url, may in rows if may(quien)))
        )
    return Marco(institucion, quien, menu, HECHOS.get(hecho, ""), demo, estilo, home(quien) if quien else "/")


def _nearest(urls: list[str], path: str) -> str:
    """The line of the menu that a page belongs to: the longest whose address begins the page's."""
    return max((url for url in urls if path == url or path.startswith(url + "/")), key=len, default="")


def _entry(text: str, url: str, path: str, here: str) -> Entrada:
    return Entrada(text, url, "page" if url == path else "true" if url == here else "")
