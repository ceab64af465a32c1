"""The door in the running server: what a phone hears when there is no place, and what still passes (SPEC §10)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from server import metrics
from server.intake import admission
from server.store import registros
from sync_protocol import acuse as acuses
from sync_protocol import sobre
from sync_protocol.session import RespuestaSesion
from tests.factories import DAY, NOW, Phone
from tests.server.asgi import Harness, Line, running

Case = Callable[[Harness], Awaitable[None]]


def case(test: Case, folder: Path, **changes: object) -> None:
    async def run() -> None:
        async with running(folder, subidas=1, **changes) as h:
            await test(h)

    asyncio.run(run())


class Holding:
    """An upload that holds the only place until it is told to go on."""

    def __init__(self, h: Harness, opened: RespuestaSesion, raw: bytes) -> None:
        self.line = Line((raw[:10], raw[10:]), hold=asyncio.Event())
        self.task = asyncio.create_task(h.patch(opened, opened.sobres[0].url, 0, b"", self.line))

    async def on(self) -> None:
        await self.line.reached_hold.wait()

    async def end(self) -> None:
        assert self.line.hold is not None
        self.line.hold.set()
        assert "acopio-acuse" in (await self.task).headers


async def two_phones(h: Harness) -> tuple[Holding, Phone, bytes, RespuestaSesion]:
    """One phone inside; another with a sobre of its own and an open session."""
    first, second = await h.phone(0), await h.phone(1)
    inside, mine = first.capture(), second.capture()
    holding = Holding(h, await h.session(first, inside), inside)
    await holding.on()
    return holding, second, mine, await h.session(second, mine)


def refusals(reason: str) -> float:
    return metrics.GATE_REFUSED.labels(reason)._value.get()


def test_without_a_place_a_phone_is_told_when_to_come_back_and_the_line_is_closed(tmp_path: Path) -> None:
    async def run(h: Harness) -> None:
        holding, _, raw, opened = await two_phones(h)
        before = refusals("lugares")
        answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        assert (answer.status, answer.codigo) == (503, "ocupado")
        assert 1 <= int(answer.headers["retry-after"]) <= admission.LATEST_S * 1.25
        assert answer.headers["connection"] == "close", "or the whole body would be sent in vain"
        assert refusals("lugares") == before + 1
        text = (await h.request("GET", "/metrics")).body.decode()
        assert "acopio_puerta_citados 1.0" in text
        assert "acopio_puerta_subidas 1.0" in text
        await holding.end()
        assert "acopio-acuse" in (await h.patch(opened, opened.sobres[0].url, 0, raw)).headers
        assert "acopio_puerta_citados 0.0" in (await h.request("GET", "/metrics")).body.decode()

    case(run, tmp_path, espera_lugar_s=0)


def test_a_place_that_comes_free_in_time_is_taken_without_a_refusal(tmp_path: Path) -> None:
    async def run(h: Harness) -> None:
        holding, _, raw, opened = await two_phones(h)
        waiting = asyncio.create_task(h.patch(opened, opened.sobres[0].url, 0, raw))
        while "acopio_puerta_en_espera 1.0" not in (await h.request("GET", "/metrics")).body.decode():
            await asyncio.sleep(0)
        await holding.end()
        assert "acopio-acuse" in (await waiting).headers

    case(run, tmp_path)


def test_manifests_and_small_requests_pass_while_no_upload_does(tmp_path: Path) -> None:
    async def run(h: Harness) -> None:
        holding, phone, raw, opened = await two_phones(h)
        again = await h.session(phone, raw)
        assert again.sobres[0].estado == "nuevo"
        assert again.en_vuelo == h.box.settings.en_vuelo
        assert (await h.head(opened, opened.sobres[0].url)).status == 200
        assert (await h.patch(opened, opened.sobres[0].url, 0, raw)).status == 503
        assert (await h.session(phone, raw)).en_vuelo == 1, "in a crowd one upload at once for each phone"
        await holding.end()

    case(run, tmp_path, espera_lugar_s=0)


def test_one_that_waits_at_the_door_is_put_out_by_a_later_request_of_its_upload(tmp_path: Path) -> None:
    async def run(h: Harness) -> None:
        holding, _, raw, opened = await two_phones(h)
        url = opened.sobres[0].url
        stale = asyncio.create_task(h.patch(opened, url, 0, raw))
        while "acopio_puerta_en_espera 1.0" not in (await h.request("GET", "/metrics")).body.decode():
            await asyncio.sleep(0)
        assert (await h.head(opened, url)).headers["upload-offset"] == "0"
        answer = await stale
        assert (answer.status, answer.codigo) == (409, "subida_interrumpida")
        await holding.end()
        assert "acopio-acuse" in (await h.patch(opened, url, 0, raw)).headers
        assert "acopio_puerta_subidas 0.0" in (await h.request("GET", "/metrics")).body.decode()

    case(run, tmp_path)


def test_who_was_told_to_wait_before_the_end_is_not_worse_off_after_it(tmp_path: Path) -> None:
    """P9.16: captured inside, refused for want of a place before the end, delivered in the hours of grace: unmarked."""

    async def run(h: Harness) -> None:
        h.clock.now = NOW + 10 * DAY - 500
        holding, phone, raw, opened = await two_phones(h)
        assert (await h.patch(opened, opened.sobres[0].url, 0, raw)).status == 503
        h.clock.advance(DAY - 60_000)
        await holding.end()
        opened = await h.session(phone, raw)
        assert [one.codigo for one in opened.avisos] == ["periodo_en_gracia", "reloj_desfasado"]
        answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        keys = acuses.keys_from_jwks((await h.request("GET", "/.well-known/jwks.json")).json())
        header = sobre.parse_header(raw)
        codigo = sobre.codigo_de_integridad(raw)
        acuses.verify(answer.headers["acopio-acuse"], keys, folio=header.folio, codigo=codigo, tam=len(raw))
        row = registros.by_folio(h.box.reader, header.folio)
        assert row is not None
        assert row.marcas == ()

    case(run, tmp_path, espera_lugar_s=0)


def test_nobody_is_sent_away_past_the_end_of_the_hours_of_grace(tmp_path: Path) -> None:
    async def run(h: Harness) -> None:
        h.clock.now = NOW + 11 * DAY - 2_500
        holding, _, raw, opened = await two_phones(h)
        answer = await h.patch(opened, opened.sobres[0].url, 0, raw)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1"), "half of what is left, not the queue's two"
        await holding.end()

    case(run, tmp_path, espera_lugar_s=0)
