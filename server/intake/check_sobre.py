"""Conditions 1 to 3 of the promise, on the bytes of one sobre (SPEC §1, §3.5). Pure: runs on any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sync_protocol import registro as registros
from sync_protocol import sealing, sobre
from sync_protocol.errors import RemoteProtocolError
from sync_protocol.sealing import OpeningKey
from sync_protocol.signing import PublicKey
from sync_protocol.sobre import Cabecera


@dataclass(frozen=True, slots=True)
class Expected:
    """What was announced, and by whom. `llaves`: the device's public keys, newest first; `codigo`: 32 bytes."""

    solicitud: int
    auxiliar: int
    dispositivo: int
    registro: int
    codigo: bytes
    tam: int
    llaves: tuple[PublicKey, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A sobre that fulfils conditions 1 to 3."""

    cabecera: Cabecera
    raw: bytes | memoryview
    codigo: bytes
    capturado_ms: int
    desfase_ms: int | None


def check(raw: bytes | memoryview, expected: Expected, aperturas: Mapping[bytes, OpeningKey]) -> Checked:
    """Check the bytes in SPEC's order. Raises RemoteProtocolError with the code of the first thing that fails.

    Integrity comes first: bytes that were damaged on the way must be sent again, not refused for good.
    """
    codigo, signed = sobre.digests(raw)
    if len(raw) != expected.tam or codigo != expected.codigo:
        raise RemoteProtocolError("integridad_distinta")
    parsed = sobre.parse(raw)
    folio = parsed.cabecera.folio
    owner = (folio.solicitud, folio.auxiliar, folio.dispositivo, folio.registro)
    if owner != (expected.solicitud, expected.auxiliar, expected.dispositivo, expected.registro):
        raise RemoteProtocolError("cabecera_ajena")
    key = aperturas.get(parsed.cabecera.key_id)
    if key is None:
        raise RemoteProtocolError("llave_desconocida")
    if not any(llave.verify_low_s_digest(signed, parsed.signature) for llave in expected.llaves):
        raise RemoteProtocolError("firma_invalida")
    record = registros.decode(sealing.open_sobre(parsed, key), tipo=parsed.cabecera.tipo, folio=folio)
    return Checked(parsed.cabecera, raw, codigo, record.capturado_ms, record.desfase_ms)
