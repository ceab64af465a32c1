"""The line itself: every outcome is a value, silence ends, strangers are not followed (SPEC §8.4)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest

from device_sim.transport import MAX_ANSWER, Cut, Outcome, Reply, Timeouts, Transport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = Timeouts(connect=0.2, send=0.2, answer=0.2, whole_answer=0.5)
PATIENT = Timeouts(connect=10, send=10, answer=10, whole_answer=20)


def mocked(answer: Callable[[httpx2.Request], httpx2.Response]) -> Transport:
    return Transport("http://127.0.0.1:8000/base/", connection=httpx2.MockTransport(answer))


def raising(error: Exception) -> Transport:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise error

    return mocked(answer)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx2.ConnectError("x"), "sin_linea"),
        (httpx2.ConnectTimeout("x"), "sin_linea"),
        (httpx2.ReadTimeout("x"), "silencio"),
        (httpx2.WriteTimeout("x"), "silencio"),
        (TimeoutError(), "silencio"),
        (httpx2.ReadError("x"), "corte"),
        (httpx2.WriteError("x"), "corte"),
        (httpx2.RemoteProtocolError("x"), "corte"),
        (ConnectionResetError(), "corte"),
    ],
)
def test_every_failure_is_a_value(error: Exception, reason: str) -> None:
    assert asyncio.run(raising(error).get("x")) == Cut(reason)  # type: ignore[arg-type]


def test_a_bug_is_not_hidden_as_a_cut() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(raising(ZeroDivisionError()).get("x"))


def test_redirects_are_not_followed() -> None:
    seen = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(307, headers={"Location": "http://otro.invalid/"}, stream=httpx2.ByteStream(b""))

    outcome = asyncio.run(mocked(answer).post("sync/sesiones", b"{}", "application/jose"))
    assert isinstance(outcome, Reply)
    assert outcome.status == 307
    assert seen == ["http://127.0.0.1:8000/base/sync/sesiones"]


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/sync/subidas/a", "http://127.0.0.1:8000/sync/subidas/a"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        ("http://127.0.0.1:9000/x", None),
        ("https://127.0.0.1:8000/x", None),
        ("//otro.invalid/x", None),
        ("http://otro.invalid/x", None),
        ("", None),
    ],
)
def test_tokens_go_to_one_server_only(url: str, whole: str | None) -> None:
    assert mocked(lambda _: httpx2.Response(200)).resolve(url) == whole


@pytest.mark.parametrize(
    ("server", "trusted"),
    [
        ("https://opl.ejemplo.mx", True),
        ("http://opl.ejemplo.mx", False),
        ("http://127.0.0.1:80", True),
        ("http://localhost", True),
        ("http://127.0.0.1.otro.invalid", False),
    ],
)
def test_keys_are_believed_over_tls_only(server: str, trusted: bool) -> None:
    connection = httpx2.MockTransport(lambda _: httpx2.Response(200))
    assert Transport(server, connection=connection).trusted is trusted


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7), ("0", 0), ("99999", 3600), ("-1", 0), ("pronto", 0), ("٣", 0), ("1" * 400, 0)]
)
def test_retry_after(value: str, seconds: float) -> None:
    assert Reply("GET", 503, {"retry-after": value}, b"").retry_after == seconds


def test_no_setting_of_the_shell_reaches_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://otro.invalid:1")
    transport = Transport("http://127.0.0.1:8000")
    assert transport._client.trust_env is False
    assert transport._client._mounts == {}


# On real sockets


@asynccontextmanager
async def listening(handler: Handler, timeouts: Timeouts = PATIENT) -> AsyncIterator[Transport]:
    tasks: list[asyncio.Task[None]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.transport.abort()

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_000)
    listener.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(handle, sock=listener, limit=16_000)
    transport = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}", timeouts=timeouts)
    try:
        yield transport
    finally:
        await transport.aclose()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close in the next turn of the loop


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def ask(handler: Handler, body: bytes = b"", timeouts: Timeouts = PATIENT) -> Outcome:
    async def run() -> Outcome:
        async with listening(handler, timeouts) as transport:
            if body:
                return await transport.tus("PATCH", transport.resolve("/a") or "", token="t", raw=body, offset=3)
            return await transport.get("a")

    return asyncio.run(run())


@pytest.mark.socket
def test_a_server_that_never_answers_is_given_up() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    assert ask(mute, timeouts=QUICK) == Cut("silencio")


@pytest.mark.socket
def test_a_server_that_never_reads_is_given_up() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    assert ask(deaf, bytes(6_000_000), QUICK) == Cut("silencio")


@pytest.mark.socket
def test_a_slow_line_that_moves_is_not_given_up() -> None:
    """Longer than any time-out in all, with never so long a silence."""

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        left = 600_000 - 3
        while left:
            left -= len(await reader.read(10_000))
            await asyncio.sleep(0.02)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await reader.read()

    outcome = ask(slowly, bytes(600_000), Timeouts(connect=0.3, send=0.6, answer=0.6))
    assert isinstance(outcome, Reply)


@pytest.mark.socket
def test_an_answer_that_drips_is_given_up() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    assert ask(drip, timeouts=Timeouts(connect=5, send=5, answer=5, whole_answer=0.3)) == Cut("silencio")


@pytest.mark.socket
def test_an_answer_without_end_is_not_read_to_it() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n")
        while True:
            writer.write(bytes(1 << 20))
            await writer.drain()

    outcome = ask(flood)
    assert isinstance(outcome, Reply)
    assert MAX_ANSWER < len(outcome.body) < MAX_ANSWER + (1 << 20)


@pytest.mark.socket
@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Len", b"SSH-2.0-OpenSSH\r\n", b"\x00\xff\r\n\r\n"]
)
def test_rubbish_is_a_cut(answer: bytes) -> None:
    async def rubbish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    assert ask(rubbish) == Cut("corte")


@pytest.mark.socket
def test_an_early_refusal_is_heard_while_sending() -> None:
    """A server may answer 503 before it has read the body."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await head_of(reader)
        writer.write(b"HTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await reader.read()

    outcome = ask(refuse, bytes(50_000))
    assert isinstance(outcome, Reply)
    assert (outcome.status, outcome.retry_after) == (503, 9)


@pytest.mark.socket
def test_bytes_from_the_offset_in_one_request_and_counted() -> None:
    got: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            got.append(await head_of(reader))
            got.append(await reader.readexactly(99_997))
            writer.write(b"HTTP/1.1 204 No Content\r\nTus-Resumable: 1.0.0\r\nAcopio-Estado: recibido\r\n\r\n")
        await reader.read()

    raw = bytes(i % 251 for i in range(100_000))
    told: list[int] = []

    async def run() -> tuple[Outcome, int]:
        async with listening(take) as transport:
            url = transport.resolve("/a") or ""
            for _ in range(2):
                outcome = await transport.tus("PATCH", url, token="t", raw=raw, offset=3, on_bytes=told.append)
            return outcome, transport.wire_bytes

    outcome, wire = asyncio.run(run())
    assert isinstance(outcome, Reply)
    assert outcome.headers["acopio-estado"] == "recibido"
    assert got[1] == got[3] == raw[3:], "on one connection kept alive"
    head = got[0].decode().lower()
    for line in ("authorization: bearer t", "upload-offset: 3", "content-length: 99997", "tus-resumable: 1.0.0"):
        assert f"\r\n{line}\r\n" in head
    assert "transfer-encoding" not in head
    assert told[-1] == 99_997
    assert sorted(told[:7]) == told[:7]
    heads = len(got[0]) + len(got[2])
    assert abs(wire - 2 * 99_997 - heads) < 300
