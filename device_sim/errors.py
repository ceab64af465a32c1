"""What a phone tells the person who holds it when it cannot go on.

Not what the server answers: that catalogue is `sync_protocol.errors`. Nothing here ever names a citizen.
"""

from __future__ import annotations

from dataclasses import dataclass


class PhoneError(Exception):
    """The phone cannot do what was asked. `code` is stable, `text` is the sentence on the screen."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Stopped:
    """The phone gave up for now: the server said no, or nobody answered. An expected outcome, not an exception."""

    code: str
    text: str
