"""What the phone's system knows of its connections, and can be told: bytes not yet confirmed, bytes to hold.

Linux and Android tell both; elsewhere bytes count as arrived once the system took them.
"""

from __future__ import annotations

import socket
import struct
import sys
import weakref
from typing import Any, Protocol

if sys.platform == "linux":
    import fcntl
    import termios

_UNSENT = 16 * 1024
_NOTSENT_LOWAT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", 25 if sys.platform == "linux" else None)

LITTLE_UNSENT = [] if _NOTSENT_LOWAT is None else [(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT)]
"""For every connection: little is handed over before the line is ready for it."""


class _Stream(Protocol):
    def get_extra_info(self, info: str) -> Any: ...


class Sockets:
    """The open connections of one phone."""

    def __init__(self) -> None:
        self._streams: weakref.WeakSet[Any] = weakref.WeakSet()
        self._unconfirmed = 0
        self._held: int | None = None

    def add(self, stream: _Stream) -> None:
        """A connection was made."""
        self._streams.add(stream)
        self._held = None

    def arrived(self, taken: int, held: int | None) -> int:
        """The system took `taken` bytes more; how many arrived at the other end since this was asked the last time.

        `held`: how many bytes each connection should hold; None: as many as the system likes.
        """
        changes = held is not None and (self._held is None or not 0.8 < held / self._held < 1.25)
        if changes:
            self._held = held
        before, self._unconfirmed = self._unconfirmed, 0
        for stream in tuple(self._streams):
            end = stream.get_extra_info("socket")
            if end is None or end.fileno() < 0:
                self._streams.discard(stream)
                continue
            if changes and held is not None:
                # The system doubles it, and counts the room that packets take beside their bytes.
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, held * 3 // 4)
            self._unconfirmed += _unconfirmed(end.fileno())
        return max(0, before + taken - self._unconfirmed)

    def recount(self) -> None:
        """A connection broke: what it had not confirmed is not on its way any more."""
        self.arrived(0, None)


def _unconfirmed(fd: int) -> int:
    if sys.platform != "linux":
        return 0
    try:
        return int(struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4)))[0])
    except OSError:
        return 0
