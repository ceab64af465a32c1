"""Asking the padrón electoral: of a copy on this box, or of the institute's own service (row F2)."""

from __future__ import annotations

from pathlib import Path

from server.config import Settings
from server.padron.local import LocalPadron
from server.padron.servicio import HttpPadron


def desde_ajustes(settings: Settings, indice: Path) -> LocalPadron | HttpPadron:
    """Whom the pipeline asks. `indice`: the index, beside which the copies lie. To be closed with `cerrar`."""
    if settings.padron_url is not None:
        return HttpPadron(settings.padron_url, settings.padron_llave_archivo)
    return LocalPadron(indice)
