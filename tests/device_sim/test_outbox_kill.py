"""kill -9 in the middle of captures: no number twice, no hole, no torn sobre, nothing lost that was said (row D5)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sync_protocol import sobre
from sync_protocol.sealing import OpeningKey, open_sobre
from sync_protocol.signing import PrivateKey
from sync_protocol.sobre import FIRST_ANTERIOR
from tests.device_sim.sobres import own_outbox

ROOT = Path(__file__).parents[2]
KILLS = 10


@pytest.mark.faults
@pytest.mark.socket  # a child process: not watched by the fixture that closes the network
def test_killed_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(20_240_601)
    key, opening = PrivateKey.generate(), OpeningKey(os.urandom(32))
    command = [
        sys.executable,
        str(Path(__file__).with_name("endless_capture.py")),
        str(tmp_path),
        key.scalar.hex(),
        opening.public.raw.hex(),
    ]
    seen: dict[int, str] = {}
    for _ in range(KILLS):
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        ) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            time.sleep(rng.uniform(0, 0.12))
            child.send_signal(signal.SIGKILL)
            said = [first, *child.stdout]
        for line in said:
            if line.endswith("\n"):
                registro, codigo = line.split()
                assert seen.setdefault(int(registro), codigo) == codigo, "a number was used twice"
        seen |= check_whole(tmp_path, key, opening, seen)
    assert len(seen) > 2 * KILLS


def check_whole(folder: Path, key: PrivateKey, opening: OpeningKey, seen: dict[int, str]) -> dict[int, str]:
    """The queue is complete and opens; what was seen before is still the same."""
    with own_outbox(folder) as outbox:
        queue = outbox.pending()
        assert [queued.registro for queued in queue] == list(range(outbox.captured))
        assert {*seen} <= {queued.registro for queued in queue}, "a capture was lost after it had been said"
        before = FIRST_ANTERIOR
        for queued in queue:
            raw = outbox.read(queued.registro)
            assert sobre.codigo_de_integridad(raw) == queued.codigo
            assert seen.get(queued.registro, queued.codigo.hex()) == queued.codigo.hex()
            parsed = sobre.parse(raw)
            assert parsed.cabecera.anterior == before, "the chain is broken"
            before = queued.codigo
        assert key.public.verify(parsed.signed_part, parsed.signature)
        assert open_sobre(parsed, opening)
        return {queued.registro: queued.codigo.hex() for queued in queue}
