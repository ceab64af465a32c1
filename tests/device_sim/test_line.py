"""The line of the demo: bytes through a real socket, cut by seed, and a phone that delivers all the same."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from device_sim.backoff import Backoff
from device_sim.device import Phone, Synced
from device_sim.faults import PROFILES, Line, LineProfile
from device_sim.transport import Timeouts, Transport
from sync_protocol.signing import PrivateKey
from tests.device_sim.fake_server import Device, FakeServer
from tests.device_sim.sobres import AUXILIAR, DISPOSITIVO, NOW_MS, SOLICITUD, fill, own_outbox

pytestmark = pytest.mark.socket


@asynccontextmanager
async def serving(fake: FakeServer) -> AsyncIterator[str]:
    """The fake server on a real socket of this machine."""
    server = uvicorn.Server(uvicorn.Config(fake.app, port=0, lifespan="off", log_level="error", ws="none"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def send(folder: Path, profile: LineProfile, apoyos: int, size: int) -> tuple[Synced, FakeServer, Line]:
    fake, key = FakeServer(), PrivateKey.generate()
    fake.devices[DISPOSITIVO] = Device(SOLICITUD, AUXILIAR, key.public)

    async def run() -> tuple[Synced, Line]:
        async with serving(fake) as url, Line(url, profile, seed=4) as line:
            transport = Transport(line.url, timeouts=Timeouts(connect=1, send=0.5, answer=0.5))
            phone = Phone(
                outbox,
                key,
                dict(fake.published),
                transport,
                Backoff(random.Random(4), base_s=0.01, cap_s=0.05, max_failures=30),
                lambda: NOW_MS,
            )
            try:
                return await phone.sync(), line
            finally:
                await transport.aclose()

    with own_outbox(folder) as outbox:
        fill(outbox, key, fake.opening.public, apoyos, size)
        ended, line = asyncio.run(run())
        assert {entry.folio: entry.acuse for entry in outbox.ledger()} == {
            folio: token for folio, (_, token) in fake.stored.items()
        }
    return ended, fake, line


def test_a_good_line_carries_everything_once(tmp_path: Path) -> None:
    ended, fake, line = send(tmp_path, PROFILES["buena"], 3, 20_000)
    assert ended.done
    assert (ended.counts.cuts, line.cuts) == (0, 0)
    assert ended.counts.payload_bytes == sum(fake.body_bytes.values())
    assert 1 < ended.counts.wire_bytes / ended.counts.payload_bytes < 1.05
    assert abs(line.carried - ended.counts.wire_bytes) < 0.02 * line.carried


def test_cuts_and_lost_replies_on_a_real_line(tmp_path: Path) -> None:
    ended, fake, line = send(tmp_path, LineProfile(cut_every=(30_000, 120_000), lost_replies=0.5), 11, 20_000)
    assert ended.done
    assert len(fake.stored) == 12
    assert line.cuts >= 3
    assert ended.counts.cuts >= line.cuts
    assert ended.counts.resumed > 0
    assert ended.counts.duplicates_avoided > 0
    assert sum(fake.body_bytes.values()) == ended.counts.payload_bytes, "no byte was taken twice"


def test_a_line_that_goes_silent(tmp_path: Path) -> None:
    ended, fake, line = send(tmp_path, LineProfile(cut_every=(100_000, 200_000), silences=1.0), 5, 20_000)
    assert ended.done
    assert len(fake.stored) == 6
    assert line.cuts >= 1


def test_a_throttled_line_is_slow_and_whole(tmp_path: Path) -> None:
    profile = LineProfile(bytes_per_s=300_000, delay_s=(0.001, 0.004))
    began = asyncio.run(_now())
    ended, _, line = send(tmp_path, profile, 1, 20_000)
    took = asyncio.run(_now()) - began
    assert ended.done
    assert took > line.carried / 300_000 * 0.9


async def _now() -> float:
    return asyncio.get_running_loop().time()


def test_nobody_behind_the_line() -> None:
    async def run() -> object:
        async with Line("http://127.0.0.1:1", PROFILES["buena"], 1) as line:
            transport = Transport(line.url, timeouts=Timeouts(connect=1, send=1, answer=1))
            try:
                return await transport.get("x")
            finally:
                await transport.aclose()

    assert getattr(asyncio.run(run()), "reason", None) == "corte"
