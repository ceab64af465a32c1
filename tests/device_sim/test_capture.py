"""Capturing as an auxiliar would (rows D3, D7, F1): what is read is what goes in, and only inside the periodo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from device_sim.capture import MAX_CODES, Shot, capture_apoyo, capture_testigos, take
from device_sim.errors import PhoneError
from device_sim.identity import Account, Identity, WrappedKey
from device_sim.outbox import Outbox
from device_sim.scenarios import SCENARIOS, Padron, places, sittings
from device_sim.synthetic.camera import Defects
from device_sim.synthetic.codes import CodigoLeido
from device_sim.synthetic.people import with_modelo
from sync_protocol import registro, sobre
from sync_protocol.registro import Apoyo
from sync_protocol.sealing import open_sobre
from sync_protocol.signing import PrivateKey
from tests.device_sim.fake_server import HOUR_MS, FakeServer
from tests.device_sim.sobres import AUXILIAR, DISPOSITIVO, NOW_MS, SOLICITUD, own_outbox

SERVER = FakeServer()
KEY = PrivateKey.generate()
NOT_USED = WrappedKey(point=bytes(65), salt=bytes(16), iterations=600_000, nonce=bytes(12), sealed=bytes(48))
IDENTITY = Identity(
    account=Account(solicitud=SOLICITUD, auxiliar=AUXILIAR, tipo_cuenta="x", correo="a@ejemplo.mx"),
    aviso="2024-01",
    key=NOT_USED,
    alta=SERVER.accepted(DISPOSITIVO),
)
PERSONA = with_modelo(Padron().persona(5), "G")


@pytest.fixture(scope="module")
def shot() -> Shot:
    return take(PERSONA, 1)


@pytest.fixture
def outbox(tmp_path: Path, shot: Shot) -> Iterator[Outbox]:
    with own_outbox(tmp_path) as opened:
        capture_testigos(opened, IDENTITY, KEY, shot, clock_ms=NOW_MS)
        yield opened


def opened_as(outbox: Outbox, number: int) -> Apoyo | registro.Testigos:
    parsed = sobre.parse(outbox.read(number))
    plain = open_sobre(parsed, SERVER.opening)
    return registro.decode(plain, tipo=parsed.cabecera.tipo, folio=parsed.cabecera.folio)


def test_an_apoyo_holds_what_the_phone_read(outbox: Outbox, shot: Shot) -> None:
    queued = capture_apoyo(outbox, IDENTITY, KEY, shot, clock_ms=NOW_MS + 1)
    content = opened_as(outbox, 1)
    assert isinstance(content, Apoyo)
    assert content.folio == str(queued.folio)
    assert (content.cic, content.ocr) == (PERSONA.cic, PERSONA.ocr)
    assert (content.nombre, content.curp, content.modelo) == (PERSONA.nombre, PERSONA.curp, "G")
    assert content.capturado_ms == NOW_MS + 1
    assert {image.tipo: image.datos for image in content.imagenes} == {
        "anverso": shot.expediente.anverso,
        "reverso": shot.expediente.reverso,
        "foto": shot.expediente.foto,
        "firma": shot.expediente.firma,
    }
    assert {code.datos for code in content.codigos} == {code.datos for code in shot.codigos}
    assert 200_000 < queued.size < 350_000


def test_what_cannot_be_read_is_not_filled_in(outbox: Outbox) -> None:
    blurred = take(PERSONA, 1, Defects(blur=0.9))
    assert blurred.codigos == ()
    capture_apoyo(outbox, IDENTITY, KEY, blurred, clock_ms=NOW_MS)
    content = opened_as(outbox, 1)
    assert isinstance(content, Apoyo)
    assert (content.cic, content.ocr, content.codigos) == (None, None, ())
    assert content.nombre == PERSONA.nombre


def test_testigos_come_first_and_hold_the_notice(outbox: Outbox) -> None:
    content = opened_as(outbox, 0)
    assert isinstance(content, registro.Testigos)
    assert content.aviso == "2024-01"


def test_more_codes_than_a_sobre_may_hold(outbox: Outbox, shot: Shot) -> None:
    many = tuple(CodigoLeido("reverso", "QRCode", bytes([n])) for n in range(40))
    capture_apoyo(outbox, IDENTITY, KEY, replace(shot, codigos=many), clock_ms=NOW_MS)
    assert len(opened_as(outbox, 1).codigos) == MAX_CODES


def test_photos_too_large_are_said_at_once(outbox: Outbox, shot: Shot) -> None:
    for size, images in ((5_000_000, ("foto",)), (3_000_000, ("foto", "anverso", "reverso"))):
        large = replace(shot, expediente=replace(shot.expediente, **dict.fromkeys(images, bytes(size))))
        with pytest.raises(PhoneError) as caught:
            capture_apoyo(outbox, IDENTITY, KEY, large, clock_ms=NOW_MS)
        assert caught.value.code == "fotos_muy_grandes"
    assert outbox.captured == 1


@pytest.mark.parametrize(
    ("now_ms", "desfase_ms", "code"),
    [
        (NOW_MS, None, None),
        (NOW_MS - 25 * HOUR_MS, None, "periodo_no_inicia"),
        (NOW_MS + 24 * HOUR_MS, None, "periodo_terminado"),
        (NOW_MS + 24 * HOUR_MS - 1, None, None),
        (NOW_MS - 24 * HOUR_MS, None, None),
        # The phone's own clock is wrong by years; what the server said of it is what counts.
        (NOW_MS - 900_000 * HOUR_MS, 900_000 * HOUR_MS, None),
        (0, NOW_MS, None),
        (NOW_MS, 30 * HOUR_MS, "periodo_terminado"),
    ],
)
def test_only_inside_the_periodo(outbox: Outbox, shot: Shot, now_ms: int, desfase_ms: int | None, code: str) -> None:
    if desfase_ms is not None:
        outbox.set_clock(desfase_ms)
    if code is None:
        capture_apoyo(outbox, IDENTITY, KEY, shot, clock_ms=now_ms)
        content = opened_as(outbox, 1)
        assert content.capturado_ms == max(0, now_ms)
        assert (content.desfase_ms is None) == (desfase_ms is None)
        assert content.capturado_ms + (content.desfase_ms or 0) == now_ms + (desfase_ms or 0)
    else:
        with pytest.raises(PhoneError, match="hora del centro") as caught:
            capture_apoyo(outbox, IDENTITY, KEY, shot, clock_ms=now_ms)
        assert caught.value.code == code
        assert outbox.captured == 1


def test_a_session_may_move_the_periodo(outbox: Outbox, shot: Shot) -> None:
    outbox.set_clock(0, NOW_MS - 3 * HOUR_MS, NOW_MS - HOUR_MS)
    with pytest.raises(PhoneError) as caught:
        capture_apoyo(outbox, IDENTITY, KEY, shot, clock_ms=NOW_MS)
    assert caught.value.code == "periodo_terminado"


def test_no_capture_after_a_baja(outbox: Outbox, shot: Shot) -> None:
    with pytest.raises(PhoneError) as caught:
        capture_apoyo(outbox, structs.replace(IDENTITY, baja_ms=1), KEY, shot, clock_ms=NOW_MS)
    assert caught.value.code == "dispositivo_baja"


def test_each_phone_has_its_own_people() -> None:
    found = places(Padron(size=100), phones=4, each=20, seed=3)
    everyone = [place for mine in found for place in mine]
    assert len(set(everyone)) == 80
    assert found == places(Padron(size=100), phones=4, each=20, seed=3)
    assert found != places(Padron(size=100), phones=4, each=20, seed=4)
    assert len(places(Padron(size=10), phones=3, each=5, seed=1)[2]) == 5


def test_the_stories_say_what_they_say() -> None:
    people = list(range(12))
    calm = sittings(SCENARIOS["jornada"], people, 1)
    assert [sitting.index for sitting in calm] == people
    assert all(sitting.defects == Defects() for sitting in calm)
    hurried = sittings(SCENARIOS["prisa"], people, 1)
    assert sum(sitting.defects != Defects() for sitting in hurried) == 4
    again = sittings(SCENARIOS["repetidos"], people, 1)
    assert len({sitting.index for sitting in again}) == 9
    assert again == sittings(SCENARIOS["repetidos"], people, 1)
