"""What the reportes de avance read beside the counters: who the aspirante is, what is asked of them, and the figures
of each auxiliar (rows B6, C6). Nothing here reads an apoyo: only counters and the catalogue.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.domain.apoyo import Clase, Cuenta
from server.store.conteos import FIGURE_SUMS, FIGURES, OR_ZERO, SUMS, cuenta


@dataclass(frozen=True, slots=True)
class Solicitud:
    """An aspirante as the heading of a report. Without a periodo (its data still to be restored) the rest is empty."""

    folio: int
    nombre: str
    estatus: str
    periodo_id: int | None
    periodo: str
    proceso: str
    inicia_ms: int | None
    termina_ms: int | None


@dataclass(frozen=True, slots=True)
class Periodo:
    """A periodo in the list from which one is chosen."""

    id: int
    nombre: str
    proceso: str
    inicia_ms: int
    termina_ms: int
    activo: bool
    aspirantes: int


def solicitud(conn: sqlite3.Connection, folio: int) -> Solicitud | None:
    """One aspirante with what their periodo asks."""
    row = conn.execute(
        "SELECT s.id AS folio, trim(s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno) AS nombre, "
        "s.estatus, o.id AS periodo_id, coalesce(o.nombre, '') AS periodo, coalesce(p.nombre, '') AS proceso, "
        "o.inicia_ms, o.termina_ms FROM aspirantes s LEFT JOIN periodos o ON o.id = s.periodo_id "
        "LEFT JOIN procesos p ON p.id = o.proceso_id WHERE s.id = ?",
        (folio,),
    ).fetchone()
    return Solicitud(**dict(row)) if row else None


def periodos(conn: sqlite3.Connection) -> list[Periodo]:
    """Every periodo, the newest first."""
    rows = conn.execute(
        "SELECT o.id, o.nombre, p.nombre AS proceso, o.inicia_ms, o.termina_ms, o.estatus = 'activo' AS activo, "
        "(SELECT count(*) FROM aspirantes s WHERE s.periodo_id = o.id) AS aspirantes "
        "FROM periodos o JOIN procesos p ON p.id = o.proceso_id ORDER BY o.inicia_ms DESC, o.id DESC"
    )
    return [Periodo(**{**dict(row), "activo": bool(row["activo"])}) for row in rows]


# -- all the aspirantes of a periodo ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilaAspirante:
    """An aspirante's line in the report for all."""

    folio: int
    nombre: str
    estatus: str
    cuenta: Cuenta


class OrdenAspirantes(StrEnum):
    """By what the report for all is sorted."""

    NOMBRE = "nombre"
    FOLIO = "folio"
    RECIBIDOS = "recibidos"
    CUENTAN = "cuentan"
    ESPERA = "espera"
    NO_CUENTAN = "no_cuentan"


_PLAIN = "upper({})"
for _accented, _letter in zip("ÁÉÍÓÚÜÑáéíóúüñ", "AEIOUUNAEIOUUN", strict=True):
    _PLAIN = f"replace({_PLAIN}, '{_accented}', '{_letter}')"


def _by_name(alias: str) -> str:
    """Surnames first, in the order of a Spanish list as near as may be: accents aside."""
    return _PLAIN.format(f"{alias}.apellido_paterno || ' ' || {alias}.apellido_materno || ' ' || {alias}.nombre")


_ASPIRANTES = {
    OrdenAspirantes.NOMBRE: _by_name("s"),
    OrdenAspirantes.FOLIO: "s.id",
    OrdenAspirantes.RECIBIDOS: "recibidos",
    OrdenAspirantes.CUENTAN: "cuentan",
    OrdenAspirantes.ESPERA: "en_espera",
    OrdenAspirantes.NO_CUENTAN: "recibidos - cuentan - en_espera",
}


def aspirantes(
    conn: sqlite3.Connection, periodo_id: int, orden: OrdenAspirantes, *, descendente: bool, limite: int, salto: int
) -> list[FilaAspirante]:
    """A page of the aspirantes of a periodo with their figures; those that were withdrawn too."""
    way = "DESC" if descendente else "ASC"
    rows = conn.execute(
        "WITH e AS (SELECT id FROM aspirantes WHERE periodo_id = :periodo), "  # noqa: S608
        f"c AS (SELECT solicitud, {SUMS} FROM conteos_totales WHERE solicitud IN e GROUP BY solicitud) "
        "SELECT s.id AS folio, trim(s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno) AS nombre, "
        f"s.estatus, {OR_ZERO} "
        "FROM aspirantes s LEFT JOIN c ON c.solicitud = s.id "
        f"WHERE s.periodo_id = :periodo ORDER BY {_ASPIRANTES[orden]} {way}, s.id LIMIT :limite OFFSET :salto",
        {"periodo": periodo_id, "limite": limite, "salto": salto},
    )
    return [FilaAspirante(row["folio"], row["nombre"], row["estatus"], cuenta(row)) for row in rows]


def por_unidad(conn: sqlite3.Connection, folios: Sequence[int], unidad: str) -> Iterator[tuple[int, str, int]]:
    """(folio, municipio or sección, how many count there) of these aspirantes, by folio."""
    assert unidad in ("municipio", "seccion")
    marks = ", ".join("?" * len(folios))
    rows = conn.execute(
        f"SELECT solicitud, lugar, cuentan FROM conteos WHERE solicitud IN ({marks}) AND eje = ? AND cuentan > 0",  # noqa: S608
        (*folios, unidad),
    )
    yield from map(tuple, rows)


def clases_de_periodo(conn: sqlite3.Connection, periodo_id: int) -> dict[int, dict[Clase, int]]:
    """By folio, how many apoyos of the aspirantes of a periodo are in each class; those without any are not there."""
    rows = conn.execute(
        "SELECT solicitud, clase, sum(n) AS n FROM conteos_totales "
        "WHERE solicitud IN (SELECT id FROM aspirantes WHERE periodo_id = ?) GROUP BY solicitud, clase",
        (periodo_id,),
    )
    found: dict[int, dict[Clase, int]] = {}
    for row in rows:
        found.setdefault(row["solicitud"], {})[Clase(row["clase"])] = row["n"]
    return found


def total_de_periodo(conn: sqlite3.Connection, periodo_id: int) -> tuple[int, Cuenta]:
    """(how many aspirantes a periodo has, the figures of all of them)."""
    row = conn.execute(
        f"SELECT (SELECT count(*) FROM aspirantes WHERE periodo_id = :periodo) AS cuantos, {SUMS} FROM conteos_totales "  # noqa: S608
        "WHERE solicitud IN (SELECT id FROM aspirantes WHERE periodo_id = :periodo)",
        {"periodo": periodo_id},
    ).fetchone()
    return row["cuantos"], cuenta(row)


# -- the auxiliares of an aspirante -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FilaAuxiliar:
    """An auxiliar's line in the reporte detallado."""

    id: int
    nombre: str
    estatus: str
    cuenta: Cuenta


class OrdenAuxiliares(StrEnum):
    """By what the lines of auxiliares are sorted."""

    NOMBRE = "nombre"
    ID = "id"
    RECIBIDOS = "recibidos"
    CUENTAN = "cuentan"
    ESPERA = "espera"
    NO_CUENTAN = "no_cuentan"


_AUXILIARES = {
    OrdenAuxiliares.NOMBRE: _by_name("x"),
    OrdenAuxiliares.ID: "a.id",
    OrdenAuxiliares.RECIBIDOS: "recibidos",
    OrdenAuxiliares.CUENTAN: "cuentan",
    OrdenAuxiliares.ESPERA: "en_espera",
    OrdenAuxiliares.NO_CUENTAN: "recibidos - cuentan - en_espera",
}


def auxiliares(
    conn: sqlite3.Connection,
    folio: int,
    orden: OrdenAuxiliares,
    *,
    descendente: bool,
    limite: int,
    salto: int,
    dias: tuple[int, int] | None = None,
) -> list[FilaAuxiliar]:
    """A page of the auxiliares of an aspirante, those who brought nothing too. `dias`: only what arrived on these days
    (both included); without it everything.
    """
    way = "DESC" if descendente else "ASC"
    desde, hasta = dias or (0, 0)
    rows = conn.execute(
        f"WITH c AS ({_counters(dias)}), {_EVERYONE} "  # noqa: S608
        "SELECT a.id, iif(a.id = 0, 'Captura manual', "
        "coalesce(trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno), '')) "
        f"AS nombre, iif(a.id = 0, 'activo', coalesce(x.estatus, 'por_restaurar')) AS estatus, {OR_ZERO} "
        "FROM a LEFT JOIN auxiliares x ON x.id = a.id LEFT JOIN c ON c.auxiliar = a.id "
        f"ORDER BY {_AUXILIARES[orden]} {way}, a.id LIMIT :limite OFFSET :salto",
        {"folio": folio, "desde": desde, "hasta": hasta, "limite": limite, "salto": salto},
    )
    return [FilaAuxiliar(row["id"], row["nombre"], row["estatus"], cuenta(row)) for row in rows]


def _counters(dias: tuple[int, int] | None) -> str:
    """The figures of each auxiliar, by `:folio`, and within `:desde` and `:hasta` when there are days."""
    if dias is None:
        return f"SELECT auxiliar, {FIGURES} FROM conteos WHERE solicitud = :folio AND eje = 'auxiliar'"  # noqa: S608
    return (
        f"SELECT auxiliar, {FIGURE_SUMS} FROM conteos "  # noqa: S608
        "WHERE solicitud = :folio AND eje = 'diario' AND dia BETWEEN :desde AND :hasta GROUP BY auxiliar"
    )


def auxiliares_count(conn: sqlite3.Connection, folio: int) -> int:
    """How many lines there are in all."""
    row = conn.execute(f"WITH {_EVERYONE} SELECT count(*) FROM a", {"folio": folio}).fetchone()  # noqa: S608
    return int(row[0])


# Whoever brought something is there even if the catalogue has them with another aspirante: the column must add up.
_EVERYONE = (
    "a AS (SELECT id FROM auxiliares WHERE aspirante_id = :folio UNION "
    "SELECT auxiliar FROM conteos WHERE solicitud = :folio AND eje = 'auxiliar' AND recibidos > 0)"
)


@dataclass(frozen=True, slots=True)
class Auxiliares:
    """How many auxiliares an aspirante has. `con_telefono`: active ones who registered a phone that is still in."""

    activos: int
    de_baja: int
    con_telefono: int


def auxiliares_por_estatus(conn: sqlite3.Connection, folio: int) -> Auxiliares:
    """Counted in the catalogue."""
    row = conn.execute(
        "SELECT count(*) FILTER (WHERE estatus <> 'baja'), count(*) FILTER (WHERE estatus = 'baja'), "
        "count(*) FILTER (WHERE estatus <> 'baja' AND EXISTS "
        "(SELECT 1 FROM dispositivos d WHERE d.auxiliar_id = a.id AND d.baja_ms IS NULL)) "
        "FROM auxiliares a WHERE aspirante_id = ?",
        (folio,),
    ).fetchone()
    return Auxiliares(*row)
