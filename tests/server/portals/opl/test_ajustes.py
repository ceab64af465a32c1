"""The institute's settings: what is taken, what is refused, where it shows, and its history."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from server.domain.roles import Rol
from tests.server.documentos.ejemplos import imagen, leer
from tests.server.portals.portal import Persona, Sitio, abierto

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path, institucion="Instituto del Entorno") as made:
        yield made


async def fields(persona: Persona) -> dict[str, str]:
    return (await persona.get("/opl/ajustes")).page().fields


async def test_only_administration_changes_them(sitio: Sitio) -> None:
    for rol in (Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE):
        persona = await sitio.entrar(rol)
        assert (await persona.get("/opl/ajustes")).status == 403
        assert (await persona.post("/opl/ajustes", {"nombre": "Otro"})).status == 403
    assert (await sitio.nadie().get("/opl/ajustes")).status == 303


async def test_what_is_set_shows_on_pages_printables_and_in_the_history(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION, nombre="Ana Ramos")
    before = await fields(ana)
    assert before["nombre"] == "Instituto del Entorno"
    assert "institucion.css" not in (await ana.get("/opl/ajustes")).text
    sent = {
        **before, "nombre": "Instituto Nuevo", "siglas": "IN", "color": "#8B0000",
        "contacto_telefono": "(55) 1234-5678 ext 9",
        "responsiva": "Me obligo.\r\n\r\nY firmo.",
    }  # fmt: skip
    files = {"logo": ("logo.jpg", imagen(1600, 400, "JPEG") + b"<script>", "image/png")}
    assert (await ana.post("/opl/ajustes", sent, files=files)).location == "/opl/ajustes?hecho=guardado"
    page = await ana.get("/opl/ajustes")
    after = page.page().fields
    assert (after["nombre"], after["color"], after["contacto_telefono"]) == (
        "Instituto Nuevo", "#8b0000", "55 1234 5678 ext. 9",
    )  # fmt: skip
    assert after["responsiva"] == "Me obligo.\n\nY firmo."
    assert "Ana Ramos" in page.page().text
    assert "Instituto Nuevo" in (await sitio.nadie().get("/manuales")).page().text

    style = next(part for part in page.text.split('"') if part.startswith("/institucion.css?v="))
    css = await sitio.nadie().get(style)
    assert "--acento: #8b0000" in css.text
    assert "immutable" in css.headers["cache-control"]
    assert css.headers["content-type"].startswith("text/css")
    logo = await sitio.nadie().get("/institucion/logo.png")
    assert Image.open(io.BytesIO(logo.body)).size == (800, 200)
    assert b"<script>" not in logo.body

    texto = leer((await sitio.nadie().get("/manuales/fura.pdf")).body).texto
    assert "Instituto Nuevo" in texto
    assert "Me obligo." in texto
    [event] = sitio.eventos("ajustes_cambiados")
    cambios = json.loads(event["datos"])["cambios"]
    assert set(cambios) == {"nombre", "siglas", "color", "contacto_telefono", "responsiva", "logo"}
    assert event["actor"] == f"cuenta:{ana.cuenta}"


async def test_the_same_again_changes_nothing_and_empty_goes_back(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    before = await fields(ana)
    assert (await ana.post("/opl/ajustes", before)).location.endswith("sin_cambios")
    assert sitio.eventos("ajustes_cambiados") == []
    await ana.post("/opl/ajustes", {**before, "responsiva": "Otra", "color": "#00008b"})
    assert (await fields(ana))["responsiva"] == "Otra"
    await ana.post("/opl/ajustes", {**before, "responsiva": "", "color": ""})
    assert await fields(ana) == before


async def test_a_logo_can_be_taken_away(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    sent = await fields(ana)
    await ana.post("/opl/ajustes", sent, files={"logo": ("a.png", imagen(), "image/png")})
    assert 'src="/institucion/logo.png?v=1"' in (await ana.get("/opl/manuales")).text
    await ana.post("/opl/ajustes", {**sent, "quitar_logo": "si"})
    assert (await ana.get("/institucion/logo.png")).status == 404
    assert "logo.png" not in (await ana.get("/opl/manuales")).text


@pytest.mark.parametrize(
    ("change", "files", "codigo"),
    [
        ({"nombre": ""}, {}, "falta_dato"),
        ({"color": "#ffff00"}, {}, "color_claro"),
        ({"color": "red;}"}, {}, "color_forma"),
        ({"contacto_correo": "no"}, {}, "correo_forma"),
        ({"contacto_telefono": "12"}, {}, "telefono_forma"),
        ({"declaracion": "x" * 4001}, {}, "texto_largo"),
        ({}, {"logo": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")}, "logo_ilegible"),
        ({}, {"logo": ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "image/png")}, "logo_ilegible"),
        ({}, {"logo": ("a.png", bytes(2_000_001), "image/png")}, "logo_grande"),
    ],
)
async def test_what_cannot_be_taken_is_said_and_nothing_typed_is_lost(
    sitio: Sitio, change: dict[str, str], files: dict[str, object], codigo: str
) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    sent = {**await fields(ana), "horario": "De 9 a 18", **change}
    answer = await ana.post("/opl/ajustes", sent, files=files)
    assert answer.status == 422
    assert codigo in answer.page().codes
    assert answer.page().fields["horario"] == "De 9 a 18"
    assert sitio.eventos("ajustes_cambiados") == []
