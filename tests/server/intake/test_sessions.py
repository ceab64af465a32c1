"""The sync session: what it tells, what it refuses, and how the periodo decides (SPEC §8.1; rows D2, D5, D7, F4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.store import catalogo, dispositivos, registros
from sync_protocol import session
from sync_protocol.session import Entrada
from sync_protocol.signing import PrivateKey
from tests.factories import DAY, NOW, Phone, entry
from tests.server.asgi import Harness, running

Case = Callable[[Harness, Phone], Awaitable[None]]
HOUR = 3_600_000


def case(test: Case, folder: Path, **changes: object) -> None:
    async def run() -> None:
        async with running(folder, **changes) as h:
            await test(h, await h.phone())

    asyncio.run(run())


async def post(h: Harness, body: bytes):  # type: ignore[no-untyped-def]
    return await h.request("POST", "/sync/sesiones", body=body)


def test_every_state_is_told_in_one_round_trip(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        taken, half, fresh = phone.capture(), phone.capture(), phone.capture()
        acuse = (await h.send(phone, taken)).headers["acopio-acuse"]
        opened = await h.session(phone, half)
        await h.patch(opened, opened.sobres[0].url, 0, half[:123])
        told = {one.registro: one for one in (await h.session(phone, taken, half, fresh)).sobres}
        assert (told[0].estado, told[0].acuse) == ("acusado", acuse)
        assert (told[1].estado, told[1].offset) == ("parcial", 123)
        assert (told[2].estado, told[2].offset) == ("nuevo", 0)

    case(run, tmp_path)


def test_a_replayed_request_is_not_a_session(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        body = phone.session_jws(phone.capture())
        assert (await post(h, body)).status == 200
        again = await post(h, body)
        assert (again.status, again.codigo) == (409, "sesion_repetida")

    case(run, tmp_path)


def test_the_manifest_is_kept_with_its_time_and_deletions_are_on_the_record(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        await h.session(phone, phone.capture(), borrados=(7, 8))
        row = h.box.reader.execute("SELECT manifiesto, recibida_ms FROM sesiones_sync").fetchone()
        assert b'"sobres":[[0,' in row["manifiesto"]
        assert row["recibida_ms"] == NOW
        events = [r[0] for r in h.box.reader.execute("SELECT evento FROM bitacora ORDER BY id")]
        assert "sobres_borrados_en_telefono" in events

    case(run, tmp_path)


@pytest.mark.parametrize("days", [-4000, -1, 1, 4000])
def test_a_phones_wrong_clock_is_told_and_never_refused(tmp_path: Path, days: int) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture(at=NOW + days * DAY, desfase=-days * DAY)
        opened = await h.session(phone, raw, reloj_ms=NOW + days * DAY)
        assert "reloj_desfasado" in {aviso.codigo for aviso in opened.avisos}
        assert "acopio-acuse" in (await h.patch(opened, opened.sobres[0].url, 0, raw)).headers
        row = registros.by_folio(h.box.reader, phone.folio(0))
        assert row is not None
        assert row.marcas == ()

    case(run, tmp_path)


def test_bad_requests_have_their_code(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        good = phone.session_jws(raw)
        stranger = Phone(phone.solicitud, phone.auxiliar, 999, phone.to)
        thief = Phone(phone.solicitud, phone.auxiliar, phone.dispositivo, phone.to, PrivateKey.generate())
        wrong_owner = Phone(phone.solicitud, phone.auxiliar + 1, phone.dispositivo, phone.to, phone.key)
        double = phone.manifest(sobres=(entry(raw), entry(raw)))
        cases = [
            (b"", 400, "jws_invalido"),
            (b"not a jws", 400, "jws_invalido"),
            (good[:-4] + b"AAAA", 401, "jws_firma"),
            (stranger.session_jws(raw), 403, "dispositivo_desconocido"),
            (thief.session_jws(raw), 401, "jws_firma"),
            (wrong_owner.session_jws(raw), 403, "sesion_ajena"),
            (session.sign(double, phone.key).encode(), 400, "sesion_invalida"),
            (b"a" * (session.MAX_LENGTH + 1), 413, "manifiesto_demasiado_grande"),
        ]
        for body, status, codigo in cases:
            answer = await post(h, body)
            assert (answer.status, answer.codigo) == (status, codigo), codigo
        assert h.box.reader.execute("SELECT count(*) FROM sesiones_sync").fetchone()[0] == 0

    case(run, tmp_path)


def test_a_queue_of_five_thousand_is_answered(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        model = entry(phone.capture())
        queue = tuple(
            Entrada(n, model.tam, model.codigo[:-4] + f"{n:04d}"[:3] + "A") for n in range(session.MAX_ENTRIES)
        )
        opened = await h.session(phone, sobres=queue)
        assert len(opened.sobres) == session.MAX_ENTRIES
        assert {one.estado for one in opened.sobres} == {"nuevo"}

    case(run, tmp_path)


def test_an_entry_of_an_impossible_size_is_refused_alone(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        codigo = entry(raw).codigo
        queue = (Entrada(5, 10, codigo), Entrada(6, 9 * 1024 * 1024, codigo), entry(raw))
        told = [(one.estado, one.codigo) for one in (await h.session(phone, sobres=queue)).sobres]
        assert told == [("rechazado", "sobre_longitud"), ("rechazado", "sobre_demasiado_grande"), ("nuevo", "")]

    case(run, tmp_path)


# -- D7: capture inside the periodo, sending until 24 h after, then refused


async def set_window(h: Harness, inicia: int, termina: int, *, activo: bool = True) -> None:
    await h.write(lambda tx: catalogo.set_periodo(tx.conn, 1, inicia, termina, activo=activo))


@pytest.mark.parametrize(
    ("after_end", "taken"), [(-1, True), (0, True), (24 * HOUR - 1, True), (24 * HOUR, False), (30 * DAY, False)]
)
def test_sending_is_taken_until_24_hours_after_the_end(tmp_path: Path, after_end: int, taken: bool) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        await set_window(h, NOW - DAY, NOW + DAY)
        h.clock.now = NOW + DAY + after_end
        told = (await h.session(phone, raw)).sobres[0]
        if taken:
            assert "acopio-acuse" in (await h.send(phone, raw)).headers
        else:
            assert (told.estado, told.codigo) == ("rechazado", "periodo_cerrado")

    case(run, tmp_path)


def test_the_last_byte_decides_not_the_first(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw, before = phone.capture(), phone.capture()
        acuse = (await h.send(phone, before)).headers["acopio-acuse"]
        await set_window(h, NOW - DAY, NOW + DAY)
        h.clock.now = NOW + 2 * DAY - 1
        opened = await h.session(phone, raw)
        await h.patch(opened, opened.sobres[0].url, 0, raw[:-1])
        h.clock.advance(1)
        late = await h.patch(opened, opened.sobres[0].url, len(raw) - 1, raw[-1:])
        assert (late.status, late.codigo) == (403, "periodo_cerrado")
        assert "acopio-acuse" not in late.headers
        # What was taken in time keeps its acuse for ever; what was not may be taken if the OPL moves the end.
        told = {one.registro: one for one in (await h.session(phone, raw, before)).sobres}
        assert told[1].acuse == acuse
        assert told[0].codigo == "periodo_cerrado"
        await set_window(h, NOW - DAY, NOW + 5 * DAY)
        assert "acopio-acuse" in (await h.send(phone, raw)).headers

    case(run, tmp_path)


def test_what_the_phone_is_told_about_the_periodo(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        async def told() -> set[str]:
            return {aviso.codigo for aviso in (await h.session(phone, reloj_ms=h.clock())).avisos}

        assert await told() == set()
        await set_window(h, NOW - DAY, NOW + DAY)
        assert await told() == {"periodo_por_cerrar"}
        h.clock.now = NOW + DAY
        assert await told() == {"periodo_en_gracia"}
        h.clock.now = NOW + 2 * DAY
        assert await told() == {"periodo_cerrado"}
        await set_window(h, NOW - DAY, NOW + 50 * DAY, activo=False)
        assert await told() == {"periodo_inactivo"}

    case(run, tmp_path)


# -- F4: marks, never refusals


def marks_of(h: Harness, phone: Phone, registro: int) -> tuple[str, ...]:
    row = registros.by_folio(h.box.reader, phone.folio(registro))
    assert row is not None
    return row.marcas


def test_what_comes_after_a_baja_is_taken_and_marked(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        await h.send(phone, phone.capture())
        await h.write(lambda tx: dispositivos.set_baja(tx.conn, phone.dispositivo, tx.now_ms))
        assert "acopio-acuse" in (await h.send(phone, phone.capture())).headers
        await h.write(lambda tx: catalogo.set_auxiliar_baja(tx.conn, phone.auxiliar, tx.now_ms, "prueba"))
        opened = await h.session(phone, raw := phone.capture())
        assert {"auxiliar_baja"} <= {aviso.codigo for aviso in opened.avisos}
        assert "acopio-acuse" in (await h.patch(opened, opened.sobres[0].url, 0, raw)).headers
        assert marks_of(h, phone, 0) == ()
        assert marks_of(h, phone, 1) == ("dispositivo_de_baja",)
        assert marks_of(h, phone, 2) == ("auxiliar_de_baja", "dispositivo_de_baja")

    case(run, tmp_path)


def test_phones_of_an_inactive_aspirante_are_told_and_what_they_send_is_taken(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        assert "aspirante_inactivo" not in {aviso.codigo for aviso in (await h.session(phone)).avisos}
        await h.write(lambda tx: tx.conn.execute("UPDATE aspirantes SET estatus = 'inactivo'"))  # type: ignore[attr-defined]
        opened = await h.session(phone, raw := phone.capture())
        assert "aspirante_inactivo" in {aviso.codigo for aviso in opened.avisos}
        assert "acopio-acuse" in (await h.patch(opened, opened.sobres[0].url, 0, raw)).headers
        assert marks_of(h, phone, 0) == ()

    case(run, tmp_path)


def test_captured_outside_the_periodo_is_taken_and_marked(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        for at, desfase in ((NOW, 0), (NOW - 11 * DAY, 0), (NOW + 10 * DAY, 0), (NOW - 11 * DAY, 5 * DAY), (NOW, None)):
            assert "acopio-acuse" in (await h.send(phone, phone.capture(at=at, desfase=desfase))).headers
        assert [marks_of(h, phone, n) for n in range(5)] == [
            (),
            ("captura_fuera_de_periodo",),
            ("captura_fuera_de_periodo",),
            (),
            ("reloj_sin_referencia",),
        ]

    case(run, tmp_path)


def test_the_next_stage_finds_its_work(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        await h.send(phone, phone.capture())
        await h.send(phone, phone.capture())
        rows = h.box.reader.execute("SELECT folio, etapa, estado FROM trabajos JOIN apoyos USING (id)").fetchall()
        assert [tuple(row) for row in rows] == [(str(phone.folio(1)), "abrir", "pendiente")]

    case(run, tmp_path)


def test_acuse_again_by_folio(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        other = await h.phone(1)
        acuse = (await h.send(phone, phone.capture())).headers["acopio-acuse"]

        async def ask(who: Phone, folio: str) -> tuple[int, bytes]:
            token = (await h.session(who)).token
            answer = await h.request("GET", f"/sync/acuses/{folio}", headers={"authorization": f"Bearer {token}"})
            return answer.status, answer.body

        assert await ask(phone, str(phone.folio(0))) == (200, acuse.encode())
        assert (await ask(other, str(phone.folio(0))))[0] == 404
        assert (await ask(phone, str(phone.folio(9))))[0] == 404
        assert (await ask(phone, "nada"))[0] == 400
        assert (await h.request("GET", f"/sync/acuses/{phone.folio(0)}")).status == 401

    case(run, tmp_path)
