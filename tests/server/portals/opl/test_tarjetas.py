"""A memory card by browser: real sobres in, their acuses out, whatever is cut, damaged, repeated or hostile (X7)."""

from __future__ import annotations

import asyncio
import io
import shutil
import tarfile
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from server.tarjeta.entregas import KEPT_MS, Entregas
from sync_protocol import acuse as acuses
from sync_protocol import sobre
from sync_protocol import tarjeta as nombres
from tests.factories import Phone
from tests.server.asgi import Line
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto, multipart

pytestmark = pytest.mark.anyio

URL = "/opl/tarjetas"
Subida = tuple[str, bytes, str]


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


def entregas(sitio: Sitio) -> Entregas:
    found: Entregas = sitio.harness.app.state.portal.parts["entregas"]
    return found


def named(phone: Phone, raw: bytes) -> str:
    return nombres.file_name(sobre.parse(raw).cabecera.folio, sobre.codigo_de_integridad(raw))


def card(phone: Phone, count: int) -> list[Subida]:
    """The queue of a phone as files."""
    raws = [phone.capture() for _ in range(count)]
    return [(named(phone, raw), raw, "application/octet-stream") for raw in raws]


def zipped(files: list[Subida], folder: str = "acopio/") -> Subida:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, _ in files:
            archive.writestr(folder + name, content)
    return ("tarjeta.zip", out.getvalue(), "application/zip")


def tarred(files: list[Subida], folder: str = "acopio/") -> Subida:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content, _ in files:
            info = tarfile.TarInfo(folder + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return ("tarjeta.tar", out.getvalue(), "application/x-tar")


async def upload(sitio: Sitio, persona: Persona, *files: Subida) -> Respuesta:
    """Upload, wait for the import, and look at the result."""
    done = await persona.post(URL, files={"archivos": list(files)})
    await entregas(sitio).finished()
    return await persona.get(done.location)


def acuses_of(answer: Respuesta) -> dict[str, bytes]:
    assert answer.status == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def link(answer: Respuesta) -> str:
    return next(url for url in answer.page().links if url.endswith("acuses.zip"))


def held(sitio: Sitio) -> int:
    return int(sitio.read("SELECT count(*) FROM registros")[0][0])


async def test_a_card_file_by_file_gives_the_same_acuses_as_an_upload_would(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    files = card(phone, 4)
    answer = await upload(sitio, admin, *files, ("foto.jpg", b"\xff\xd8\xff", "image/jpeg"))
    text = answer.page().text
    assert "Recibido, con acuse 4" in text
    assert "foto.jpg No es un sobre" in text
    assert held(sitio) == 4
    found = acuses_of(await admin.get(link(answer)))
    assert sorted(found) == sorted(f"{name}.acuse" for name, _, _ in files)
    for name, raw, _ in files:
        read = acuses.read(found[f"{name}.acuse"].decode(), sitio.caja.keys.publicas)
        assert read.codigo == sobre.codigo_de_integridad(raw).hex()
        assert f"Folio {read.folio}" in text
    [event] = sitio.eventos("tarjeta_recibida")
    assert event["actor"] == f"cuenta:{admin.cuenta}"
    assert event["datos"] == '{"ajeno":1,"nuevo":4}'
    sitio.clock.advance(60_000)
    await sitio.harness.app.state.outbox.send_due()
    assert len(sitio.harness.mail.messages) == 1, "and the auxiliar gets the acuses by mail too"


@pytest.mark.parametrize("pack", [zipped, tarred])
async def test_a_whole_folder_in_one_file_keeps_its_paths(sitio: Sitio, pack: object) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    files = card(phone, 3)
    other: list[Subida] = [("leeme.txt", b"hola", ""), (f"{files[0][0]}.acuse", b"x", ""), (".oculto.sobre", b"x", "")]
    answer = await upload(sitio, admin, pack([*files, *other]))  # type: ignore[operator]
    text = answer.page().text
    assert "Recibido, con acuse 3" in text
    assert "Acuse o rechazo anterior 1" in text
    assert "No es un sobre 2" in text
    assert sorted(acuses_of(await admin.get(link(answer)))) == sorted(f"acopio/{one[0]}.acuse" for one in files)
    assert list((sitio.caja.settings.datos / "tarjetas").rglob("*.sobre")) == [], "what has its acuse is let go"


async def test_the_same_card_again_gives_the_same_acuses(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    files = card(phone, 2)
    first = await upload(sitio, admin, zipped(files))
    second = await upload(sitio, admin, zipped(files))
    assert "Ya se tenía, con acuse 2" in second.page().text
    assert acuses_of(await admin.get(link(first))) == acuses_of(await admin.get(link(second)))
    assert held(sitio) == 2
    front = (await admin.get(URL)).page()
    assert len([url for url in front.links if url.startswith(f"{URL}/")]) == 2


async def test_each_file_that_is_refused_says_why(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    good, torn, other = card(phone, 3)
    stranger = Phone(phone.solicitud, phone.auxiliar, 9_999, phone.to)
    answer = await upload(
        sitio, admin, good, (torn[0], torn[1][:-40], ""), (other[0], b"x" + other[1][1:], ""),
        *card(stranger, 1), ("vacio.sobre", b"", ""), ("grande.sobre", sobre.MAGIC + bytes(sobre.MAX_SOBRE), ""),
    )  # fmt: skip
    text = answer.page().text
    assert "Recibido, con acuse 1" in text
    assert "Rechazado 5" in text
    for code in ("integridad_distinta", "dispositivo_desconocido", "sobre_truncado", "sobre_demasiado_grande"):
        assert f"Código {code}" in text, code
    found = acuses_of(await admin.get(link(answer)))
    refused = nombres.read_rechazo(found["vacio.sobre.rechazo.json"])
    assert refused.codigo == "sobre_truncado"
    assert refused.texto in text
    assert text.index("Rechazado") < text.rindex("Recibido, con acuse"), "what asks for attention comes first"


async def test_the_second_copy_is_away_and_comes_back(tmp_path: Path) -> None:
    async with abierto(tmp_path, second=True) as sitio:
        entregas(sitio)._espera_s = 0.2
        admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
        second = sitio.caja.settings.segunda_copia
        assert second is not None
        away = second.with_name("desmontada")
        shutil.move(second, away)
        answer = await upload(sitio, admin, *card(phone, 3))
        text = answer.page().text
        assert "Recibido, sin acuse aún 3" in text
        assert "su acuse espera a la segunda copia" in text
        assert "Lo recibido está guardado. No hace falta subir la tarjeta otra vez." in text
        assert not [url for url in answer.page().links if url.endswith(".zip")], "no acuse is given"
        assert held(sitio) == 3
        shutil.move(away, second)
        copier = sitio.caja.second_copy
        assert copier is not None
        async with asyncio.timeout(60):
            while copier.error is not None or copier.pending:
                await asyncio.sleep(0.02)
        again = next(url for url in answer.page().actions if url.endswith("/otra-vez"))
        done = await admin.post(again)
        await entregas(sitio).finished()
        answer = await admin.get(done.location)
        assert "Recibido, con acuse 3" in answer.page().text
        assert len(acuses_of(await admin.get(link(answer)))) == 3


async def test_what_a_restart_left_half_done_is_taken_up_again(tmp_path: Path) -> None:
    async with abierto(tmp_path) as sitio:
        phone = await sitio.harness.phone()
        ficha, charola = entregas(sitio).begin(1)
        for name, raw, _ in card(phone, 2):
            charola.take(name, io.BytesIO(raw))
        entregas(sitio).laid(ficha, charola)
        clock = sitio.clock
    async with abierto(tmp_path, clock=clock, fresh=False) as sitio:
        admin = await sitio.entrar(Rol.ADMINISTRACION)
        answer = await admin.get(f"{URL}/{ficha.id}")
        assert "Se interrumpió antes de terminar" in answer.page().text
        await admin.post(f"{URL}/{ficha.id}/otra-vez")
        await entregas(sitio).finished()
        assert "Recibido, con acuse 2" in (await admin.get(f"{URL}/{ficha.id}")).page().text


async def test_a_line_that_is_cut_keeps_what_had_come_whole(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    files = card(phone, 3)
    media, body = multipart({}, {"archivos": files})
    line = Line((body[: len(files[0][1]) + len(files[1][1]) + 1_000],), cut=True)
    cookies = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    headers = {
        "host": "127.0.0.1:8000", "accept": "text/html", "content-type": media, "cookie": cookies,
        "sec-fetch-site": "same-origin", "content-length": str(len(body)),
    }  # fmt: skip
    answer = await sitio.harness.request("POST", URL, headers=headers, line=line)
    assert answer.status == 400
    await entregas(sitio).finished()
    assert held(sitio) == 2
    assert "Ya se tenía, con acuse 2" in (await upload(sitio, admin, *files)).page().text
    assert held(sitio) == 3


async def test_a_store_that_cannot_keep_is_told_and_nothing_is_lost(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    sitio.caja.writer.broken = "prueba"
    done = await admin.post(URL, files={"archivos": card(phone, 3)})
    await entregas(sitio).finished()
    text = (await admin.get(done.location)).page().text
    assert "El servidor no puede guardar en este momento" in text
    assert "Pedir de nuevo los 3 acuses que faltan" in text
    sitio.caja.writer.broken = ""
    await admin.post(f"{done.location}/otra-vez")
    await entregas(sitio).finished()
    assert "Recibido, con acuse 3" in (await admin.get(done.location)).page().text


async def test_a_form_without_files_says_so(sitio: Sitio) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    for files in ({"archivos": ("", b"", "")}, {"otro": ("a.sobre", b"x", "")}, {}):
        answer = await admin.post(URL, files=files)
        assert answer.status == 422
        assert answer.page().codes == ["falta_archivo"]
    assert (await admin.post(URL, {"archivos": "x"})).status == 400
    assert list((sitio.caja.settings.datos / "tarjetas").iterdir()) == []


async def test_too_large_is_told_before_it_comes(sitio: Sitio) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    answer = await admin._send(
        "POST", URL, b"", {"content-type": "multipart/form-data; boundary=x", "sec-fetch-site": "same-origin",
                           "content-length": str(600 * 1024 * 1024)},
    )  # fmt: skip
    assert answer.status == 422
    assert answer.page().codes == ["tarjeta_grande"]


@pytest.mark.parametrize("body", [b"", b"--x", b"garbage" * 100, b"--x\r\nContent-Disposition: form-data\r\n\r\nx"])
async def test_a_body_that_is_no_form(sitio: Sitio, body: bytes) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    answer = await admin._send(
        "POST", URL, body, {"content-type": "multipart/form-data; boundary=x", "sec-fetch-site": "same-origin"}
    )
    assert answer.status in (400, 422)
    assert list((sitio.caja.settings.datos / "tarjetas").iterdir()) == []


async def test_names_of_strangers_stay_inside_and_are_text(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    raws = [phone.capture() for _ in range(4)]
    odd = ["../../fuera.sobre", "C:\\Users\\<b>x.sobre", "/etc/" + "ñ" * 300 + ".sobre", "../../fuera.sobre"]
    answer = await upload(sitio, admin, *((name, raw, "") for name, raw in zip(odd, raws, strict=True)))
    assert "Recibido, con acuse 4" in answer.page().text
    assert "<b>" not in answer.text
    found = acuses_of(await admin.get(link(answer)))
    assert {"fuera.sobre.acuse", "otra-2/fuera.sobre.acuse"} <= set(found)
    assert not [name for name in found if ".." in name or name.startswith("/")]
    assert not list(sitio.caja.settings.datos.parent.glob("fuera*"))


@pytest.mark.parametrize("id_", ["nada", "..", "1790000000000-0000000g", "1790000000000-00000000", "%2e%2e%2fcaja"])
async def test_deliveries_that_are_not_there(sitio: Sitio, id_: str) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    assert (await admin.get(f"{URL}/{id_}")).status == 404
    assert (await admin.get(f"{URL}/{id_}/acuses.zip")).status == 404
    assert (await admin.post(f"{URL}/{id_}/otra-vez")).status == 404


@pytest.mark.parametrize("rol", [Rol.OPERACION, Rol.AYUDA, Rol.ASPIRANTE])
async def test_it_is_the_administrators(sitio: Sitio, rol: Rol) -> None:
    persona = await sitio.entrar(rol)
    assert (await persona.get(URL)).status == 403
    assert (await persona.post(URL, files={"archivos": ("a.sobre", b"x", "")})).status == 403


async def test_progress_is_a_part_of_the_page(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    async with entregas(sitio)._turn:
        done = await admin.post(URL, files={"archivos": card(phone, 2)})
        await asyncio.sleep(0)
        part = await admin.fragment(done.location)
        assert part.text.strip().startswith(f'<div id="resultado" hx-get="{done.location}" hx-trigger="every 2s"')
        assert "Se toman los sobres: 0 de 2" in part.page().text
        assert (await admin.post(f"{done.location}/olvidar")).location == done.location, "not while it is under way"
    await entregas(sitio).finished()
    assert "hx-get" not in (await admin.fragment(done.location)).text


async def test_a_result_is_forgotten_when_it_is_wanted_no_more(sitio: Sitio) -> None:
    admin, phone = await sitio.entrar(Rol.ADMINISTRACION), await sitio.harness.phone()
    files = card(phone, 1)
    answer = await upload(sitio, admin, *files)
    action = next(url for url in answer.page().actions if url.endswith("/olvidar"))
    assert (await admin.post(action)).location == f"{URL}?hecho=tarjeta_olvidada"
    assert (await admin.get(action.removesuffix("/olvidar"))).status == 404
    assert held(sitio) == 1
    assert "Ya se tenía, con acuse 1" in (await upload(sitio, admin, *files)).page().text


async def test_old_results_go_by_themselves_and_what_waits_stays_longer(sitio: Sitio) -> None:
    phone = await sitio.harness.phone()
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    await upload(sitio, admin, *card(phone, 1))
    ficha, charola = entregas(sitio).begin(1)
    charola.take("a.sobre", io.BytesIO(sobre.MAGIC))
    entregas(sitio).laid(ficha, charola)
    (sitio.caja.settings.datos / "tarjetas" / "1000000000000-00000000").mkdir()
    sitio.clock.advance(KEPT_MS + 1)
    entregas(sitio).prune()
    assert [one.id for one in entregas(sitio).recent()] == [ficha.id]
    assert [path.name for path in (sitio.caja.settings.datos / "tarjetas").iterdir()] == [ficha.id]


async def test_long_cards_are_shown_page_by_page_and_ask_few_questions(sitio: Sitio) -> None:
    admin = await sitio.entrar(Rol.ADMINISTRACION)
    ficha, charola = entregas(sitio).begin(1)
    for n in range(450):
        charola.take(f"{n:04d}.txt", io.BytesIO(b"x"))
    entregas(sitio).laid(ficha, charola)
    with sitio.consultas() as asked:
        page = (await admin.get(f"{URL}/{ficha.id}?pagina=2")).page()
    assert len(asked) < 8
    assert "0200.txt" in page.text
    assert "0199.txt" not in page.text
    assert {"?pagina=1", "?pagina=3"} <= set(page.links)
    assert (await admin.get(f"{URL}/{ficha.id}?pagina=99")).status == 200
