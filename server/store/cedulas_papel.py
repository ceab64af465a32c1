"""Cédulas of paper, as they were typed (row B5). Data are wrapped before they come here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain import busqueda
from server.domain.banderas import Codigo
from server.domain.folio_papel import FolioPapel
from server.store.apoyos import PAPEL_DESDE
from server.store.paquetes import Paquete
from server.store.por_clave import PorClave, by_key

NUMEROS = 2**20
"""Ids of apoyos of paper leave this many places for each package, so that an id follows from package and number."""


@dataclass(frozen=True, slots=True)
class Capturada:
    """What was typed of a cédula that is an apoyo. `datos`: wrapped; the one that holds where two were typed."""

    paquete: int
    numero: int
    datos: bytes


def criterio_de(conn: sqlite3.Connection, apoyo_id: int) -> str:
    """What was noted of a cédula when it was typed, one of the criteria of paper; empty for none."""
    row = conn.execute("SELECT criterio FROM cedulas_papel WHERE apoyo_id = ?", (apoyo_id,)).fetchone()
    return str(row["criterio"]) if row else ""


@dataclass(frozen=True, slots=True)
class Cedula:
    """One cédula. `estado`: por_repetir, por_conciliar or lista. `segunda`: wrapped, as captura_manual says."""

    id: int
    paquete: int
    numero: int
    doble: bool
    estado: str
    datos: bytes
    criterio: str
    comentario: str
    capturada_por: int
    capturada_ms: int
    segunda: bytes | None
    segunda_por: int | None
    conciliada_por: int | None
    conciliada_ms: int | None
    apoyo_id: int | None


@dataclass(frozen=True, slots=True)
class Fila:
    """A line of a package's list: nothing of what was typed. `folio`: of the apoyo, "" before it is one."""

    numero: int
    estado: str
    criterio: str
    por: str
    por_id: int
    segunda_por: str
    capturada_ms: int
    folio: str


@dataclass(frozen=True, slots=True)
class Pendiente:
    """A cédula whose two typings differ."""

    id: int
    paquete: int
    paquete_folio: str
    numero: int
    primera_por: str
    segunda_por: str
    segunda_ms: int


@dataclass(frozen=True, slots=True)
class Capturista:
    """Somebody who types. `hoy`, `hoy_segunda`: typed today, first and second time. `cotejadas`: of those that they
    typed first or second, how many were compared; `con_error`: in how many they were wrong; `errores`: campos.
    """

    cuenta: int
    nombre: str
    hoy: int
    hoy_segunda: int
    cotejadas: int
    con_error: int
    errores: int

    @property
    def por_ciento(self) -> float | None:
        """Cédulas with an error of those compared; None when none was."""
        return self.con_error * 100 / self.cotejadas if self.cotejadas else None


_COLUMNS = (
    "id, paquete_id AS paquete, numero, doble, estado, datos, criterio, comentario, capturada_por, capturada_ms, "
    "segunda, segunda_por, conciliada_por, conciliada_ms, apoyo_id"
)


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> Capturada | None:
    """The cédula that became this apoyo."""
    row = conn.execute("SELECT paquete_id, numero, datos FROM cedulas_papel WHERE apoyo_id = ?", (apoyo_id,)).fetchone()
    return Capturada(row["paquete_id"], row["numero"], row["datos"]) if row else None


def comentarios(conn: sqlite3.Connection, apoyos: Sequence[int]) -> dict[int, str]:
    """What was written for the aspirante when these apoyos of paper were typed in; only of those that have a word."""
    rows = conn.execute(
        "SELECT apoyo_id, comentario FROM cedulas_papel "
        "WHERE apoyo_id IN (SELECT value FROM json_each(?)) AND comentario <> ''",
        (json.dumps(list(apoyos)),),
    )
    return {row["apoyo_id"]: row["comentario"] for row in rows}


def get(conn: sqlite3.Connection, paquete: int, numero: int) -> Cedula | None:
    """The cédula of a package with this number."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM cedulas_papel WHERE paquete_id = ? AND numero = ?",  # noqa: S608
        (paquete, numero),
    ).fetchone()
    return _from_row(row)


def by_id(conn: sqlite3.Connection, id_: int) -> Cedula | None:
    """The cédula with this id."""
    return _from_row(conn.execute(f"SELECT {_COLUMNS} FROM cedulas_papel WHERE id = ?", (id_,)).fetchone())  # noqa: S608


def _from_row(row: sqlite3.Row | None) -> Cedula | None:
    return Cedula(**{**dict(row), "doble": bool(row["doble"])}) if row else None


def of_package(conn: sqlite3.Connection, paquete: int) -> list[tuple[int, bytes]]:
    """(number, wrapped data) of every cédula of a package, ascending."""
    rows = conn.execute("SELECT numero, datos FROM cedulas_papel WHERE paquete_id = ? ORDER BY numero", (paquete,))
    return [(row["numero"], row["datos"]) for row in rows]


# -- typing -----------------------------------------------------------------------------------------------------------


def insert(
    conn: sqlite3.Connection, paquete: int, numero: int, datos: bytes, criterio: str, comentario: str, por: int,
    now_ms: int,
) -> None:  # fmt: skip
    """Typed once, to be typed again by somebody else. One that is not drawn is made lista in the same transaction."""
    conn.execute(
        "INSERT INTO cedulas_papel (paquete_id, numero, doble, estado, datos, criterio, comentario, capturada_por, "
        "capturada_ms) VALUES (?, ?, 1, 'por_repetir', ?, ?, ?, ?, ?)",
        (paquete, numero, datos, criterio, comentario, por, now_ms),
    )


def set_datos(conn: sqlite3.Connection, id_: int, datos: bytes, criterio: str, comentario: str) -> None:
    """What holds of a cédula that is no apoyo yet."""
    conn.execute(
        "UPDATE cedulas_papel SET datos = ?, criterio = ?, comentario = ? WHERE id = ? AND estado <> 'lista'",
        (datos, criterio, comentario, id_),
    )


def set_segunda(conn: sqlite3.Connection, id_: int, segunda: bytes, por: int, now_ms: int) -> None:
    """Typed a second time; whether both agree is said next, by `por_conciliar` or `volver_apoyo`."""
    conn.execute(
        "UPDATE cedulas_papel SET segunda = ?, segunda_por = ?, segunda_ms = ? WHERE id = ?",
        (segunda, por, now_ms, id_),
    )


def por_conciliar(conn: sqlite3.Connection, id_: int) -> None:
    """The two typings differ."""
    conn.execute("UPDATE cedulas_papel SET estado = 'por_conciliar' WHERE id = ?", (id_,))


def conciliada(
    conn: sqlite3.Connection, id_: int, primera: bytes, errores: int, errores_segunda: int, por: int, now_ms: int
) -> None:  # fmt: skip
    """Settled: what was typed first is kept, and how many campos of each were wrong."""
    conn.execute(
        "UPDATE cedulas_papel SET primera = ?, errores = ?, errores_segunda = ?, conciliada_por = ?, conciliada_ms = ? "
        "WHERE id = ?",
        (primera, errores, errores_segunda, por, now_ms, id_),
    )


def apoyo_de(paquete: int, numero: int) -> int:
    """The id of the apoyo that a cédula is, or will be. It does not depend on the order in which they are typed."""
    return PAPEL_DESDE + paquete * NUMEROS + numero


def volver_apoyo(
    conn: sqlite3.Connection, paquete: Paquete, cedula: Cedula, persona: tuple[str, str, str], *, doble: bool,
    now_ms: int,
) -> FolioPapel:  # fmt: skip
    """The cédula is ready: from here on it is an apoyo like any other, with its job and what was noted of it.

    `persona`: nombre, apellido paterno and materno. It was received when its package was.
    """
    id_ = apoyo_de(paquete.id, cedula.numero)
    folio = FolioPapel(paquete.solicitud, paquete.antes + cedula.numero)
    nombre, paterno, materno = persona
    conn.execute(
        "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, nombre, "
        "apellido_paterno, apellido_materno, busqueda, via) "
        "VALUES (?1, ?2, ?3, 0, 0, ?4, (?4 - 21600000) / 86400000, '[]', 'bien', ?5, ?6, ?7, ?8, 'papel')",
        (id_, str(folio), paquete.solicitud, paquete.recibido_ms, nombre, paterno, materno,
         busqueda.clave(nombre, paterno, materno)),
    )  # fmt: skip
    conn.execute("INSERT INTO trabajos (id, proximo_ms, creado_ms) VALUES (?1, ?2, ?2)", (id_, now_ms))
    if cedula.criterio:
        conn.execute(
            "INSERT INTO banderas (apoyo_id, codigo, dato, en_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (id_, Codigo.PAPEL.value, cedula.criterio, now_ms),
        )
    conn.execute(
        "UPDATE cedulas_papel SET estado = 'lista', apoyo_id = ?, doble = ? WHERE id = ?", (id_, int(doble), cedula.id)
    )
    return folio


# -- what is to be done -----------------------------------------------------------------------------------------------


def por_repetir(conn: sqlite3.Connection, paquete: int, cuenta: int, desde: int = 0) -> int | None:
    """The next number of a package that this person may type a second time, from `desde` on or from the beginning."""
    rows = conn.execute(
        "SELECT numero FROM cedulas_papel WHERE paquete_id = ? AND estado = 'por_repetir' AND capturada_por <> ? "
        "ORDER BY numero < ?, numero LIMIT 1",
        (paquete, cuenta, desde),
    ).fetchall()
    return int(rows[0]["numero"]) if rows else None


def por_repetir_de(conn: sqlite3.Connection, cuenta: int) -> dict[int, int]:
    """How many cédulas wait for a second typing by this person, by package."""
    rows = conn.execute(
        "SELECT paquete_id, count(*) AS n FROM cedulas_papel INDEXED BY cedulas_papel_por_hacer "
        "WHERE estado <> 'lista' AND estado = 'por_repetir' AND capturada_por <> ? GROUP BY paquete_id",
        (cuenta,),
    )
    return {row["paquete_id"]: row["n"] for row in rows}


def pendientes(conn: sqlite3.Connection, limit: int) -> list[Pendiente]:
    """Cédulas whose typings differ, the oldest package first."""
    rows = conn.execute(
        "SELECT c.id, c.paquete_id AS paquete, q.folio AS paquete_folio, c.numero, u.nombre AS primera_por, "
        "s.nombre AS segunda_por, c.segunda_ms FROM cedulas_papel c INDEXED BY cedulas_papel_por_hacer "
        "JOIN paquetes q ON q.id = c.paquete_id JOIN cuentas u ON u.id = c.capturada_por "
        "JOIN cuentas s ON s.id = c.segunda_por WHERE c.estado <> 'lista' AND c.estado = 'por_conciliar' "
        "ORDER BY c.paquete_id, c.numero LIMIT ?",
        (limit,),
    )
    return [Pendiente(**dict(row)) for row in rows]


def nombres(conn: sqlite3.Connection, cedula: Cedula) -> tuple[str, str]:
    """Who typed it first and who second, "" for nobody."""
    found = {
        row["id"]: row["nombre"]
        for row in conn.execute(
            "SELECT id, nombre FROM cuentas WHERE id IN (?, ?)", (cedula.capturada_por, cedula.segunda_por)
        )
    }
    return found[cedula.capturada_por], found.get(cedula.segunda_por, "")


def page(
    conn: sqlite3.Connection, paquete: int, estado: str, clave: PorClave, limit: int
) -> tuple[list[Fila], bool, bool]:
    """Cédulas of a package from the highest number down, and whether there are more on either side."""
    rows, newer, older = by_key(
        conn,
        "SELECT c.numero, c.estado, c.criterio, u.nombre AS por, u.id AS por_id, coalesce(s.nombre, '') AS segunda_por"
        ", c.capturada_ms, coalesce(a.folio, '') AS folio FROM cedulas_papel c "
        "JOIN cuentas u ON u.id = c.capturada_por "
        "LEFT JOIN cuentas s ON s.id = c.segunda_por LEFT JOIN apoyos a ON a.id = c.apoyo_id ",
        "c.numero",
        "c.paquete_id = :paquete AND (:estado = '' OR c.estado = :estado)",
        {"paquete": paquete, "estado": estado},
        clave,
        limit,
    )
    return [Fila(**dict(row)) for row in rows], newer, older


def capturistas(conn: sqlite3.Connection, desde_ms: int, cuenta: int | None = None) -> list[Capturista]:
    """Who types: what each did since `desde_ms`, and how often they were wrong where somebody else typed too.

    `cuenta`: only this one.
    """
    rows = conn.execute(
        "WITH hechas AS ("
        "SELECT capturada_por AS quien, count(*) AS hoy, 0 AS hoy_segunda, 0 AS cotejadas, 0 AS con_error, 0 AS errores"
        " FROM cedulas_papel WHERE capturada_ms >= :desde GROUP BY 1 UNION ALL "
        "SELECT segunda_por, 0, count(*), 0, 0, 0 FROM cedulas_papel WHERE segunda_ms >= :desde "
        "AND segunda_ms IS NOT NULL GROUP BY 1 UNION ALL "
        "SELECT capturada_por, 0, 0, count(*), count(*) FILTER (WHERE errores > 0), sum(errores) FROM cedulas_papel "
        "WHERE segunda_ms IS NOT NULL AND estado = 'lista' GROUP BY 1 UNION ALL "
        "SELECT segunda_por, 0, 0, count(*), count(*) FILTER (WHERE errores_segunda > 0), sum(errores_segunda) "
        "FROM cedulas_papel WHERE segunda_ms IS NOT NULL AND estado = 'lista' GROUP BY 1) "
        "SELECT quien AS cuenta, u.nombre, sum(hoy) AS hoy, sum(hoy_segunda) AS hoy_segunda, "
        "sum(cotejadas) AS cotejadas, sum(con_error) AS con_error, sum(errores) AS errores "
        "FROM hechas JOIN cuentas u ON u.id = quien WHERE :cuenta IS NULL OR quien = :cuenta "
        "GROUP BY quien ORDER BY sum(hoy) + sum(hoy_segunda) DESC, u.nombre",
        {"desde": desde_ms, "cuenta": cuenta},
    )
    return [Capturista(**dict(row)) for row in rows]


# -- the apoyo again --------------------------------------------------------------------------------------------------


def descuadradas(conn: sqlite3.Connection) -> list[str]:
    """For `acopio verify`: cédulas whose apoyo is not there or is another's, and apoyos of paper without a cédula."""
    rows = conn.execute(
        "SELECT 'paquete ' || c.paquete_id || ', cédula ' || c.numero FROM cedulas_papel c "
        "LEFT JOIN apoyos a ON a.id = c.apoyo_id LEFT JOIN paquetes q ON q.id = c.paquete_id "
        "WHERE c.estado = 'lista' AND (a.id IS NULL OR a.via <> 'papel' OR a.solicitud <> q.solicitud "
        "OR a.recibido_ms <> q.recibido_ms) UNION ALL "
        "SELECT 'folio ' || a.folio FROM apoyos a WHERE a.via = 'papel' "
        "AND NOT EXISTS (SELECT 1 FROM cedulas_papel c WHERE c.apoyo_id = a.id)"
    )
    return [row[0] for row in rows]
