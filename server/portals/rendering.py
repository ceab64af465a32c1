"""Pages from templates: the environment, the filters, hashed URLs of static files."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from starlette.responses import HTMLResponse

from server.clock import hora_del_centro, iso_utc

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

WEB = Path(__file__).resolve().parents[2] / "web"
STATIC = WEB / "static"

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(WEB / "templates"), autoescape=True, undefined=jinja2.StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


@cache
def asset(name: str) -> str:
    """URL of a static file with a hash of its content, so that it can be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


_ENVIRONMENT.globals["asset"] = asset
_ENVIRONMENT.filters["hora_del_centro"] = hora_del_centro
_ENVIRONMENT.filters["iso_utc"] = iso_utc


def page(template: str, context: DataclassInstance, status: int = 200) -> HTMLResponse:
    """A whole page. `context` is a documented dataclass: its fields are what the template may use."""
    values: dict[str, Any] = {field.name: getattr(context, field.name) for field in fields(context)}
    html = _ENVIRONMENT.get_template(template).render(values)
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
