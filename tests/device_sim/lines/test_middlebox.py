"""The proxy that refuses long bodies, however the bytes of the requests are torn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from device_sim.lines.middlebox import MAX_HEAD, PORTAL, TOO_LONG, BodyGate


def request(size: int, method: str = "PATCH") -> bytes:
    return f"{method} /a HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode() + bytes(size)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6), st.lists(st.integers(1, 70), max_size=40))
def test_short_bodies_pass_unchanged_and_nothing_of_a_long_one(sizes: list[int], cuts: list[int]) -> None:
    gate, limit = BodyGate(60), 60
    stream = b"".join(request(size) for size in sizes)
    kept = []
    for size in sizes:
        if size > limit:
            break
        kept.append(request(size))
    out, rest = b"", stream
    for cut in cuts:
        out += gate.passing(rest[:cut])
        rest = rest[cut:]
    out += gate.passing(rest)
    assert out == b"".join(kept)
    assert gate.closed == any(size > limit for size in sizes)


def test_requests_without_a_body_and_heads_without_end() -> None:
    gate = BodyGate(10)
    head = b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"
    assert gate.passing(head + head) == head + head
    assert gate.passing(b"x" * (MAX_HEAD + 1)) == b""
    assert gate.closed


def test_strangers_answer_html_without_the_mark_of_our_server() -> None:
    for answer in (PORTAL, TOO_LONG):
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b"text/html" in head
        assert b"tus-resumable" not in head
