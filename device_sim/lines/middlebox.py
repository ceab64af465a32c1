"""Boxes on the way that know HTTP: what they let pass of a client's bytes. No IO.

A captive portal answers for the server until someone has signed in; a proxy refuses bodies that are too long for it.
Both answer HTML, as they do in the street: a phone must not take that for its server's answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_HEAD = 64 * 1024


def page(status: str, title: str) -> bytes:
    """An answer in HTML that ends its connection."""
    body = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return head.encode("ascii") + b"Connection: close\r\n\r\n" + body


PORTAL = page("200 OK", "Bienvenido. Acepte las condiciones para navegar")
TOO_LONG = page("413 Request Entity Too Large", "413 Request Entity Too Large")


@dataclass(slots=True)
class BodyGate:
    """Passes requests on as they come, but for one whose body is announced to be longer than `limit` bytes."""

    limit: int
    closed: bool = False
    """A request was refused: nothing more passes on this connection."""
    _head: bytearray = field(default_factory=bytearray)
    _left: int = 0

    def passing(self, data: bytes) -> bytes:
        """What of these bytes goes on to the server."""
        out = bytearray()
        while data and not self.closed:
            if self._left:
                out += data[: self._left]
                taken = min(self._left, len(data))
                self._left, data = self._left - taken, data[taken:]
                continue
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                self.closed = len(self._head) > MAX_HEAD
                break
            data = bytes(self._head[end + 4 :])
            head = bytes(self._head[: end + 4])
            self._head.clear()
            self._left = _announced(head)
            if self._left > self.limit:
                self.closed = True
            else:
                out += head
        return bytes(out)


def _announced(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0
