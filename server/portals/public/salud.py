"""Health: `/salud/vivo` (the process answers), `/salud/listo` (it can take sobres and give acuses), `/metrics`.

`/salud` is the same as a page for people. None of them needs an account, so none says where things are.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response

from server import metrics
from server.clock import Clock, hora_del_centro, iso_utc
from server.diario.second_copy import Estado, SecondCopy
from server.http import json_response
from server.portals.rendering import page
from server.replica.supervisor import Replica
from server.store import correos
from server.store.connection import Connection, IndexFailure
from server.store.writer import Writer

DISK_MINIMUM = 512 * 1024 * 1024
"""Below this much free space the page says so, long before the disk is full."""
BACKLOG = 1_000
CATCHING_UP = 50


_NAMES = {
    "escritor": "Almacén",
    "indice": "Base de datos",
    "disco": "Disco",
    "cola": "Cola",
    "correo": "Correo",
    "segunda_copia": "Segunda copia",
    "replica": "Réplica del índice",
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
        ready = _ready(parts)
        return json_response({"estado": "listo" if ready else "no_listo", "partes": parts}, 200 if ready else 503)

    async def show(self, request: Request) -> Response:
        """GET /salud: the same for people, with the same status."""
        parts = self.parts()
        ready = _ready(parts)
        rows = [
            Parte(_NAMES.get(name, name), part["estado"] == "bien", str(part["texto"]), bool(part["detiene"]))
            for name, part in parts.items()
        ]
        return page("public/salud.html", SaludContext(ready, rows, self.clock()), 200 if ready else 503)

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
            parts["segunda_copia"] = _second_copy(self.second_copy.estado())
        parts["replica"] = self._replica()
        return parts

    def _replica(self) -> dict[str, object]:
        """The index's replica stops no acuse: they rest on the diario."""
        if self.replica is None:
            return _part(True, "No configurada: el catálogo y la bitácora están en un solo disco.", "")
        estado = self.replica.estado
        until = "nada aún" if estado.sincronizada_ms is None else hora_del_centro(estado.sincronizada_ms)
        part = _part(
            estado.activa,
            f"Al día: tiene todo hasta {until} (hora del centro).",
            f"Detenida: {estado.motivo}. Lo último que tiene: {until}. No detiene los acuses.",
        )
        return {**part, "hasta_ms": estado.sincronizada_ms}

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


def _ready(parts: Mapping[str, Mapping[str, object]]) -> bool:
    return all(part["estado"] == "bien" for part in parts.values() if part["detiene"])


def _second_copy(estado: Estado) -> dict[str, object]:
    """State, since when, how many lotes behind, and why, in words and as values."""
    behind = f"{estado.pendientes} lote{'' if estado.pendientes == 1 else 's'} por copiar."
    since = hora_del_centro(estado.desde_ms)
    part = _part(
        estado.motivo is None,
        f"Al día; {behind}" if estado.pendientes < CATCHING_UP else f"Se pone al día; {behind}",
        f"No se dan acuses desde el {since}. {estado.motivo.texto if estado.motivo else ''} {behind}",
        stops=True,
    )
    if estado.nota:
        part["texto"] = f"{part['texto']} {estado.nota}"
    if estado.hallazgos:
        part["texto"] = f"{part['texto']} {estado.hallazgos} lotes no coincidían desde el inicio: vea la bitácora."
    return part | {
        "clase": estado.clase,
        "motivo": estado.motivo.value if estado.motivo else None,
        "desde": iso_utc(estado.desde_ms),
        "pendientes": estado.pendientes,
        "confirmado": estado.confirmado,
        "hallazgos": estado.hallazgos,
    }


def _part(good: bool, well: str, badly: str, *, stops: bool = False) -> dict[str, object]:
    return {"estado": "bien" if good else "mal", "texto": well if good else badly, "detiene": stops}
