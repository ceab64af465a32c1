"""The acuse mail (row D6): one message a session, the CIC masked, retries, a real SMTP conversation."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import msgspec
import pytest
from joserfc import jws as jose
from joserfc.jwk import KeySet

from server.notify.inbox import Inbox, InboxServer
from server.notify.outbox import SmtpTransport
from server.store import correos
from sync_protocol import sobre
from tests.factories import FrozenClock, Phone
from tests.server.asgi import Harness, running

Case = Callable[[Harness, Phone], Awaitable[None]]


def case(test: Case, folder: Path, **changes: object) -> None:
    async def run() -> None:
        async with running(folder, **changes) as h:
            await test(h, await h.phone())

    asyncio.run(run())


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def mailed(h: Harness) -> list[EmailMessage]:
    await h.app.state.outbox.send_due()
    return h.mail.messages


def test_one_message_a_session_with_what_p914_asks_for(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        sobres = [phone.capture() for _ in range(4)]
        opened = await h.session(phone, *sobres)
        for told, raw in zip(opened.sobres[:3], sobres, strict=False):
            await h.patch(opened, told.url, 0, raw)
        assert await mailed(h) == [], "the session is still going on"
        await h.patch(opened, opened.sobres[3].url, 0, sobres[3])
        (message,) = await mailed(h)
        assert message["To"] == "aux1@ejemplo.mx"
        for text in (text_of(message), str(message.get_body(("html",)))):
            for registro, raw in enumerate(sobres):
                assert str(phone.folio(registro)) in text
                assert sobre.printed_code(sobre.codigo_de_integridad(raw))[:9] in text
        text = text_of(message)
        assert text.count("Código de integridad:") == 4
        assert "123456789" not in text
        assert "•••••6789" in text
        assert "21/09/2026" in text
        assert await mailed(h) == [message], "and it goes once"

    case(run, tmp_path)


def test_the_setting_shows_the_cic_whole(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        phone.next_registro = 1
        phone.anterior = b"\1" * 32
        await h.send(phone, phone.capture())
        assert "123456789" in text_of((await mailed(h))[0])

    case(run, tmp_path, cic_completo=True)


def test_a_session_that_was_cut_short_is_mailed_once_it_is_quiet_and_the_rest_later(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        sobres = [phone.capture() for _ in range(3)]
        opened = await h.session(phone, *sobres)
        await h.patch(opened, opened.sobres[0].url, 0, sobres[0])
        h.clock.advance(59_000)
        assert await mailed(h) == []
        h.clock.advance(1_000)
        assert len(await mailed(h)) == 1
        await h.patch(opened, opened.sobres[1].url, 0, sobres[1])
        await h.patch(opened, opened.sobres[2].url, 0, sobres[2])
        messages = await mailed(h)
        assert [text_of(m).count("Código de integridad:") for m in messages] == [1, 2]
        assert messages[0]["Message-ID"] != messages[1]["Message-ID"]

    case(run, tmp_path)


def test_no_mail_for_what_the_second_copy_does_not_hold(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        second = h.box.settings.segunda_copia
        assert second is not None
        away = second.rename(second.with_name("desmontada"))
        await h.send(phone, phone.capture())
        h.clock.advance(3_600_000)
        assert await mailed(h) == []
        away.rename(second)
        async with asyncio.timeout(10):
            while not await mailed(h):
                h.clock.advance(60_000)
                await asyncio.sleep(0.05)

    case(run, tmp_path, second=True, espera_acuse_ms=100)


def test_a_mail_server_that_is_down_is_tried_again_later_and_later_and_then_told(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        h.mail.failing = aiosmtplib.SMTPConnectError("sin servidor")
        await h.send(phone, phone.capture())
        waits = []
        for attempt in range(1, correos.MAX_ATTEMPTS + 1):
            await mailed(h)
            row = h.box.reader.execute("SELECT estado, intentos, proximo_ms FROM correos").fetchone()
            assert row["intentos"] == attempt
            waits.append(row["proximo_ms"] - h.clock.now)
            h.clock.now = row["proximo_ms"]
        assert waits == sorted(waits)
        assert waits[0] == 15_000
        assert row["estado"] == "fallido"
        health = (await h.request("GET", "/salud/listo")).json()
        assert health["partes"]["correo"]["estado"] == "mal"
        assert health["estado"] == "listo", "mail stops no acuse"
        assert h.mail.messages == []

    case(run, tmp_path)


def test_a_message_that_cannot_be_made_does_not_hold_up_the_others(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        other = await h.phone(1)
        await h.send(phone, phone.capture())
        await h.send(other, other.capture())
        await h.write(
            lambda tx: tx.conn.execute(
                "UPDATE registros SET lote = 1, posicion = 0, tipo='apoyo' WHERE dispositivo = 1"
            )
        )
        messages = await mailed(h)
        assert [m["To"] for m in messages] == ["aux2@ejemplo.mx"]

    case(run, tmp_path)


def test_the_attached_acuses_verify_offline_with_a_public_jose_library(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        raw = phone.capture()
        await h.send(phone, raw)
        (message,) = await mailed(h)
        (attachment,) = message.iter_attachments()
        document = msgspec.json.decode(attachment.get_content())
        keys = KeySet.import_key_set(document["jwks"])
        token = jose.deserialize_compact(document["acuses"][0], keys, algorithms=["ES256"])
        claims = msgspec.json.decode(token.payload)
        assert claims["folio"] == str(phone.folio(0))
        assert claims["codigo"] == sobre.codigo_de_integridad(raw).hex()
        head, payload, signature = document["acuses"][0].split(".")
        changed = f"{head}.{payload[:-2]}{'A' if payload[-2] != 'A' else 'B'}{payload[-1]}.{signature}"
        with pytest.raises(Exception, match="signature"):
            jose.deserialize_compact(changed, keys, algorithms=["ES256"])

    case(run, tmp_path)


@pytest.mark.socket
def test_a_real_smtp_conversation_with_the_demos_inbox() -> None:
    async def run() -> None:
        clock = FrozenClock()
        inbox = Inbox(clock)
        server = InboxServer(inbox)
        url = await server.start()
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "acopio@ejemplo.mx", "a@ejemplo.mx", "Año · prueba"
        message.set_content("Línea con acentos: ñ\n" + "x" * 2000)
        message.add_alternative("<p>ñ</p>", subtype="html")
        message.add_attachment(b"{}", maintype="application", subtype="json", filename="acuses.json")
        await SmtpTransport(url).send(message)
        await SmtpTransport(url).send(message)
        (second, first) = inbox.newest_first("A@ejemplo.mx")
        assert (first.asunto, first.id, second.id) == ("Año · prueba", 1, 2)
        assert "ñ" in first.texto
        assert "ñ" in first.html
        assert first.adjuntos[0].contenido == b"{}"
        assert inbox.newest_first("b@ejemplo.mx") == []
        await server.stop()
        with pytest.raises(aiosmtplib.SMTPException):
            await SmtpTransport(url).send(message)

    asyncio.run(run())


def test_no_personal_data_waits_in_the_outbox_or_the_index(tmp_path: Path) -> None:
    async def run(h: Harness, phone: Phone) -> None:
        phone.next_registro = 1
        phone.anterior = b"\1" * 32
        await h.send(phone, phone.capture())
        await mailed(h)
        folder = h.box.settings.datos
        for path in [*folder.glob("indice.db*"), *(folder / "diario").iterdir()]:
            content = path.read_bytes()
            for secret in (b"123456789", b"0123456789012", b"PERSONA"):
                assert not re.search(rb"(?<![0-9])" + secret + rb"(?![0-9])", content), (path.name, secret)

    case(run, tmp_path)
