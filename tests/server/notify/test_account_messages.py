"""Mails to accounts, aspirantes and auxiliares: both bodies say the same, whatever people have typed (rows A1-C4)."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from server.notify import registration_messages, writing
from server.notify.writing import Destinatario
from server.store import correos
from tests.server.notify.samples import (
    CONTACTO,
    INSTITUCION,
    ITZEL,
    NOW,
    TOKEN,
    URL,
    Muestra,
    aspirante,
    auxiliar,
    every_new_mail,
    html_of,
    received,
    remite,
    text_of,
)
from tests.server.notify.test_messages import BREAKS, words_of_html

EVERY = every_new_mail()
one_of_each = pytest.mark.parametrize("one", EVERY, ids=lambda one: one.clase)


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name == "href"]


def bodies(one: Muestra) -> tuple[str, str]:
    """Both, as words with single spaces."""
    return " ".join(text_of(one.message).split()), " ".join(words_of_html(html_of(one.message)))


def test_every_class_that_the_outbox_may_hold_has_its_sample_here() -> None:
    names = {path.stem for path in writing.TEMPLATES.glob("*.j2")}
    assert names - {one.clase for one in EVERY} == {"acuses", "aviso_segunda_copia", "codigo_alta"}
    assert set(correos.URGENT) - {"aviso"} <= names


@one_of_each
def test_text_and_html_say_the_same_facts(one: Muestra) -> None:
    for body in bodies(one):
        facts = [ITZEL.nombre, INSTITUCION, *one.facts, *(f"{name}: {value}" for name, value in CONTACTO)]
        assert [fact for fact in facts if fact not in body] == []


@one_of_each
def test_text_and_html_are_the_same_words(one: Muestra) -> None:
    """One template: what differs is the title (the subject has it), upper case, marks of lists and addresses twice."""

    def bare(body: str) -> list[str]:
        words = re.sub(r"https?://\S+", "", body.casefold()).split()
        return [word for word in words if not re.fullmatch(r"-|\d\.|:", word)]

    text, html = bodies(one)
    subject = str(received(one.message)["Subject"]).removesuffix(f" · {INSTITUCION}")
    # The frame of the HTML begins with the institute and the title; the text ends with the institute.
    html = html.removeprefix(f"{INSTITUCION} {subject} ")
    text = text.replace(f"{INSTITUCION} Dudas:", "Dudas:")
    # A button is told from its address in the text by a colon.
    assert [word.rstrip(":") for word in bare(text)] == [word.rstrip(":") for word in bare(html)]


@one_of_each
def test_it_leads_where_it_says(one: Muestra) -> None:
    links = Links(html_of(one.message)).found
    assert set(links) == ({f"{URL}{one.url}"} if one.url else set())
    assert re.findall(r"https?://\S+", text_of(one.message)) == ([f"{URL}{one.url}"] if one.url else [])
    assert f"{URL}{one.url}" in " ".join(words_of_html(html_of(one.message))) or not one.url, "readers without buttons"


@one_of_each
def test_subject_is_one_line_and_holds_no_secret(one: Muestra) -> None:
    subject = str(received(one.message)["Subject"])
    assert subject.endswith(f" · {INSTITUCION}")
    assert "\n" not in subject
    assert len(subject.removesuffix(f" · {INSTITUCION}")) <= 70
    assert TOKEN not in subject
    assert "042917" not in subject
    assert received(one.message)["Auto-Submitted"] == "auto-generated"
    assert received(one.message)["To"] == ITZEL.correo


@one_of_each
def test_no_other_number_could_be_taken_for_a_code(one: Muestra) -> None:
    expected = ["042917"] if one.clase == "acceso" else []
    for body in bodies(one):
        assert re.findall(r"(?<![\w-])\d{6}(?![\w-])", body) == expected


@pytest.mark.parametrize("end", BREAKS, ids=ascii)
def test_what_people_typed_adds_no_line_and_no_header(end: str) -> None:
    evil = f"Uno{end}Bcc: otra@ejemplo.mx{end}{end}Id de auxiliar: 999"
    for one in every_new_mail(Destinatario(evil, ITZEL.correo), evil, f"Instituto{end}Bcc: x@ejemplo.mx", evil):
        message = received(one.message)
        assert message["Bcc"] is None
        lines = text_of(one.message).splitlines()
        assert lines[0] == "Uno Bcc: otra@ejemplo.mx Id de auxiliar: 999:"
        assert not [line for line in lines if line.startswith(("Bcc", "Id de auxiliar: 999"))], one.clase


def test_markup_that_people_typed_is_text() -> None:
    evil = '<script>alert("x")</script><a href="https://malo.ejemplo">'
    for one in every_new_mail(Destinatario(evil, ITZEL.correo), evil, evil, evil):
        html = html_of(one.message)
        assert "<script" not in html
        assert not [link for link in Links(html).found if "malo" in link]
        assert evil in text_of(one.message)


def test_long_words_break_no_limit_of_mail() -> None:
    long = "María de los Ángeles y de la Santísima Trinidad " * 40 + "x" * 3000
    for one in every_new_mail(Destinatario(long, ITZEL.correo), long, long[:400], long):
        assert all(len(line) < 998 for line in one.message.as_bytes().splitlines()), one.clase
        assert " ".join(long.split()) in " ".join(text_of(one.message).split())


@pytest.mark.parametrize(
    ("por", "said"),
    [
        ("aspirante", "Ximena Robles Luna le dio de baja como auxiliar."),
        ("opl", f"{INSTITUCION} dio de baja su registro como auxiliar de Ximena Robles Luna."),
        ("padron", "se dio de baja al consultar el Padrón Electoral."),
        ("consola", f"{INSTITUCION} dio de baja su registro"),
    ],
)
def test_a_baja_says_whose_it_is(por: str, said: str) -> None:
    message = registration_messages.auxiliar_baja(ITZEL, auxiliar(), "", por, NOW, remite())
    assert said in text_of(message)
    assert "Causa: No se indicó." in text_of(message)


def test_a_baja_is_dated_when_it_was_not_when_it_is_told() -> None:
    message = registration_messages.auxiliar_baja(ITZEL, auxiliar(baja_ms=NOW), "", "opl", NOW + 86_400_000, remite())
    assert "Fecha de la baja: 21/09/2026 08:13:20 (hora del centro)" in text_of(message)


@pytest.mark.parametrize(("tipo", "said"), [("google", "Google"), ("facebook", "Facebook"), ("x", "X (antes Twitter)")])
def test_type_of_account(tipo: str, said: str) -> None:
    datos = aspirante(tipo_cuenta=tipo)
    message = registration_messages.aspirante_registrado(ITZEL, datos, 86_400_000, remite())
    assert f"Tipo de cuenta: {said}" in text_of(message)


def test_an_institutes_colour_is_a_colour_or_ours() -> None:
    evil = writing.Remitente(INSTITUCION, "a@ejemplo.mx", URL, color="red;} body{display:none")
    assert "display:none" not in html_of(registration_messages.auxiliar_alta(ITZEL, auxiliar(), 0, evil))
    green = writing.Remitente(INSTITUCION, "a@ejemplo.mx", URL, color="#0a5c36")
    assert "#0a5c36" in html_of(registration_messages.auxiliar_alta(ITZEL, auxiliar(), 0, green))
