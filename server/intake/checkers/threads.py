"""Checkers as threads of this process: for small boxes, for commands of the console, and for tests."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from server.intake.check_sobre import Expected
from server.intake.checkers.judge import CheckKeys, Done, Verdict, judge


class ThreadCheckers:
    """Two threads: hashing and OpenSSL let go of the interpreter, the rest of a check does not."""

    def __init__(self, keys: CheckKeys) -> None:
        self._keys = keys
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="revisor")

    def start(self) -> None:
        """Nothing to do: threads begin with their first work."""

    def stop(self) -> None:
        """Finish what was submitted."""
        self._pool.shutdown(wait=True)

    def submit(self, chunks: Sequence[bytes], expected: Expected, recibido_ms: int, done: Done) -> None:
        """See Checkers."""
        self._pool.submit(self._check, chunks, expected, recibido_ms, done)

    def _check(self, chunks: Sequence[bytes], expected: Expected, recibido_ms: int, done: Done) -> None:
        try:
            raw = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            checked, acuse = judge(raw, expected, recibido_ms, self._keys)
        except BaseException as error:  # noqa: BLE001 -- whatever it is, the request that waits must hear of it
            done(error)
        else:
            done(Verdict(checked, acuse, _nothing))


def _nothing() -> None:
    """Bytes of this process are given back by themselves."""
