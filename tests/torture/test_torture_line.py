"""The line of the torture, and the simulator's: at their end no socket is left to the collector."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from device_sim.lines.profiles import PROFILES
from device_sim.lines.proxy import Line
from torture.line import Share, TortureLine
from torture.model import Witness

pytestmark = pytest.mark.socket

LINES: list[Callable[[int], AbstractAsyncContextManager[TortureLine | Line]]] = [
    lambda port: TortureLine(port, 1, Witness({}), Share()),
    lambda port: Line(f"http://127.0.0.1:{port}", PROFILES["buena"], 1),
]


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("line", LINES, ids=["torture", "device_sim"])
def test_a_phone_that_comes_as_the_line_ends(
    line: Callable[[int], AbstractAsyncContextManager[TortureLine | Line]], turns: int
) -> None:
    async def last_moment() -> socket.socket:
        async with line(9) as made:
            host, _, port = made.url.removeprefix("http://").partition(":")
            phone = socket.create_connection((host, int(port)))
            for _ in range(turns):
                await asyncio.sleep(0)
        return phone

    phone = asyncio.run(last_moment())
    gc.collect()  # what was left open is a warning, and a warning fails
    phone.close()
