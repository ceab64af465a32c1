"""The OPL's front page: an empty box, and what waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from tests.factories import DAY
from tests.server.portals.portal import Sitio, abierto

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def test_what_waits_is_counted_and_linked(sitio: Sitio) -> None:
    opl = await sitio.entrar(Rol.ADMINISTRACION)
    page = (await opl.get("/opl")).page()
    assert "1 aspirante sin confirmación" in page.text
    assert "/opl/aspirantes?estado=sin_confirmar" in page.links
    assert "termina" not in page.text
    phone = await sitio.harness.phone()
    await sitio.harness.send(phone, phone.capture())

    def happen(tx: object) -> None:
        tx.conn.execute(  # type: ignore[attr-defined]
            "INSERT INTO correos (clave, clase, cuenta_id, datos, estado, creado_ms, proximo_ms) "
            "VALUES ('x', 'acceso', ?, '{}', 'fallido', 0, 0)",
            (opl.cuenta,),
        )
        tx.conn.execute("UPDATE periodos SET termina_ms = ?", (tx.now_ms + 6 * DAY,))  # type: ignore[attr-defined]

    await sitio.write(happen)
    page = (await opl.get("/opl")).page()
    assert "1 correo que no se pudo enviar" in page.text
    assert "1 Cédula de Registro de Auxiliar por revisar" in page.text
    assert "1 periodo termina en los próximos 7 días" in page.text
    ayuda = await sitio.entrar(Rol.AYUDA)
    text = (await ayuda.get("/opl")).page().text
    assert "correo que no se pudo" not in text
    assert "Cédula" not in text
    with sitio.consultas() as asked:
        await opl.get("/opl")
    assert len(asked) < 6


async def test_first_steps(sitio: Sitio) -> None:
    def forget(tx: object) -> None:
        for table in ("auxiliares", "aspirantes", "periodos", "procesos"):
            tx.conn.execute(f"DELETE FROM {table}")  # type: ignore[attr-defined]

    await sitio.write(forget)
    opl = await sitio.entrar(Rol.ADMINISTRACION)
    page = (await opl.get("/opl")).page()
    assert "/opl/periodos/nuevo" in page.links
    assert "Nada pendiente" in page.text
    assert "/opl/periodos/nuevo" in (await opl.get("/opl/aspirantes/nuevo")).page().links
    for path in ("/opl/periodos", "/opl/aspirantes"):
        assert "Todavía no hay" in (await opl.get(path)).page().text
    ayuda = await sitio.entrar(Rol.AYUDA)
    assert "/opl/periodos/nuevo" not in (await ayuda.get("/opl")).page().links
