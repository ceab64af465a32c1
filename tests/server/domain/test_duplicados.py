"""Which of a person's apoyos counts: the rule of P15.3 as tables."""

from __future__ import annotations

import random

import pytest

from server.domain.apoyo import Ambito, Duplicado, OrigenApoyo, Resultado, Situacion
from server.domain.banderas import Codigo
from server.domain.duplicados import Candidato, Dato, identificadores, puede_contar, resolver
from server.domain.reglas import DuplicadosOtros

P, T, N = DuplicadosOtros.PRIMERO, DuplicadosOtros.TODOS, DuplicadosOtros.NINGUNO
NO, MISMO, OTRO = Duplicado.NO, Duplicado.MISMO, Duplicado.OTRO

Fila = tuple[int, int, bool, str]
"""(solicitud, received at, could count, data: a letter each). Solicitudes 1 and 2 are of one periodo, 9 of another."""


def said(filas: list[Fila], regla: DuplicadosOtros) -> list[Duplicado]:
    candidatos = [Candidato(n, s, 2 if s == 9 else 1, ms, can) for n, (s, ms, can, _) in enumerate(filas)]
    datos: dict[int, list[Dato]] = {n: [("cic", letter.encode()) for letter in row[3]] for n, row in enumerate(filas)}
    expected = resolver(candidatos, datos, regla)
    mixed = list(candidatos)
    random.Random(len(filas)).shuffle(mixed)
    assert resolver(mixed, datos, regla) == expected, "the order in which they are given is nothing to the rule"
    return [expected[n].duplicado for n in range(len(filas))]


@pytest.mark.parametrize(
    ("filas", "regla", "expected"),
    [
        ([(1, 5, True, "a")], P, [NO]),
        ([(1, 5, True, "a"), (1, 6, True, "b")], P, [NO, NO]),
        ([(1, 6, True, "a"), (1, 5, True, "a")], P, [MISMO, NO]),
        ([(1, 5, True, "a"), (1, 5, True, "a")], P, [NO, MISMO]),
        ([(1, 5, True, ""), (1, 5, True, "")], P, [NO, NO]),
        # the earliest was found inconsistent: the next one counts
        ([(1, 5, False, "a"), (1, 6, True, "a"), (1, 7, True, "a")], P, [NO, NO, MISMO]),
        # no chains: the one in the middle was misread, and whoever shares a datum with it keeps their right
        ([(1, 5, True, "a"), (1, 6, True, "ab"), (1, 7, True, "b")], P, [NO, MISMO, NO]),
        # another aspirante
        ([(1, 5, True, "a"), (2, 6, True, "a")], P, [NO, OTRO]),
        ([(1, 5, True, "a"), (2, 6, True, "a")], T, [NO, NO]),
        ([(1, 5, True, "a"), (2, 6, True, "a")], N, [OTRO, OTRO]),
        ([(1, 5, True, "a"), (2, 6, False, "a")], N, [NO, OTRO]),
        ([(1, 5, False, "a"), (2, 6, True, "a")], P, [NO, NO]),
        ([(1, 5, True, "a"), (9, 6, True, "a")], N, [NO, NO]),
        # twice for the second aspirante: one of them would have counted
        ([(1, 5, True, "a"), (2, 6, True, "a"), (2, 7, True, "a")], P, [NO, OTRO, MISMO]),
        ([(1, 5, True, "a"), (2, 6, True, "a"), (2, 7, True, "a")], T, [NO, NO, MISMO]),
        ([(1, 5, True, "a"), (2, 6, True, "a"), (2, 7, True, "a")], N, [OTRO, OTRO, MISMO]),
        # the second one was misread and does not count, so it costs nobody anything
        ([(1, 5, True, "a"), (2, 6, True, "ab"), (2, 7, True, "b")], P, [NO, OTRO, NO]),
        ([(1, 5, True, "a"), (2, 6, True, "ab"), (2, 7, True, "b")], N, [OTRO, OTRO, NO]),
    ],
)  # fmt: skip
def test_the_rule(filas: list[Fila], regla: DuplicadosOtros, expected: list[Duplicado]) -> None:
    assert said(filas, regla) == expected


def test_flags_are_the_same_whatever_the_opl_decided() -> None:
    candidatos = [Candidato(1, 1, 1, 5, True), Candidato(2, 2, 1, 6, True), Candidato(3, 1, 1, 7, True)]
    datos: dict[int, list[Dato]] = {n: [("clave", b"x")] for n in (1, 2, 3)}
    for regla in DuplicadosOtros:
        found = resolver(candidatos, datos, regla)
        assert [found[n].banderas for n in (1, 2, 3)] == [
            {Codigo.DUPLICADO_OTRO}, {Codigo.DUPLICADO_OTRO}, {Codigo.DUPLICADO_MISMO, Codigo.DUPLICADO_OTRO},
        ]  # fmt: skip


def test_a_datum_of_another_kind_is_another_datum() -> None:
    candidatos = [Candidato(1, 1, 1, 5, True), Candidato(2, 1, 1, 6, True)]
    found = resolver(candidatos, {1: [("cic", b"x")], 2: [("ocr", b"x")]}, P)
    assert found[2].duplicado is NO


@pytest.mark.parametrize(
    ("changes", "can"),
    [
        ({}, True),
        ({"situacion": Situacion.SIN_RESPUESTA}, True),
        ({"situacion": Situacion.NO_ENCONTRADO}, False),
        ({"situacion": Situacion.BAJA}, False),
        ({"situacion": Situacion.PADRON}, False),
        ({"resultado": Resultado.VALIDO}, True),
        ({"resultado": Resultado.INCONSISTENTE}, False),
        ({"origen": OrigenApoyo.INCONSISTENTE}, False),
        ({"ambito": Ambito.FUERA}, False),
        ({"ambito": Ambito.NO_SABIDO}, True),
        ({"fuera_de_regimen": True}, False),
    ],
)
def test_who_could_count(changes: dict[str, object], can: bool) -> None:
    values = {
        "situacion": Situacion.LISTA_NOMINAL, "resultado": Resultado.PENDIENTE, "origen": OrigenApoyo.BIEN,
        "ambito": Ambito.DENTRO, "fuera_de_regimen": False, **changes,
    }  # fmt: skip
    assert puede_contar(**values) is can  # type: ignore[arg-type]


def test_only_what_has_its_form_says_who_somebody_is() -> None:
    whole = identificadores("PRPRNA80010132M100", "123 456 789", "0123456789012")
    assert whole == {"clave": "PRPRNA80010132M100", "cic": "123456789", "ocr": "0123456789012"}
    assert identificadores("prprna80010132m100", "", "") == {"clave": "PRPRNA80010132M100"}
    for nobody in ("", "-", "N/A", "000000000", "999999999", "12345678"):
        assert identificadores(nobody, nobody, nobody) == {}
