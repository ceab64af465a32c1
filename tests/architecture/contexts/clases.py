"""Contexts of the rules of review: as they come, changed, wrong."""

from __future__ import annotations

from typing import Any

from server.domain.reglas import LIMITES
from server.portals.forms import Leido
from server.portals.opl import reglas

HOSTILE = '<script>alert("x")</script>'
USUAL = {"meta_diaria": "400", "ocultar_aspirante": "si", "duplicados_otros": "primero"}
WRONG = reglas.FORMULARIO.leer({campo.nombre: HOSTILE for campo in reglas.FORMULARIO.campos})
CHANGED = reglas.Version(
    1_790_000_000_000,
    HOSTILE,
    (reglas.Cambio("Días", "10", HOSTILE), reglas.Cambio("Duplicados", "Uno", "Otro")),
    1_200,
)
NUMBERS = tuple(LIMITES)
CONTEXTS: list[tuple[str, Any]] = [
    ("opl/reglas.html", reglas.ReglasContext(reglas.FORMULARIO.vacio(USUAL), NUMBERS, ())),
    ("opl/reglas.html", reglas.ReglasContext(Leido(reglas.FORMULARIO), NUMBERS, (CHANGED,) * 20)),
    ("opl/reglas.html", reglas.ReglasContext(WRONG, NUMBERS, (CHANGED,))),
]
