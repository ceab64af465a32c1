"""A few read-only connections for pages: one reader each, so that a slow page does not hold up another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from server.store.connection import Connection, open_reader

T = TypeVar("T")

CONNECTIONS = 4


class Readers:
    """Connections that are lent for one reading each, and kept. At most `CONNECTIONS` readings run at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._turn = asyncio.Semaphore(CONNECTIONS)

    async def run(self, reading: Callable[[Connection], T]) -> T:
        """Read in a thread. Everything that `reading` asks sees one and the same state of the index."""
        async with self._turn:
            return await asyncio.to_thread(self._read, reading)

    def _read(self, reading: Callable[[Connection], T]) -> T:
        try:
            conn = self._idle.get_nowait()
        except Empty:
            conn = open_reader(self._path)
        try:
            conn.execute("BEGIN")
            return reading(conn)
        finally:
            conn.execute("ROLLBACK")
            self._idle.put(conn)

    def close(self) -> None:
        """Close what is idle; nobody reads any more."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
