"""The pipeline over real rows: all the way, again after any crash, and what becomes of what cannot be done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server import seed
from server.domain.apoyo import MotivoBaja, Situacion
from server.domain.reglas import Reglas
from server.errors import AppError
from server.expedientes.abrir import correccion
from server.lectura import modelo
from server.lectura.modelo import Lectura
from server.padron.proveedor import Respuesta
from server.pipeline import runner
from server.store import ajustes, apoyos, lecturas, trabajos
from server.store.writer import Tx
from tests import factories
from tests.factories import DAY, NOW, Phone
from tests.server.pipeline.banco import LOCAL, Banco, abierto, anverso

pytestmark = pytest.mark.anyio

CLAVE = "PRRMNX80010132H100"
HECHO = ("clasificar", "hecho", 0, "")


@pytest.fixture
async def banco(tmp_path: Path) -> AsyncIterator[Banco]:
    async with abierto(tmp_path) as made:
        yield made


async def otro_aspirante(banco: Banco) -> Phone:
    """A phone of a second aspirante of the same periodo."""

    def sow(tx: Tx) -> Phone:
        sembrado = seed.sow(tx, factories.catalogue())[0]
        tx.conn.execute("UPDATE aspirantes SET periodo_id = 1")
        return factories.enrol(tx, sembrado, banco.harness.box.keys.apertura.public)

    return await banco.harness.write(sow)  # type: ignore[return-value]


async def test_all_the_way_to_the_mesa(banco: Banco) -> None:
    phone = await banco.harness.phone()
    one = await banco.llega(phone, clave_elector=CLAVE, nombre="Noé")
    banco.lectores.lecturas[anverso(phone, 1)] = Lectura(cic="100010001", lector="prueba 1")
    await banco.vaciar()
    assert banco.trabajo(one) == HECHO
    row = banco.uno("SELECT * FROM apoyos WHERE id = ?", one)
    assert (row["nombre"], row["busqueda"]) == ("Noé", "DE|PRUEBA 1>NOE")
    assert (row["situacion"], row["entidad"], row["municipio"], row["padron_corte"]) == (
        "LISTA_NOMINAL", "32", "Jerez", "2026-08-31",
    )  # fmt: skip
    assert (row["clase"], row["ambito"], row["padron_ms"]) == ("en_mesa", "dentro", NOW)
    plazo = Reglas().plazo_dias * DAY
    assert banco.filas("SELECT apoyo_id, ronda, estado, entrada_ms, limite_ms - entrada_ms FROM revisiones") == [
        (one, "primera", "pendiente", NOW, plazo)
    ]
    assert banco.filas("SELECT clase FROM identidades WHERE apoyo_id = ? ORDER BY 1", one) == [("cic",), ("clave",)]
    kept = lecturas.get(banco.harness.box.reader, one)
    assert kept is not None
    plain = banco.harness.box.keys.unwrap(lecturas.proposito(one), kept.leido)
    assert plain is not None
    assert modelo.decode(plain).cic == "100010001"
    assert b"100010001" not in kept.leido
    assert await banco.tuberia.paso() == 0, "and then there is nothing to do"


async def test_a_round_asks_the_padron_once_for_all_of_it(banco: Banco) -> None:
    phone = await banco.harness.phone()
    for _ in range(12):
        await banco.llega(phone)
    assert await banco.vaciar() == 1
    assert banco.padron.preguntas == [12]


async def test_a_silent_padron_holds_nobody_up_and_is_asked_again(banco: Banco) -> None:
    phone = await banco.harness.phone()
    banco.padron.callar()
    one = await banco.llega(phone)
    await banco.vaciar()
    assert banco.trabajo(one) == ("verificar_padron", "pendiente", 1, trabajos.ESPERA_PADRON)
    assert banco.clase(one) == "en_procesamiento"
    assert banco.banderas(one) == {("padron_sin_respuesta", "")}
    assert banco.uno("SELECT count(*) FROM revisiones")[0] == 1, "the mesa may look at it meanwhile"
    banco.harness.clock.advance(59_000)
    assert await banco.vaciar() == 0
    banco.harness.clock.advance(1_000)
    await banco.vaciar()
    assert banco.trabajo(one)[2] == 2, "silent again: the wait doubles"
    banco.harness.clock.advance(119_000)
    assert await banco.vaciar() == 0
    banco.padron.siempre = LOCAL
    banco.harness.clock.advance(1_000)
    await banco.vaciar()
    assert banco.trabajo(one) == HECHO
    assert banco.clase(one) == "en_mesa"
    assert banco.banderas(one) == set()
    assert banco.uno("SELECT count(*) FROM revisiones")[0] == 1


@pytest.mark.parametrize(
    ("respuesta", "clase", "banderas"),
    [
        (Respuesta(Situacion.NO_ENCONTRADO), "no_encontrados", set()),
        (Respuesta(Situacion.BAJA, MotivoBaja.DEFUNCION), "bajas", set()),
        (replace(LOCAL, situacion=Situacion.PADRON), "en_padron", set()),
        (replace(LOCAL, entidad="14"), "fuera_de_ambito", {("fuera_de_ambito", "")}),
        (replace(LOCAL, nombre="OTRA", apellido_paterno="PERSONA"), "en_mesa", {("nombre_padron", "")}),
    ],
)
async def test_classes(banco: Banco, respuesta: Respuesta, clase: str, banderas: set[tuple[str, str]]) -> None:
    banco.padron.siempre = respuesta
    one = await banco.llega(await banco.harness.phone())
    await banco.vaciar()
    assert (banco.clase(one), banco.banderas(one)) == (clase, banderas)
    assert banco.uno("SELECT count(*) FROM revisiones")[0] == 1, "all of them go to the mesa"


async def test_duplicates_of_one_and_of_two_aspirantes(banco: Banco) -> None:
    mine, theirs = await banco.harness.phone(), await otro_aspirante(banco)
    ids = [
        await banco.llega(mine, clave_elector=CLAVE),
        await banco.llega(theirs, clave_elector=CLAVE),
        await banco.llega(mine, clave_elector=CLAVE),
        await banco.llega(theirs),
    ]
    await banco.vaciar()
    assert [banco.clase(id_) for id_ in ids] == ["en_mesa", "duplicado_otro", "duplicado_mismo", "en_mesa"]
    assert banco.banderas(ids[0]) == {("duplicado_otro", "")}
    assert banco.banderas(ids[2]) == {("duplicado_mismo", ""), ("duplicado_otro", "")}
    # The first is found inconsistent: the trigger sends it back, and the next in line counts.
    await banco.harness.write(
        lambda tx: apoyos.set_resultado(tx.conn, ids[0], apoyos.Resultado.INCONSISTENTE, inciso="a", detalle="x")
    )
    assert banco.trabajo(ids[0])[0] == "buscar_duplicados"
    await banco.vaciar()
    assert [banco.clase(id_) for id_ in ids] == ["con_inconsistencia", "en_mesa", "duplicado_otro", "en_mesa"]
    # The OPL changes its rule, twice.
    for rule, expected in (
        ("ninguno", ["con_inconsistencia", "duplicado_otro", "duplicado_otro", "en_mesa"]),
        ("todos", ["con_inconsistencia", "en_mesa", "en_mesa", "en_mesa"]),
        ("primero", ["con_inconsistencia", "en_mesa", "duplicado_otro", "en_mesa"]),
    ):
        await banco.harness.write(lambda tx, rule=rule: ajustes.poner(tx.conn, "regla_duplicados_otros", rule, None, 1))
        await banco.vaciar()
        assert [banco.clase(id_) for id_ in ids] == expected, rule
    assert banco.uno("SELECT count(*) FROM revisiones")[0] == 4


async def test_a_verdict_while_the_padron_is_silent_frees_the_next_in_line(banco: Banco) -> None:
    phone = await banco.harness.phone()
    banco.padron.callar()
    first, second = await banco.llega(phone, clave_elector=CLAVE), await banco.llega(phone, clave_elector=CLAVE)
    await banco.vaciar()
    assert banco.uno("SELECT duplicado FROM apoyos WHERE id = ?", second)[0] == "mismo"
    await banco.harness.write(
        lambda tx: apoyos.set_resultado(tx.conn, first, apoyos.Resultado.INCONSISTENTE, inciso="a", detalle="x")
    )
    await banco.vaciar()
    assert banco.uno("SELECT duplicado FROM apoyos WHERE id = ?", second)[0] == ""
    assert banco.trabajo(first)[:2] == ("verificar_padron", "pendiente"), "and it goes back to waiting"


async def test_an_image_that_kills_its_reader_ends_alone_in_quarantine(banco: Banco) -> None:
    phone = await banco.harness.phone()
    ids = [await banco.llega(phone) for _ in range(5)]
    banco.lectores.fallan[anverso(phone, 3)] = ["lector_murio"] * 3
    await banco.vaciar()
    assert [banco.clase(id_) for id_ in ids] == ["en_mesa", "en_mesa", "en_procesamiento", "en_mesa", "en_mesa"]
    assert banco.trabajo(ids[2]) == ("leer_codigos", "pendiente", 1, "lector_murio")
    banco.harness.clock.advance(5_000)
    await banco.vaciar()
    banco.harness.clock.advance(10_000)
    await banco.vaciar()
    assert banco.trabajo(ids[2]) == ("leer_codigos", "cuarentena", 3, "lector_murio")
    banco.harness.clock.advance(DAY)
    assert await banco.vaciar() == 0
    events = banco.filas("SELECT actor, objeto, datos FROM bitacora WHERE evento = 'trabajo_en_cuarentena'")
    assert events == [("sistema", f"apoyo:{ids[2]}", '{"etapa":"leer_codigos","motivo":"lector_murio"}')]
    assert await banco.harness.write(lambda tx: trabajos.replay(tx.conn, ids[2])) == 1
    await banco.vaciar()
    assert banco.trabajo(ids[2]) == HECHO


async def test_a_reader_that_ends_with_the_server_costs_no_attempt(banco: Banco) -> None:
    phone = await banco.harness.phone()
    one = await banco.llega(phone)
    banco.lectores.fallan[anverso(phone, 1)] = ["lector_detenido"]
    await banco.tuberia.paso()
    assert banco.trabajo(one) == ("leer_codigos", "pendiente", 0, "")
    await banco.vaciar()
    assert banco.trabajo(one) == HECHO


async def test_what_nobody_foresaw_is_tried_again_and_its_text_goes_nowhere(
    banco: Banco, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await banco.harness.phone()
    one, other = await banco.llega(phone, nombre="SECRETO"), await banco.llega(phone)
    banco.lectores.lecturas[anverso(phone, 1)] = "no es una lectura"  # type: ignore[assignment]
    await banco.vaciar()
    assert banco.trabajo(one) == ("leer_codigos", "pendiente", 1, "error_interno")
    assert banco.trabajo(other) == HECHO
    assert "una etapa falló" in caplog.text
    assert "stumble" not in caplog.text
    assert "SECRETO" not in caplog.text
    for _ in range(5):
        banco.harness.clock.advance(3_600_000)
        await banco.vaciar()
    assert banco.trabajo(one) == ("leer_codigos", "cuarentena", 6, "error_interno")


async def test_a_lote_that_cannot_be_read_waits_for_its_copy(banco: Banco) -> None:
    one = await banco.llega(await banco.harness.phone())
    folder = banco.harness.box.diario.folder
    path = max(folder.glob("*.tar*"))
    path.rename(path.with_suffix(".fuera"))
    await banco.vaciar()
    assert banco.trabajo(one) == ("abrir", "pendiente", 1, "lote_ilegible")
    path.with_suffix(".fuera").rename(path)
    banco.harness.clock.advance(600_000)
    await banco.vaciar()
    assert banco.trabajo(one) == HECHO


async def test_a_sobre_that_is_not_what_it_was_goes_to_quarantine_at_once(banco: Banco) -> None:
    one = await banco.llega(await banco.harness.phone())
    await banco.sql("UPDATE registros SET codigo = zeroblob(32) WHERE id = ?", one)
    await banco.vaciar()
    assert banco.trabajo(one) == ("abrir", "cuarentena", 1, "sobre_danado")
    assert banco.uno("SELECT count(*) FROM revisiones")[0] == 0


async def test_a_correction_that_comes_in_between_is_not_overwritten(banco: Banco) -> None:
    phone = await banco.harness.phone()
    one = await banco.llega(phone, cic="123456789")
    keys = banco.harness.box.keys
    purpose = correccion(one)
    cuenta = (await banco.harness.write(
        lambda tx: tx.conn.execute(
            "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
            "VALUES ('operacion', 'N', '', 'n@ejemplo.mx', '', 'activa', 1)"
        ).lastrowid
    ))  # fmt: skip

    def correct(tx: Tx) -> None:
        tx.conn.execute(
            "INSERT INTO correcciones (apoyo_id, campo, antes, despues, cuenta_id, en_ms) "
            "VALUES (?, 'cic', ?, ?, ?, 1)",
            (one, keys.wrap(purpose, b"123456789"), keys.wrap(purpose, b"987654321"), cuenta),
        )
        trabajos.compare_again(tx.conn, one)

    asked = banco.padron.preguntar

    async def meanwhile(personas: Any) -> Any:
        banco.padron.preguntar = asked  # type: ignore[method-assign]
        await banco.harness.write(correct)
        return await asked(personas)

    banco.padron.preguntar = meanwhile  # type: ignore[method-assign]
    banco.padron.por_dato = {"123456789": Respuesta(Situacion.BAJA, MotivoBaja.DEFUNCION)}
    await banco.tuberia.paso()
    assert banco.trabajo(one)[0] == "compulsar", "the answer was about data that hold no more"
    assert banco.uno("SELECT situacion FROM apoyos WHERE id = ?", one)[0] == "SIN_RESPUESTA"
    await banco.vaciar()
    assert (banco.trabajo(one), banco.clase(one)) == (HECHO, "en_mesa")
    huella = banco.uno("SELECT huella FROM identidades WHERE apoyo_id = ?", one)[0]
    assert huella == keys.huella("identidad:cic", "987654321")


async def test_a_store_that_takes_nothing_costs_no_attempt(banco: Banco, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await banco.llega(await banco.harness.phone())
    writer = banco.harness.box.writer
    with monkeypatch.context() as patch:
        patch.setattr(writer, "submit", lambda operation, callback, weight=0: callback(AppError("sin_espacio")))
        with pytest.raises(runner._AlmacenAusente):
            await banco.tuberia.paso()
    assert banco.trabajo(one) == ("abrir", "pendiente", 0, "")
    await banco.vaciar()
    assert banco.trabajo(one) == HECHO


def cut_after(submit: Callable[..., None], count: int) -> Callable[..., None]:
    """A write thread that does `count` operations more and then nothing: as after a kill."""
    left = [count]

    def submitting(operation: Any, callback: Any, weight: int = 0) -> None:
        if left[0] > 0:
            left[0] -= 1
            submit(operation, callback, weight)
        else:
            callback(AppError("almacen_no_disponible"))

    return submitting


QUE_QUEDA = (
    "SELECT id, clase, situacion, municipio, busqueda, duplicado, ambito FROM apoyos ORDER BY id",
    "SELECT apoyo_id, codigo, dato FROM banderas ORDER BY 1, 2, 3",
    "SELECT apoyo_id, clase, huella FROM identidades ORDER BY 1, 2",
    "SELECT apoyo_id, ronda, estado FROM revisiones ORDER BY 1",
    "SELECT id, etapa, estado, intentos FROM trabajos ORDER BY 1",
)


async def test_cut_between_any_two_writes_the_outcome_is_the_same(
    banco: Banco, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = await banco.harness.phone(), await otro_aspirante(banco)

    async def deliver() -> list[int]:
        return [
            await banco.llega(mine, clave_elector=CLAVE, cic="123456789"),
            await banco.llega(theirs, clave_elector=CLAVE, ocr="0123456789012", cic=None),
            await banco.llega(mine, clave_elector=None, cic="123456789"),
        ]

    def outcome(ids: list[int]) -> list[Any]:
        """All that is left of these three, as if they were the first."""
        found = [banco.filas(sql) for sql in QUE_QUEDA]
        return [[(ids.index(row[0]), *row[1:]) for row in rows if row[0] in ids] for rows in found]  # type: ignore[arg-type]

    async def clean(ids: list[int]) -> None:
        await banco.sql(f"DELETE FROM apoyos WHERE id >= {min(ids)}")

    ids = await deliver()
    await banco.vaciar()
    undisturbed = outcome(ids)
    assert len(undisturbed[0]) == len(undisturbed[3]) == 3
    await clean(ids)
    for cut in range(14):
        ids = await deliver()
        with monkeypatch.context() as patch:
            patch.setattr(banco.harness.box.writer, "submit", cut_after(banco.harness.box.writer.submit, cut))
            try:
                await banco.vaciar()
                assert cut >= 12, "three registros are at least twelve operations"
            except runner._AlmacenAusente:
                pass
        banco.otra()
        await banco.vaciar()
        found = outcome(ids)
        for row, expected in zip(found[0], undisturbed[0], strict=True):
            assert (*row[:4], *row[5:]) == (*expected[:4], *expected[5:]), cut
        assert found[1:] == undisturbed[1:], cut
        await clean(ids)


async def test_a_server_that_stops_does_not_wait_for_images(banco: Banco) -> None:
    begun = asyncio.Event()

    class Eterno:
        a_la_vez = 2

        async def leer(self, imagenes: Any) -> Lectura:
            begun.set()
            await asyncio.Event().wait()
            raise AssertionError

    phone = await banco.harness.phone()
    ids = [await banco.llega(phone) for _ in range(5)]
    banco.tuberia.lectores = Eterno()
    working = asyncio.create_task(banco.tuberia.run())
    await begun.wait()
    working.cancel()
    done, _ = await asyncio.wait([working], timeout=30)
    assert done, "it waits for images that nobody reads"
    banco.tuberia.lectores = banco.lectores
    await banco.vaciar()
    assert {banco.trabajo(one) for one in ids} == {HECHO}


async def test_a_padron_that_raises_is_silent_and_the_line_goes_on(banco: Banco) -> None:
    class Roto:
        async def preguntar(self, personas: Any) -> list[Respuesta]:
            raise ValueError("DEFUNCIÓN")

    phone = await banco.harness.phone()
    ids = [await banco.llega(phone) for _ in range(3)]
    banco.tuberia.proveedor = Roto()
    await banco.vaciar()
    assert {banco.trabajo(one) for one in ids} == {("verificar_padron", "pendiente", 1, trabajos.ESPERA_PADRON)}
    assert banco.uno("SELECT count(*) FROM revisiones")[0] == 3
    banco.tuberia.proveedor = banco.padron
    banco.harness.clock.advance(60_000)
    await banco.vaciar()
    assert {banco.trabajo(one) for one in ids} == {HECHO}
