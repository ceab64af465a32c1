"""Auxiliares by file in the browser: upload, progress, what is wrong, accept or none, the rows to correct (C3)."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest

from server.domain.roles import Rol
from tests.server.portals.portal import Persona, Sitio, abierto
from tests.server.portals.test_auxiliares_aspirante import other_aspirante
from tests.server.registro.archivos import ENCABEZADO, fila, texto

pytestmark = pytest.mark.anyio
PATH = "/aspirante/auxiliares/carga"


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def upload(persona: Persona, content: str | bytes, name: str = "lista.csv") -> str:
    raw = content.encode() if isinstance(content, str) else content
    answer = await persona.post(PATH, files={"archivo": (name, raw, "text/csv")})
    return answer.location


async def work(sitio: Sitio) -> None:
    """Whatever the worker of this server has not done yet."""
    worker = sitio.harness.app.state.portal.parts["cargador"]
    while await worker.paso():
        pass


async def test_from_the_file_to_the_auxiliares(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    rows = [fila(n) for n in range(1, 8)]
    rows[2] = fila(3, correo="=mal", curp="ABC")
    at = await upload(alma, texto(rows))
    assert (await alma.get(at)).status == 200
    await work(sitio)
    page = (await alma.get(at)).page()
    assert "Aceptar las 6 filas correctas" in (await alma.get(at)).text
    assert "Todavía no se registra a nadie" in page.text
    for text in ("=mal", "No es una dirección de correo completa", "La CURP tiene 18 caracteres"):
        assert text in page.text
    assert sitio.read("SELECT count(*) FROM auxiliares")[0][0] == 2
    assert "hay un archivo por resolver" in (await alma.get(PATH)).page().text.lower()
    second = await alma.post(PATH, files={"archivo": ("b.csv", b"x", "text/csv")})
    assert (second.status, second.page().codes) == (422, ["carga_pendiente"])
    assert (await alma.post(f"{at}/aceptar")).location == f"{at}?hecho=carga_aceptada"
    await alma.post(f"{at}/aceptar")
    await work(sitio)
    assert sitio.read("SELECT count(*) FROM auxiliares")[0][0] == 8
    assert "Registrado" in (await alma.get(at)).page().text
    down = await alma.get(f"{at}/renglones.csv")
    assert down.headers["content-disposition"].startswith("attachment")
    [heading, row] = list(csv.reader(io.StringIO(down.text.removeprefix("\ufeff"))))
    assert heading == [*ENCABEZADO, "Motivos"]
    assert row[5] == "'=mal"
    assert row[-1].startswith("Línea 4. Correo electrónico: ")
    assert sitio.eventos("datos_consultados")[-1]["objeto"] == "carga:1"
    # Corrected, the same file is taken.
    row[5], row[8] = "gestor3@ejemplo.mx", ""
    out = io.StringIO()
    csv.writer(out).writerows([heading, row])
    again = await upload(alma, out.getvalue())
    await work(sitio)
    assert "Aceptar la fila correcta" in (await alma.get(again)).text


async def test_progress_is_a_part_of_the_page(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    await sitio.write(
        lambda tx: tx.conn.execute(
            "INSERT INTO cargas (id, aspirante_id, nombre, contenido, estado, avance, filas, creada_ms) "
            "VALUES (9, 1, 'x.csv', NULL, 'por_aceptar', 0, 0, ?)", (tx.now_ms,)
        )
    )  # fmt: skip
    part = await alma.fragment(f"{PATH}/9")
    assert part.text.lstrip().startswith('<div id="estado" class="flujo">')
    assert "<html" not in part.text


async def test_a_file_that_is_none(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    at = await upload(alma, b"%PDF-1.7 \x00\x00", "cedula.pdf")
    await work(sitio)
    assert "no es un CSV ni un libro de Excel" in (await alma.get(at)).page().text
    assert (await alma.post(PATH, {})).page().codes == ["falta_archivo"]
    empty = await alma.post(PATH, files={"archivo": ("vacio.csv", b"", "text/csv")})
    assert (empty.status, empty.page().codes) == (422, ["archivo_vacio"])
    large = await alma.post(PATH, files={"archivo": ("grande.csv", b"x" * 5_000_001, "text/csv")})
    assert (large.status, large.page().codes) == (422, ["archivo_grande"])


async def test_many_wrong_rows_are_paged_by_line(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    at = await upload(alma, texto([fila(n, correo="mal") for n in range(1, 121)]))
    await work(sitio)
    first = (await alma.get(at)).page()
    assert f"{at}/aceptar" not in first.actions
    [after] = [link for link in first.links if link.startswith("?desde=")]
    assert after == "?desde=52"
    second = (await alma.get(at + after)).page()
    assert [link for link in second.links if link.startswith("?desde=")] == ["?desde=2", "?desde=102"]
    assert (await alma.get(f"{at}?desde=zzz")).status == 200


async def test_none_is_taken(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    at = await upload(alma, texto([fila(1)]))
    await work(sitio)
    assert (await alma.post(f"{at}/descartar")).location == f"{PATH}?hecho=carga_descartada"
    assert (await alma.post(f"{at}/aceptar")).status == 422
    assert "No se registró a nadie" in (await alma.get(at)).page().text
    assert sitio.read("SELECT count(*) FROM auxiliares")[0][0] == 2


async def test_the_templates(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    book = await alma.get(f"{PATH}/plantilla.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(book.body)).sheetnames == ["Auxiliares", "Instrucciones"]
    assert (await alma.get(f"{PATH}/plantilla.csv")).body.startswith(b"\xef\xbb\xbfNombre(s),")


async def test_nobody_reaches_another_aspirantes_file(sitio: Sitio) -> None:
    alma = await sitio.entrar(Rol.ASPIRANTE)
    at = await upload(alma, texto([fila(1)]))
    await work(sitio)
    await other_aspirante(sitio)
    beto = await sitio.entrar(Rol.ASPIRANTE, solicitud=2)
    for path in (at, f"{at}/renglones.csv"):
        assert (await beto.get(path)).status == 404
    for path in (f"{at}/aceptar", f"{at}/descartar"):
        assert (await beto.post(path)).status == 404
    assert sitio.read("SELECT estado FROM cargas")[0][0] == "por_aceptar"
    assert (await beto.get(PATH)).page().text.count("lista.csv") == 0
