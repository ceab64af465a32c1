"""Results that come from other threads to the event loop: one wake-up for all that are ready, not one for each.

A group commit answers many phones at once; waking the loop for every one of them cost more than their rows.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from server.store.writer import Done


class Replies:
    """Futures of one loop, resolved from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._ready: list[tuple[asyncio.Future[Any], Done[Any] | BaseException]] = []

    def tell(self, future: asyncio.Future[Any], result: Done[Any] | BaseException) -> None:
        """Give `future` its result, or its exception. Called from any thread."""
        with self._lock:
            self._ready.append((future, result))
            if len(self._ready) > 1:
                return  # the loop has been woken already and will find this one too
        self._loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        with self._lock:
            ready, self._ready = self._ready, []
        for future, result in ready:
            if future.done():
                continue
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)
