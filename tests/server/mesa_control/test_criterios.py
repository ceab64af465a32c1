"""Criteria by versions: what may be published, what holds, what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.apoyo import Via
from server.domain.inconsistencias import DE_PAPEL, DEL_PROTOCOLO, INCONSISTENCIAS, Inconsistencia
from server.errors import DatoInvalido
from server.mesa_control import criterios
from server.store import criterios as rows
from tests.server.mesa_control.mesa import Mesa, abierta

BASE = tuple(DEL_PROTOCOLO.values())
NUEVO = Inconsistencia("o", "Otra cosa", "Se ve otra cosa.", "Cuál", True)
PAPEL = Inconsistencia("pf", "Papel", "La cédula está rota.", "Rota", via=Via.PAPEL)


@pytest.fixture
def mesa(tmp_path: Path) -> Iterator[Mesa]:
    with abierta(tmp_path) as made:
        yield made


def publish(mesa: Mesa, incisos: Sequence[Inconsistencia], nota: str = "Acuerdo 3", base: int = 0) -> int:
    cuenta = mesa.operador()
    return mesa.do(lambda tx: criterios.publicar(tx, incisos, nota, cuenta, base=base))


def now(mesa: Mesa, via: Via) -> criterios.Criterios:
    return mesa.do(lambda tx: criterios.vigentes(tx.conn, via))


def test_the_protocols_hold_until_others_do(mesa: Mesa) -> None:
    assert now(mesa, Via.APP) == criterios.Criterios(0, tuple(INCONSISTENCIAS.values()))
    assert now(mesa, Via.PAPEL) == criterios.Criterios(0, tuple(DE_PAPEL.values()))


def test_a_version(mesa: Mesa) -> None:
    edited = replace(BASE[0], texto="  Otro\r\n texto ", pide_detalle=True)
    assert publish(mesa, [edited, *BASE[2:14], NUEVO, *BASE[14:], PAPEL]) == 1
    held = now(mesa, Via.APP)
    assert held.version == 1
    assert [one.inciso for one in held.incisos] == list("acdefghijklmno")
    assert held.de("a") == replace(BASE[0], texto="Otro texto", pide_detalle=True)
    assert held.de("b") is None
    assert now(mesa, Via.PAPEL).de("pf") == PAPEL
    assert mesa.do(lambda tx: rows.of_version(tx.conn, 0)) == BASE
    published = mesa.do(lambda tx: rows.of_version(tx.conn, 1))
    assert published is not None
    changed = criterios.diferencias(BASE, published)
    assert [(one.inciso, bool(one.antes), bool(one.despues)) for one in changed] == [
        ("a", True, True), ("o", False, True), ("pf", False, True), ("b", True, False),
    ]  # fmt: skip
    known = mesa.do(lambda tx: rows.conocidos(tx.conn))
    assert (known["a"].texto, known["b"], known["o"]) == ("Otro texto", BASE[1], NUEVO)
    (event,) = mesa.caja.events("criterios_publicados")
    assert '"incisos":["a","o","pf","b"]' in event["datos"]


@pytest.mark.parametrize(
    ("incisos", "nota", "base", "code"),
    [
        (BASE, "x", 0, "sin_cambios"),
        ([*BASE, NUEVO], " ", 0, "falta_nota"),
        ([*BASE, NUEVO], "x" * 501, 0, "texto_largo"),
        ([*BASE, NUEVO], "x", 1, "criterios_cambiados"),
        ([*BASE, replace(NUEVO, inciso="pf")], "x", 0, "inciso_forma"),
        ([*BASE, replace(PAPEL, inciso="o")], "x", 0, "inciso_forma"),
        ([*BASE, replace(NUEVO, inciso="1")], "x", 0, "inciso_forma"),
        ([*BASE, replace(NUEVO, inciso="a")], "x", 0, "inciso_repetido"),
        ([*BASE, replace(NUEVO, texto=" \n")], "x", 0, "falta_dato"),
        ([*BASE, replace(NUEVO, detalle="x" * 301)], "x", 0, "texto_largo"),
        (BASE[:14], "x", 0, "sin_incisos"),
        (BASE[14:], "x", 0, "sin_incisos"),
    ],
)
def test_what_cannot_be_published(
    mesa: Mesa, incisos: Sequence[Inconsistencia], nota: str, base: int, code: str
) -> None:
    with pytest.raises(DatoInvalido) as error:
        publish(mesa, incisos, nota, base)
    assert error.value.codigo == code
    assert mesa.do(lambda tx: rows.newest(tx.conn)) == 0
