"""The door of every page: who is in, who may, and that a form comes from this site."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse, Response

from server.domain.roles import Rol
from server.portals.forms import Campo, Formulario
from server.portals.puerta import hacer, ver
from server.portals.visita import Visita
from server.security import permissions as puede
from tests.server.portals.portal import HOUR, Sitio, abierto

pytestmark = pytest.mark.anyio


async def saluda(v: Visita) -> Response:
    return PlainTextResponse(v.quien.nombre if v.quien else "nadie")


async def lee(v: Visita) -> Response:
    return PlainTextResponse(str((await v.form(Formulario(Campo("a", "A")))).bien))


async def mira(v: Visita) -> Response:
    await v.seen("aspirante:1", "prueba", filas=3)
    return PlainTextResponse("visto")


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        made.harness.app.router.routes[:0] = [
            ver("/prueba/publica", saluda, puede.publico),
            ver("/prueba/periodos", saluda, puede.ver_periodos),
            ver("/prueba/personas", mira, puede.ver_aspirantes),
            ver("/aspirante/prueba", saluda, puede.registros_propios),
            ver("/prueba/propia", saluda, puede.cuenta_propia),
            hacer("/prueba/periodos", lee, puede.administrar_periodos, cuerpo=100),
        ]
        yield made


async def test_nobody_is_sent_to_the_login_and_back(sitio: Sitio) -> None:
    nadie = sitio.nadie()
    assert (await nadie.get("/prueba/publica")).text == "nadie"
    assert (await nadie.get("/prueba/periodos?x=1")).location == "/entrar?sigue=%2Fprueba%2Fperiodos%3Fx%3D1"
    assert (await nadie.get("/aspirante/prueba")).location == "/entrar/aspirante?sigue=%2Faspirante%2Fprueba"
    assert (await nadie.post("/prueba/periodos")).location == "/entrar"
    part = await nadie.fragment("/prueba/periodos")
    assert part.status == 200
    assert part.headers["hx-redirect"].startswith("/entrar?")


async def test_roles(sitio: Sitio) -> None:
    ayuda = await sitio.entrar(Rol.AYUDA, nombre="Rosa")
    assert (await ayuda.get("/prueba/periodos")).text == "Rosa"
    refused = await ayuda.post("/prueba/periodos")
    assert refused.status == 403
    assert "no tiene permiso" in refused.page().text
    assert (await (await sitio.entrar(Rol.ASPIRANTE)).get("/prueba/periodos")).status == 403


async def test_personal_data_ask_for_the_second_factor_and_are_on_the_record(sitio: Sitio) -> None:
    without = await sitio.entrar(Rol.AUDIENCIA, segundo_factor=False)
    assert (await without.get("/prueba/personas")).location.startswith("/entrar/segundo-factor?sigue=")
    assert sitio.eventos("datos_consultados") == []
    having = await sitio.entrar(Rol.AUDIENCIA)
    assert (await having.get("/prueba/personas")).text == "visto"
    [event] = sitio.eventos("datos_consultados")
    assert (event["actor"], event["objeto"]) == (f"cuenta:{having.cuenta}", "aspirante:1")
    assert event["datos"] == '{"filas":3,"pantalla":"prueba"}'


async def test_an_account_without_its_declaracion_reaches_nothing_else(sitio: Sitio) -> None:
    persona = await sitio.entrar(Rol.ADMINISTRACION, estatus="por_aceptar")
    assert (await persona.get("/prueba/periodos")).location.startswith("/declaracion")
    assert (await persona.get("/prueba/propia")).status == 200


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"}, False),
        ({"sec-fetch-site": "", "origin": "http://127.0.0.1:8000"}, True),
        ({"sec-fetch-site": "", "origin": "http://127.0.0.1:9000"}, False),
        ({"sec-fetch-site": "", "origin": "null"}, False),
        ({"sec-fetch-site": ""}, False),
    ],
)
async def test_forged_forms(sitio: Sitio, headers: dict[str, str], taken: bool) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    headers = {name: value for name, value in {"sec-fetch-site": "same-origin", **headers}.items() if value}
    persona_headers = {"content-type": "application/x-www-form-urlencoded", **headers}
    answer = await admin._send("POST", "/prueba/periodos", b"", persona_headers)
    assert answer.status == (200 if taken else 403)


async def test_a_session_ends(sitio: Sitio) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    for _ in range(30):
        sitio.clock.advance(HOUR // 3)
        assert (await admin.get("/prueba/periodos")).status == 200
        await sitio.write(lambda tx: None)  # what the visit put down is there before the next one
    sitio.clock.advance(HOUR // 2)
    assert (await admin.get("/prueba/periodos")).status == 303, "idle for half an hour"
    other = await sitio.entrar(Rol.ADMINISTRACION)
    for _ in range(36):
        sitio.clock.advance(HOUR // 3)
        last = await other.get("/prueba/periodos")
        await sitio.write(lambda tx: None)
    assert last.status == 303, "twelve hours after it began, however busy"


async def test_revoked_suspended_and_foreign_cookies_open_nothing(sitio: Sitio) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    await sitio.write(lambda tx: tx.conn.execute("UPDATE cuentas SET estatus = 'suspendida'"))
    assert (await admin.get("/prueba/periodos")).status == 303
    await sitio.write(lambda tx: tx.conn.execute("UPDATE cuentas SET estatus = 'activa'"))
    assert (await admin.get("/prueba/periodos")).status == 200
    await sitio.write(lambda tx: tx.conn.execute("UPDATE sesiones_portal SET cerrada_ms = 1"))
    assert (await admin.get("/prueba/periodos")).status == 303
    for value in ("", "x", "á", "A" * 43, "A" * 5000, '"; drop'):
        admin.cookies = {"acopio": value.encode().decode("latin-1")}
        assert (await admin.get("/prueba/periodos")).status == 303


async def test_a_body_has_a_bound(sitio: Sitio) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    assert (await admin.post("/prueba/periodos", {"a": "b" * 90})).status == 200
    refused = await admin.post("/prueba/periodos", {"a": "b" * 200})
    assert refused.status == 413
    assert "más grande" in refused.page().text
