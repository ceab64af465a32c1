"""Rows of the garantía de audiencia: hearings, their totals, and the days on which they were held (rows B8, C7).

What is contested is in `audiencia_registros`, who reviews in `audiencia_revisores`. What an aspirante sees passes
`solicitud`, and finds nothing of another's. Instants in ms.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.garantia_audiencia import Cita, Estado
from server.store.por_clave import PorClave, by_key


@dataclass(frozen=True, slots=True)
class Audiencia:
    """One hearing. `inicia_ms`: None until it is scheduled. `acta_resumen`: SHA-256 of the acta, once it ended."""

    id: int
    solicitud: int
    estado: Estado
    motivo: str
    solicitada_ms: int
    solicitada_por: int
    inicia_ms: int | None
    minutos: int
    lugar: str
    oficialia: str
    concluida_ms: int | None
    acta_archivo: int | None
    acta_resumen: bytes | None


@dataclass(frozen=True, slots=True)
class Totales:
    """How its registros stand; `faltan` is what nobody looked at again yet. They sum to `registros`."""

    registros: int = 0
    confirmados: int = 0
    cambiados: int = 0
    otro_inciso: int = 0
    sin_revisar: int = 0
    faltan: int = 0

    @property
    def revisados(self) -> int:
        """Those with a decision of the hearing."""
        return self.confirmados + self.cambiados + self.otro_inciso


@dataclass(frozen=True, slots=True)
class EnLista:
    """One hearing in a list. `aspirante`: whose; their name."""

    audiencia: Audiencia
    aspirante: str
    totales: Totales


@dataclass(frozen=True, slots=True)
class Sesion:
    """A day on which it was held. `terminada_ms`: None while it lasts. `suspendida_por`: why it went on later."""

    numero: int
    iniciada_ms: int
    terminada_ms: int | None
    minutos: int
    lugar: str
    oficialia: str
    asistentes: str
    suspendida_por: str


_COLUMNS = (
    "a.id, a.solicitud, a.estado, a.motivo, a.solicitada_ms, a.solicitada_por, a.inicia_ms, a.minutos, a.lugar, "
    "a.oficialia, a.concluida_ms, a.acta_archivo, a.acta_resumen"
)

_TOTALES = (
    "(SELECT count(*) || ',' || total(f.resultado = 'inconsistente' AND f.inciso = i.inciso AND f.detalle = i.detalle) "
    "|| ',' || total(f.resultado = 'valido') || ',' || "
    "total(f.resultado = 'inconsistente' AND NOT (f.inciso = i.inciso AND f.detalle = i.detalle)) "
    "|| ',' || total(r.sin_revisar <> '') || ',' || total(f.id IS NULL AND r.sin_revisar = '') "
    "FROM audiencia_registros r JOIN dictamenes i ON i.id = r.dictamen_inicial "
    "LEFT JOIN dictamenes f ON f.id = r.dictamen_final WHERE r.audiencia_id = a.id) AS totales"
)

_NAME = "trim(s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno)"


def _audiencia(row: sqlite3.Row) -> Audiencia:
    return Audiencia(
        row["id"], row["solicitud"], Estado(row["estado"]), row["motivo"], row["solicitada_ms"], row["solicitada_por"],
        row["inicia_ms"], row["minutos"], row["lugar"], row["oficialia"], row["concluida_ms"], row["acta_archivo"],
        row["acta_resumen"],
    )  # fmt: skip


def _totales(text: str) -> Totales:
    return Totales(*(int(float(part)) for part in text.split(",")))


def get(conn: sqlite3.Connection, id_: int, solicitud: int | None = None) -> Audiencia | None:
    """One hearing; of this aspirante only, when `solicitud` is given."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM audiencias a WHERE a.id = ? AND (?2 IS NULL OR a.solicitud = ?2)",  # noqa: S608
        (id_, solicitud),
    ).fetchone()
    return _audiencia(row) if row else None


def totales(conn: sqlite3.Connection, id_: int) -> Totales:
    """How its registros stand."""
    row = conn.execute(f"SELECT {_TOTALES} FROM audiencias a WHERE a.id = ?", (id_,)).fetchone()  # noqa: S608
    return _totales(row[0]) if row else Totales()


def por_programar(conn: sqlite3.Connection, solicitud: int) -> Audiencia | None:
    """The aspirante's request that has no date yet; there is one at most."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM audiencias a WHERE a.solicitud = ? AND a.estado = 'solicitada'",  # noqa: S608
        (solicitud,),
    ).fetchone()
    return _audiencia(row) if row else None


def add(conn: sqlite3.Connection, solicitud: int, cuenta: int, now_ms: int) -> int:
    """A new request; returns its id."""
    cursor = conn.execute(
        "INSERT INTO audiencias (solicitud, estado, solicitada_ms, solicitada_por) VALUES (?, 'solicitada', ?, ?)",
        (solicitud, now_ms, cuenta),
    )
    return int(cursor.lastrowid or 0)


def set_estado(conn: sqlite3.Connection, id_: int, estado: Estado) -> None:
    """Its stage, but for `concluida`, which has an acta."""
    conn.execute("UPDATE audiencias SET estado = ? WHERE id = ?", (estado.value, id_))


def set_motivo(conn: sqlite3.Connection, id_: int, motivo: str) -> None:
    """The argument for all of it."""
    conn.execute("UPDATE audiencias SET motivo = ? WHERE id = ?", (motivo, id_))


def set_cita(conn: sqlite3.Connection, id_: int, inicia_ms: int, minutos: int, lugar: str, oficialia: str) -> None:
    """When and where; from then on it is scheduled."""
    conn.execute(
        "UPDATE audiencias SET estado = 'programada', inicia_ms = ?, minutos = ?, lugar = ?, oficialia = ? "
        "WHERE id = ?",
        (inicia_ms, minutos, lugar, oficialia, id_),
    )


def conclude(conn: sqlite3.Connection, id_: int, concluida_ms: int, resumen: bytes, archivo: int | None) -> None:
    """It is over, with its acta."""
    conn.execute(
        "UPDATE audiencias SET estado = 'concluida', concluida_ms = ?, acta_resumen = ?, acta_archivo = ? WHERE id = ?",
        (concluida_ms, resumen, archivo, id_),
    )


def of_solicitud(conn: sqlite3.Connection, solicitud: int, clave: PorClave, limit: int) -> tuple[
    list[EnLista], bool, bool
]:  # fmt: skip
    """An aspirante's own, newest first: (rows, are there newer, are there older)."""
    return _list(conn, "a.solicitud = :solicitud", {"solicitud": solicitud}, clave, limit)


def page(conn: sqlite3.Connection, estado: str, clave: PorClave, limit: int) -> tuple[list[EnLista], bool, bool]:
    """Everyone's, or those in one stage, newest first."""
    return _list(conn, "(:estado = '' OR a.estado = :estado)", {"estado": estado}, clave, limit)


def _list(
    conn: sqlite3.Connection, where: str, values: Mapping[str, object], clave: PorClave, limit: int
) -> tuple[list[EnLista], bool, bool]:
    select = (
        f"SELECT {_COLUMNS}, {_NAME} AS aspirante, {_TOTALES} FROM audiencias a "  # noqa: S608
        "JOIN aspirantes s ON s.id = a.solicitud "
    )
    rows, newer, older = by_key(conn, select, "a.id", where, values, clave, limit)
    return [_in_list(row) for row in rows], newer, older


def _in_list(row: sqlite3.Row) -> EnLista:
    return EnLista(_audiencia(row), row["aspirante"], _totales(row["totales"]))


def between(conn: sqlite3.Connection, desde_ms: int, hasta_ms: int) -> list[EnLista]:
    """Those whose hour lies from `desde_ms` on and before `hasta_ms`, in their order; withdrawn ones are left out."""
    rows = conn.execute(
        f"SELECT {_COLUMNS}, {_NAME} AS aspirante, {_TOTALES} FROM audiencias a "  # noqa: S608
        "JOIN aspirantes s ON s.id = a.solicitud "
        "WHERE a.inicia_ms >= ? AND a.inicia_ms < ? AND a.estado <> 'desistida' ORDER BY a.inicia_ms, a.id",
        (desde_ms, hasta_ms),
    )
    return [_in_list(row) for row in rows]


def citas(conn: sqlite3.Connection, desde_ms: int, hasta_ms: int) -> list[Cita]:
    """What is scheduled or going on with its hour between these, with who reviews."""
    rows = conn.execute(
        "SELECT a.id, a.inicia_ms, a.minutos, (SELECT group_concat(v.cuenta_id) FROM audiencia_revisores v "
        "WHERE v.audiencia_id = a.id) AS revisores FROM audiencias a "
        "WHERE a.inicia_ms >= ? AND a.inicia_ms < ? AND a.estado IN ('programada', 'en_desahogo')",
        (desde_ms, hasta_ms),
    )
    return [
        Cita(row["id"], row["inicia_ms"], row["minutos"], tuple(map(int, (row["revisores"] or "").split(",")))
             if row["revisores"] else ())
        for row in rows
    ]  # fmt: skip


def counts(conn: sqlite3.Connection) -> dict[str, int]:
    """How many there are in each stage that somebody must do something about."""
    rows = conn.execute("SELECT estado, count(*) AS n FROM audiencias GROUP BY estado")
    return {row["estado"]: int(row["n"]) for row in rows}


def sesiones(conn: sqlite3.Connection, id_: int) -> list[Sesion]:
    """The days on which it was held, in their order."""
    rows = conn.execute(
        "SELECT numero, iniciada_ms, terminada_ms, minutos, lugar, oficialia, asistentes, suspendida_por "
        "FROM audiencia_sesiones WHERE audiencia_id = ? ORDER BY numero",
        (id_,),
    )
    return [Sesion(**dict(row)) for row in rows]


def open_sesion(conn: sqlite3.Connection, one: Audiencia, asistentes: str, cuenta: int, now_ms: int) -> int:
    """It is being held from now on, as it was scheduled; returns the number of the day."""
    row = conn.execute(
        "INSERT INTO audiencia_sesiones (audiencia_id, numero, iniciada_ms, iniciada_por, minutos, lugar, oficialia, "
        "asistentes) SELECT ?1, 1 + count(*), ?2, ?3, ?4, ?5, ?6, ?7 FROM audiencia_sesiones WHERE audiencia_id = ?1 "
        "RETURNING numero",
        (one.id, now_ms, cuenta, one.minutos, one.lugar, one.oficialia, asistentes),
    ).fetchone()
    return int(row[0])


def close_sesion(conn: sqlite3.Connection, id_: int, now_ms: int, suspendida_por: str = "") -> None:
    """The day ends."""
    conn.execute(
        "UPDATE audiencia_sesiones SET terminada_ms = ?, suspendida_por = ? "
        "WHERE audiencia_id = ? AND terminada_ms IS NULL",
        (now_ms, suspendida_por, id_),
    )
    conn.execute("UPDATE audiencia_revisores SET mirando = NULL WHERE audiencia_id = ?", (id_,))
