"""What an institute's service may do wrong: it is silence for whom it concerns, it is counted, and it is left alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from server import metrics
from server.domain.apoyo import Situacion
from server.padron.proveedor import SILENCIO, Pregunta, Respuesta
from server.padron.servicio import FALLAS, PAUSA_S, HttpPadron
from tests.contracts.padrones import CORTE, GENTE, LLAVE, Servicio, send, servicio

pytestmark = pytest.mark.socket

PEOPLE = [Pregunta(one["clave_elector"]) for one in GENTE]


@pytest.fixture
def service() -> Iterator[Servicio]:
    with servicio() as made:
        yield made


@pytest.fixture
def llave(tmp_path: Path) -> Path:
    path = tmp_path / "llave"
    path.write_text(LLAVE, encoding="ascii")
    return path


def ask(padron: HttpPadron, people: list[Pregunta] | None = None) -> list[Respuesta]:
    async def asking() -> list[Respuesta]:
        try:
            return await padron.preguntar(PEOPLE if people is None else people)
        finally:
            await padron.cerrar()

    return asyncio.run(asking())


def counted(motivo: str) -> float:
    return metrics.REGISTRY.get_sample_value("acopio_padron_preguntas_total", {"resultado": motivo}) or 0.0


def whole(*answers: Any, **changes: Any) -> dict[str, Any]:
    return {"v": 1, "corte": CORTE, "respuestas": list(answers), **changes}


@pytest.mark.parametrize(
    ("said", "status", "motivo"),
    [
        ({}, 500, "estado_5xx"), ({}, 401, "estado_4xx"), ({}, 302, "estado_3xx"),
        (b"<html>hola</html>", 200, "respuesta_ilegible"),
        (b"", 200, "respuesta_ilegible"), ([], 200, "respuesta_ilegible"), (whole(v=2), 200, "version_ajena"),
        ({"v": 1, "respuestas": {}}, 200, "respuesta_ilegible"), (b"\xff\xfe" * 9, 200, "respuesta_ilegible"),
        (b"[" * 100_000, 200, "respuesta_ilegible"), (b" " * 2_000_000, 200, "respuesta_desmedida"),
    ],
)  # fmt: skip
def test_a_batch_that_is_not_answered(service: Servicio, llave: Path, said: Any, status: int, motivo: str) -> None:
    service.decir = lambda body, handler: send(handler, said, status)
    before = counted(motivo)
    assert ask(HttpPadron(service.url, llave)) == [SILENCIO] * 3
    assert counted(motivo) == before + 3


@pytest.mark.parametrize(
    ("answer", "motivo"),
    [
        ({"n": 1, "situacion": "QUIEN_SABE"}, "respuesta_sin_sentido"), ({"n": 1}, "respuesta_sin_sentido"),
        ({"n": "1", "situacion": "PADRON"}, "respuesta_sin_sentido"), (None, "respuesta_sin_sentido"),
        (7, "respuesta_sin_sentido"),
        ({"n": 1, "situacion": "PADRON", "motivo_baja": "defuncion"}, "respuesta_sin_sentido"),
        ({"n": 1, "situacion": "BAJA", "motivo_baja": "porque_si"}, "respuesta_sin_sentido"),
        ({"n": 1, "situacion": "PADRON", "nombre": "A" * 121}, "respuesta_sin_sentido"),
        ({"n": 1, "situacion": "PADRON", "nombre": "A\u0007"}, "respuesta_sin_sentido"),
        ({"n": 3, "situacion": "PADRON"}, "respuesta_ajena"), ({"n": -1, "situacion": "PADRON"}, "respuesta_ajena"),
        ({"n": 0, "situacion": "PADRON"}, "respuesta_repetida"),
    ],
)  # fmt: skip
def test_one_bad_answer_silences_only_who_it_is_about(service: Servicio, llave: Path, answer: Any, motivo: str) -> None:
    good = [{"n": n, "situacion": "LISTA_NOMINAL", "otro_dato": 1} for n in (0, 2)]
    service.decir = lambda body, handler: send(handler, whole(*good, answer))
    before = counted(motivo)
    found = ask(HttpPadron(service.url, llave))
    twice = motivo == "respuesta_repetida"
    assert [one.situacion for one in found] == [
        Situacion.SIN_RESPUESTA if twice else Situacion.LISTA_NOMINAL, Situacion.SIN_RESPUESTA, Situacion.LISTA_NOMINAL,
    ]  # fmt: skip
    assert counted(motivo) == before + 1


def test_who_is_left_out_is_silence(service: Servicio, llave: Path) -> None:
    service.decir = lambda body, handler: send(handler, whole({"n": 2, "situacion": "PADRON"}))
    before = counted("sin_respuesta")
    assert [one.situacion for one in ask(HttpPadron(service.url, llave))][::2] == [
        Situacion.SIN_RESPUESTA, Situacion.PADRON,
    ]  # fmt: skip
    assert counted("sin_respuesta") == before + 2


def test_a_service_that_says_nothing_is_not_waited_for(service: Servicio, llave: Path) -> None:
    until = threading.Event()

    def quiet(body: dict[str, Any], handler: BaseHTTPRequestHandler) -> None:
        until.wait(20)
        handler.close_connection = True

    service.decir = quiet
    before = counted("sin_tiempo")
    try:
        assert ask(HttpPadron(service.url, llave, espera_s=0.2)) == [SILENCIO] * 3
    finally:
        until.set()
    assert counted("sin_tiempo") == before + 3


def test_an_answer_that_drips_has_the_same_limit(service: Servicio, llave: Path) -> None:
    until = threading.Event()

    def drip(body: dict[str, Any], handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "100000")
        handler.end_headers()
        while not until.wait(0.02):
            try:
                handler.wfile.write(b" ")
            except OSError:
                break
        handler.close_connection = True

    service.decir = drip
    try:
        assert ask(HttpPadron(service.url, llave, espera_s=0.3)) == [SILENCIO] * 3
    finally:
        until.set()


def test_nobody_listens(llave: Path) -> None:
    with servicio() as gone:
        url = gone.url
    before = counted("sin_conexion")
    assert ask(HttpPadron(url, llave)) == [SILENCIO] * 3
    assert counted("sin_conexion") == before + 3


def test_the_key_is_read_each_time_and_its_absence_is_silence(service: Servicio, llave: Path) -> None:
    padron = HttpPadron(service.url, llave)
    assert ask(padron)[0].situacion is Situacion.LISTA_NOMINAL
    llave.write_text("otra", encoding="ascii")
    assert ask(padron) == [SILENCIO] * 3
    llave.unlink()
    assert ask(padron) == [SILENCIO] * 3
    assert service.llaves == [f"Bearer {LLAVE}", "Bearer otra"], "without a key nothing is sent"


def test_batches_are_bounded_in_size_and_number(service: Servicio, llave: Path) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def count(body: dict[str, Any], handler: BaseHTTPRequestHandler) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        threading.Event().wait(0.02)
        with lock:
            now -= 1
        send(handler, whole(*({"n": one["n"], "situacion": "PADRON"} for one in body["personas"])))

    service.decir = count
    found = ask(HttpPadron(service.url, llave), [Pregunta(f"C{n}") for n in range(950)])
    assert {one.situacion for one in found} == {Situacion.PADRON}
    assert most <= 2
    assert sorted(len(one["personas"]) for one in service.pedidos) == [50] + [100] * 9


def test_a_failing_service_is_left_alone_longer_each_time_and_tried_with_one_batch(
    service: Servicio, llave: Path
) -> None:
    clock = [1000.0]
    padron = HttpPadron(service.url, llave, now=lambda: clock[0], jitter=lambda: 0.5)
    service.decir = lambda body, handler: send(handler, {}, 503)
    many = [Pregunta(f"C{n}") for n in range(800)]
    for _ in range(FALLAS):
        ask(padron)
    assert len(service.pedidos) == FALLAS
    assert ask(padron, many) == [SILENCIO] * 800
    assert len(service.pedidos) == FALLAS, "it is left alone"
    clock[0] += PAUSA_S + 0.01
    ask(padron, many)
    assert len(service.pedidos) == FALLAS + 1, "one batch tries"
    clock[0] += PAUSA_S + 0.01
    ask(padron)
    assert len(service.pedidos) == FALLAS + 1, "the pause is twice as long"
    clock[0] += PAUSA_S
    service.decir = None
    assert ask(padron)[0].situacion is Situacion.LISTA_NOMINAL
    assert ask(padron, PEOPLE * 90)[-1].situacion is Situacion.PADRON, "all is as before"


def test_a_question_that_is_called_off_says_nothing_about_the_service(service: Servicio, llave: Path) -> None:
    clock = [0.0]
    padron = HttpPadron(service.url, llave, now=lambda: clock[0], jitter=lambda: 0.5)
    service.decir = lambda body, handler: send(handler, {}, 503)
    for _ in range(FALLAS):
        ask(padron)
    clock[0] += 2 * PAUSA_S
    until = threading.Event()
    service.decir = lambda body, handler: (until.wait(20), None)[1]

    async def called_off() -> None:
        task = asyncio.create_task(padron.preguntar(PEOPLE))
        while len(service.pedidos) < FALLAS + 1:
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await padron.cerrar()

    asyncio.run(called_off())
    until.set()
    service.decir = None
    assert ask(padron)[0].situacion is Situacion.LISTA_NOMINAL
