"""The page of an error, for people. Phones, and whoever asks for JSON, get the same code as JSON (server.http)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.errors import ERRORS
from server.portals.alrededor import shown
from server.portals.rendering import TemplateMissingError

FOR_MACHINES = ("/sync/", "/dispositivos/", "/salud/", "/.well-known/", "/metrics")
"""Paths that answer JSON whoever asks."""

_TITLES = {
    "no_encontrado": "No encontramos esa página",
    "tus_metodo": "Esa acción no se admite aquí",
    "sin_permiso": "Su cuenta no abre esta página",
    "origen_ajeno": "Envíe el formulario desde este sitio",
    "cuerpo_demasiado_grande": "Lo que envió es demasiado grande",
    "ocupado": "El servidor está ocupado",
    "sin_espacio": "El servidor no puede guardar",
    "almacen_no_disponible": "El servidor no puede guardar",
}


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """`codigo`: stable code of the catalogue. `estado`: HTTP status. `titulo`, `texto`: what a person reads."""

    codigo: str
    estado: int
    titulo: str
    texto: str


def error_page(request: Request, code: str, status: int) -> Response | None:
    """The error as a page, for a browser at an address for people; None when JSON was asked for, or is all there is."""
    if not _wants_page(request):
        return None
    titulo = _TITLES.get(code, "Algo salió mal" if status >= 500 else "No se pudo atender la solicitud")
    try:
        return shown(request, "public/error.html", ErrorContext(code, status, titulo, ERRORS[code].text), status)
    except TemplateMissingError:
        return None


def _wants_page(request: Request) -> bool:
    if request.url.path.startswith(FOR_MACHINES) or "/api/" in request.url.path:
        return False
    return any(
        accepted.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")
        for accepted in request.headers.get("accept", "").split(",")
    )
