"""The aspirante's door (row A2): user and folio, then a mailed code or a password."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.security import cuentas as vida
from server.security import passwords
from tests.server.portals.entrar.gente import CLAVE, aspirante, codigo, con_factor, identifica
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio
MINUTE = 60_000
SEND = "/entrar/aspirante/codigo/enviar"


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def code(sitio: Sitio, alma: Persona) -> str:
    assert (await alma.post(SEND)).location == "/entrar/aspirante/codigo?hecho=codigo_enviado"
    return str(json.loads(sitio.correos("acceso")[-1]["datos"])["codigo"])


async def give(persona: Persona, given: str) -> Respuesta:
    return await persona.post("/entrar/aspirante/codigo", {"codigo": given})


async def test_in_by_a_mailed_code(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma = await identifica(sitio, solicitud, correo="ALMA@ejemplo.mx", sigue="/aspirante/estadisticas/avance")
    assert "ALMA@ejemplo.mx" in (await alma.get("/entrar/aspirante/como")).text
    given = await code(sitio, alma)
    answer = await give(alma, given)
    assert answer.location == "/aspirante/estadisticas/avance"
    assert list(alma.cookies) == ["acopio"]
    assert "Alma Prueba" in (await alma.get("/mi-cuenta")).text
    again = await identifica(sitio, solicitud)
    assert (await give(again, given)).page().codes == ["codigo_vencido"]


async def test_wrong_users_and_folios_get_the_same_answers_and_no_mail(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    answers = []
    for correo, folio in (("otra@ejemplo.mx", solicitud), ("alma@ejemplo.mx", 999_999)):
        persona = await identifica(sitio, folio, correo=correo)
        assert (await persona.post(SEND)).location == "/entrar/aspirante/codigo?hecho=codigo_enviado"
        answers.append((await give(persona, "123456")).page().codes)
        refused = await persona.post("/entrar/aspirante/contrasena", {"contrasena": "lo que sea que sea"})
        answers.append(refused.page().codes)
    assert answers == [["codigo_incorrecto"], ["credenciales"]] * 2
    assert sitio.correos("acceso") == []
    right = await identifica(sitio, solicitud)
    await code(sitio, right)
    assert (await give(right, "abc")).page().codes == ["codigo_incorrecto"]


async def test_five_tries_and_fifteen_minutes(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma = await identifica(sitio, solicitud)
    given = await code(sitio, alma)
    wrong = f"{(int(given) + 1) % 10**6:06d}"
    for _ in range(5):
        assert (await give(alma, wrong)).status == 422
    assert (await give(alma, given)).page().codes == ["codigo_incorrecto"]
    sitio.clock.advance(9 * MINUTE)
    late = await code(sitio, await identifica(sitio, solicitud))
    sitio.clock.advance(15 * MINUTE)
    alma = await identifica(sitio, solicitud)
    assert (await give(alma, late)).page().codes == ["codigo_vencido"]
    stale = await identifica(sitio, solicitud)
    sitio.clock.advance(10 * MINUTE)
    assert (await stale.get("/entrar/aspirante/codigo")).location == "/entrar/aspirante"
    for path in (SEND, "/entrar/aspirante/codigo", "/entrar/aspirante/contrasena"):
        assert (await stale.post(path)).location == "/entrar/aspirante"


async def test_mails_are_bounded_for_everyone_alike(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    for folio in (solicitud, 999_999):
        persona = await identifica(sitio, folio)
        statuses = [(await persona.post(SEND)).status for _ in range(6)]
        assert statuses == [303] * 4 + [429] * 2


async def test_in_by_password_and_second_factor(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    hashed = passwords.hash_new(CLAVE)
    await sitio.write(lambda tx: tx.conn.execute("UPDATE cuentas SET contrasena = ?", (hashed,)))
    alma = await identifica(sitio, solicitud)
    wrong = await alma.post("/entrar/aspirante/contrasena", {"contrasena": "no es esta, no"})
    assert wrong.page().codes == ["credenciales"]
    assert (await alma.post("/entrar/aspirante/contrasena", {"contrasena": CLAVE})).location == "/aspirante"
    cuenta = int(sitio.read("SELECT id FROM cuentas")[0][0])
    secret, _ = await con_factor(sitio, cuenta)
    again = await identifica(sitio, solicitud)
    assert (await give(again, await code(sitio, again))).location == "/entrar/segundo-factor"
    assert list(again.cookies) == ["acopio-factor"]
    done = await again.post("/entrar/segundo-factor", {"codigo": codigo(sitio, secret)})
    assert done.location == "/aspirante"


async def test_not_before_the_cedula_is_signed_nor_after_the_baja(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma = await identifica(sitio, solicitud)
    given = await code(sitio, alma)
    await give(alma, given)
    assert (await alma.get("/mi-cuenta")).status == 200
    await sitio.write(lambda tx: vida.close_aspirante(tx, solicitud, None))
    assert (await alma.get("/mi-cuenta")).status == 303
    await (await identifica(sitio, solicitud)).post(SEND)
    assert len(sitio.correos("acceso")) == 1
    await aspirante(sitio)
    await sitio.write(lambda tx: tx.conn.execute("UPDATE aspirantes SET confirmado_ms = NULL"))
    await (await identifica(sitio, solicitud)).post(SEND)
    assert len(sitio.correos("acceso")) == 1


@pytest.mark.parametrize("folio", ["", "abc", "0", "1000000", "-", "١٢", "1" * 19, "1.5"])
async def test_folios_that_are_none(sitio: Sitio, folio: str) -> None:
    answer = await sitio.nadie().post("/entrar/aspirante", {"correo": "alma@ejemplo.mx", "folio": folio})
    assert answer.status == 422
    assert answer.page().fields["folio"] == folio


async def test_nothing_personal_in_addresses(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma = await identifica(sitio, solicitud)
    answers = [await alma.post(SEND), await give(alma, "000000")]
    assert not any("alma" in str(answer.headers.get("location", "")) for answer in answers)
    assert all("alma" not in value for value in alma.cookies.values())
