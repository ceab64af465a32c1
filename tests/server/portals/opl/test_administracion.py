"""The administrator's page: what it says of each part, each fault with what to do, and mail that was given up."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import pytest

from server.domain.roles import Rol
from server.portals.vigia import ready
from server.seed import import_padron
from server.store import correos, padron
from server.store.writer import Tx
from tests.server.portals.portal import Persona, Sitio, abierto

pytestmark = pytest.mark.anyio

URL = "/opl/administracion"


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path, second=True) as made:
        yield made


async def admin(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ADMINISTRACION)


async def give_up(sitio: Sitio, count: int, error: str = "SMTPRecipientsRefused 550") -> list[int]:
    """Mail to an auxiliar that was tried twelve times."""

    def put(tx: Tx) -> None:
        for n in range(count):
            correos.add(tx.conn, f"auxiliar_alta:{n}", "auxiliar_alta", 1, "{}", tx.now_ms, tx.now_ms)
        tx.conn.execute("UPDATE correos SET estado = 'fallido', intentos = 12, ultimo_error = ?", (error,))

    await sitio.write(put)
    return [row["id"] for row in sitio.correos()]


async def test_it_says_how_everything_is(sitio: Sitio) -> None:
    phone = await sitio.harness.phone()
    await sitio.harness.send(phone, phone.capture())
    answer = await (await admin(sitio)).get(URL)
    assert answer.status == 200
    newest = sitio.caja.diario.ultimo
    text = answer.page().text
    for said in (
        "Se dan acuses", "Almacén Bien Guarda.", f"Último copiado Lote {newest}", "carpeta", "GB libres de",
        "El servidor inició",
        "Activas 1", "Firma los acuses", sitio.caja.keys.firma.public.thumbprint,
        sitio.caja.keys.apertura.public.key_id.hex(), "Python", f"Se guardó el lote {newest}",
        "Correos por enviar 1",
    ):  # fmt: skip
        assert said in text, said
    assert "Qué hacer" not in text.partition("Disco y copias")[0]


@pytest.mark.parametrize("rol", [Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE])
async def test_it_is_the_administrators(sitio: Sitio, rol: Rol) -> None:
    persona = await sitio.entrar(rol)
    for path in (URL, f"{URL}/correos", f"{URL}/correos/1/descartar"):
        assert (await persona.get(path)).status == 403
    for path in (f"{URL}/revision", f"{URL}/correos/reenviar", f"{URL}/correos/1/reenviar"):
        assert (await persona.post(path)).status == 403


async def test_a_second_copy_that_is_away_is_told_with_what_to_do(sitio: Sitio) -> None:
    second, copier = sitio.caja.settings.segunda_copia, sitio.caja.second_copy
    assert second is not None
    assert copier is not None
    phone = await sitio.harness.phone()
    shutil.move(second, second.with_name("desmontada"))
    await sitio.harness.send(phone, phone.capture())
    persona = await admin(sitio)
    for _ in range(500):
        text = (await persona.get(URL)).page().text
        if "No se dan acuses" in text:
            break
    assert "Segunda copia Detiene los acuses No se dan acuses desde el" in text
    assert "Qué hacer: Reponga cuanto antes el lugar de la segunda copia" in text
    assert f"Lotes por copiar {copier.estado().pendientes}" in text
    assert copier.estado().pendientes > 0
    parts = (await sitio.harness.request("GET", "/salud/listo")).json()
    assert parts["estado"] == "no_listo", "and the health endpoint judges the same"
    assert not ready(parts["partes"])


async def test_each_part_that_is_not_well_says_what_to_do(sitio: Sitio) -> None:
    await give_up(sitio, 3)
    sitio.caja.writer.broken = "prueba"
    text = (await (await admin_without_writing(sitio)).get(URL)).page().text
    assert "Almacén Detiene los acuses El almacén debe reiniciarse. Qué hacer: Reinicie el servicio" in text
    assert "Correo Falla 3 correos no se pudieron enviar. Qué hacer: Vea abajo" in text
    sitio.caja.writer.broken = ""


async def admin_without_writing(sitio: Sitio) -> Persona:
    broken, sitio.caja.writer.broken = sitio.caja.writer.broken, ""
    persona = await admin(sitio)
    sitio.caja.writer.broken = broken
    return persona


async def test_it_asks_again_by_itself_for_a_while_and_only_for_its_part(sitio: Sitio) -> None:
    persona = await admin(sitio)
    whole = (await persona.get(URL)).text
    assert 'hx-get="/opl/administracion?vez=1"' in whole
    part = await persona.fragment(f"{URL}?vez=1")
    assert part.text.strip().startswith('<div id="estado" hx-get="/opl/administracion?vez=2"')
    assert "<html" not in part.text
    assert part.page().text.startswith("Se dan acuses")
    assert "hx-get" not in (await persona.fragment(f"{URL}?vez=40")).text
    for odd in ("-1", "x", "9" * 30, "²"):
        assert (await persona.get(f"{URL}?vez={odd}")).status == 200


async def test_it_asks_few_questions_however_much_there_is(sitio: Sitio) -> None:
    persona = await admin(sitio)
    await persona.get(URL)  # what is asked once and kept
    with sitio.consultas() as few:
        await persona.get(URL)

    def fill(tx: Tx) -> None:
        tx.conn.executemany(
            "INSERT INTO trabajos (id, proximo_ms, creado_ms) VALUES (?, 1, 1)",
            [(n,) for n in range(20_100)],
        )
        tx.conn.executemany(
            "INSERT INTO correos (clave, clase, auxiliar_id, datos, estado, creado_ms, proximo_ms) "
            "VALUES (?, 'auxiliar_alta', 1, '{}', 'pendiente', 1, ?)",
            [(str(n), 2**50) for n in range(500)],
        )
        tx.conn.executemany(
            "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
            "VALUES ('operacion', 'N', '', ?, '', 'invitada', 1)",
            [(f"n{n}@ejemplo.mx",) for n in range(50)],
        )

    await sitio.write(fill)
    with sitio.consultas() as many:
        text = (await persona.get(URL)).page().text
    assert len(many) == len(few) < 45
    assert "Abrir el sobre 20,000 o más" in text
    assert "Correos por enviar 500" in text
    assert "Invitadas 50" in text


async def test_keys_that_cannot_be_listed_are_told(sitio: Sitio) -> None:
    path = sitio.caja.settings.datos / "llaves" / "llaves.json"
    path.write_bytes(b"{")
    text = (await (await admin(sitio)).get(URL)).page().text
    assert "El archivo de llaves no se pudo leer" in text
    path.unlink()
    assert "no se pudo leer" in (await (await admin(sitio)).get(URL)).page().text


@pytest.mark.socket
async def test_an_examination_is_made_when_it_is_asked_for(sitio: Sitio) -> None:
    persona = await admin(sitio)
    assert "Aún no se hace ninguna" in (await persona.get(URL)).page().text
    done = await persona.post(f"{URL}/revision")
    assert done.location == f"{URL}?hecho=revision_hecha"
    text = (await persona.get(done.location)).page().text
    assert "La revisión terminó" in text
    assert "El índice responde y su esquema es el de esta versión." in text
    assert "Qué hacer:" in text
    [event] = sitio.eventos("revision_pedida")
    assert event["actor"] == f"cuenta:{persona.cuenta}"


# Mail that was given up


async def test_mail_that_was_given_up_is_named_with_its_cause(sitio: Sitio) -> None:
    persona = await admin(sitio)
    assert "No hay ninguno" in (await persona.get(f"{URL}/correos")).page().text
    await give_up(sitio, 2)
    page = (await persona.get(f"{URL}/correos")).page()
    assert "2 correos, del más antiguo" in page.text
    assert "Alta de auxiliar Auxiliar 1" in page.text
    assert "no aceptó la dirección" in page.text
    assert "código SMTPRecipientsRefused 550" in page.text
    assert "aux1@" not in page.text, "whose it is, not their address"
    assert "Correos que no salieron 2" in (await persona.get(URL)).page().text


async def test_mail_is_sent_again(sitio: Sitio) -> None:
    persona = await admin(sitio)
    first, *_ = await give_up(sitio, 3)
    done = await persona.post(f"{URL}/correos/{first}/reenviar")
    assert done.location == f"{URL}/correos?hecho=correo_reintentado"
    assert [row["estado"] for row in sitio.correos()] == ["pendiente", "fallido", "fallido"]
    await persona.post(f"{URL}/correos/reenviar")
    assert {row["estado"] for row in sitio.correos()} == {"pendiente"}
    await sitio.harness.app.state.outbox.send_due()
    assert len(sitio.harness.mail.messages) == 3
    events = sitio.eventos("correo_reintentado")
    assert [(one["objeto"], one["datos"]) for one in events] == [
        (f"correo:{first}", '{"cuantos":1}'), ("", '{"cuantos":2}'),
    ]  # fmt: skip
    await persona.post(f"{URL}/correos/reenviar")
    assert len(sitio.eventos("correo_reintentado")) == 2, "nothing was done, so nothing is said"


async def test_a_mail_that_fails_again_comes_back_to_the_list(sitio: Sitio) -> None:
    persona = await admin(sitio)
    await give_up(sitio, 1)
    await persona.post(f"{URL}/correos/reenviar")
    sitio.harness.mail.failing = aiosmtplib.SMTPDataError(554, "no")
    for _ in range(correos.MAX_ATTEMPTS):
        await sitio.harness.app.state.outbox.send_due()
        sitio.clock.advance(3_600_000)
    text = (await (await admin(sitio)).get(f"{URL}/correos")).page().text
    assert "no aceptó el mensaje" in text
    assert "SMTPDataError 554" in text


async def test_dropping_asks_first(sitio: Sitio) -> None:
    persona = await admin(sitio)
    first, second = await give_up(sitio, 2)
    asked = (await persona.get(f"{URL}/correos/{first}/descartar")).page()
    assert asked.headings == ["¿Descartar este correo?"]
    assert "no se puede deshacer" in asked.text
    done = await persona.post(f"{URL}/correos/{first}/descartar")
    assert done.location == f"{URL}/correos?hecho=correo_descartado"
    assert [row["id"] for row in sitio.correos()] == [second]
    [event] = sitio.eventos("correo_descartado")
    assert (event["objeto"], event["datos"]) == (f"correo:{first}", '{"clase":"auxiliar_alta"}')
    for gone in (first, 10**9, 10**30):
        assert (await persona.get(f"{URL}/correos/{gone}/descartar")).status == 404
    await persona.post(f"{URL}/correos/{first}/descartar")
    assert len(sitio.eventos("correo_descartado")) == 1


async def test_long_lists_are_turned_page_by_page(sitio: Sitio) -> None:
    persona = await admin(sitio)
    ids = await give_up(sitio, 120)
    with sitio.consultas() as asked:
        first = (await persona.get(f"{URL}/correos")).page()
    assert len(asked) < 10
    assert f"?desde={ids[49]}" in first.links
    last = (await persona.get(f"{URL}/correos?desde={ids[99]}")).page()
    assert last.text.count("Alta de auxiliar") == 20
    assert not [link for link in last.links if "desde" in link]
    for odd in ("x", "-1", "9" * 30):
        assert (await persona.get(f"{URL}/correos?desde={odd}")).status == 200


async def test_the_padron_in_force_and_what_to_do_when_its_file_is_lost(sitio: Sitio) -> None:
    persona = await admin(sitio)
    text = (await persona.get(URL)).page().text
    assert "Padrón No hay una copia en este equipo. Los apoyos quedan «Sin respuesta»." in text
    row = dict.fromkeys(padron.COLUMNS, "") | {"clave_elector": "PRDMSN90090532M001", "situacion": "PADRON"}
    await sitio.write(lambda tx: import_padron(tx, [row], "2026-08-31"))
    text = (await persona.get(URL)).page().text
    assert "Padrón En vigor Responde Corte 31/08/2026 Personas 1 Importado" in text
    (file,) = (sitio.caja.settings.datos / "padron").glob("*.sqlite")
    file.unlink()
    text = (await persona.get(URL)).page().text
    assert "Padrón En vigor Falta su archivo" in text
    assert "Qué hacer: Importe el padrón otra vez con «acopio padron import»" in text
    health = (await sitio.harness.request("GET", "/salud/listo")).json()
    assert (health["estado"], health["partes"]["padron"]["estado"]) == ("listo", "mal"), "acuses go on"
