"""Procesos and periodos as the OPL keeps them, with their threshold (row B1). Phones read theirs in store.catalogo."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from server.domain.periodo import Ventana
from server.domain.territorio import Lugar, Territorio, UnidadTerritorial
from server.domain.umbral import Dispersion, Umbral, Unidad
from server.store.por_clave import PorClave, by_key


@dataclass(frozen=True, slots=True)
class Proceso:
    """A participation process. `tipo`: a server.domain.procesos.TipoProceso."""

    id: int
    tipo: str
    nombre: str


@dataclass(frozen=True, slots=True)
class DatosPeriodo:
    """What the OPL says of a periodo. Instants in ms, `termina_ms` exclusive; `entidad` empty in the federal ámbito.

    `territorio`: where it is less than the entidad, or than the country.
    """

    proceso_id: int
    nombre: str
    ambito: str
    entidad: str
    inicia_ms: int
    termina_ms: int
    activo: bool
    umbral: Umbral
    territorio: Territorio = field(default_factory=Territorio)


@dataclass(frozen=True, slots=True)
class Periodo:
    """A periodo with its proceso, without the list of units. `aspirantes`: how many it has."""

    id: int
    proceso_id: int
    proceso: str
    tipo: str
    nombre: str
    ambito: str
    entidad: str
    inicia_ms: int
    termina_ms: int
    activo: bool
    apoyos_requeridos: int | None
    dispersion: str
    unidades_requeridas: int | None
    aspirantes: int

    def ventana(self, gracia_ms: int) -> Ventana:
        """Its window."""
        return Ventana(self.inicia_ms, self.termina_ms, gracia_ms)


_SELECT = (
    "SELECT o.id, o.proceso_id, p.nombre AS proceso, p.tipo, o.nombre, o.ambito, o.entidad, o.inicia_ms, o.termina_ms, "
    "o.estatus = 'activo' AS activo, o.apoyos_requeridos, o.dispersion, o.unidades_requeridas, "
    "(SELECT count(*) FROM aspirantes s WHERE s.periodo_id = o.id) AS aspirantes "
    "FROM periodos o JOIN procesos p ON p.id = o.proceso_id "
)


_ESTADO = (
    "CASE WHEN o.estatus <> 'activo' THEN 'inactivo' WHEN :now < o.inicia_ms THEN 'por_iniciar' "
    "WHEN :now < o.termina_ms THEN 'abierto' WHEN :now < o.termina_ms + :gracia THEN 'gracia' ELSE 'cerrado' END"
)


def _periodo(row: sqlite3.Row) -> Periodo:
    return Periodo(**{**dict(row), "activo": bool(row["activo"])})


def procesos(conn: sqlite3.Connection) -> list[Proceso]:
    """Every proceso, newest first."""
    rows = conn.execute("SELECT id, tipo, nombre FROM procesos ORDER BY id DESC")
    return [Proceso(**dict(row)) for row in rows]


def get(conn: sqlite3.Connection, id_: int) -> Periodo | None:
    """One periodo."""
    row = conn.execute(_SELECT + "WHERE o.id = ?", (id_,)).fetchone()
    return _periodo(row) if row else None


def page(
    conn: sqlite3.Connection, estado: str, now_ms: int, gracia_ms: int, clave: PorClave, limit: int
) -> tuple[list[Periodo], bool, bool]:
    """Periodos, newest first, of one Estado or of all (`estado` empty); and whether there are newer and older ones."""
    where = f"(:estado = '' OR {_ESTADO} = :estado)"
    values = {"estado": estado, "now": now_ms, "gracia": gracia_ms}
    rows, newer, older = by_key(conn, _SELECT, "o.id", where, values, clave, limit)
    return [_periodo(row) for row in rows], newer, older


def choices(conn: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """(id, nombre, proceso) of every periodo, for a list to choose from; newest first."""
    rows = conn.execute(
        "SELECT o.id, o.nombre, p.nombre FROM periodos o JOIN procesos p ON p.id = o.proceso_id ORDER BY o.id DESC"
    )
    return [(int(row[0]), str(row[1]), str(row[2])) for row in rows]


def overlapping(conn: sqlite3.Connection, datos: DatosPeriodo, other_than: int | None) -> list[tuple[int, str]]:
    """(id, nombre) of the periodos of the same ámbito and entidad that share an instant with these dates."""
    rows = conn.execute(
        "SELECT id, nombre FROM periodos WHERE ambito = ? AND entidad = ? AND inicia_ms < ? AND termina_ms > ? "
        "AND id IS NOT ? AND estatus = 'activo' ORDER BY id",
        (datos.ambito, datos.entidad, datos.termina_ms, datos.inicia_ms, other_than),
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def apoyos(conn: sqlite3.Connection, id_: int) -> int:
    """How many apoyos the aspirantes of a periodo have received."""
    row = conn.execute(
        "SELECT coalesce(sum(n), 0) FROM conteos_totales "
        "WHERE solicitud IN (SELECT id FROM aspirantes WHERE periodo_id = ?)",
        (id_,),
    ).fetchone()
    return int(row[0])


def umbral(conn: sqlite3.Connection, id_: int) -> Umbral:
    """The threshold of a periodo, with its units in order of clave; one without any when the periodo is unknown."""
    row = conn.execute(
        "SELECT apoyos_requeridos, dispersion, unidades_requeridas FROM periodos WHERE id = ?", (id_,)
    ).fetchone()
    if row is None:
        return Umbral()
    units = conn.execute(
        "SELECT clave, nombre, requeridos FROM periodo_unidades WHERE periodo_id = ? ORDER BY clave", (id_,)
    )
    return Umbral(row[0], Dispersion(row[1]), row[2], tuple(Unidad(**dict(unit)) for unit in units))


def territorio(conn: sqlite3.Connection, id_: int) -> Territorio:
    """The territory of a periodo, in order of clave; nothing listed: the whole entidad."""
    rows = conn.execute(
        "SELECT unidad, clave, nombre FROM periodo_territorio WHERE periodo_id = ? ORDER BY unidad, clave", (id_,)
    )
    return Territorio(tuple(Lugar(UnidadTerritorial(row[0]), row[1], row[2]) for row in rows))


def territorio_de(conn: sqlite3.Connection, solicitud: int) -> tuple[str, Territorio]:
    """(entidad, territory) of an aspirante's periodo, for territorio.dentro; ("", all) for an unknown one."""
    row = conn.execute(
        "SELECT o.id, o.entidad FROM aspirantes s JOIN periodos o ON o.id = s.periodo_id WHERE s.id = ?", (solicitud,)
    ).fetchone()
    return (row["entidad"], territorio(conn, row["id"])) if row else ("", Territorio())


def insert(conn: sqlite3.Connection, datos: DatosPeriodo, now_ms: int) -> int:
    """A new periodo with its units; returns its id."""
    cursor = conn.execute(
        "INSERT INTO periodos (proceso_id, nombre, ambito, entidad, inicia_ms, termina_ms, estatus, apoyos_requeridos, "
        "dispersion, unidades_requeridas, creado_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*_columns(datos), now_ms),
    )
    id_ = int(cursor.lastrowid or 0)
    _set_units(conn, id_, datos.umbral.unidades)
    _set_territory(conn, id_, datos.territorio)
    return id_


def update(conn: sqlite3.Connection, id_: int, datos: DatosPeriodo) -> None:
    """Change all that the OPL says of a periodo."""
    conn.execute(
        "UPDATE periodos SET proceso_id = ?, nombre = ?, ambito = ?, entidad = ?, inicia_ms = ?, termina_ms = ?, "
        "estatus = ?, apoyos_requeridos = ?, dispersion = ?, unidades_requeridas = ? WHERE id = ?",
        (*_columns(datos), id_),
    )
    _set_units(conn, id_, datos.umbral.unidades)
    _set_territory(conn, id_, datos.territorio)


def _columns(datos: DatosPeriodo) -> tuple[object, ...]:
    return (
        datos.proceso_id, datos.nombre, datos.ambito, datos.entidad, datos.inicia_ms, datos.termina_ms,
        "activo" if datos.activo else "inactivo", datos.umbral.requeridos, datos.umbral.dispersion,
        datos.umbral.unidades_requeridas,
    )  # fmt: skip


def _set_units(conn: sqlite3.Connection, id_: int, unidades: Sequence[Unidad]) -> None:
    conn.execute("DELETE FROM periodo_unidades WHERE periodo_id = ?", (id_,))
    conn.executemany(
        "INSERT INTO periodo_unidades (periodo_id, clave, nombre, requeridos) VALUES (?, ?, ?, ?)",
        [(id_, unidad.clave, unidad.nombre, unidad.requeridos) for unidad in unidades],
    )


def _set_territory(conn: sqlite3.Connection, id_: int, territorio: Territorio) -> None:
    conn.execute("DELETE FROM periodo_territorio WHERE periodo_id = ?", (id_,))
    conn.executemany(
        "INSERT INTO periodo_territorio (periodo_id, unidad, clave, nombre) VALUES (?, ?, ?, ?)",
        [(id_, lugar.unidad, lugar.clave, lugar.nombre) for lugar in territorio.lugares],
    )
