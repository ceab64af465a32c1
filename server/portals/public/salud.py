"""Health: `/salud/vivo` (the process answers), `/salud/listo` (it can take sobres and give acuses), `/metrics`.

`/salud` is the same as a page for people. None of them needs an account, so none says where things are.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from server import metrics
from server.clock import Clock
from server.diario.second_copy import SecondCopy
from server.http import json_response
from server.portals.alrededor import shown
from server.portals.vigia import DISK_MINIMUM, Part, Vigia, ready
from server.replica.supervisor import Replica
from server.store import tablero, trabajos
from server.store.connection import Connection
from server.store.writer import Writer

NAMES = {
    "escritor": "Almacén",
    "indice": "Base de datos",
    "disco": "Disco",
    "cola": "Cola",
    "correo": "Correo",
    "segunda_copia": "Segunda copia",
    "replica": "Réplica del índice",
    "padron": "Padrón",
}


@dataclass(frozen=True, slots=True)
class Parte:
    """One row of the page. `detiene`: whether acuses stop while it is not well."""

    nombre: str
    bien: bool
    texto: str
    detiene: bool


@dataclass(frozen=True, slots=True)
class SaludContext:
    """`listo`: whether acuses can be given. `partes`: each part. `en_ms`: the instant of the page."""

    listo: bool
    partes: list[Parte]
    en_ms: int


@dataclass(slots=True)
class Salud:
    """Looks at every part; holds nothing of its own."""

    datos: Path
    writer: Writer
    reader: Connection
    second_copy: SecondCopy | None
    clock: Clock
    replica: Replica | None = None
    disk_minimum: int = DISK_MINIMUM

    async def vivo(self, request: Request) -> Response:
        """GET /salud/vivo"""
        return json_response({"estado": "vivo"})

    async def listo(self, request: Request) -> Response:
        """GET /salud/listo: 200 when acuses can be given, 503 and the reason when not."""
        parts = self.parts()
        well = ready(parts)
        return json_response({"estado": "listo" if well else "no_listo", "partes": parts}, 200 if well else 503)

    async def show(self, request: Request) -> Response:
        """GET /salud: the same for people, with the same status."""
        parts = self.parts()
        well = ready(parts)
        rows = [
            Parte(NAMES.get(name, name), part["estado"] == "bien", str(part["texto"]), bool(part["detiene"]))
            for name, part in parts.items()
        ]
        return shown(request, "public/salud.html", SaludContext(well, rows, self.clock()), 200 if well else 503)

    def parts(self) -> dict[str, Part]:
        """Each part with `estado` (bien, mal), `texto` for the administrator, and whether it stops acuses."""
        vigia = Vigia(self.datos, self.writer, self.second_copy, self.replica, self.disk_minimum)
        return vigia.parts(self.reader)

    async def metrics(self, request: Request) -> Response:
        """GET /metrics, in Prometheus' text format."""
        metrics.DISK_FREE.set(shutil.disk_usage(self.datos).free)
        metrics.WRITER_WAITING.set(self.writer.waiting)
        waiting = tablero.jobs_waiting(self.reader)
        for etapa in tablero.ETAPAS:
            metrics.JOBS_WAITING.labels(etapa).set(waiting[etapa].cuantos if etapa in waiting else 0)
        metrics.QUARANTINE.set(trabajos.count_quarantined(self.reader))
        if self.second_copy is not None:
            estado = self.second_copy.estado()
            metrics.SECOND_COPY_PENDING.set(estado.pendientes)
            metrics.SECOND_COPY_UP.set(estado.bien)
            if estado.confirmado_ms is not None:
                metrics.SECOND_COPY_AGE.set(max(0, self.clock() - estado.confirmado_ms) / 1000)
        if self.replica is not None:
            replica = self.replica.estado
            metrics.REPLICA_UP.set(replica.activa)
            if replica.sincronizada_ms is not None:
                metrics.REPLICA_LAG.set(max(0, self.replica.clock() - replica.sincronizada_ms) / 1000)
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)
