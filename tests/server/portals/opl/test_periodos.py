"""Periodos through their pages (row B1): registering, changing, what must be accepted first, lists of units."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from server.clock import CENTRO
from server.domain.apoyo import Situacion
from server.domain.procesos import TipoProceso
from server.domain.roles import Rol
from server.store import apoyos, periodos
from server.store.writer import Tx
from tests.factories import DAY
from tests.server.portals.opl.expediente import PERIODO, new_periodo
from tests.server.portals.portal import Persona, Sitio, abierto
from tests.server.store.test_conteos import arrive

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


@pytest.fixture
async def opl(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ADMINISTRACION)


def rows(sitio: Sitio) -> int:
    return int(sitio.read("SELECT count(*) FROM periodos")[0][0])


async def test_a_periodo_with_a_new_proceso(sitio: Sitio, opl: Persona) -> None:
    form = await opl.get("/opl/periodos/nuevo")
    assert set(PERIODO) <= set(form.page().fields) | {"proceso", "proceso_tipo", "entidad"}
    id_ = await new_periodo(opl)
    page = (await opl.get(f"/opl/periodos/{id_}?hecho=periodo_creado")).page()
    assert "El periodo quedó registrado." in page.text
    assert "Diputación local" in page.headings
    for said in ("Oaxaca", "01/09/2026 00:00", "01/12/2026 18:00", "02/12/2026 18:00", "5,567", "Abierto"):
        assert said in page.text, said
    found = periodos.get(sitio.caja.reader, id_)
    assert found is not None
    assert found.inicia_ms == datetime(2026, 9, 1, tzinfo=CENTRO).timestamp() * 1000
    assert (found.tipo, found.proceso, found.apoyos_requeridos) == (
        "candidatura_independiente", "Proceso Electoral Local 2026-2027", 5567,
    )  # fmt: skip
    assert len(sitio.eventos("periodo_creado")) == len(sitio.eventos("proceso_creado")) == 1
    assert sitio.eventos("periodo_creado")[0]["actor"] == f"cuenta:{opl.cuenta}"


@pytest.mark.parametrize("tipo", list(TipoProceso))
async def test_every_kind_of_proceso_in_either_ambito(sitio: Sitio, opl: Persona, tipo: str) -> None:
    id_ = await new_periodo(opl, proceso_tipo=tipo, ambito="federal", entidad="20")
    found = periodos.get(sitio.caja.reader, id_)
    assert found is not None
    assert (found.tipo, found.ambito, found.entidad) == (tipo, "federal", "")


async def test_the_same_proceso_for_a_second_periodo(sitio: Sitio, opl: Persona) -> None:
    first = await new_periodo(opl)
    proceso = str(sitio.read("SELECT proceso_id FROM periodos WHERE id = ?", first)[0][0])
    second = await new_periodo(opl, proceso=proceso, proceso_nombre="", proceso_tipo="", nombre="Ayuntamiento")
    assert str(sitio.read("SELECT proceso_id FROM periodos WHERE id = ?", second)[0][0]) == proceso


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"nombre": ""}, {"falta_dato"}),
        ({"nombre": "x" * 161}, {"texto_largo"}),
        ({"inicia": "ayer"}, {"instante_forma"}),
        ({"termina": "2026-09-01T00:00"}, {"termina_antes"}),
        ({"termina": "2026-08-01T00:00"}, {"termina_antes"}),
        ({"entidad": ""}, {"falta_entidad"}),
        ({"entidad": "33"}, {"entidad_desconocida"}),
        ({"proceso": "999"}, {"opcion_ajena"}),
        ({"proceso_tipo": "otra"}, {"opcion_ajena"}),
        ({"proceso_nombre": ""}, {"falta_dato"}),
        ({"proceso_tipo": "", "proceso_nombre": ""}, {"falta_dato"}),
        ({"ambito": "municipal"}, {"opcion_ajena"}),
        ({"estatus": ""}, {"falta_dato"}),
        ({"apoyos_requeridos": "0"}, {"entero_forma"}),
        ({"dispersion": "colonia"}, {"opcion_ajena"}),
        ({"dispersion": "seccion"}, {"falta_dato"}),
        ({"unidades": "1,a,2"}, {"unidades_sin_dispersion"}),
        ({"dispersion": "municipio", "unidades": "1,a,2", "unidades_requeridas": "2"}, {"unidades_de_mas"}),
        (
            {"dispersion": "seccion", "unidades": "1,a,2\n\n1,b,3\nx,y,z"},
            {"unidades_lineas", "unidad_repetida", "unidad_seccion"},
        ),
    ],
)
async def test_refusals_keep_what_was_typed(
    sitio: Sitio, opl: Persona, changes: dict[str, str], codes: set[str]
) -> None:
    before = rows(sitio)
    sent = {**PERIODO, **changes}
    answer = await opl.post("/opl/periodos", sent)
    assert answer.status == 422
    page = answer.page()
    assert set(page.codes) == codes
    for name, value in sent.items():
        if name not in changes:
            assert page.fields.get(name, "") == value, name
    if "unidades" in changes:
        assert page.fields["unidades"].strip() == changes["unidades"]
    assert rows(sitio) == before


async def test_wrong_lines_are_named_by_their_number(opl: Persona) -> None:
    lines = "\n".join(["", *(f"{n},L,0" for n in range(1, 31))])
    page = (await opl.post("/opl/periodos", {**PERIODO, "dispersion": "seccion", "unidades": lines})).page()
    assert "Línea 2:" in page.text
    assert "Hay 30 líneas por corregir" in page.text
    assert "Y 10 más." in page.text


async def test_units_from_a_file_stand_in_the_field_and_are_kept(sitio: Sitio, opl: Persona) -> None:
    data = {**PERIODO, "dispersion": "municipio", "unidades_requeridas": "2"}
    wrong = "clave;nombre;requeridos\r\n1;Tuxtepec;x\r\n".encode("cp1252")
    answer = await opl.post("/opl/periodos", data, files={"unidades_archivo": ("lista.csv", wrong, "text/csv")})
    assert answer.status == 422
    assert "1;Tuxtepec;x" in answer.page().fields["unidades"]
    good = "clave;nombre;requeridos\r\n1;Juchitán;1200\r\n2;Tuxtepec;80\r\n".encode("cp1252")
    answer = await opl.post("/opl/periodos", data, files={"unidades_archivo": ("lista.csv", good, "text/csv")})
    id_ = int(answer.location.partition("?")[0].rpartition("/")[2])
    umbral = periodos.umbral(sitio.caja.reader, id_)
    assert [(u.clave, u.nombre, u.requeridos) for u in umbral.unidades] == [
        ("001", "Juchitán", 1200), ("002", "Tuxtepec", 80),
    ]  # fmt: skip
    assert umbral.needed_units == 2
    page = (await opl.get(f"/opl/periodos/{id_}")).page()
    assert "En 2 de 2 municipios" in page.text
    edited = (await opl.get(f"/opl/periodos/{id_}/editar")).page()
    assert edited.fields["unidades"] == "001, Juchitán, 1200\n002, Tuxtepec, 80"
    for name, content in (("grande.csv", b"1,a,2\n" * 200_000), ("hoja.xlsx", b"PK\x03\x04\0\0")):
        refused = await opl.post("/opl/periodos", data, files={"unidades_archivo": (name, content, "text/csv")})
        assert refused.status == 422
        assert {"unidades_archivo_grande", "unidades_archivo_no_csv"} & set(refused.page().codes)


async def test_an_overlap_asks_and_is_not_refused(sitio: Sitio, opl: Persona) -> None:
    await new_periodo(opl)
    assert rows(sitio) == 2
    again = {**PERIODO, "nombre": " DIPUTACIÓN  local "}
    asked = await opl.post("/opl/periodos", again)
    assert asked.status == 422
    assert rows(sitio) == 2
    page = asked.page()
    assert page.fields["avisos"] == "traslape"
    assert "falta_aceptar" in page.codes
    # The tick alone says nothing of sentences that were not shown.
    assert (await opl.post("/opl/periodos", {**again, "acepto": "si"})).status == 422
    assert (await opl.post("/opl/periodos", {**again, "avisos": "traslape"})).status == 422
    assert (await opl.post("/opl/periodos", {**again, "avisos": "traslape", "acepto": "si"})).status == 303
    assert rows(sitio) == 3
    assert '"aceptado":["traslape"]' in sitio.eventos("periodo_creado")[-1]["datos"]
    # Another cargo, another entidad, other dates, or an inactive one overlap with nothing.
    for changes in (
        {"nombre": "Ayuntamiento"},
        {"entidad": "01"},
        {"inicia": "2027-01-01T00:00", "termina": "2027-02-01T00:00"},
        {"estatus": "inactivo"},
    ):
        await new_periodo(opl, **changes)


async def test_changing_one_that_is_closed_or_has_apoyos_says_what_follows(sitio: Sitio, opl: Persona) -> None:
    page = (await opl.get("/opl/periodos/1/editar")).page()
    # Nothing touched: nothing asked, nothing moved, not even by a millisecond.
    before = dict(sitio.read("SELECT * FROM periodos WHERE id = 1")[0])
    saved = await opl.post("/opl/periodos/1", page.fields)
    assert saved.location == "/opl/periodos/1?hecho=guardado"
    assert dict(sitio.read("SELECT * FROM periodos WHERE id = 1")[0]) == before
    phone = await sitio.harness.phone()
    for _ in range(2):  # the testigos of the auxiliar, and an apoyo
        await sitio.harness.send(phone, phone.capture())
    sitio.clock.advance(12 * DAY)
    opl = await sitio.entrar(Rol.ADMINISTRACION)
    later = {**page.fields, "termina": "2026-12-31T00:00"}
    asked = await opl.post("/opl/periodos/1", later)
    assert asked.status == 422
    shown = asked.page()
    assert shown.fields["avisos"] == "con_registros,reabre"
    assert "(1)" in shown.text
    done = await opl.post("/opl/periodos/1", {**later, "avisos": shown.fields["avisos"], "acepto": "si"})
    assert done.status == 303
    # Now it runs: shortening it is another question than the one that was accepted.
    shorter = {**page.fields, "termina": "2026-10-10T00:00", "avisos": shown.fields["avisos"], "acepto": "si"}
    asked = await opl.post("/opl/periodos/1", shorter)
    assert asked.status == 422
    assert "acorta" in asked.page().fields["avisos"]
    assert "acepto" not in asked.page().fields
    events = sitio.eventos("periodo_modificado")
    assert [event["objeto"] for event in events] == ["periodo:1", "periodo:1"]


async def test_the_list_by_state_and_by_key(sitio: Sitio, opl: Persona) -> None:
    def many(tx: object) -> None:
        for n in range(120):
            tx.conn.execute(  # type: ignore[attr-defined]
                "INSERT INTO periodos (proceso_id, nombre, ambito, entidad, inicia_ms, termina_ms, estatus, creado_ms) "
                "VALUES (1, ?, 'local', '20', ?, ?, ?, 0)",
                (f"Cargo {n}", sitio.clock.now + DAY, sitio.clock.now + 2 * DAY, ("activo", "inactivo")[n % 2]),
            )

    await sitio.write(many)
    seen: list[str] = []
    path = "/opl/periodos"
    with sitio.consultas() as first:
        await opl.get(path)
    while path:
        page = await opl.get(path)
        found = [link for link in page.page().links if link.removeprefix("/opl/periodos/").isdigit()]
        seen += found
        path = next((link for link in page.page().links if "antes=" in link), "")
    assert len(seen) == len(set(seen)) == 121
    assert len(first) < 12
    back = await opl.get("/opl/periodos?despues=1")
    assert "/opl/periodos/51" in back.page().links
    assert any("despues=51" in link for link in back.page().links)
    inactive = await opl.get("/opl/periodos?estado=inactivo")
    assert "Cargo 119" in inactive.text
    assert "Cargo 118" not in inactive.text
    assert any("estado=inactivo" in link and "antes=" in link for link in inactive.page().links)
    assert "Ningún periodo está así" in (await opl.get("/opl/periodos?estado=gracia")).text
    for nonsense in ("antes=x", "despues=" + "9" * 40, "estado=<script>"):
        assert (await opl.get(f"/opl/periodos?{nonsense}")).status == 200


async def test_who_may(sitio: Sitio) -> None:
    ayuda = await sitio.entrar(Rol.AYUDA)
    assert (await ayuda.get("/opl/periodos")).status == 200
    page = (await ayuda.get("/opl/periodos/1")).page()
    assert not any("editar" in link for link in page.links)
    assert (await ayuda.get("/opl/periodos/1/editar")).status == 403
    assert (await ayuda.post("/opl/periodos", PERIODO)).status == 403
    opl = await sitio.entrar(Rol.ADMINISTRACION)
    assert (await opl.get("/opl/periodos/999")).status == 404
    assert (await opl.get("/opl/periodos/999/editar")).status == 404
    assert (await opl.post("/opl/periodos/999", PERIODO)).status == 404


# -- the territory ----------------------------------------------------------------------------------------------------


async def test_a_territory_is_kept_shown_and_read_back(sitio: Sitio, opl: Persona) -> None:
    id_ = await new_periodo(
        opl, territorio_de="municipio", territorio="clave; nombre\n3; Calvillo\n005;Jesús María\nAsientos"
    )
    territory = await sitio.write(lambda tx: periodos.territorio(tx.conn, id_))
    assert [(one.unidad, one.clave, one.nombre) for one in territory.lugares] == [
        ("municipio", "003", "Calvillo"), ("municipio", "005", "Jesús María"), ("municipio", "Asientos", ""),
    ]  # fmt: skip
    page = (await opl.get(f"/opl/periodos/{id_}")).page()
    assert "domicilio en 3 municipios" in page.text
    assert "005 Jesús María" in page.text
    fields = (await opl.get(f"/opl/periodos/{id_}/editar")).page().fields
    assert fields["territorio"] == "003; Calvillo\n005; Jesús María\nAsientos"
    assert fields["territorio_de"] == "municipio"
    event = sitio.eventos("periodo_creado")[-1]
    assert '"territorio":["municipio:003","municipio:005","municipio:Asientos"]' in event["datos"]
    # Saved again as it stands: nothing has changed, nobody is asked.
    answer = await opl.post(f"/opl/periodos/{id_}", {**PERIODO, **fields})
    assert answer.location.startswith(f"/opl/periodos/{id_}?")
    whole = await new_periodo(opl, nombre="Otro cargo")
    assert "Toda la entidad: Oaxaca" in (await opl.get(f"/opl/periodos/{whole}")).page().text


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"territorio": "1; a"}, {"territorio_sin_unidad"}),
        ({"territorio_de": "municipio"}, {"falta_dato"}),
        ({"territorio_de": "municipio", "territorio": "clave;nombre"}, {"falta_dato"}),
        ({"territorio_de": "pais", "territorio": "1"}, {"opcion_ajena"}),
        (
            {"territorio_de": "seccion", "territorio": "12\n\n0012\nx\n1;2;3"},
            {"territorio_lineas", "territorio_repetido", "territorio_seccion", "territorio_columnas"},
        ),
    ],
)
async def test_a_wrong_territory_keeps_what_was_typed(
    sitio: Sitio, opl: Persona, changes: dict[str, str], codes: set[str]
) -> None:
    before = rows(sitio)
    answer = await opl.post("/opl/periodos", {**PERIODO, **changes})
    page = answer.page()
    assert answer.status == 422
    assert set(page.codes) == codes
    assert page.fields["territorio"].strip() == changes.get("territorio", "")
    if "territorio_lineas" in codes:
        for line in ("Línea 3: 0012 ya está en la línea 1.", "Línea 4: La sección es", "Línea 5: Se esperan clave y"):
            assert line in page.text
    assert rows(sitio) == before


async def test_another_territory_asks_first_and_sends_apoyos_through_again(sitio: Sitio, opl: Persona) -> None:
    def fill(tx: Tx) -> None:
        for number in range(6):
            id_ = arrive(tx.conn, number, lote=500)
            if number < 4:
                apoyos.set_situacion(tx.conn, id_, Situacion.LISTA_NOMINAL, municipio="003")
        tx.conn.execute("UPDATE trabajos SET etapa = 'clasificar', estado = 'hecho' WHERE id IN (1, 2)")
        tx.conn.execute("UPDATE trabajos SET etapa = 'clasificar', intentos = 3 WHERE id = 3")
        tx.conn.execute("UPDATE trabajos SET etapa = 'clasificar', estado = 'cuarentena' WHERE id = 4")
        tx.conn.execute("UPDATE trabajos SET etapa = 'clasificar', estado = 'hecho' WHERE id = 5")

    await sitio.write(fill)
    fields = {**PERIODO, **(await opl.get("/opl/periodos/1/editar")).page().fields}
    data = {**fields, "territorio_de": "municipio", "territorio": "003; Calvillo", "acepto": ""}
    asked = await opl.post("/opl/periodos/1", data)
    assert asked.status == 422
    assert "El territorio cambia y el periodo ya tiene apoyos recibidos (6)" in asked.page().text
    assert sitio.read("SELECT count(*) FROM periodo_territorio")[0][0] == 0
    done = await opl.post("/opl/periodos/1", {**data, "avisos": asked.page().fields["avisos"], "acepto": "si"})
    assert done.location.startswith("/opl/periodos/1?")
    found = [tuple(row) for row in sitio.read("SELECT id, etapa, estado, intentos FROM trabajos ORDER BY id")]
    assert found == [
        (1, "verificar_ambito", "pendiente", 0), (2, "verificar_ambito", "pendiente", 0),
        (3, "verificar_ambito", "pendiente", 0), (4, "clasificar", "cuarentena", 0), (5, "clasificar", "hecho", 0),
        (6, "abrir", "pendiente", 0),
    ]  # fmt: skip
    assert '"por_revisar_ambito":3' in sitio.eventos("periodo_modificado")[-1]["datos"]
