"""How each part of the server is, judged once for everyone: the health endpoints and the administrator's page (row X1).

Holds nothing of its own, so it may be made for each look.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from server.clock import hora_del_centro, iso_utc
from server.diario.second_copy import Estado, SecondCopy
from server.domain.auxiliar import fecha_larga
from server.replica.supervisor import Replica
from server.store import correos, padron
from server.store.connection import Connection, IndexFailure
from server.store.writer import Writer

DISK_MINIMUM = 512 * 1024 * 1024
"""Below this much free space the page says so, long before the disk is full."""
BACKLOG = 1_000
CATCHING_UP = 50

Part = dict[str, object]
"""`estado` (bien, mal), `texto` for the administrator, `detiene`: whether it stops acuses; some parts say more."""


@dataclass(frozen=True, slots=True)
class Vigia:
    """Looks at every part."""

    datos: Path
    writer: Writer
    second_copy: SecondCopy | None
    replica: Replica | None
    disk_minimum: int = DISK_MINIMUM

    def parts(self, reader: Connection) -> dict[str, Part]:
        """Each part by its code, in the order in which they are told."""
        free = shutil.disk_usage(self.datos).free
        waiting = self.writer.waiting
        answers = _index_answers(reader)
        mail = correos.counts(reader) if answers else {}
        return {
            "escritor": _part(self.writer.failure is None, "Guarda.", "El almacén debe reiniciarse.", stops=True),
            "indice": _part(answers, "Responde.", "La base de datos no responde.", stops=True),
            "disco": _part(free >= self.disk_minimum, f"{free >> 20} MB libres.", f"Solo quedan {free >> 20} MB."),
            "cola": _part(waiting < BACKLOG, f"{waiting} en espera.", f"{waiting} operaciones en espera."),
            "correo": _part(
                not mail.get("fallido"),
                f"{mail.get('pendiente', 0)} por enviar.",
                f"{mail.get('fallido', 0)} correos no se pudieron enviar.",
            ),
            "segunda_copia": _second_copy(self.second_copy.estado()) if self.second_copy is not None else _part(
                True, "No configurada: los acuses descansan en un solo disco.", ""
            ),
            "replica": self._replica(),
            "padron": _padron(reader) if answers else _part(True, "No se sabe.", ""),
        }  # fmt: skip

    def _replica(self) -> Part:
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


def _padron(reader: Connection) -> Part:
    """The copy of the padrón stops no acuse: without it apoyos wait for their situación."""
    version = padron.vigente(reader)
    if version is None:
        return _part(True, "No hay una copia en este equipo.", "")
    return _part(
        not padron.missing(reader, version),
        f"Corte {fecha_larga(version.corte)}.",
        "Falta el archivo de la versión vigente: los apoyos quedan «Sin respuesta».",
    )


def ready(parts: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether acuses can be given."""
    return all(part["estado"] == "bien" for part in parts.values() if part["detiene"])


def _index_answers(reader: Connection) -> bool:
    try:
        reader.execute("SELECT 1 FROM lotes LIMIT 1").fetchone()
    except IndexFailure:
        return False
    return True


def _second_copy(estado: Estado) -> Part:
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


def _part(good: bool, well: str, badly: str, *, stops: bool = False) -> Part:
    return {"estado": "bien" if good else "mal", "texto": well if good else badly, "detiene": stops}
