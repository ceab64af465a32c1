"""The line inside a phone's connection: its rate, its cuts, and an answer that comes before the body's end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest

from device_sim.load.line import LINES, LineTransport, LoadLine, PhoneLine
from device_sim.transport import Cut, Outcome, Reply, Timeouts, Transport

pytestmark = pytest.mark.socket
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def ask(handler: Handler, line: LoadLine, size: int) -> tuple[Outcome, PhoneLine, int]:
    """One POST of `size` bytes over the line. The outcome, the line, and the body's bytes that left."""

    async def run() -> tuple[Outcome, PhoneLine, int]:
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await handler(reader, writer)
            finally:
                writer.close()
                ended.set()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        shaped = PhoneLine(line, 1)
        phone = Transport(
            f"http://127.0.0.1:{port}", timeouts=Timeouts(5, 20, 20), connection=LineTransport(shaped, None)
        )
        try:
            outcome = await phone.post("x", bytes(size), "application/octet-stream")
        finally:
            await phone.aclose()
            shaped.close()
            await ended.wait()
            server.close()
            await server.wait_closed()
        return outcome, shaped, phone.wire_bytes

    return asyncio.run(run())


async def take_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()


async def refuse_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 503 Busy\r\nretry-after: 7\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
    await writer.drain()


def test_everything_arrives_over_a_line_with_losses() -> None:
    outcome, line, _ = ask(take_all, LoadLine(2_000_000, (0.001, 0.002), loss=0.05), 300_000)
    assert isinstance(outcome, Reply)
    assert outcome.status == 204
    assert line.cuts == 0


def test_a_cut_takes_the_connection() -> None:
    outcome, line, _ = ask(take_all, LoadLine(cut_every_bytes=(100_000, 100_000)), 400_000)
    assert outcome == Cut("corte")
    assert line.cuts == 1


def test_an_answer_before_the_end_is_heard_and_the_rest_is_not_sent() -> None:
    outcome, _, wire = ask(refuse_at_once, LoadLine(200_000, (0.01, 0.01)), 2_000_000)
    assert isinstance(outcome, Reply)
    assert (outcome.status, outcome.retry_after) == (503, 7.0)
    assert wire < 500_000


def test_nobody_listening_is_no_line() -> None:
    async def run() -> Outcome:
        server = await asyncio.start_server(take_all, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        phone = Transport(f"http://127.0.0.1:{port}", connection=LineTransport(PhoneLine(LINES["3g"], 1), None))
        try:
            return await phone.get("x")
        finally:
            await phone.aclose()

    assert asyncio.run(run()) == Cut("sin_linea")
