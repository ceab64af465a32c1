"""Markdown of people: HTML is text, links and images go only where they may."""

from __future__ import annotations

import pytest

from server.documentos import markdown
from server.documentos.markdown import Entrada, leer


@pytest.mark.parametrize(
    "fuente",
    [
        "<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "[x](javascript:alert(1))",
        "[x](data:text/html,hola)", "![x](https://fuera.example/a.png)", "[x](vbscript:x)", "<javascript:alert(1)>",
        '[x](https://a.example/"onclick="y)', "# <b onload=x>", "| <i> |\n|---|\n| <u onx=1> |", "[x](//fuera.example)",
    ],
)  # fmt: skip
def test_nothing_active_comes_through(fuente: str) -> None:
    html = leer(fuente).html
    for bad in ("<script", "<img", "<b ", "<i>", "<u ", 'href="javascript', 'href="data', 'href="//', '"onclick'):
        assert bad not in html


def test_a_page_as_it_should_be() -> None:
    escrito = leer(
        "# Título\n\nUno **dos** `tres`\n\n## Sección\n\n1. a\n2. b\n\n### Otra\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n"
        "## Sección\n\n[va](#otra) [no](#nada) [web](https://a.example)"
    )
    assert escrito.titulo == "Título"
    assert escrito.indice == (
        Entrada(2, "sección", "Sección"), Entrada(3, "otra", "Otra"), Entrada(2, "sección-1", "Sección"),
    )  # fmt: skip
    assert "<h1" not in escrito.html
    assert "<p>Uno <strong>dos</strong> <code>tres</code></p>" in escrito.html
    assert "<ol><li>a</li>" in escrito.html
    assert '<th scope="col">A</th>' in escrito.html
    assert 'role="region" aria-label="Tabla 1: Otra"' in escrito.html
    assert '<a href="#otra">va</a> no <a href="https://a.example">web</a>' in escrito.html


def test_headings_leave_no_hole() -> None:
    assert [entrada.nivel for entrada in leer("#### a\n\n# Título\n\n##### b\n\n###### c\n\n## d").indice] == [2, 3, 2]


def test_an_image_that_is_not_there_leaves_its_words() -> None:
    escrito = leer("![Pantalla de inicio](img/no.png)")
    assert "[Imagen: Pantalla de inicio]" in escrito.html
    assert escrito.bloques == [{"b": "imagen", "src": "", "alt": "Pantalla de inicio"}]
    shown = leer("![Pantalla](img/si.png)", imagen=lambda src: f"/x/{src}")
    assert '<img src="/x/img/si.png" alt="Pantalla" loading="lazy">' in shown.html


def test_anchors_are_those_of_links_in_the_manuals() -> None:
    assert markdown.ancla("La réplica del índice") == "la-réplica-del-índice"
    assert markdown.ancla("¿Qué hacer? (1)") == "qué-hacer-1"
