"""Captura manual through its pages (row B5): granting, packages, typing by form, second typing, settling, closing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from server.clock import CENTRO
from server.domain.apoyo import Situacion
from server.domain.roles import Rol
from server.expedientes.abrir import Abridor
from server.padron.proveedor import Pregunta, Respuesta
from server.replica.revision import indice
from server.replica.revision.hallazgos import Hallazgos
from server.store import cedulas_papel
from server.store.writer import Tx
from tests.factories import DAY, NOW
from tests.server.mesa_control.papel import persona
from tests.server.portals.portal import Persona, Sitio, abierto

pytestmark = pytest.mark.anyio

BASE = "/opl/captura/paquetes"


def local(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, CENTRO).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        await share(made, 0)
        yield made


@dataclass
class Gente:
    jefa: Persona
    ana: Persona
    beto: Persona


@pytest.fixture
async def gente(sitio: Sitio) -> Gente:
    return Gente(
        await sitio.entrar(Rol.ADMINISTRACION, nombre="Jefa"),
        await sitio.entrar(Rol.OPERACION, nombre="Ana Capturista"),
        await sitio.entrar(Rol.OPERACION, nombre="Beto Capturista"),
    )


async def share(sitio: Sitio, percent: int) -> None:
    await sitio.write(
        lambda tx: (
            tx.conn.execute(
                "INSERT INTO ajustes (clave, valor, cambiado_ms) VALUES ('regla_papel_doble_pct', ?, 1) "
                "ON CONFLICT DO UPDATE SET valor = excluded.valor",
                (str(percent),),
            )
            and None
        )
    )


GRANT = {"aspirante": "1", "alcance": "todo", "municipios": "", "oficio": "OPL/CG/031/2026", "fecha": "2026-09-15"}
PACKAGE = {"aspirante": "1", "folio": "P-001", "cedulas": "3", "recibido": local(NOW - DAY), "observaciones": "Mojado"}


async def package(jefa: Persona, **changes: str) -> int:
    await jefa.post("/opl/captura/excepciones", GRANT)
    answer = await jefa.post(BASE, {**PACKAGE, **changes})
    return int(re.findall(r"paquetes/(\d+)", answer.location)[0])


def typed(n: int, numero: int, criterio: str = "", comentario: str = "", **changes: str) -> dict[str, str]:
    return {
        **asdict(persona(n)), "numero": str(numero), "criterio": criterio, "comentario": comentario, "avisos": "",
        **changes,
    }  # fmt: skip


async def test_the_regimen_is_granted_and_revoked(sitio: Sitio, gente: Gente) -> None:
    page = (await gente.jefa.get("/opl/captura/excepciones")).page()
    assert "A nadie se le ha otorgado" in page.text
    said = {**GRANT, "alcance": "municipios", "municipios": "Jerez\n\n jerez \n007\n"}
    assert (await gente.jefa.post("/opl/captura/excepciones", said)).location.endswith("hecho=excepcion_otorgada")
    assert (await gente.jefa.post("/opl/captura/excepciones", said)).location.endswith("hecho=sin_cambios")
    assert [row[0] for row in sitio.read("SELECT municipio FROM excepciones ORDER BY id")] == ["Jerez", "007"]
    [first, _] = sitio.eventos("excepcion_otorgada")
    assert (first["actor"], first["objeto"]) == (f"cuenta:{gente.jefa.cuenta}", "aspirante:1")
    assert "Jerez" not in first["datos"]
    early = await gente.jefa.post("/opl/captura/excepciones/1/revocar", {"fecha": "2026-09-14"})
    assert early.page().codes == ["revocada_antes"]
    done = await gente.jefa.post("/opl/captura/excepciones/1/revocar", {"fecha": "2026-09-20"})
    assert done.location.endswith("hecho=excepcion_revocada")
    text = (await gente.jefa.get("/opl/captura/excepciones")).page().text
    assert "Revocado desde el 20/09/2026" in text
    assert "Vigente" in text


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"aspirante": "99"}, ["opcion_ajena"]),
        ({"alcance": "municipios"}, ["falta_dato"]),
        ({"municipios": "Jerez"}, ["municipios_de_mas"]),
        ({"oficio": ""}, ["falta_dato"]),
        ({"fecha": "2026-09-30"}, ["fecha_futura"]),
    ],
)
async def test_a_grant_that_comes_back(gente: Gente, changes: dict[str, str], codes: list[str]) -> None:
    answer = await gente.jefa.post("/opl/captura/excepciones", {**GRANT, **changes})
    assert (answer.status, answer.page().codes) == (422, codes)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"cedulas": "0"}, ["entero_forma"]),
        ({"folio": ""}, ["falta_dato"]),
        ({"recibido": local(NOW + DAY)}, ["recibido_futuro"]),
        ({"recibido": local(NOW - 40 * DAY)}, ["recibido_fuera_de_periodo"]),
        ({"aspirante": "7"}, ["opcion_ajena"]),
    ],
)
async def test_a_package_that_comes_back(gente: Gente, changes: dict[str, str], codes: list[str]) -> None:
    await gente.jefa.post("/opl/captura/excepciones", GRANT)
    sent = {**PACKAGE, **changes}
    answer = await gente.jefa.post(BASE, sent)
    assert (answer.status, answer.page().codes) == (422, codes)
    assert {name: answer.page().fields.get(name, "").strip() for name in ("folio", "cedulas", "observaciones")} == {
        name: sent[name] for name in ("folio", "cedulas", "observaciones")
    }


async def test_without_a_grant_there_is_nobody_to_choose(gente: Gente) -> None:
    assert "Ningún aspirante tiene" in (await gente.jefa.get(f"{BASE}/nuevo")).page().text
    assert (await gente.jefa.post(BASE, PACKAGE)).status == 422
    await gente.jefa.post("/opl/captura/excepciones", GRANT)
    await gente.jefa.post("/opl/captura/excepciones/1/revocar", {"fecha": "2026-09-18"})
    assert (await gente.jefa.post(BASE, PACKAGE)).page().codes == ["sin_regimen"]


async def test_one_after_another(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    page = await gente.ana.get(f"{BASE}/{id_}/capturar")
    assert page.page().fields["numero"] == "1"
    assert re.search(r'id="c-clave_elector"[^>]* autofocus', page.text)
    answer = await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1, "sin_leyenda", "Sin leyenda abajo."))
    assert answer.location == f"{BASE}/{id_}/capturar?numero=2&guardada=1&hecho=cedula_guardada"
    page = await gente.ana.get(answer.location)
    assert page.page().fields["numero"] == "2"
    assert persona(1).clave_elector not in page.text
    # The same once more, as a double click sends it; then out of order, to the last.
    assert (
        await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1, "sin_leyenda", "Sin leyenda abajo."))
    ).status == 303
    answer = await gente.ana.post(f"{BASE}/{id_}/capturar", typed(3, 3))
    page = await gente.ana.get(answer.location)
    assert page.page().fields["numero"] == "2"
    answer = await gente.ana.post(
        f"{BASE}/{id_}/capturar", {"numero": "2", "accion": "falta", "comentario": "En blanco", "curp": "a medias"}
    )
    assert (await gente.ana.get(answer.location)).location.endswith("hecho=paquete_capturado")
    ids = [row[0] for row in sitio.read("SELECT id FROM apoyos WHERE via = 'papel' ORDER BY id")]
    assert ids == [cedulas_papel.apoyo_de(id_, 1), cedulas_papel.apoyo_de(id_, 3)]
    opened = Abridor(Path("/nowhere"), sitio.caja.keys).abrir(sitio.caja.reader, ids[0])
    assert opened.datos == persona(1)
    text = (await gente.ana.get(f"{BASE}/{id_}")).page().text
    for said in ("Sin leyenda", "En blanco", "Ana Capturista"):
        assert said in text
    assert persona(1).nombre not in text


async def test_whatever_was_typed_comes_back(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    for changes, codes in (
        ({"numero": "9"}, ["numero_ajeno"]),
        ({"numero": "x"}, ["entero_forma"]),
        ({"criterio": "otra"}, ["falta_comentario"]),
        ({"clave_elector": "", "cic": "", "ocr": ""}, ["falta_identificador"]),
        ({"nombre": "", "apellido_paterno": "", "apellido_materno": ""}, ["falta_nombre"]),
        ({"nombre": "A" * 81}, ["texto_largo"]),
        ({"criterio": "ninguno"}, ["opcion_ajena"]),
    ):
        sent = {**typed(1, 1), **changes}
        answer = await gente.ana.post(f"{BASE}/{id_}/capturar", sent)
        page = answer.page()
        if page.codes == []:  # hints first: Enter again
            answer = await gente.ana.post(f"{BASE}/{id_}/capturar", {**sent, "avisos": page.fields["avisos"]})
            page = answer.page()
        assert (answer.status, page.codes) == (422, codes), changes
        for name in ("numero", "clave_elector", "curp", "cic", "ocr", "nombre", "comentario"):
            assert page.fields[name] == sent[name], (changes, name)
    # A package that was closed meanwhile.
    await sitio.write(lambda tx: tx.conn.execute("UPDATE paquetes SET estado = 'cerrado', cerrado_ms = 1") and None)
    answer = await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1))
    assert answer.status == 422
    assert "El paquete está cerrado" in answer.page().text
    assert answer.page().fields["cic"] == persona(1).cic
    assert sitio.read("SELECT count(*) FROM apoyos")[0][0] == 0


async def test_hints_are_shown_once_and_enter_saves(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    odd = typed(1, 1, curp=persona(1).curp[:-1] + str((int(persona(1).curp[-1]) + 1) % 10), cic="12")
    answer = await gente.ana.post(f"{BASE}/{id_}/capturar", odd)
    assert answer.status == 422
    assert re.findall(r'data-aviso="(\w+)"', answer.text) == ["curp_digito", "cic_longitud"]
    shown = answer.page().fields["avisos"]
    # Another wrong value is looked at anew; the same one is saved as it stands.
    other = await gente.ana.post(f"{BASE}/{id_}/capturar", {**odd, "cic": "13", "avisos": shown})
    assert other.status == 422
    assert (await gente.ana.post(f"{BASE}/{id_}/capturar", {**odd, "avisos": shown})).status == 303
    twice = await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 2))
    assert re.findall(r'data-aviso="(\w+)"', twice.text) == ["repetida"]
    assert "cédula 1" in twice.page().text
    assert sitio.read("SELECT count(*) FROM apoyos")[0][0] == 1


async def test_hints_by_htmx(gente: Gente) -> None:
    id_ = await package(gente.jefa)
    part = {"hx-request": "true", "hx-request-type": "partial"}
    answer = await gente.ana.post(f"{BASE}/{id_}/comprobar", typed(1, 1, nombre="PEDRO"), **part)
    assert answer.status == 200
    assert "<html" not in answer.text
    assert re.findall(r'data-aviso="(\w+)"', answer.text) == ["clave_nombre"]
    # What the part says was shown lets Enter save.
    shown = answer.page().fields["avisos"]
    saved = await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1, nombre="PEDRO", avisos=shown))
    assert saved.status == 303
    empty = await gente.ana.post(f"{BASE}/{id_}/comprobar", {"numero": "x"}, **part)
    assert (empty.status, "data-aviso" in empty.text) == (200, False)


class Padron:
    """Says of each what the test wants."""

    def __init__(self, said: Respuesta) -> None:
        self.said, self.asked = said, 0

    async def preguntar(self, personas: Sequence[Pregunta]) -> list[Respuesta]:
        self.asked += len(personas)
        return [self.said for _ in personas]


async def test_the_padron_as_a_hint(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    part = {"hx-request": "true", "hx-request-type": "partial"}
    assert "/padron" not in (await gente.ana.get(f"{BASE}/{id_}/capturar")).text
    there = Respuesta(Situacion.LISTA_NOMINAL, municipio="FRESNILLO", nombre="SECRETA")
    padron = sitio.harness.app.state.portal.parts["padron"] = Padron(there)
    assert "/padron" in (await gente.ana.get(f"{BASE}/{id_}/capturar")).text
    answer = await gente.ana.post(f"{BASE}/{id_}/padron", typed(1, 1), **part)
    assert "En Lista Nominal." in answer.text
    assert "SECRETA" not in answer.text
    [seen] = sitio.eventos("datos_consultados")
    assert (seen["actor"], seen["objeto"]) == (f"cuenta:{gente.ana.cuenta}", f"paquete:{id_}")
    await gente.ana.post(f"{BASE}/{id_}/padron", typed(1, 1, clave_elector="corta"), **part)
    assert padron.asked == 1, "what cannot be a clave is not asked"
    padron.said = replace(there, situacion=Situacion.NO_ENCONTRADO)
    assert "Datos no encontrados" in (await gente.ana.post(f"{BASE}/{id_}/padron", typed(1, 1), **part)).text
    await sitio.write(lambda tx: tx.conn.execute("UPDATE excepciones SET municipio = 'Jerez'") and None)
    padron.said = there
    assert "fuera de los municipios" in (await gente.ana.post(f"{BASE}/{id_}/padron", typed(1, 1), **part)).text


async def test_the_second_typing_is_blind(sitio: Sitio, gente: Gente) -> None:
    await share(sitio, 100)
    id_ = await package(gente.jefa)
    first = typed(1, 1, "otra", "Una nota de Ana")
    await gente.ana.post(f"{BASE}/{id_}/capturar", first)
    marks = [persona(1).clave_elector, persona(1).cic, persona(1).ocr, "Una nota de Ana", "ROSA"]
    assert (await gente.ana.get(f"{BASE}/{id_}/repetir")).location.endswith("hecho=nada_por_repetir")
    for path in ("", "/repetir", "/capturar", "/repetir?numero=1"):
        page = await gente.beto.get(f"{BASE}/{id_}{path}")
        assert page.status == 200
        assert [mark for mark in marks if mark in page.text] == [], path
    for who in (gente.beto, gente.jefa):
        for answer in (
            await who.get(f"{BASE}/{id_}/cedulas/1"),
            await who.post(f"{BASE}/{id_}/cedulas/1", typed(2, 1)),
        ):
            assert answer.status == 403
            assert [mark for mark in marks if mark in answer.text] == []
    # Hints say nothing of the cédula itself.
    part = {"hx-request": "true", "hx-request-type": "partial"}
    hints = await gente.beto.post(f"{BASE}/{id_}/comprobar", typed(1, 1), **part)
    assert "data-aviso" not in hints.text
    # Whoever typed it sees it, and that is on the record; a second typing by them is refused.
    own = await gente.ana.get(f"{BASE}/{id_}/cedulas/1")
    assert own.page().fields["clave_elector"] == persona(1).clave_elector
    assert len(sitio.eventos("datos_consultados")) == 1
    refused = await gente.ana.post(f"{BASE}/{id_}/repetir", first)
    assert (refused.status, refused.page().codes) == (422, ["cedula_propia"])
    corrected = await gente.ana.post(f"{BASE}/{id_}/cedulas/1", {**first, "criterio": "copia", "comentario": ""})
    assert corrected.location.endswith("hecho=cedula_corregida")
    done = await gente.beto.post(f"{BASE}/{id_}/repetir", typed(1, 1, "copia"))
    assert done.location.endswith("hecho=cedula_repetida")
    assert sitio.read("SELECT codigo || ':' || dato FROM banderas")[0][0] == "papel:copia"
    assert (await gente.ana.get(f"{BASE}/{id_}/cedulas/1")).status == 409


async def test_a_difference_is_settled_campo_by_campo(sitio: Sitio, gente: Gente) -> None:
    await share(sitio, 100)
    id_ = await package(gente.jefa)
    await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1, nombre="ROZA", cic="100000009"))
    await gente.beto.post(f"{BASE}/{id_}/repetir", typed(1, 1, "copia", "Parece copia.", ocr=""))
    front = (await gente.jefa.get("/opl/captura")).page().text
    assert "1 cédula por conciliar" in front
    assert (await gente.beto.get("/opl/captura/conciliar")).status == 403
    [url] = [one for one in (await gente.jefa.get("/opl/captura/conciliar")).page().links if "conciliar/" in one]
    page = await gente.jefa.get(url)
    for said in ("ROZA", "ROSA", "100000009", persona(1).cic, "Ana Capturista", "Beto Capturista", "Cédula en copia"):
        assert said in page.page().text, said
    assert len(sitio.eventos("datos_consultados")) == 1
    empty = await gente.jefa.post(url, dict(page.page().fields))
    assert (empty.status, empty.page().codes) == (422, ["falta_dato"] * 4)
    settled = {
        **page.page().fields, "elige_nombre": "segunda", "elige_cic": "otro", "cic": "100000077",
        "elige_ocr": "primera", "elige_criterio": "segunda", "criterio": "", "comentario": "Es copia.",
    }  # fmt: skip
    assert (await gente.jefa.post(url, settled)).location.endswith("hecho=cedula_conciliada")
    [apoyo] = sitio.read("SELECT id FROM apoyos")
    opened = Abridor(Path("/nowhere"), sitio.caja.keys).abrir(sitio.caja.reader, apoyo[0])
    assert opened.datos == persona(1, cic="100000077")
    assert tuple(sitio.read("SELECT criterio, comentario, errores, errores_segunda FROM cedulas_papel")[0]) == (
        "copia", "Es copia.", 3, 2,
    )  # fmt: skip
    assert (await gente.jefa.get(url)).status == 409
    text = (await gente.jefa.get("/opl/captura")).page().text
    assert "Ana Capturista 1 0 1 1 (100.0 %) 3" in text
    own = (await gente.ana.get("/opl/captura")).page().text
    assert "Beto Capturista" not in own
    assert "Con error" not in own


async def test_closing_says_what_is_missing(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 2))
    page = await gente.jefa.get(f"{BASE}/{id_}/cerrar")
    assert "Faltan 2 cédulas: 1, 3." in page.page().text
    vistas = page.page().fields["vistas"]
    assert (await gente.jefa.post(f"{BASE}/{id_}/cerrar", {"vistas": vistas})).page().codes == ["falta_motivo"]
    stale = await gente.jefa.post(f"{BASE}/{id_}/cerrar", {"vistas": "1", "motivo": "No venían"})
    assert stale.page().codes == ["faltantes_otras"]
    done = await gente.jefa.post(f"{BASE}/{id_}/cerrar", {"vistas": vistas, "motivo": "No venían"})
    assert done.location.endswith("hecho=paquete_cerrado")
    text = (await gente.jefa.get(f"{BASE}/{id_}")).page().text
    assert "No venían" in text
    assert "Cerrado" in text
    assert (await gente.ana.get(f"{BASE}/{id_}/capturar")).status == 303
    assert (await gente.ana.post(f"{BASE}/{id_}/reabrir")).status == 403
    assert (await gente.jefa.post(f"{BASE}/{id_}/reabrir")).location.endswith("hecho=paquete_reabierto")
    assert (await gente.ana.post(f"{BASE}/{id_}/capturar", typed(3, 3))).status == 303


async def test_a_package_with_work_left_does_not_close(sitio: Sitio, gente: Gente) -> None:
    await share(sitio, 100)
    id_ = await package(gente.jefa, cedulas="1")
    await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1))
    assert "Todavía no se puede cerrar" in (await gente.jefa.get(f"{BASE}/{id_}/cerrar")).page().text
    assert (await gente.jefa.post(f"{BASE}/{id_}/cerrar", {"vistas": ""})).status == 409


async def test_who_the_package_is_for_is_hidden_as_the_setting_says(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    for path in ("/opl/captura", f"{BASE}/{id_}"):
        assert "Alma Prueba" not in (await gente.ana.get(path)).text
        assert "Alma Prueba" in (await gente.jefa.get(path)).text
    await sitio.write(
        lambda tx: (
            tx.conn.execute(
                "INSERT INTO ajustes (clave, valor, cambiado_ms) VALUES ('regla_ocultar_aspirante', 'no', 1)"
            )
            and None
        )
    )
    assert "Alma Prueba" in (await gente.ana.get("/opl/captura")).text


async def test_what_is_not_there_is_not_found(gente: Gente) -> None:
    for path in ("", "/capturar", "/cedulas/1", "/cerrar"):
        assert (await gente.jefa.get(f"{BASE}/999{path}")).status == 404, path
    for path in ("/capturar", "/comprobar", "/cerrar", "/reabrir"):
        assert (await gente.jefa.post(f"{BASE}/999{path}", typed(1, 1))).status == 404, path
    assert (await gente.jefa.get("/opl/captura/conciliar/999")).status == 404
    assert (await gente.jefa.get("/opl/captura/excepciones/999/revocar")).status == 404


async def test_pages_cost_the_same_with_more_rows(sitio: Sitio, gente: Gente) -> None:
    counts = []
    for size in (1, 9):
        for n in range(size):
            await package(gente.jefa, folio=f"Q-{size}-{n}")
        with sitio.consultas() as made:
            await gente.jefa.get("/opl/captura")
        counts.append(len(made))
    assert counts[1] <= counts[0]


# -- paper everywhere else --------------------------------------------------------------------------------------------


async def test_paper_in_the_consulta_its_ficha_and_exports(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1, "otra", "La fecha está tachada."))
    folio = sitio.read("SELECT folio FROM apoyos")[0][0]
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    for who, base in ((gente.jefa, "/opl/registros"), (aspirante, "/aspirante/estadisticas/registros")):
        for query in ("", f"?folio={folio}", f"?folio={folio.replace('-', '')}", "?folio=000001-000000-0000000",
                      "?nombre=rosa&paterno=luna", "?desde=2026-09-01"):  # fmt: skip
            page = await who.get(base + query)
            assert page.status == 200, query
            assert f"{base}/{folio}" in page.page().links, query
            assert "Captura manual" in page.page().text
        assert f"{base}/{folio}" not in (await who.get(f"{base}?dispositivo=1")).page().links
        ficha = await who.get(f"{base}/{folio}")
        for said in ("Otra", "La fecha está tachada.", "P-001", "ROSA LUNA MORA"):
            assert said in ficha.page().text, said
        assert (await who.get(f"{base}/{folio}/acuse")).status == 404
        assert (await who.get(f"{base}/{folio[:-1]}{'0' if folio[-1] != '0' else '1'}")).status == 404
        csv = (await who.get(f"{base}.csv")).text
        assert f"{folio},1,,," in csv
        assert "Captura manual, en papel" in csv
    seen = [row["objeto"] for row in sitio.eventos("datos_consultados")]
    assert seen.count(f"registro:{folio}") == 2


async def test_paper_of_another_aspirante_is_not_there(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    await gente.ana.post(f"{BASE}/{id_}/capturar", typed(1, 1))
    folio = sitio.read("SELECT folio FROM apoyos")[0][0]

    def another(tx: Tx) -> int:
        cursor = tx.conn.execute(
            "INSERT INTO aspirantes (periodo_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
            "estatus, creado_ms) SELECT periodo_id, 'Otra', '', '', 'otra@ejemplo.mx', 'google', 'activo', 1 "
            "FROM aspirantes LIMIT 1"
        )
        return int(cursor.lastrowid or 0)

    other = await sitio.entrar(Rol.ASPIRANTE, solicitud=await sitio.write(another))
    base = "/aspirante/estadisticas/registros"
    assert (await other.get(f"{base}/{folio}")).status == 404
    page = (await other.get(f"{base}?folio={folio}")).page()
    assert "0 registros" in page.text
    assert f"{base}/{folio}" not in page.links


async def test_reports_and_verify_bear_paper(sitio: Sitio, gente: Gente) -> None:
    id_ = await package(gente.jefa)
    for n in (1, 2):
        await gente.ana.post(f"{BASE}/{id_}/capturar", typed(n, n))
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    detail = (await aspirante.get("/aspirante/estadisticas/detallado")).page().text
    assert "— Captura manual 2" in detail
    assert "Por restaurar" not in detail
    csv = (await aspirante.get("/aspirante/estadisticas/detallado/auxiliares.csv")).text
    assert "0,Captura manual,activo,2" in csv.replace('"', "")
    for path in ("/aspirante/estadisticas/avance", "/aspirante", "/aspirante/estadisticas/inconsistencias"):
        assert (await aspirante.get(path)).status == 200, path
    for path in ("/opl/avance", "/opl/avance/1", "/opl/avance/1/detallado", "/opl/auxiliares"):
        assert (await gente.jefa.get(path)).status == 200, path
    found = Hallazgos()
    for _, step in indice.PASOS:
        step(found, sitio.caja.reader, 0)
    assert found.worst() is None, found.kept
    await sitio.write(lambda tx: tx.conn.execute("UPDATE apoyos SET recibido_ms = recibido_ms + 1") and None)
    found = Hallazgos()
    indice.reportes(found, sitio.caja.reader, 0)
    assert "apoyo_descuadrado" in found.counts
