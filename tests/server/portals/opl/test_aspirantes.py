"""Aspirantes through their pages (rows B2, B3): registering with flags and emblem, confirming, mail, baja."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from device_sim.synthetic.people import situacion_of
from server import seed
from server.domain.roles import Rol
from server.store import aspirantes, catalogo
from tests.server.portals.opl.expediente import aspirante, ciudadano, new_aspirante, new_periodo
from tests.server.portals.portal import Persona, Sitio, abierto

pytestmark = pytest.mark.anyio


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


@pytest.fixture
async def opl(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ADMINISTRACION, nombre="Rosa Revisora")


@pytest.fixture
async def periodo(opl: Persona) -> int:
    return await new_periodo(opl)


def png(size: tuple[int, int] = (300, 300), color: str = "purple") -> bytes:
    made = io.BytesIO()
    Image.new("RGBA", size, color).save(made, "PNG")
    return made.getvalue()


async def confirmed(opl: Persona, periodo: int, **changes: str) -> int:
    folio = await new_aspirante(opl, aspirante(ciudadano(), periodo, **changes))
    assert (await opl.post(f"/opl/aspirantes/{folio}/confirmar", {"firmada": "si"})).status == 303
    return folio


async def test_from_the_expediente_to_the_confirmation(sitio: Sitio, opl: Persona, periodo: int) -> None:
    who = ciudadano()
    form = (await opl.get(f"/opl/aspirantes/nuevo?periodo={periodo}")).page()
    assert form.fields["periodo"] == str(periodo)
    spaced = " ".join(who.clave_elector[i : i + 6].lower() for i in (0, 6, 12))
    folio = await new_aspirante(
        opl,
        aspirante(who, periodo, clave_elector=spaced, observaciones="Línea uno\r\nLínea dos"),
        emblema=("emblema.png", png(), "image/png"),
    )
    found = aspirantes.get(sitio.caja.reader, folio)
    assert found is not None
    assert found.datos.clave_elector == who.clave_elector
    assert (found.datos.tel_movil, found.datos.observaciones) == ("9511234567", "Línea uno\nLínea dos")
    assert (found.estado, found.cuenta) == ("sin_confirmar", None)
    assert sitio.correos() == []
    # What a phone shows.
    shown = catalogo.aspirante(sitio.caja.reader, folio)
    assert shown is not None
    assert Image.open(io.BytesIO(shown.emblema_png or b"")).size == (300, 300)
    ficha = await opl.get(f"/opl/aspirantes/{folio}?hecho=aspirante_registrado")
    assert "Imprima la cédula" in ficha.page().text
    assert f"/opl/aspirantes/{folio}/confirmar" in ficha.page().links
    assert "diferencia" not in ficha.text
    picture = await opl.get(f"/opl/aspirantes/{folio}/emblema.png")
    assert (picture.headers["content-type"], picture.body) == ("image/png", shown.emblema_png)
    cedula = await opl.get(f"/opl/aspirantes/{folio}/cedula.pdf")
    assert cedula.body.startswith(b"%PDF-")
    assert cedula.headers["content-type"] == "application/pdf"
    assert who.nombre not in cedula.headers["content-disposition"]
    # Asked on a page of its own, which names what it does.
    asked = (await opl.get(f"/opl/aspirantes/{folio}/confirmar")).page()
    assert "aspirante@ejemplo.mx" in asked.text
    refused = await opl.post(f"/opl/aspirantes/{folio}/confirmar", {})
    assert (refused.status, refused.page().codes) == (422, ["falta_dato"])
    done = await opl.post(f"/opl/aspirantes/{folio}/confirmar", {"firmada": "si"})
    assert done.location.endswith("hecho=aspirante_confirmado")
    found = aspirantes.get(sitio.caja.reader, folio)
    assert found is not None
    assert (found.estado, found.confirmado_ms, found.cuenta_estatus) == ("confirmado", sitio.clock.now, "activa")
    assert not found.con_contrasena
    account = sitio.read("SELECT * FROM cuentas WHERE id = ?", found.cuenta)[0]
    assert (account["rol"], account["correo"], account["nombre"]) == (
        "aspirante", "aspirante@ejemplo.mx", found.nombre_completo,
    )  # fmt: skip
    assert [(m["clase"], m["cuenta_id"]) for m in sitio.correos()] == [("aspirante_registrado", found.cuenta)]
    # A second click sends nothing more.
    again = await opl.post(f"/opl/aspirantes/{folio}/confirmar", {"firmada": "si"})
    assert again.location.endswith("hecho=aspirante_ya_confirmado")
    assert len(sitio.correos()) == 1
    names = [row["evento"] for row in sitio.read("SELECT evento FROM bitacora WHERE objeto = ?", f"aspirante:{folio}")]
    assert names == [
        "aspirante_registrado", "datos_consultados", "datos_consultados", "aspirante_confirmado",
    ]  # fmt: skip
    for row in sitio.read("SELECT datos FROM bitacora"):
        assert who.clave_elector not in row["datos"]
        assert who.apellido_paterno not in row["datos"]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"nombre": " "}, {"falta_dato"}),
        ({"apellido_paterno": "", "apellido_materno": ""}, {"falta_apellido"}),
        ({"fecha_nacimiento": "2009-01-01"}, {"menor_de_edad"}),
        ({"fecha_nacimiento": "31/02/1980"}, {"fecha_forma"}),
        ({"fecha_nacimiento": "2030-01-01"}, {"nacimiento_futuro"}),
        ({"tel_movil": ""}, {"falta_telefono"}),
        ({"tel_movil": "", "tel_oficina": "123"}, {"telefono_forma"}),
        ({"correo": "aspirante"}, {"correo_forma"}),
        ({"tipo_cuenta": "hotmail"}, {"opcion_ajena"}),
        ({"clave_elector": "ABC"}, {"clave_elector_longitud"}),
        ({"curp": "SABC560626MDFLRN02"}, {"curp_digito"}),
        ({"cic": "", "ocr": ""}, {"falta_cic_ocr"}),
        ({"cic": "12345678O"}, {"cic_forma"}),
        ({"ocr": "123"}, {"ocr_longitud"}),
        ({"entidad": "40"}, {"entidad_desconocida"}),
        ({"seccion": "0"}, {"seccion_forma"}),
        ({"municipio": ""}, {"falta_dato"}),
        ({"fecha_manifestacion": "2026-12-31"}, {"manifestacion_futura"}),
        ({"oficio": ""}, {"falta_dato"}),
        ({"periodo": "99"}, {"opcion_ajena"}),
        ({"observaciones": "x" * 2001}, {"texto_largo"}),
        ({"nombre": "", "clave_elector": "", "seccion": ""}, {"falta_dato"}),
    ],
)
async def test_refusals_keep_what_was_typed(
    sitio: Sitio, opl: Persona, periodo: int, changes: dict[str, str], codes: set[str]
) -> None:
    sent = aspirante(ciudadano(), periodo, **changes)
    answer = await opl.post("/opl/aspirantes", sent)
    assert answer.status == 422
    page = answer.page()
    assert set(page.codes) == codes
    for name, value in sent.items():
        if name not in changes:
            assert page.fields[name] == value, name
    assert len(sitio.read("SELECT id FROM aspirantes")) == 1


async def test_only_one_surname_and_only_the_oldest_card(sitio: Sitio, opl: Persona, periodo: int) -> None:
    data = aspirante(ciudadano(), periodo, apellido_materno="", curp="", cic="", revise="si", revisadas="clave_nombre")
    assert await new_aspirante(opl, data)


async def test_differences_are_flags_that_need_a_look(sitio: Sitio, opl: Persona, periodo: int) -> None:
    one, other = ciudadano(3), ciudadano(8)
    mixed = aspirante(one, periodo, curp=other.curp, seccion="9999", entidad="01")
    answer = await opl.post("/opl/aspirantes", mixed)
    assert answer.status == 422
    page = answer.page()
    assert page.codes == ["diferencias_por_revisar"]
    shown = page.fields["revisadas"].split(",")
    assert {"ocr_seccion", "entidad_periodo", "curp_nacimiento", "clave_curp_nacimiento"} <= set(shown)
    # Beside the field too, where a screen reader says it with the field.
    assert f"Diferencia: El OCR empieza con la sección {one.seccion}" in page.text
    assert (await opl.post("/opl/aspirantes", {**mixed, "revise": "si"})).status == 422
    assert (await opl.post("/opl/aspirantes", {**mixed, "revisadas": ",".join(shown)})).status == 422
    folio = await new_aspirante(opl, {**mixed, "revise": "si", "revisadas": ",".join(shown)})
    assert "ocr_seccion" in sitio.eventos("aspirante_registrado")[0]["datos"]
    ficha = await opl.get(f"/opl/aspirantes/{folio}")
    assert 'data-diferencia="ocr_seccion"' in ficha.text


async def test_the_same_person_twice_in_a_periodo_is_a_flag(opl: Persona, periodo: int) -> None:
    data = aspirante(ciudadano(), periodo)
    folio = await new_aspirante(opl, data)
    twice = await opl.post("/opl/aspirantes", data)
    assert twice.status == 422
    assert twice.page().fields["revisadas"] == "clave_repetida"
    assert f"folio de solicitud {folio}" in twice.page().text


async def test_the_padron_says_its_part(sitio: Sitio, opl: Persona, periodo: int) -> None:
    people = [ciudadano(n) for n in range(200)]
    by_situation = {situacion_of(p).situacion: p for p in people}
    listed, gone = by_situation["LISTA_NOMINAL"], by_situation["BAJA"]
    rows = [
        {
            "clave_elector": p.clave_elector, "curp": p.curp, "cic": p.cic, "ocr": p.ocr, "nombre": p.nombre,
            "apellido_paterno": p.apellido_paterno, "apellido_materno": p.apellido_materno,
            "fecha_nacimiento": p.fecha_nacimiento.isoformat(), "sexo": p.sexo, "entidad": p.entidad,
            "municipio": p.municipio, "seccion": p.seccion, "situacion": situacion_of(p).situacion,
            "motivo_baja": situacion_of(p).motivo_baja,
        }
        for p in (listed, gone)
    ]  # fmt: skip
    await sitio.write(lambda tx: seed.import_padron(tx, rows, "2026-09-01"))
    assert await new_aspirante(opl, aspirante(listed, periodo))
    refused = (await opl.post("/opl/aspirantes", aspirante(gone, periodo))).page()
    assert refused.fields["revisadas"] == "padron_baja"
    assert situacion_of(gone).motivo_baja.replace("_", " ").lower() in refused.text
    unknown = (await opl.post("/opl/aspirantes", aspirante(ciudadano(500), periodo))).page()
    assert unknown.fields["revisadas"] == "padron_no_encontrado"


async def test_the_emblem_of_a_form_that_comes_back_need_not_be_chosen_again(
    sitio: Sitio, opl: Persona, periodo: int
) -> None:
    data = aspirante(ciudadano(), periodo, municipio="")
    back = await opl.post("/opl/aspirantes", data, files={"emblema": ("e.png", png((40, 20)), "image/png")})
    assert back.status == 422
    kept = back.page().fields["emblema_leido"]
    assert "ya se leyó" in back.page().text
    folio = await new_aspirante(opl, {**data, "municipio": "Tuxtepec", "emblema_leido": kept})
    assert Image.open(io.BytesIO(aspirantes.emblema(sitio.caja.reader, folio) or b"")).size == (40, 20)
    # It is read again: nobody puts another thing there.
    for wrong in ("xx", "!!", "PHN2Zy8+"):
        refused = await opl.post("/opl/aspirantes", {**data, "municipio": "Tuxtepec", "emblema_leido": wrong})
        assert refused.status == 422
        assert "emblema_leido" not in refused.page().fields
    # Taken away, exchanged, left alone.
    edit = f"/opl/aspirantes/{folio}"
    fields = (await opl.get(edit + "/editar")).page().fields
    assert (await opl.post(edit, fields)).status == 303
    assert aspirantes.emblema(sitio.caja.reader, folio) is not None
    assert (await opl.post(edit, fields, files={"emblema": ("o.png", png((9, 9)), "image/png")})).status == 303
    assert Image.open(io.BytesIO(aspirantes.emblema(sitio.caja.reader, folio) or b"")).size == (9, 9)
    assert (await opl.post(edit, {**fields, "quitar_emblema": "si"})).status == 303
    assert (await opl.get(edit + "/emblema.png")).status == 404


async def test_emblems_that_are_refused(opl: Persona, periodo: int) -> None:
    cmyk = io.BytesIO()
    Image.new("CMYK", (20, 20)).save(cmyk, "JPEG")
    for content, codigo in (
        (png() + bytes(501 * 1024), "emblema_grande"),
        (bytes(6_000_000), "emblema_grande"),
        (cmyk.getvalue(), "emblema_no_png"),
        (png()[:60], "emblema_danado"),
    ):
        data = aspirante(ciudadano(), periodo)
        answer = await opl.post("/opl/aspirantes", data, files={"emblema": ("e.png", content, "image/png")})
        assert answer.status == 422
        assert answer.page().codes == [codigo]
        assert answer.page().fields["nombre"] == data["nombre"]


async def test_one_with_missing_data_is_not_confirmed(sitio: Sitio, opl: Persona) -> None:
    # Sown from the command line: a name and a mail.
    page = (await opl.get("/opl/aspirantes/1/confirmar")).page()
    assert "Faltan datos de la cédula" in page.text
    refused = await opl.post("/opl/aspirantes/1/confirmar", {"firmada": "si"})
    assert refused.status == 422
    assert sitio.correos() == []
    assert sitio.read("SELECT confirmado_ms FROM aspirantes WHERE id = 1")[0][0] is None


async def test_the_mails_reach_the_address_of_the_moment(sitio: Sitio, opl: Persona, periodo: int) -> None:
    folio = await confirmed(opl, periodo)
    outbox, mail = sitio.harness.app.state.outbox, sitio.harness.mail
    await outbox.send_due()
    sitio.clock.advance(1000)
    await opl.post(f"/opl/aspirantes/{folio}/correo", {"correo": "nuevo@ejemplo.mx", "tipo_cuenta": "x"})
    await outbox.send_due()
    sitio.clock.advance(1000)
    await opl.post(f"/opl/aspirantes/{folio}/baja", {"causa": "Desistimiento por escrito"})
    await outbox.send_due()
    assert [message["to"] for message in mail.messages] == [
        "aspirante@ejemplo.mx", "nuevo@ejemplo.mx", "nuevo@ejemplo.mx",
    ]  # fmt: skip
    first, again, gone = (message.get_body(("plain",)).get_content() for message in mail.messages)  # type: ignore[union-attr]
    assert str(folio) in first
    assert "/entrar/aspirante" in first
    assert str(folio) in again
    assert "Desistimiento por escrito" in gone
    ficha = (await opl.get(f"/opl/aspirantes/{folio}")).page().text
    assert ficha.count("Enviado") == 3


async def test_one_that_was_lost_is_registered_again(sitio: Sitio, opl: Persona, periodo: int) -> None:
    await sitio.write(lambda tx: catalogo.ensure_known(tx.conn, 77, 99, tx.now_ms))
    page = (await opl.get("/opl/aspirantes/77")).page()
    assert "Sin nombre" in page.headings
    assert "Datos por restaurar" in page.text
    assert not any(link.endswith(("/baja", "/confirmar")) for link in page.links)
    assert "Faltan datos" in (await opl.post("/opl/aspirantes/77/confirmar", {"firmada": "si"})).page().text
    assert (await opl.get("/opl/aspirantes/77/editar")).page().fields.get("periodo", "") == ""
    assert (await opl.post("/opl/aspirantes/77", aspirante(ciudadano(), periodo))).status == 303
    found = aspirantes.get(sitio.caja.reader, 77)
    assert found is not None
    assert (found.estado, found.datos.periodo_id) == ("sin_confirmar", periodo)
    assert f"{ciudadano().fecha_nacimiento:%d/%m/%Y}" in (await opl.get("/opl/aspirantes/77")).page().text


async def test_after_the_confirmation_changes_ask_for_a_new_signature(sitio: Sitio, opl: Persona, periodo: int) -> None:
    folio = await confirmed(opl, periodo)
    fields = (await opl.get(f"/opl/aspirantes/{folio}/editar")).page().fields
    assert "correo" not in fields
    changed = {**fields, "oficio": "OPL/999/2026", "correo": "otro@ejemplo.mx"}
    asked = await opl.post(f"/opl/aspirantes/{folio}", changed)
    assert asked.status == 422
    assert asked.page().fields["revisadas"] == "cedula_firmada"
    done = await opl.post(f"/opl/aspirantes/{folio}", {**changed, "revisadas": "cedula_firmada", "revise": "si"})
    assert done.status == 303
    found = aspirantes.get(sitio.caja.reader, folio)
    assert found is not None
    assert (found.datos.oficio, found.datos.correo) == ("OPL/999/2026", "aspirante@ejemplo.mx")
    assert len(sitio.correos()) == 1
    assert '"campos":["oficio"]' in sitio.eventos("aspirante_modificado")[0]["datos"]


async def test_the_mail_is_corrected_and_who_had_the_old_one_is_out(sitio: Sitio, opl: Persona, periodo: int) -> None:
    folio = await confirmed(opl, periodo)
    path = f"/opl/aspirantes/{folio}"
    inside = await sitio.entrar(Rol.ASPIRANTE, solicitud=folio)

    def left(tx: object) -> None:
        tx.conn.execute("UPDATE cuentas SET contrasena = 'x' WHERE aspirante_id = ?", (folio,))  # type: ignore[attr-defined]
        tx.conn.execute(  # type: ignore[attr-defined]
            "INSERT INTO llaves_correo (clase, cuenta_id, resumen, creada_ms, vence_ms) VALUES ('acceso', ?, ?, 0, 1)",
            (inside.cuenta, bytes(32)),
        )

    await sitio.write(left)
    wrong = await opl.post(path + "/correo", {"correo": "nada", "tipo_cuenta": "x"})
    assert (wrong.status, wrong.page().codes, wrong.page().fields["correo"]) == (422, ["correo_forma"], "nada")
    done = await opl.post(path + "/correo", {"correo": "nuevo@ejemplo.mx", "tipo_cuenta": "x"})
    assert done.location == f"{path}?hecho=aspirante_correo"
    account = sitio.read("SELECT * FROM cuentas WHERE aspirante_id = ?", folio)[0]
    assert (account["correo"], account["contrasena"]) == ("nuevo@ejemplo.mx", None)
    assert sitio.read("SELECT correo, tipo_cuenta FROM aspirantes WHERE id = ?", folio)[0][:] == (
        "nuevo@ejemplo.mx",
        "x",
    )
    assert sitio.read("SELECT usada_ms FROM llaves_correo")[0][0] == sitio.clock.now
    assert sitio.read("SELECT cerrada_ms FROM sesiones_portal WHERE cuenta_id = ?", inside.cuenta)[0][0] is not None
    sitio.clock.advance(1000)
    assert (await opl.post(path + "/reenviar")).location.endswith("aspirante_reenvio")
    assert [m["clase"] for m in sitio.correos()] == ["aspirante_registrado"] * 2
    # The mail of the first moment and the corrected one were of one millisecond: one row, woken again.
    assert "nuevo@ejemplo.mx" not in "".join(row["datos"] for row in sitio.read("SELECT datos FROM bitacora"))
    # Not for one that is not confirmed.
    assert (await opl.post("/opl/aspirantes/1/reenviar")).location.endswith("aspirante_sin_confirmar")
    assert (await opl.post("/opl/aspirantes/1/correo", {"correo": "a@ejemplo.mx", "tipo_cuenta": "x"})).status == 422


async def test_baja_and_reactivation(sitio: Sitio, opl: Persona, periodo: int) -> None:
    folio = await confirmed(opl, periodo)
    path = f"/opl/aspirantes/{folio}"
    inside = await sitio.entrar(Rol.ASPIRANTE, solicitud=folio)
    asked = (await opl.get(path + "/baja")).page()
    assert "sus sesiones se cierran" in asked.text
    assert (await opl.post(path + "/baja", {"causa": " "})).page().codes == ["falta_dato"]
    sitio.clock.advance(1000)
    causa = "Desistimiento <b>por escrito</b>"
    assert (await opl.post(path + "/baja", {"causa": causa})).location.endswith("aspirante_baja")
    assert (await opl.post(path + "/baja", {"causa": causa})).location.endswith("aspirante_sin_cambio")
    mail = sitio.correos("aspirante_baja")
    assert [m["datos"] for m in mail] == ['{"causa":"Desistimiento <b>por escrito</b>"}']
    assert (await inside.get("/aspirante")).status in (303, 404)
    assert sitio.read("SELECT estatus FROM cuentas WHERE id = ?", inside.cuenta)[0][0] == "suspendida"
    assert sitio.read("SELECT count(*) FROM sesiones_portal WHERE cuenta_id = ? AND cerrada_ms IS NULL",
                      inside.cuenta)[0][0] == 0  # fmt: skip
    ficha = await opl.get(path)
    assert "Inactivo" in ficha.page().text
    assert "Desistimiento &lt;b&gt;" in ficha.text
    assert "Rosa Revisora" in ficha.text
    assert (await opl.post(path + "/confirmar", {"firmada": "si"})).status == 422
    # Nothing of what was done to it is undone by editing.
    fields = (await opl.get(path + "/editar")).page().fields
    assert (await opl.post(path, fields)).status == 303
    assert aspirantes.get(sitio.caja.reader, folio).estado == "inactivo"  # type: ignore[union-attr]
    sitio.clock.advance(1000)
    assert (await opl.post(path + "/reactivar", {"causa": "Resolución 12"})).location.endswith("aspirante_reactivado")
    assert aspirantes.get(sitio.caja.reader, folio).estado == "confirmado"  # type: ignore[union-attr]
    assert [m["clase"] for m in sitio.correos()] == ["aspirante_registrado", "aspirante_baja", "aspirante_registrado"]
    assert "causa" not in "".join(row["datos"] for row in sitio.read("SELECT datos FROM bitacora"))


async def test_baja_of_one_that_was_never_confirmed_mails_nobody(sitio: Sitio, opl: Persona, periodo: int) -> None:
    folio = await new_aspirante(opl, aspirante(ciudadano(), periodo))
    assert "No se le avisa por correo" in (await opl.get(f"/opl/aspirantes/{folio}/baja")).page().text
    assert (await opl.post(f"/opl/aspirantes/{folio}/baja", {"causa": "Error de captura"})).status == 303
    assert sitio.correos() == []
    assert (await opl.post(f"/opl/aspirantes/{folio}/reactivar", {"causa": "Era correcto"})).status == 303
    assert sitio.correos() == []


async def test_the_list_filters_and_turns(sitio: Sitio, opl: Persona, periodo: int) -> None:
    def many(tx: object) -> None:
        for n in range(120):
            tx.conn.execute(  # type: ignore[attr-defined]
                "INSERT INTO aspirantes (periodo_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
                "estatus, creado_ms, confirmado_ms) VALUES (?, ?, 'Núñez', 'Ávila', 'a@ejemplo.mx', 'x', ?, 0, ?)",
                (periodo, f"Ana {n}", "inactivo" if n == 7 else "activo", 1 if n % 2 else None),
            )

    await sitio.write(many)
    names: list[str] = []
    path = f"/opl/aspirantes?periodo={periodo}&texto=nunez+ana"
    while path:
        page = (await opl.get(path)).page()
        names += [link for link in page.links if link.removeprefix("/opl/aspirantes/").isdigit()]
        path = next((link for link in page.links if "antes=" in link), "")
    assert len(names) == len(set(names)) == 120
    first, last = names[0].rpartition("/")[2], names[-1].rpartition("/")[2]
    back = (await opl.get(f"/opl/aspirantes?despues={last}&estado=confirmado")).page()
    assert any("despues=" in link and "estado=confirmado" in link for link in back.links)
    assert (await opl.get("/opl/aspirantes?texto=avila+zzz")).page().text.count("No hay aspirantes así") == 1
    assert "1 aspirante " in (await opl.get(f"/opl/aspirantes?texto={first}")).page().text
    assert "1 aspirante " in (await opl.get("/opl/aspirantes?estado=inactivo")).page().text
    assert "60 aspirantes" in (await opl.get(f"/opl/aspirantes?estado=sin_confirmar&periodo={periodo}")).page().text
    with sitio.consultas() as fifty:
        await opl.get("/opl/aspirantes")
    with sitio.consultas() as one:
        await opl.get("/opl/aspirantes?texto=alma")
    assert len(fifty) == len(one) < 12
    for nonsense in ("periodo=x", "estado=<script>", "texto=" + "%00%27" * 50, "antes=-1"):
        assert (await opl.get(f"/opl/aspirantes?{nonsense}")).status == 200


async def test_who_may(sitio: Sitio, opl: Persona, periodo: int) -> None:
    folio = await new_aspirante(opl, aspirante(ciudadano(), periodo))
    ayuda = await sitio.entrar(Rol.AYUDA)
    assert (await ayuda.get(f"/opl/aspirantes/{folio}")).status == 200
    assert not any("editar" in link for link in (await ayuda.get(f"/opl/aspirantes/{folio}")).page().links)
    assert (await ayuda.get(f"/opl/aspirantes/{folio}/editar")).status == 403
    for path in ("", "/confirmar", "/correo", "/reenviar", "/baja", "/reactivar"):
        assert (await ayuda.post(f"/opl/aspirantes/{folio}{path}", {"causa": "x", "firmada": "si"})).status == 403
    half = await sitio.entrar(Rol.ADMINISTRACION, segundo_factor=False)
    assert (await half.get(f"/opl/aspirantes/{folio}")).location.startswith("/entrar/segundo-factor")
    inside = await sitio.entrar(Rol.ASPIRANTE)
    assert (await inside.get("/opl/aspirantes/1")).status == 403
    for path in ("", "/editar", "/confirmar", "/correo", "/baja", "/reactivar", "/emblema.png", "/cedula.pdf"):
        assert (await opl.get(f"/opl/aspirantes/999{path}")).status == 404
    for path in ("", "/confirmar", "/correo", "/reenviar", "/baja", "/reactivar"):
        sent = {"causa": "x", "firmada": "si", "correo": "a@ejemplo.mx", "tipo_cuenta": "x"}
        assert (await opl.post(f"/opl/aspirantes/999{path}", sent)).status == 404


async def test_of_age_on_the_day_of_hora_del_centro(sitio: Sitio, opl: Persona, periodo: int) -> None:
    assert sitio.clock.now == 1_790_000_000_000  # 2026-09-21, morning
    data = aspirante(ciudadano(), periodo, revise="si", revisadas="clave_nacimiento,curp_nacimiento")
    assert (
        "menor_de_edad" in (await opl.post("/opl/aspirantes", {**data, "fecha_nacimiento": "2008-09-22"})).page().codes
    )
    assert await new_aspirante(opl, {**data, "fecha_nacimiento": date(2008, 9, 21).isoformat()})
