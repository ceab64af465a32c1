"""The demo's inbox as pages: hundreds of messages, filtering, and attachments whose names are anyone's."""

from __future__ import annotations

import asyncio
import email.message
import re

import pytest
from aiosmtpd.smtp import Envelope
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from server.notify.inbox import Inbox
from server.portals.public.correo_demo import PAGE_SIZE, CorreoDemo
from tests.server.notify.samples import acuse_mail, code_mail


def client_of(*messages: tuple[str, email.message.EmailMessage]) -> TestClient:
    """The pages over an inbox that has received these messages, each with its address."""
    inbox = Inbox(lambda: 1_790_000_000_000)

    async def receive() -> None:
        for address, message in messages:
            envelope = Envelope()
            envelope.mail_from, envelope.rcpt_tos, envelope.content = "acopio@ejemplo.mx", [address], message.as_bytes()
            await inbox.handle_DATA(None, None, envelope)  # type: ignore[arg-type]

    asyncio.run(receive())
    correo = CorreoDemo(inbox)
    return TestClient(
        Starlette(
            routes=[
                Route("/demo/correo", correo.list),
                Route("/demo/correo/{id:int}", correo.show),
                Route("/demo/correo/{id:int}/html", correo.html),
                Route("/demo/correo/{id:int}/adjuntos/{n:int}", correo.attachment),
            ]
        )
    )


def numbers(html: str) -> list[int]:
    """Ids of the messages that a page lists."""
    return [int(found) for found in re.findall(r'href="/demo/correo/(\d+)"', html)]


@pytest.fixture(scope="module")
def many() -> TestClient:
    people = ["ana@ejemplo.mx", "Beto@ejemplo.mx", "ana+1@ejemplo.mx"]
    return client_of(*((people[n % 3], code_mail()) for n in range(320)))


def test_pages_hold_every_message_once_newest_first(many: TestClient) -> None:
    seen: list[int] = []
    for page in range(1, 8):
        seen += numbers(many.get(f"/demo/correo?pagina={page}").text)
    assert seen == list(range(320, 0, -1))


def test_a_page_says_which_messages_it_shows(many: TestClient) -> None:
    assert f"Mensajes {PAGE_SIZE + 1} a {2 * PAGE_SIZE} de 320" in many.get("/demo/correo?pagina=2").text
    last = many.get("/demo/correo?pagina=7").text
    assert "Mensajes 301 a 320 de 320" in last
    assert "Más antiguos" not in last


@pytest.mark.parametrize("asked", ["0", "-3", "99", "dos", "", "٣", "9" * 5_000, "1.5"])
def test_a_page_that_is_not_there_is_the_nearest(many: TestClient, asked: str) -> None:
    answer = many.get("/demo/correo", params={"pagina": asked})
    assert answer.status_code == 200
    assert len(numbers(answer.text)) in (PAGE_SIZE, 20)


@pytest.mark.parametrize("asked", ["beto@ejemplo.mx", " Beto@Ejemplo.mx "])
def test_an_address_is_found_however_it_is_written(many: TestClient, asked: str) -> None:
    html = many.get("/demo/correo", params={"para": asked}).text
    assert "<option selected>Beto@ejemplo.mx</option>" in html
    assert all(number % 3 == 2 for number in numbers(html))
    assert "de 107, del" in html


def test_turning_pages_keeps_the_filter(many: TestClient) -> None:
    html = many.get("/demo/correo", params={"para": "ana+1@ejemplo.mx"}).text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', html)
    second = many.get("/demo/correo" + following.replace("&amp;", "&")).text
    assert "<option selected>ana+1@ejemplo.mx</option>" in second
    assert numbers(second)[0] < numbers(html)[-1]


def test_an_address_without_mail_says_so_and_stays_chosen(many: TestClient) -> None:
    html = many.get("/demo/correo", params={"para": '"><b>nadie'}).text
    assert "Este buzón está vacío" in html
    assert "<b>nadie" not in html
    assert "<option selected>&#34;&gt;&lt;b&gt;nadie</option>" in html


def test_an_empty_inbox_has_no_filter() -> None:
    html = client_of().get("/demo/correo").text
    assert "Todavía no llega correo" in html
    assert "<form" not in html


def test_a_message_has_its_frame_its_text_and_its_attachment() -> None:
    client = client_of(("itzel@ejemplo.mx", acuse_mail()))
    html = client.get("/demo/correo/1").text
    assert 'src="./1/html"' in html
    assert "Código de integridad:" in html
    answer = client.get("/demo/correo/1/adjuntos/0")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''acuses.json"
    assert answer.json()["acuses"]


def test_a_message_of_text_alone_shows_it_without_a_frame() -> None:
    plain = email.message.EmailMessage()
    plain["Subject"] = "Aviso"
    plain.set_content("Solo <texto>")
    html = client_of(("itzel@ejemplo.mx", plain)).get("/demo/correo/1").text
    assert "<iframe" not in html
    assert "Solo &lt;texto&gt;" in html


@pytest.mark.parametrize("name", ['a"; filename="b.exe', "línea\u2028nueva.txt", "ñandú; x=y.json", "../../etc/passwd"])
def test_the_name_of_an_attachment_is_one_parameter(name: str) -> None:
    message = email.message.EmailMessage()
    message["Subject"] = "Aviso"
    message.set_content("Va adjunto.")
    message.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=name)
    answer = client_of(("itzel@ejemplo.mx", message)).get("/demo/correo/1/adjuntos/0")
    assert answer.status_code == 200
    assert re.fullmatch(r"attachment; filename\*=utf-8''[A-Za-z0-9%._~-]+", answer.headers["content-disposition"])
    assert answer.content == b"x"


def test_the_body_alone_runs_no_script_and_loads_nothing() -> None:
    policy = client_of(("itzel@ejemplo.mx", acuse_mail())).get("/demo/correo/1/html").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
