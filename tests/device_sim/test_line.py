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
from device_sim.errors import Stopped
from device_sim.events import Event, Waiting
from device_sim.lines.profiles import PROFILES, LineProfile
from device_sim.lines.proxy import Happening, Line
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


def send(
    folder: Path,
    profile: LineProfile,
    apoyos: int,
    size: int,
    *,
    watch: list[Happening] | None = None,
    events: list[Event] | None = None,
    withhold: int = 0,
    failures: int = 30,
    pause_s: float = 0.0,
) -> tuple[Synced, FakeServer, Line]:
    fake, key = FakeServer(withhold=withhold), PrivateKey.generate()
    fake.devices[DISPOSITIVO] = Device(SOLICITUD, AUXILIAR, key.public)

    async def pause(seconds: float) -> None:
        await asyncio.sleep(max(seconds, pause_s))

    async def run() -> tuple[Synced, Line]:
        seen: list[Happening] = [] if watch is None else watch
        async with serving(fake) as url, Line(url, profile, seed=4, watch=seen.append) as line:
            transport = Transport(line.url, timeouts=Timeouts(connect=1, send=0.5, answer=0.5))
            phone = Phone(
                outbox,
                key,
                dict(fake.published),
                transport,
                Backoff(random.Random(4), pause, base_s=0.01, cap_s=0.05, max_failures=failures),
                lambda: NOW_MS,
                (lambda _: None) if events is None else events.append,
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


def test_cut_by_the_clock_the_phone_hears_it_and_the_server_does_not(tmp_path: Path) -> None:
    profile = LineProfile(cut_seconds=(0.1, 0.3), away_s=0.05, bytes_per_s=400_000)
    ended, fake, line = send(tmp_path, profile, 4, 30_000)
    assert ended.done
    assert len(fake.stored) == 5
    assert line.cuts >= 2
    assert ended.counts.cuts >= 1
    assert ended.counts.resumed >= 1, "the bytes before a cut are not sent again"


def test_a_captive_portal_is_waited_out(tmp_path: Path) -> None:
    watch: list[Happening] = []
    events: list[Event] = []
    ended, fake, _ = send(tmp_path, LineProfile(portal_s=0.3), 1, 1_000, watch=watch, events=events, failures=10_000)
    assert ended.done
    assert len(fake.stored) == 2
    assert "portal" in watch
    assert any(isinstance(event, Waiting) and event.reason == "no_es_el_servidor" for event in events)


def test_a_portal_that_nobody_signs_in_to(tmp_path: Path) -> None:
    ended, fake, _ = send(tmp_path, LineProfile(portal_s=3600), 1, 1_000, failures=3)
    assert isinstance(ended.stopped, Stopped)
    assert ended.stopped.code == "no_es_el_servidor"
    assert "acepte sus condiciones" in ended.stopped.text
    assert len(ended.left) == 2
    assert fake.requests == []


def test_a_proxy_that_cuts_bodies_makes_them_smaller_and_everything_arrives(tmp_path: Path) -> None:
    watch: list[Happening] = []
    ended, fake, _ = send(tmp_path, LineProfile(body_limit=100_000), 2, 60_000, watch=watch)
    assert ended.done
    assert len(fake.stored) == 3
    assert "cuerpo" in watch
    assert watch.count("cuerpo") <= 6, "what was learnt of the proxy is not forgotten with the next sobre"
    assert sum(fake.body_bytes.values()) == ended.counts.payload_bytes, "no byte was taken twice"
    assert ended.counts.resumed == 0, "going on after a part was taken is no resumption"


def test_a_nat_that_forgets(tmp_path: Path) -> None:
    """The acuses are not there yet; while the phone waits for them, the NAT forgets its connection."""
    watch: list[Happening] = []
    ended, fake, _ = send(tmp_path, LineProfile(forgets_s=0.3), 2, 20_000, watch=watch, withhold=2, pause_s=0.6)
    assert ended.done
    assert len(fake.stored) == 3
    assert "olvido" in watch
    assert ended.counts.cuts >= 1


def test_a_phone_that_dies_is_said_and_the_server_hears_it(tmp_path: Path) -> None:
    """Who runs the phone is told; one that lives on takes it for a cut."""
    ended, fake, line = send(tmp_path, LineProfile(dies_after=(60_000, 90_000)), 4, 20_000)
    assert ended.done
    assert line.deaths >= 2
    assert len(fake.stored) == 5
