"""What is compared without asking anybody: the data of a registro with each other, with its codes, with the padrón's.

Pure: (data) -> outcome. Compound names, corrected acts, naturalised and trans people disagree legitimately, so all
of it is told to the mesa and nothing is decided here (rows F1, F2; P13.7 n).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from server.domain import apoyo, clave_elector, cpv, curp, discrepancias
from server.domain.apoyo import Situacion
from server.domain.banderas import Bandera, Codigo
from server.errors import DatoInvalido
from server.expedientes.abrir import CAMPOS, Datos
from server.padron.proveedor import Respuesta
from server.pipeline.outcome import Hallado, hallado
from sync_protocol.registro import Apoyo as Contenido

DE_COMPULSAR = frozenset({Codigo.CURP_CLAVE, Codigo.DATO_INVALIDO, Codigo.PAPEL})
DE_LEER = frozenset(
    {
        Codigo.CODIGOS_NO_LEIDOS, Codigo.CODIGO_DIFIERE, Codigo.CODIGO_SOLO_TELEFONO, Codigo.CODIGO_SOLO_SERVIDOR,
        Codigo.DATO_DIFIERE, Codigo.IMAGEN_ILEGIBLE,
    }
)  # fmt: skip
DEL_PADRON = frozenset({Codigo.NOMBRE_PADRON, Codigo.PADRON_SIN_RESPUESTA})

T = TypeVar("T")


def compulsar(datos: Datos, criterio: str = "") -> Hallado:
    """The forms of the identifiers, and CURP against clave de elector. `criterio`: noted on a cédula of paper."""
    found = [Bandera(Codigo.PAPEL, criterio)] if criterio else []
    clave = _read(clave_elector.parse, datos.clave_elector)
    of_curp = _read(curp.parse, datos.curp)
    read = (clave, of_curp, _read(cpv.parse_cic, datos.cic), _read(cpv.parse_ocr, datos.ocr))
    for campo, value in zip(("clave_elector", "curp", "cic", "ocr"), read, strict=True):
        if getattr(datos, campo) and value is None:
            found.append(Bandera(Codigo.DATO_INVALIDO, campo))
    if clave and of_curp and discrepancias.revisar(discrepancias.Datos(clave=clave, curp=of_curp)):
        found.append(Bandera(Codigo.CURP_CLAVE))
    return hallado(tuple(found))


def contestado(datos: Datos, respuesta: Respuesta) -> Hallado:
    """What the mesa is told of the padrón's answer."""
    if respuesta.situacion is Situacion.SIN_RESPUESTA:
        return hallado((Bandera(Codigo.PADRON_SIN_RESPUESTA),))
    theirs = _plain(respuesta.nombre, respuesta.apellido_paterno, respuesta.apellido_materno)
    ours = _plain(datos.nombre, datos.apellido_paterno, datos.apellido_materno)
    differ = bool(theirs and ours) and theirs != ours
    return hallado((Bandera(Codigo.NOMBRE_PADRON),) if differ else ())


def con_correcciones(contenido: Contenido, datos: Datos) -> Contenido:
    """What the phone sealed, with the data that hold now, for comparing it with the codes."""
    held = {campo: getattr(datos, campo) for campo in CAMPOS}
    for campo in ("clave_elector", "curp", "cic", "ocr"):
        held[campo] = held[campo] or None
    return msgspec.structs.replace(contenido, **held)


def _read(parse: Callable[[str], T], text: str) -> T | None:
    try:
        return parse(text) if text else None
    except DatoInvalido:
        return None


def _plain(*names: str) -> str:
    # Hyphens, full stops and apostrophes are written by some and left out by others.
    text = "".join(sign if sign.isalnum() else " " for sign in apoyo.para_buscar(*names))
    return " ".join(text.split())
