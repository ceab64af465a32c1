"""Many phones at once and the command line, before the fake server on a real socket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from device_sim import __main__ as cli
from device_sim import report
from device_sim.backoff import Backoff
from device_sim.events import Event
from device_sim.fleet import Member, Plan, run_fleet
from device_sim.lines.profiles import LineProfile
from device_sim.outbox import Queued
from device_sim.scenarios import SCENARIOS, Padron
from device_sim.transport import Timeouts
from sync_protocol import acuse
from tests.device_sim.box import Box
from tests.device_sim.sobres import NOW_MS

pytestmark = pytest.mark.socket
PASSWORD = "una contraseña larga"


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


class Watching:
    """Notes what it is shown."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.last: dict[str, tuple[int, int]] = {}
        self.events: list[Event] = []
        self.begun: list[tuple[str, int]] = []

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def captured(self, phone: str, count: int, total: int) -> None:
        self.last[phone] = (count, total)

    def sending(self, phone: str, queue: tuple[Queued, ...]) -> None:
        self.begun = [*self.begun, (phone, len(queue))]

    def event(self, phone: str, event: Event) -> None:
        self.events.append(event)


def test_two_phones_over_a_line_with_cuts(box: Box, tmp_path: Path) -> None:
    plan = Plan(
        server=box.url,
        folder=tmp_path,
        members=(Member(1, 1, "a@ejemplo.mx"), Member(2, 5, "b@ejemplo.mx"), Member(1, 9, "c@ejemplo.mx")),
        inbox=f"{box.url}/buzon",
        registros=1,
        seed=3,
        line=LineProfile(cut_every=(150_000, 300_000), lost_replies=0.3),
        password=PASSWORD,
        padron=Padron(seed=3),
        scenario=SCENARIOS["jornada"],
        timeouts=Timeouts(connect=1, send=1, answer=1),
        backoff_base_s=0.01,
        backoff_cap_s=0.05,
    )
    watch = Watching()
    with ThreadPoolExecutor(2) as executor:
        result = asyncio.run(run_fleet(plan, watch, executor, lambda: NOW_MS))
    assert watch.stages == ["alta", "captura", "envio"]
    # The fake server takes two phones and refuses the third: that one says why, and stops no other.
    refused = [phone for phone in result.phones if phone.stopped]
    assert [phone.stopped.code for phone in refused if phone.stopped] == ["dispositivos_maximo"]
    good = [phone for phone in result.phones if not phone.stopped]
    assert len(good) == 2
    assert all(phone.complete for phone in good)
    assert not result.complete
    assert set(watch.last.values()) == {(2, 2)}
    assert sorted(watch.begun) == sorted((phone.name, 2) for phone in good)
    assert len(box.fake.stored) == 4
    path = tmp_path / "resultado.json"
    report.write(path, result)
    written = json.loads(path.read_text(encoding="utf-8"))
    totals = written["totales"]
    assert (totals["capturados"], totals["enviados"], totals["acuses"], totals["borrados"]) == (4, 4, 4, 4)
    assert totals["cortes"] >= 2
    assert written["completo"] is False
    for phone in written["telefonos"]:
        for line in phone["registros"]:
            assert acuse.read(line["acuse"], box.fake.published).folio == line["folio"]


def test_phones_that_are_killed_go_on_from_their_disks(box: Box, tmp_path: Path) -> None:
    plan = Plan(
        server=box.url,
        folder=tmp_path,
        members=(Member(1, 1, "a@ejemplo.mx"),),
        inbox=f"{box.url}/buzon",
        registros=1,
        seed=3,
        line=LineProfile(dies_after=(100_000, 250_000)),
        password=PASSWORD,
        padron=Padron(seed=3),
        scenario=SCENARIOS["jornada"],
    )
    watch = Watching()
    with ThreadPoolExecutor(2) as executor:
        result = asyncio.run(run_fleet(plan, watch, executor, lambda: NOW_MS))
    assert result.complete
    assert len(watch.begun) >= 2, "it died at least once"
    assert len(box.fake.stored) == 2


def invoke(*arguments: str, answers: str = "") -> Result:
    return CliRunner().invoke(cli.sim, list(arguments), input=answers)


def test_the_command_line_from_alta_to_baja(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cli.PASSWORD_VARIABLE, PASSWORD)
    monkeypatch.setattr(cli, "_clock", lambda: NOW_MS)
    folder = ("--folder", str(tmp_path / "telefono"))
    server = ("--server", box.url)
    who = ("--solicitud", "1", "--auxiliar", "2", "--correo", "a@ejemplo.mx")

    assert "no hay ningún teléfono" in invoke("status", *folder).output
    alta = invoke("alta", *folder, *server, *who, answers="100000\n")
    assert alta.exit_code == 0, alta.output
    assert "Dispositivo 1." in alta.output
    assert "ya está dado de alta" in invoke("alta", *folder, *server, *who, "--code", "100000").output

    captured = invoke("capture", *folder, "--count", "1")
    assert captured.exit_code == 0, captured.output
    assert "000001-000002-0000001-000001-" in captured.output
    assert "códigos leídos" in captured.output

    box.fake.refuse = {1: "sobre_no_abre"}
    sent = invoke("sync", *folder, *server, "--line", "buena")
    assert sent.exit_code == 2, sent.output
    assert "1 acuses verificados, 1 borrados" in sent.output
    assert "Consérvelo y avise al instituto" in sent.output
    status = invoke("status", *folder, "--ledger")
    assert status.exit_code == 0, status.output
    assert "2 captados, 1 en la cola, 1 entregados" in " ".join(status.output.split())
    assert "rechazado" in status.output

    wrong = invoke("sync", *folder, *server, "--password", "otra contraseña")
    assert wrong.exit_code == 1
    assert "contraseña local no es correcta" in wrong.output
    changed = invoke("password", *folder, "--new", "otra contraseña", answers="otra contraseña\n")
    assert changed.exit_code == 0, changed.output
    monkeypatch.setenv(cli.PASSWORD_VARIABLE, "otra contraseña")
    assert invoke("baja", *folder, *server).exit_code == 0
    assert "dado de baja" in invoke("capture", *folder).output


def test_a_phone_that_is_killed_is_started_again(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cli.PASSWORD_VARIABLE, PASSWORD)
    monkeypatch.setattr(cli, "_clock", lambda: NOW_MS)
    folder, server = ("--folder", str(tmp_path / "telefono")), ("--server", box.url)
    who = ("--solicitud", "1", "--auxiliar", "2", "--correo", "a@ejemplo.mx")
    assert invoke("alta", *folder, *server, *who, answers="100000\n").exit_code == 0
    assert invoke("capture", *folder, "--count", "1").exit_code == 0
    command = [sys.executable, "-m", "device_sim", "sync", *folder, *server, "--line", "telefono-muere", "--seed", "2"]
    codes = []
    for _ in range(20):
        done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False)
        codes.append(done.returncode)
        if done.returncode == 0:
            break
        assert (done.returncode, "seguirá donde iba" in done.stdout) == (-signal.SIGKILL, True), done.stdout
    assert codes[-1] == 0
    assert len(codes) > 1, "it was killed"
    assert len(box.fake.stored) == 2


@pytest.mark.faults
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_line_for_any_client(box: Box, end: signal.Signals) -> None:
    """Started with SIGINT ignored, as a shell starts what it puts in the background: it ends all the same."""
    command = [sys.executable, "-m", "device_sim", "line", "portal-cautivo", "--to", box.url, "--listen", "127.0.0.1:0"]
    background = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    with subprocess.Popen(background, stdout=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "300"}) as line:
        try:
            assert line.stdout is not None
            said = line.stdout.readline()
            port = int(said.partition("http://127.0.0.1:")[2].split()[0])
            with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert b"text/html" in client.recv(65536)
            assert "contestó el portal cautivo" in line.stdout.readline()
            line.send_signal(end)
            line.wait(timeout=30)
        finally:
            line.kill()
        assert "Línea cerrada." in line.stdout.read()


def test_lines_that_cannot_be() -> None:
    assert "64 kbit/s" in invoke("line", "--list").output
    wrong = ("--to", "https://ejemplo.mx"), ("--to", "http://a", "--listen", "8000"), ("--to", "x")
    for options in wrong:
        assert invoke("line", "edge", *options).exit_code == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        said = invoke("line", "edge", "--to", "http://127.0.0.1:1", "--listen", listen)
    assert said.exit_code == 1
    assert "No se puede escuchar" in said.output


def test_nobody_answers_is_said_in_spanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cli.PASSWORD_VARIABLE, PASSWORD)
    monkeypatch.setattr(cli, "Backoff", lambda: Backoff(base_s=0.001, max_failures=3))
    who = ("--solicitud", "1", "--auxiliar", "2", "--correo", "a@ejemplo.mx")
    said = invoke("alta", "--folder", str(tmp_path), "--server", "http://127.0.0.1:1", *who)
    assert said.exit_code == 1
    assert "No hay comunicación con el servidor" in said.output


def test_a_padron_to_import(tmp_path: Path) -> None:
    target = tmp_path / "padron.csv"
    assert invoke("padron", str(target), "--size", "5").exit_code == 0
    assert len(target.read_text(encoding="utf-8").splitlines()) == 6
