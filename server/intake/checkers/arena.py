"""Memory that server and checkers share: a sobre is put there once, is checked there, and is written from there.

The same low pages are used again and again. That matters more than it seems: on a virtual machine a page that is
touched for the first time, or again after it was given back, costs more than hashing it (bench/README.md).
"""

from __future__ import annotations

import mmap
import os
import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

PAGE = 4096


@dataclass(frozen=True, slots=True)
class Extent:
    """A stretch of the arena, in bytes. `size` is what was asked for; the stretch ends on a page's border."""

    start: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages it takes."""
        return -(-self.size // PAGE)


class Arena:
    """First fit over whole pages. `take` and `give` may be called from any thread."""

    def __init__(self, size: int) -> None:
        self.size = size // PAGE * PAGE
        self.fd = os.memfd_create("acopio-sobres", os.MFD_CLOEXEC)
        os.ftruncate(self.fd, self.size)
        self._map = mmap.mmap(self.fd, self.size)
        self.view = memoryview(self._map)
        self._lock = threading.Lock()
        self._free = [(0, self.size // PAGE)]
        """Free stretches as (first page, pages), in order, never touching each other."""

    def take(self, size: int) -> Extent | None:
        """A stretch of at least `size` bytes, or None when there is none now. Raises ValueError if there never is."""
        if not 0 < size <= self.size:
            raise ValueError(size)
        needed = -(-size // PAGE)
        with self._lock:
            for i, (first, pages) in enumerate(self._free):
                if pages >= needed:
                    if pages == needed:
                        del self._free[i]
                    else:
                        self._free[i] = (first + needed, pages - needed)
                    return Extent(first * PAGE, size)
        return None

    def give(self, extent: Extent) -> None:
        """Give a stretch back. Nobody may look at it any more."""
        first, pages = extent.start // PAGE, extent.pages
        with self._lock:
            i = bisect_left(self._free, (first, 0))
            if i < len(self._free) and self._free[i][0] == first + pages:
                pages += self._free.pop(i)[1]
            if i > 0 and sum(self._free[i - 1]) == first:
                first, before = self._free.pop(i - 1)
                pages += before
                i -= 1
            self._free.insert(i, (first, pages))

    def fill(self, extent: Extent, chunks: Sequence[bytes]) -> memoryview:
        """Put these bytes there; returns the view on them."""
        at = extent.start
        for chunk in chunks:
            self.view[at : at + len(chunk)] = chunk
            at += len(chunk)
        return self.view[extent.start : at]

    def close(self) -> None:
        """Give it all back, once nobody looks at it any more."""
        os.close(self.fd)
