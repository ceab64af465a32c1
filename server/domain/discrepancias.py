"""Where the data of one person disagree with each other (rows B2, C2; P13.7 n).

Flags for whoever registers, never refusals: compound names, corrected acts, naturalised and trans people disagree
legitimately, so a person looks and decides.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from server.domain import entidades
from server.domain.clave_elector import ClaveElector
from server.domain.cpv import Ocr
from server.domain.curp import Curp


@dataclass(frozen=True, slots=True)
class Discrepancia:
    """One flag: a stable code, a sentence, and the form's fields it speaks of."""

    codigo: str
    texto: str
    campos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Datos:
    """What is known of one person; what is missing is not compared. `seccion`: four digits. `entidad`: of residence."""

    nombre: str = ""
    apellido_paterno: str = ""
    apellido_materno: str = ""
    nacimiento: date | None = None
    clave: ClaveElector | None = None
    curp: Curp | None = None
    ocr: Ocr | None = None
    seccion: str = ""
    entidad: str = ""
    entidad_periodo: str = ""


def revisar(datos: Datos) -> tuple[Discrepancia, ...]:
    """Every disagreement, in a fixed order."""
    found: list[Discrepancia] = []
    if datos.clave is not None:
        found += _clave_with_name(datos.clave, datos)
        if datos.nacimiento is not None and not datos.clave.born_on(datos.nacimiento):
            found.append(
                Discrepancia(
                    "clave_nacimiento",
                    f"La clave de elector dice {_spoken(datos.clave.nacimiento)} (año, mes, día) y la fecha de "
                    f"nacimiento escrita es {datos.nacimiento:%d/%m/%Y}.",
                    ("clave_elector", "fecha_nacimiento"),
                )
            )
    if datos.clave is not None and datos.curp is not None:
        found += _clave_with_curp(datos.clave, datos.curp)
    if datos.curp is not None and datos.nacimiento is not None and datos.curp.nacimiento != datos.nacimiento:
        found.append(
            Discrepancia(
                "curp_nacimiento",
                f"La CURP dice {datos.curp.nacimiento:%d/%m/%Y} y la fecha de nacimiento escrita es "
                f"{datos.nacimiento:%d/%m/%Y}.",
                ("curp", "fecha_nacimiento"),
            )
        )
    if datos.ocr is not None and datos.seccion and datos.ocr.seccion != datos.seccion:
        found.append(
            Discrepancia(
                "ocr_seccion",
                f"El OCR empieza con la sección {datos.ocr.seccion} y la sección escrita es {datos.seccion}.",
                ("ocr", "seccion"),
            )
        )
    if datos.entidad and datos.entidad_periodo and datos.entidad != datos.entidad_periodo:
        found.append(
            Discrepancia(
                "entidad_periodo",
                f"La credencial es de {entidades.nombre(datos.entidad)} y el periodo es de "
                f"{entidades.nombre(datos.entidad_periodo)}.",
                ("entidad", "periodo"),
            )
        )
    return tuple(found)


def _clave_with_curp(clave: ClaveElector, curp: Curp) -> list[Discrepancia]:
    fields = ("clave_elector", "curp")
    found: list[Discrepancia] = []
    if (clave.iniciales, clave.consonantes) != (curp.iniciales, curp.consonantes):
        found.append(
            Discrepancia(
                "clave_curp_letras", "Las letras del nombre en la clave de elector y en la CURP difieren.", fields
            )
        )
    if not clave.born_on(curp.nacimiento):
        found.append(
            Discrepancia(
                "clave_curp_nacimiento",
                f"La clave de elector dice {_spoken(clave.nacimiento)} (año, mes, día) y la CURP "
                f"{_spoken(f'{curp.nacimiento:%y%m%d}')}.",
                fields,
            )
        )
    if clave.sexo != curp.sexo:
        found.append(
            Discrepancia(
                "clave_curp_sexo", f"La clave de elector dice sexo {clave.sexo} y la CURP {curp.sexo}.", fields
            )
        )
    born_abroad = clave.entidad in entidades.DEL_EXTRANJERO
    if (not curp.entidad) != born_abroad or (curp.entidad and curp.entidad != clave.entidad):
        abroad = entidades.nombre("88")
        found.append(
            Discrepancia(
                "clave_curp_entidad",
                f"Entidad de nacimiento: la clave de elector dice {entidades.nombre(clave.entidad)} y la CURP "
                f"{entidades.nombre(curp.entidad) or abroad}.",
                fields,
            )
        )
    return found


def _clave_with_name(clave: ClaveElector, datos: Datos) -> list[Discrepancia]:
    """The three initials against the names: any word of a name may give it (particles, MARÍA and JOSÉ give way)."""
    names = (
        ("apellido_paterno", "el apellido paterno", datos.apellido_paterno),
        ("apellido_materno", "el apellido materno", datos.apellido_materno),
        ("nombre", "el nombre", datos.nombre),
    )
    if not any(name for _, _, name in names):
        return []
    wrong = [
        (field, said)
        for letter, (field, said, name) in zip(clave.iniciales, names, strict=True)
        if letter not in _initials(name)
    ]
    if not wrong:
        return []
    which = " y ".join(said for _, said in wrong) if len(wrong) < 3 else "los apellidos y el nombre"
    return [
        Discrepancia(
            "clave_nombre",
            f"Las letras de la clave de elector no corresponden con {which}. Revise también si los apellidos están "
            "en su lugar.",
            ("clave_elector", *(field for field, _ in wrong)),
        )
    ]


def _initials(name: str) -> set[str]:
    # X stands for a name that is missing, and for a first letter that is not of A to Z; an Ñ may also be there as N.
    words = name.upper().replace("-", " ").replace("'", " ").split()
    letters = {_plain(word[0]) for word in words}
    if not words or any(not "A" <= _plain(word[0]) <= "Z" or word[0] == "Ñ" for word in words):
        letters.add("X")
    return letters


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]


def _spoken(aammdd: str) -> str:
    return f"{aammdd[:2]}-{aammdd[2:4]}-{aammdd[4:]}"
