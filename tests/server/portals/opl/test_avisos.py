"""Avisos de privacidad: written, looked at, published, and every version still there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from tests.server.documentos.ejemplos import leer
from tests.server.portals.portal import Sitio, abierto

pytestmark = pytest.mark.anyio
TEXTO = "## Para qué\n\n- Uno\n- **Dos**\n\n<script>alert(1)</script>"


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path, institucion="Instituto *Uno*") as made:
        yield made


async def test_before_the_first_the_public_page_says_so(sitio: Sitio) -> None:
    page = await sitio.nadie().get("/privacidad")
    assert page.status == 200
    assert "Todavía no se publica" in page.page().text
    assert (await sitio.nadie().get("/privacidad/1")).status == 404
    assert (await sitio.nadie().get("/privacidad/1.pdf")).status == 404


@pytest.mark.parametrize("clase", ["integral", "simplificado"])
async def test_the_model_comes_with_the_name_and_cannot_be_published_as_it_is(sitio: Sitio, clase: str) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    form = (await ana.get(f"/opl/privacidad/redactar?clase={clase}")).page().fields
    assert form["clase"] == clase
    assert "Instituto \\*Uno\\*" in form["texto"]
    answer = await ana.post("/opl/privacidad/redactar", {**form, "accion": "publicar"})
    assert answer.status == 422
    assert "aviso_incompleto" in answer.page().codes
    assert answer.page().fields["texto"] == form["texto"]
    assert "Instituto *Uno*" in answer.page().text


async def test_looked_at_then_published_then_another_version(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION, nombre="Ana Ramos")
    sent = {"clase": "integral", "titulo": "Aviso uno", "texto": TEXTO}
    assert "Publicar esta versión" not in (await ana.get("/opl/privacidad/redactar")).text
    seen = await ana.post("/opl/privacidad/redactar", {**sent, "accion": "ver"})
    assert seen.status == 200
    assert "<strong>Dos</strong>" in seen.text
    assert "Publicar esta versión" in seen.text
    assert "<script>alert" not in seen.text
    assert seen.page().fields["texto"] == TEXTO
    assert sitio.eventos("aviso_publicado") == []
    for titulo in ("Aviso uno", "Aviso dos"):
        answer = await ana.post("/opl/privacidad/redactar", {**sent, "titulo": titulo, "accion": "publicar"})
        assert answer.location == "/opl/privacidad?hecho=aviso_publicado"
    listed = (await ana.get("/opl/privacidad")).page().text
    assert "Ana Ramos" in listed
    assert "Falta publicar el aviso de privacidad simplificado" in listed
    public = await sitio.nadie().get("/privacidad")
    assert "Aviso dos" in public.page().text
    assert "/privacidad/1" in public.page().links
    old = await sitio.nadie().get("/privacidad/1")
    assert "versión anterior" in old.page().text
    assert "<h2 id=" in old.text
    leido = leer((await sitio.nadie().get("/privacidad/1.pdf")).body)
    assert leido.ua
    assert "versión anterior" in " ".join(leido.texto.split())
    assert "<script>" in leido.texto
    assert [event["objeto"] for event in sitio.eventos("aviso_publicado")] == ["aviso:1", "aviso:2"]


async def test_the_simple_one_is_read_on_the_page_itself(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    await ana.post(
        "/opl/privacidad/redactar",
        {"clase": "simplificado", "titulo": "Breve", "texto": "Solo para *esto*.", "accion": "publicar"},
    )
    assert "<em>esto</em>" in (await sitio.nadie().get("/privacidad")).text
    again = (await ana.get("/opl/privacidad/redactar?clase=simplificado")).page().fields
    assert again["texto"] == "Solo para *esto*."


@pytest.mark.parametrize(
    ("change", "codigo"),
    [({"clase": "otra"}, "opcion_ajena"), ({"titulo": ""}, "falta_dato"), ({"texto": "  "}, "falta_dato"),
     ({"texto": "x" * 60_001}, "texto_largo")],
)  # fmt: skip
async def test_what_is_missing_is_said(sitio: Sitio, change: dict[str, str], codigo: str) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    sent = {"clase": "integral", "titulo": "T", "texto": "Texto", "accion": "publicar", **change}
    answer = await ana.post("/opl/privacidad/redactar", sent)
    assert answer.status == 422
    assert codigo in answer.page().codes


async def test_only_administration_publishes(sitio: Sitio) -> None:
    for rol in (Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE):
        persona = await sitio.entrar(rol)
        assert (await persona.get("/opl/privacidad")).status == 403
        assert (await persona.post("/opl/privacidad/redactar", {"accion": "publicar"})).status == 403
