"""What any padrón answers, wherever it is (row F2). Its silence is an answer too: SIN_RESPUESTA, to be asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.domain.apoyo import MotivoBaja, Situacion


@dataclass(frozen=True, slots=True)
class Pregunta:
    """Of whom the padrón is asked; what is not known is empty. All as text, with its zeros."""

    clave_elector: str
    curp: str = ""
    cic: str = ""
    ocr: str = ""


@dataclass(frozen=True, slots=True)
class Respuesta:
    """What it said. `motivo`: of a BAJA alone. `entidad`, `municipio`, `seccion`: the person's home, as in the padrón.

    `version`: the row of `padron_versiones` that gave it, None for a service elsewhere; `corte`: its date, aaaa-mm-dd.
    The names are there to be compared with what was captured, and nowhere kept. `por`: by which datum the person was
    found (clave, cic, ocr), "" when that was not said.
    """

    situacion: Situacion
    motivo: MotivoBaja | None = None
    entidad: str = ""
    municipio: str = ""
    seccion: str = ""
    nombre: str = ""
    apellido_paterno: str = ""
    apellido_materno: str = ""
    version: int | None = None
    corte: str = ""
    por: str = ""


SILENCIO = Respuesta(Situacion.SIN_RESPUESTA)


class Proveedor(Protocol):
    """A padrón that can be asked."""

    async def preguntar(self, personas: Sequence[Pregunta]) -> list[Respuesta]:
        """An answer to each, in order. Never raises: who cannot answer answers SILENCIO."""
