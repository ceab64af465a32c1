"""The coordination's pages: load, what will be late, assigning with a preview, cases, criteria, agreement, history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.domain.plazo import limite
from server.domain.reglas import PREFIJO
from server.domain.roles import Rol
from server.mesa_control import bandeja, dictamen
from server.mesa_control.dictamen import Decision
from server.store import ajustes, revisiones
from tests.server.mesa_control.mesa import insert_apoyos
from tests.server.portals.portal import HOUR, Persona, Sitio, abierto

pytestmark = pytest.mark.anyio
DAY = 24 * HOUR


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        await made.write(lambda tx: ajustes.poner(tx.conn, PREFIJO + "segunda_pct", "0", None, tx.now_ms))
        yield made


@pytest.fixture
async def jefa(sitio: Sitio) -> Persona:
    return await sitio.entrar(Rol.ADMINISTRACION, nombre="Jefa Mesa")


async def en_mesa(sitio: Sitio, count: int, *, days_ago: int = 0) -> list[int]:
    """Apoyos that came to the mesa so many days ago; their revisiones."""
    solicitud = sitio.read("SELECT min(id) FROM aspirantes")[0][0]
    first = sitio.read("SELECT coalesce(max(registro), 0) + 1 FROM registros")[0][0]

    def make(tx):  # type: ignore[no-untyped-def]
        entrada = tx.now_ms - days_ago * DAY
        return [
            revisiones.add(tx.conn, id_, solicitud, "primera", entrada, limite(entrada, 10))
            for id_ in insert_apoyos(tx, solicitud, first, count)
        ]

    return await sitio.write(make)  # type: ignore[no-any-return]


async def decide(sitio: Sitio, cuenta: int, revision: int, resultado: str = "valido", inciso: str = "",
                 motivo: str = "") -> dictamen.Dictado:  # fmt: skip
    return await sitio.write(  # type: ignore[no-any-return]
        lambda tx: dictamen.decidir(
            tx, Decision(revision, cuenta, resultado, inciso, motivo=motivo, abierto_ms=tx.now_ms - 9_000,
                         en_pantalla={"banderas": ["curp_clave"]}),
        )
    )  # fmt: skip


def folio_of(sitio: Sitio, revision: int) -> str:
    return str(
        sitio.read("SELECT folio FROM apoyos JOIN revisiones r ON apoyo_id = apoyos.id WHERE r.id = ?", revision)[0][0]
    )


def loads(sitio: Sitio) -> dict[int, int]:
    rows = sitio.read("SELECT asignada_a, count(*) FROM revisiones WHERE estado = 'pendiente' GROUP BY 1")
    return {row[0] or 0: row[1] for row in rows}


async def test_an_empty_mesa(jefa: Persona) -> None:
    text = (await jefa.get("/opl/mesa")).page().text
    assert "No hay registros en espera" in text
    for path in ("/opl/mesa/asignar", "/opl/mesa/casos", "/opl/mesa/acuerdo", "/opl/criterios"):
        assert (await jefa.get(path)).status == 200, path


async def test_what_will_be_late_is_said_before_it_is(sitio: Sitio, jefa: Persona) -> None:
    rosa = await sitio.entrar(Rol.OPERACION, nombre="Rosa Gil")
    await sitio.write(lambda tx: ajustes.poner(tx.conn, PREFIJO + "meta_diaria", "4", None, tx.now_ms))
    await en_mesa(sitio, 3, days_ago=11)
    await en_mesa(sitio, 7, days_ago=9)
    text = (await jefa.get("/opl/mesa")).page().text
    assert "Todavía no hay un ritmo de revisión: se calcula con la meta, 4 al día" in text
    # Three are over; of seven until tomorrow eight minus those three are done in time.
    assert "3 registros ya vencieron sin revisar." in text
    assert "2 registros más vencerán sin revisar si se sigue a este ritmo" in text
    assert "Venció ayer" in text
    assert "Vence mañana" in text
    taken = await sitio.write(lambda tx: bandeja.siguiente(tx, rosa.cuenta))
    await decide(sitio, rosa.cuenta, taken.id)
    sitio.clock.advance(DAY)
    jefa = await sitio.entrar(Rol.ADMINISTRACION)
    text = (await jefa.get("/opl/mesa")).page().text
    assert "Al ritmo de los últimos días, 1 al día" in text
    assert "0 de 4" in text
    assert "Rosa Gil" in text


async def test_balanced_with_a_preview(sitio: Sitio, jefa: Persona) -> None:
    rosa = await sitio.entrar(Rol.OPERACION, nombre="Rosa Gil")
    beto = await sitio.entrar(Rol.OPERACION, nombre="Beto Paz")
    await en_mesa(sitio, 9)
    fields = {"de": "nadie", "cuantos": "7", f"a{rosa.cuenta}": "si", f"a{beto.cuenta}": "si"}
    query = "&".join(f"{name}={value}" for name, value in {"ver": "si", **fields}.items())
    shown = await jefa.get(f"/opl/mesa/asignar?{query}")
    assert "7 registros cambian de manos" in shown.page().text
    assert loads(sitio) == {0: 9}, "a preview changes nothing"
    again = {name: value for name, value in shown.page().fields.items() if name != "ver"}
    assert (await jefa.post("/opl/mesa/asignar", again)).location == "/opl/mesa?hecho=mesa_asignado"
    assert loads(sitio) == {0: 2, rosa.cuenta: 4, beto.cuenta: 3}
    page = (await jefa.get("/opl/mesa?hecho=mesa_asignado")).page()
    assert "Los registros quedaron asignados." in page.text
    await jefa.post("/opl/mesa/asignar", {"de": str(rosa.cuenta), f"a{beto.cuenta}": "si", "cuantos": "1"})
    assert loads(sitio) == {0: 2, rosa.cuenta: 3, beto.cuenta: 4}


async def test_assigning_without_what_it_needs(sitio: Sitio, jefa: Persona) -> None:
    await sitio.entrar(Rol.OPERACION)
    gone = await sitio.entrar(Rol.OPERACION, estatus="suspendida")
    await en_mesa(sitio, 2)
    answer = await jefa.post("/opl/mesa/asignar", {"de": "nadie", "cuantos": "2", f"a{gone.cuenta}": "si"})
    assert (answer.status, answer.page().codes) == (422, ["falta_operador"])
    assert answer.page().fields["cuantos"] == "2"
    answer = await jefa.get(f"/opl/mesa/asignar?ver=si&de=otro&cuantos=x&a{jefa.cuenta}=si")
    assert answer.status == 422
    assert set(answer.page().codes) == {"opcion_ajena", "entero_forma"}
    assert loads(sitio) == {0: 2}


async def test_taking_back_what_an_operator_has(sitio: Sitio, jefa: Persona) -> None:
    rosa = await sitio.entrar(Rol.OPERACION, nombre="Rosa Gil")
    await en_mesa(sitio, 3)
    await jefa.post("/opl/mesa/asignar", {"de": "nadie", f"a{rosa.cuenta}": "si"})
    await sitio.write(lambda tx: bandeja.siguiente(tx, rosa.cuenta))
    base = f"/opl/mesa/operadores/{rosa.cuenta}"
    assert "3 registros vuelven" in (await jefa.get(f"{base}/liberar")).page().text
    assert (await jefa.post(f"{base}/liberar")).location == f"{base}?hecho=mesa_liberado"
    assert loads(sitio) == {0: 2, rosa.cuenta: 1}, "what she reviews now stays hers"
    assert (await jefa.post(f"{base}/liberar")).location == f"{base}?hecho=mesa_nada_que_liberar"
    assert (await jefa.get("/opl/mesa/operadores/999")).status == 404
    solicitante = await sitio.entrar(Rol.ASPIRANTE)
    assert (await jefa.get(f"/opl/mesa/operadores/{solicitante.cuenta}")).status == 404


async def test_a_case_and_the_history_of_a_registro(sitio: Sitio, jefa: Persona) -> None:
    rosa = await sitio.entrar(Rol.OPERACION, nombre="Rosa Gil")
    (revision,) = await en_mesa(sitio, 1)
    folio = folio_of(sitio, revision)
    await decide(sitio, rosa.cuenta, revision, "elevado", motivo="La credencial es de otro país")
    assert "La credencial es de otro país" in (await jefa.get("/opl/mesa/casos")).page().text
    case = sitio.read("SELECT id FROM elevaciones")[0][0]
    form = (await jefa.get(f"/opl/mesa/casos/{case}")).page()
    sent = {**form.fields, "resultado": "inconsistente", "resolucion": "Acuerdo 7"}
    answer = await jefa.post(f"/opl/mesa/casos/{case}", sent)
    assert (answer.status, answer.page().codes) == (422, ["inciso_ajeno"])
    assert answer.page().fields["resolucion"] == "Acuerdo 7"
    answer = await jefa.post(f"/opl/mesa/casos/{case}", {**sent, "inciso": "f"})
    assert (answer.status, answer.page().codes) == (422, ["falta_detalle"])
    answer = await jefa.post(f"/opl/mesa/casos/{case}", {**sent, "inciso": "g"})
    assert answer.location == "/opl/mesa/casos?hecho=caso_resuelto"
    assert (await jefa.post(f"/opl/mesa/casos/{case}", {**sent, "inciso": "g"})).status == 409
    assert "Acuerdo 7" in (await jefa.get("/opl/mesa/casos?resueltos=si")).page().text
    text = (await jefa.get(f"/opl/mesa/registros/{folio}")).page().text
    for said in ("Con inconsistencia: g) Persona distinta", "Rosa Gil", "Jefa Mesa", "Elevado a la autoridad",
                 "Vigente", "banderas: curp_clave", "a la vista 9 s", "Acuerdo 7", "Versión 0"):  # fmt: skip
        assert said in text, said
    assert sitio.read("SELECT count(*) FROM bitacora WHERE evento = 'datos_consultados'")[0][0] == 2
    # … and it is looked at again.
    again = f"/opl/mesa/registros/{folio}/reabrir"
    assert (await jefa.post(again, {"motivo": " "})).status == 422
    assert (await jefa.post(again, {"motivo": "Lo pidió la oficialía"})).location.endswith("hecho=mesa_reabierto")
    answer = await jefa.post(again, {"motivo": "Otra vez"})
    assert (answer.status, "ya espera una revisión" in answer.page().text) == (422, True)
    assert "Lo pidió la oficialía" in (await jefa.get(f"/opl/mesa/registros/{folio}")).page().text
    assert (await jefa.get("/opl/mesa/registros/no-hay")).status == 404


async def test_criteria_are_edited_by_versions(sitio: Sitio, jefa: Persona) -> None:
    form = (await jefa.get("/opl/criterios/editar")).page()
    sent = {**form.fields, "nota": "Acuerdo 9", "i-a_texto": "Otro texto", "i-b_retirar": "si"}
    sent |= {"nuevo1_inciso": "o)", "nuevo1_categoria": "Otra", "nuevo1_texto": "Nueva", "nuevo1_detalle": "Cuál",
             "nuevo1_pide": "si", "nuevo1_via": "app"}  # fmt: skip
    answer = await jefa.post("/opl/criterios/editar", {**sent, "nuevo1_texto": "", "nota": ""})
    assert answer.status == 422
    assert answer.page().codes == ["falta_dato"]
    answer = await jefa.post("/opl/criterios/editar", {**sent, "nuevo1_texto": ""})
    assert (answer.status, answer.page().codes) == (422, ["falta_dato"])
    assert answer.page().fields["i-a_texto"].strip() == "Otro texto"
    answer = await jefa.post("/opl/criterios/editar", {**sent, "nuevo1_inciso": "c"})
    assert (answer.status, answer.page().codes) == (422, ["inciso_repetido"])
    assert (await jefa.post("/opl/criterios/editar", sent)).location == "/opl/criterios/1?hecho=criterios_publicados"
    text = (await jefa.get("/opl/criterios")).page().text
    for said in ("Versión 1 Vigente", "Otro texto", "o) Se agregó.", "b) Se retiró:", "Acuerdo 9"):
        assert said in text, said
    assert "Otro texto" not in (await jefa.get("/opl/criterios/0")).page().text
    assert (await jefa.get("/opl/criterios/2")).status == 404
    answer = await jefa.post("/opl/criterios/editar", {**sent, "i-a_texto": "Tercero"})
    assert answer.status == 422
    assert "Otra persona publicó una versión" in answer.page().text, "the form was of version 0"


async def test_agreement(sitio: Sitio, jefa: Persona) -> None:
    await sitio.write(lambda tx: ajustes.poner(tx.conn, PREFIJO + "segunda_pct", "100", None, tx.now_ms))
    rosa = await sitio.entrar(Rol.OPERACION, nombre="Rosa Gil")
    (revision,) = await en_mesa(sitio, 1)
    await decide(sitio, rosa.cuenta, revision)
    text = (await jefa.get("/opl/mesa")).page().text
    assert "nadie puede darla" not in text
    second = sitio.read("SELECT id FROM revisiones WHERE estado = 'pendiente'")[0][0]
    await decide(sitio, jefa.cuenta, second, "inconsistente", "g")
    text = (await jefa.get("/opl/mesa/acuerdo?dias=7")).page().text
    assert "Rosa Gil 1 0 % 0.00 0.00 Pocas parejas para concluir" in text
    assert "g) Válido 1" in text
    assert "sólo hay 2 cuentas que puedan revisar" in (await jefa.get("/opl/mesa")).page().text


async def test_pages_cost_the_same_whatever_waits(sitio: Sitio, jefa: Persona) -> None:
    for n in range(4):
        await sitio.entrar(Rol.OPERACION, nombre=f"Operador {n}")
    await en_mesa(sitio, 3)
    await jefa.get("/opl/mesa")
    with sitio.consultas() as few:
        await jefa.get("/opl/mesa")
    await en_mesa(sitio, 60, days_ago=3)
    for n in range(4):
        await sitio.entrar(Rol.OPERACION, nombre=f"Otro {n}")
    with sitio.consultas() as many:
        await jefa.get("/opl/mesa")
    assert len(many) == len(few)
    assert not [one for one in many if " revisiones" in one or " dictamenes" in one], "only counters are read"
