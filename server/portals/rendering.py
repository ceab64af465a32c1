"""Pages from templates: the environment, the filters, hashed URLs of static files."""

from __future__ import annotations

import hashlib
import re
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
_ENVIRONMENT.filters["miles"] = lambda number: f"{number:,}"
_ENVIRONMENT.filters["fecha"] = lambda ms: hora_del_centro(ms)[:10]
_ENVIRONMENT.filters["fecha_hora"] = lambda ms: hora_del_centro(ms)[:16]


def _values(context: DataclassInstance) -> dict[str, Any]:
    return {field.name: getattr(context, field.name) for field in fields(context)}


def _html(html: str, status: int) -> HTMLResponse:
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store", "Vary": "HX-Request, HX-Request-Type"})


def page(template: str, context: DataclassInstance, status: int = 200) -> HTMLResponse:
    """A whole page. `context` is a documented dataclass: its fields are what the template may use."""
    return _html(_ENVIRONMENT.get_template(template).render(_values(context)), status)


def page_in_frame(template: str, context: DataclassInstance, marco: DataclassInstance, status: int) -> HTMLResponse:
    """A whole page of the portals, within its frame (templates/portal.html)."""
    return _html(_ENVIRONMENT.get_template(template).render({**_values(context), "marco": marco}), status)


def fragment(template: str, context: DataclassInstance, block: str, status: int) -> HTMLResponse:
    """One named block of a page, for htmx. What the page imports at its top is there too."""
    compiled = _ENVIRONMENT.get_template(template)
    values = compiled.new_context({**_values(context), **_imports(template)})
    return _html("".join(compiled.blocks[block](values)), status)


@cache
def _imports(template: str) -> dict[str, Any]:
    """The macros that a page's first lines import: a block rendered by itself would lack them."""
    source = (WEB / "templates" / template).read_text(encoding="utf-8")
    return {
        alias: _ENVIRONMENT.get_template(name).module
        for name, alias in re.findall(r'{%-? import "([^"]+)" as (\w+)(?: with context)? -?%}', source)
    }
