"""The consulta de registros in both portals: filters, pages, exports, one registro, inconsistencies."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from server.domain.apoyo import Ambito, Clase, Duplicado, MotivoBaja, Resultado, Situacion
from server.domain.roles import Rol
from server.reportes.exportar import BOM
from server.store import apoyos
from server.store.writer import Tx
from sync_protocol.folio import Folio
from tests.factories import DAY, NOW
from tests.server.portals.portal import Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio

BASE = "/aspirante/estadisticas/registros"
INCONSISTENCIAS = "/aspirante/estadisticas/inconsistencias"


def take(tx: Tx, auxiliar: int, dispositivo: int, registro: int, *, marcas: str = "[]", recibido_ms: int = NOW) -> int:
    """A registro of the first aspirante as the intake writes it; returns its id."""
    tx.conn.execute(
        "INSERT INTO lotes (numero, resumen, sobres, tam, creado_ms) VALUES (1, zeroblob(32), 0, 0, 0) "
        "ON CONFLICT DO NOTHING"
    )
    return int(
        tx.conn.execute(
            "INSERT INTO registros (folio, solicitud, auxiliar, dispositivo, registro, tipo, codigo, anterior, tam, "
            "recibido_ms, marcas, lote, posicion, acuse) VALUES (?, 1, ?, ?, ?, 'apoyo', zeroblob(32), zeroblob(32), "
            "270000, ?, ?, 1, 0, 'cabeza.cuerpo.firma')",
            (str(Folio(1, auxiliar, dispositivo, registro)), auxiliar, dispositivo, registro, recibido_ms, marcas),
        ).lastrowid
        or 0
    )


def many(tx: Tx, count: int, dispositivo: int = 1) -> None:
    """`count` of them, one each minute; every tenth a baja, every fifth inconsistent, all with a name."""
    for n in range(1, count + 1):
        id_ = take(tx, 1, dispositivo, n, recibido_ms=NOW + n * 60_000)
        apoyos.set_person(tx.conn, id_, f"Nombre{n}", "Núñez" if n % 2 else "=SUMA(1)", "Prueba")
        if n % 10 == 0:
            apoyos.set_situacion(tx.conn, id_, Situacion.BAJA, motivo_baja=MotivoBaja.DEFUNCION)
        if n % 5 == 0:
            apoyos.set_resultado(tx.conn, id_, Resultado.INCONSISTENTE, inciso="e", detalle="A color")


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        await made.write(
            lambda tx: tx.conn.execute(
                "INSERT INTO dispositivos (id, auxiliar_id, modelo, alta_ms) VALUES (1, 1, 'X', 1)"
            )
        )
        yield made


def folios(answer: Respuesta) -> list[str]:
    return [link.rpartition("/")[2] for link in answer.page().links if link.count("-") == 4 and "." not in link]


def table(answer: Respuesta) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


async def test_an_empty_consulta_says_what_will_be_there(sitio: Sitio) -> None:
    page = (await (await sitio.entrar(Rol.ASPIRANTE)).get(BASE)).page()
    assert "Aún no hay registros" in page.text
    assert "Folio de la solicitud 1" in page.text
    assert "solicitud" not in page.fields, "an aspirante's folio is fixed"


async def test_pages_follow_each_other_by_key_and_keep_the_filter(sitio: Sitio) -> None:
    await sitio.write(lambda tx: many(tx, 130))
    persona = await sitio.entrar(Rol.ASPIRANTE)
    first = await persona.get(f"{BASE}?paterno=nunez")
    assert "65 registros" in first.page().text
    shown = folios(first)
    assert len(shown) == 50
    [following] = [link for link in first.page().links if "antes=" in link]
    assert following.startswith(f"{BASE}?paterno=nunez&antes=")
    second = await persona.get(following)
    assert len(folios(second)) == 15
    assert not set(shown) & set(folios(second))
    [back] = [link for link in second.page().links if "despues=" in link]
    assert folios(await persona.get(back)) == shown
    assert [event["datos"] for event in sitio.eventos("datos_consultados")] == [
        '{"filas":50,"filtros":["paterno"],"pantalla":"registros"}',
        '{"filas":15,"filtros":["paterno"],"pantalla":"registros"}',
        '{"filas":50,"filtros":["paterno"],"pantalla":"registros"}',
    ]


async def test_a_form_with_empty_fields_leads_to_an_address_worth_sharing(sitio: Sitio) -> None:
    persona = await sitio.entrar(Rol.ASPIRANTE)
    answer = await persona.get(f"{BASE}?desde=21%2F09%2F2026&hasta=&folio=&situacion=BAJA&antes=7")
    assert answer.location == f"{BASE}?desde=2026-09-21&situacion=BAJA"
    page = (await persona.get(answer.location)).page()
    assert (page.fields["desde"], page.fields["situacion"]) == ("2026-09-21", "BAJA")
    assert "Fecha de inicio 21/09/2026" in page.text


async def test_a_filter_that_cannot_be_read_is_named_and_kept_and_finds_nothing(sitio: Sitio) -> None:
    await sitio.write(lambda tx: many(tx, 3))
    persona = await sitio.entrar(Rol.ASPIRANTE)
    for path in (BASE, f"{BASE}.csv", f"{BASE}.xlsx"):
        answer = await persona.get(f"{path}?auxiliar=siete&folio=1-2-x&situacion=BAJA")
        assert answer.status == 422
        assert answer.page().codes == ["folio_forma", "numero_forma"]
        assert answer.page().fields["auxiliar"] == "siete"
        assert folios(answer) == []
    assert sitio.eventos("datos_consultados") == []
    for cursor in ("antes=x", "antes=-1", "despues=9999999999999999999", "antes=²", "solicitud=x"):
        assert (await persona.get(f"{BASE}?{cursor}")).status == 200


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("situacion=BAJA", 6), ("situacion=BAJA&motivo=defuncion", 6), ("motivo=migracion", 0), ("valido=no", 12),
        ("valido=si", 0), ("valido=pendiente", 48), ("nombre=nombre1&materno=prueba", 11), ("auxiliar=1", 60),
        ("auxiliar=2", 0), ("dispositivo=1", 60), ("desde=2026-09-22", 0), ("hasta=2026-09-21&inciso=e", 12),
        ("marca=bien", 60), ("marca=inconsistente", 0), ("proceso=candidatura_independiente", 60),
        ("proceso=consulta_popular", 0), ("folio=000001-000001", 60), ("folio=000002", 0),
    ],
)  # fmt: skip
async def test_page_and_exports_find_the_same(sitio: Sitio, query: str, count: int) -> None:
    await sitio.write(lambda tx: many(tx, 60))
    persona = await sitio.entrar(Rol.ASPIRANTE)
    page = await persona.get(f"{BASE}?{query}")
    assert f"{count} registro" in page.page().text
    assert len(folios(page)) == min(count, 50)
    rows = table(await persona.get(f"{BASE}.csv?{query}"))
    assert len(rows) - 1 == count
    sheet = openpyxl.load_workbook(io.BytesIO((await persona.get(f"{BASE}.xlsx?{query}")).body)).active
    assert sheet is not None
    assert [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True, max_col=1)] == [
        row[:1] for row in rows
    ]


async def test_exports_are_tables_that_run_nothing_and_are_on_the_record(sitio: Sitio) -> None:
    await sitio.write(lambda tx: many(tx, 10))
    persona = await sitio.entrar(Rol.ASPIRANTE)
    answer = await persona.get(f"{BASE}.csv")
    assert answer.body.startswith(BOM)
    assert answer.headers["content-disposition"] == 'attachment; filename="registros-2026-09-21-0813.csv"'
    heading, newest, *_ = table(answer)
    assert heading[:5] == [
        "Folio de registro", "Folio de la solicitud", "Id auxiliar", "Id dispositivo", "Fecha de recepción",
    ]  # fmt: skip
    assert newest == [
        str(Folio(1, 1, 1, 10)), "1", "1", "1", "21/09/2026 08:23:20", "Nombre10", "'=SUMA(1)", "Prueba",
        "Candidatura independiente", "Bajas", "Defunción", "No", "e", "Fotocopia de la credencial", "A color", "",
        "Con inconsistencia", "Aplicación móvil",
    ]  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO((await persona.get(f"{BASE}.xlsx")).body))
    cells = next(book.worksheets[0].iter_rows(min_row=2))
    assert [cell.data_type for cell in cells[:7]] == ["s", "s", "s", "s", "d", "s", "s"]
    assert cells[6].value == "=SUMA(1)"
    assert [event["datos"] for event in sitio.eventos("datos_consultados")] == [
        '{"filtros":[],"pantalla":"registros_csv"}',
        '{"filtros":[],"pantalla":"registros_xlsx"}',
    ]
    assert (await persona._send("HEAD", f"{BASE}.csv", b"", {})).body == b""


async def test_an_export_reads_in_chunks(sitio: Sitio, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.portals import consulta

    monkeypatch.setattr(consulta, "POR_TRAMO", 7)
    await sitio.write(lambda tx: many(tx, 30))
    persona = await sitio.entrar(Rol.ASPIRANTE)
    begun: list[str] = []
    run = sitio.harness.app.state.portal.readers.run

    async def counted(reading: Any) -> Any:
        begun.append("")
        return await run(reading)

    monkeypatch.setattr(sitio.harness.app.state.portal.readers, "run", counted, raising=False)
    rows = table(await persona.get(f"{BASE}.csv"))
    assert [row[0] for row in rows[1:]] == [str(Folio(1, 1, 1, n)) for n in range(30, 0, -1)]
    assert len(begun) >= 5, "a transaction for each chunk, none for all"


async def test_the_queries_of_a_page_do_not_grow_with_its_rows(sitio: Sitio) -> None:
    persona, opl = await sitio.entrar(Rol.ASPIRANTE), await sitio.entrar(Rol.AUDIENCIA)
    assert (await persona.get(BASE)).status == 200  # what is read once and kept
    found: list[list[int]] = []
    for count in (5, 60):
        await sitio.write(lambda tx, count=count: many(tx, count, dispositivo=count))
        counts = []
        for who, path in (
            (persona, BASE), (persona, f"{BASE}?paterno=nunez&valido=no"), (persona, INCONSISTENCIAS),
            (opl, "/opl/registros?desde=2026-09-21"),
        ):  # fmt: skip
            with sitio.consultas() as statements:
                assert (await who.get(path)).status == 200
            counts.append(len(statements))
        found.append(counts)
    assert found[0] == found[1]
    assert max(found[0]) < 15


async def test_one_registro_says_all_that_is_known_and_gives_its_acuse(sitio: Sitio) -> None:
    def one(tx: Tx) -> None:
        id_ = take(tx, 1, 1, 3, marcas='["auxiliar_de_baja","reloj_sin_referencia"]')
        apoyos.set_person(tx.conn, id_, "Zoé", "Ñandú", "")
        apoyos.set_resultado(tx.conn, id_, Resultado.INCONSISTENTE, inciso="i", detalle="Lentes oscuros")

    await sitio.write(one)
    folio = str(Folio(1, 1, 1, 3))
    for rol, base in ((Rol.ASPIRANTE, BASE), (Rol.AUDIENCIA, "/opl/registros")):
        persona = await sitio.entrar(rol)
        text = (await persona.get(f"{base}/{folio}")).page().text
        for said in (
            "Zoé Ñandú", "i) Foto no válida", "Lentes oscuros", "Recibido después de la baja del auxiliar",
            "Hora de captura sin comprobar", "0000 0000", "21/09/2026 08:13:20", "Auxiliar1", "270,000 bytes",
        ):  # fmt: skip
            assert said in text, said
        acuse = await persona.get(f"{base}/{folio}/acuse")
        assert acuse.headers["content-disposition"] == f'attachment; filename="acuse-{folio}.json"'
        assert b'"acuses":["cabeza.cuerpo.firma"]' in acuse.body
        assert b'"jwks":{"keys":[{' in acuse.body
    assert [event["objeto"] for event in sitio.eventos("datos_consultados")] == [f"registro:{folio}"] * 4
    persona = await sitio.entrar(Rol.ASPIRANTE)
    for other in (str(Folio(1, 1, 1, 4)), str(Folio(2, 1, 1, 3)), folio[:-1] + "Y", "x", "%00"):
        assert (await persona.get(f"{BASE}/{other}")).status == 404
        assert (await persona.get(f"{BASE}/{other}/acuse")).status == 404


async def test_an_acuse_waits_for_the_second_copy(sitio: Sitio, monkeypatch: pytest.MonkeyPatch) -> None:
    await sitio.write(lambda tx: take(tx, 1, 1, 3))
    monkeypatch.setattr(type(sitio.caja.reception), "give", lambda self, lote: False)
    persona = await sitio.entrar(Rol.ASPIRANTE)
    path = f"{BASE}/{Folio(1, 1, 1, 3)}"
    page = (await persona.get(path)).page()
    assert "todavía no se da" in page.text
    assert not [link for link in page.links if link.endswith("/acuse")]
    assert (await persona.get(f"{path}/acuse")).status == 404


async def test_inconsistencies_are_honest_until_the_mesa_begins(sitio: Sitio) -> None:
    persona = await sitio.entrar(Rol.ASPIRANTE)
    assert "Aún no hay registros" in (await persona.get(INCONSISTENCIAS)).page().text
    await sitio.write(lambda tx: take(tx, 1, 1, 3, marcas='["auxiliar_de_baja"]'))
    page = (await persona.get(INCONSISTENCIAS)).page()
    assert "La mesa de control aún no revisa sus registros" in page.text
    assert "Inconsistentes por su origen 1" in page.text
    [link] = {link for link in page.links if link.endswith("marca=inconsistente")}
    assert folios(await persona.get(link)) == [str(Folio(1, 1, 1, 3))]


async def test_inconsistencies_with_their_detail_by_inciso_and_page(sitio: Sitio) -> None:
    def inconsistent(tx: Tx) -> None:
        for n in range(1, 121):
            id_ = take(tx, 1, 1, n, recibido_ms=NOW + n * DAY // 200)
            apoyos.set_resultado(
                tx.conn,
                id_,
                Resultado.INCONSISTENTE,
                inciso="" if n == 7 else "e" if n % 2 else "n",
                detalle=f"nota {n}",
            )

    await sitio.write(inconsistent)
    persona = await sitio.entrar(Rol.ASPIRANTE)
    page = await persona.get(INCONSISTENCIAS)
    assert "Caso no previsto" in page.page().text
    assert "nota 120" in page.page().text
    assert len(folios(page)) == 50
    only = await persona.get(f"{INCONSISTENCIAS}?inciso=n")
    assert "Registros del inciso n)" in only.page().text
    assert len(folios(only)) == 50
    [older] = [link for link in only.page().links if "antes=" in link]
    assert len(folios(await persona.get(older))) == 10
    [export] = [link for link in only.page().links if ".csv" in link]
    assert len(table(await persona.get(export))) == 61


async def test_the_opl_asks_for_all_or_for_one_aspirante(sitio: Sitio) -> None:
    await sitio.write(lambda tx: many(tx, 3))
    opl = await sitio.entrar(Rol.AUDIENCIA)
    page = await opl.get("/opl/registros")
    assert len(folios(page)) == 3
    assert "solicitud" in page.page().fields
    assert len(folios(await opl.get("/opl/registros?solicitud=000001"))) == 3
    assert folios(await opl.get("/opl/registros?solicitud=2")) == []
    assert len(table(await opl.get("/opl/registros.csv?solicitud=1"))) == 4
    assert [event["objeto"] for event in sitio.eventos("datos_consultados")] == [
        "registros", "aspirante:1", "aspirante:2", "aspirante:1",
    ]  # fmt: skip


# -- classes, the padrón's answer, paper, and criteria of the OPL's own -----------------------------------------------


def on_paper(tx: Tx, number: int, *, criterio: str = "", comentario: str = "") -> int:
    """A cédula that was typed in, as captura manual leaves it."""
    conn, id_ = tx.conn, apoyos.PAPEL_DESDE + number
    conn.execute(
        "INSERT INTO cuentas (id, rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
        "VALUES (900, 'operacion', 'a', '', 'captura@ejemplo.mx', '', 'activa', 1) ON CONFLICT DO NOTHING"
    )
    conn.execute(
        "INSERT INTO paquetes (id, solicitud, folio, cedulas, recibido_ms, estado, creado_ms, creado_por) "
        "VALUES (1, 1, 'PAQ-7', 9, 1, 'abierto', 1, 900) ON CONFLICT DO NOTHING"
    )
    conn.execute(
        "INSERT INTO cedulas_papel (paquete_id, numero, doble, estado, datos, criterio, comentario, capturada_por, "
        "capturada_ms, apoyo_id) VALUES (1, ?, 0, 'lista', x'00', ?, ?, 900, ?, ?)",
        (number, criterio, comentario, NOW, id_),
    )
    conn.execute(
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, via) "
        "VALUES (?, ?, 1, 0, 0, ?, ?, '[]', 'bien', 'papel')",
        (id_, f"PAPEL-000001-{number}", NOW, NOW // DAY),
    )
    return id_


async def test_a_registro_says_its_class_and_whose_answer_its_situacion_is(sitio: Sitio) -> None:
    def fill(tx: Tx) -> None:
        first, second, elsewhere = (take(tx, 1, 1, n) for n in (1, 2, 3))
        for id_ in (first, second, elsewhere):
            apoyos.set_situacion(
                tx.conn,
                id_,
                Situacion.LISTA_NOMINAL,
                municipio="Calvillo",
                seccion="0102",
                corte="2026-09-15",
                en_ms=NOW,
            )
            tx.conn.execute("INSERT INTO identidades VALUES ('clave', ?, ?)", (b"h" * 16, id_))
        apoyos.set_duplicado(tx.conn, second, Duplicado.MISMO)
        apoyos.set_duplicado(tx.conn, elsewhere, Duplicado.OTRO)
        apoyos.set_ambito(tx.conn, first, Ambito.DENTRO)

    await sitio.write(fill)
    persona = await sitio.entrar(Rol.ASPIRANTE)
    first, second, other = (str(Folio(1, 1, 1, n)) for n in (1, 2, 3))
    page = (await persona.get(f"{BASE}/{first}")).page()
    for said in (
        "Clase en los reportes En Lista Nominal, en mesa de control", "Cuenta hasta hoy.", "Dentro del territorio",
        "Padrón con corte al 15/09/2026, consultado el 21/09/2026 08:13:20", "Duplicado No.", "Aplicación móvil",
    ):  # fmt: skip
        assert said in page.text, said
    page = (await persona.get(f"{BASE}/{second}")).page()
    assert "Duplicados, mismo aspirante" in page.text
    assert "No cuenta hasta hoy." in page.text
    assert f"{BASE}/{first}" in page.links, "of which one it is a duplicate"
    page = (await persona.get(f"{BASE}/{other}")).page()
    assert "dio su apoyo también a otro aspirante" in page.text
    assert f"{BASE}/{first}" not in page.links
    for clase, expected in ((Clase.EN_MESA, [first]), (Clase.DUPLICADO_MISMO, [second]), (Clase.BAJAS, [])):
        found = await persona.get(f"{BASE}?clase={clase}")
        assert folios(found) == expected
        assert clase.texto in found.page().text
    assert table(await persona.get(f"{BASE}.csv?clase=duplicado_otro"))[1][-2:] == [
        "Duplicados, otro aspirante", "Aplicación móvil",
    ]  # fmt: skip
    assert (await persona.get(f"{BASE}?clase=todas")).status == 422


async def test_paper_is_found_shown_and_told_of(sitio: Sitio) -> None:
    def fill(tx: Tx) -> None:
        take(tx, 1, 1, 1)
        on_paper(tx, 1)
        id_ = on_paper(tx, 2, criterio="sin_leyenda", comentario="La leyenda está <cortada>.")
        apoyos.set_resultado(tx.conn, id_, Resultado.INCONSISTENTE, inciso="pc")
        apoyos.set_ambito(tx.conn, apoyos.PAPEL_DESDE + 1, Ambito.DENTRO, fuera_de_regimen=True)
        apoyos.set_situacion(tx.conn, apoyos.PAPEL_DESDE + 1, Situacion.LISTA_NOMINAL)

    await sitio.write(fill)
    persona, opl = await sitio.entrar(Rol.ASPIRANTE), await sitio.entrar(Rol.ADMINISTRACION)
    paper = "PAPEL-000001-2"
    for who, base in ((persona, BASE), (opl, "/opl/registros")):
        listed = (await who.get(f"{base}?via=papel")).page()
        assert "2 registros" in listed.text
        assert f"{base}/{paper}" in listed.links
        page = (await who.get(f"{base}/{paper}")).page()
        for said in (
            "Captura manual, en papel", "PAQ-7 · cédula 2",
            "Sin leyenda. A la cédula le falta la leyenda que pide la ley.",
            "La leyenda está <cortada>.", "pc) Cédula en papel", "Con inconsistencia",
        ):  # fmt: skip
            assert said in page.text, (said, page.text[600:2200])
        assert "Acuse de recibo" not in page.text
        assert (await who.get(f"{base}/{paper}/acuse")).status == 404
        assert "Fuera del régimen de excepción" in (await who.get(f"{base}/PAPEL-000001-1")).page().text
    assert folios(await persona.get(f"{BASE}?via=app")) == [str(Folio(1, 1, 1, 1))]
    page = (await persona.get(INCONSISTENCIAS)).page()
    assert "pc) Cédula en papel" in page.text
    assert "Comentario al capturar la cédula: La leyenda está <cortada>." in page.text
    assert "1 registros del inciso pc" in page.text
    rows = table(await persona.get(f"{BASE}.csv?inciso=pc"))
    assert rows[1][12:14] == ["pc", "Cédula en papel"]
    # Nobody else's.
    await sitio.write(lambda tx: tx.conn.execute("UPDATE apoyos SET solicitud = 2 WHERE via = 'papel'"))
    assert (await persona.get(f"{BASE}/{paper}")).status == 404
    assert (await opl.get(f"/opl/registros/{paper}")).status == 200
    assert (await opl.get("/opl/registros/PAPEL-000001-9")).status == 404


async def test_an_inciso_that_the_opl_added_breaks_no_page(sitio: Sitio) -> None:
    def fill(tx: Tx) -> None:
        on_paper(tx, 1)
        tx.conn.execute("INSERT INTO criterios_versiones VALUES (1, 'nota', 1, 900)")
        tx.conn.execute(
            "INSERT INTO criterios VALUES (1, 1, 'o', 'app', 'Huella', 'Hay una huella <sobre> la foto.', 'Cuál', 1)"
        )
        for number, inciso in ((1, "o"), (2, "zz"), (3, "")):
            apoyos.set_resultado(tx.conn, take(tx, 1, 1, number), Resultado.INCONSISTENTE, inciso=inciso)

    await sitio.write(fill)
    persona, opl = await sitio.entrar(Rol.ASPIRANTE), await sitio.entrar(Rol.ADMINISTRACION)
    page = (await persona.get(INCONSISTENCIAS)).page()
    for said in ("o) Huella Hay una huella <sobre> la foto.", "zz) Sin nombre en los criterios", "Caso no previsto"):
        assert said in page.text, said
    assert folios(await persona.get(f"{INCONSISTENCIAS}?inciso=o")) == [str(Folio(1, 1, 1, 1))]
    for who, base in ((persona, BASE), (opl, "/opl/registros")):
        assert "o) Huella. Hay una huella" in (await who.get(f"{base}/{Folio(1, 1, 1, 1)}")).page().text
        assert (await who.get(f"{base}/{Folio(1, 1, 1, 2)}")).status == 200
        found = await who.get(f"{base}?inciso=o")
        assert folios(found) == [str(Folio(1, 1, 1, 1))]
        assert "Inconsistencia o) Huella" in found.page().text
        assert (await who.get(f"{base}?inciso=q")).status == 422
    rows = table(await persona.get(f"{BASE}.csv?inciso=o"))
    assert rows[1][12:14] == ["o", "Huella"]
    report = (await persona.get("/aspirante/estadisticas/avance")).page()
    for said in ("De ellos: Huella 1", "De ellos: Inciso zz) 1", "De ellos: Caso no previsto en los incisos 1"):
        assert said in report.text, said
