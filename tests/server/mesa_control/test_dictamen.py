"""Verdicts: what may be said, what becomes of it, a second and a third opinion, taking back, hearings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.domain.apoyo import Resultado
from server.domain.mesa import Fallo, Ronda, pide_segunda
from server.errors import AppError, DatoInvalido
from server.mesa_control import bandeja, criterios, dictamen, elevacion
from server.store import elevaciones
from tests.server.mesa_control.mesa import Mesa, abierta, insert_papel

DIA = 86_400_000


@pytest.fixture
def mesa(tmp_path: Path) -> Iterator[Mesa]:
    with abierta(tmp_path) as made:
        yield made


def refused(code: str) -> pytest.RaisesExc[AppError | DatoInvalido]:
    def same(error: Any) -> bool:
        return bool((error.code if isinstance(error, AppError) else error.codigo) == code)

    return pytest.RaisesExc((AppError, DatoInvalido), check=same)


def apoyo_of(mesa: Mesa, revision: int) -> int:
    return mesa.de(revision).apoyo_id


def test_valid(mesa: Mesa) -> None:
    ana = mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.reclamar(revision, ana)
    done = mesa.decidir(revision, ana, en_pantalla={"banderas": ["curp_clave"]})
    assert done.firme
    assert mesa.resultado(apoyo_of(mesa, revision)) == (Resultado.VALIDO, "")
    (event,) = mesa.caja.events("dictamen")
    said = json.loads(event["datos"])
    assert (event["actor"], event["objeto"]) == (f"cuenta:{ana}", f"apoyo:{apoyo_of(mesa, revision)}")
    assert (said["criterios"], said["en_pantalla"], said["firme"]) == (0, {"banderas": ["curp_clave"]}, True)
    assert mesa.value("SELECT count(*) FROM revisiones WHERE reclamada_por IS NOT NULL") == 0


@pytest.mark.parametrize(
    ("resultado", "inciso", "more", "code"),
    [
        ("quizá", "", {}, "resultado_ajeno"),
        ("anulado", "", {}, "resultado_ajeno"),
        ("inconsistente", "", {}, "inciso_ajeno"),
        ("inconsistente", "o", {}, "inciso_ajeno"),
        ("inconsistente", "pa", {}, "inciso_ajeno"),
        ("inconsistente", "f", {"detalle": "  "}, "falta_detalle"),
        ("inconsistente", "f", {"detalle": "x" * 501}, "texto_largo"),
        ("valido", "a", {}, "inciso_sobra"),
        ("elevado", "", {"motivo": " "}, "falta_motivo"),
        ("valido", "", {"en_pantalla": {"x": "y" * 9_000}}, "pantalla_grande"),
    ],
)
def test_what_may_not_be_said_changes_nothing(
    mesa: Mesa, resultado: str, inciso: str, more: dict[str, Any], code: str
) -> None:
    ana = mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.reclamar(revision, ana)
    with refused(code):
        mesa.decidir(revision, ana, resultado, inciso, **more)
    assert mesa.resultado(apoyo_of(mesa, revision)) == (Resultado.PENDIENTE, "")
    assert mesa.value("SELECT count(*) FROM dictamenes") == 0
    assert mesa.de(revision).reclamada_por == ana


def test_an_inconsistency_carries_its_detail(mesa: Mesa) -> None:
    ana = mesa.operador()
    first, second = mesa.en_mesa(2)
    mesa.decidir(first, ana, "inconsistente", "f", detalle="No se lee  el OCR")
    mesa.decidir(second, ana, "inconsistente", "g")
    assert mesa.apoyo(apoyo_of(mesa, first)).detalle == "No se lee el OCR"
    assert mesa.apoyo(apoyo_of(mesa, second)).detalle == "Persona distinta"


def test_paper_has_its_own_incisos(mesa: Mesa) -> None:
    ana = mesa.operador()
    revision = mesa.revision(mesa.do(lambda tx: insert_papel(tx, mesa.solicitud, 1)))
    with refused("inciso_ajeno"):
        mesa.decidir(revision, ana, "inconsistente", "a")
    assert mesa.decidir(revision, ana, "inconsistente", "pd").firme


def test_sent_twice_is_once(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    first, second = mesa.en_mesa(2)
    done = mesa.decidir(first, ana, "inconsistente", "f", detalle="OCR")
    assert mesa.decidir(first, ana, "inconsistente", "f", detalle=" OCR ") == done
    for who, what in ((ana, ("valido", "")), (ana, ("inconsistente", "g")), (beto, ("inconsistente", "f"))):
        with refused("revision_hecha"):
            mesa.decidir(first, who, *what, detalle="OCR" if what[1] == "f" else "")
    raised = mesa.decidir(second, ana, "elevado", motivo="Dos personas")
    assert mesa.decidir(second, ana, "elevado", motivo="Dos personas") == raised
    assert mesa.value("SELECT count(*) FROM dictamenes") == 2
    assert mesa.value("SELECT count(*) FROM elevaciones") == 1


def test_only_who_may_decides(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.reclamar(revision, ana)
    with refused("revision_ajena"):
        mesa.decidir(revision, beto)
    mesa.clock.advance(21 * 60_000)
    assert mesa.decidir(revision, ana).firme, "nobody took it meanwhile"


def test_a_dictamen_is_for_ever(mesa: Mesa) -> None:
    ana = mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.decidir(revision, ana)
    for statement in ("UPDATE dictamenes SET resultado = 'anulado'", "DELETE FROM dictamenes"):
        with pytest.raises(sqlite3.IntegrityError):
            mesa.do(lambda tx, sql=statement: tx.conn.execute(sql))  # type: ignore[misc]


def test_the_draw_is_the_same_at_each_replay_and_of_the_share() -> None:
    folios = [f"{n:012}" for n in range(20_000)]
    drawn = [folio for folio in folios if pide_segunda(folio, "secreto", 5)]
    assert 800 < len(drawn) < 1_200
    assert drawn == [folio for folio in folios if pide_segunda(folio, "secreto", 5)]
    assert set(drawn) <= {folio for folio in folios if pide_segunda(folio, "secreto", 6)}
    assert set(drawn) != {folio for folio in folios if pide_segunda(folio, "otro", 5)}
    assert not any(pide_segunda(folio, "secreto", 0) for folio in folios)
    assert all(pide_segunda(folio, "secreto", 100) for folio in folios)


@pytest.mark.parametrize(
    ("first", "second", "agree"),
    [
        (("valido", ""), ("valido", ""), True),
        (("inconsistente", "g"), ("inconsistente", "g"), True),
        (("inconsistente", "g"), ("inconsistente", "l"), False),
        (("inconsistente", "g"), ("valido", ""), False),
    ],
)
def test_two_opinions(mesa: Mesa, first: tuple[str, str], second: tuple[str, str], agree: bool) -> None:
    mesa.reglas(segunda_pct=100)
    ana, beto, caro = (mesa.operador() for _ in range(3))
    (revision,) = mesa.en_mesa()
    apoyo = apoyo_of(mesa, revision)
    assert not mesa.decidir(revision, ana, *first).firme
    assert mesa.resultado(apoyo)[0] is Resultado.PENDIENTE
    assert mesa.siguiente(ana) is None, "never the second opinion on what one decided first"
    waiting = mesa.siguiente(beto)
    assert waiting is not None
    assert waiting.ronda is Ronda.SEGUNDA
    assert waiting.limite_ms == mesa.de(revision).limite_ms
    with refused("revision_ajena"):
        mesa.decidir(waiting.id, ana, *second)
    assert mesa.decidir(waiting.id, beto, *second).firme is agree
    if agree:
        assert mesa.resultado(apoyo) == (Resultado(second[0]), second[1])
        assert mesa.pendiente(apoyo) is None
        return
    assert mesa.resultado(apoyo)[0] is Resultado.PENDIENTE
    assert mesa.siguiente(ana) is mesa.siguiente(beto) is None
    third = mesa.siguiente(caro)
    assert third is not None
    assert third.ronda is Ronda.TERCERA
    assert mesa.decidir(third.id, caro, "inconsistente", "l").firme
    assert mesa.resultado(apoyo) == (Resultado.INCONSISTENTE, "l")
    assert mesa.pendiente(apoyo) is None


def test_who_gave_an_opinion_cannot_claim_the_next(mesa: Mesa) -> None:
    mesa.reglas(segunda_pct=100)
    ana = mesa.operador()
    (revision,) = mesa.en_mesa()
    mesa.decidir(revision, ana)
    waiting = mesa.pendiente(apoyo_of(mesa, revision))
    assert waiting is not None
    with refused("revisor_impedido"):
        mesa.reclamar(waiting.id, ana)


def test_taking_back(mesa: Mesa) -> None:
    ana, beto = mesa.operador(), mesa.operador()
    (revision,) = mesa.en_mesa()
    apoyo = apoyo_of(mesa, revision)
    done = mesa.decidir(revision, ana, "inconsistente", "g")
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(done.dictamen, beto)
    again = mesa.deshacer(done.dictamen, ana)
    assert (again.reclamada_por, again.ronda, again.limite_ms) == (ana, Ronda.PRIMERA, mesa.de(revision).limite_ms)
    assert mesa.resultado(apoyo) == (Resultado.PENDIENTE, "")
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(done.dictamen, ana)
    assert mesa.decidir(again.id, ana, "valido").firme
    given = mesa.dictamenes(apoyo)
    assert [one.resultado for one in given] == [Fallo.INCONSISTENTE, Fallo.ANULADO, Fallo.VALIDO]
    assert given[1].sustituye == given[0].id
    assert mesa.resultado(apoyo) == (Resultado.VALIDO, "")
    mesa.clock.advance(DIA + 1)
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(given[2].id, ana)
    with refused("no_encontrado"):
        mesa.deshacer(99, ana)


def test_taking_back_a_first_opinion_while_the_second_waits(mesa: Mesa) -> None:
    mesa.reglas(segunda_pct=100)
    ana, beto = mesa.operador(), mesa.operador()
    one, two = mesa.en_mesa(2)
    first = mesa.decidir(one, ana)
    again = mesa.deshacer(first.dictamen, ana)
    assert mesa.decidir(again.id, ana, "inconsistente", "g").firme is False
    held = mesa.siguiente(beto)
    assert held is not None
    assert held.ronda is Ronda.PRIMERA
    assert held.id == two
    second = mesa.siguiente(beto, two)
    assert second is not None
    assert second.ronda is Ronda.SEGUNDA
    newest = mesa.dictamenes(apoyo_of(mesa, one))[-1]
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(newest.id, ana)
    mesa.do(lambda tx: bandeja.soltar(tx, second.id, beto))
    assert mesa.decidir(second.id, beto, "inconsistente", "g").firme, "what was undone is no opinion"
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(newest.id, ana)


def test_what_a_hearing_looks_at_cannot_be_taken_back(mesa: Mesa) -> None:
    ana = mesa.operador()
    (revision,) = mesa.en_mesa()
    apoyo = apoyo_of(mesa, revision)
    done = mesa.decidir(revision, ana, "inconsistente", "g")
    mesa.do(
        lambda tx: tx.conn.execute(
            "INSERT INTO audiencias (id, solicitud, estado, solicitada_ms, solicitada_por) "
            "VALUES (7, ?, 'solicitada', 1, ?)",
            (mesa.solicitud, ana),
        )
    )
    mesa.do(
        lambda tx: tx.conn.execute(
            "INSERT INTO audiencia_registros (audiencia_id, apoyo_id, dictamen_inicial) VALUES (7, ?, ?)",
            (apoyo, done.dictamen),
        )
    )
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(done.dictamen, ana)


def test_a_case_is_raised_and_resolved(mesa: Mesa) -> None:
    ana, jefa = mesa.operador(), mesa.operador()
    (revision,) = mesa.en_mesa()
    apoyo = apoyo_of(mesa, revision)
    assert not mesa.decidir(revision, ana, "elevado", motivo="La credencial dice otra cosa").firme
    assert mesa.resultado(apoyo) == (Resultado.PENDIENTE, "")
    assert mesa.pendiente(apoyo) is None
    (case,) = mesa.do(lambda tx: elevaciones.of_apoyo(tx.conn, apoyo))

    def resolve(resolucion: str, inciso: str = "n", detalle: str = "CURP ajena") -> int:
        return mesa.do(
            lambda tx: elevacion.resolver(tx, case.id, jefa, "inconsistente", inciso, detalle, resolucion, tx.now_ms)
        )

    with refused("falta_resolucion"):
        resolve(" ")
    with refused("falta_detalle"):
        resolve("Acuerdo 12", detalle="")
    resolve("Acuerdo 12 del Consejo")
    assert mesa.resultado(apoyo) == (Resultado.INCONSISTENTE, "n")
    newest = mesa.dictamenes(apoyo)[-1]
    assert (newest.ronda, newest.firme, newest.sustituye) == (Ronda.REAPERTURA, True, case.dictamen_id)
    with refused("caso_resuelto"):
        resolve("Otro")
    with refused("dictamen_no_deshacible"):
        mesa.deshacer(case.dictamen_id, ana)


def test_a_raised_case_can_be_withdrawn_by_who_raised_it(mesa: Mesa) -> None:
    ana = mesa.operador()
    (revision,) = mesa.en_mesa()
    again = mesa.deshacer(mesa.decidir(revision, ana, "elevado", motivo="Duda").dictamen, ana)
    assert mesa.do(lambda tx: elevaciones.abiertas(tx.conn)) == 0
    assert mesa.decidir(again.id, ana).firme


def test_a_reopening(mesa: Mesa) -> None:
    ana, beto, jefa = (mesa.operador() for _ in range(3))
    (revision,) = mesa.en_mesa()
    apoyo = apoyo_of(mesa, revision)
    with refused("sin_dictamen"):
        mesa.do(lambda tx: elevacion.reabrir(tx, apoyo, jefa, "Porque sí"))
    first = mesa.decidir(revision, ana, "inconsistente", "g")
    with refused("falta_motivo"):
        mesa.do(lambda tx: elevacion.reabrir(tx, apoyo, jefa, " "))
    made = mesa.do(lambda tx: elevacion.reabrir(tx, apoyo, jefa, "Lo pidió la oficialía"))
    with refused("revision_pendiente"):
        mesa.do(lambda tx: elevacion.reabrir(tx, apoyo, jefa, "Otra vez"))
    assert mesa.resultado(apoyo) == (Resultado.INCONSISTENTE, "g"), "in force until somebody decides"
    assert (mesa.de(made).motivo, mesa.de(made).pedida_por) == ("Lo pidió la oficialía", jefa)
    assert mesa.siguiente(ana) is None
    second = mesa.decidir(made, beto, "valido")
    assert mesa.resultado(apoyo) == (Resultado.VALIDO, "")
    assert mesa.dictamenes(apoyo)[-1].sustituye == first.dictamen
    mesa.deshacer(second.dictamen, beto)
    assert mesa.resultado(apoyo) == (Resultado.INCONSISTENTE, "g"), "the one before is in force again"


def test_in_a_hearing(mesa: Mesa) -> None:
    ana, beto, caro = (mesa.operador() for _ in range(3))
    (revision,) = mesa.en_mesa()
    apoyo = apoyo_of(mesa, revision)
    first = mesa.decidir(revision, ana, "inconsistente", "g")
    mesa.do(lambda tx: elevacion.reabrir(tx, apoyo, ana, "Por si acaso"))

    def decide(cuenta: int, resultado: str = "valido", inciso: str = "") -> int:
        return mesa.do(lambda tx: dictamen.en_audiencia(tx, 7, apoyo, cuenta, resultado, inciso, "", 1, {}))

    with refused("revisor_impedido"):
        decide(ana)
    with refused("resultado_ajeno"):
        decide(beto, "elevado")
    made = decide(beto)
    assert decide(beto) == made, "sent twice"
    assert mesa.pendiente(apoyo) is None
    assert mesa.resultado(apoyo) == (Resultado.VALIDO, "")
    newest = mesa.dictamenes(apoyo)[-1]
    assert (newest.audiencia_id, newest.ronda, newest.sustituye) == (7, Ronda.AUDIENCIA, first.dictamen)
    decide(caro, "inconsistente", "l")
    assert mesa.dictamenes(apoyo)[-1].sustituye == made
    assert mesa.do(lambda tx: dictamen.firme_de(tx.conn, apoyo)).inciso == "l"  # type: ignore[union-attr]


def test_a_dictamen_says_on_which_criteria(mesa: Mesa) -> None:
    ana = mesa.operador()
    first, second = mesa.en_mesa(2)
    mesa.decidir(first, ana, "inconsistente", "g")
    mesa.do(lambda tx: criterios.publicar(tx, _without(tx.conn, "g"), "Acuerdo 3", ana, base=0))
    with refused("inciso_ajeno"):
        mesa.decidir(second, ana, "inconsistente", "g")
    mesa.decidir(second, ana, "inconsistente", "l")
    versions = [row[0] for row in mesa.caja.read("SELECT criterios_version FROM dictamenes ORDER BY id")]
    assert versions == [0, 1]


def _without(conn: sqlite3.Connection, inciso: str) -> list[Any]:
    from server.store import criterios as rows

    return [one for one in rows.of_version(conn, rows.newest(conn)) or () if one.inciso != inciso]
