"""Images in memory: who finds them, when they go, and how much there may be (rows G1, G5)."""

from __future__ import annotations

import asyncio

import pytest

from server.mesa_control.imagenes import EnMemoria
from tests.factories import NOW

pytestmark = pytest.mark.anyio
FOUR = {tipo: tipo.encode() * 10 for tipo in ("anverso", "reverso", "foto", "firma")}


def doubled(datos: bytes) -> bytes | None:
    return datos * 2


async def opened(memoria: EnMemoria, revision: int = 1, cuenta: int = 7, vence: int = NOW + 100) -> None:
    made = memoria.abrir(revision, cuenta, 100 + revision, vence, FOUR, NOW)
    await asyncio.gather(*made.jpegs.values())


async def test_they_are_made_anew_for_who_opened_and_for_nobody_else() -> None:
    memoria = EnMemoria(hacer=doubled)
    await opened(memoria)
    found = memoria.de(1, 7, NOW)
    assert found is not None
    assert {tipo: task.result() for tipo, task in found.jpegs.items()} == {k: v * 2 for k, v in FOUR.items()}
    assert found.bytes == 2 * sum(len(one) for one in FOUR.values())
    assert memoria.de(1, 8, NOW) is None
    assert memoria.de(2, 7, NOW) is None


async def test_they_go_when_the_hold_ends_unless_it_is_renewed() -> None:
    memoria = EnMemoria(hacer=doubled)
    await opened(memoria, 1)
    await opened(memoria, 2)
    memoria.mantener(2, 7, NOW + 500)
    assert memoria.de(1, 7, NOW + 99) is not None
    memoria.depurar(NOW + 100)
    assert memoria.de(1, 7, NOW + 100) is None
    assert memoria.de(2, 7, NOW + 100) is not None
    assert len(memoria) == 1


async def test_they_go_with_the_decision_and_with_the_operator() -> None:
    memoria = EnMemoria(hacer=doubled)
    for revision, cuenta in ((1, 7), (2, 7), (3, 8)):
        await opened(memoria, revision, cuenta)
    memoria.olvidar(1)
    assert memoria.de(1, 7, NOW) is None
    memoria.olvidar_cuenta(7)
    assert memoria.de(2, 7, NOW) is None
    assert memoria.de(3, 8, NOW) is not None
    memoria.olvidar_cuenta(8)
    assert memoria.bytes == 0


async def test_the_oldest_make_room() -> None:
    size = 2 * sum(len(one) for one in FOUR.values())
    # What is being made counts as thrice what came, until it is known.
    memoria = EnMemoria(maximo=3 * size, hacer=doubled)
    for revision in (1, 2, 3):
        await opened(memoria, revision)
    assert memoria.de(1, 7, NOW) is None or memoria.bytes <= 3 * size
    await opened(memoria, 4)
    assert memoria.bytes <= 3 * size
    assert memoria.de(4, 7, NOW) is not None
    assert memoria.de(1, 7, NOW) is None


async def test_the_one_that_is_asked_for_stays_longer_than_one_that_is_not() -> None:
    size = 2 * sum(len(one) for one in FOUR.values())
    memoria = EnMemoria(maximo=4 * size, hacer=doubled)
    for revision in (1, 2, 3):
        await opened(memoria, revision)
    assert memoria.de(1, 7, NOW) is not None
    await opened(memoria, 4)
    await opened(memoria, 5)
    assert memoria.de(1, 7, NOW) is not None
    assert memoria.de(2, 7, NOW) is None
