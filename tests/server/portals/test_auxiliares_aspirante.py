"""The aspirante's pages of auxiliares: one by one, the list, one of them, and that nobody reaches another's (C1-C4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from server.domain.roles import Rol
from server.registro import auxiliares as operaciones
from server.seed import Persona as Sembrada
from server.seed import Semilla, import_padron, sow
from server.store import auxiliares as store
from server.store import dispositivos, padron
from tests.factories import DAY, NOW
from tests.server.portals.portal import Persona, Sitio, abierto
from tests.server.registro.archivos import clave
from tests.server.registro.caja import datos

pytestmark = pytest.mark.anyio

ITZEL = {
    "nombre": "Itzel", "apellido_paterno": "Peñaloza", "apellido_materno": "", "fecha_nacimiento": "05/09/1990",
    "clave_elector": clave(1), "curp": "", "correo": "Itzel@Ejemplo.MX", "tipo_cuenta": "google",
    "telefono": "492 123 4567", "referencia": "Zona norte",
}  # fmt: skip


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


@pytest.fixture
async def alma(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ASPIRANTE)


async def other_aspirante(sitio: Sitio) -> int:
    """Another aspirante with one auxiliar; the Id of that one."""
    who = Sembrada(("Beto", "Prueba", ""), "beto@ejemplo.mx")
    seed = Semilla("consulta_popular", "Otro", "Otro", "32", NOW - DAY, NOW + DAY, (who,), ((who,),))
    return int((await sitio.write(lambda tx: sow(tx, seed)))[0].auxiliar)


async def register(sitio: Sitio, **changes: Any) -> int:
    done = await sitio.write(lambda tx: operaciones.registrar(tx, 1, datos(**changes), "cuenta:1"))
    return int(done.id)


async def test_one_by_one(sitio: Sitio, alma: Persona) -> None:
    page = (await alma.get("/aspirante/auxiliares/registro")).page()
    assert "Ver detalle del proceso" in page.text
    assert set(page.fields) >= ITZEL.keys() - {"tipo_cuenta"}
    done = await alma.post("/aspirante/auxiliares/registro", ITZEL)
    assert done.location == "/aspirante/auxiliares/3?hecho=auxiliar_registrado"
    shown = (await alma.get(done.location)).page()
    assert shown.headings == ["Itzel Peñaloza"]
    for text in ("itzel@ejemplo.mx", "4921234567", "05/09/1990", "Zona norte", "Sin respuesta situación", clave(1)):
        assert text in shown.text
    [mail] = sitio.correos("auxiliar_alta")
    assert mail["auxiliar_id"] == 3
    assert sitio.eventos("datos_consultados")[0]["objeto"] == "auxiliar:3"


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(alma: Persona) -> None:
    again = await alma.post(
        "/aspirante/auxiliares/registro",
        {**ITZEL, "correo": "no es", "fecha_nacimiento": "05/09/2010", "apellido_paterno": "", "clave_elector": ""},
    )
    assert again.status == 422
    page = again.page()
    assert page.codes == ["sin_apellidos", "menor_de_edad", "falta_dato", "correo_forma"]
    assert (page.fields["correo"], page.fields["nombre"], page.fields["tipo_cuenta"]) == ("no es", "Itzel", "google")


async def test_who_the_padron_does_not_know_is_shown_with_the_reason(sitio: Sitio, alma: Persona) -> None:
    row = dict.fromkeys(padron.COLUMNS, "") | {"clave_elector": clave(9), "situacion": "PADRON"}
    await sitio.write(lambda tx: import_padron(tx, [row], "2026-08-31"))
    done = await alma.post("/aspirante/auxiliares/registro", ITZEL)
    shown = (await alma.get(done.location)).page()
    assert "no se encontró en el Padrón Electoral (corte 31/08/2026)" in shown.text
    assert "quedó registrado y de baja" in shown.text
    again = await alma.post("/aspirante/auxiliares/3/reactivar")
    assert again.status == 422
    assert "Sigue de baja" in again.page().text
    fixed = await alma.post("/aspirante/auxiliares/3/editar", {**ITZEL, "clave_elector": clave(9)})
    assert "Padrón" in (await alma.get(fixed.location)).page().text
    assert sitio.read("SELECT estatus, situacion FROM auxiliares WHERE id = 3")[0]["estatus"] == "activo"


async def test_the_same_person_twice(alma: Persona) -> None:
    await alma.post("/aspirante/auxiliares/registro", ITZEL)
    again = await alma.post("/aspirante/auxiliares/registro", ITZEL)
    assert (again.status, again.page().codes) == (422, ["correo_repetido"])


async def test_baja_with_its_cause_and_back(sitio: Sitio, alma: Persona) -> None:
    id_ = await register(sitio)
    asked = (await alma.get(f"/aspirante/auxiliares/{id_}/baja")).page()
    assert "quedan marcados con inconsistencia" in asked.text
    empty = await alma.post(f"/aspirante/auxiliares/{id_}/baja", {"causa": " "})
    assert (empty.status, empty.page().codes) == (422, ["falta_dato"])
    done = await alma.post(f"/aspirante/auxiliares/{id_}/baja", {"causa": "Ya no colabora"})
    shown = (await alma.get(done.location)).page()
    assert "Ya no colabora" in shown.text
    assert len(sitio.correos("auxiliar_baja")) == 1
    twice = await alma.post(f"/aspirante/auxiliares/{id_}/baja", {"causa": "Otra"})
    assert twice.status == 422
    back = await alma.post(f"/aspirante/auxiliares/{id_}/reactivar")
    assert "está activo de nuevo" in (await alma.get(back.location)).page().text


async def test_what_the_opl_dropped_is_seen_with_its_reason_and_stays(sitio: Sitio, alma: Persona) -> None:
    id_ = await register(sitio)
    await sitio.write(lambda tx: operaciones.dar_de_baja(tx, id_, "La foto es de otra persona", "opl", "cuenta:9"))
    shown = (await alma.get(f"/aspirante/auxiliares/{id_}")).page()
    assert "La foto es de otra persona" in shown.text
    assert f"/aspirante/auxiliares/{id_}/reactivar" not in shown.actions
    assert (await alma.post(f"/aspirante/auxiliares/{id_}/reactivar")).status == 422
    assert "La foto es de otra persona" in (await alma.get("/aspirante/auxiliares")).page().text


async def test_contact_data_after_a_phone_was_enrolled(sitio: Sitio, alma: Persona) -> None:
    id_ = await register(sitio)
    await sitio.write(lambda tx: dispositivos.insert(tx.conn, id_, "Moto G", tx.now_ms))
    page = (await alma.get(f"/aspirante/auxiliares/{id_}/editar")).page()
    assert set(page.fields) == {"correo", "tipo_cuenta", "telefono", "referencia"}
    sent = {**ITZEL, "nombre": "Otra", "correo": "nueva@ejemplo.mx"}
    assert (await alma.post(f"/aspirante/auxiliares/{id_}/editar", sent)).status == 303
    shown = (await alma.get(f"/aspirante/auxiliares/{id_}")).page()
    assert "nueva@ejemplo.mx" in shown.text
    assert "Moto G" in shown.text
    assert "Otra" not in shown.headings[0]
    # One that was seeded has neither clave nor date: its contact data change all the same.
    await sitio.write(lambda tx: dispositivos.insert(tx.conn, 1, "Moto G", tx.now_ms))
    assert (await alma.post("/aspirante/auxiliares/1/editar", {**ITZEL, "correo": "uno@ejemplo.mx"})).status == 303


async def test_the_mail_once_more(sitio: Sitio, alma: Persona) -> None:
    id_ = await register(sitio)
    assert (await alma.post(f"/aspirante/auxiliares/{id_}/correo")).status == 422
    await sitio.write(lambda tx: tx.conn.execute("UPDATE correos SET estado = 'enviado'"))
    sitio.clock.advance(operaciones.RESEND_MS)
    assert (await alma.post(f"/aspirante/auxiliares/{id_}/correo")).location.endswith("hecho=auxiliar_correo")
    assert len(sitio.correos("auxiliar_alta")) == 2


async def test_the_list_turns_and_keeps_its_filters(sitio: Sitio, alma: Persona) -> None:
    def many(tx: Any) -> None:
        for n in range(10, 130):
            store.insert(tx.conn, n, 1, datos(n, nombre="Ñandú" if n % 2 else "Itzel"), "PADRON", tx.now_ms)

    await sitio.write(many)
    first = (await alma.get("/aspirante/auxiliares?nombre=nandu")).page()
    assert "60 con estos filtros" in first.text
    assert len([link for link in first.links if link.removeprefix("/aspirante/auxiliares/").isdigit()]) == 50
    [older] = [link for link in first.links if "antes=" in link]
    assert "nombre=nandu" in older
    second = (await alma.get(older)).page()
    assert len([link for link in second.links if link.removeprefix("/aspirante/auxiliares/").isdigit()]) == 10
    [newer] = [link for link in second.links if "despues=" in link]
    assert (await alma.get(newer)).page().links == first.links
    wrong = await alma.get("/aspirante/auxiliares?id=x&estatus=otro")
    assert (wrong.status, wrong.page().codes) == (422, ["entero_forma", "opcion_ajena"])
    assert "Ningún auxiliar coincide" in (await alma.get("/aspirante/auxiliares?estatus=baja")).page().text


async def test_pages_ask_as_often_for_many_as_for_few(sitio: Sitio, alma: Persona) -> None:
    async def asked(path: str) -> int:
        with sitio.consultas() as found:
            assert (await alma.get(path)).status == 200
        return len(found)

    await asked("/aspirante/auxiliares")
    few = await asked("/aspirante/auxiliares")
    await sitio.write(lambda tx: [store.insert(tx.conn, n, 1, datos(n), "PADRON", tx.now_ms) for n in range(10, 60)])
    assert await asked("/aspirante/auxiliares") == few
    assert few < 12


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("get", "/editar"), ("post", "/editar"), ("get", "/baja"), ("post", "/baja"),
        ("post", "/reactivar"), ("post", "/correo"),
    ],
)  # fmt: skip
async def test_nobody_reaches_another_aspirantes_auxiliar(sitio: Sitio, alma: Persona, method: str, path: str) -> None:
    other = await other_aspirante(sitio)
    before = [tuple(row) for row in sitio.read("SELECT * FROM auxiliares ORDER BY id")]
    url = f"/aspirante/auxiliares/{other}{path}"
    answer = await (alma.get(url) if method == "get" else alma.post(url, {**ITZEL, "causa": "x"}))
    assert answer.status == 404
    assert [tuple(row) for row in sitio.read("SELECT * FROM auxiliares ORDER BY id")] == before


@pytest.mark.parametrize("rol", [Rol.ADMINISTRACION, Rol.OPERACION, Rol.AYUDA])
async def test_the_opl_does_not_act_as_an_aspirante(sitio: Sitio, rol: Rol) -> None:
    someone = await sitio.entrar(rol)
    assert (await someone.get("/aspirante/auxiliares")).status == 403
    assert (await someone.post("/aspirante/auxiliares/registro", ITZEL)).status == 403
