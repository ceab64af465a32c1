"""The only place that asks what time it is. Everything else takes `now` as a parameter, or a Clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], int]
"""Milliseconds of Unix time, UTC."""

CENTRO = ZoneInfo("America/Mexico_City")
"""Hora del centro: the zone of every rule and screen (P6.1A)."""


def system_clock() -> int:
    """Now, in milliseconds of Unix time."""
    return time.time_ns() // 1_000_000


def iso_utc(ms: int) -> str:
    """`2026-11-21T18:20:11.123Z`, the form used in acuses."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{ms % 1000:03d}Z"


def hora_del_centro(ms: int) -> str:
    """`21/11/2026 12:20:11`, the form people see."""
    return datetime.fromtimestamp(ms / 1000, CENTRO).strftime("%d/%m/%Y %H:%M:%S")
