"""The padrón as a copy on this box: the version in force, which anyone may replace between two questions (row F2)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from server import metrics
from server.domain.apoyo import MotivoBaja, Situacion
from server.domain.clave_elector import compact
from server.padron.proveedor import SILENCIO, Pregunta, Respuesta
from server.store import padron
from server.store.connection import IndexFailure, open_reader
from server.store.padron import PadronAusente, Persona, Version


class LocalPadron:
    """Asks the version in force at that moment; all answers of one call are of one version. `indice`: who names it."""

    def __init__(self, indice: Path) -> None:
        self._indice = indice

    async def preguntar(self, personas: Sequence[Pregunta]) -> list[Respuesta]:
        """An answer to each, in order. No version, or a version whose file is not there, is SILENCIO."""
        asked = list(personas)
        found = await asyncio.to_thread(self._ask, asked) if asked else []
        silent = sum(one.situacion is Situacion.SIN_RESPUESTA for one in found)
        metrics.PADRON.labels("respuesta").inc(len(found) - silent)
        metrics.PADRON.labels("sin_version").inc(silent)
        return found

    async def cerrar(self) -> None:
        """Nothing is held open between two questions."""

    def _ask(self, personas: list[Pregunta]) -> list[Respuesta]:
        silence = [SILENCIO] * len(personas)
        try:
            conn = open_reader(self._indice)
            try:
                version = padron.vigente(conn)
            finally:
                conn.close()
            if version is None:
                return silence
            wanted = [(compact(one.clave_elector), compact(one.cic), compact(one.ocr)) for one in personas]
            rows = padron.buscar(self._indice.parent / padron.CARPETA / version.archivo, wanted)
        except (PadronAusente, IndexFailure, OSError):
            return silence
        # Of whom nothing is known nothing can be asked: that is not "not found".
        return [
            _answer(version, row) if any(keys) else SILENCIO for keys, row in zip(wanted, rows, strict=True)
        ]  # fmt: skip


def _answer(version: Version, row: Persona | None) -> Respuesta:
    if row is None:
        return Respuesta(Situacion.NO_ENCONTRADO, version=version.id, corte=version.corte)
    return Respuesta(
        situacion=Situacion(row.situacion),
        motivo=_motive(row.motivo_baja),
        entidad=row.entidad,
        municipio=row.municipio,
        seccion=row.seccion,
        nombre=row.nombre,
        apellido_paterno=row.apellido_paterno,
        apellido_materno=row.apellido_materno,
        version=version.id,
        corte=version.corte,
        por=row.por,
    )


def _motive(text: str) -> MotivoBaja | None:
    """The motive of a baja, however it is spelt; None for one that is none of the eight: a baja it is all the same."""
    try:
        return MotivoBaja(text.lower())
    except ValueError:
        return None
