"""From the invitation to an active account, and what people do with their own (rows A1, A2)."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from PIL import Image

from server.domain.roles import Rol
from server.security import cuentas as vida
from tests.server.portals.entrar.gente import (
    CLAVE,
    PDF,
    aspirante,
    codigo,
    con_factor,
    enlace,
    entra,
    funcionaria,
    identifica,
)  # fmt: skip
from tests.server.portals.portal import HOUR, Persona, Sitio, abierto

pytestmark = pytest.mark.anyio
NUEVA = "un columpio bajo el pirul"
BOTH = {"contrasena": NUEVA, "repetida": NUEVA}


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def test_invitation_password_declaracion(sitio: Sitio) -> None:
    datos = vida.Datos("Rosa Prueba", "Analista", "rosa@ejemplo.mx", "4920000000", Rol.AYUDA)
    await sitio.write(lambda tx: vida.invite(tx, datos, None))
    link, rosa = enlace(sitio, "invitacion"), sitio.nadie()
    assert "Rosa Prueba" in (await rosa.get(link)).text
    assert (await rosa.get(link)).status == 200, "a mail reader that opens the link does not spend it"
    weak = await rosa.post(link, {"contrasena": "Rosa2026", "repetida": "Rosa2026"})
    assert weak.page().codes == ["contrasena_corta"]
    other = await rosa.post(link, {"contrasena": NUEVA, "repetida": NUEVA + "x"})
    assert other.page().codes == ["contrasena_distinta"]
    assert NUEVA not in other.text
    assert (await rosa.post(link, BOTH)).location == "/entrar?hecho=contrasena_lista"
    twice = await rosa.post(link, BOTH)
    assert twice.status == 410
    assert "ya no sirve" in twice.page().text
    assert (await entra(rosa, clave=NUEVA, sigue="/opl/avance")).location == "/declaracion"
    for closed in ("/opl/cuentas", "/mi-cuenta", "/mi-cuenta/contrasena"):
        assert (await rosa.get(closed)).location.startswith("/declaracion")
    assert (await rosa.get("/entrar/segundo-factor")).location == "/declaracion"
    assert "guardar confidencialidad" in (await rosa.get("/declaracion")).text
    printed = await rosa.get("/declaracion/pdf")
    assert printed.body.startswith(b"%PDF-")
    assert printed.headers["content-disposition"].startswith("attachment")
    for data, files, codes in (
        ({}, {"archivo": ("d.pdf", PDF, "application/pdf")}, ["falta_dato"]),
        ({"acepta": "si"}, {}, ["falta_archivo"]),
        ({"acepta": "si"}, {"archivo": ("d.pdf", b"<html>", "application/pdf")}, ["archivo_formato"]),
        ({"acepta": "si"}, {"archivo": ("d.pdf", b"%PDF-" + bytes(2_150_000), "application/pdf")}, ["archivo_grande"]),
    ):
        refused = await rosa.post("/declaracion", data, files=files)
        assert (refused.status, refused.page().codes) == (422, codes)
    done = await rosa.post("/declaracion", {"acepta": "si"}, files={"archivo": ("mi d.pdf", PDF, "text/html")})
    assert done.location == "/declaracion?hecho=declaracion_entregada"
    again = await rosa.post("/declaracion", {"acepta": "si"}, files={"archivo": ("d.pdf", PDF, "application/pdf")})
    assert again.page().codes == []
    assert "La entregó el" in again.page().text, "sent twice: the first one is what counts"
    assert len(sitio.read("SELECT 1 FROM declaraciones")) == 1
    [kept] = sitio.read("SELECT nombre, medio, contenido FROM archivos")
    assert tuple(kept) == ("mi-d.pdf", "application/pdf", PDF)


async def test_a_photograph_of_it(sitio: Sitio) -> None:
    await funcionaria(sitio, declarada=False)
    rosa = sitio.nadie()
    await entra(rosa)
    out = io.BytesIO()
    Image.new("RGB", (40, 60), "white").save(out, "PNG")
    files = {"archivo": ("foto.png", out.getvalue(), "image/png")}
    assert (await rosa.post("/declaracion", {"acepta": "si"}, files=files)).status == 303
    assert sitio.read("SELECT medio FROM archivos")[0][0] == "image/jpeg"


async def test_an_aspirante_has_no_declaracion(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    assert (await alma.get("/declaracion")).status == 403
    assert (await alma.post("/declaracion")).status == 403


async def test_expired_links(sitio: Sitio) -> None:
    datos = vida.Datos("Rosa Prueba", "Analista", "rosa@ejemplo.mx", "4920000000", Rol.AYUDA)
    await sitio.write(lambda tx: vida.invite(tx, datos, None))
    link = enlace(sitio, "invitacion")
    sitio.clock.advance(7 * 24 * HOUR)
    assert (await sitio.nadie().get(link)).status == 410
    assert (await sitio.nadie().post(link, BOTH)).status == 410
    for strange in ("/invitacion/x", "/restablecer/" + "a" * 3000, "/invitacion/%00%ff"):
        assert (await sitio.nadie().get(strange)).status == 410


async def test_a_forgotten_password(sitio: Sitio) -> None:
    await funcionaria(sitio)
    rosa, elsewhere = sitio.nadie(), sitio.nadie()
    await entra(elsewhere)
    known = await rosa.post("/entrar/olvide", {"correo": "ROSA@ejemplo.mx"})
    unknown = await rosa.post("/entrar/olvide", {"correo": "nadie@ejemplo.mx"})
    assert known.location == unknown.location == "/entrar?hecho=restablecer_pedido"
    assert len(sitio.correos("restablecer")) == 1
    link = enlace(sitio, "restablecer")
    sitio.clock.advance(HOUR // 2)
    common = await rosa.post(link, {"contrasena": "contraseña2026", "repetida": "contraseña2026"})
    assert common.page().codes == ["contrasena_comun"]
    assert (await rosa.post(link, BOTH)).location == "/entrar?hecho=contrasena_cambiada"
    assert (await elsewhere.get("/mi-cuenta")).status == 303, "every session ended"
    assert (await rosa.post(link, BOTH)).status == 410
    assert (await entra(rosa)).status == 422
    assert (await entra(rosa, clave=NUEVA)).status == 303
    assert len(sitio.correos("contrasena_cambiada")) == 1


async def test_a_forgotten_password_of_an_aspirante(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    nadie = sitio.nadie()
    await nadie.post("/entrar/olvide", {"correo": "alma@ejemplo.mx"})
    await nadie.post("/entrar/olvide", {"correo": "alma@ejemplo.mx", "folio": str(solicitud + 1)})
    assert sitio.correos("restablecer") == []
    asked = await nadie.post("/entrar/olvide", {"correo": "alma@ejemplo.mx", "folio": str(solicitud)})
    assert asked.location.startswith("/entrar/aspirante?")
    assert (await nadie.post(enlace(sitio, "restablecer"), BOTH)).location.startswith("/entrar/aspirante?")
    alma = await identifica(sitio, solicitud)
    assert (await alma.post("/entrar/aspirante/contrasena", {"contrasena": NUEVA})).status == 303


async def test_a_change_of_password_needs_the_one_before(sitio: Sitio) -> None:
    await funcionaria(sitio)
    rosa, elsewhere = sitio.nadie(), sitio.nadie()
    await entra(rosa)
    await entra(elsewhere)
    refused = await rosa.post("/mi-cuenta/contrasena", {"actual": "no es la mía", **BOTH})
    assert refused.page().codes == ["contrasena_incorrecta"]
    done = await rosa.post("/mi-cuenta/contrasena", {"actual": CLAVE, **BOTH})
    assert done.location == "/mi-cuenta?hecho=contrasena_cambiada_aqui"
    assert (await rosa.get("/mi-cuenta")).status == 200
    assert (await elsewhere.get("/mi-cuenta")).status == 303
    for _ in range(5):
        await rosa.post("/mi-cuenta/contrasena", {"actual": "no es la mía", **BOTH})
    guessed = await rosa.post("/mi-cuenta/contrasena", {"actual": "no es la mía", **BOTH})
    assert (guessed.status, guessed.page().codes) == (429, ["demasiados_intentos"])


async def test_an_aspirante_chooses_a_first_password(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    assert "actual" not in (await alma.get("/mi-cuenta/contrasena")).page().fields
    assert (await alma.post("/mi-cuenta/contrasena", BOTH)).status == 303
    assert "actual" in (await alma.get("/mi-cuenta/contrasena")).page().fields


async def test_a_second_factor_from_the_page(sitio: Sitio) -> None:
    await funcionaria(sitio)
    rosa, elsewhere = sitio.nadie(), sitio.nadie()
    await entra(rosa)
    await entra(elsewhere)
    page = await rosa.get("/entrar/segundo-factor?sigue=/mi-cuenta")
    assert "<svg" in page.text
    found = re.search(r'<code class="clave">([A-Z2-7 ]+)</code>', page.text)
    assert found
    secret = found[1].replace(" ", "")
    offer = page.page().fields["oferta"]
    wrong = await rosa.post("/mi-cuenta/segundo-factor", {"codigo": "000000", "oferta": offer})
    assert wrong.page().codes == ["codigo_incorrecto"]
    assert secret in wrong.text.replace(" ", ""), "the same secret: it is in the app already"
    stolen = await elsewhere.post("/mi-cuenta/segundo-factor", {"codigo": "000000", "oferta": offer})
    assert stolen.location == "/entrar/segundo-factor", "an offer is for one session"
    right = pyotp.TOTP(secret).at(sitio.clock() // 1000)
    before = rosa.cookies["acopio"]
    data = {"codigo": right, "oferta": offer, "sigue": "/mi-cuenta"}
    done = await rosa.post("/mi-cuenta/segundo-factor", data)
    codes = re.findall(r"<li><code>([a-z0-9-]{14})</code>", done.text)
    assert len(codes) == 10
    assert "/mi-cuenta" in done.page().links
    assert rosa.cookies["acopio"] != before
    assert (await elsewhere.get("/mi-cuenta")).status == 303
    assert "Le quedan 10 códigos" in (await rosa.get("/mi-cuenta")).page().text
    twice = await rosa.post("/mi-cuenta/segundo-factor", data)
    assert twice.status == 303
    assert codes[0] not in (await rosa.get("/mi-cuenta")).text


async def test_printed_codes_anew_and_who_may_be_without_second_factor(sitio: Sitio) -> None:
    cuenta = await funcionaria(sitio)
    secret, printed = await con_factor(sitio, cuenta)
    rosa = sitio.nadie()
    await entra(rosa)
    await rosa.post("/entrar/segundo-factor", {"codigo": codigo(sitio, secret)})
    assert (await rosa.post("/mi-cuenta/codigos", {"codigo": "1"})).page().codes == ["codigo_incorrecto"]
    fresh = await rosa.post("/mi-cuenta/codigos", {"codigo": printed[0]})
    assert len(re.findall(r"<li><code>", fresh.text)) == 10
    assert (await rosa.post("/mi-cuenta/codigos", {"codigo": printed[1]})).status == 422, "replaced"
    refused = await rosa.post("/mi-cuenta/segundo-factor/retirar", {"codigo": codigo(sitio, secret)})
    assert refused.location == "/mi-cuenta?hecho=factor_obligatorio"
    assert sitio.read("SELECT totp_secreto FROM cuentas")[0][0] is not None

    await aspirante(sitio)
    solicitante = int(sitio.read("SELECT id FROM cuentas WHERE rol = 'aspirante'")[0][0])
    secret, _ = await con_factor(sitio, solicitante)
    alma = await sitio.entrar(Rol.ASPIRANTE)
    wrong = await alma.post("/mi-cuenta/segundo-factor/retirar", {"codigo": "000000"})
    assert wrong.page().codes == ["codigo_incorrecto"]
    done = await alma.post("/mi-cuenta/segundo-factor/retirar", {"codigo": codigo(sitio, secret)})
    assert done.location == "/mi-cuenta?hecho=factor_retirado"


async def test_sessions_are_listed_and_ended(sitio: Sitio) -> None:
    await funcionaria(sitio)
    here, there, third = sitio.nadie(), sitio.nadie(), sitio.nadie()
    for persona, agent in ((here, "Mozilla/5.0 (Windows NT 10.0) Firefox/128.0"), (there, "<script>"), (third, "")):
        await persona.post("/entrar", {"correo": "rosa@ejemplo.mx", "contrasena": CLAVE}, **{"user-agent": agent})
    other = await sitio.entrar(Rol.AYUDA)
    page = await here.get("/mi-cuenta")
    assert "Firefox en Windows Ésta" in page.page().text
    assert "<script>" not in page.text.replace("<script src", "")
    closing = [action for action in page.page().actions if action.endswith("/cerrar")]
    assert len(closing) == 2
    own = int(sitio.read("SELECT min(id) FROM sesiones_portal WHERE cerrada_ms IS NULL")[0][0])
    await other.post(f"/mi-cuenta/sesiones/{own}/cerrar")
    assert (await here.get("/mi-cuenta")).status == 200, "nobody ends another's session"
    assert (await here.post(closing[0])).status == 303
    assert sorted([(await there.get("/mi-cuenta")).status, (await third.get("/mi-cuenta")).status]) == [200, 303]
    await here.post("/mi-cuenta/sesiones/cerrar-otras")
    assert (await there.get("/mi-cuenta")).status == (await third.get("/mi-cuenta")).status == 303
    assert (await other.get("/mi-cuenta")).status == 200


async def test_own_data(sitio: Sitio) -> None:
    await funcionaria(sitio)
    rosa = sitio.nadie()
    await entra(rosa)
    wrong = await rosa.post("/mi-cuenta/datos", {"nombre": "Rosa", "cargo": "", "telefono": "12"})
    assert wrong.page().codes == ["falta_dato", "telefono_forma"]
    assert wrong.page().fields["telefono"] == "12"
    data = {"nombre": "Rosa <b>Nueva</b>", "cargo": "Jefa", "telefono": "492 123 4567"}
    assert (await rosa.post("/mi-cuenta/datos", data)).status == 303
    assert "Rosa &lt;b&gt;Nueva" in (await rosa.get("/mi-cuenta")).text
    alma: Persona = await sitio.entrar(Rol.ASPIRANTE)
    assert (await alma.post("/mi-cuenta/datos", data)).location == "/mi-cuenta"
    assert sitio.read("SELECT nombre FROM cuentas WHERE id = ?", alma.cuenta)[0][0] == "Persona de Prueba"
