"""Asks for pages as fast as they come, over a few connections that stay open."""

from __future__ import annotations

import http.client
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.ingest.procs import BenchError

CONNECTIONS = 4


@dataclass(slots=True)
class Asked:
    """One page at one server. Times in ms."""

    server: str
    size: int
    page: str
    rate: float
    p50: float
    p95: float
    answers: int
    kilobytes: float
    round: int = 0


@dataclass(slots=True)
class _Seen:
    times: list[float] = field(default_factory=list)
    bytes: int = 0
    wrong: str = ""


def ask(
    server: str, size: int, page: str, port: int, path: str, cookie: str, seconds: float,
    right: Callable[[str], bool],
) -> Asked | None:  # fmt: skip
    """Ask for a page for so long; None when the server has no such page. Raises BenchError for a wrong answer.

    `right`: judges the text of an answer; the first and the last of each connection are judged.
    """
    status, text = _once(port, path, cookie)
    if status == 404:
        return None
    if status != 200 or not right(text):
        raise BenchError(f"{server}: {page}: {status}, or not what was expected: {text[:300]!r}")
    stop = threading.Event()
    seen = [_Seen() for _ in range(CONNECTIONS)]
    threads = [threading.Thread(target=_keep_asking, args=(port, path, cookie, stop, one, right)) for one in seen]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    stop.wait(seconds)
    stop.set()
    for thread in threads:
        thread.join(timeout=120)
    took = time.perf_counter() - began
    for one in seen:
        if one.wrong:
            raise BenchError(f"{server}: {page}: {one.wrong}")
    times = sorted(time_ for one in seen for time_ in one.times)
    return Asked(
        server, size, page, len(times) / took, statistics.median(times), times[int(0.95 * (len(times) - 1))],
        len(times), sum(one.bytes for one in seen) / len(times) / 1000,
    )  # fmt: skip


def _once(port: int, path: str, cookie: str) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        line.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
        answer = line.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        line.close()


def _keep_asking(
    port: int, path: str, cookie: str, stop: threading.Event, seen: _Seen, right: Callable[[str], bool]
) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    body = b""
    try:
        # One at least, however long it takes.
        while not stop.is_set() or not seen.times:
            began = time.perf_counter()
            line.request("GET", path, headers={"Cookie": cookie, "Accept": "text/html"})
            answer = line.getresponse()
            body = answer.read()
            seen.times.append(1000 * (time.perf_counter() - began))
            seen.bytes += len(body)
            if answer.status != 200:
                seen.wrong = f"status {answer.status}"
                return
        if not right(body.decode("utf-8", "replace")):
            seen.wrong = "the last answer is not what was expected"
    except (OSError, http.client.HTTPException) as error:
        seen.wrong = repr(error)
    finally:
        line.close()
