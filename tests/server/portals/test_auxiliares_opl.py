"""Review of the Cédulas de Registro: the list, the testigos visuales, the verdict and what follows (B4; P7.7, P8.6)."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from server.diario.lote import file_name
from server.domain.roles import Rol
from server.store import auxiliares as store
from server.store import dispositivos
from server.store.writer import Tx
from sync_protocol import registro as contenido
from sync_protocol import sobre
from sync_protocol.registro import IMAGENES, Imagen, encode
from tests.factories import NOW, Phone
from tests.server.portals.portal import Persona, Sitio, abierto
from tests.server.registro.caja import datos

pytestmark = pytest.mark.anyio
PATH = "/opl/auxiliares"


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


def picture(size: tuple[int, int] = (60, 40), form: str = "JPEG", *, comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    image = Image.new("RGBA" if form == "PNG" else "RGB", size, (200, 30, 90))
    image.save(out, form, **({"comment": comment} if comment else {}))
    return out.getvalue()


async def send_testigos(sitio: Sitio, index: int = 0, **images: bytes) -> Phone:
    """A phone of an auxiliar whose testigos have arrived; `images` replace some of the four."""
    phone = await sitio.harness.phone(index)
    known = {
        "anverso": picture(comment=b"SECRETO"),
        "reverso": picture((40, 60)),
        "foto": picture(),
        "firma": picture(form="PNG"),
    }
    record = contenido.Testigos(
        folio=str(phone.folio(0)), capturado_ms=NOW, desfase_ms=0, modelo="G", codigos=(), ubicacion=None,
        imagenes=tuple(Imagen.of(tipo, "image/jpeg", (known | images)[tipo]) for tipo in IMAGENES), aviso="2026-01",
    )  # fmt: skip
    raw = phone.seal(encode(record), 0)
    answer = await sitio.harness.send(phone, raw)
    assert answer.status == 204, answer.body
    phone.next_registro, phone.anterior = 1, sobre.codigo_de_integridad(raw)
    return phone


async def test_the_list_and_its_filters(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.OPERACION)
    assert "Aún no hay dispositivos registrados" in (await ana.get(PATH)).page().text
    await send_testigos(sitio, 0)
    await sitio.harness.phone(1)
    page = (await ana.get(PATH)).page()
    assert f"{PATH}/1" in page.links
    assert f"{PATH}/2" in page.links
    assert "No han llegado" in page.text
    for query, ids in (
        ("testigos=con", [1]), ("testigos=sin", [2]), ("revision=pendiente", [2, 1]), ("revision=corresponde", []),
        ("aspirante=2", []), ("id=2", [2]), ("nombre=auxiliar1", [1]), ("estatus=baja", []),
    ):  # fmt: skip
        found = (await ana.get(f"{PATH}?{query}")).page()
        assert [link for link in found.links if link.startswith(f"{PATH}/")] == [f"{PATH}/{n}?{query}" for n in ids], (
            query
        )
    assert (await ana.get(f"{PATH}?revision=otra")).status == 422
    assert sitio.eventos("datos_consultados")[-1]["objeto"] == "auxiliares"


async def test_the_images_are_made_anew_and_each_view_is_on_the_record(sitio: Sitio) -> None:
    phone = await send_testigos(sitio, anverso=picture((4000, 1000), comment=b"SECRETO"))
    ana = await sitio.entrar(Rol.OPERACION)
    page = (await ana.get(f"{PATH}/1")).page()
    for text in ("Anverso de la credencial", "Fotografía viva", "Firma manuscrita", "teléfono de prueba"):
        assert text in page.text
    for tipo in IMAGENES:
        at = f"{PATH}/1/testigos/{phone.dispositivo}/{tipo}"
        assert at in page.links
        answer = await ana.get(at)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
        assert answer.headers["cache-control"] == "no-store"
        assert b"SECRETO" not in answer.body
        shown = Image.open(io.BytesIO(answer.body))
        assert max(shown.size) <= 1600
    seen = [(row["actor"], row["objeto"], json.loads(row["datos"])) for row in sitio.eventos("datos_consultados")]
    assert seen[0] == (f"cuenta:{ana.cuenta}", "auxiliar:1", {"pantalla": "revision_auxiliar", "testigos": 1})
    assert seen[1][2] == {"dispositivo": phone.dispositivo, "imagen": "anverso", "pantalla": "testigo_visual"}
    assert len(seen) == 5
    assert (await ana.get(f"{PATH}/1/testigos/{phone.dispositivo}/otra")).status == 404
    assert (await ana.get(f"{PATH}/2/testigos/{phone.dispositivo}/anverso")).status == 404


async def test_an_image_that_is_none_is_said_and_the_rest_is_shown(sitio: Sitio) -> None:
    phone = await send_testigos(sitio, foto=b"\xff\xd8\xff\xe0 no es", firma=picture()[:-40])
    ana = await sitio.entrar(Rol.OPERACION)
    page = (await ana.get(f"{PATH}/1")).page()
    assert page.text.count("no es una imagen que se pueda mostrar") >= 1
    assert f"{PATH}/1/testigos/{phone.dispositivo}/anverso" in page.links
    assert f"{PATH}/1/testigos/{phone.dispositivo}/foto" not in page.links
    assert (await ana.get(f"{PATH}/1/testigos/{phone.dispositivo}/foto")).status == 404


@pytest.mark.parametrize("harm", ["lote", "bytes", "llave"])
async def test_a_sobre_that_does_not_open_is_said_calmly(sitio: Sitio, harm: str) -> None:
    phone = await send_testigos(sitio)
    ana = await sitio.entrar(Rol.OPERACION)
    portal = sitio.harness.app.state.portal
    [row] = sitio.read("SELECT lote, posicion FROM registros")
    lote = portal.diario / file_name(row["lote"])
    if harm == "lote":
        lote.unlink()
    elif harm == "bytes":
        content = bytearray(lote.read_bytes())
        content[row["posicion"] + 300] ^= 1
        lote.write_bytes(content)
    else:
        portal.keyring.aperturas.clear()
    answer = await ana.get(f"{PATH}/1")
    assert answer.status == 200
    assert "no se pueden abrir" in answer.page().text
    assert "Auxiliar1 Prueba" in answer.page().text
    assert (await ana.get(f"{PATH}/1/testigos/{phone.dispositivo}/foto")).status == 404


async def test_corresponde_goes_on_to_the_next_of_the_list(sitio: Sitio) -> None:
    await send_testigos(sitio, 1)
    await send_testigos(sitio, 0)
    ana = await sitio.entrar(Rol.OPERACION)
    page = (await ana.get(f"{PATH}/2?revision=pendiente")).page()
    assert f"{PATH}/1?revision=pendiente" in page.links
    done = await ana.post(f"{PATH}/2/corresponde?revision=pendiente")
    assert done.location == f"{PATH}/1?revision=pendiente&hecho=auxiliar_corresponde"
    done = await ana.post(f"{PATH}/1/corresponde?revision=pendiente")
    assert done.location == f"{PATH}?revision=pendiente&hecho=auxiliar_corresponde"
    rows = sitio.read("SELECT revision, revisado_por FROM auxiliares ORDER BY id")
    assert [tuple(row) for row in rows] == [("corresponde", ana.cuenta)] * 2
    assert len(sitio.eventos("auxiliar_revisado")) == 2


async def test_no_corresponde_is_a_baja_with_its_cause_and_what_comes_later_is_marked(sitio: Sitio) -> None:
    phone = await send_testigos(sitio)
    ana = await sitio.entrar(Rol.OPERACION)
    asked = (await ana.get(f"{PATH}/1/no-corresponde")).page()
    assert "se clasifican como registros con inconsistencia" in asked.text
    empty = await ana.post(f"{PATH}/1/no-corresponde", {"causa": ""})
    assert (empty.status, empty.page().codes) == (422, ["falta_dato"])
    done = await ana.post(f"{PATH}/1/no-corresponde", {"causa": "La foto es de otra persona"})
    assert done.status == 303
    [mail] = sitio.correos("auxiliar_baja")
    assert json.loads(mail["datos"]) == {"causa": "La foto es de otra persona", "por": "opl"}
    sitio.clock.advance(1_000)
    await sitio.harness.send(phone, phone.capture())
    [late] = sitio.read("SELECT marcas FROM registros WHERE tipo = 'apoyo'")
    assert "auxiliar_de_baja" in late["marcas"]
    alma = await sitio.entrar(Rol.ASPIRANTE)
    assert "La foto es de otra persona" in (await alma.get("/aspirante/auxiliares/1")).page().text
    assert (await alma.post("/aspirante/auxiliares/1/reactivar")).status == 422
    page = (await ana.get(f"{PATH}/1")).page()
    assert "Sí corresponde: revertir la baja" in page.text
    await ana.post(f"{PATH}/1/corresponde")
    assert sitio.read("SELECT estatus FROM auxiliares WHERE id = 1")[0]["estatus"] == "activo"


async def test_testigos_of_another_phone_after_the_review_are_pointed_out(sitio: Sitio) -> None:
    await send_testigos(sitio)
    ana = await sitio.entrar(Rol.OPERACION)
    await ana.post(f"{PATH}/1/corresponde")
    sitio.clock.advance(60_000)
    await send_testigos(sitio)
    assert (await ana.get(f"{PATH}/1")).page().text.count("Llegó después de la revisión") == 1


async def test_the_cedula_is_a_pdf(sitio: Sitio) -> None:
    phone = await send_testigos(sitio, foto=b"no es imagen")
    ana = await sitio.entrar(Rol.OPERACION)
    answer = await ana.get(f"{PATH}/1/testigos/{phone.dispositivo}/cedula.pdf")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.body.startswith(b"%PDF-")
    assert (await ana.get(f"{PATH}/1/testigos/99/cedula.pdf")).status == 404


async def test_who_may(sitio: Sitio) -> None:
    phone = await send_testigos(sitio)
    image = f"{PATH}/1/testigos/{phone.dispositivo}/foto"
    without = await sitio.entrar(Rol.OPERACION, segundo_factor=False)
    for path in (PATH, f"{PATH}/1", image, f"{PATH}/1/no-corresponde"):
        assert (await without.get(path)).location.startswith("/entrar/segundo-factor")
    helper: Persona = await sitio.entrar(Rol.AYUDA)
    page = (await helper.get(f"{PATH}/1")).page()
    assert image not in page.links
    assert "aquí no se muestran imágenes" in page.text
    assert (await helper.get(image)).status == 403
    assert (await helper.post(f"{PATH}/1/corresponde")).status == 403
    alma = await sitio.entrar(Rol.ASPIRANTE)
    for path in (PATH, f"{PATH}/1", image):
        assert (await alma.get(path)).status == 403
    assert sitio.read("SELECT revision FROM auxiliares WHERE id = 1")[0]["revision"] == "pendiente"


async def test_pages_ask_as_often_for_many_as_for_few(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.OPERACION)
    await sitio.harness.phone(0)

    async def asked() -> int:
        with sitio.consultas() as found:
            assert (await ana.get(PATH)).status == 200
        return len(found)

    await asked()
    few = await asked()

    def many(tx: Tx) -> None:
        for n in range(10, 60):
            store.insert(tx.conn, n, 1, datos(n), "PADRON", tx.now_ms)
            dispositivos.insert(tx.conn, n, "modelo", tx.now_ms)

    await sitio.write(many)
    assert await asked() == few
