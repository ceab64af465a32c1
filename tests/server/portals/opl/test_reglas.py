"""The rules of review through their page (rows B7, F3, G2, G5; P15.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from server.domain.apoyo import Duplicado
from server.domain.reglas import LIMITES, DuplicadosOtros, Reglas
from server.domain.roles import Rol
from server.errors import DatoInvalido
from server.registro import reglas as registro
from server.store import ajustes, apoyos
from server.store.writer import Tx
from tests.server.portals.portal import Persona, Sitio, abierto
from tests.server.store.test_conteos import arrive

pytestmark = pytest.mark.anyio
URL = "/opl/reglas"
USUAL = {
    "meta_diaria": "400", "plazo_dias": "10", "reclamo_minutos": "20", "segunda_pct": "5", "papel_doble_pct": "10",
    "ocultar_aspirante": "si", "duplicados_otros": "primero",
}  # fmt: skip


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


@pytest.fixture
async def opl(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ADMINISTRACION, nombre="Ana Coordina")


async def in_force(sitio: Sitio) -> Reglas:
    return await sitio.write(lambda tx: ajustes.reglas(tx.conn))


async def test_what_holds_stands_in_the_form_and_saving_it_changes_nothing(sitio: Sitio, opl: Persona) -> None:
    page = (await opl.get(URL)).page()
    assert {name: page.fields[name] for name in USUAL} == USUAL
    assert "Nada se ha cambiado todavía" in page.text
    assert (await opl.post(URL, USUAL)).location == f"{URL}?hecho=sin_cambios"
    assert sitio.eventos("reglas_cambiadas") == []
    assert await in_force(sitio) == Reglas()


async def test_a_change_holds_and_is_on_the_record_with_what_it_was(sitio: Sitio, opl: Persona) -> None:
    data = {**USUAL, "meta_diaria": "1,200", "segunda_pct": "0"}
    del data["ocultar_aspirante"]
    assert (await opl.post(URL, data)).location == f"{URL}?hecho=guardado"
    assert await in_force(sitio) == Reglas(meta_diaria=1_200, segunda_pct=0, ocultar_aspirante=False)
    [event] = sitio.eventos("reglas_cambiadas")
    assert event["actor"] == f"cuenta:{opl.cuenta}"
    assert msgspec.json.decode(event["datos"]) == {
        "cambios": {
            "regla_meta_diaria": {"antes": "400", "ahora": "1200"},
            "regla_ocultar_aspirante": {"antes": "si", "ahora": "no"},
            "regla_segunda_pct": {"antes": "5", "ahora": "0"},
        },
        "por_revisar": 0,
    }
    page = (await opl.get(URL)).page()
    assert "ocultar_aspirante" not in page.fields
    assert "Ana Coordina: 3 reglas" in page.text
    assert "400 1200" in page.text


@pytest.mark.parametrize(
    ("name", "typed", "code"),
    [
        *((name, str(high + 1), "entero_forma") for name, (_, high) in LIMITES.items()),
        *((name, str(low - 1), "entero_forma") for name, (low, _) in LIMITES.items()),
        ("plazo_dias", "", "falta_dato"), ("segunda_pct", "5.5", "entero_forma"),
        ("duplicados_otros", "", "falta_dato"), ("duplicados_otros", "azar", "opcion_ajena"),
    ],
)  # fmt: skip
async def test_out_of_bounds_is_named_and_nothing_typed_is_lost(
    sitio: Sitio, opl: Persona, name: str, typed: str, code: str
) -> None:
    answer = await opl.post(URL, {**USUAL, "meta_diaria": "399", name: typed})
    page = answer.page()
    assert (answer.status, page.codes) == (422, [code])
    if name in LIMITES:
        assert page.fields[name] == typed
    assert await in_force(sitio) == Reglas()
    assert sitio.eventos("reglas_cambiadas") == []


async def test_the_operation_has_the_same_bounds(sitio: Sitio) -> None:
    with pytest.raises(DatoInvalido) as refused:
        await sitio.write(lambda tx: registro.cambiar(tx, 1, Reglas(plazo_dias=0)))
    assert refused.value.codigo == "regla_plazo_dias"


def fill(tx: Tx) -> None:
    """Twelve apoyos: 1 and 2 of one person, 3 with a flag, 4 a duplicate, 5 to 7 of one person but elsewhere."""
    conn = tx.conn
    for number in range(12):
        arrive(conn, number, lote=500)
    for huella, ids in ((b"a" * 16, (1, 2)), (b"b" * 16, (5, 6, 7)), (b"c" * 16, (8,))):
        for id_ in ids:
            conn.execute("INSERT INTO identidades VALUES ('clave', ?, ?)", (huella, id_))
    conn.execute("INSERT INTO banderas VALUES (3, 'duplicado_otro', '', 1)")
    conn.execute("INSERT INTO banderas VALUES (9, 'curp_clave', '', 1)")
    apoyos.set_duplicado(conn, 4, Duplicado.OTRO)
    conn.execute("UPDATE trabajos SET etapa = 'clasificar', estado = 'hecho', motivo = 'x', intentos = 2")
    conn.execute("UPDATE trabajos SET etapa = 'leer_codigos', estado = 'pendiente' WHERE id = 5")
    conn.execute("UPDATE trabajos SET estado = 'cuarentena' WHERE id = 6")
    conn.execute("UPDATE trabajos SET estado = 'pendiente' WHERE id = 7")


async def test_another_rule_for_several_aspirantes_compares_again(sitio: Sitio, opl: Persona) -> None:
    await sitio.write(fill)
    assert "las cifras de los reportes se moverán" in (await opl.get(URL)).page().text
    answer = await opl.post(URL, {**USUAL, "duplicados_otros": "ninguno"})
    assert answer.location == f"{URL}?hecho=reglas_recalculo"
    page = (await opl.get(answer.location)).page()
    assert "las cifras se moverán" in page.text
    assert "Para el primero que se recibió Para ninguno" in page.text
    assert "Se volvieron a comparar 5 apoyos" in page.text
    assert (await in_force(sitio)).duplicados_otros is DuplicadosOtros.NINGUNO
    found = {row["id"]: (row["etapa"], row["estado"], row["intentos"]) for row in sitio.read("SELECT * FROM trabajos")}
    assert [id_ for id_, state in found.items() if state == ("buscar_duplicados", "pendiente", 0)] == [1, 2, 3, 4, 7]
    assert found[5] == ("leer_codigos", "pendiente", 2), "it comes by anyway"
    assert found[6] == ("clasificar", "cuarentena", 2), "somebody must look at it first"
    # A rule that decides nothing about duplicates moves nothing.
    await sitio.write(lambda tx: tx.conn.execute("UPDATE trabajos SET etapa = 'clasificar', estado = 'hecho'"))
    await opl.post(URL, {**USUAL, "duplicados_otros": "ninguno", "plazo_dias": "12"})
    assert sitio.read("SELECT count(*) FROM trabajos WHERE etapa <> 'clasificar'")[0][0] == 0


async def test_who_may(sitio: Sitio) -> None:
    for rol in (Rol.OPERACION, Rol.AUDIENCIA, Rol.AYUDA, Rol.ASPIRANTE):
        person = await sitio.entrar(rol)
        assert (await person.get(URL)).status == 403
        assert (await person.post(URL, USUAL)).status == 403
