"""The rules of review that an OPL sets for itself (rows B7, F3, G2, G5; P13.3, P13.9, P15.3).

Rows of `ajustes`, a field each under `regla_<name>`; what was never set has the value written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

PREFIJO = "regla_"


class DuplicadosOtros(StrEnum):
    """A person who supports several aspirantes of one periodo: for whom does it count? (P15.3)"""

    PRIMERO = "primero"
    """For the one whose apoyo was received first."""
    TODOS = "todos"
    """For each of them; the mesa is told."""
    NINGUNO = "ninguno"
    """For none of them."""


LIMITES: dict[str, tuple[int, int]] = {
    "meta_diaria": (1, 5_000),
    "plazo_dias": (1, 60),
    "reclamo_minutos": (2, 240),
    "segunda_pct": (0, 100),
    "papel_doble_pct": (0, 100),
}
"""Between what each number may be, both included."""


@dataclass(frozen=True, slots=True)
class Reglas:
    """How the mesa works here. Days are natural days, minutes are minutes, shares are percent."""

    meta_diaria: int = 400
    """Registros that an operator reviews in a day (P13.3)."""
    plazo_dias: int = 10
    """From a registro's arrival in the mesa to its result (P13.9)."""
    reclamo_minutos: int = 20
    """How long an operator holds a registro without doing anything."""
    segunda_pct: int = 5
    """Share that is reviewed twice; 0: none."""
    papel_doble_pct: int = 10
    """Share of the cédulas of paper that is typed twice."""
    ocultar_aspirante: bool = True
    """Whether operators are not told for whom an apoyo is."""
    duplicados_otros: DuplicadosOtros = DuplicadosOtros.PRIMERO

    @classmethod
    def of(cls, ajustes: Mapping[str, str]) -> Reglas:
        """From the rows of `ajustes`. What cannot be read counts as never set."""
        values: dict[str, object] = {}
        for field in fields(cls):
            said = ajustes.get(PREFIJO + field.name, "")
            if isinstance(field.default, bool):
                values |= {field.name: said == "si"} if said in ("si", "no") else {}
            elif isinstance(field.default, DuplicadosOtros):
                values |= {field.name: DuplicadosOtros(said)} if said in set(DuplicadosOtros) else {}
            elif said.isdigit():
                values[field.name] = int(said)
        return cls(**values)  # type: ignore[arg-type]

    def ajustes(self) -> dict[str, str]:
        """As rows of `ajustes`."""
        rows = {}
        for field in fields(self):
            value = getattr(self, field.name)
            rows[PREFIJO + field.name] = ("si" if value else "no") if isinstance(value, bool) else str(value)
        return rows
