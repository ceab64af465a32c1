"""The second copy against the diario, lote by lote, whole: a folder here, other places by `deep_compare`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from server import keyring
from server.diario import lote as lotes
from server.diario.comparison import Clase, deep_compare
from server.diario.places.place import SecondPlace, reason
from server.replica.revision.hallazgos import Hallazgos

Comparador = Callable[[Hallazgos, int], None]
"""Compares a second place with the diario up to a lote and adds what it finds: what another kind of place gives."""


def folder_comparer(diario: Path, keys: Path, second: Path, advance: Callable[[], None] = lambda: None) -> Comparador:
    """For a second copy that is a folder. `advance` is called after each lote."""

    def compare(found: Hallazgos, up_to: int) -> None:
        try:
            held = set(lotes.numbers(second)) if second.is_dir() else None
        except OSError:
            held = None
        if held is None:
            found.add("copia_ausente", "segunda copia")
            return
        newest = max((n for n in held if n <= up_to), default=0)
        for numero in range(1, up_to + 1):
            where = f"lote {numero}"
            if numero in held:
                _same(found, diario / lotes.file_name(numero), second / lotes.file_name(numero), where)
            elif numero < newest:
                found.add("copia_faltante", where)
            advance()
        if newest < up_to:
            found.add("copia_atrasada", "segunda copia", f"faltan {up_to - newest} lotes, desde el {newest + 1}")
        _keys(found, keys / keyring.FILE, second / keyring.FILE)

    return compare


def _same(found: Hallazgos, mine: Path, copy: Path, where: str) -> None:
    try:
        if not mine.exists():
            return  # said already: the diario itself lacks it
        if mine.stat().st_size != copy.stat().st_size or _digest(mine) != _digest(copy):
            found.add("copia_distinta", where)
    except OSError as error:
        found.add("copia_distinta", where, f"no se pudo leer: {type(error).__name__}")


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _keys(found: Hallazgos, mine: Path, copy: Path) -> None:
    try:
        if not mine.exists() or copy.read_bytes() != mine.read_bytes():
            found.add("llaves_sin_copia", "segunda copia")
    except OSError:
        found.add("llaves_sin_copia", "segunda copia")


def place_comparer(diario: Path, place: SecondPlace) -> Comparador:
    """For a second copy in SFTP or S3: every byte is brought and compared."""

    def compare(found: Hallazgos, up_to: int) -> None:
        try:
            for one in deep_compare(place, diario):
                if one.numero <= up_to:
                    found.add(_CODES[one.clase], f"lote {one.numero}", one.clase.texto)
        except OSError as error:
            found.add("copia_ausente", "segunda copia", reason(error).texto)
        finally:
            place.close()

    return compare


_CODES = {
    Clase.FALTA: "copia_faltante",
    Clase.DANADA: "copia_distinta",
    Clase.AJENA: "copia_distinta",
    Clase.DE_MAS: "copia_distinta",
    Clase.DIARIO_DANADO: "copia_distinta",
    Clase.VACIA: "copia_faltante",
}
