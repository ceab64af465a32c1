"""What the server takes for the next registro with its four images: cold, and when it was claimed ahead."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection

from bench.ingest.procs import BenchError
from sync_protocol.registro import IMAGENES


@dataclass(frozen=True, slots=True)
class Asked:
    """One registro. Milliseconds: the part of the page, the four images side by side, and both; `kilobytes` of all."""

    page: float
    images: float
    total: float
    kilobytes: float


class Operator:
    """Somebody's browser as far as the server sees it: five connections that stay open."""

    def __init__(self, port: int, cookie: tuple[str, str]) -> None:
        self._lines = [HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(1 + len(IMAGENES))]
        self._headers = {
            "Cookie": "=".join(cookie), "Accept": "text/html", "HX-Request": "true", "HX-Request-Type": "partial",
            "Sec-Fetch-Site": "same-origin",
        }  # fmt: skip
        self._pool = ThreadPoolExecutor(len(IMAGENES))
        self._held: list[str] = []

    def ask(self, line: int, method: str, path: str, body: str = "") -> tuple[int, dict[str, str], bytes]:
        """One request on one of the connections."""
        headers = dict(self._headers)
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._lines[line].request(method, path, body or None, headers)
        answer = self._lines[line].getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def next(self) -> tuple[Asked, str]:
        """Claim one more, fetch its part of the page and its images; then give it back, never to be asked again."""
        began = time.perf_counter()
        status, headers, body = self.ask(0, "POST", "/mesa/adelantar", f"saltadas={'%2C'.join(self._held[-40:])}")
        if status != 200:
            raise BenchError(f"/mesa/adelantar answered {status}")
        id_ = headers["x-revision"]
        paged = time.perf_counter()
        size = len(body) + self._images(id_)
        done = time.perf_counter()
        return Asked((paged - began) * 1e3, (done - paged) * 1e3, (done - began) * 1e3, size / 1024), id_

    def again(self, id_: str) -> Asked:
        """The images of what is open already: what the browser finds when it comes late."""
        began = time.perf_counter()
        size = self._images(id_)
        took = (time.perf_counter() - began) * 1e3
        return Asked(0.0, took, took, size / 1024)

    def leave(self, id_: str) -> None:
        """Give it back."""
        self.ask(0, "POST", "/mesa/soltar", f"enmano={id_}")
        self._held.append(id_)

    def close(self) -> None:
        """Hang up."""
        self._pool.shutdown()
        for line in self._lines:
            line.close()

    def _images(self, id_: str) -> int:
        def one(n: int) -> int:
            status, headers, body = self.ask(1 + n, "GET", f"/mesa/revision/{id_}/imagen/{IMAGENES[n]}")
            if status != 200 or headers.get("cache-control") != "no-store" or not body.startswith(b"\xff\xd8"):
                raise BenchError(f"an image of revisión {id_} was not what it must be ({status})")
            return len(body)

        return sum(self._pool.map(one, range(len(IMAGENES))))


def measure(port: int, cookie: tuple[str, str], count: int) -> tuple[list[Asked], list[Asked]]:
    """So many registros that nobody had prepared, and each once more from memory."""
    who = Operator(port, cookie)
    cold, warm = [], []
    try:
        for _ in range(count):
            seen, id_ = who.next()
            cold.append(seen)
            warm.append(who.again(id_))
            who.leave(id_)
    finally:
        who.close()
    return cold, warm


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which so much of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
