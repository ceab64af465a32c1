"""Alta, baja and re-keying of a phone, as the phone lives it (rows D1, D2; SPEC §7)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from server.diario import lote as lotes
from server.store import catalogo, registros
from server.store.writer import Tx
from sync_protocol import acuse as acuses
from sync_protocol import alta as altas
from sync_protocol.alta import Alta, AltaAceptada, Baja
from sync_protocol.sealing import SealingKey
from sync_protocol.signing import PrivateKey
from tests.factories import Phone, Sembrado
from tests.server.asgi import Answer, Harness, running

Case = Callable[[Harness, "Applicant"], Awaitable[None]]


@dataclass
class Applicant:
    """An auxiliar with a new phone in hand."""

    h: Harness
    sembrado: Sembrado
    key: PrivateKey = field(default_factory=PrivateKey.generate)

    async def ask(self, **changes: object) -> Answer:
        body = {
            "solicitud": self.sembrado.solicitud, "auxiliar": self.sembrado.auxiliar, "tipo_cuenta": "google",
            "correo": self.sembrado.correo, **changes,
        }  # fmt: skip
        return await self.h.request("POST", "/dispositivos/codigo", body=msgspec.json.encode(body))

    async def code(self) -> str:
        """Ask for a code and read it in the mail, as a person would."""
        assert (await self.ask()).status == 202
        await self.h.app.state.outbox.send_due()
        body = self.h.mail.messages[-1].get_body(("plain",))
        assert body is not None
        found = re.findall(r"\b\d{6}\b", body.get_content())
        assert len(found) == 1
        return found[0]

    def request(self, codigo: str, **changes: object) -> bytes:
        values: dict[str, object] = {
            "solicitud": self.sembrado.solicitud, "auxiliar": self.sembrado.auxiliar, "tipo_cuenta": "google",
            "correo": self.sembrado.correo, "codigo": codigo, "acepta": True, "aviso": "2026-01", "modelo": "prueba",
            **changes,
        }  # fmt: skip
        return altas.sign_alta(Alta(**values), self.key).encode()  # type: ignore[arg-type]

    async def alta(self, codigo: str, **changes: object) -> Answer:
        return await self.h.request("POST", "/dispositivos/alta", body=self.request(codigo, **changes))

    async def enrolled(self) -> AltaAceptada:
        answer = await self.alta(await self.code())
        assert answer.status == 201, answer.body
        return msgspec.json.decode(answer.body, type=AltaAceptada)


def case(test: Case, folder: Path, **changes: object) -> None:
    async def run() -> None:
        async with running(folder, **changes) as h:
            await test(h, Applicant(h, h.sembrados[0]))

    asyncio.run(run())


def test_from_the_mailed_code_to_an_acuse(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        got = await who.enrolled()
        assert (got.aspirante, got.cargo, got.institucion) == ("Alma Prueba Uno", "Regiduría", "Instituto de Prueba")
        keys = acuses.keys_from_jwks(got.jwks)
        phone = Phone(
            who.sembrado.solicitud, who.sembrado.auxiliar, got.dispositivo, SealingKey.from_bytes(got.llave_sellado),
            who.key,
        )  # fmt: skip
        answer = await h.send(phone, phone.capture())
        assert acuses.read(answer.headers["acopio-acuse"], keys).tipo == "testigos"
        answer = await h.send(phone, phone.capture())
        assert acuses.read(answer.headers["acopio-acuse"], keys).tipo == "apoyo"

    case(run, tmp_path, second=True)


def test_a_lost_reply_costs_nothing(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        codigo = await who.code()
        first = msgspec.json.decode((await who.alta(codigo)).body, type=AltaAceptada)
        again = msgspec.json.decode((await who.alta(codigo)).body, type=AltaAceptada)
        assert first.dispositivo == again.dispositivo
        assert h.box.reader.execute("SELECT count(*) FROM dispositivos").fetchone()[0] == 1

    case(run, tmp_path)


def test_the_alta_is_in_the_diario_before_it_is_answered_and_names_no_person(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        await who.enrolled()
        raw = (h.box.diario.folder / lotes.file_name(h.box.diario.ultimo)).read_bytes()
        assert b'"evento":"alta"' in raw
        assert who.sembrado.correo.encode() not in raw
        assert b"Auxiliar1" not in raw

    case(run, tmp_path)


@pytest.mark.parametrize(
    "changes",
    [{"correo": "otro@ejemplo.mx"}, {"auxiliar": 999}, {"solicitud": 2}, {"tipo_cuenta": "x"}],
    ids=lambda changes: next(iter(changes)),
)
def test_who_does_not_match_learns_nothing_and_gets_no_mail(tmp_path: Path, changes: dict[str, object]) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        good, bad = await who.ask(), await who.ask(**changes)
        assert (good.status, good.body) == (bad.status, bad.body) == (202, good.body)
        await h.app.state.outbox.send_due()
        assert len(h.mail.messages) == 1
        answer = await who.alta("000000", **changes)
        assert (answer.status, answer.codigo) == (403, "datos_no_coinciden")

    case(run, tmp_path)


def test_a_code_is_good_once_for_five_tries_and_fifteen_minutes(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        assert (await who.alta("123456")).codigo == "datos_no_coinciden"
        codigo = await who.code()
        wrong = f"{(int(codigo) + 1) % 10**6:06d}"
        for _ in range(5):
            assert (await who.alta(wrong)).codigo == "datos_no_coinciden"
        assert (await who.alta(codigo)).codigo == "codigo_agotado"
        h.clock.advance(10 * 60_000)
        codigo = await who.code()
        h.clock.advance(15 * 60_000)
        assert (await who.alta(codigo)).codigo == "codigo_vencido"
        codigo = await who.code()
        assert (await who.alta(codigo)).status == 201
        second = Applicant(h, who.sembrado)
        assert (await second.alta(codigo)).codigo == "codigo_vencido"
        assert h.box.reader.execute("SELECT datos FROM correos WHERE estado='enviado'").fetchone()[0] == "{}"

    case(run, tmp_path)


def test_guessing_and_asking_have_limits(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        answers = [await who.alta("111111") for _ in range(12)]
        assert answers[-1].status == 429
        assert "retry-after" in answers[-1].headers
        for _ in range(10):
            await who.ask()
        assert (await who.ask()).codigo == "demasiadas_solicitudes"
        await h.app.state.outbox.send_due()
        assert len(h.mail.messages) <= 6

    case(run, tmp_path)


def test_two_phones_at_once_and_a_baja_makes_room(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        first = await who.enrolled()
        other = Applicant(h, who.sembrado)
        await other.enrolled()
        third = Applicant(h, who.sembrado)
        full = await third.alta(await third.code())
        assert (full.status, full.codigo) == (409, "dispositivos_maximo")
        baja = Baja(
            solicitud=first.dispositivo and who.sembrado.solicitud, auxiliar=who.sembrado.auxiliar,
            dispositivo=first.dispositivo, nonce="n" * 16,
        )  # fmt: skip
        signed = altas.sign_baja(baja, who.key, kid=str(first.dispositivo)).encode()
        assert (await h.request("POST", "/dispositivos/baja", body=signed)).status == 204
        assert (await h.request("POST", "/dispositivos/baja", body=signed)).status == 204
        assert (await third.alta(await third.code())).status == 201

    case(run, tmp_path)


def test_a_lost_phone_gets_its_baja_from_a_new_one_with_a_mailed_code(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        lost = await who.enrolled()
        new = PrivateKey.generate()

        def signed(codigo: str | None) -> bytes:
            baja = Baja(
                solicitud=who.sembrado.solicitud, auxiliar=who.sembrado.auxiliar, dispositivo=lost.dispositivo,
                nonce="n" * 16, codigo=codigo,
            )  # fmt: skip
            return altas.sign_baja(baja, new).encode()

        assert (await h.request("POST", "/dispositivos/baja", body=signed(None))).status == 403
        codigo = await who.code()
        assert (await h.request("POST", "/dispositivos/baja", body=signed(codigo))).status == 204
        assert (await h.request("POST", "/dispositivos/baja", body=signed(codigo))).status == 204, "its reply was lost"
        row = h.box.reader.execute("SELECT baja_ms FROM dispositivos").fetchone()
        assert row[0] == h.clock()

    case(run, tmp_path)


def test_nobody_gives_anothers_phone_its_baja(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        mine = await who.enrolled()
        other = Applicant(h, h.sembrados[1])
        theirs = await other.enrolled()
        for auxiliar in (who.sembrado.auxiliar, other.sembrado.auxiliar):
            baja = Baja(solicitud=1, auxiliar=auxiliar, dispositivo=theirs.dispositivo, nonce="n" * 16, codigo=None)
            signed = altas.sign_baja(baja, who.key, kid=str(mine.dispositivo)).encode()
            assert (await h.request("POST", "/dispositivos/baja", body=signed)).codigo == "datos_no_coinciden"
        assert h.box.reader.execute("SELECT count(baja_ms) FROM dispositivos").fetchone()[0] == 0

    case(run, tmp_path)


def test_a_forgotten_password_gives_the_same_phone_a_new_key_and_its_queue_stays_good(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        got = await who.enrolled()
        phone = Phone(
            who.sembrado.solicitud, who.sembrado.auxiliar, got.dispositivo, SealingKey.from_bytes(got.llave_sellado),
            who.key,
        )  # fmt: skip
        waiting = phone.capture()
        again = Applicant(h, who.sembrado)
        h.clock.advance(1000)
        answer = await again.alta(await again.code(), dispositivo=got.dispositivo)
        assert msgspec.json.decode(answer.body, type=AltaAceptada).dispositivo == got.dispositivo
        old_key, phone.key = phone.key, again.key
        assert "acopio-acuse" in (await h.send(phone, waiting)).headers
        assert "acopio-acuse" in (await h.send(phone, phone.capture())).headers
        phone.key = old_key
        body = phone.session_jws()
        assert (await h.request("POST", "/sync/sesiones", body=body)).codigo == "jws_firma"

    case(run, tmp_path)


def test_who_does_not_accept_or_is_de_baja_is_not_enrolled(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        codigo = await who.code()
        assert (await who.alta(codigo, acepta=False)).codigo == "aviso_no_aceptado"
        await h.write(lambda tx: catalogo.set_auxiliar_baja(tx.conn, who.sembrado.auxiliar, tx.now_ms, "prueba"))
        assert (await who.alta(codigo)).codigo == "auxiliar_de_baja"
        sent = len(h.mail.messages)
        await who.ask()
        await h.app.state.outbox.send_due()
        assert len(h.mail.messages) == sent

    case(run, tmp_path)


def test_nobody_is_enrolled_for_an_inactive_aspirante(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        codigo = await who.code()
        await h.write(lambda tx: set_aspirante(tx, "inactivo"))
        assert (await who.alta(codigo)).codigo == "aspirante_inactivo"
        sent = len(h.mail.messages)
        await who.ask()
        await h.app.state.outbox.send_due()
        assert len(h.mail.messages) == sent
        # The code was not spent: once the registration is active again it is good.
        await h.write(lambda tx: set_aspirante(tx, "activo"))
        assert (await who.alta(codigo)).status == 201

    case(run, tmp_path)


def set_aspirante(tx: Tx, estatus: str) -> None:
    tx.conn.execute("UPDATE aspirantes SET estatus = ?", (estatus,))


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"solicitud":1}', b"\xff", b'{"solicitud":"1"}'])
def test_rubbish_has_a_code(tmp_path: Path, body: bytes) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        assert (await h.request("POST", "/dispositivos/codigo", body=body)).codigo == "alta_invalida"
        assert (await h.request("POST", "/dispositivos/alta", body=body)).codigo == "jws_invalido"
        assert (await h.request("POST", "/dispositivos/baja", body=body)).codigo == "jws_invalido"
        unsigned = who.request("123456")[:-6] + b"AAAAAA"
        assert (await h.request("POST", "/dispositivos/alta", body=unsigned)).codigo == "jws_firma"
        assert (await h.request("POST", "/dispositivos/codigo", body=b"x" * 5000)).status == 400
        assert registros.count(h.box.reader) == 0

    case(run, tmp_path)


def test_an_alta_waits_for_the_second_copy(tmp_path: Path) -> None:
    async def run(h: Harness, who: Applicant) -> None:
        codigo = await who.code()
        second = h.box.settings.segunda_copia
        assert second is not None
        away = second.rename(second.with_name("desmontada"))
        answer = await who.alta(codigo)
        assert (answer.status, answer.codigo) == (503, "almacen_no_disponible")
        away.rename(second)
        # The copier notices by itself; the phone asks again with the same key and gets what it was refused.
        async with asyncio.timeout(10):
            while (answer := await who.alta(codigo)).status != 201:
                await asyncio.sleep(0.1)

    case(run, tmp_path, second=True, espera_acuse_ms=200)
