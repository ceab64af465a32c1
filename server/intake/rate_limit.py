"""A limit on what can be guessed or flooded: so many requests per key and minute, in memory."""

from __future__ import annotations

from collections import OrderedDict

from server.errors import AppError

_KEYS = 10_000


class RateLimit:
    """A token bucket per key: `burst` at once, one more every `every_ms`."""

    def __init__(self, burst: int, every_ms: int) -> None:
        self._burst = burst
        self._every_ms = every_ms
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def check(self, key: str, now_ms: int) -> None:
        """Count one request. Raises AppError `demasiadas_solicitudes` when it is one too many."""
        left, at = self._buckets.pop(key, (float(self._burst), now_ms))
        left = min(float(self._burst), left + max(0, now_ms - at) / self._every_ms)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now_ms)
        if len(self._buckets) > _KEYS:
            self._buckets.popitem(last=False)
        if not allowed:
            raise AppError("demasiadas_solicitudes", retry_after=max(1, self._every_ms // 1000))
