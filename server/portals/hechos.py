"""What a page says after something was done: the code travels in the address, the sentence is here."""

from __future__ import annotations

HECHOS: dict[str, str] = {
    "guardado": "Los cambios quedaron guardados.",
}
