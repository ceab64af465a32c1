"""Who saw what: filters, pages by key, the export, and the chain."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server import bitacora
from server.bitacora import Evento
from server.clock import hora_del_centro
from server.domain.roles import Rol
from server.portals.opl import accesos
from server.store.writer import Tx
from tests.server.portals.portal import HOUR, Persona, Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio
DAY = 24 * HOUR


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def looked(sitio: Sitio, quien: int, objeto: str, times: int = 1, *, evento: Evento = Evento.DATOS_CONSULTADOS,
                 pantalla: str = "prueba") -> None:  # fmt: skip
    def write(tx: Tx) -> None:
        for _ in range(times):
            bitacora.record(
                tx.conn, sitio.clock(), evento, actor=f"cuenta:{quien}", objeto=objeto, pantalla=pantalla, filas=3
            )

    await sitio.write(write)


def numbers(answer: Respuesta) -> list[int]:
    assert answer.status == 200, answer.text[:400]
    return [int(part.split("<")[0]) for part in answer.text.split('<th scope="row" class="n">')[1:]]


async def test_only_administration_with_second_factor(sitio: Sitio) -> None:
    for rol in (Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE):
        persona = await sitio.entrar(rol)
        for path in ("/opl/accesos", "/opl/accesos.csv", "/opl/accesos/cadena"):
            assert (await persona.get(path)).status == 403
    weak = await sitio.entrar(Rol.ADMINISTRACION, segundo_factor=False)
    assert (await weak.get("/opl/accesos")).location.startswith("/entrar/segundo-factor")


async def test_shows_who_what_and_of_whom_and_is_itself_on_the_record(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION, nombre="Ana Ramos")
    rosa = await sitio.entrar(Rol.OPERACION, nombre="Rosa Gil")
    await looked(sitio, rosa.cuenta, "aspirante:123")
    text = (await ana.get("/opl/accesos")).page().text
    assert "Rosa Gil Mesa de control Datos consultados Aspirante 123 filas: 3 · pantalla: prueba" in text
    [event] = [e for e in sitio.eventos("datos_consultados") if e["actor"] == f"cuenta:{ana.cuenta}"]
    assert event["objeto"] == "bitacora"


async def test_filters_alone_and_together(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    rosa = await sitio.entrar(Rol.OPERACION)
    itzel = await sitio.entrar(Rol.ASPIRANTE)
    await looked(sitio, rosa.cuenta, "aspirante:1")
    await looked(sitio, rosa.cuenta, "auxiliar:5", evento=Evento.CORREO_ENVIADO)
    sitio.clock.now += 2 * DAY
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    rosa2 = await sitio.entrar(Rol.OPERACION)
    await looked(sitio, rosa2.cuenta, "aspirante:1")
    await looked(sitio, itzel.cuenta, "aspirante:1")
    folio = sitio.read("SELECT aspirante_id FROM cuentas WHERE id = ?", itzel.cuenta)[0][0]

    async def count(query: str) -> int:
        return len(numbers(await ana.get(f"/opl/accesos?{query}")))

    assert await count(f"persona={rosa.cuenta}") == 1
    assert await count(f"persona={rosa.cuenta}&evento=todo") == 2
    assert await count(f"folio={folio}") == 1
    assert await count("objeto=Aspirante+1") == 3
    assert await count(f"objeto=aspirante:1&persona={rosa2.cuenta}") == 1
    assert await count("evento=correo_enviado") == 1
    today = hora_del_centro(sitio.clock())[:10]
    assert await count(f"desde={today}&objeto=aspirante:1") == 2
    before = hora_del_centro(sitio.clock() - 2 * DAY)[:10]
    assert await count(f"hasta={before}&objeto=aspirante:1") == 1
    assert await count(f"persona={rosa.cuenta}&desde={today}") == 0


@pytest.mark.parametrize(
    ("query", "codigo"),
    [("persona=999", "opcion_ajena"), ("folio=999999", "folio_sin_cuenta"), ("objeto=%3Cscript%3E", "objeto_forma"),
     ("desde=31/31/2026", "fecha_forma"), ("desde=02/01/2027&hasta=01/01/2027", "fechas_al_reves"),
     ("evento=x", "opcion_ajena")],
)  # fmt: skip
async def test_wrong_filters_are_said_and_find_nothing(sitio: Sitio, query: str, codigo: str) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    answer = await ana.get(f"/opl/accesos?{query}")
    assert answer.status == 422
    assert codigo in answer.page().codes
    assert "/opl/accesos.csv" not in answer.text
    assert (await ana.get(f"/opl/accesos.csv?{query}")).status == 422


async def walk(ana: Persona, first: str, rel: str) -> list[list[int]]:
    pages, path = [], first
    while path:
        answer = await ana.get(path)
        pages.append(numbers(answer))
        part = answer.text.partition(f'rel="{rel}" href="')[2].partition('"')[0].replace("&amp;", "&")
        path = f"/opl/accesos{part}" if part else ""
    return pages


async def test_pages_by_key_there_and_back(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    rosa = await sitio.entrar(Rol.OPERACION)
    await looked(sitio, rosa.cuenta, "aspirante:1", 120)
    first = f"/opl/accesos?persona={rosa.cuenta}"
    there = await walk(ana, first, "next")
    assert [len(page) for page in there] == [50, 50, 20]
    every = [number for page in there for number in page]
    assert every == sorted(every, reverse=True)
    assert len(set(every)) == 120
    back = await walk(ana, f"{first}&antes={there[2][0] + 1}", "prev")
    assert [number for page in reversed(back) for number in page] == every


async def test_queries_do_not_grow_with_the_rows(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    await ana.get("/opl/accesos")  # the institute is read once
    counts = []
    for times in (1, 49):
        for n in range(times):
            persona = await sitio.entrar(Rol.OPERACION)
            await looked(sitio, persona.cuenta, f"aspirante:{n}")
        with sitio.consultas() as found:
            await ana.get("/opl/accesos")
        counts.append(len(found))
    assert counts[0] == counts[1]


async def test_export_has_all_of_them_and_no_formula(sitio: Sitio) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    rosa = await sitio.entrar(Rol.OPERACION, nombre="=1+1")
    await looked(sitio, rosa.cuenta, "aspirante:1", 60, pantalla="+cmd")
    answer = await ana.get(f"/opl/accesos.csv?persona={rosa.cuenta}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="accesos-')
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert len(rows) == 61
    assert {row[2] for row in rows[1:]} == {"'=1+1"}
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@" and cell]
    assert sitio.eventos("datos_consultados")[-1]["datos"] == '{"pantalla":"accesos_csv"}'


async def test_the_chain_holds_and_a_change_shows(sitio: Sitio, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await sitio.entrar(Rol.ADMINISTRACION)
    monkeypatch.setattr(accesos, "CHAIN_CHUNK", 2)
    await looked(sitio, ana.cuenta, "aspirante:1", 7)
    whole = (await ana.get("/opl/accesos/cadena")).page().text
    assert "Completa" in whole
    assert f"Renglones leídos {sitio.read('SELECT count(*) FROM bitacora')[0][0]} " in whole
    assert sitio.read("SELECT lower(hex(resumen)) FROM bitacora ORDER BY id DESC LIMIT 1")[0][0] in whole
    changed = sitio.read("SELECT max(id) FROM bitacora")[0][0] - 1

    def falsify(tx: Tx) -> None:
        tx.conn.execute("DROP TRIGGER bitacora_sin_cambios")
        tx.conn.execute("UPDATE bitacora SET objeto = 'aspirante:2' WHERE id = ?", (changed,))

    await sitio.write(falsify)
    assert f"se rompe en el renglón {changed}" in (await ana.get("/opl/accesos/cadena")).page().text
