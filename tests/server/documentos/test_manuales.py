"""The manuals: each is a page and a printable, with or without its screenshots."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from server.documentos import manuales
from server.documentos.manuales import MANUALES, Manual
from server.domain.institucion import Institucion
from tests.server.documentos.ejemplos import imagen, leer

INSTITUCION = Institucion("Instituto de Prueba")


@pytest.mark.parametrize("manual", MANUALES, ids=lambda manual: manual.nombre)
def test_manual_is_a_page_with_a_table_of_contents(manual: Manual) -> None:
    escrito = manuales.pagina(manual)
    assert escrito.titulo == manual.titulo
    assert len(escrito.indice) >= 5
    for entrada in escrito.indice:
        assert f'id="{entrada.ancla}"' in escrito.html
    inside = re.findall(r'href="#([^"]+)"', escrito.html)
    assert [name for name in inside if f'id="{name}"' not in escrito.html] == []
    assert "](" not in escrito.html


@pytest.mark.parametrize("manual", MANUALES, ids=lambda manual: manual.nombre)
def test_manual_is_a_tagged_pdf(manual: Manual) -> None:
    leido = leer(manuales.pdf(manual, INSTITUCION))
    assert (leido.idioma, leido.marcado, leido.ua, leido.titulo) == ("es-MX", True, True, manual.titulo)
    assert "Contenido" in leido.texto
    assert leido.paginas > 1


@pytest.mark.parametrize("manual", MANUALES, ids=lambda manual: manual.nombre)
def test_screenshots_have_names_that_are_served_and_words_in_their_place(manual: Manual) -> None:
    for alt, src in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", manual.archivo.read_text(encoding="utf-8")):
        assert re.fullmatch(r"img/(opl|aspirante|mesa|audiencia)-[a-z-]+\.png", src)
        assert len(alt) > 25
        assert src.removeprefix("img/") not in alt


def test_an_aspirante_is_not_offered_the_manuals_of_the_opl() -> None:
    assert [manual.nombre for manual in manuales.lista("aspirante")] == ["aspirante", "auxiliar"]
    assert manuales.lista("opl") == MANUALES


@pytest.mark.parametrize("nombre", ["../manual-opl.md", "a/b.png", "no.png", ".png", "x.svg", "A.PNG", "\0.png"])
def test_no_other_file_is_an_image_of_a_manual(nombre: str) -> None:
    assert manuales.imagen(nombre) is None


def test_a_screenshot_is_shown_once_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manuales, "DOCS", tmp_path)
    monkeypatch.setattr(manuales, "IMAGENES", tmp_path / "img")
    manual = Manual("x", "X", "", frozenset())
    (tmp_path / "manual-x.md").write_text("# X\n\n![Cómo se ve](img/una.png)\n", encoding="utf-8")
    assert "[Imagen: Cómo se ve]" in manuales.pagina(manual).html
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "una.png").write_bytes(imagen())
    assert '<img src="/manuales/img/una.png" alt="Cómo se ve"' in manuales.pagina(manual).html
