"""kill -9 while a phone sends: every sobre is delivered once, and none is deleted without its acuse (rows D5, X1)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from sync_protocol import acuse
from sync_protocol.signing import PrivateKey
from tests.device_sim.box import Box
from tests.device_sim.fake_server import Device
from tests.device_sim.sobres import AUXILIAR, DISPOSITIVO, SOLICITUD, fill, own_outbox

ROOT = Path(__file__).parents[2]
KILLS = 5


@pytest.fixture
def box() -> Iterator[Box]:
    made = Box()
    yield made
    made.close()


@pytest.mark.faults
@pytest.mark.socket
def test_killed_while_sending(tmp_path: Path, box: Box) -> None:
    rng = random.Random(20_240_602)
    key = PrivateKey.generate()
    box.fake.devices[DISPOSITIVO] = Device(SOLICITUD, AUXILIAR, key.public)
    with own_outbox(tmp_path) as outbox:
        sizes = {queued.registro: queued.size for queued in fill(outbox, key, box.fake.opening.public, 11, size=20_000)}
    command = [
        sys.executable,
        str(Path(__file__).with_name("slow_sync.py")),
        str(tmp_path),
        key.scalar.hex(),
        box.url,
        msgspec.json.encode(acuse.jwks(box.fake.published)).decode(),
    ]
    for _ in range(KILLS):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begins\n"
            time.sleep(rng.uniform(0.02, 0.45))
            child.send_signal(signal.SIGKILL)
        check(tmp_path, box, sizes)
    assert subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False).returncode == 0
    check(tmp_path, box, sizes)
    with own_outbox(tmp_path) as outbox:
        assert outbox.pending() == ()
    assert len(box.fake.stored) == 12
    # Between two sessions a prefix may be sent again by a writer that was killed; a whole sobre never is.
    assert sum(box.fake.body_bytes.values()) < 1.5 * sum(sizes.values())


def check(folder: Path, box: Box, sizes: dict[int, int]) -> None:
    """What is not on the phone is in its ledger with the acuse that the server gave, and at the server."""
    with own_outbox(folder) as outbox:
        left = {queued.registro for queued in outbox.pending()}
        ledger = {line.registro: line for line in outbox.ledger()}
        assert left | {*ledger} == {*sizes}
        assert not left & {*ledger}
        for line in ledger.values():
            assert box.fake.stored[line.folio] == (line.codigo, line.acuse)
        for registro in left:
            assert len(outbox.read(registro)) == sizes[registro]
