"""The institute's colour and logo, as files of their own: the policy of our pages allows no styles inside them.

`/institucion.css` turns the colour into the tokens of app.css for both themes; `/institucion/logo.png` is the logo.
Their addresses change with their content, so browsers keep them.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from starlette.responses import Response

from server.domain import colores
from server.domain.institucion import COLOR, Institucion
from server.errors import AppError
from server.portals.visita import Portal, Visita
from server.store import ajustes

_FOR_EVER = "public, max-age=31536000, immutable"


def css(institucion: Institucion) -> str:
    """The style sheet; empty for the colour that the pages have anyway."""
    return _css(institucion.color)


@lru_cache(maxsize=8)
def _css(color: str) -> str:
    if color == COLOR or not re.fullmatch("#[0-9a-f]{6}", color):
        return ""
    t = colores.tonos(color)
    return (
        f":root {{ --acento: {t.acento}; --acento-2: {t.acento_2}; --sobre-acento: #ffffff; --banda: {t.banda}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --acento: {t.acento_noche}; --acento-2: {t.acento_2_noche}; "
        f"--sobre-acento: {t.sobre_acento_noche}; --banda: {t.banda_noche}; }}\n"
        "}\n"
    )


def _mark(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def url(portal: Portal) -> str:
    """Address of the style sheet for the frame of every page; "" when there is nothing to say."""
    content = css(portal.institucion())
    return f"/institucion.css?v={_mark(content)}" if content else ""


async def hoja(v: Visita) -> Response:
    """The style sheet."""
    content = css(v.institucion)
    asked = v.request.query_params.get("v", "")
    # An older address gets the colour of now, and is not kept.
    keep = _FOR_EVER if asked == _mark(content) else "no-cache"
    return Response(content, media_type="text/css", headers={"Cache-Control": keep})


async def logo(v: Visita) -> Response:
    """The logo, PNG. Raises AppError `no_encontrado` when there is none."""
    content = await v.read(ajustes.logo)
    if content is None:
        raise AppError("no_encontrado")
    keep = _FOR_EVER if v.request.query_params.get("v", "") == str(v.institucion.logo) else "no-cache"
    return Response(content, media_type="image/png", headers={"Cache-Control": keep})
