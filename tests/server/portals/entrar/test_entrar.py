"""The OPL's door as people meet it (row A1): login, second factor, the way out, and what an attacker finds there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from server.security import cuentas as vida
from tests.server.portals.entrar.gente import CLAVE, codigo, con_factor, entra, funcionaria
from tests.server.portals.portal import Sitio, abierto

pytestmark = pytest.mark.anyio
MINUTE = 60_000


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def test_in_and_out(sitio: Sitio) -> None:
    await funcionaria(sitio)
    rosa = sitio.nadie()
    page = (await rosa.get("/entrar?sigue=/opl/cuentas")).page()
    assert page.fields["sigue"] == "/opl/cuentas"
    answer = await entra(rosa, sigue="/opl/avance")
    assert answer.location == "/entrar/segundo-factor?sigue=/opl/avance", "an OPL's account is led to its second factor"
    [cookie] = answer.cookies
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie
    assert (await rosa.get("/mi-cuenta")).status == 200
    token = dict(rosa.cookies)
    assert (await rosa.post("/salir")).location == "/entrar?hecho=salio"
    assert rosa.cookies == {}
    rosa.cookies = token
    assert (await rosa.get("/mi-cuenta")).status == 303, "the row ended, not only the cookie"


async def test_unknown_and_wrong_look_the_same(sitio: Sitio) -> None:
    await funcionaria(sitio)
    unknown = await entra(sitio.nadie(), correo="nadie@ejemplo.mx")
    wrong = await entra(sitio.nadie(), clave="otra contraseña cualquiera")
    assert unknown.status == wrong.status == 422
    assert unknown.page().codes == wrong.page().codes == ["credenciales"]
    assert unknown.text.replace("nadie@", "rosa@") == wrong.text
    assert wrong.page().fields["correo"] == "rosa@ejemplo.mx", "what was typed stays"
    assert "otra contraseña" not in wrong.text
    assert len(sitio.eventos("entrada_rechazada")) == 2


async def test_guessing_is_slowed_and_the_owner_is_not_locked_out_elsewhere(sitio: Sitio) -> None:
    await funcionaria(sitio)
    answers = [await entra(sitio.nadie(), clave="no es esta contraseña") for _ in range(8)]
    assert [answer.status for answer in answers] == [422] * 6 + [429] * 2
    assert answers[-1].page().codes == ["demasiados_intentos"]
    assert (await entra(sitio.nadie())).status == 429, "not even the right one, from there"
    sitio.clock.advance(MINUTE)
    assert (await entra(sitio.nadie())).status == 303


async def test_a_token_that_somebody_planted_is_not_the_one_that_gets_in(sitio: Sitio) -> None:
    await funcionaria(sitio)
    mallory = sitio.nadie()
    await entra(mallory)
    planted = mallory.cookies["acopio"]
    rosa = sitio.nadie()
    rosa.cookies = {"acopio": planted}
    await rosa.post("/salir")
    rosa.cookies = {"acopio": planted}
    await entra(rosa)
    assert rosa.cookies["acopio"] != planted
    mallory.cookies = {"acopio": planted}
    assert (await mallory.get("/mi-cuenta")).status == 303


@pytest.mark.parametrize(
    "sigue",
    [
        "https://otro.example/", "//otro.example", "/\\otro.example", "\\\\otro.example", "javascript:alert(1)",
        "/%09/otro.example\n", " /opl", "/opl\r\nx: y", "/aspirante", "/salir", "opl", "/opl" + "a" * 5000,
        "/oplx", "/entrar",
    ],
)  # fmt: skip
async def test_what_comes_in_the_address_sends_nobody_elsewhere(sitio: Sitio, sigue: str) -> None:
    cuenta = await funcionaria(sitio)
    secret, _ = await con_factor(sitio, cuenta)
    rosa = sitio.nadie()
    await entra(rosa, sigue=sigue)
    answer = await rosa.post("/entrar/segundo-factor", {"codigo": codigo(sitio, secret), "sigue": sigue})
    assert answer.location == "/opl"
    assert (await rosa.get("/entrar", **{})).location == "/opl"


async def test_no_session_before_the_second_factor(sitio: Sitio) -> None:
    cuenta = await funcionaria(sitio, Rol.ADMINISTRACION)
    secret, printed = await con_factor(sitio, cuenta)
    open_now = "SELECT count(*) FROM sesiones_portal WHERE cerrada_ms IS NULL"
    before = sitio.read(open_now)[0][0]
    rosa = sitio.nadie()
    assert (await entra(rosa, sigue="/opl/cuentas")).location == "/entrar/segundo-factor"
    assert list(rosa.cookies) == ["acopio-factor"]
    assert sitio.read(open_now)[0][0] == before
    assert (await rosa.get("/mi-cuenta")).status == 303
    assert (await rosa.get("/opl/cuentas")).status == 303
    moved = sitio.nadie()
    moved.cookies = {"acopio": rosa.cookies["acopio-factor"]}
    assert (await moved.get("/mi-cuenta")).status == 303, "what is between the steps is no session"
    wrong = await rosa.post("/entrar/segundo-factor", {"codigo": "000 000"})
    assert wrong.page().codes == ["codigo_incorrecto"]
    right = codigo(sitio, secret)
    done = await rosa.post("/entrar/segundo-factor", {"codigo": f"{right[:3]} {right[3:]}"})
    assert done.location == "/opl/cuentas"
    assert list(rosa.cookies) == ["acopio"]
    assert (await rosa.get("/opl/cuentas")).status == 200
    other = sitio.nadie()
    await entra(other)
    replayed = await other.post("/entrar/segundo-factor", {"codigo": right})
    assert replayed.page().codes == ["codigo_incorrecto"]
    assert (await other.post("/entrar/segundo-factor", {"codigo": printed[0]})).location == "/opl"


async def test_the_second_step_ends_with_its_minutes_and_with_the_password(sitio: Sitio) -> None:
    cuenta = await funcionaria(sitio)
    secret, _ = await con_factor(sitio, cuenta)
    slow = sitio.nadie()
    await entra(slow)
    sitio.clock.advance(10 * MINUTE)
    assert (await slow.post("/entrar/segundo-factor", {"codigo": codigo(sitio, secret)})).location == "/entrar"
    late = sitio.nadie()
    await entra(late)
    await sitio.write(lambda tx: tx.conn.execute("UPDATE cuentas SET contrasena = 'otra'"))
    answer = await late.post("/entrar/segundo-factor", {"codigo": codigo(sitio, secret)})
    assert answer.location == "/entrar?hecho=entre_otra_vez"
    assert late.cookies == {}
    forged = sitio.nadie()
    forged.cookies = {"acopio-factor": "A" * 200}
    assert (await forged.post("/entrar/segundo-factor", {"codigo": "123456"})).location == "/entrar"


async def test_guessing_the_second_factor_is_slowed_whoever_does_it(sitio: Sitio) -> None:
    cuenta = await funcionaria(sitio)
    await con_factor(sitio, cuenta)
    statuses = []
    for n in range(8):
        guest = sitio.nadie()
        await entra(guest)
        statuses.append((await guest.post("/entrar/segundo-factor", {"codigo": f"{n:06d}"})).status)
    assert statuses == [422] * 6 + [429] * 2
    assert len(sitio.eventos("segundo_factor_rechazado")) == 6


async def test_suspended_meanwhile(sitio: Sitio) -> None:
    cuenta = await funcionaria(sitio)
    admin = await funcionaria(sitio, Rol.ADMINISTRACION, correo="ana@ejemplo.mx")
    rosa = sitio.nadie()
    await entra(rosa)
    assert (await rosa.get("/mi-cuenta")).status == 200
    await sitio.write(lambda tx: vida.suspend(tx, cuenta, admin, "Licencia"))
    assert (await rosa.get("/mi-cuenta")).location.startswith("/entrar")
    assert (await rosa.post("/mi-cuenta/sesiones/cerrar-otras")).location == "/entrar"
    assert (await entra(rosa)).page().codes == ["suspendida"]
    assert (await entra(rosa, clave="otra cosa distinta")).page().codes == ["credenciales"]


async def test_an_empty_form_and_a_strange_one(sitio: Sitio) -> None:
    assert (await sitio.nadie().post("/entrar")).page().codes == ["falta_dato", "falta_dato"]
    long = await entra(sitio.nadie(), clave="x" * 500)
    assert long.page().codes == ["texto_largo"]
    hostile = await entra(sitio.nadie(), correo="<script>alert(1)</script>")
    assert "<script>alert" not in hostile.text
    assert hostile.status == 422


async def test_a_password_that_was_kept_with_older_parameters_is_kept_anew(sitio: Sitio) -> None:
    import argon2

    await funcionaria(sitio)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(CLAVE)
    await sitio.write(lambda tx: tx.conn.execute("UPDATE cuentas SET contrasena = ?", (weak,)))
    assert (await entra(sitio.nadie())).status == 303
    [row] = sitio.read("SELECT contrasena FROM cuentas")
    assert row[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (await entra(sitio.nadie())).status == 303
