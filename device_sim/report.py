"""What a fleet came to, as JSON for the demo and for whoever checks it: figures and acuses, no person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from device_sim.events import Counts
from device_sim.fleet import FleetResult, PhoneResult

_FIGURES = (
    "capturados",
    "enviados",
    "acuses",
    "borrados",
    "reanudados",
    "duplicados_evitados",
    "cortes",
    "sesiones",
    "bytes_utiles",
    "bytes_linea",
)


def as_json(result: FleetResult) -> dict[str, Any]:
    """`completo` is true when every sobre is off its phone with an acuse that verifies."""
    phones = [_phone(phone) for phone in result.phones]
    return {
        "completo": result.complete,
        "telefonos": phones,
        "totales": {name: sum(phone[name] for phone in phones) for name in _FIGURES},
        "segundos": result.seconds,
    }


def write(path: Path, result: FleetResult) -> None:
    """Write the JSON file."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(as_json(result)), indent=2) + b"\n")


def _phone(phone: PhoneResult) -> dict[str, Any]:
    counts = phone.synced.counts if phone.synced else Counts()
    stopped = phone.stopped or (phone.synced.stopped if phone.synced else None)
    left = phone.synced.left if phone.synced else ()
    return {
        "nombre": phone.name,
        "solicitud": phone.solicitud,
        "auxiliar": phone.auxiliar,
        "dispositivo": phone.dispositivo,
        "capturados": phone.capturados,
        "enviados": counts.sent,
        "acuses": phone.acuses,
        "borrados": phone.borrados,
        "reanudados": counts.resumed,
        "duplicados_evitados": counts.duplicates_avoided,
        "cortes": counts.cuts,
        "sesiones": counts.sessions,
        "bytes_utiles": counts.payload_bytes,
        "bytes_linea": phone.carried,
        "completo": phone.complete,
        "detenido": {"codigo": stopped.code, "texto": stopped.text} if stopped else None,
        "pendientes": [
            {"folio": str(queued.folio), "estado": str(queued.state), "motivo": queued.reason} for queued in left
        ],
        "registros": phone.ledger,
    }
