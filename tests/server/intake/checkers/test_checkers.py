"""One suite for every kind of checker: the same verdict on the same sobre, and an answer to each, whatever happens."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest

from server.errors import AppError
from server.fast_keys import FastOpeningKey, FastPrivateKey, FastPublicKey
from server.intake.check_sobre import Expected
from server.intake.checkers.judge import Checkers, CheckKeys, Verdict
from server.intake.checkers.processes import ProcessCheckers
from server.intake.checkers.threads import ThreadCheckers
from sync_protocol import acuse as acuses
from sync_protocol import sobre
from sync_protocol.signing import PrivateKey
from tests.factories import Phone

OPENING = FastOpeningKey(bytes(range(32)))
SIGNING = FastPrivateKey(PrivateKey.from_scalar(bytes(31) + b"\7"))
KEYS = CheckKeys({OPENING.public.key_id: OPENING}, SIGNING, "Instituto de Prueba")
PHONE = Phone(1, 2, 3, OPENING.public, PrivateKey.from_scalar(bytes(31) + b"\5"))
NOW = 1_795_000_000_000
MEMORY = 1024 * 1024

KINDS: dict[str, Callable[[], Checkers]] = {
    "threads": lambda: ThreadCheckers(KEYS),
    "process": lambda: ProcessCheckers(KEYS, 1, MEMORY),
    "processes": lambda: ProcessCheckers(KEYS, 2, MEMORY),
}


class Bench:
    """Checkers that run, and a way to wait for what they say."""

    def __init__(self, checkers: Checkers) -> None:
        self.checkers = checkers

    def ask(self, chunks: Sequence[bytes], expected: Expected) -> asyncio.Future[Verdict]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Verdict] = loop.create_future()

        def settle(verdict: Verdict | BaseException) -> None:
            if isinstance(verdict, BaseException):
                future.set_exception(verdict)
            else:
                future.set_result(verdict)

        self.checkers.submit(chunks, expected, NOW, lambda verdict: loop.call_soon_threadsafe(settle, verdict))
        return future


def expect(raw: bytes) -> Expected:
    folio = sobre.parse_header(raw).folio
    return Expected(
        folio.solicitud, folio.auxiliar, folio.dispositivo, folio.registro, sobre.codigo_de_integridad(raw), len(raw),
        (FastPublicKey.from_point(PHONE.key.public.point),),
    )  # fmt: skip


def case(kind: str, test: Callable[[Bench], Awaitable[None]]) -> None:
    async def run() -> None:
        checkers = KINDS[kind]()
        checkers.start()
        try:
            await test(Bench(checkers))
        finally:
            await asyncio.to_thread(checkers.stop)

    asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_sobre_in_any_pieces(kind: str) -> None:
    raw = PHONE.capture(size=30_000)

    async def test(bench: Bench) -> None:
        for pieces in ([raw], [raw[:1], raw[1:]], [raw[i : i + 1000] for i in range(0, len(raw), 1000)]):
            verdict = await bench.ask(pieces, expect(raw))
            assert bytes(verdict.checked.raw) == raw
            assert verdict.checked.cabecera == sobre.parse_header(raw)
            assert verdict.checked.codigo == sobre.codigo_de_integridad(raw)
            assert verdict.checked.capturado_ms > 0
            acuses.verify(
                verdict.acuse, {SIGNING.public.thumbprint: SIGNING.public}, folio=verdict.checked.cabecera.folio,
                codigo=verdict.checked.codigo, tam=len(raw),
            )  # fmt: skip
            verdict.release()

    case(kind, test)


@pytest.mark.parametrize("kind", KINDS)
def test_each_thing_that_can_be_wrong(kind: str) -> None:
    raw = PHONE.capture(size=5_000)
    good = expect(raw)
    flipped = bytes([*raw[:-1], raw[-1] ^ 1])
    other = FastPublicKey.from_point(PrivateKey.from_scalar(bytes(31) + b"\3").public.point)
    wrong = {
        "integridad_distinta": [(raw[:-1], good), (flipped, good), (b"", good), (raw, replace(good, tam=1))],
        "sobre_magia": [(b"x" + raw[1:], expect_any(b"x" + raw[1:], good))],
        "cabecera_ajena": [(raw, replace(good, auxiliar=good.auxiliar + 1))],
        "firma_invalida": [(raw, replace(good, llaves=(other,))), (raw, replace(good, llaves=()))],
    }

    async def test(bench: Bench) -> None:
        for code, cases in wrong.items():
            for content, expected in cases:
                with pytest.raises(AppError) as refused:
                    await bench.ask([content], expected)
                assert refused.value.code == code
        (await bench.ask([raw], good)).release()

    case(kind, test)


def expect_any(raw: bytes, like: Expected) -> Expected:
    return replace(like, codigo=sobre.codigo_de_integridad(raw), tam=len(raw))


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_the_memory_holds_waits_for_its_turn(kind: str) -> None:
    raws = [PHONE.capture(size=60_000) for _ in range(40)]

    async def test(bench: Bench) -> None:
        async def one(raw: bytes) -> None:
            verdict = await bench.ask([raw], expect(raw))
            await asyncio.sleep(0)
            assert bytes(verdict.checked.raw) == raw
            verdict.release()

        assert sum(map(len, raws)) > 2 * MEMORY
        await asyncio.gather(*map(one, raws))

    case(kind, test)


@pytest.mark.parametrize("kind", KINDS)
def test_at_the_end_nobody_is_left_without_an_answer(kind: str) -> None:
    raws = [PHONE.capture(size=60_000) for _ in range(30)]

    async def run() -> None:
        checkers = KINDS[kind]()
        checkers.start()
        bench = Bench(checkers)
        asked = [bench.ask([raw], expect(raw)) for raw in raws]
        await asyncio.to_thread(checkers.stop)
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(one, Verdict) or (isinstance(one, AppError) and one.retry_after) for one in outcomes)

    asyncio.run(run())


@pytest.mark.faults
def test_a_process_that_is_killed_is_replaced_and_its_sobres_are_asked_for_again() -> None:
    raws = [PHONE.capture(size=5_000) for _ in range(20)]

    async def test(bench: Bench) -> None:
        assert isinstance(bench.checkers, ProcessCheckers)
        (await bench.ask([raws[0]], expect(raws[0]))).release()
        for _ in range(2):
            (pid,) = bench.checkers.pids
            os.kill(pid, signal.SIGSTOP)
            asked = [bench.ask([raw], expect(raw)) for raw in raws]
            os.kill(pid, signal.SIGKILL)
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
            lost = [one for one in outcomes if isinstance(one, AppError)]
            assert lost
            assert {(one.code, one.retry_after) for one in lost} == {("ocupado", 2)}
            for outcome in outcomes:  # those that it had not been handed yet went to the next one
                if isinstance(outcome, Verdict):
                    outcome.release()
                else:
                    assert outcome in lost
            async with asyncio.timeout(60):
                while not bench.checkers.pids:
                    await asyncio.sleep(0.05)
            for raw in raws:
                (await bench.ask([raw], expect(raw))).release()

    case("process", test)
