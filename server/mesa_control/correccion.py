"""Clarifying data that were misread (row G1, P13.1): the old value is kept, and the checks are done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Final

from server import bitacora
from server.bitacora import Evento
from server.domain import clave_elector, cpv, curp
from server.errors import AppError, DatoInvalido
from server.expedientes.abrir import CAMPOS, Abridor, correccion
from server.store import apoyos, correcciones, trabajos
from server.store.writer import Tx

MAX_NOMBRE: Final = 100
NOMBRES: Final = ("nombre", "apellido_paterno", "apellido_materno")


class CorreccionInvalida(DatoInvalido):
    """Some of the data cannot be taken; code and text are the first's. `errores`: by campo."""

    def __init__(self, errores: Mapping[str, DatoInvalido]) -> None:
        first = next(iter(errores.values()))
        super().__init__(first.codigo, first.texto)
        self.errores = dict(errores)


def leer(cambios: Mapping[str, str]) -> dict[str, str]:
    """Data as they are kept: names in capitals, identifiers without spaces. Raises CorreccionInvalida.

    An identifier or a surname may be emptied (what nobody can read was not read); a nombre may not.
    """
    read: dict[str, str] = {}
    wrong: dict[str, DatoInvalido] = {}
    for campo, value in cambios.items():
        try:
            if campo not in CAMPOS:
                raise DatoInvalido("campo_ajeno", "Ese dato no se puede corregir.")
            read[campo] = _READERS.get(campo, _name)(value) if value.strip() else ""
            if campo == "nombre" and not read[campo]:
                raise DatoInvalido("falta_nombre", "Escriba el nombre como está en la credencial.")
        except DatoInvalido as error:
            wrong[campo] = error
    if wrong:
        raise CorreccionInvalida(wrong)
    return read


def corregir(tx: Tx, abridor: Abridor, apoyo_id: int, cambios: Mapping[str, str], cuenta: int) -> tuple[str, ...]:
    """Make data right; the campos that changed. Values are wrapped before they are kept, the old beside the new.

    The pipeline compares, asks the padrón and looks for duplicates again. Raises CorreccionInvalida, AppError
    no_encontrado, NoAbre when the expediente does not open.
    """
    read = leer(cambios)
    apoyo = apoyos.get(tx.conn, apoyo_id)
    if apoyo is None:
        raise AppError("no_encontrado")
    now = asdict(abridor.abrir(tx.conn, apoyo_id).datos)
    changed = tuple(campo for campo in CAMPOS if campo in read and read[campo] != now[campo])
    purpose = correccion(apoyo_id)
    for campo in changed:
        before, after = (abridor.keyring.wrap(purpose, value.encode()) for value in (now[campo], read[campo]))
        correcciones.add(tx.conn, apoyo_id, campo, before, after, cuenta, tx.now_ms)
    if not changed:
        return ()
    if set(changed) & set(NOMBRES):
        apoyos.set_person(tx.conn, apoyo_id, *(read.get(campo, now[campo]) for campo in NOMBRES))
    trabajos.compare_again(tx.conn, apoyo_id)
    bitacora.record(
        tx.conn, tx.now_ms, Evento.CORRECCION, actor=f"cuenta:{cuenta}", objeto=f"apoyo:{apoyo_id}", campos=changed
    )
    return changed


def _name(value: str) -> str:
    clean = " ".join(value.split()).upper()
    if not clean.isprintable() or not all(sign.isalpha() or sign in " .'-’" for sign in clean):
        raise DatoInvalido("nombre_forma", "Un nombre lleva letras, espacios, puntos, guiones y apóstrofos.")
    if len(clean) > MAX_NOMBRE:
        raise DatoInvalido("texto_largo", f"Escriba {MAX_NOMBRE} caracteres o menos.")
    return clean


_READERS: Final[dict[str, Callable[[str], str]]] = {
    "clave_elector": lambda value: str(clave_elector.parse(value)),
    "curp": lambda value: str(curp.parse(value)),
    "cic": lambda value: str(cpv.parse_cic(value)),
    "ocr": lambda value: str(cpv.parse_ocr(value)),
}
