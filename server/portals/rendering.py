"""Pages from templates: the environment, the filters, hashed URLs of static files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup
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
_ENVIRONMENT.filters["iso_utc"] = iso_utc
_ENVIRONMENT.filters["miles"] = lambda number: f"{number:,}"
_ENVIRONMENT.filters["segundos"] = hora_del_centro


def _time(length: int) -> Callable[[int], Markup]:
    """A filter: an instant as a <time> that is never broken over two lines. `length`: how much of it is shown."""
    return lambda ms: Markup('<time datetime="{}">{}</time>').format(iso_utc(ms), hora_del_centro(ms)[:length])


_ENVIRONMENT.filters["fecha"] = _time(10)
_ENVIRONMENT.filters["fecha_hora"] = _time(16)
_ENVIRONMENT.filters["hora_del_centro"] = _time(19)


class TemplateMissingError(RuntimeError):
    """A template is not there: a fault of this installation. (Jinja's own error is an OSError, as if a disk failed.)"""


def _values(context: DataclassInstance) -> dict[str, Any]:
    return {field.name: getattr(context, field.name) for field in fields(context)}


def _html(html: str, status: int) -> HTMLResponse:
    return HTMLResponse(html, status, headers={"Cache-Control": "no-store", "Vary": "HX-Request, HX-Request-Type"})


def page(template: str, context: DataclassInstance, marco: DataclassInstance, status: int = 200) -> HTMLResponse:
    """A whole page within its frame (templates/portal.html). `context`: a documented dataclass with what it may use."""
    return _html(_render(template, {**_values(context), "marco": marco}), status)


def _render(template: str, values: dict[str, Any]) -> str:
    try:
        return _ENVIRONMENT.get_template(template).render(values)
    except jinja2.TemplateNotFound as error:
        raise TemplateMissingError(str(error)) from error


def fragment(template: str, context: DataclassInstance, block: str, status: int) -> HTMLResponse:
    """One named block of a page, for htmx. What the page imports at its top is there too."""
    try:
        compiled = _ENVIRONMENT.get_template(template)
    except jinja2.TemplateNotFound as error:
        raise TemplateMissingError(str(error)) from error
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
