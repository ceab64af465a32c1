"""Markdown as manuals and avisos are written, into HTML for a page and into blocks for a printable.

HTML in the source is shown as text, never obeyed; links and images go only where the caller lets them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup

from server.documentos.compilar import texto

Destino = Callable[[str], str]
"""From what the source names to the URL to use; empty: the words or the alternative text stay, without it."""

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True, slots=True)
class Entrada:
    """A line of the table of contents. `nivel` 2 or 3."""

    nivel: int
    ancla: str
    titulo: str


@dataclass(frozen=True, slots=True)
class Escrito:
    """A text that was read. `titulo`: of its first heading of level 1, which is in neither `html` nor `bloques`."""

    titulo: str
    html: Markup
    indice: tuple[Entrada, ...]
    bloques: list[dict[str, Any]]


def enlace_seguro(href: str) -> str:
    """Links of a text that anybody may have written: to the web, mail, or a place of the same page."""
    return href if re.match(r"(https?://|mailto:|#)", href) else ""


def sin_imagenes(src: str) -> str:
    """No image at all."""
    return ""


def leer(fuente: str, *, enlace: Destino = enlace_seguro, imagen: Destino = sin_imagenes) -> Escrito:
    """Read a whole text. Headings of the page begin at 2: the one h1 is its title."""
    tokens = _PARSER.parse(fuente)
    titulo = _take_title(tokens)
    indice = _name_headings(tokens)
    _name_tables(tokens)
    anclas = {entrada.ancla for entrada in indice}

    def destino(href: str) -> str:
        target = enlace(href)
        return "" if target.startswith("#") and target[1:] not in anclas else target

    root = SyntaxTreeNode(tokens)
    return Escrito(
        titulo,
        Markup("".join(_html(node, destino, imagen) for node in root.children)),  # noqa: S704 -- escaped in _html
        tuple(entrada for entrada in indice if entrada.nivel in (2, 3)),
        _blocks(root.children, destino, imagen),
    )


def ancla(titulo: str) -> str:
    """The name of a heading in an address, as GitHub makes it: `Si pierde el teléfono` -> `si-pierde-el-teléfono`."""
    kept = "".join(c for c in titulo.lower() if c in " -_" or unicodedata.category(c)[0] in "LNM")
    return kept.strip().replace(" ", "-")


def _plain(token: Token) -> str:
    return "".join(
        child.content if child.type in ("text", "code_inline", "image") else " " if child.type.endswith("break") else ""
        for child in token.children or []
    )


def _take_title(tokens: list[Token]) -> str:
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1":
            titulo = _plain(tokens[at + 1])
            del tokens[at : at + 3]
            return titulo
    return ""


def _name_headings(tokens: Sequence[Token]) -> list[Entrada]:
    indice: list[Entrada] = []
    taken: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type != "heading_open":
            continue
        titulo = _plain(inline)
        nombre = ancla(titulo) or "seccion"
        taken[nombre] = taken.get(nombre, 0) + 1
        if taken[nombre] > 1:
            nombre = f"{nombre}-{taken[nombre] - 1}"
        # Never deeper than the one before plus one: whoever reads by headings must not find a hole.
        nivel = min(max(int(token.tag[1]), 2), (indice[-1].nivel if indice else 1) + 1)
        token.tag, token.attrs["id"] = f"h{nivel}", nombre
        indice.append(Entrada(nivel, nombre, titulo))
    return indice


def _name_tables(tokens: Sequence[Token]) -> None:
    """`Tabla 2: Enviar`, after the heading above: a page has no two frames of one name."""
    heading, count = "", 0
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = _plain(tokens[at + 1])
        elif token.type == "table_open":
            count += 1
            token.attrs["rotulo"] = f"Tabla {count}: {heading}" if heading else f"Tabla {count}"


_SIMPLE = {
    "paragraph": "p", "bullet_list": "ul", "ordered_list": "ol", "list_item": "li", "blockquote": "blockquote",
    "strong": "strong", "em": "em", "thead": "thead", "tbody": "tbody", "tr": "tr", "td": "td",
}  # fmt: skip


def _html(node: SyntaxTreeNode, enlace: Destino, imagen: Destino) -> str:
    kind = node.type
    if kind in ("text", "html_inline", "html_block"):
        return escape(node.content)
    if kind == "code_inline":
        return f"<code>{escape(node.content)}</code>"
    if kind in ("fence", "code_block"):
        return f'<pre tabindex="0"><code>{escape(node.content)}</code></pre>\n'
    if kind == "softbreak":
        return "\n"
    if kind == "hardbreak":
        return "<br>\n"
    if kind == "hr":
        return "<hr>\n"
    if kind == "image":
        return _html_image(node, imagen)
    inside = "".join(_html(child, enlace, imagen) for child in node.children)
    if kind == "inline":
        return inside
    if kind == "heading":
        return f'<{node.tag} id="{escape(str(node.attrs["id"]))}">{inside}</{node.tag}>\n'
    if kind == "link":
        href = enlace(str(node.attrs.get("href", "")))
        return f'<a href="{escape(href)}">{inside}</a>' if href else inside
    if kind == "th":
        return f'<th scope="col">{inside}</th>'
    if kind == "table":
        return (
            f'<div class="marco-tabla" tabindex="0" role="region" aria-label="{escape(str(node.attrs["rotulo"]))}">'
            f'<table class="tabla">{inside}</table></div>\n'
        )
    if kind == "paragraph":
        hidden = node.hidden or [child.type for child in node.children[0].children] == ["image"]
        return inside if hidden else f"<p>{inside}</p>\n"
    if kind == "ordered_list" and node.attrs.get("start", 1) != 1:
        return f'<ol start="{escape(str(node.attrs["start"]))}">{inside}</ol>\n'
    tag = _SIMPLE[kind]
    return f"<{tag}>{inside}</{tag}>" + ("" if kind in ("strong", "em") else "\n")


def _html_image(node: SyntaxTreeNode, imagen: Destino) -> str:
    src, alt = imagen(str(node.attrs.get("src", ""))), escape(_node_text(node))
    if not src:
        return f'<p class="nota">[Imagen: {alt}]</p>\n'
    return f'<figure><img src="{escape(src)}" alt="{alt}" loading="lazy"></figure>\n'


def _node_text(node: SyntaxTreeNode) -> str:
    if node.type in ("text", "code_inline", "image"):
        return node.content
    return "".join(_node_text(child) for child in node.children)


def _parts(node: SyntaxTreeNode) -> list[tuple[str, str]]:
    """The words of a cell, which cannot be broken, and whether each is `code_inline`."""
    if node.type in ("text", "code_inline"):
        return [(node.type, word) for word in node.content.split()]
    return [part for child in node.children for part in _parts(child)]


def _width(part: tuple[str, str]) -> float:
    """In letters of the text; those of code are wider."""
    return len(part[1]) * (1.25 if part[0] == "code_inline" else 1.0)


def _runs(
    nodes: Sequence[SyntaxTreeNode], enlace: Destino, imagen: Destino, style: tuple[str, ...] = (), url: str = ""
) -> list[dict[str, Any]]:
    """A line of text as runs: `{"t": text, "e": styles, "u": address}`; `{"salto": True}` breaks the line."""
    runs: list[dict[str, Any]] = []
    for node in nodes:
        if node.type in ("text", "html_inline"):
            runs.append({"t": texto(node.content), "e": list(style), "u": url})
        elif node.type == "code_inline":
            runs.append({"t": texto(node.content), "e": [*style, "codigo"], "u": url})
        elif node.type == "softbreak":
            runs.append({"t": " ", "e": list(style), "u": ""})
        elif node.type == "hardbreak":
            runs.append({"salto": True})
        elif node.type == "image":
            runs.append({"t": texto(f"[Imagen: {_node_text(node)}]"), "e": list(style), "u": ""})
        elif node.type == "link":
            href = enlace(str(node.attrs.get("href", "")))
            runs += _runs(node.children, enlace, imagen, style, href)
        else:
            runs += _runs(node.children, enlace, imagen, (*style, node.type), url)
    return runs


def _blocks(nodes: Sequence[SyntaxTreeNode], enlace: Destino, imagen: Destino) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    for node in nodes:
        if node.type == "heading":
            block = {"b": "titulo", "nivel": int(node.tag[1]), "ancla": str(node.attrs["id"])}
            blocks.append({**block, "x": _runs(node.children, enlace, imagen)})
        elif node.type == "paragraph":
            inline = node.children[0].children
            if [child.type for child in inline] == ["image"]:
                src = imagen(str(inline[0].attrs.get("src", "")))
                blocks.append({"b": "imagen", "src": src, "alt": texto(_node_text(inline[0]))})
            else:
                blocks.append({"b": "parrafo", "x": _runs(node.children, enlace, imagen)})
        elif node.type in ("bullet_list", "ordered_list"):
            start = int(node.attrs.get("start", 1) or 1)
            items = [_blocks(item.children, enlace, imagen) for item in node.children]
            blocks.append({"b": "lista", "desde": start if node.type == "ordered_list" else 0, "x": items})
        elif node.type == "blockquote":
            blocks.append({"b": "cita", "x": _blocks(node.children, enlace, imagen)})
        elif node.type in ("fence", "code_block"):
            blocks.append({"b": "codigo", "x": texto(node.content.rstrip("\n"))})
        elif node.type == "table":
            blocks.append(_table(node, enlace, imagen))
        elif node.type == "html_block":
            blocks.append({"b": "parrafo", "x": [{"t": texto(node.content), "e": [], "u": ""}]})
    return blocks


def _table(node: SyntaxTreeNode, enlace: Destino, imagen: Destino) -> dict[str, Any]:
    rows = [row for part in node.children for row in part.children]
    columns = len(rows[0].children)
    # Columns as wide as their longest text asks for, within reason: a printable has nowhere to scroll to.
    widths = []
    for at in range(columns):
        cells_of = [row.children[at] for row in rows]
        word = max((_width(part) for cell in cells_of for part in _parts(cell)), default=0.0)
        longest = max(len(_node_text(cell)) for cell in cells_of)
        widths.append(round(max(8.0, min(word + 3, 36), min(longest, 60)), 1))
    cells = [[_runs(cell.children, enlace, imagen) for cell in row.children] for row in rows]
    return {"b": "tabla", "anchos": widths, "x": cells}
