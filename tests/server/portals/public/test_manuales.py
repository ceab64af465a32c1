"""The manuals as people reach them, and the FURA."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.documentos import manuales
from server.documentos.manuales import MANUALES
from server.domain.roles import Rol
from tests.server.documentos.ejemplos import imagen, leer
from tests.server.portals.portal import Sitio, abierto

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def test_every_manual_is_listed_read_and_downloaded_without_an_account(sitio: Sitio) -> None:
    nadie = sitio.nadie()
    links = (await nadie.get("/manuales")).page().links
    for manual in MANUALES:
        assert f"/manuales/{manual.nombre}" in links
        assert f"/manuales/{manual.nombre}.pdf" in links
        page = await nadie.get(f"/manuales/{manual.nombre}")
        assert page.page().headings == [manual.titulo]
        assert "/manuales" in page.page().links
        inside = [link for link in page.page().links if link.startswith("/manuales/")]
        for link in inside:
            assert (await nadie.get(link.partition("#")[0])).status == 200, link
    pdf = await nadie.get("/manuales/auxiliar.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert leer(pdf.body).ua


@pytest.mark.parametrize("path", ["/manuales/otro", "/manuales/otro.pdf", "/manuales/img/no.png", "/manuales/..%2Fx",
                                  "/manuales/img/..%2F..%2Fpyproject.toml"])  # fmt: skip
async def test_nothing_else_is_there(sitio: Sitio, path: str) -> None:
    assert (await sitio.nadie().get(path)).status == 404


async def test_each_portal_lists_its_own(sitio: Sitio) -> None:
    itzel, rosa = await sitio.entrar(Rol.ASPIRANTE), await sitio.entrar(Rol.AYUDA)
    links = (await itzel.get("/aspirante/manuales")).page().links
    assert "/manuales/aspirante" in links
    assert "/manuales/opl" not in links
    assert "/manuales/opl-portal" in (await rosa.get("/opl/manuales")).page().links
    assert (await rosa.get("/aspirante/manuales")).status == 403
    assert (await itzel.get("/opl/manuales")).status == 403
    assert "/aspirante/manuales" in (await itzel.get("/manuales/auxiliar")).page().links


async def test_the_fura_is_blank_or_an_aspirantes_own(sitio: Sitio) -> None:
    itzel = await sitio.entrar(Rol.ASPIRANTE)
    row = sitio.read(
        "SELECT a.id, a.nombre, p.nombre AS periodo FROM aspirantes a JOIN periodos p ON p.id = a.periodo_id"
    )
    own = " ".join(leer((await itzel.get("/aspirante/manuales/fura.pdf")).body).texto.split())
    for value in (row[0]["nombre"], row[0]["periodo"], f"{row[0]['id']:06d}"):
        assert value in own
    blank = leer((await sitio.nadie().get("/manuales/fura.pdf")).body).texto
    assert row[0]["nombre"] not in blank
    assert (await sitio.nadie().get("/aspirante/manuales/fura.pdf")).status == 303


async def test_a_screenshot_is_served(sitio: Sitio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manuales, "IMAGENES", tmp_path / "img")
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "opl-avance.png").write_bytes(imagen())
    answer = await sitio.nadie().get("/manuales/img/opl-avance.png")
    assert answer.headers["content-type"] == "image/png"
    assert answer.body[:4] == b"\x89PNG"
