"""The review screen over HTTP: what it shows, who may see it, what it leaves on the record, and deciding without a
script (rows G1, G2, G3, G5, X9)."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.domain.banderas import Bandera, Codigo
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.domain.reglas import PREFIJO
from server.domain.roles import Rol
from server.expedientes.abrir import Datos
from server.lectura.modelo import Lectura
from server.mesa_control import criterios
from server.store import ajustes
from sync_protocol.registro import IMAGENES
from tests.registros_en_mesa import Captura, recibir, recibir_papel
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio
MINUTE = 60_000
JSON = {"accept": "application/json", "hx-request": "true"}


def picture(colour: tuple[int, int, int] = (10, 90, 160)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", comment=b"SECRETO")
    return out.getvalue()


def captura(n: int = 0, **changes: Any) -> Captura:
    values = {"imagenes": {tipo: picture((n, 90, 160)) for tipo in IMAGENES}, **changes}
    return Captura(**values)


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        await reglas(made, segunda_pct=0)
        yield made


async def reglas(sitio: Sitio, **values: object) -> None:
    for name, value in values.items():
        await sitio.write(lambda tx, k=name, v=value: ajustes.poner(tx.conn, PREFIJO + k, str(v), None, tx.now_ms))


async def llegan(sitio: Sitio, *capturas: Captura) -> list[int]:
    """Registros that the pipeline left in the mesa; ids of their revisiones."""
    phone = await sitio.harness.phone()
    keys = sitio.caja.keys
    found: list[int] = await sitio.write(lambda tx: recibir(tx, keys, phone, capturas))
    return found


async def empezar(persona: Persona) -> str:
    """Claim the next one; the address of its page."""
    return (await persona.post("/mesa/siguiente")).location


async def decidir(persona: Persona, at: str, **said: str) -> Respuesta:
    """Send the form of a page that is open."""
    at = at.partition("?")[0]
    sello = (await persona.get(at)).page().fields["pantalla"]
    return await persona.post(f"{at}/decidir", {"pantalla": sello, **said})


def vistas(sitio: Sitio) -> list[dict[str, Any]]:
    return [{"objeto": row["objeto"], **json.loads(row["datos"])} for row in sitio.eventos("datos_consultados")]


async def test_an_empty_bandeja_says_so_and_a_full_one_offers_to_begin(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.OPERACION)
    page = (await ana.get("/mesa")).page()
    assert "No hay registros por revisar" in page.text
    assert "/mesa/siguiente" not in page.actions
    await llegan(sitio, captura(1), captura(2))
    page = (await ana.get("/mesa")).page()
    assert "0 de 400" in page.text
    assert "Empezar a revisar" in page.text
    at = await empezar(ana)
    page = (await ana.get("/mesa")).page()
    assert at in page.links
    assert "Continuar la revisión" in page.text


async def test_the_page_shows_the_four_images_the_data_and_what_was_read_again(sitio: Sitio) -> None:
    await llegan(
        sitio,
        captura(
            leido=Lectura(cic="999999999", ocr="0123456789012"),
            banderas=(Bandera(Codigo.CODIGO_DIFIERE, "cic"),),
        ),
    )
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    answer = await ana.get(at)
    page = answer.page()
    for said in (
        "ROSALÍA", "MENA", "123456789", "Difiere", "Se leyó: 999999999", "Coincide", "Lista Nominal",
        "Un código de la credencial dice otra cosa en el servidor que en el teléfono: el CIC.",
        "Fotocopia de la credencial", "Primera revisión",
    ):  # fmt: skip
        assert said in page.text, said
    assert answer.headers["cache-control"] == "no-store"
    assert "img-src 'self' blob:" in answer.headers["content-security-policy"]
    for tipo in IMAGENES:
        image = await ana.get(f"{at}/imagen/{tipo}")
        assert image.status == 200
        assert image.headers["cache-control"] == "no-store"
        assert image.body.startswith(b"\xff\xd8")
        assert b"SECRETO" not in image.body, "made anew"
    assert (await ana.get(f"{at}/imagen/otra")).status == 404


async def test_a_view_is_one_event_with_its_images(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    await ana.get(at)
    for tipo in IMAGENES:
        await ana.get(f"{at}/imagen/{tipo}")
    [seen] = vistas(sitio)
    assert seen["objeto"].startswith("apoyo:")
    assert (seen["pantalla"], seen["imagenes"], seen["adelantado"]) == ("mesa", sorted(IMAGENES), False)
    # Without an opening in memory the image makes one, with its event.
    sitio.harness.app.state.portal.parts["imagenes_mesa"].olvidar(seen["revision"])
    assert (await ana.get(f"{at}/imagen/foto")).status == 200
    assert len(vistas(sitio)) == 2


async def test_nobody_else_finds_it(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2))
    ana, beto, jefa = [await sitio.entrar(rol) for rol in (Rol.OPERACION, Rol.OPERACION, Rol.ADMINISTRACION)]
    at = await empezar(ana)
    other = await empezar(beto)
    assert at != other, "two people never hold the same"
    for persona in (beto, jefa):
        for path in (at, f"{at}/imagen/foto", f"{at}/corregir", f"{at}/junto/1/foto"):
            assert (await persona.get(path)).status == 404, path
        assert (await persona.post(f"{at}/soltar")).status == 404
        assert (await persona.post(f"{at}/tomar")).status == 404
        assert (await persona.post(f"{at}/corregir", {"nombre": "OTRA"})).status == 404
    assert (await ana.get("/mesa/revision/999999")).status == 404
    for rol in (Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE):
        someone = await sitio.entrar(rol)
        for path in ("/mesa", at, f"{at}/imagen/foto"):
            assert (await someone.get(path)).status == 403, (rol, path)
    assert vistas(sitio) == [], "nothing was opened for them"


async def test_when_the_hold_ends_it_is_said_and_images_are_gone(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    await ana.get(at)
    # Her session is kept up all the while.
    for _ in range(3):
        sitio.clock.advance(7 * MINUTE)
        await ana.get("/mesa")
    answer = await ana.get(at)
    assert answer.status == 409
    assert "volvió a la bandeja" in answer.page().text
    assert (await ana.get(f"{at}/imagen/foto")).status == 409
    assert sitio.harness.app.state.portal.parts["imagenes_mesa"].bytes == 0
    beto = await sitio.entrar(Rol.OPERACION)
    assert await empezar(beto) == at
    assert (await ana.get(at)).status == 404
    assert (await ana.post(f"{at}/tomar")).status == 404


async def test_it_may_be_taken_back_while_nobody_else_has_it(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    for _ in range(3):
        sitio.clock.advance(7 * MINUTE)
        await ana.get("/mesa")
    assert (await ana.post(f"{at}/tomar")).location == at
    assert (await ana.get(at)).status == 200


async def test_deciding_without_a_script_goes_on_to_the_next(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2), captura(3))
    ana = await sitio.entrar(Rol.OPERACION)
    first = await empezar(ana)
    answer = await decidir(ana, first, resultado="valido")
    second = answer.location.partition("?")[0]
    assert second.startswith("/mesa/revision/")
    assert second != first
    assert "Guardado: válido." in (await ana.get(answer.location)).page().text
    # A detail that is missing: the form comes back with what was chosen.
    refused = await decidir(ana, second, resultado="inconsistente", inciso="f", detalle="")
    assert refused.status == 422
    page = refused.page()
    assert page.codes == ["falta_detalle"]
    assert page.fields["inciso"] == "f"
    answer = await decidir(ana, second, resultado="inconsistente", inciso="f", detalle="No se lee el OCR")
    third = answer.location.partition("?")[0]
    refused = await decidir(ana, third, resultado="elevado", motivo="")
    assert (refused.status, refused.page().codes) == (422, ["falta_motivo"])
    answer = await decidir(ana, third, resultado="elevado", motivo="La credencial es de otro país.")
    assert answer.location.startswith("/mesa?")
    rows = sitio.read("SELECT resultado, inciso, detalle, en_pantalla, abierto_ms FROM dictamenes ORDER BY id")
    assert [(row["resultado"], row["inciso"], row["detalle"]) for row in rows] == [
        ("valido", "", ""), ("inconsistente", "f", "No se lee el OCR"), ("elevado", "", ""),
    ]  # fmt: skip
    shown = json.loads(rows[0]["en_pantalla"])
    assert set(shown["huellas"]) == set(IMAGENES)
    assert all(len(one) == 12 for one in shown["huellas"].values())
    assert (shown["situacion"], shown["criterios"], shown["oculto"], shown["zoom"]) == (
        "LISTA_NOMINAL", 0, True, False,
    )  # fmt: skip
    assert "3 de 400" in (await ana.get("/mesa")).page().text


async def test_what_was_on_the_screen_is_what_was_sealed_then(sitio: Sitio) -> None:
    [revision] = await llegan(sitio, captura(banderas=(Bandera(Codigo.CODIGO_SOLO_TELEFONO, "cic"),)))
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    sello = (await ana.get(at)).page().fields["pantalla"]
    opened = sitio.clock()
    sitio.clock.advance(MINUTE)
    await sitio.write(
        lambda tx: tx.conn.execute("INSERT INTO banderas SELECT apoyo_id, 'curp_clave', '', 0 FROM revisiones")
    )
    answer = await ana.post(
        f"{at}/decidir", {"pantalla": sello, "resultado": "valido", "espera": "5000", "zoom": "si", "guion": "si"}
    )
    assert answer.status == 303
    [row] = sitio.read("SELECT * FROM dictamenes WHERE revision_id = ?", revision)
    shown = json.loads(row["en_pantalla"])
    assert shown["banderas"] == ["codigo_solo_telefono:cic"]
    assert shown["zoom"] is shown["guion"] is True
    assert row["abierto_ms"] == opened + 5000


async def test_a_decision_that_did_not_come_from_its_screen_is_refused(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2))
    ana, beto = await sitio.entrar(Rol.OPERACION), await sitio.entrar(Rol.OPERACION)
    mine, other = await empezar(ana), await empezar(beto)
    sello = (await ana.get(mine)).page().fields["pantalla"]
    theirs = (await beto.get(other)).page().fields["pantalla"]
    for at, given in ((mine, ""), (mine, sello[:-6] + "AAAA=="), (mine, theirs), (other, sello)):
        answer = await ana.post(f"{at}/decidir", {"pantalla": given, "resultado": "valido"}, **JSON)
        assert answer.status == 409, (at, given)
        assert json.loads(answer.body)["codigo"] == "pantalla_ajena"
    assert sitio.read("SELECT count(*) FROM dictamenes")[0][0] == 0


async def test_a_decision_on_older_criteria_is_not_taken(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana, jefa = await sitio.entrar(Rol.OPERACION), await sitio.entrar(Rol.ADMINISTRACION)
    at = await empezar(ana)
    sello = (await ana.get(at)).page().fields["pantalla"]
    changed = [replace(one, detalle="Otro detalle") if one.inciso == "g" else one for one in DEL_PROTOCOLO.values()]
    await sitio.write(lambda tx: criterios.publicar(tx, changed, "Acuerdo 12", jefa.cuenta, base=0))
    answer = await ana.post(f"{at}/decidir", {"pantalla": sello, "resultado": "valido"}, **JSON)
    assert (answer.status, json.loads(answer.body)["codigo"]) == (409, "criterios_cambiados")
    page = (await ana.get(at)).page()
    assert "del instituto, versión 1" in page.text
    answer = await ana.post(f"{at}/decidir", {"pantalla": page.fields["pantalla"], "resultado": "valido"}, **JSON)
    assert answer.status == 200


async def test_the_script_gets_json_and_a_repeated_decision_is_one(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2))
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    sent = {"pantalla": (await ana.get(at)).page().fields["pantalla"], "resultado": "valido", "espera": "10"}
    first = await ana.post(f"{at}/decidir", sent, **JSON)
    again = await ana.post(f"{at}/decidir", sent, **JSON)
    assert first.status == again.status == 200
    said = json.loads(first.body)
    assert said == json.loads(again.body)
    assert (said["texto"], said["hoy"]) == ("Válido", 1)
    late = await ana.post(f"{at}/decidir", {**sent, "resultado": "inconsistente", "inciso": "g"}, **JSON)
    assert (late.status, json.loads(late.body)["codigo"]) == (409, "revision_hecha")
    assert sitio.read("SELECT count(*) FROM dictamenes")[0][0] == 1
    undone = await ana.post(f"/mesa/dictamen/{said['dictamen']}/deshacer", **JSON)
    again_at = f"/mesa/revision/{json.loads(undone.body)['revision']}"
    assert (await ana.get(again_at)).status == 200, "it is in hand again"
    assert sitio.read("SELECT count(*) FROM dictamenes WHERE resultado = 'anulado'")[0][0] == 1
    assert "0 de 400" in (await ana.get("/mesa")).page().text


async def test_a_session_that_ended_is_told_to_the_script(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    sello = (await ana.get(at)).page().fields["pantalla"]
    ana.cookies.clear()
    answer = await ana.post(f"{at}/decidir", {"pantalla": sello, "resultado": "valido"}, **JSON)
    assert answer.headers["hx-redirect"] == "/entrar"


async def test_claiming_ahead_gives_the_part_of_the_page_and_no_more_than_one_may_hold(sitio: Sitio) -> None:
    made = await llegan(sitio, *(captura(n) for n in range(12)))
    ana = await sitio.entrar(Rol.OPERACION)
    first = int((await empezar(ana)).rpartition("/")[2])
    hand = [first]
    parts = {"hx-request": "true", "hx-request-type": "partial"}
    for n in range(20):
        # The first time as another window would ask: what is open in this one is not claimed ahead there.
        answer = await ana.post("/mesa/adelantar", {"enmano": ",".join(map(str, hand)) if n else ""}, **parts)
        if answer.status == 204:
            break
        assert "<html" not in answer.text
        assert "data-revision" in answer.text
        hand.append(int(answer.headers["x-revision"]))
    assert len(hand) == len(set(hand)) == 8
    assert set(hand) < set(made)
    assert vistas(sitio)[-1]["adelantado"] is True
    # A page that has none is not told that there is no more: it gets what a window that broke down has left behind.
    assert (await ana.post("/mesa/adelantar", {"enmano": ",".join(map(str, hand))}, **parts)).status == 204
    answer = await ana.post("/mesa/adelantar", {"enmano": ",".join(map(str, hand[1:]))}, **parts)
    assert int(answer.headers["x-revision"]) == first
    beto = await sitio.entrar(Rol.OPERACION)
    kept = json.loads((await ana.post("/mesa/mantener", {"enmano": f"{first},999"}, **JSON)).body)
    assert kept == {"perdidas": [999]}
    assert (await ana.post("/mesa/soltar", {"enmano": ",".join(map(str, hand[1:]))})).status == 204
    assert int((await empezar(beto)).rpartition("/")[2]) in hand[1:]
    assert (await ana.get(f"/mesa/revision/{hand[2]}")).status == 404


async def test_leaving_one_for_later_does_not_give_it_back_at_once(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2))
    ana = await sitio.entrar(Rol.OPERACION)
    first = await empezar(ana)
    answer = await ana.post(f"{first}/soltar", {"saltadas": ""})
    second = answer.location
    assert not second.startswith(f"{first}?")
    assert f"saltadas={first.rpartition('/')[2]}" in second
    answer = await ana.post(f"{second.partition('?')[0]}/soltar", {"saltadas": first.rpartition("/")[2]})
    assert answer.location.startswith("/mesa?")
    assert await empezar(ana) in (first, second.partition("?")[0])


async def test_the_aspirante_is_hidden_in_every_folio_unless_the_opl_shows_it(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2, parecidas=((1, "foto"),)))
    ana = await sitio.entrar(Rol.OPERACION)
    await empezar(ana)
    at = f"/mesa/revision/{sitio.read('SELECT max(id) FROM revisiones')[0][0]}"
    await ana.post("/mesa/adelantar", {"enmano": "1"})
    page = (await ana.get(at)).page()
    folio = sitio.read("SELECT folio FROM apoyos ORDER BY id DESC LIMIT 1")[0][0]
    assert folio not in page.text
    assert "······" + folio[6:] in page.text
    assert "Alma" not in page.text
    await reglas(sitio, ocultar_aspirante="no")
    page = (await ana.get(at)).page()
    assert folio in page.text
    assert "Alma" in page.text


async def test_images_of_neighbours_only_beside_their_own(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2, parecidas=((1, "foto"),)), captura(3))
    ana = await sitio.entrar(Rol.OPERACION)
    first, second, third = [row[0] for row in sitio.read("SELECT apoyo_id FROM revisiones ORDER BY id")]
    at = await empezar(ana)
    page = (await ana.get(at)).page()
    assert "Imágenes casi iguales de la fotografía viva: 1" in page.text
    assert f"{at}/junto/{second}/foto" in page.links
    answer = await ana.get(f"{at}/junto/{second}/foto")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert vistas(sitio)[-1]["pantalla"] == "mesa_comparacion"
    assert vistas(sitio)[-1]["objeto"] == f"apoyo:{second}"
    for other, tipo in ((second, "anverso"), (third, "foto"), (first, "foto"), (second, "otra"), (10**9, "foto")):
        assert (await ana.get(f"{at}/junto/{other}/{tipo}")).status == 404


async def test_other_registros_of_the_person_stand_beside_it(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2))
    first, second = [row[0] for row in sitio.read("SELECT apoyo_id FROM revisiones ORDER BY id")]
    await sitio.write(
        lambda tx: tx.conn.executemany(
            "INSERT INTO identidades VALUES (?, zeroblob(16), ?)",
            [(clase, apoyo) for clase in ("clave", "cic") for apoyo in (first, second)],
        )
    )
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    page = (await ana.get(at)).page()
    assert "Otros registros de la misma persona: 1" in page.text
    assert (await ana.get(f"{at}/junto/{second}/anverso")).status == 200


async def test_misread_data_are_made_right_and_the_old_value_is_kept(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    form = (await ana.get(f"{at}/corregir")).page().fields
    assert form["nombre"] == "ROSALÍA"
    refused = await ana.post(f"{at}/corregir", {**form, "curp": "NO", "nombre": "ROSALBA"})
    assert refused.status == 422
    page = refused.page()
    assert len(page.codes) == 1
    assert (page.fields["curp"], page.fields["nombre"]) == ("NO", "ROSALBA")
    answer = await ana.post(f"{at}/corregir", {**form, "nombre": "ROSALBA"})
    assert answer.location.startswith(at)
    page = (await ana.get(answer.location)).page()
    assert "ROSALBA" in page.text
    assert "Corregido; se captó: ROSALÍA" in page.text
    assert [row["campo"] for row in sitio.read("SELECT campo FROM correcciones")] == ["nombre"]
    job = sitio.read("SELECT etapa, estado FROM trabajos")[0]
    assert (job["etapa"], job["estado"]) == ("compulsar", "pendiente")
    answer = await ana.post(f"{at}/corregir", {**form, "nombre": "ROSALBA"})
    assert answer.location == f"{at}?hecho=mesa_sin_cambios"


async def test_leaving_drops_what_was_in_memory(sitio: Sitio) -> None:
    await llegan(sitio, captura())
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    await ana.get(at)
    memoria = sitio.harness.app.state.portal.parts["imagenes_mesa"]
    assert memoria.bytes > 0
    await ana.post("/salir")
    assert memoria.bytes == 0


async def test_a_registro_that_does_not_open_can_be_raised_or_left_but_not_decided(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2))
    await sitio.write(lambda tx: tx.conn.execute("UPDATE registros SET codigo = zeroblob(32) WHERE tipo = 'apoyo'"))
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    page = (await ana.get(at)).page()
    assert "Este registro no se puede mostrar." in page.text
    assert (await decidir(ana, at, resultado="valido")).status == 409
    answer = await decidir(ana, at, resultado="elevado", motivo="El sobre no se puede abrir.")
    assert answer.location.startswith("/mesa/revision/")


async def test_something_that_is_no_image_is_not_served(sitio: Sitio) -> None:
    await llegan(sitio, captura(imagenes=dict.fromkeys(IMAGENES, b"no es una imagen")))
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    assert (await ana.get(at)).status == 200
    assert (await ana.get(f"{at}/imagen/foto")).status == 404


async def test_a_page_asks_as_much_with_one_neighbour_as_with_many(sitio: Sitio) -> None:
    await llegan(sitio, captura(0), *(captura(n, parecidas=((n, "foto"),)) for n in range(1, 9)))
    ana = await sitio.entrar(Rol.OPERACION)
    at = await empezar(ana)
    await ana.get(at)  # what is read once and for all
    with sitio.consultas() as many:
        await ana.get(at)
    await sitio.write(lambda tx: tx.conn.execute("DELETE FROM imagenes_parecidas WHERE mayor > 3"))
    with sitio.consultas() as few:
        await ana.get(at)
    assert len(many) == len(few)


async def test_paper_shows_what_was_typed_and_its_own_criteria(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.OPERACION)
    solicitud = int(sitio.read("SELECT min(id) FROM aspirantes")[0][0])
    keys, typed = sitio.caja.keys, Datos(nombre="EUSEBIO", apellido_paterno="LARA", clave_elector="LRXXES60010132H100")
    await sitio.write(lambda tx: recibir_papel(tx, keys, solicitud, ana.cuenta, typed, "La hoja está rota."))
    at = await empezar(ana)
    page = (await ana.get(at)).page()
    for said in ("Cédula en papel", "EUSEBIO", "LRXXES60010132H100", "La hoja está rota.", "Otra", "Sin leyenda"):
        assert said in page.text, said
    assert "Fotocopia de la credencial" not in page.text, "criteria of paper alone"
    assert vistas(sitio)[-1]["imagenes"] == []
    assert (await ana.get(f"{at}/imagen/foto")).status == 404
    answer = await decidir(ana, at, resultado="inconsistente", inciso="pc")
    assert answer.status == 303
    row = sitio.read("SELECT resultado, inciso FROM apoyos WHERE via = 'papel'")[0]
    assert (row["resultado"], row["inciso"]) == ("inconsistente", "pc")


async def test_what_is_open_in_another_window_is_not_claimed_ahead(sitio: Sitio) -> None:
    await llegan(sitio, captura(1), captura(2), captura(3))
    ana = await sitio.entrar(Rol.OPERACION)
    first = int((await empezar(ana)).rpartition("/")[2])
    ahead = await ana.post("/mesa/adelantar", {"enmano": ""})
    assert int(ahead.headers["x-revision"]) != first
