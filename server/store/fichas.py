"""One apoyo with all that is known of it, and what is counted of the inconsistent ones (rows C5, C7, B6)."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields

from server.domain.folio_papel import FolioPapel
from server.store.consulta import COLUMNS, Renglon, from_row
from sync_protocol.folio import Folio


@dataclass(frozen=True, slots=True)
class Ficha:
    """All that is known of one apoyo, but for its images. `codigo`: 32 bytes. `acuse`: signed.

    `lote` decides whether the acuse may be given (Reception.give). `auxiliar_baja_ms`, `dispositivo_baja_ms`: None
    while they are active.
    """

    renglon: Renglon
    registro: int
    proceso: str
    aspirante: str
    auxiliar_nombre: str
    auxiliar_baja_ms: int | None
    dispositivo_modelo: str
    dispositivo_baja_ms: int | None
    municipio: str
    seccion: str
    codigo: bytes
    tam: int
    lote: int
    acuse: str


def ficha(conn: sqlite3.Connection, folio: Folio, solicitud: int | None) -> Ficha | None:
    """The apoyo of a folio; None when there is none, or it is not of the only `solicitud` that may be seen."""
    if solicitud is not None and folio.solicitud != solicitud:
        return None
    row = conn.execute(
        f"SELECT {COLUMNS}, a.municipio, a.seccion, r.registro, r.codigo, r.tam, r.lote, r.acuse, "  # noqa: S608
        "coalesce(p.tipo, '') AS proceso, "
        "trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno) AS aspirante, "
        "coalesce(trim(u.nombre || ' ' || u.apellido_paterno || ' ' || u.apellido_materno), '') AS auxiliar_nombre, "
        "u.baja_ms AS auxiliar_baja_ms, coalesce(d.modelo, '') AS dispositivo_modelo, d.baja_ms AS dispositivo_baja_ms "
        "FROM registros r JOIN apoyos a ON a.id = r.id LEFT JOIN aspirantes x ON x.id = r.solicitud "
        "LEFT JOIN periodos o ON o.id = x.periodo_id LEFT JOIN procesos p ON p.id = o.proceso_id "
        "LEFT JOIN auxiliares u ON u.id = r.auxiliar LEFT JOIN dispositivos d ON d.id = r.dispositivo "
        "WHERE r.folio = :folio AND (:solicitud IS NULL OR r.solicitud = :solicitud)",
        {"folio": str(folio), "solicitud": solicitud},
    ).fetchone()
    if row is None:
        return None
    names = [field.name for field in fields(Renglon)]
    rest = {name: row[name] for name in row.keys() if name not in names}  # noqa: SIM118 - a Row is no mapping
    return Ficha(from_row({name: row[name] for name in names}), **rest)


@dataclass(frozen=True, slots=True)
class FichaPapel:
    """All that is known of one apoyo of paper but what was typed. `criterio`: noted when it was; a key of CRITERIOS."""

    renglon: Renglon
    proceso: str
    aspirante: str
    municipio: str
    seccion: str
    paquete: str
    numero: int
    criterio: str
    comentario: str


def ficha_papel(conn: sqlite3.Connection, folio: FolioPapel, solicitud: int | None) -> FichaPapel | None:
    """The same of an apoyo that was typed from paper."""
    if solicitud is not None and folio.solicitud != solicitud:
        return None
    row = conn.execute(
        f"SELECT {COLUMNS}, a.municipio, a.seccion, coalesce(p.tipo, '') AS proceso, "  # noqa: S608
        "trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno) AS aspirante, "
        "q.folio AS paquete, c.numero, c.criterio, c.comentario "
        "FROM paquetes q JOIN cedulas_papel c ON c.paquete_id = q.id AND c.numero = :numero - q.antes "
        "JOIN apoyos a ON a.id = c.apoyo_id JOIN aspirantes x ON x.id = a.solicitud "
        "LEFT JOIN periodos o ON o.id = x.periodo_id LEFT JOIN procesos p ON p.id = o.proceso_id "
        "WHERE q.solicitud = :solicitud AND a.folio = :folio",
        {"folio": str(folio), "numero": folio.numero, "solicitud": folio.solicitud},
    ).fetchone()
    if row is None:
        return None
    names = [field.name for field in fields(Renglon)]
    rest = {name: row[name] for name in row.keys() if name not in names}  # noqa: SIM118 - a Row is no mapping
    return FichaPapel(from_row({name: row[name] for name in names}), **rest)


def procesos(conn: sqlite3.Connection) -> dict[int, str]:
    """The type of proceso of every folio de solicitud."""
    rows = conn.execute(
        "SELECT x.id, p.tipo FROM aspirantes x JOIN periodos o ON o.id = x.periodo_id "
        "JOIN procesos p ON p.id = o.proceso_id"
    )
    return {row["id"]: row["tipo"] for row in rows}


def por_inciso(conn: sqlite3.Connection, solicitud: int) -> dict[str, int]:
    """How many apoyos of an aspirante the mesa found inconsistent, by inciso; read from an index of those alone."""
    rows = conn.execute(
        "SELECT inciso, count(*) AS n FROM apoyos INDEXED BY apoyos_inciso "
        "WHERE solicitud = ? AND inciso <> '' GROUP BY inciso",
        (solicitud,),
    )
    return {row["inciso"]: row["n"] for row in rows}
