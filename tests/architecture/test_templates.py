"""Every template compiles, renders strictly with a context that its code could give it, and makes a proper page."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from server.domain.institucion import Institucion
from server.domain.roles import Rol
from server.notify import writing
from server.notify.inbox import Adjunto, Mensaje
from server.portals import rendering
from server.portals.alrededor import Nada
from server.portals.marco import marco
from server.portals.public.correo_demo import BandejaContext, MensajeContext
from server.portals.public.errores import ErrorContext
from server.portals.public.salud import Parte, SaludContext
from server.security.sessions import Quien
from tests.server.notify.samples import acuse_mail, code_mail, every_new_mail, notice_mail

WEB = rendering.WEB
TEMPLATES = WEB / "templates"
HTMX = "/static/vendor/htmx-4.0.1.min.js"
MESA = "/static/mesa.js"
HOSTILE = '<script>alert("x")</script>'


def mensaje(id_: int = 1, **changes: Any) -> Mensaje:
    values: dict[str, Any] = {
        "id": id_, "para": "itzel@ejemplo.mx", "de": "acopio@ejemplo.mx", "asunto": "Acuse de recibo: 1 registro",
        "texto": "Folio: 1", "html": "<p>Folio: 1</p>", "recibido_ms": 1_790_000_000_000,
        "adjuntos": (Adjunto("acuses.json", "application/json", b"{}"),), **changes,
    }  # fmt: skip
    return Mensaje(**values)


def bandeja(count: int, **changes: Any) -> BandejaContext:
    values: dict[str, Any] = {
        "mensajes": [mensaje(n) for n in range(count)], "para": "", "direcciones": ["itzel@ejemplo.mx"],
        "total": count, "desde": 1, "pagina": 1, "paginas": 1, **changes,
    }  # fmt: skip
    return BandejaContext(**values)


CONTEXTS: list[tuple[str, Any]] = [
    ("public/inicio.html", Nada()),
    ("public/correo_demo.html", bandeja(0, direcciones=[])),
    ("public/correo_demo.html", bandeja(0, para="nadie@ejemplo.mx")),
    ("public/correo_demo.html", bandeja(1, para="itzel@ejemplo.mx")),
    ("public/correo_demo.html", bandeja(50, total=320, desde=51, pagina=2, paginas=7)),
    ("public/correo_demo.html", bandeja(1, mensajes=[mensaje(asunto="", adjuntos=())])),
    ("public/correo_demo_mensaje.html", MensajeContext(mensaje())),
    ("public/correo_demo_mensaje.html", MensajeContext(mensaje(html="", adjuntos=()))),
    ("public/correo_demo_mensaje.html", MensajeContext(mensaje(html="", texto="", asunto=""))),
    ("public/error.html", ErrorContext("no_encontrado", 404, "No encontramos esa página", "Esa dirección no existe.")),
    ("public/salud.html", SaludContext(True, [Parte("Disco", True, "900 MB libres.", False)], 1_790_000_000_000)),
    ("public/salud.html", SaludContext(False, [Parte("Segunda copia", False, "Llena.", True)], 1_790_000_000_000)),
]
HOSTILE_CONTEXTS: list[tuple[str, Any]] = [
    ("public/inicio.html", Nada()),
    ("public/correo_demo.html", bandeja(1, mensajes=[mensaje(asunto=HOSTILE, para=HOSTILE)], para=HOSTILE)),
    (
        "public/correo_demo_mensaje.html",
        MensajeContext(mensaje(asunto=HOSTILE, texto=HOSTILE, para=HOSTILE, adjuntos=(Adjunto(HOSTILE, "a/b", b""),))),
    ),
    ("public/error.html", ErrorContext("interno", 500, HOSTILE, HOSTILE)),
    ("public/salud.html", SaludContext(False, [Parte(HOSTILE, False, HOSTILE, True)], 0)),
]


@dataclass
class Page(HTMLParser):
    """What a page is made of, as far as these tests look."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.title = ""
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_data(self, data: str) -> None:
        if self._inside and self._inside[-1] == "title":
            self.title += data
            self._inside.append("")

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def _of_the_portals() -> list[tuple[str, Any]]:
    """Those of the screens: a module each in contexts/, with a list CONTEXTS."""
    found: list[tuple[str, Any]] = []
    for path in sorted(Path(__file__).with_name("contexts").glob("[!_]*.py")):
        spec = importlib.util.spec_from_file_location(f"contexts_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found += module.CONTEXTS
    return found


PORTAL_CONTEXTS = _of_the_portals()
CONTEXTS += PORTAL_CONTEXTS
QUIEN = Quien(1, Rol.ADMINISTRACION, HOSTILE, "ana@ejemplo.mx", None, 1, True, True, 0)
MARCO = marco(
    Institucion(HOSTILE, horario=HOSTILE, contacto_correo=HOSTILE), QUIEN, "/opl/periodos", "guardado", demo=True
)


def render(template: str, context: Any) -> str:
    return bytes(rendering.page(template, context, MARCO).body).decode()


def mails() -> Iterator[tuple[str, str]]:
    notices = (("fuera", notice_mail(away=True)), ("bien", notice_mail(away=False)))
    new = [(one.clase, one.message) for one in every_new_mail()]
    for name, message in (("codigo_alta", code_mail()), ("acuses", acuse_mail()), *notices, *new):
        part = message.get_body(("html",))
        assert part is not None
        yield name, part.get_content()


def check_document(html: str) -> Page:
    """What holds for every document that a person may see, page or mail."""
    page = Page(html)
    assert html.lstrip().lower().startswith("<!doctype html>")
    assert [attrs["lang"] for attrs in page.all("html")] == ["es-MX"]
    assert len(page.all("h1")) == 1
    assert page.title.strip(" ·\n")
    scripts = [attrs.get("src", "").partition("?")[0] for attrs in page.all("script")]
    assert scripts in ([], [HTMX], [HTMX, MESA], [HTMX, "/static/sala.js"])
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all("alt" in attrs for attrs in page.all("img"))
    return page


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.*")), ids=lambda path: path.name)
def test_every_template_compiles(path: Path) -> None:
    name = path.relative_to(TEMPLATES).as_posix()
    if name.startswith("mail/"):
        environment = writing._TEXT if name.endswith(".txt") else writing._HTML
        environment.get_template(name.removeprefix("mail/"))
    else:
        rendering._ENVIRONMENT.get_template(name)


def test_every_page_is_rendered_by_a_test_here() -> None:
    pages = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.glob("*/[!_]*.html")}
    pages = {page for page in pages if not page.startswith(("mail/", "print/", "shared/"))}
    assert pages == {template for template, _ in CONTEXTS}


@pytest.mark.parametrize(("template", "context"), CONTEXTS)
def test_page_is_a_proper_document(template: str, context: Any) -> None:
    page = check_document(render(template, context))
    hrefs = [attrs.get("href") or "" for attrs in page.all("a")]
    assert "#contenido" in hrefs
    assert [attrs for attrs in page.all("main") if attrs.get("id") == "contenido"]
    # The policy of security/headers.py would drop any of these, in silence.
    assert not [attrs for _, attrs in page.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert page.all("style") == []
    used = hrefs + [attrs.get("src") or "" for tag, attrs in page.tags if tag in ("img", "iframe")]
    used += [attrs.get("href") or "" for attrs in page.all("link")]
    assert not [url for url in used if re.match(r"[a-z]+:|//", url)], "nothing comes from elsewhere"


@pytest.mark.parametrize(("template", "context"), HOSTILE_CONTEXTS)
def test_page_escapes_what_it_is_given(template: str, context: Any) -> None:
    html = render(template, context)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html
    assert all("src" in attrs for attrs in Page(html).all("script"))


def test_portal_pages_escape_what_they_are_given() -> None:
    for template, context in PORTAL_CONTEXTS:
        html = render(template, context)
        assert HOSTILE not in html, template
        assert all("src" in attrs for attrs in Page(html).all("script")), template


def _with_parts(template: str) -> str:
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    return source + "".join(_with_parts(part) for part in re.findall(r'{% include "([^"]+)"', source))


def test_context_has_no_field_that_its_page_leaves_out() -> None:
    for template, context in CONTEXTS:
        source = _with_parts(template)
        assert [field.name for field in fields(context) if not re.search(rf"\b{field.name}\b", source)] == []


@pytest.mark.parametrize(("name", "html"), list(mails()), ids=lambda value: value[:12])
def test_mail_is_a_proper_document_that_needs_nothing_from_outside(name: str, html: str) -> None:
    page = check_document(html)
    assert page.all("img") == page.all("link") == page.all("iframe") == []
    assert "url(" not in html
    assert "@import" not in html
    # A colour of text without one of ground, or the reverse, is unreadable in some reader's dark mode.
    for _, attrs in page.tags:
        style = attrs.get("style") or ""
        assert "background" not in style or re.search(r"(?<!-)color:", style), style
    assert all(attrs.get("role") == "presentation" for attrs in page.all("table"))


def test_pages_filter_and_turn_without_losing_the_address() -> None:
    html = render("public/correo_demo.html", bandeja(50, para="ana+1@ejemplo.mx", total=320, pagina=2, paginas=7))
    links = [attrs for attrs in Page(html).all("a") if attrs.get("rel") in ("prev", "next")]
    assert [attrs["href"] for attrs in links] == [
        "?para=ana%2B1%40ejemplo.mx&pagina=1",
        "?para=ana%2B1%40ejemplo.mx&pagina=3",
    ]


def test_static_files_are_small_and_named_by_their_content() -> None:
    assert (rendering.STATIC / "app.css").stat().st_size < 12_000
    html = render("public/inicio.html", Nada())
    assert re.search(r'href="/static/app\.css\?v=[0-9a-f]{12}"', html)
    assert re.search(r'rel="icon" href="/static/favicon\.svg\?v=[0-9a-f]{12}"', html)


def test_what_is_vendored_is_what_was_published() -> None:
    vendor = rendering.STATIC / "vendor"
    sums = list(vendor.glob("*.sha256"))
    assert sums
    for path in sums:
        digest, name = path.read_text(encoding="ascii").split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
