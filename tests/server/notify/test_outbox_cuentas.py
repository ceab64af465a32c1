"""Mail to accounts through the outbox: every class from its row, secrets wiped, urgency, retries, one connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from server.notify.inbox import Inbox, InboxServer
from server.notify.outbox import SmtpTransport
from server.store import correos
from server.store.writer import Tx
from tests.factories import FrozenClock
from tests.server.asgi import Harness, running
from tests.server.notify.samples import text_of

pytestmark = pytest.mark.anyio

MINUTE = 60_000


@pytest.fixture
async def h(tmp_path: Path) -> AsyncIterator[Harness]:
    async with running(tmp_path) as made:
        yield made


async def account(h: Harness, rol: str = "operacion", solicitud: int | None = None) -> int:
    def make(tx: Tx) -> int:
        cursor = tx.conn.execute(
            "INSERT INTO cuentas (rol, nombre, cargo, correo, telefono, aspirante_id, estatus, creada_ms) "
            "VALUES (?, 'Julia Cano Ríos', '', 'julia@ejemplo.mx', '', ?, 'activa', ?)",
            (rol, solicitud, tx.now_ms),
        )
        return int(cursor.lastrowid or 0)

    return await h.write(make)  # type: ignore[return-value]


async def queue(h: Harness, clase: str, cuenta: int, datos: str = "{}", clave: str = "") -> None:
    clave = clave or f"{clase}:{cuenta}"
    await h.write(lambda tx: correos.add_to_account(tx.conn, clave, clase, cuenta, datos, tx.now_ms))


async def key(h: Harness, clase: str, cuenta: int, minutes: int) -> None:
    await h.write(
        lambda tx: tx.conn.execute(
            "INSERT INTO llaves_correo (clase, cuenta_id, resumen, creada_ms, vence_ms) VALUES (?, ?, ?, ?, ?)",
            (clase, cuenta, bytes(32), tx.now_ms, tx.now_ms + minutes * MINUTE),
        )
    )


async def mailed(h: Harness) -> list[EmailMessage]:
    await h.app.state.outbox.send_due()
    return h.mail.messages


def rows(h: Harness, what: str = "*") -> list[dict[str, object]]:
    return [dict(row) for row in h.box.reader.execute(f"SELECT {what} FROM correos ORDER BY id")]


@pytest.mark.parametrize(
    ("clase", "datos", "said"),
    [
        ("invitacion", '{"token":"abc-DEF_1"}', "http://127.0.0.1:8000/invitacion/abc-DEF_1"),
        ("declaracion_devuelta", '{"motivo":"Falta la firma."}', "Motivo: Falta la firma."),
        ("cuenta_activa", "{}", "Perfil: Mesa de control"),
        ("cuenta_suspendida", '{"causa":"Cambió de área."}', "Causa: Cambió de área."),
        ("restablecer", '{"token":"abc-DEF_1"}', "http://127.0.0.1:8000/restablecer/abc-DEF_1"),
        ("contrasena_cambiada", '{"en_ms":1790000000000}', "Fecha del cambio: 21/09/2026 08:13:20"),
        ("acceso", '{"codigo":"042917"}', "    042917"),
    ],
)
async def test_every_class_of_an_account_from_its_row(h: Harness, clase: str, datos: str, said: str) -> None:
    cuenta = await account(h)
    await queue(h, clase, cuenta, datos)
    [message] = await mailed(h)
    assert message["To"] == "julia@ejemplo.mx"
    assert said in text_of(message)
    assert message["Message-ID"] == f"<{clase}.1@127.0.0.1>"
    assert message["Date"]
    [row] = rows(h)
    assert row["estado"] == "enviado"
    for secret in ("abc-DEF_1", "042917"):
        assert secret not in str(row["datos"])
    events = h.box.reader.execute("SELECT objeto, datos FROM bitacora WHERE evento = 'correo_enviado'").fetchall()
    assert [(one["objeto"], one["datos"]) for one in events] == [
        (f"cuenta:{cuenta}", f'{{"clase":"{clase}","registros":0}}')
    ]


async def test_an_aspirante_and_an_auxiliar_from_their_rows(h: Harness) -> None:
    solicitud, auxiliar = h.sembrados[0].solicitud, h.sembrados[0].auxiliar
    cuenta = await account(h, "aspirante", solicitud)
    await queue(h, "aspirante_registrado", cuenta)
    await queue(h, "aspirante_baja", cuenta, '{"causa":"Renunció."}')
    for clase, datos in (("auxiliar_alta", "{}"), ("auxiliar_baja", '{"causa":"Otra persona.","por":"opl"}')):
        await h.write(
            lambda tx, clase=clase, datos=datos: correos.add(  # type: ignore[misc]
                tx.conn, f"{clase}:1", clase, auxiliar, datos, tx.now_ms, tx.now_ms
            )
        )
    registered, ended, alta, baja = (text_of(one).replace("\r\n", "\n") for one in await mailed(h))
    assert f"Folio único: {solicitud}\n" in registered
    assert "Usuario: julia@ejemplo.mx" in registered
    assert "Causa: Renunció." in ended
    assert f"Id de proceso: {solicitud}\nId de auxiliar: {auxiliar}\n" in alta
    assert "Causa: Otra persona." in baja
    assert h.mail.messages[2]["To"] == "aux1@ejemplo.mx"


async def test_the_institute_signs_as_its_settings_say(h: Harness) -> None:
    await queue(h, "cuenta_activa", await account(h))
    await h.write(
        lambda tx: tx.conn.executemany(
            "INSERT INTO ajustes (clave, valor, cambiado_ms) VALUES (?, ?, 0)",
            [("nombre", "Instituto de Colima"), ("contacto_telefono", "312 000 0000"), ("color", "#0a5c36")],
        )
    )
    [message] = await mailed(h)
    assert str(message["Subject"]).endswith(" · Instituto de Colima")
    assert text_of(message).splitlines()[-3:] == [
        "Instituto de Colima", "Teléfono: 312 000 0000", "Este mensaje es automático; no lo responda.",
    ]  # fmt: skip


async def test_a_link_says_until_when_it_is_good(h: Harness) -> None:
    cuenta = await account(h)
    await key(h, "restablecer", cuenta, 60)
    await queue(h, "restablecer", cuenta, '{"token":"t"}')
    [message] = await mailed(h)
    assert "una sola vez, hasta el " in text_of(message)


@pytest.mark.parametrize(("clase", "datos"), [("acceso", '{"codigo":"042917"}'), ("invitacion", '{"token":"t"}')])
async def test_what_is_good_no_more_is_not_sent_but_told(h: Harness, clase: str, datos: str) -> None:
    cuenta = await account(h)
    await key(h, clase, cuenta, 15)
    await queue(h, clase, cuenta, datos)
    h.mail.failing = aiosmtplib.SMTPConnectError("sin servidor")
    await mailed(h)
    h.mail.failing = None
    h.clock.advance(15 * MINUTE)
    assert await mailed(h) == []
    assert rows(h) == [], "and its secret is gone with it"
    [event] = h.box.reader.execute("SELECT objeto, datos FROM bitacora WHERE evento = 'correo_vencido'").fetchall()
    assert (event["objeto"], event["datos"]) == (f"cuenta:{cuenta}", f'{{"clase":"{clase}"}}')


async def test_a_code_overtakes_ten_thousand_others(h: Harness) -> None:
    cuenta, auxiliar = await account(h), h.sembrados[0].auxiliar
    await h.write(
        lambda tx: tx.conn.executemany(
            "INSERT INTO correos (clave, clase, auxiliar_id, datos, estado, creado_ms, proximo_ms) "
            "VALUES (?, 'auxiliar_alta', ?, '{}', 'pendiente', ?, ?)",
            [(f"auxiliar_alta:{n}", auxiliar, tx.now_ms, tx.now_ms) for n in range(10_000)],
        )
    )
    h.clock.advance(1)
    await queue(h, "acceso", cuenta, '{"codigo":"042917"}')
    messages = await mailed(h)
    assert "042917" in text_of(messages[0])
    assert 1 < len(messages) <= 20, "and rounds are short, so that the next one does not wait either"


async def test_a_server_that_cannot_be_reached_costs_one_message_a_round(h: Harness) -> None:
    cuenta = await account(h)
    for n in range(5):
        await queue(h, "cuenta_activa", cuenta, clave=f"cuenta_activa:{n}")
    h.mail.failing = aiosmtplib.SMTPConnectTimeoutError("callado")
    await mailed(h)
    assert [row["intentos"] for row in rows(h)] == [1, 0, 0, 0, 0]
    h.mail.failing = aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(550, "no", "julia@ejemplo.mx")])
    await mailed(h)
    assert [row["intentos"] for row in rows(h)] == [1, 1, 1, 1, 1]
    assert [row["ultimo_error"] for row in rows(h)] == ["SMTPConnectTimeoutError", *["SMTPRecipientsRefused 550"] * 4]
    assert "julia" not in str(rows(h)), "no address in what went wrong"


async def test_what_was_given_up_is_sent_again_or_dropped(h: Harness) -> None:
    cuenta = await account(h)
    for n in range(3):
        await queue(h, "cuenta_activa", cuenta, clave=f"cuenta_activa:{n}")
    refused = aiosmtplib.SMTPDataError(554, "no")
    h.mail.failing = refused
    for _ in range(correos.MAX_ATTEMPTS):
        await mailed(h)
        h.clock.advance(3_600_000)
    found = correos.given_up(h.box.reader)
    assert [(one.clase, one.a, one.intentos, one.error) for one in found] == [
        ("cuenta_activa", f"cuenta:{cuenta}", 12, "SMTPDataError 554")
    ] * 3
    assert [one.id for one in correos.given_up(h.box.reader, found[0].id, 1)] == [found[1].id]
    h.mail.failing = None
    assert await mailed(h) == [], "nothing by itself"
    assert await h.write(lambda tx: correos.drop(tx.conn, found[0].id)) == "cuenta_activa"
    assert await h.write(lambda tx: correos.drop(tx.conn, found[0].id)) is None
    assert await h.write(lambda tx: correos.send_again(tx.conn, tx.now_ms, found[1].id)) == 1
    assert await h.write(lambda tx: correos.send_again(tx.conn, tx.now_ms, found[1].id)) == 0
    [message] = await mailed(h)
    assert message["Message-ID"] == f"<cuenta_activa.{found[1].id}@127.0.0.1>"
    assert await h.write(lambda tx: correos.send_again(tx.conn, tx.now_ms)) == 1
    assert len(await mailed(h)) == 2
    assert correos.counts(h.box.reader) == {"pendiente": 0, "fallido": 0}


async def test_a_message_that_is_said_anew_has_an_id_of_its_own(h: Harness) -> None:
    cuenta = await account(h)
    await queue(h, "acceso", cuenta, '{"codigo":"111111"}')
    await mailed(h)
    h.clock.advance(MINUTE)
    await queue(h, "acceso", cuenta, '{"codigo":"222222"}')
    first, second = await mailed(h)
    assert "222222" in text_of(second)
    assert first["Message-ID"] != second["Message-ID"]


async def test_dropping_what_was_sent_once_keeps_that_it_was(h: Harness) -> None:
    phone = await h.phone()
    await h.send(phone, phone.capture())
    await mailed(h)
    await h.write(lambda tx: tx.conn.execute("UPDATE correos SET estado = 'fallido'"))
    [row] = rows(h)
    assert await h.write(lambda tx: correos.drop(tx.conn, row["id"])) == "acuses"  # type: ignore[arg-type]
    assert [one["estado"] for one in rows(h)] == ["enviado"]


# A real conversation


class Counting(Inbox):
    """Counts connections; ends each after `patience` messages, as many servers do."""

    def __init__(self, patience: int = 1_000) -> None:
        super().__init__(FrozenClock())
        self.sessions: list[int] = []
        self.patience = patience
        self._taken = 0

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if id(session) not in self.sessions:
            self.sessions.append(id(session))
            self._taken = 0
        if self._taken >= self.patience:
            return "421 Too many"
        self._taken += 1
        if address.startswith("nadie"):
            return "550 no"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"


def small(sender: str = "acopio@ejemplo.mx") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "a@ejemplo.mx", "Código"
    message.set_content("ñ")
    return message


@pytest.mark.socket
@pytest.mark.parametrize(("patience", "connections"), [(1_000, 1), (2, 3)])
async def test_one_connection_brings_many_messages(patience: int, connections: int) -> None:
    inbox = Counting(patience)
    server = InboxServer(inbox)
    transport = SmtpTransport(await server.start())
    for _ in range(6):
        await transport.send(small())
    assert len(inbox.newest_first()) == 6
    assert len(inbox.sessions) == connections
    with pytest.raises(aiosmtplib.SMTPSenderRefused):
        await transport.send(small("nadie@ejemplo.mx"))
    await transport.rest()
    await transport.rest()
    await transport.send(small())
    assert len(inbox.newest_first()) == 7
    await transport.rest()
    await server.stop()


@pytest.mark.socket
async def test_a_message_refused_does_not_harm_the_next_on_its_connection() -> None:
    inbox = Counting()
    server = InboxServer(inbox)
    transport = SmtpTransport(await server.start())
    for sender, taken in (("a@ejemplo.mx", 1), ("nadie@ejemplo.mx", 1), ("b@ejemplo.mx", 2)):
        try:
            await transport.send(small(sender))
        except aiosmtplib.SMTPSenderRefused:
            assert sender.startswith("nadie")
        assert len(inbox.newest_first()) == taken
    assert len(inbox.sessions) == 1
    await transport.rest()
    await server.stop()


@pytest.mark.socket
async def test_a_connection_that_died_meanwhile_is_made_again() -> None:
    inbox = Counting()
    server = InboxServer(inbox)
    url = await server.start()
    transport = SmtpTransport(url)
    await transport.send(small())
    client = transport._client
    assert client is not None
    client.close()
    await asyncio.sleep(0)
    await transport.send(small())
    assert len(inbox.newest_first()) == 2
    await transport.rest()
    await server.stop()
    with pytest.raises(aiosmtplib.SMTPException):
        await transport.send(small())
