"""The read model of the apoyos: what is known of each beside where its sobre lies (rows C5-C7, F2, G2).

A row comes and goes with its registro, by triggers; so do the counters (server.store.conteos). Here is what the
pipeline and the mesa write into it, and how it is compared with the registros.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from server.domain import busqueda
from server.domain.apoyo import Ambito, Clase, Duplicado, MotivoBaja, OrigenApoyo, Resultado, Situacion, Via


@dataclass(frozen=True, slots=True)
class Apoyo:
    """One apoyo. `dia`: of hora del centro (server.domain.dias); `inciso`: of the criteria, or empty.

    `clase` follows from the rest. `entidad`, `municipio`, `seccion`: the person's home. `padron_version`,
    `padron_corte`, `padron_ms`: whose answer `situacion` is, when.
    """

    id: int
    folio: str
    solicitud: int
    auxiliar: int
    dispositivo: int
    recibido_ms: int
    dia: int
    origen: OrigenApoyo
    nombre: str
    apellido_paterno: str
    apellido_materno: str
    situacion: Situacion
    motivo_baja: MotivoBaja | None
    municipio: str
    seccion: str
    resultado: Resultado
    inciso: str
    detalle: str
    via: Via
    duplicado: Duplicado
    ambito: Ambito
    fuera_de_regimen: bool
    padron_version: int | None
    padron_corte: str
    padron_ms: int | None
    clase: Clase
    entidad: str = ""


PAPEL_DESDE = 2**40
"""Ids of apoyos of paper begin here; those by phone have the id of their registro."""


def get(conn: sqlite3.Connection, id_: int) -> Apoyo | None:
    """One apoyo, by the id of its registro."""
    row = conn.execute(
        "SELECT id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, origen, nombre, apellido_paterno, "
        "apellido_materno, situacion, motivo_baja, municipio, seccion, resultado, inciso, detalle, via, duplicado, "
        "ambito, regimen = 'fuera' AS fuera_de_regimen, padron_version, padron_corte, padron_ms, clase, entidad "
        "FROM apoyos WHERE id = ?",
        (id_,),
    ).fetchone()
    if row is None:
        return None
    values = dict(row)
    values["origen"] = OrigenApoyo(values["origen"])
    values["situacion"] = Situacion(values["situacion"])
    values["motivo_baja"] = MotivoBaja(values["motivo_baja"]) if values["motivo_baja"] else None
    values["resultado"] = Resultado(values["resultado"])
    values |= {"via": Via(values["via"]), "duplicado": Duplicado(values["duplicado"])}
    values |= {"ambito": Ambito(values["ambito"]), "clase": Clase(values["clase"])}
    values["fuera_de_regimen"] = bool(values["fuera_de_regimen"])
    return Apoyo(**values)


def set_person(conn: sqlite3.Connection, id_: int, nombre: str, apellido_paterno: str, apellido_materno: str) -> bool:
    """Who gave it, as read from the opened sobre; says whether the apoyo is there.

    `busqueda` is what server.store.consulta looks in.
    """
    cursor = conn.execute(
        "UPDATE apoyos SET nombre = ?, apellido_paterno = ?, apellido_materno = ?, busqueda = ? WHERE id = ?",
        (nombre, apellido_paterno, apellido_materno, busqueda.clave(nombre, apellido_paterno, apellido_materno), id_),
    )
    return cursor.rowcount == 1


def set_situacion(
    conn: sqlite3.Connection,
    id_: int,
    situacion: Situacion,
    *,
    motivo_baja: MotivoBaja | None = None,
    municipio: str = "",
    seccion: str = "",
    entidad: str = "",
    version: int | None = None,
    corte: str = "",
    en_ms: int | None = None,
) -> bool:
    """What the padrón answered, which version of it and when; says whether the apoyo is there.

    A motive belongs to a baja: otherwise ValueError.
    """
    if motivo_baja is not None and situacion is not Situacion.BAJA:
        raise ValueError("un motivo de baja solo va con una baja")
    cursor = conn.execute(
        "UPDATE apoyos SET situacion = ?, motivo_baja = ?, municipio = ?, seccion = ?, padron_version = ?, "
        "padron_corte = ?, padron_ms = ?, entidad = ? WHERE id = ?",
        (situacion, motivo_baja or "", municipio, seccion, version, corte, en_ms, entidad, id_),
    )
    return cursor.rowcount == 1


def set_resultado(
    conn: sqlite3.Connection, id_: int, resultado: Resultado, *, inciso: str = "", detalle: str = ""
) -> bool:
    """What the mesa said; says whether the apoyo is there. Only an inconsistency has an inciso: else ValueError."""
    if (inciso or detalle) and resultado is not Resultado.INCONSISTENTE:
        raise ValueError("un inciso solo va con una inconsistencia")
    cursor = conn.execute(
        "UPDATE apoyos SET resultado = ?, inciso = ?, detalle = ? WHERE id = ?", (resultado, inciso, detalle, id_)
    )
    return cursor.rowcount == 1


def set_duplicado(conn: sqlite3.Connection, id_: int, duplicado: Duplicado) -> bool:
    """Whether another apoyo of the person counts instead; says whether anything changed."""
    cursor = conn.execute("UPDATE apoyos SET duplicado = ?1 WHERE id = ?2 AND duplicado <> ?1", (duplicado.value, id_))
    return cursor.rowcount == 1


def set_ambito(conn: sqlite3.Connection, id_: int, ambito: Ambito, *, fuera_de_regimen: bool = False) -> bool:
    """The person's home against the periodo's territory, and against the régimen de excepción; says if all changed."""
    regimen = "fuera" if fuera_de_regimen else ""
    cursor = conn.execute(
        "UPDATE apoyos SET ambito = ?1, regimen = ?2 WHERE id = ?3 AND (ambito <> ?1 OR regimen <> ?2)",
        (ambito.value, regimen, id_),
    )
    return cursor.rowcount == 1


@dataclass(frozen=True, slots=True)
class Descuadre:
    """An apoyo that does not stand beside its registro or its cédula. `columnas`: what differs; none when one of them
    is missing."""

    folio: str
    falta: bool
    sobra: bool
    columnas: tuple[str, ...]


_DERIVED = {
    "folio": "r.folio",
    "solicitud": "r.solicitud",
    "auxiliar": "r.auxiliar",
    "dispositivo": "r.dispositivo",
    "recibido_ms": "r.recibido_ms",
    "dia": "(r.recibido_ms - 21600000) / 86400000",
    "marcas": "r.marcas",
}
"""Columns that follow from the registro and never change. `origen` may be changed by whoever resolves it."""


def differences(conn: sqlite3.Connection) -> Iterator[Descuadre]:
    """Where apoyos and registros of that tipo, or cédulas of paper, do not correspond; one moment of the index."""
    compared = ", ".join(f"a.{name} IS NOT {expression} AS {name}_" for name, expression in _DERIVED.items())
    differ = " OR ".join(f"a.{name} IS NOT {expression}" for name, expression in _DERIVED.items())
    none = ", ".join("0" for _ in _DERIVED)
    rows = conn.execute(
        f"SELECT r.folio AS nombre, a.id IS NULL AS falta, 0 AS sobra, {compared} FROM registros r "  # noqa: S608
        f"LEFT JOIN apoyos a ON a.id = r.id WHERE r.tipo = 'apoyo' AND ({differ}) "
        f"UNION ALL SELECT a.folio, 0, 1, {none} FROM apoyos a "
        "WHERE a.via = 'app' AND NOT EXISTS (SELECT 1 FROM registros r WHERE r.id = a.id AND r.tipo = 'apoyo') "
        f"UNION ALL SELECT a.folio, 0, 1, {none} FROM apoyos a INDEXED BY apoyos_papel "
        "WHERE a.via = 'papel' AND NOT EXISTS (SELECT 1 FROM cedulas_papel c WHERE c.apoyo_id = a.id) "
        f"UNION ALL SELECT 'cédula ' || c.id, 1, 0, {none} FROM cedulas_papel c WHERE c.apoyo_id IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM apoyos a WHERE a.id = c.apoyo_id AND a.via = 'papel')"
    )
    for row in rows:
        missing = bool(row["falta"])
        columns = () if missing else tuple(name for name in _DERIVED if row[f"{name}_"])
        yield Descuadre(row["nombre"], missing, bool(row["sobra"]), columns)
