"""Health: `/salud/vivo` (the process answers), `/salud/listo` (it can take sobres and give acuses), `/metrics`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from server import metrics
from server.diario.second_copy import SecondCopy
from server.http import json_response
from server.store import correos
from server.store.connection import Connection, IndexFailure
from server.store.writer import Writer

DISK_MINIMUM = 512 * 1024 * 1024
"""Below this much free space the page says so, long before the disk is full."""
BACKLOG = 1_000


@dataclass(slots=True)
class Salud:
    """Looks at every part; holds nothing of its own."""

    datos: Path
    writer: Writer
    reader: Connection
    second_copy: SecondCopy | None
    disk_minimum: int = DISK_MINIMUM

    async def vivo(self, request: Request) -> Response:
        """GET /salud/vivo"""
        return json_response({"estado": "vivo"})

    async def listo(self, request: Request) -> Response:
        """GET /salud/listo: 200 when acuses can be given, 503 and the reason when not."""
        parts = self.parts()
        ready = all(part["estado"] == "bien" for part in parts.values() if part["detiene"])
        return json_response({"estado": "listo" if ready else "no_listo", "partes": parts}, 200 if ready else 503)

    def parts(self) -> dict[str, dict[str, object]]:
        """Each part with `estado` (bien, mal), `texto` for the administrator, and whether it stops acuses."""
        free = shutil.disk_usage(self.datos).free
        waiting = self.writer.waiting
        mail = correos.counts(self.reader)
        parts = {
            "escritor": _part(self.writer.failure is None, "Guarda.", "El almacén debe reiniciarse.", stops=True),
            "indice": _part(self._index_answers(), "Responde.", "La base de datos no responde.", stops=True),
            "disco": _part(free >= self.disk_minimum, f"{free >> 20} MB libres.", f"Solo quedan {free >> 20} MB."),
            "cola": _part(waiting < BACKLOG, f"{waiting} en espera.", f"{waiting} operaciones en espera."),
            "correo": _part(
                not mail.get("fallido"),
                f"{mail.get('pendiente', 0)} por enviar.",
                f"{mail.get('fallido', 0)} correos no se pudieron enviar.",
            ),
        }
        if self.second_copy is None:
            parts["segunda_copia"] = _part(True, "No configurada: los acuses descansan en un solo disco.", "")
        else:
            second = self.second_copy
            parts["segunda_copia"] = _part(
                second.error is None,
                f"Al día; {second.pending} lotes por copiar.",
                f"No responde: no se dan acuses. {second.pending} lotes por copiar.",
                stops=True,
            )
        return parts

    def _index_answers(self) -> bool:
        try:
            self.reader.execute("SELECT 1 FROM lotes LIMIT 1").fetchone()
        except IndexFailure:
            return False
        return True

    async def metrics(self, request: Request) -> Response:
        """GET /metrics, in Prometheus' text format."""
        metrics.DISK_FREE.set(shutil.disk_usage(self.datos).free)
        metrics.WRITER_WAITING.set(self.writer.waiting)
        if self.second_copy is not None:
            metrics.SECOND_COPY_PENDING.set(self.second_copy.pending)
            metrics.SECOND_COPY_UP.set(self.second_copy.error is None)
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


def _part(good: bool, well: str, badly: str, *, stops: bool = False) -> dict[str, object]:
    return {"estado": "bien" if good else "mal", "texto": well if good else badly, "detiene": stops}
