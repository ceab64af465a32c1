"""Packages of cédulas of paper: what was received, how far its typing is, which numbers are missing (row B5)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from server.store.por_clave import PorClave, by_key


@dataclass(frozen=True, slots=True)
class Paquete:
    """One package. `cedulas`: as many as were declared; `antes`: how many the aspirante's earlier packages have."""

    id: int
    solicitud: int
    aspirante: str
    folio: str
    cedulas: int
    antes: int
    recibido_ms: int
    observaciones: str
    abierto: bool
    creado_ms: int
    creado_por: int
    cerrado_ms: int | None


@dataclass(frozen=True, slots=True)
class Avance:
    """How many of a package's cédulas are where; what is left of `cedulas` was not typed yet."""

    cedulas: int
    listas: int = 0
    por_repetir: int = 0
    por_conciliar: int = 0
    faltantes: int = 0

    @property
    def capturadas(self) -> int:
        """Typed once at least."""
        return self.listas + self.por_repetir + self.por_conciliar

    @property
    def por_capturar(self) -> int:
        """Neither typed nor declared missing."""
        return self.cedulas - self.capturadas - self.faltantes

    @property
    def hechas(self) -> int:
        """About which nothing is left to do."""
        return self.listas + self.faltantes


@dataclass(frozen=True, slots=True)
class Faltante:
    """A number for which there is no cédula."""

    numero: int
    motivo: str
    por: str
    declarada_ms: int


_SELECT = (
    "SELECT q.id, q.solicitud, trim(x.nombre || ' ' || x.apellido_paterno || ' ' || x.apellido_materno) AS aspirante, "
    "q.folio, q.cedulas, q.antes, q.recibido_ms, q.observaciones, q.estado = 'abierto' AS abierto, q.creado_ms, "
    "q.creado_por, q.cerrado_ms FROM paquetes q JOIN aspirantes x ON x.id = q.solicitud "
)


def _from_row(row: sqlite3.Row) -> Paquete:
    return Paquete(**{**dict(row), "abierto": bool(row["abierto"])})


def get(conn: sqlite3.Connection, id_: int) -> Paquete | None:
    """One package."""
    row = conn.execute(f"{_SELECT}WHERE q.id = ?", (id_,)).fetchone()
    return _from_row(row) if row else None


def by_folio(conn: sqlite3.Connection, solicitud: int, folio: str) -> Paquete | None:
    """The package of an aspirante with this folio."""
    row = conn.execute(f"{_SELECT}WHERE q.solicitud = ? AND q.folio = ?", (solicitud, folio)).fetchone()
    return _from_row(row) if row else None


def declared(conn: sqlite3.Connection, solicitud: int) -> int:
    """How many cédulas the packages of an aspirante have, as declared."""
    return int(
        conn.execute("SELECT coalesce(sum(cedulas), 0) FROM paquetes WHERE solicitud = ?", (solicitud,)).fetchone()[0]
    )


def insert(
    conn: sqlite3.Connection, solicitud: int, folio: str, cedulas: int, recibido_ms: int, observaciones: str, por: int,
    now_ms: int,
) -> int:  # fmt: skip
    """A new package, open; returns its id. Its cédulas are numbered after those of the aspirante's earlier ones."""
    cursor = conn.execute(
        "INSERT INTO paquetes (solicitud, folio, cedulas, antes, recibido_ms, observaciones, estado, creado_ms, "
        "creado_por) VALUES (?, ?, ?, ?, ?, ?, 'abierto', ?, ?)",
        (solicitud, folio, cedulas, declared(conn, solicitud), recibido_ms, observaciones, now_ms, por),
    )
    return int(cursor.lastrowid or 0)


def set_estado(conn: sqlite3.Connection, id_: int, *, cerrado_ms: int | None) -> bool:
    """Close it at this instant, or open it again with None; says whether anything changed."""
    cursor = conn.execute(
        "UPDATE paquetes SET estado = ?, cerrado_ms = ? WHERE id = ? AND (cerrado_ms IS NULL) <> (? IS NULL)",
        ("abierto" if cerrado_ms is None else "cerrado", cerrado_ms, id_, cerrado_ms),
    )
    return cursor.rowcount == 1


def page(
    conn: sqlite3.Connection, estado: str, clave: PorClave, limit: int
) -> tuple[list[tuple[Paquete, Avance]], bool, bool]:
    """Packages newest first, each with how far it is; whether there are newer and older ones. `estado` "": all."""
    rows, newer, older = by_key(
        conn, _SELECT, "q.id", "(:estado = '' OR q.estado = :estado)", {"estado": estado}, clave, limit
    )
    found = [_from_row(row) for row in rows]
    far = avances(conn, found)
    return [(one, far[one.id]) for one in found], newer, older


def avance(conn: sqlite3.Connection, paquete: Paquete) -> Avance:
    """How far one package is."""
    return avances(conn, [paquete])[paquete.id]


def avances(conn: sqlite3.Connection, paquetes: Iterable[Paquete]) -> dict[int, Avance]:
    """How far each of these is, in two statements."""
    declared_of = {one.id: one.cedulas for one in paquetes}
    marks = ", ".join("?" for _ in declared_of)
    typed = {
        row["id"]: row
        for row in conn.execute(
            "SELECT paquete_id AS id, count(*) FILTER (WHERE estado = 'lista') AS listas, "  # noqa: S608 -- marks
            "count(*) FILTER (WHERE estado = 'por_repetir') AS por_repetir, "
            "count(*) FILTER (WHERE estado = 'por_conciliar') AS por_conciliar "
            f"FROM cedulas_papel WHERE paquete_id IN ({marks}) GROUP BY paquete_id",
            tuple(declared_of),
        )
    }
    missing = {
        row["id"]: row["n"]
        for row in conn.execute(
            "SELECT paquete_id AS id, count(*) AS n FROM faltantes_papel "  # noqa: S608 -- marks
            f"WHERE paquete_id IN ({marks}) GROUP BY paquete_id",
            tuple(declared_of),
        )
    }
    found = {}
    for id_, cedulas in declared_of.items():
        row = typed.get(id_)
        listas, repetir, conciliar = row[1:] if row else (0, 0, 0)
        found[id_] = Avance(cedulas, listas, repetir, conciliar, missing.get(id_, 0))
    return found


# -- numbers ----------------------------------------------------------------------------------------------------------


def sin_capturar(conn: sqlite3.Connection, paquete: Paquete) -> list[int]:
    """Numbers that were neither typed nor declared missing, ascending."""
    taken = {
        row[0]
        for row in conn.execute(
            "SELECT numero FROM cedulas_papel WHERE paquete_id = ?1 UNION ALL "
            "SELECT numero FROM faltantes_papel WHERE paquete_id = ?1",
            (paquete.id,),
        )
    }
    return [numero for numero in range(1, paquete.cedulas + 1) if numero not in taken]


def proximo(conn: sqlite3.Connection, paquete: Paquete, desde: int) -> int | None:
    """The number to type next: the first free one from `desde` on, else the first of all; None when none is free."""
    free = sin_capturar(conn, paquete)
    return next((numero for numero in free if numero >= desde), free[0] if free else None)


def faltantes(conn: sqlite3.Connection, id_: int) -> list[Faltante]:
    """Numbers that were declared missing, ascending."""
    rows = conn.execute(
        "SELECT f.numero, f.motivo, c.nombre AS por, f.declarada_ms FROM faltantes_papel f "
        "JOIN cuentas c ON c.id = f.declarada_por WHERE f.paquete_id = ? ORDER BY f.numero",
        (id_,),
    )
    return [Faltante(**dict(row)) for row in rows]


def declarar_faltantes(
    conn: sqlite3.Connection, id_: int, numeros: Iterable[int], motivo: str, por: int, now_ms: int
) -> int:
    """These numbers have no cédula. Those that were declared already keep their reason; returns how many are new."""
    before = conn.total_changes
    conn.executemany(
        "INSERT INTO faltantes_papel (paquete_id, numero, motivo, declarada_por, declarada_ms) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(id_, numero, motivo, por, now_ms) for numero in numeros],
    )
    return conn.total_changes - before


def aparecio(conn: sqlite3.Connection, id_: int, numero: int) -> bool:
    """A number that was declared missing turned up after all; says whether it had been."""
    cursor = conn.execute("DELETE FROM faltantes_papel WHERE paquete_id = ? AND numero = ?", (id_, numero))
    return cursor.rowcount == 1
