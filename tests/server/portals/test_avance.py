"""The reports in the browser: what an aspirante and the OPL see, take away, and never see (rows B6, C1, C6)."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from server.domain.apoyo import Resultado, Situacion
from server.domain.dias import DIA_MS
from server.domain.roles import Rol
from server.portals.informe import SONDEO_MS
from server.store import apoyos, catalogo
from server.store.writer import Tx
from tests.factories import NOW
from tests.server import asgi
from tests.server.portals.portal import Sitio, abierto
from tests.server.store.test_conteos import arrive

pytestmark = pytest.mark.anyio
AVANCE = "/aspirante/estadisticas/avance"
DETALLADO = "/aspirante/estadisticas/detallado"


def fill(tx: Tx) -> None:
    """Seven apoyos of the first aspirante in three days; one of a second aspirante, whose auxiliar is the third."""
    conn = tx.conn
    other = catalogo.add_aspirante(conn, 1, ("Berta", "Otra", ""), "b@ejemplo.mx", NOW)
    catalogo.add_auxiliar(conn, other, ("Ajeno", "De Otra", ""), "x@ejemplo.mx", NOW)
    for number, dia in enumerate([-2, -1, -1, 0, 0, 0, 0]):
        id_ = arrive(conn, number, auxiliar=1 + number % 2, dia=dia, lote=500)
        if number < 3:
            apoyos.set_situacion(conn, id_, Situacion.LISTA_NOMINAL)
    apoyos.set_resultado(conn, 1, Resultado.VALIDO)
    arrive(conn, 70, solicitud=other, auxiliar=3, lote=500)
    conn.execute("UPDATE periodos SET apoyos_requeridos = 10")


@pytest.fixture(autouse=True)
def browsers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser keeps its connection while a file comes; the harness would hang up after the request's last byte."""
    receive = asgi.Line.receive

    async def stays(line: asgi.Line) -> dict[str, object]:
        if line._sent >= len(line.pieces) and not line.cut:
            await asyncio.Event().wait()
        return await receive(line)

    monkeypatch.setattr(asgi.Line, "receive", stays)


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def test_the_front_page_says_where_things_stand(sitio: Sitio) -> None:
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    empty = (await aspirante.get("/aspirante")).page()
    assert "Apoyos recibidos 0" in empty.text
    await sitio.write(fill)
    page = (await aspirante.get("/aspirante")).page()
    assert page.headings == ["Alma Prueba Uno"]
    assert "Apoyos recibidos 7 4 hoy · 7 en 7 días" in page.text
    assert "Cuentan 3 de 10 (30.0 %)" in page.text
    assert "Quedan 11 días, con hoy" in page.text
    assert "Auxiliares activos 2" in page.text
    for url in (
        "/aspirante/auxiliares/registro", "/aspirante/auxiliares", AVANCE, DETALLADO,
        "/aspirante/estadisticas/registros", "/aspirante/manuales",
    ):  # fmt: skip
        assert url in page.links


@pytest.mark.parametrize(
    ("days", "said"),
    [(-10, "Comienza hoy"), (-11, "Comienza mañana"), (-20, "Comienza en 10 días"), (9.99, "Hoy es el último día"),
     (10.5, "aún pueden enviar"), (12, "La captación y el envío terminaron")],
)  # fmt: skip
async def test_where_the_periodo_stands(sitio: Sitio, days: float, said: str) -> None:
    sitio.clock.now = NOW + int(days * DIA_MS) - (1000 if days == -10 else 0)
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    assert said in (await aspirante.get("/aspirante")).page().text


async def test_the_report(sitio: Sitio) -> None:
    await sitio.write(fill)
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    answer = await aspirante.get(AVANCE)
    page = answer.page()
    assert answer.status == 200
    for said in (
        "Recibidos 7 4 hoy · 7 en 7 días", "Cuentan hasta hoy 3", "En espera 4", "No cuentan hasta hoy 0",
        "3 de 10 (30.0 %)", "Faltan 7 que cuenten.",
        "Aun si cuentan todos los que esperan, hay que reunir 3 más: 1 por día",
        "Lista Nominal 3 42.9 %", "Sin respuesta de situación 4 57.1 %", "Válido 1 14.3 %",
        "Pendiente de revisión 6 85.7 %", "Cifras preliminares",
    ):  # fmt: skip
        assert said in page.text, said
    # The graph and its table say the same, day by day.
    bars = dict(re.findall(r"<title>(\d\d/\d\d/\d{4}): (\d+)</title>", answer.text))
    assert bars == {"19/09/2026": "1", "20/09/2026": "2", "21/09/2026": "4"}
    rows = re.findall(r'<tr><th scope="row" class="junto">(\d\d/\d\d/\d{4})</th><td class="n">(\d+)</td>', answer.text)
    assert rows[:4] == [("21/09/2026", "4"), ("20/09/2026", "2"), ("19/09/2026", "1"), ("18/09/2026", "0")]
    assert len(rows) == 11


async def test_the_report_moves_and_comes_to_rest(sitio: Sitio) -> None:
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    text = (await aspirante.get(AVANCE)).text
    url = re.findall(r'hx-get="([^"]+)" hx-trigger="every 15s"', text)[0]
    assert url == f"{AVANCE}?mirando={NOW}"
    await sitio.write(fill)
    sitio.clock.advance(15_000)
    part = await aspirante.fragment(url)
    assert "<h1" not in part.text
    assert "<html" not in part.text
    assert "Recibidos 7" in part.page().text
    assert "Actualizado a las 08:13:35" in part.page().text
    assert f'hx-get="{url}"' in part.text, "it goes on with the same beginning"
    sitio.clock.advance(SONDEO_MS)
    assert 'id="sondeo"' not in (await aspirante.fragment(url)).text, (
        "not for ever: each question keeps a session awake"
    )
    assert 'id="sondeo"' not in (await aspirante.get(f"{AVANCE}?quieto=1")).text
    assert 'id="sondeo"' in (await aspirante.get(f"{AVANCE}?mirando=nunca")).text


async def test_the_reporte_detallado(sitio: Sitio) -> None:
    await sitio.write(fill)
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    answer = await aspirante.get(DETALLADO)
    names = re.findall(r'class="largo">([^<]+)</th><td class="n">(\d+)</td>', answer.text)
    assert names == [("Auxiliar1 Prueba", "4"), ("Auxiliar2 Prueba", "3")], "most first"
    assert answer.text.count('aria-sort="descending"') == 1
    by_name = await aspirante.get(f"{DETALLADO}?orden=nombre&sentido=desc&desde=2026-09-20&hasta=20/09/2026")
    names = re.findall(r'class="largo">([^<]+)</th><td class="n">(\d+)</td>', by_name.text)
    assert names == [("Auxiliar2 Prueba", "1"), ("Auxiliar1 Prueba", "1")]
    assert "orden=nombre&amp;sentido=asc" in by_name.text
    assert "desde=2026-09-20&amp;hasta=20%2F09%2F2026&amp;orden=recibidos" in by_name.text, "links keep the filter"
    assert by_name.page().fields["desde"] == "2026-09-20"
    assert "Total 2" in by_name.page().text
    assert "Ajeno" not in answer.text + by_name.text


async def test_a_wrong_range_is_named_and_kept(sitio: Sitio) -> None:
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    for query, code in (("desde=ayer", "fecha_forma"), ("desde=2026-09-21&hasta=2026-09-20", "rango_invertido")):
        answer = await aspirante.get(f"{DETALLADO}?{query}")
        assert answer.status == 422
        assert answer.page().codes == [code]
        assert answer.page().fields["desde"] == query.partition("=")[2].partition("&")[0]
        assert (await aspirante.get(f"{DETALLADO}/dias.csv?{query}")).status == 404
    assert (await aspirante.get(f"{DETALLADO}?desde=2031-01-01&pagina=99&orden=x")).status == 200


async def test_files(sitio: Sitio) -> None:
    await sitio.write(fill)
    await sitio.write(lambda tx: tx.conn.execute("UPDATE auxiliares SET nombre = '=1+1' WHERE id = 1"))
    aspirante = await sitio.entrar(Rol.ASPIRANTE)
    answer = await aspirante.get(f"{DETALLADO}/auxiliares.csv?desde=2026-09-20")
    assert answer.headers["content-disposition"] == 'attachment; filename="auxiliares-1-2026-09-21-0813.csv"'
    lines = answer.body.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Id de auxiliar,Auxiliar/Gestor,Estatus,Recibidos,Lista Nominal")
    assert lines[1:] == [
        "1,'=1+1 Prueba,activo,3,1,0,0,0,2,0,0,3,0,1,2,0", "2,Auxiliar2 Prueba,activo,3,1,0,0,0,2,0,0,3,0,1,2,0",
    ]  # fmt: skip
    book = load_workbook(io.BytesIO((await aspirante.get(f"{DETALLADO}/dias.xlsx")).body))
    table = list(book["Días"].iter_rows(values_only=True))
    assert table[0][:2] == ("Día", "Recibidos")
    assert [row[1] for row in table[1:]] == [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4]
    for path in ("dias.pdf", "otra.csv"):
        assert (await aspirante.get(f"{DETALLADO}/{path}")).status == 404


async def test_an_aspirante_reaches_nothing_of_another(sitio: Sitio) -> None:
    await sitio.write(fill)
    other = await sitio.entrar(Rol.ASPIRANTE, solicitud=2)
    for path in (
        "/aspirante",
        f"{AVANCE}?solicitud=1&folio=1",
        f"{DETALLADO}?solicitud=1",
        f"{DETALLADO}/auxiliares.csv",
    ):
        text = (await other.get(path)).text
        assert "Auxiliar1" not in text
        assert "Alma" not in text
    assert "Recibidos 1 " in (await other.get(f"{AVANCE}?solicitud=1")).page().text
    for path in ("/opl/avance", "/opl/avance/1", "/opl/avance/1/detallado", "/opl/avance/periodos/1.csv"):
        assert (await other.get(path)).status == 403


async def test_the_opl_sees_all_aspirantes_of_a_periodo(sitio: Sitio) -> None:
    ayuda = await sitio.entrar(Rol.AYUDA, segundo_factor=False)
    await sitio.write(fill)
    answer = await ayuda.get("/opl/avance")
    page = answer.page()
    assert "Aspirantes 2 Apoyos recibidos 8 Cuentan hasta hoy 3" in page.text
    assert {"/opl/avance/1", "/opl/avance/2"} <= set(page.links)
    names = re.findall(r'href="/opl/avance/(\d)">', answer.text)
    assert names == ["2", "1"], "by surname: Otra, Prueba"
    most = await ayuda.get("/opl/avance?periodo=1&orden=recibidos&sentido=desc")
    assert re.findall(r'href="/opl/avance/(\d)">', most.text) == ["1", "2"]
    assert "30.0 %" in most.text
    url = re.findall(r'hx-get="([^"]+)"', most.text)[0].replace("&amp;", "&")
    assert "orden=recibidos" in url
    part = await ayuda.fragment(url)
    assert re.findall(r'href="/opl/avance/(\d)">', part.text) == ["1", "2"]
    lines = (await ayuda.get("/opl/avance/periodos/1.csv")).body.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("1,Alma Prueba Uno,activo,10,0,7,3,")
    assert (await ayuda.get("/opl/avance/periodos/1.xlsx")).body[:2] == b"PK"
    assert (await ayuda.get("/opl/avance/periodos/9.csv")).status == 404
    assert (await ayuda.get("/opl/avance?periodo=inventado")).status == 200


async def test_the_opl_sees_what_the_aspirante_sees(sitio: Sitio) -> None:
    await sitio.write(fill)
    aspirante, opl = await sitio.entrar(Rol.ASPIRANTE), await sitio.entrar(Rol.OPERACION)
    mine = re.search(r'<dl class="cifras">.*</section>', (await aspirante.get(f"{AVANCE}?quieto=1")).text, re.S)
    theirs = re.search(r'<dl class="cifras">.*</section>', (await opl.get("/opl/avance/1?quieto=1")).text, re.S)
    assert mine is not None
    assert theirs is not None
    # The files alone are elsewhere.
    assert mine.group().replace(f"{AVANCE}.", "X.") == theirs.group().replace("/opl/avance/1.", "X.")
    assert "Recibidos 7" in (await opl.fragment("/opl/avance/1")).page().text
    assert (await opl.get("/opl/avance/99")).status == 404
    assert (await opl.get("/opl/avance/99/detallado")).status == 404


async def test_looking_at_auxiliares_needs_the_second_factor_and_is_on_the_record(sitio: Sitio) -> None:
    await sitio.write(fill)
    without = await sitio.entrar(Rol.OPERACION, segundo_factor=False)
    assert "segundo-factor" in (await without.get("/opl/avance/1/detallado")).location
    opl = await sitio.entrar(Rol.OPERACION)
    page = (await opl.get("/opl/avance/1/detallado?desde=2026-09-21")).page()
    assert "Auxiliar1 Prueba" in page.text
    assert "/opl/avance/1/detallado/auxiliares.csv?desde=2026-09-21" in page.links
    await opl.get("/opl/avance/1/detallado/auxiliares.csv")
    rows = sitio.read("SELECT actor, objeto, datos FROM bitacora WHERE evento = 'datos_consultados' ORDER BY id")
    assert [(row["actor"], row["objeto"]) for row in rows] == [(f"cuenta:{opl.cuenta}", "aspirante:1")] * 2
    assert "Auxiliar1" not in "".join(row["datos"] for row in rows)


async def test_an_empty_box(sitio: Sitio) -> None:
    def clear(tx: Tx) -> None:
        for table in ("auxiliares", "aspirantes", "periodos"):
            tx.conn.execute(f"DELETE FROM {table}")

    await sitio.write(clear)
    opl = await sitio.entrar(Rol.ADMINISTRACION)
    assert "Aún no hay periodos" in (await opl.get("/opl/avance")).page().text


@pytest.mark.parametrize(
    ("path", "who"),
    [("/aspirante", "aspirante"), (AVANCE, "aspirante"), (DETALLADO, "aspirante"),
     (f"{DETALLADO}?desde=2026-09-01", "aspirante"), (f"{DETALLADO}/auxiliares.csv", "aspirante"),
     (f"{DETALLADO}/dias.csv", "aspirante"), ("/opl/avance", "operacion"), ("/opl/avance/1", "operacion"),
     ("/opl/avance/1/detallado", "operacion"), ("/opl/avance/periodos/1.csv", "operacion")],
)  # fmt: skip
async def test_no_page_asks_more_when_there_is_more(sitio: Sitio, path: str, who: str) -> None:
    person = await sitio.entrar(who)
    await sitio.write(fill)
    await person.get(path)  # what is read once and kept, like the institute's name
    with sitio.consultas() as few:
        assert (await person.get(path)).status == 200

    def more(tx: Tx) -> None:
        for n in range(60):
            aspirante = catalogo.add_aspirante(tx.conn, 1, (f"N{n}", "Más", ""), "m@ejemplo.mx", NOW)
            auxiliar = catalogo.add_auxiliar(tx.conn, 1, (f"A{n}", "Más", ""), "m@ejemplo.mx", NOW)
            arrive(tx.conn, 1_000 + n, auxiliar=auxiliar, dia=-(n % 10), lote=501)
            arrive(tx.conn, 2_000 + n, solicitud=aspirante, auxiliar=auxiliar, lote=501)

    await sitio.write(more)
    with sitio.consultas() as many:
        assert (await person.get(path)).status == 200
    assert len(many) == len(few)
    assert len(few) <= 10
