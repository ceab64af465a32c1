"""Whose turn it is to put a body on the line: as many at once as the line bears just now (`adaptive`)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Turns:
    """`allowed` says how many bodies may go out at once, and may say otherwise the next time."""

    def __init__(self, allowed: Callable[[], int]) -> None:
        self._allowed = allowed
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.taken = 0

    async def take(self, *, first: bool = False) -> None:
        """Wait for a turn, in order; `first` is for a body that had begun before the line broke."""
        if self.taken < self._allowed() and (first or not self._waiting):
            self.taken += 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._waiting.appendleft if first else self._waiting.append)(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.give_back()
            else:
                self._waiting.remove(mine)
            raise

    def give_back(self) -> None:
        """The body is handed over, or broke off."""
        self.taken -= 1
        self.review()

    def review(self) -> None:
        """Ask again how many may go out: the line has shown something."""
        while self._waiting and self.taken < max(1, self._allowed()):
            self.taken += 1
            self._waiting.popleft().set_result(None)
