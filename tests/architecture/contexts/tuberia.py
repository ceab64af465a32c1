"""Contexts of the quarantine's pages: filled, empty, hostile."""

from __future__ import annotations

from typing import Any

from server.portals.opl.cuarentena import CuarentenaContext, Renglon, RepetirContext

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000


def renglon(**changes: Any) -> Renglon:
    values: dict[str, Any] = {
        "id": 7, "folio": "100001-200001-1-3", "etapa": "Leer los códigos", "motivo": "El programa terminó.",
        "codigo": "lector_murio", "intentos": 3, "creado_ms": NOW, **changes,
    }  # fmt: skip
    return Renglon(**values)


_BAD = {"folio": HOSTILE, "etapa": HOSTILE, "motivo": HOSTILE, "codigo": HOSTILE}

CONTEXTS: list[tuple[str, Any]] = [
    ("opl/cuarentena.html", CuarentenaContext([], 0, "")),
    ("opl/cuarentena.html", CuarentenaContext([renglon()], 1, "")),
    ("opl/cuarentena.html", CuarentenaContext([renglon(id=n, **_BAD) for n in range(50)], 50_000, "?desde=49")),
    ("opl/cuarentena_repetir.html", RepetirContext(None, 50_000)),
    ("opl/cuarentena_repetir.html", RepetirContext(renglon(**_BAD), 1)),
]
