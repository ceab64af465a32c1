"""Accounts of the OPL on the administrator's page (rows A1, A4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from server.security import cuentas as vida
from server.security.archivo_firmado import Firmado
from tests.server.portals.entrar.gente import PDF, con_factor, enlace, funcionaria
from tests.server.portals.portal import Persona, Sitio, abierto

pytestmark = pytest.mark.anyio
NEW = {
    "nombre": "Rosa Prueba", "cargo": "Analista", "correo": "rosa@ejemplo.mx", "telefono": "4921234567",
    "rol": "operacion",
}  # fmt: skip


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


@pytest.fixture
async def admin(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ADMINISTRACION)


async def pending(sitio: Sitio, correo: str = "rosa@ejemplo.mx") -> int:
    cuenta = await funcionaria(sitio, Rol.OPERACION, correo=correo, declarada=False)
    await sitio.write(lambda tx: vida.hand_in(tx, cuenta, Firmado("d.pdf", "application/pdf", PDF)))
    return cuenta


def newest(sitio: Sitio) -> str:
    return str(sitio.read("SELECT max(id) FROM declaraciones")[0][0])


async def test_invite(sitio: Sitio, admin: Persona) -> None:
    wrong = await admin.post("/opl/cuentas/nueva", {**NEW, "correo": "rosa", "rol": "aspirante"})
    assert wrong.page().codes == ["correo_forma", "opcion_ajena"]
    assert wrong.page().fields["nombre"] == "Rosa Prueba"
    done = await admin.post("/opl/cuentas/nueva", NEW)
    assert done.location.endswith("?hecho=cuenta_invitada")
    assert "Invitada" in (await admin.get(done.location)).page().text
    twice = await admin.post("/opl/cuentas/nueva", {**NEW, "correo": "ROSA@ejemplo.mx"})
    assert twice.page().codes == ["correo_ocupado"]
    first = enlace(sitio, "invitacion")
    await admin.post(done.location.partition("?")[0] + "/invitar")
    assert (await sitio.nadie().get(first)).status == 410, "the newer invitation replaced it"
    assert (await sitio.nadie().get(enlace(sitio, "invitacion"))).status == 200


async def test_without_mail_the_link_is_shown_once(sitio: Sitio, admin: Persona) -> None:
    outbox = sitio.harness.app.state.portal.parts.pop("outbox")
    try:
        shown = await admin.post("/opl/cuentas/nueva", NEW)
        assert shown.status == 200
        assert f"http://127.0.0.1:8000{enlace(sitio, 'invitacion')}" in shown.text
        cuenta = int(sitio.read("SELECT max(id) FROM cuentas")[0][0])
        assert "/invitacion/" not in (await admin.get(f"/opl/cuentas/{cuenta}")).text
    finally:
        sitio.harness.app.state.portal.parts["outbox"] = outbox


async def test_the_declaracion_is_seen_returned_and_accepted(sitio: Sitio, admin: Persona) -> None:
    cuenta = await pending(sitio)
    page = await admin.get(f"/opl/cuentas/{cuenta}")
    assert page.page().fields["declaracion"] == newest(sitio)
    file = await admin.get(f"/opl/cuentas/{cuenta}/declaracion")
    assert file.body == PDF
    assert file.headers["content-disposition"] == 'attachment; filename="d.pdf"'
    assert "sandbox" in file.headers["content-security-policy"]
    empty = await admin.post(f"/opl/cuentas/{cuenta}/devolver", {"declaracion": newest(sitio)})
    assert empty.page().codes == ["falta_dato"]
    data = {"declaracion": newest(sitio), "motivo": "Falta la firma\nen la segunda hoja"}
    assert (await admin.post(f"/opl/cuentas/{cuenta}/devolver", data)).status == 303
    assert "segunda hoja" in sitio.correos("declaracion_devuelta")[0]["datos"]
    await sitio.write(lambda tx: vida.hand_in(tx, cuenta, Firmado("d2.pdf", "application/pdf", PDF)))
    stale = await admin.post(f"/opl/cuentas/{cuenta}/aceptar", data)
    assert stale.location.endswith("hecho=declaracion_otra"), "what was looked at is not what is there now"
    done = await admin.post(f"/opl/cuentas/{cuenta}/aceptar", {"declaracion": newest(sitio)})
    assert done.location.endswith("hecho=declaracion_aceptada")
    assert sitio.read("SELECT estatus FROM cuentas WHERE id = ?", cuenta)[0][0] == "activa"
    twice = await admin.post(f"/opl/cuentas/{cuenta}/aceptar", {"declaracion": newest(sitio)})
    assert twice.status == 422
    assert "ya resolvió" in twice.page().text
    assert len(sitio.correos("cuenta_activa")) == 1
    seen = [(row["actor"], row["objeto"]) for row in sitio.eventos("datos_consultados")]
    assert (f"cuenta:{admin.cuenta}", f"cuenta:{cuenta}") in seen


async def test_suspend_says_what_it_means_and_asks_why(sitio: Sitio, admin: Persona) -> None:
    cuenta = await funcionaria(sitio)
    page = (await admin.get(f"/opl/cuentas/{cuenta}/suspender")).page()
    assert "sus sesiones se cierran" in page.text
    assert (await admin.post(f"/opl/cuentas/{cuenta}/suspender")).page().codes == ["falta_dato"]
    done = await admin.post(f"/opl/cuentas/{cuenta}/suspender", {"causa": "Ya no labora aquí"})
    assert done.location.endswith("hecho=cuenta_suspendida")
    again = await admin.post(f"/opl/cuentas/{cuenta}/suspender", {"causa": "Otra vez"})
    assert again.page().codes == ["ya_suspendida"]
    assert (await admin.post(f"/opl/cuentas/{cuenta}/reactivar")).location.endswith("hecho=cuenta_reactivada")
    assert (await admin.post(f"/opl/cuentas/{cuenta}/reactivar")).status == 422
    own = await admin.post(f"/opl/cuentas/{admin.cuenta}/suspender", {"causa": "x"})
    assert own.page().codes == ["cuenta_propia"]


async def test_the_last_administrator_keeps_the_role(sitio: Sitio, admin: Persona) -> None:
    refused = await admin.post(f"/opl/cuentas/{admin.cuenta}/rol", {"rol": "ayuda"})
    assert refused.page().codes == ["ultima_administracion"]
    await funcionaria(sitio, Rol.ADMINISTRACION)
    done = await admin.post(f"/opl/cuentas/{admin.cuenta}/rol", {"rol": "ayuda"})
    assert done.status == 303
    assert (await admin.get("/opl/cuentas")).location.startswith("/entrar"), "whose role changed enters again"


async def test_two_administrators_cannot_suspend_each_other(sitio: Sitio, admin: Persona) -> None:
    other = await sitio.entrar(Rol.ADMINISTRACION)
    assert (await admin.post(f"/opl/cuentas/{other.cuenta}/suspender", {"causa": "x"})).status == 303
    assert (await other.post(f"/opl/cuentas/{admin.cuenta}/suspender", {"causa": "y"})).location == "/entrar"
    assert sitio.read("SELECT estatus FROM cuentas WHERE id = ?", admin.cuenta)[0][0] == "activa"


async def test_help_for_who_lost_everything(sitio: Sitio, admin: Persona) -> None:
    cuenta = await funcionaria(sitio)
    refused = await admin.post(f"/opl/cuentas/{cuenta}/segundo-factor")
    assert refused.status == 422
    assert "no tiene un segundo paso" in refused.page().text
    await con_factor(sitio, cuenta)
    assert "códigos de respaldo" in (await admin.get(f"/opl/cuentas/{cuenta}/segundo-factor")).page().text
    assert (await admin.post(f"/opl/cuentas/{cuenta}/segundo-factor")).status == 303
    assert sitio.read("SELECT totp_secreto FROM cuentas WHERE id = ?", cuenta)[0][0] is None
    sent = await admin.post(f"/opl/cuentas/{cuenta}/restablecer")
    assert sent.location.endswith("hecho=restablecer_enviado")
    assert (await sitio.nadie().get(enlace(sitio, "restablecer"))).status == 200


@pytest.mark.parametrize("rol", [Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE])
async def test_nobody_else(sitio: Sitio, rol: Rol) -> None:
    cuenta = await pending(sitio)
    other = await sitio.entrar(rol)
    for path in ("", "/nueva", f"/{cuenta}", f"/{cuenta}/declaracion", f"/{cuenta}/suspender"):
        assert (await other.get(f"/opl/cuentas{path}")).status == 403
    for action in ("aceptar", "devolver", "suspender", "reactivar", "rol", "invitar", "restablecer", "segundo-factor"):
        assert (await other.post(f"/opl/cuentas/{cuenta}/{action}", {"causa": "x"})).status == 403


async def test_an_aspirante_is_not_an_account_of_the_opl(sitio: Sitio, admin: Persona) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    assert (await admin.get(f"/opl/cuentas/{alma.cuenta}")).status == 404
    assert (await admin.post(f"/opl/cuentas/{alma.cuenta}/suspender", {"causa": "x"})).status == 404
    assert (await admin.get("/opl/cuentas/99999")).status == 404


async def test_the_list_filters_and_asks_the_same_however_long(sitio: Sitio, admin: Persona) -> None:
    await pending(sitio)
    await admin.get("/opl/cuentas")
    with sitio.consultas() as few:
        await admin.get("/opl/cuentas")
    for n in range(30):
        await sitio.write(
            lambda tx, n=n: vida.invite(tx, vida.Datos(f"P {n}", "c", f"p{n}@ejemplo.mx", "1", Rol.AYUDA), None)
        )
    with sitio.consultas() as many:
        page = await admin.get("/opl/cuentas")
    assert len(many) == len(few)
    assert "P 29" in page.text
    filtered = (await admin.get("/opl/cuentas?estatus=por_aceptar")).page().text
    assert "Rosa Prueba" in filtered
    assert "P 29" not in filtered
    assert (await admin.get("/opl/cuentas?estatus=%22x")).status == 200
    assert (await admin.fragment("/opl/cuentas?estatus=activa")).text.lstrip().startswith("<div")
