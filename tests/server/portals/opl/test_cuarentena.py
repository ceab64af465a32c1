"""The quarantine's pages: what is there and why, one or all of it again, on the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.roles import Rol
from server.store import trabajos
from server.store.writer import Tx
from tests.server.portals.portal import Sitio, abierto

pytestmark = pytest.mark.anyio

URL = "/opl/administracion/cuarentena"


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


async def give_up(sitio: Sitio, count: int, motivo: str = "lector_murio") -> None:
    """Jobs of real apoyos, and of as many more as are asked for."""
    phone = await sitio.harness.phone()
    for _ in range(3):
        await sitio.harness.send(phone, phone.capture())

    def put(tx: Tx) -> None:
        tx.conn.execute("UPDATE trabajos SET etapa = 'leer_codigos', estado = 'cuarentena', motivo = ?", (motivo,))
        have = trabajos.count_quarantined(tx.conn)
        tx.conn.executemany(
            "INSERT INTO trabajos (id, etapa, estado, intentos, proximo_ms, motivo, creado_ms) "
            "VALUES (?, 'abrir', 'cuarentena', 9, 1, 'sobre_danado', 1)",
            [(1000 + n,) for n in range(count - have)],
        )

    await sitio.write(put)


async def test_empty(sitio: Sitio) -> None:
    persona = await sitio.entrar(Rol.ADMINISTRACION)
    page = (await persona.get(URL)).page()
    assert "No hay ninguno" in page.text
    assert "Registros en cuarentena 0" in (await persona.get("/opl/administracion")).page().text


async def test_it_says_what_could_not_be_done_and_what_to_do(sitio: Sitio) -> None:
    await give_up(sitio, 2)
    persona = await sitio.entrar(Rol.ADMINISTRACION)
    home = (await persona.get("/opl/administracion")).page()
    assert "Registros en cuarentena 2" in home.text
    assert URL in home.links
    page = (await persona.get(URL)).page()
    folio = sitio.read("SELECT folio FROM apoyos ORDER BY id LIMIT 1")[0][0]
    for said in ("2 registros", folio, "Leer los códigos", "terminó al abrir las de este registro", "lector_murio"):
        assert said in page.text, said


async def test_pages_by_key_and_in_few_questions(sitio: Sitio) -> None:
    await give_up(sitio, 120)
    persona = await sitio.entrar(Rol.ADMINISTRACION)
    seen: list[str] = []
    path = URL
    while path:
        with sitio.consultas() as asked:
            page = (await persona.get(path)).page()
        assert len(asked) < 12
        seen += [link for link in page.links if link.endswith("/repetir") and link != f"{URL}/repetir"]
        path = next((URL + link for link in page.links if link.startswith("?desde=")), "")
    assert len(seen) == len(set(seen)) == 120
    for odd in ("-1", "x", "9" * 30, "²"):
        assert (await persona.get(f"{URL}?desde={odd}")).status == 200


async def test_one_again(sitio: Sitio) -> None:
    await give_up(sitio, 2)
    persona = await sitio.entrar(Rol.ADMINISTRACION)
    one, other = (int(row[0]) for row in sitio.read("SELECT id FROM trabajos ORDER BY id"))
    page = (await persona.get(f"{URL}/{one}/repetir")).page()
    assert page.headings == ["¿Repetir el paso de este registro?"]
    assert f"{URL}/{one}/repetir" in page.actions
    assert sitio.eventos("trabajo_repetido") == [], "to ask is not to do"
    assert (await persona.post(f"{URL}/{one}/repetir")).location == f"{URL}?hecho=trabajo_repetido"
    rows = [
        tuple(row)
        for row in sitio.read("SELECT id, etapa, estado, intentos, proximo_ms, motivo FROM trabajos ORDER BY id")
    ]
    assert rows[0] == (one, "leer_codigos", "pendiente", 0, 0, "")
    assert rows[1][:3] == (other, "leer_codigos", "cuarentena")
    event = sitio.eventos("trabajo_repetido")[0]
    assert (event["actor"], event["objeto"], event["datos"]) == (
        f"cuenta:{persona.cuenta}",
        f"apoyo:{one}",
        '{"cuantos":1}',
    )
    assert (await persona.post(f"{URL}/{one}/repetir")).location == f"{URL}?hecho=sin_cambios", "again changes nothing"
    assert len(sitio.eventos("trabajo_repetido")) == 1
    assert (await persona.get(f"{URL}/{one}/repetir")).status == 404
    assert (await persona.get(f"{URL}/{10**17}/repetir")).status == 404


async def test_all_again(sitio: Sitio) -> None:
    await give_up(sitio, 70)
    persona = await sitio.entrar(Rol.ADMINISTRACION)
    assert "Son 70 registros" in (await persona.get(f"{URL}/repetir")).page().text
    await persona.post(f"{URL}/repetir")
    assert sitio.read("SELECT count(*) FROM trabajos WHERE estado = 'cuarentena'")[0][0] == 0
    assert [row["datos"] for row in sitio.eventos("trabajo_repetido")] == ['{"cuantos":70}']


@pytest.mark.parametrize("rol", [Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE])
async def test_it_is_the_administrators(sitio: Sitio, rol: Rol) -> None:
    persona = await sitio.entrar(rol)
    for path in (URL, f"{URL}/repetir", f"{URL}/1/repetir"):
        assert (await persona.get(path)).status == 403
    for path in (f"{URL}/repetir", f"{URL}/1/repetir"):
        assert (await persona.post(path)).status == 403


async def test_metrics_say_what_waits(sitio: Sitio) -> None:
    await give_up(sitio, 2)
    phone = await sitio.harness.phone(1)
    for _ in range(2):
        await sitio.harness.send(phone, phone.capture())
    text = (await sitio.harness.request("GET", "/metrics")).body.decode()
    assert 'acopio_trabajos_en_espera{etapa="abrir"} 1.0' in text
    assert 'acopio_trabajos_en_espera{etapa="clasificar"} 0.0' in text
    assert "acopio_trabajos_en_cuarentena 2.0" in text
