"""Uploads as a phone on a bad line sees them: cuts, stale writers, damaged prefixes, wrong headers (SPEC §8.3)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.intake import receive_chunk
from server.intake.expire import expire
from server.store import registros
from sync_protocol import sobre, tus_headers
from tests.factories import DAY, Phone
from tests.server.asgi import OCTETS, TUS, Harness, Line, running

Case = Callable[[Harness, Phone], Awaitable[None]]


def case(test: Case, folder: Path, **changes: object) -> None:
    async def run() -> None:
        async with running(folder, **changes) as h:
            await test(h, await h.phone())

    asyncio.run(run())


def test_bytes_before_a_cut_are_kept_and_the_prefix_code_is_theirs(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        position = 0
        for size in (1, 71, 72, 1000, 500):
            await h.patch(opened, url, position, b"", Line((raw[position : position + size],), cut=True))
            position += size
            head = await h.head(opened, url)
            assert head.headers["upload-offset"] == str(position)
            assert head.headers["acopio-prefix-sha256"] == hashlib.sha256(raw[:position]).hexdigest()
            told = (await h.session(phone, raw)).sobres[0]
            assert (told.estado, told.offset) == ("parcial", position)
        assert "acopio-acuse" in (await h.patch(opened, url, position, raw[position:])).headers
        assert h.box.partials.ids() == set()

    case(run, tmp_path)


def test_a_newcomer_puts_out_a_stale_writer_at_once(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        stalled = Line((raw[:2000], raw[2000:]), hold=asyncio.Event())
        first = asyncio.create_task(h.patch(opened, url, 0, b"", stalled))
        await stalled.reached_hold.wait()
        head = await asyncio.wait_for(h.head(opened, url), 5)
        assert head.headers["upload-offset"] == "2000"
        assert (await first).codigo == "subida_interrumpida"
        assert "acopio-acuse" in (await h.patch(opened, url, 2000, raw[2000:])).headers

    case(run, tmp_path)


def test_two_writers_at_once_never_mix_their_bytes(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture(size=20_000)
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        pieces = tuple(raw[i : i + 4096] for i in range(0, len(raw), 4096))
        answers = await asyncio.gather(*(h.patch(opened, url, 0, b"", Line(pieces)) for _ in range(8)))
        good = [answer for answer in answers if "acopio-acuse" in answer.headers]
        assert good
        assert {a.codigo for a in answers if a.status >= 400} <= {"subida_interrumpida", "tus_posicion"}
        assert registros.count(h.box.reader) == 1

    case(run, tmp_path)


def test_a_slow_body_reaches_the_disk_before_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        monkeypatch.setattr(receive_chunk, "SPOOL_BYTES", 4096)
        raw = phone.capture(size=20_000)
        opened = await h.session(phone, raw)
        pieces = tuple(raw[i : i + 5000] for i in range(0, len(raw), 5000))
        line = Line(pieces, hold=asyncio.Event())
        task = asyncio.create_task(h.patch(opened, opened.sobres[0].url, 0, b"", line))
        await line.reached_hold.wait()
        held = h.box.partials.offset(opened.sobres[0].url.rpartition("/")[2])
        assert held >= len(raw) - 10_000
        line.hold.set()  # type: ignore[union-attr]
        assert "acopio-acuse" in (await task).headers

    case(run, tmp_path)


def test_a_silent_line_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        answer = await h.patch(opened, url, 0, b"", Line((raw[:100], b"never"), hold=asyncio.Event()))
        assert answer.headers["upload-offset"] == "100"
        assert (await h.head(opened, url)).headers["upload-offset"] == "100"

    case(run, tmp_path, cuerpo_silencio_s=0.05)


def test_a_damaged_prefix_can_be_seen_thrown_away_and_sent_again(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        await h.patch(opened, url, 0, b"", Line((b"x" * 500,), cut=True))
        head = await h.head(opened, url)
        assert head.headers["acopio-prefix-sha256"] != hashlib.sha256(raw[:500]).hexdigest()
        gone = await h.request("DELETE", url, headers={**TUS, "authorization": f"Bearer {opened.token}"})
        assert gone.status == 204
        assert (await h.head(opened, url)).codigo == "subida_desconocida"
        assert "acopio-acuse" in (await h.send(phone, raw)).headers

    case(run, tmp_path)


def test_a_plain_tus_client_can_deliver_a_sobre(tmp_path: Path) -> None:
    """Row X6: creation, then PATCH; creation with everything in it; creation with a part in it."""

    async def run(h: Harness, phone: Phone) -> None:
        opened = await h.session(phone)
        bearer = {"authorization": f"Bearer {opened.token}"}

        def creation(raw: bytes) -> dict[str, str]:
            folio = sobre.parse_header(raw).folio
            codigo = sobre.codigo_de_integridad(raw).hex()
            metadata = {"folio": str(folio).encode(), "codigo_integridad": codigo.encode()}
            return {
                **TUS, **bearer, "upload-length": str(len(raw)),
                "upload-metadata": tus_headers.write_metadata(metadata),
            }  # fmt: skip

        raw = phone.capture()
        made = await h.request("POST", "/sync/subidas", headers=creation(raw))
        assert made.status == 201
        assert "acopio-acuse" in (await h.patch(opened, made.headers["location"], 0, raw)).headers
        raw = phone.capture()
        made = await h.request("POST", "/sync/subidas", headers={**creation(raw), **OCTETS}, body=raw)
        assert (made.status, made.headers["upload-offset"]) == (201, str(len(raw)))
        assert "acopio-acuse" in made.headers
        again = await h.request("POST", "/sync/subidas", headers={**creation(raw), **OCTETS}, body=raw)
        assert again.headers["acopio-acuse"] == made.headers["acopio-acuse"]
        raw = phone.capture()
        made = await h.request("POST", "/sync/subidas", headers={**creation(raw), **OCTETS}, body=raw[:300])
        assert (made.status, made.headers["upload-offset"]) == (201, "300")
        assert "acopio-acuse" in (await h.patch(opened, made.headers["location"], 300, raw[300:])).headers
        assert registros.count(h.box.reader) == 3

    case(run, tmp_path)


def test_checksum_discards_a_damaged_chunk_and_keeps_what_was_there(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url

        def checksum(body: bytes) -> dict[str, str]:
            return {"upload-checksum": "sha256 " + base64.b64encode(hashlib.sha256(body).digest()).decode()}

        assert (await h.patch(opened, url, 0, raw[:100], **checksum(raw[:100]))).status == 204
        bad = await h.patch(opened, url, 100, raw[101:301], **checksum(raw[100:300]))
        assert (bad.status, bad.codigo, bad.headers["upload-offset"]) == (460, "tus_checksum", "100")
        bad = await h.patch(opened, url, 100, raw[100:], **checksum(b"other"))
        assert (bad.status, (await h.head(opened, url)).headers["upload-offset"]) == (460, "100")
        cut = {**checksum(raw[100:300])}
        await h.patch(opened, url, 100, b"", Line((raw[100:200],), cut=True), **cut)
        assert (await h.head(opened, url)).headers["upload-offset"] == "100"
        good = await h.patch(opened, url, 100, raw[100:], **checksum(raw[100:]))
        assert "acopio-acuse" in good.headers

    case(run, tmp_path)


def test_more_than_was_announced_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        await h.patch(opened, url, 0, raw[:50])
        assert (await h.patch(opened, url, 50, raw[50:] + b"x")).codigo == "tus_excede"
        chunked = await h.patch(opened, url, 50, b"", Line((raw[50:], b"x" * 100)))
        assert chunked.codigo == "tus_excede"
        offset = int((await h.head(opened, url)).headers["upload-offset"])
        assert "acopio-acuse" in (await h.patch(opened, url, offset, raw[offset:])).headers

    case(run, tmp_path)


@pytest.mark.parametrize(
    ("method", "changes", "status", "codigo"),
    [
        ("PATCH", {"upload-offset": "5"}, 409, "tus_posicion"),
        ("PATCH", {"upload-offset": "-1"}, 400, "tus_cabecera"),
        ("PATCH", {"upload-offset": "1e3"}, 400, "tus_cabecera"),
        ("PATCH", {"upload-offset": "٣"}, 400, "tus_cabecera"),
        ("PATCH", {"upload-offset": None}, 400, "tus_cabecera"),
        ("PATCH", {"content-type": "application/json"}, 415, "tus_tipo"),
        ("PATCH", {"tus-resumable": "0.2.2"}, 412, "tus_version"),
        ("PATCH", {"upload-checksum": "md5 AAAA"}, 400, "tus_algoritmo"),
        ("PATCH", {"upload-checksum": "sha256 ???"}, 400, "tus_cabecera"),
        ("PATCH", {"authorization": None}, 401, "token_invalido"),
        ("PATCH", {"authorization": "Bearer nada"}, 401, "token_invalido"),
        ("PATCH", {"authorization": "Bearer " + "x" * 500}, 401, "token_invalido"),
        ("GET", {}, 405, "tus_metodo"),
        ("POST", {}, 405, "tus_metodo"),
        ("HEAD", {"tus-resumable": None}, 412, "tus_version"),
    ],
)
def test_wrong_requests_have_their_code_and_change_nothing(
    tmp_path: Path, method: str, changes: dict[str, str | None], status: int, codigo: str
) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        url = opened.sobres[0].url
        base: dict[str, str | None] = {**OCTETS, "authorization": f"Bearer {opened.token}", "upload-offset": "0"}
        headers = {k: v.encode().decode("latin-1") for k, v in {**base, **changes}.items() if v is not None}
        answer = await h.request(method, url, headers=headers, body=raw if method == "PATCH" else b"")
        assert (answer.status, answer.codigo) == (status, codigo)
        if method != "HEAD":
            assert answer.json()["texto"]
        assert (await h.head(opened, url)).headers["upload-offset"] == "0"

    case(run, tmp_path)


def test_another_phones_upload_is_not_there(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        other = await h.phone(1)
        raw = phone.capture()
        mine = await h.session(phone, raw)
        theirs = await h.session(other)
        assert (await h.head(theirs, mine.sobres[0].url)).codigo == "subida_desconocida"
        assert (await h.patch(theirs, mine.sobres[0].url, 0, raw)).codigo == "subida_desconocida"
        for bad in (
            "/sync/subidas/../../etc",
            "/sync/subidas/1-0-zz",
            "/sync/subidas/1-0-" + "A" * 16,
            "/sync/subidas/x",
        ):
            assert (await h.head(mine, bad)).status in (404, 405)

    case(run, tmp_path)


def test_an_expired_token_asks_for_a_session_and_the_bytes_are_still_there(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        await h.patch(opened, opened.sobres[0].url, 0, raw[:1000])
        h.clock.advance(3 * 3_600_000)
        assert (await h.patch(opened, opened.sobres[0].url, 1000, raw[1000:])).codigo == "token_vencido"
        told = (await h.session(phone, raw)).sobres[0]
        assert (told.estado, told.offset) == ("parcial", 1000)

    case(run, tmp_path)


def test_partials_expire_only_when_no_session_lists_them_for_seven_days(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        await h.patch(opened, opened.sobres[0].url, 0, raw[:1000])
        h.clock.advance(6 * DAY)
        assert await asyncio.to_thread(expire, h.box.writer, h.box.partials, h.clock()) == 0
        await h.session(phone, raw)
        h.clock.advance(6 * DAY)
        assert await asyncio.to_thread(expire, h.box.writer, h.box.partials, h.clock()) == 0
        h.clock.advance(1 * DAY)
        assert await asyncio.to_thread(expire, h.box.writer, h.box.partials, h.clock()) == 1
        assert h.box.partials.ids() == set()
        # Nothing is lost: the phone still has it, and begins again.
        h.clock.now -= 8 * DAY
        assert "acopio-acuse" in (await h.send(phone, raw)).headers

    case(run, tmp_path)


def test_bytes_that_a_crash_left_without_their_upload_go(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        opened = await h.session(phone, raw)
        await h.patch(opened, opened.sobres[0].url, 0, raw[:1000])
        h.box.partials.append("1-99-0011223344556677", 0, [b"left behind"])
        assert await asyncio.to_thread(expire, h.box.writer, h.box.partials, h.clock()) == 1
        assert h.box.partials.ids() == {opened.sobres[0].url.rpartition("/")[2]}

    case(run, tmp_path)


def test_one_phone_cannot_take_every_place(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        sobres = [phone.capture() for _ in range(8)]
        opened = await h.session(phone, *sobres)
        lines = [Line((raw[:10], raw[10:]), hold=asyncio.Event()) for raw in sobres[:6]]
        tasks = [
            asyncio.create_task(h.patch(opened, told.url, 0, b"", line))
            for told, line in zip(opened.sobres[:6], lines, strict=True)
        ]
        await asyncio.gather(*(line.reached_hold.wait() for line in lines))
        answer = await h.patch(opened, opened.sobres[6].url, 0, sobres[6])
        assert (answer.status, answer.codigo) == (503, "ocupado")
        assert "retry-after" in answer.headers
        for line in lines:
            line.hold.set()  # type: ignore[union-attr]
        assert all("acopio-acuse" in answer.headers for answer in await asyncio.gather(*tasks))
        assert "acopio-acuse" in (await h.patch(opened, opened.sobres[6].url, 0, sobres[6])).headers

    case(run, tmp_path)


def test_options_says_what_the_server_can_do_without_a_token(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        answer = await h.request("OPTIONS", "/sync/subidas")
        assert answer.status == 204
        assert answer.headers["tus-extension"] == tus_headers.EXTENSIONS
        assert answer.headers["tus-max-size"] == str(sobre.MAX_SOBRE)

    case(run, tmp_path)
