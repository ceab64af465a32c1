"""Alta, re-keying after a forgotten password, and baja, on good lines and bad (SPEC §7; rows D1, D2)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest

from device_sim import identity
from device_sim.backoff import Backoff
from device_sim.device import phone_of
from device_sim.enrolment import ask_code, enrol, leave, open_own_outbox
from device_sim.errors import PhoneError, Stopped
from device_sim.faults import AsgiLine, Fault
from device_sim.identity import Account
from device_sim.transport import Transport
from sync_protocol.alta import AltaAceptada
from tests.device_sim.fake_server import FakeServer
from tests.device_sim.phones import SERVER
from tests.device_sim.sobres import NOW_MS, fill

PASSWORD = "una contraseña larga"
ACCOUNT = Account(solicitud=1, auxiliar=2, tipo_cuenta="google", correo="a@ejemplo.mx")
CLOCK = NOW_MS - 5_000
T = TypeVar("T")


class Desk:
    """A folder, the fake server, and the faults of the line between them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = FakeServer()
        self.faults: list[Fault] = []
        self.slept: list[float] = []

    def transport(self) -> Transport:
        def plan(_: httpx2.Request) -> Fault:
            return self.faults.pop(0) if self.faults else Fault()

        return Transport(SERVER, connection=AsgiLine(self.server.app, plan))

    def backoff(self) -> Backoff:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return Backoff(random.Random(1), sleep, max_failures=5)

    def talk(self, speak: Callable[[Transport, Backoff], Awaitable[T]]) -> T:
        async def run() -> T:
            transport = self.transport()
            try:
                return await speak(transport, self.backoff())
            finally:
                await transport.aclose()

        return asyncio.run(run())

    def code(self) -> str:
        assert self.talk(lambda line, wait: ask_code(line, ACCOUNT, wait)) is None
        return self.server.mail[ACCOUNT.correo]

    def enrol(self, code: str, password: str = PASSWORD, account: Account = ACCOUNT) -> AltaAceptada | Stopped:
        return self.talk(
            lambda line, wait: enrol(self.folder, account, code, password, line, wait, clock_ms=lambda: CLOCK)
        )

    def identity(self) -> identity.Identity:
        known = identity.load(self.folder)
        assert known is not None
        return known


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "telefono")


def test_alta(desk: Desk) -> None:
    answer = desk.enrol(desk.code())
    assert isinstance(answer, AltaAceptada)
    known = desk.identity()
    assert known.alta == answer
    assert known.pending is None
    key = identity.unlock(known, PASSWORD)
    assert desk.server.devices[answer.dispositivo].key.thumbprint == key.public.thumbprint
    with open_own_outbox(desk.folder, ACCOUNT, answer) as outbox:
        assert outbox.captured == 0
        assert outbox.desfase_ms == 5_000


@pytest.mark.parametrize("fault", [Fault(lose_reply=True), Fault(cut_up=10), Fault(silent=True), Fault(twice=True)])
def test_a_lost_reply_makes_no_second_phone(desk: Desk, fault: Fault) -> None:
    code = desk.code()
    desk.faults = [fault] * 2
    answer = desk.enrol(code)
    assert isinstance(answer, AltaAceptada)
    assert list(desk.server.devices) == [answer.dispositivo]


def test_an_alta_that_was_never_answered_is_asked_again_with_the_same_key(desk: Desk) -> None:
    """The phone gives up, and is started again later: the server knows the key and gives the same answer."""
    code = desk.code()
    desk.faults = [Fault(lose_reply=True)] * 5
    answer = desk.enrol(code)
    assert isinstance(answer, Stopped)
    assert answer.code == "sin_servidor"
    assert desk.identity().alta is None
    again = desk.enrol("000000")
    assert isinstance(again, AltaAceptada)
    assert len(desk.server.devices) == 1
    assert desk.identity().pending is None


def test_another_account_begins_with_another_key(desk: Desk) -> None:
    """Its alta had been accepted and the reply lost; the same folder is then used for someone else."""
    code = desk.code()
    desk.faults = [Fault(lose_reply=True)] * 5
    assert isinstance(desk.enrol(code), Stopped)
    other = Account(solicitud=1, auxiliar=3, tipo_cuenta="google", correo="b@ejemplo.mx")
    desk.server.mail[other.correo] = "222222"
    answer = desk.enrol("222222", account=other)
    assert isinstance(answer, AltaAceptada)
    assert desk.server.devices[answer.dispositivo].auxiliar == 3


def test_a_wrong_code(desk: Desk) -> None:
    desk.code()
    answer = desk.enrol("999999")
    assert isinstance(answer, Stopped)
    assert answer.code == "datos_no_coinciden"
    assert desk.slept == []
    with pytest.raises(PhoneError) as caught:
        desk.enrol("12345")
    assert caught.value.code == "codigo_mal_escrito"


def test_a_portal_is_not_an_alta(desk: Desk) -> None:
    code = desk.code()
    desk.faults = [
        Fault(instead=lambda: httpx2.Response(200, text="<html>")),
        Fault(instead=lambda: httpx2.Response(201, json={"dispositivo": 3})),
        Fault(instead=lambda: httpx2.Response(302, headers={"location": "http://otro.invalid/"})),
    ]
    answer = desk.enrol(code)
    assert isinstance(answer, AltaAceptada)
    assert len(desk.slept) == 3


def test_a_busy_server_is_waited_for(desk: Desk) -> None:
    desk.server.busy = 2
    assert desk.code()
    assert [seconds >= 7 for seconds in desk.slept] == [True, True]


def test_a_forgotten_password_is_reset_with_a_new_key(desk: Desk) -> None:
    """What the old key signed stays good, and the counter goes on."""
    first = desk.enrol(desk.code())
    assert isinstance(first, AltaAceptada)
    old = identity.unlock(desk.identity(), PASSWORD)
    sealing = desk.server.opening.public
    with open_own_outbox(desk.folder, ACCOUNT, first) as outbox:
        fill(outbox, old, sealing, 2)
    second = desk.enrol(desk.code(), "otra contraseña")
    assert isinstance(second, AltaAceptada)
    assert second.dispositivo == first.dispositivo
    with pytest.raises(PhoneError):
        identity.unlock(desk.identity(), PASSWORD)
    new = identity.unlock(desk.identity(), "otra contraseña")
    assert new.public.thumbprint != old.public.thumbprint
    with open_own_outbox(desk.folder, ACCOUNT, second) as outbox:
        assert fill(outbox, new, sealing, 1)[-1].registro == 3
        assert len(outbox.pending()) == 4


def test_a_folder_of_another_account_is_left_alone(desk: Desk) -> None:
    desk.enrol(desk.code())
    other = Account(solicitud=1, auxiliar=3, tipo_cuenta="google", correo="b@ejemplo.mx")
    with pytest.raises(PhoneError) as caught:
        desk.enrol("123456", account=other)
    assert caught.value.code == "telefono_ajeno"


def test_baja(desk: Desk) -> None:
    answer = desk.enrol(desk.code())
    assert isinstance(answer, AltaAceptada)
    key = identity.unlock(desk.identity(), PASSWORD)
    desk.faults = [Fault(lose_reply=True)]
    stopped = desk.talk(lambda line, wait: leave(desk.folder, key, line, wait, now_ms=CLOCK))
    assert stopped is None
    assert not desk.server.devices[answer.dispositivo].active
    assert desk.identity().baja_ms == CLOCK


def test_what_was_captured_before_a_baja_is_still_sent(desk: Desk) -> None:
    answer = desk.enrol(desk.code())
    assert isinstance(answer, AltaAceptada)
    key = identity.unlock(desk.identity(), PASSWORD)
    desk.talk(lambda line, wait: leave(desk.folder, key, line, wait, now_ms=CLOCK))
    with open_own_outbox(desk.folder, ACCOUNT, answer) as outbox:
        fill(outbox, key, desk.server.opening.public, 1)
        ended = desk.talk(
            lambda line, wait: phone_of(desk.folder, desk.identity(), key, outbox, line, wait, lambda: CLOCK).sync()
        )
    assert ended.done
    assert len(desk.server.stored) == 2
