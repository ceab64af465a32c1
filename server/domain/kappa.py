"""Cohen's kappa: how far two raters agree beyond chance (Cohen, Educ. Psychol. Meas. 20, 1960)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

POCOS = 30
"""Below so many pairs, a kappa says little."""


@dataclass(frozen=True, slots=True)
class Acuerdo:
    """How two raters agree on `n` things. `kappa`: -1 to 1; None where it is not defined (nothing rated, or both
    always said one and the same, so that chance alone would agree as much)."""

    n: int
    iguales: int
    kappa: float | None

    @property
    def proporcion(self) -> float | None:
        """Of how many they said the same, 0 to 1."""
        return self.iguales / self.n if self.n else None

    @property
    def pocos(self) -> bool:
        """Whether there are too few to conclude anything."""
        return self.n < POCOS


def cohen(pares: Mapping[tuple[str, str], int]) -> Acuerdo:
    """Of a table: how often the first said this and the second that."""
    n = sum(pares.values())
    if n == 0:
        return Acuerdo(0, 0, None)
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (a, b), times in pares.items():
        first[a] += times
        second[b] += times
    same = sum(times for (a, b), times in pares.items() if a == b)
    by_chance = sum(first[category] * second[category] for category in first)
    # In whole numbers until the end: (po - pe) / (1 - pe) with po = same / n, pe = by_chance / n².
    if by_chance == n * n:
        return Acuerdo(n, same, None)
    return Acuerdo(n, same, (same * n - by_chance) / (n * n - by_chance))
