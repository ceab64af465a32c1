"""Pieces of work of the mesa: one opinion to be given on one expediente (rows B7, G2, G5).

At most one waits for each apoyo (`revisiones_una`). Who holds one is written in the row itself until `vence_ms`; from
then on it is free, whether anybody has tidied it or not. What waits is counted by triggers (server.store.carga).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from server.domain.mesa import EstadoRevision, Ronda

BUSQUEDA = 2_000
"""How many waiting revisiones of a round are looked at for one that this person may do."""
_COLUMNS = (
    "id, apoyo_id, solicitud, ronda, estado, entrada_ms, limite_ms, asignada_a, reclamada_por, vence_ms, motivo, "
    "pedida_por"
)


@dataclass(frozen=True, slots=True)
class Revision:
    """One. `entrada_ms`: when it came to the mesa; `limite_ms`: until when it must be decided.

    `reclamada_por`, `vence_ms`: who held it last and until when; at that instant it is free. `motivo`, `pedida_por`:
    why and by whose order a decided registro is looked at again.
    """

    id: int
    apoyo_id: int
    solicitud: int
    ronda: Ronda
    estado: EstadoRevision
    entrada_ms: int
    limite_ms: int
    asignada_a: int | None
    reclamada_por: int | None
    vence_ms: int | None
    motivo: str = ""
    pedida_por: int | None = None

    def tiene(self, now_ms: int) -> int | None:
        """Who holds it now."""
        return self.reclamada_por if self.vence_ms is not None and self.vence_ms > now_ms else None


def _of(row: sqlite3.Row) -> Revision:
    values = {name: row[name] for name in row.keys() if name != "opino"}  # noqa: SIM118 -- a Row iterates its values
    return Revision(**values | {"ronda": Ronda(values["ronda"]), "estado": EstadoRevision(values["estado"])})


def get(conn: sqlite3.Connection, id_: int) -> Revision | None:
    """One revision."""
    row = conn.execute(f"SELECT {_COLUMNS} FROM revisiones WHERE id = ?", (id_,)).fetchone()  # noqa: S608
    return _of(row) if row else None


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> list[Revision]:
    """All of an apoyo, oldest first."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM revisiones WHERE apoyo_id = ? ORDER BY id", (apoyo_id,))  # noqa: S608
    return [_of(row) for row in rows]


def pendiente_de(conn: sqlite3.Connection, apoyo_id: int) -> Revision | None:
    """The one of this apoyo that waits."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM revisiones WHERE apoyo_id = ? AND estado = 'pendiente'",  # noqa: S608
        (apoyo_id,),
    ).fetchone()
    return _of(row) if row else None


def tomadas_por(conn: sqlite3.Connection, cuenta: int, now_ms: int) -> list[Revision]:
    """What this person holds now, the first to end first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM revisiones WHERE reclamada_por = ? AND vence_ms > ? "  # noqa: S608
        "AND estado = 'pendiente' ORDER BY limite_ms, id",
        (cuenta, now_ms),
    )
    return [_of(row) for row in rows]


def add(
    conn: sqlite3.Connection,
    apoyo_id: int,
    solicitud: int,
    ronda: str,
    entrada_ms: int,
    limite_ms: int,
    *,
    motivo: str = "",
    pedida_por: int | None = None,
) -> int | None:
    """A piece of work that waits; its id, or None when one of this apoyo waits already."""
    cursor = conn.execute(
        "INSERT INTO revisiones (apoyo_id, solicitud, ronda, estado, entrada_ms, limite_ms, motivo, pedida_por) "
        "VALUES (?, ?, ?, 'pendiente', ?, ?, ?, ?) ON CONFLICT (apoyo_id) WHERE estado = 'pendiente' DO NOTHING",
        (apoyo_id, solicitud, ronda, entrada_ms, limite_ms, motivo, pedida_por),
    )
    return int(cursor.lastrowid or 0) if cursor.rowcount == 1 else None


_OPINION = (
    "EXISTS (SELECT 1 FROM dictamenes d INDEXED BY dictamenes_apoyo "
    "WHERE d.apoyo_id = r.apoyo_id AND d.cuenta_id = :cuenta "
    "AND d.resultado <> 'anulado' AND NOT EXISTS (SELECT 1 FROM dictamenes x "
    "WHERE x.apoyo_id = d.apoyo_id AND x.resultado = 'anulado' AND x.sustituye = d.id))"
)
"""Whether this person's opinion on the apoyo of `r` stands."""


def opino(conn: sqlite3.Connection, apoyo_id: int, cuenta: int) -> bool:
    """Whether this person has given an opinion on the apoyo that was not undone."""
    row = conn.execute(
        f"SELECT {_OPINION} FROM (SELECT :apoyo AS apoyo_id) r",  # noqa: S608
        {"apoyo": apoyo_id, "cuenta": cuenta},
    ).fetchone()
    return bool(row[0])


def primera_libre(
    conn: sqlite3.Connection, cuenta: int, now_ms: int, *, asignada: bool, excepto: Collection[int] = ()
) -> Revision | None:
    """What this person should do next, of what is assigned to them or of what is nobody's: the first to end.

    Never what somebody holds, nor one they gave an opinion on.
    """
    whose = "r.asignada_a = :cuenta" if asignada else "r.asignada_a IS NULL"
    index = "revisiones_asignadas" if asignada else "revisiones_libres"
    skip = ",".join(str(int(one)) for one in excepto)
    best: Revision | None = None
    for ronda in (Ronda.PRIMERA, Ronda.SEGUNDA, Ronda.TERCERA, Ronda.REAPERTURA):
        # The index has them in this order, and rows come one by one: what is not asked for is never looked at.
        rows = conn.execute(
            f"SELECT {_COLUMNS}, {_OPINION} AS opino FROM revisiones r INDEXED BY {index} "  # noqa: S608
            f"WHERE r.estado = 'pendiente' AND {whose} AND r.ronda = :ronda AND r.id NOT IN ({skip}) "
            f"AND (r.vence_ms IS NULL OR r.vence_ms <= :ahora) ORDER BY r.limite_ms, r.id LIMIT {BUSQUEDA}",
            {"cuenta": cuenta, "ronda": ronda.value, "ahora": now_ms},
        )
        row = next((row for row in rows if not row["opino"]), None)
        if row is None:
            continue
        found = _of(row)
        if best is None or (found.limite_ms, found.id) < (best.limite_ms, best.id):
            best = found
    return best


def reclamar(conn: sqlite3.Connection, id_: int, cuenta: int, now_ms: int, vence_ms: int) -> bool:
    """Hold it; False when it does not wait, is another's, or another holds it."""
    cursor = conn.execute(
        "UPDATE revisiones SET reclamada_por = ?1, reclamada_ms = iif(reclamada_por = ?1, reclamada_ms, ?2), "
        "vence_ms = ?3 WHERE id = ?4 AND estado = 'pendiente' AND (asignada_a IS NULL OR asignada_a = ?1) "
        "AND (reclamada_por IS NULL OR reclamada_por = ?1 OR vence_ms <= ?2)",
        (cuenta, now_ms, vence_ms, id_),
    )
    return cursor.rowcount == 1


def soltar(conn: sqlite3.Connection, id_: int, cuenta: int) -> bool:
    """Give it back; False when this person does not have it."""
    cursor = conn.execute(
        "UPDATE revisiones SET reclamada_por = NULL, reclamada_ms = NULL, vence_ms = NULL "
        "WHERE id = ? AND reclamada_por = ? AND estado = 'pendiente'",
        (id_, cuenta),
    )
    return cursor.rowcount == 1


def vencidas(conn: sqlite3.Connection, now_ms: int) -> list[Revision]:
    """Those whose hold ended by itself and that nobody has taken since."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM revisiones WHERE reclamada_por IS NOT NULL AND vence_ms <= ?",  # noqa: S608
        (now_ms,),
    )
    return [_of(row) for row in rows]


def cerrar(conn: sqlite3.Connection, id_: int, estado: EstadoRevision) -> None:
    """It is decided, or needs no decision any more; nobody holds it."""
    conn.execute(
        "UPDATE revisiones SET estado = ?, reclamada_por = NULL, reclamada_ms = NULL, vence_ms = NULL WHERE id = ?",
        (estado.value, id_),
    )


def asignar(conn: sqlite3.Connection, ids: Iterable[int], cuenta: int | None, now_ms: int) -> list[int]:
    """Assign these to a person, or to nobody; returns those that changed. What another holds now stays as it is."""
    changed = []
    for id_ in ids:
        cursor = conn.execute(
            "UPDATE revisiones SET asignada_a = ?1 WHERE id = ?2 AND estado = 'pendiente' AND asignada_a IS NOT ?1 "
            "AND (vence_ms IS NULL OR vence_ms <= ?3 OR reclamada_por = ?1)",
            (cuenta, id_, now_ms),
        )
        if cursor.rowcount == 1:
            changed.append(id_)
    return changed


@dataclass(frozen=True, slots=True)
class Filtro:
    """Which waiting revisiones a coordinator means. `solicitud`: of an aspirante; `de`: assigned to this account, 0
    to nobody, None to whomever; `hasta_ms`: whose limit comes before this instant."""

    solicitud: int | None = None
    de: int | None = 0
    hasta_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Pendiente:
    """What assigning needs of one. `opinaron`: accounts that gave an opinion on it."""

    id: int
    limite_ms: int
    opinaron: frozenset[int]


def pendientes(conn: sqlite3.Connection, filtro: Filtro, now_ms: int, limit: int) -> list[Pendiente]:
    """Those that wait and that nobody holds, the first to end first; at most `limit`."""
    index, where = "revisiones_limite", ["estado = 'pendiente'", "(vence_ms IS NULL OR vence_ms <= :ahora)"]
    if filtro.solicitud is not None:
        index, where = "revisiones_solicitud", [*where, "solicitud = :solicitud"]
    if filtro.de is not None:
        where.append("asignada_a = :de" if filtro.de else "asignada_a IS NULL")
    if filtro.hasta_ms is not None:
        where.append("limite_ms < :hasta")
    values = {
        "ahora": now_ms, "solicitud": filtro.solicitud, "de": filtro.de, "hasta": filtro.hasta_ms, "limit": limit,
    }  # fmt: skip
    rows = conn.execute(
        f"SELECT id, limite_ms, ronda, apoyo_id FROM revisiones INDEXED BY {index} "  # noqa: S608
        f"WHERE {' AND '.join(where)} ORDER BY limite_ms, id LIMIT :limit",
        values,
    ).fetchall()
    return [
        Pendiente(
            row["id"], row["limite_ms"],
            frozenset() if row["ronda"] == Ronda.PRIMERA else _opinaron(conn, row["apoyo_id"]),
        )
        for row in rows
    ]  # fmt: skip


def _opinaron(conn: sqlite3.Connection, apoyo_id: int) -> frozenset[int]:
    rows = conn.execute("SELECT DISTINCT cuenta_id FROM dictamenes WHERE apoyo_id = ?", (apoyo_id,))
    return frozenset(row[0] for row in rows)
