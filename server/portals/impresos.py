"""Answers that are PDFs: made outside the loop, never kept by anybody on the way unless they are everyone's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from starlette.responses import Response

from server.documentos import compilar
from server.documentos.compilar import DocumentoError
from server.errors import AppError
from server.portals.visita import Visita
from server.store import ajustes


async def logo(v: Visita) -> bytes | None:
    """The institute's logo for a printable, PNG; None when there is none."""
    return await v.read(ajustes.logo) if v.institucion.logo else None


async def respuesta_pdf(fabrica: Callable[[], bytes], nombre: str) -> Response:
    """The PDF that `fabrica` makes, shown by the browser. `nombre`: of the file, without extension or anybody's data.

    Raises AppError `ocupado` when the box cannot make it now; DocumentoError when it cannot be made (a bug).
    """
    try:
        made = await compilar.hacer(fabrica)
    except DocumentoError as error:
        if error.pasajero:
            raise AppError("ocupado", retry_after=10) from None
        raise
    plain = unicodedata.normalize("NFKD", nombre).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-.") or "documento"
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)
