"""Contexts of the demo's page of accounts."""

from __future__ import annotations

from typing import Any

from server.portals.public.demo_accesos import Acceso, DemoAccesosContext

HOSTILE = '<script>alert("x")</script>'
CONTEXTS: list[tuple[str, Any]] = [
    ("public/demo_accesos.html", DemoAccesosContext([], "una frase")),
    (
        "public/demo_accesos.html",
        DemoAccesosContext(
            [Acceso("Aspirante", HOSTILE, HOSTILE, 7, ""), Acceso(HOSTILE, "Ana", "a", 0, "123456")], "x"
        ),
    ),
]
