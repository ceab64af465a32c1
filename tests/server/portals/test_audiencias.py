"""Hearings through their pages (B8, C7): contesting, scheduling, the room, the acta; whose is whose."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pypdf
import pytest

from server.clock import CENTRO
from server.domain.garantia_audiencia import MINUTO
from server.domain.roles import Rol
from tests.factories import NOW
from tests.server.mesa_control.audiencias_de_prueba import cuenta, inconsistentes
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio
NUEVA = "/aspirante/audiencias/nueva"


class Caso:
    """People who are in, and five registros found inconsistent by somebody of the mesa."""

    sitio: Sitio
    aspirante: Persona
    admin: Persona
    revisor: Persona
    apoyos: list[int]
    operador: int


@pytest.fixture
async def caso(tmp_path: Path) -> AsyncIterator[Caso]:
    async with abierto(tmp_path) as sitio:
        made = Caso()
        made.sitio = sitio
        made.operador = await sitio.write(lambda tx: cuenta(tx, "administracion", nombre="Quien Dictaminó"))
        made.apoyos = await sitio.write(lambda tx: inconsistentes(tx, 5, made.operador, incisos="eg"))
        made.aspirante = await sitio.entrar(Rol.ASPIRANTE)
        made.admin = await sitio.entrar(Rol.ADMINISTRACION, nombre="Ada Administra")
        made.revisor = await sitio.entrar(Rol.AUDIENCIA, nombre="Rita Revisa")
        yield made


def local(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, CENTRO).strftime("%Y-%m-%dT%H:%M")


def forma(caso: Caso, en_ms: int = NOW + 20 * MINUTO, **changes: object) -> dict[str, object]:
    """A form that schedules."""
    return {
        "inicia": local(en_ms), "minutos": "60", "lugar": "Sala de sesiones", "oficialia": "Lic. Oralia Campos",
        "revisor": [str(caso.revisor.cuenta)], **changes,
    }  # fmt: skip


async def pedir(caso: Caso, **data: object) -> str:
    """The aspirante contests everything; where the hearing is."""
    page = await caso.aspirante.get(NUEVA)
    corte = page.page().fields["corte"]
    answer = await caso.aspirante.post(NUEVA, {"cuales": "todos", "corte": corte, **data})
    return answer.location.partition("?")[0].replace("/aspirante", "")


async def en_curso(caso: Caso) -> str:
    """One that is being held; its address, without the portal."""
    url = await pedir(caso)
    assert (await caso.admin.post(f"/opl{url}/programar", forma(caso))).location.startswith(f"/opl{url}")
    assert (await caso.revisor.post(f"/opl{url}/iniciar", {"asistentes": "Aspirante\nRepresentante"})).status == 303
    return url


async def decide(caso: Caso, url: str, decision: str, **data: str) -> Respuesta:
    """The reviewer decides what is before the room."""
    page = await caso.revisor.get(f"/opl{url}/sala")
    [action] = [one for one in page.page().actions if "/sala/" in one]
    return await caso.revisor.post(action, {"decision": decision, "sello": page.page().fields["sello"], **data})


async def test_contesting_those_that_were_ticked_and_all_that_a_filter_leaves(caso: Caso) -> None:
    page = await caso.aspirante.get("/aspirante/estadisticas/inconsistencias")
    assert NUEVA in page.page().links
    chosen = await caso.aspirante.get("/aspirante/estadisticas/inconsistencias?inciso=g")
    assert f"{NUEVA}?inciso=g" in chosen.page().links
    page = await caso.aspirante.get(NUEVA)
    assert "5 registros" in page.page().text
    assert "Fotocopia" in page.page().text
    empty = await caso.aspirante.post(NUEVA, {"cuales": "marcados", "argumento": "Es original."})
    assert empty.status == 422
    assert empty.page().fields["argumento"] == "Es original.", "nothing typed is lost"
    done = await caso.aspirante.post(
        NUEVA, {"cuales": "marcados", "apoyo": caso.apoyos[0], "argumento": "Es original."}
    )
    assert done.location == "/aspirante/audiencias/1?hecho=audiencia_pedida"
    again = await caso.aspirante.post(NUEVA, {"cuales": "marcados", "apoyo": caso.apoyos[0]})
    assert again.location == "/aspirante/audiencias/1?hecho=sin_cambios"
    few = await caso.aspirante.get(f"{NUEVA}?inciso=e")
    assert "2 registros de los 4" in few.page().text
    by_filter = await caso.aspirante.post(f"{NUEVA}?inciso=e", {"cuales": "todos", "corte": few.page().fields["corte"]})
    assert by_filter.location.startswith("/aspirante/audiencias/1?")
    page = await caso.aspirante.get("/aspirante/audiencias/1")
    assert "Es original." in page.page().text
    assert len(caso.sitio.read("SELECT 1 FROM audiencia_registros")) == 3
    assert (await caso.aspirante.get(f"{NUEVA}?desde=2026-13-01")).status == 422
    assert (await caso.aspirante.get(f"{NUEVA}?auxiliar=99")).status == 200


async def test_a_registro_leads_to_its_hearing_and_back(caso: Caso) -> None:
    folio = caso.sitio.read("SELECT folio FROM apoyos WHERE id = ?", caso.apoyos[0])[0][0]
    page = await caso.aspirante.get(f"/aspirante/estadisticas/registros/{folio}")
    assert f"{NUEVA}?folio={folio}" in page.page().links
    assert "1 registro" in (await caso.aspirante.get(f"{NUEVA}?folio={folio}")).page().text
    url = await pedir(caso)
    page = await caso.aspirante.get(f"/aspirante/estadisticas/registros/{folio}")
    assert f"/aspirante{url}" in page.page().links
    assert f"/aspirante/estadisticas/registros/{folio}" in (await caso.aspirante.get(f"/aspirante{url}")).page().links
    assert f"/opl{url}" in (await caso.admin.get(f"/opl/registros/{folio}")).page().links


async def test_arguments_withdrawing_and_desisting(caso: Caso) -> None:
    url = "/aspirante" + await pedir(caso)
    one = f"{url}/registros/{caso.apoyos[1]}"
    assert (await caso.aspirante.get(one)).status == 200
    assert (await caso.aspirante.post(one, {"argumento": "Firma así desde 2010."})).status == 303
    assert (await caso.aspirante.post(f"{url}/argumento", {"argumento": "Todos son originales."})).status == 303
    assert (await caso.aspirante.post(f"{url}/argumento", {"argumento": "x" * 2001})).page().codes == ["texto_largo"]
    gone = await caso.aspirante.post(f"{url}/retirar", {"apoyo": [caso.apoyos[0]]})
    assert gone.location.endswith("audiencia_retirados")
    page = (await caso.aspirante.get(url)).page()
    for said in ("Firma así desde 2010.", "Todos son originales.", "4 en total"):
        assert said in page.text, said
    refused = await caso.aspirante.post(f"{url}/retirar", {"apoyo": caso.apoyos[1:]})
    assert refused.status == 422
    assert "desista" in refused.page().text
    assert "siguen con su inconsistencia" in (await caso.aspirante.get(f"{url}/desistir")).page().text
    assert (await caso.aspirante.post(f"{url}/desistir")).status == 303
    assert (await caso.aspirante.post(f"{url}/desistir")).status == 303
    assert "Desistida" in (await caso.aspirante.get(url)).page().text


async def test_scheduling_shows_conflicts_and_offers_nobody_who_decided(caso: Caso) -> None:
    first = await caso.aspirante.post(NUEVA, {"cuales": "marcados", "apoyo": caso.apoyos[:2]})
    url = first.location.partition("?")[0].replace("/aspirante", "/opl")
    page = await caso.admin.get(f"{url}/programar")
    assert "Rita Revisa" in page.page().text
    assert "Quien Dictaminó" not in page.page().text
    assert "1 cuenta que ya opinó" in page.page().text
    wrong = await caso.admin.post(f"{url}/programar", forma(caso, revisor=[str(caso.operador)]))
    assert (wrong.status, wrong.page().codes) == (422, ["revisor_impedido"])
    assert wrong.page().fields["lugar"] == "Sala de sesiones"
    for changes, code in (
        ({"inicia": ""}, "falta_dato"), ({"inicia": local(NOW - MINUTO)}, "audiencia_pasada"),
        ({"minutos": "0"}, "entero_forma"), ({"lugar": ""}, "falta_dato"), ({"oficialia": ""}, "falta_dato"),
        ({"revisor": []}, "audiencia_sin_revisores"),
    ):  # fmt: skip
        answer = await caso.admin.post(f"{url}/programar", forma(caso, **changes))
        assert (answer.status, answer.page().codes) == (422, [code]), changes
    done = await caso.admin.post(f"{url}/programar", forma(caso))
    assert done.location == f"{url}?hecho=audiencia_programada"
    assert (await caso.admin.post(f"{url}/programar", forma(caso))).location == f"{url}?hecho=sin_cambios"
    other = "/opl" + await pedir(caso)
    near = forma(caso, NOW + 110 * MINUTO)
    asked = await caso.admin.post(f"{other}/programar", near)
    assert asked.page().codes == ["falta_aceptar"]
    assert "queda a 30 minutos" in asked.page().text
    assert "Comparten a alguien" in asked.page().text
    assert caso.sitio.read("SELECT estado FROM audiencias WHERE id = 2")[0][0] == "solicitada"
    accepted = await caso.admin.post(
        f"{other}/programar", {**near, "acepto": "si", "avisos": asked.page().fields["avisos"]}
    )
    assert accepted.location == f"{other}?hecho=audiencia_programada"
    agenda = (await caso.revisor.get(f"/opl/audiencias?dia={local(NOW)[:10]}")).page().text
    assert agenda.index("Audiencia 1") < agenda.index("Audiencia 2")
    assert {row["cuenta_id"] for row in caso.sitio.correos("audiencia_programada")} == {
        caso.aspirante.cuenta, caso.revisor.cuenta,
    }  # fmt: skip


async def test_the_room_the_screen_beside_it_and_the_acta(caso: Caso) -> None:
    url = await en_curso(caso)
    sala = await caso.revisor.get(f"/opl{url}/sala")
    text = sala.page().text
    for said in ("0 de 5", "Suyos: 1 de 5", "Inconsistente, inciso", f"Mesa de control, cuenta {caso.operador}"):
        assert said in text, said
    assert "Quien Dictaminó" not in text
    # The second screen follows, and says nothing while nothing changes.
    screen = f"/opl{url}/sala/pantalla?revisor={caso.revisor.cuenta}"
    shown = await caso.admin.get(screen)
    folio = next(part for part in sala.page().headings if "-" in part)
    assert folio in shown.page().text
    poll = re.search(r'hx-get="([^"]+)"', shown.text)
    assert poll is not None
    same = poll[1].replace("&amp;", "&")
    assert (await caso.admin.fragment(same)).status == 204
    assert (await decide(caso, url, "valido")).location.startswith(f"/opl{url}/sala")
    await caso.revisor.get(f"/opl{url}/sala")
    moved = await caso.admin.fragment(same)
    assert moved.status == 200
    assert "1 de 5" in moved.page().text
    assert folio not in moved.page().headings
    assert f"Lo último: {folio}: Válido" in moved.page().text, "the room reads what was decided"
    # Another inciso needs to be chosen, and its detail where the criterion asks for it.
    refused = await decide(caso, url, "otro")
    assert (refused.status, refused.page().codes) == (422, ["falta_dato"])
    refused = await decide(caso, url, "otro", inciso="f")
    assert (refused.status, refused.page().codes) == (422, ["falta_detalle"])
    assert (await decide(caso, url, "otro", inciso="f", detalle="El OCR no se lee")).status == 303
    assert (await decide(caso, url, "confirmado")).status == 303
    assert (await decide(caso, url, "confirmado")).status == 303
    assert (await caso.admin.post(f"/opl{url}/concluir", {"acepto": "si"})).status == 409
    assert (await decide(caso, url, "desistido")).status == 303
    assert "No le queda ningún registro" in (await caso.revisor.get(f"/opl{url}/sala")).page().text
    draft = await caso.admin.get(f"/opl{url}/acta.pdf")
    assert draft.headers["content-type"] == "application/pdf"
    assert (await caso.aspirante.get(f"/aspirante{url}/acta.pdf")).status == 404
    assert (await caso.admin.post(f"/opl{url}/concluir", {})).page().codes == ["falta_dato"]
    assert (await caso.admin.post(f"/opl{url}/concluir", {"acepto": "si"})).location.endswith("audiencia_concluida")
    assert (await caso.admin.post(f"/opl{url}/concluir", {"acepto": "si"})).location.endswith("audiencia_concluida")
    acta = await caso.aspirante.get(f"/aspirante{url}/acta.pdf")
    assert acta.body == (await caso.admin.get(f"/opl{url}/acta.pdf")).body
    words = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(acta.body)).pages)
    flat = re.sub(r"\s+", "", words)
    for row in caso.sitio.read("SELECT folio FROM apoyos"):
        assert row["folio"] in flat
    for said in ("Oralia Campos", "Rita Revisa", "Representante", "El OCR no se lee", "Se confirma", "Válido",
                 "desistió", "Cambiaron a válido"):  # fmt: skip
        assert re.sub(r"\s+", "", said) in flat, said
    assert "BORRADOR" not in words
    assert "Quien Dictaminó" not in words
    result = (await caso.aspirante.get(f"/aspirante{url}")).page().text
    assert "Cambiaron a válido 1" in result
    report = (await caso.aspirante.get("/aspirante/estadisticas/inconsistencias")).page().text
    assert "Inconsistentes según la mesa 4" in report
    assert len(caso.sitio.correos("audiencia_concluida")) == 1
    totals = caso.sitio.read("SELECT sum(n) AS n FROM conteos_totales WHERE solicitud = 1")[0]["n"]
    assert totals == caso.sitio.read("SELECT count(*) AS n FROM apoyos WHERE solicitud = 1")[0]["n"] == 5


async def test_what_was_on_the_screen_is_kept_with_the_decision_and_cannot_be_made_up(caso: Caso) -> None:
    url = await en_curso(caso)
    page = await caso.revisor.get(f"/opl{url}/sala")
    [action] = [one for one in page.page().actions if "/sala/" in one]
    for sello in ("", "AAAA", page.page().fields["sello"][:-8] + "AAAAAAA="):
        answer = await caso.revisor.post(action, {"decision": "valido", "sello": sello})
        assert answer.status == 409, sello
    assert (await decide(caso, url, "valido")).status == 303
    [kept] = caso.sitio.read("SELECT en_pantalla, abierto_ms FROM dictamenes WHERE ronda = 'audiencia'")
    assert '"criterios":0' in kept["en_pantalla"]
    assert kept["abierto_ms"] == caso.sitio.clock()


async def test_the_room_is_for_who_was_named(caso: Caso) -> None:
    url = await en_curso(caso)
    other = await caso.sitio.entrar(Rol.AUDIENCIA)
    assert (await other.get(f"/opl{url}/sala")).status == 403
    assert (await caso.admin.get(f"/opl{url}/sala")).status == 403
    page = await caso.revisor.get(f"/opl{url}/sala")
    [action] = [one for one in page.page().actions if "/sala/" in one]
    stolen = await other.post(action, {"decision": "valido", "sello": page.page().fields["sello"]})
    assert stolen.status == 409
    assert (await other.post(action, {"decision": "desistido"})).status == 403
    # An image is there only while its registro is before the room; here none opens.
    assert (await caso.revisor.get(f"/opl{url}/sala/{caso.apoyos[4]}/anverso")).status == 404
    assert (await caso.revisor.get(f"/opl{url}/sala/{caso.apoyos[0]}/otra")).status == 404
    assert (await caso.admin.get(f"/opl{url}/sala/pantalla?revisor={other.cuenta}")).status == 404


async def test_it_goes_on_another_day(caso: Caso) -> None:
    url = await en_curso(caso)
    await decide(caso, url, "valido")
    page = await caso.admin.get(f"/opl{url}/continuar")
    assert "4 por revisar" in page.page().text
    assert (await caso.admin.post(f"/opl{url}/continuar", forma(caso, NOW + 25 * MINUTO))).page().codes == [
        "falta_dato"
    ]
    done = await caso.admin.post(
        f"/opl{url}/continuar", {**forma(caso, NOW + 25 * MINUTO), "motivo": "Terminó el horario."}
    )
    assert done.location.endswith("audiencia_continua")
    assert (await caso.revisor.get(f"/opl{url}/sala")).status == 409
    text = (await caso.admin.get(f"/opl{url}")).page().text
    assert "Terminó el horario." in text
    assert "Programada" in text


async def test_reviewers_may_be_changed_while_it_is_held(caso: Caso) -> None:
    url = await en_curso(caso)
    second = await caso.sitio.entrar(Rol.AUDIENCIA, nombre="Segundo Revisor")
    both = {"revisor": [str(caso.revisor.cuenta), str(second.cuenta)]}
    assert (await caso.admin.get(f"/opl{url}/revisores")).status == 200
    assert (await caso.admin.post(f"/opl{url}/revisores", both)).location.endswith("guardado")
    assert (await caso.admin.post(f"/opl{url}/revisores", {})).page().codes == ["audiencia_sin_revisores"]
    assert "Suyos: 1 de 2" in (await second.get(f"/opl{url}/sala")).page().text


async def test_another_aspirante_finds_nothing_of_it(caso: Caso) -> None:
    url = "/aspirante" + await pedir(caso)
    [periodo] = caso.sitio.read("SELECT periodo_id FROM aspirantes WHERE id = 1")
    await caso.sitio.write(
        lambda tx: tx.conn.execute(
            "INSERT INTO aspirantes (id, periodo_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
            "estatus, creado_ms) VALUES (77, ?, 'Otra', 'Persona', '', 'otra@ejemplo.mx', 'google', 'activo', 1)",
            (periodo["periodo_id"],),
        )
    )
    other = await caso.sitio.entrar(Rol.ASPIRANTE, solicitud=77)
    before = [tuple(row) for row in caso.sitio.read("SELECT * FROM audiencia_registros")]
    for path in ("", f"/registros/{caso.apoyos[0]}", "/desistir", "/acta.pdf"):
        assert (await other.get(url + path)).status == 404, path
    for path, data in (
        ("/retirar", {"apoyo": caso.apoyos[:1]}), ("/argumento", {"argumento": "x"}), ("/desistir", {}),
        (f"/registros/{caso.apoyos[0]}", {"argumento": "x"}),
    ):  # fmt: skip
        assert (await other.post(url + path, data)).status == 404, path
    assert (await other.post(NUEVA, {"cuales": "marcados", "apoyo": caso.apoyos})).status == 422
    assert "Aún no ha pedido" in (await other.get("/aspirante/audiencias")).page().text
    assert [tuple(row) for row in caso.sitio.read("SELECT * FROM audiencia_registros")] == before


async def test_lists_ask_the_index_no_more_for_more_rows(caso: Caso) -> None:
    async def asked(path: str, who: Persona) -> int:
        with caso.sitio.consultas() as found:
            assert (await who.get(path)).status == 200
        return len(found)

    url = await pedir(caso)
    few = await asked(f"/aspirante{url}", caso.aspirante), await asked("/opl/audiencias", caso.admin)
    await caso.sitio.write(lambda tx: inconsistentes(tx, 40, caso.operador, desde=50))
    await pedir(caso)
    assert (await asked(f"/aspirante{url}", caso.aspirante), await asked("/opl/audiencias", caso.admin)) == few
