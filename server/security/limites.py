"""Limits on what can be guessed: how many tries an address, an account or a phone may make (rows A1, A2, D1).

In memory: a restart forgets them, which gives a guesser nothing worth a restart. What must survive one, the wrong
tries of a mailed code, is counted in its row.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field

_KEYS = 20_000


class Limite:
    """A token bucket per key: `rafaga` tries at once, one more every `cada_ms`."""

    def __init__(self, rafaga: int, cada_ms: int) -> None:
        self._burst = rafaga
        self._every_ms = cada_ms
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str, now_ms: int) -> int:
        """Count one try. 0 when it may go on, otherwise in how many seconds the next one may."""
        left, at = self._buckets.pop(key, (float(self._burst), now_ms))
        # A clock that was set back refills nothing, and the bucket goes on from the new time.
        left = min(float(self._burst), left + max(0, now_ms - at) / self._every_ms)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now_ms)
        if len(self._buckets) > _KEYS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) * self._every_ms / 1000))

    def forget(self, key: str) -> None:
        """The right answer came: what went before counts no more."""
        self._buckets.pop(key, None)


def network_of(address: str) -> str:
    """Whom an address stands for: an IPv4 address itself, of IPv6 the /64 that one line has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


@dataclass(slots=True)
class Limites:
    """The limits of entering. An account is limited beside each address, so that a stranger cannot lock its owner out
    with a few tries; `cuenta` bounds what many addresses may try together."""

    direccion: Limite = field(default_factory=lambda: Limite(30, 10_000))
    par: Limite = field(default_factory=lambda: Limite(6, 60_000))
    cuenta: Limite = field(default_factory=lambda: Limite(60, 60_000))
    factor: Limite = field(default_factory=lambda: Limite(6, 5 * 60_000))
    correos: Limite = field(default_factory=lambda: Limite(4, 10 * 60_000))
    """Mails that a stranger may cause to one account."""

    def try_enter(self, address: str, account: str, now_ms: int) -> int:
        """One try to enter; 0, or the seconds to wait. `account`: whatever was typed to name one."""
        network, account = network_of(address), account.strip().casefold()[:200]
        for limit, key in (
            (self.direccion, network),
            (self.par, f"{network}|{account}"),
            (self.cuenta, account),
        ):
            if wait := limit.take(key, now_ms):
                return wait
        return 0

    def entered(self, address: str, account: str) -> None:
        """It was right: its owner's slips count no more."""
        self.par.forget(f"{network_of(address)}|{account.strip().casefold()[:200]}")

    def try_factor(self, cuenta: int, now_ms: int) -> int:
        """One try at a second factor; 0, or the seconds to wait."""
        return self.factor.take(str(cuenta), now_ms)

    def try_mail(self, address: str, account: str, now_ms: int) -> int:
        """One wish for a mail; 0, or the seconds to wait. The same for accounts that do not exist."""
        return self.direccion.take(network_of(address), now_ms) or self.correos.take(
            account.strip().casefold()[:200], now_ms
        )
