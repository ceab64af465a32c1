"""What is contested in a hearing, how it stands, and what may be contested (row B8, P14)."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from server.domain.garantia_audiencia import SinRevisar
from server.store.dictamenes import _STANDS as EN_PIE
from server.store.por_clave import PorClave, by_key


@dataclass(frozen=True, slots=True)
class Dicho:
    """What was decided, as an acta says it. `cuenta`: by which account; who that is, the OPL's own pages know."""

    dictamen: int
    resultado: str
    inciso: str
    detalle: str
    criterios: int
    cuenta: int
    en_ms: int


@dataclass(frozen=True, slots=True)
class Renglon:
    """One contested registro: before, and after when it was looked at. `revisor`: whose it is, once it is scheduled."""

    apoyo: int
    folio: str
    auxiliar: int
    recibido_ms: int
    via: str
    argumento: str
    revisor: int | None
    sin_revisar: SinRevisar
    antes: Dicho
    despues: Dicho | None

    @property
    def pendiente(self) -> bool:
        """Nobody looked at it again yet."""
        return self.despues is None and not self.sin_revisar


@dataclass(frozen=True, slots=True)
class Impugnables:
    """Which registros are asked for, among those that may be contested. Days as in server.domain.dias, both included.

    `corte`: nothing decided by a later dictamen; 0: whatever there is.
    """

    inciso: str = ""
    desde: int | None = None
    hasta: int | None = None
    auxiliar: int | None = None
    folio: str = ""
    corte: int = 0


@dataclass(frozen=True, slots=True)
class Impugnable:
    """A registro that may be contested, with what the mesa found."""

    apoyo: int
    folio: str
    auxiliar: int
    recibido_ms: int
    via: str
    antes: Dicho


_DICHO = "{0}.id AS {1}_id, {0}.resultado AS {1}_resultado, {0}.inciso AS {1}_inciso, {0}.detalle AS {1}_detalle, " \
    "{0}.criterios_version AS {1}_criterios, {0}.cuenta_id AS {1}_cuenta, {0}.en_ms AS {1}_en"  # fmt: skip

_RENGLON = (
    "SELECT r.apoyo_id, p.folio, p.auxiliar, p.recibido_ms, p.via, r.argumento, r.revisor, r.sin_revisar, "  # noqa: S608
    f"{_DICHO.format('i', 'antes')}, {_DICHO.format('f', 'despues')} FROM audiencia_registros r "
    "JOIN apoyos p ON p.id = r.apoyo_id JOIN dictamenes i ON i.id = r.dictamen_inicial "
    "LEFT JOIN dictamenes f ON f.id = r.dictamen_final "
)

QUE = {
    "": "TRUE",
    "faltan": "r.dictamen_final IS NULL AND r.sin_revisar = ''",
    "confirmados": "f.resultado = 'inconsistente' AND f.inciso = i.inciso AND f.detalle = i.detalle",
    "cambiados": "f.resultado = 'valido'",
    "otro_inciso": "f.resultado = 'inconsistente' AND NOT (f.inciso = i.inciso AND f.detalle = i.detalle)",
    "sin_revisar": "r.sin_revisar <> ''",
}
"""Which of its registros may be asked for."""


def _dicho(row: sqlite3.Row, which: str) -> Dicho:
    return Dicho(*(row[f"{which}_{name}"] for name in
                   ("id", "resultado", "inciso", "detalle", "criterios", "cuenta", "en")))  # fmt: skip


def _renglon(row: sqlite3.Row) -> Renglon:
    return Renglon(
        row["apoyo_id"], row["folio"], row["auxiliar"], row["recibido_ms"], row["via"], row["argumento"],
        row["revisor"], SinRevisar(row["sin_revisar"]), _dicho(row, "antes"),
        _dicho(row, "despues") if row["despues_id"] is not None else None,
    )  # fmt: skip


def registros(
    conn: sqlite3.Connection, id_: int, que: str = "", clave: PorClave | None = None, limit: int | None = None
) -> tuple[list[Renglon], bool, bool]:
    """Its registros, newest first: a page of them, or all without `limit`. `que`: a key of QUE."""
    rows, newer, older = by_key(
        conn, _RENGLON, "r.apoyo_id", f"r.audiencia_id = :id AND {QUE[que]}", {"id": id_}, clave or PorClave(),
        2**40 if limit is None else limit,
    )  # fmt: skip
    return [_renglon(row) for row in rows], newer, older


def registro(conn: sqlite3.Connection, id_: int, apoyo_id: int) -> Renglon | None:
    """One contested registro of a hearing."""
    row = conn.execute(f"{_RENGLON}WHERE r.audiencia_id = ? AND r.apoyo_id = ?", (id_, apoyo_id)).fetchone()
    return _renglon(row) if row else None


def apoyos(conn: sqlite3.Connection, id_: int, *, faltan: bool = False) -> list[int]:
    """Ids of what is contested, neighbours of one auxiliar together; `faltan`: only what is still to be looked at."""
    rows = conn.execute(
        "SELECT r.apoyo_id FROM audiencia_registros r JOIN apoyos p ON p.id = r.apoyo_id WHERE r.audiencia_id = ? "
        "AND (NOT ?2 OR (r.dictamen_final IS NULL AND r.sin_revisar = '')) ORDER BY p.auxiliar, r.apoyo_id",
        (id_, faltan),
    )
    return [int(row[0]) for row in rows]


def ultimo(conn: sqlite3.Connection, id_: int, revisor: int) -> Renglon | None:
    """What a reviewer decided last in a hearing."""
    row = conn.execute(
        f"{_RENGLON}WHERE r.audiencia_id = ? AND f.cuenta_id = ? ORDER BY f.id DESC LIMIT 1", (id_, revisor)
    ).fetchone()
    return _renglon(row) if row else None


def turno(conn: sqlite3.Connection, id_: int, revisor: int) -> list[tuple[int, bool]]:
    """What a reviewer has in a hearing, in the order in which it is shown: (apoyo, still to be looked at)."""
    rows = conn.execute(
        "SELECT r.apoyo_id, r.dictamen_final IS NULL AND r.sin_revisar = '' AS falta FROM audiencia_registros r "
        "JOIN apoyos p ON p.id = r.apoyo_id WHERE r.audiencia_id = ? AND r.revisor = ? "
        "ORDER BY p.auxiliar, r.apoyo_id",
        (id_, revisor),
    )
    return [(int(row[0]), bool(row[1])) for row in rows]


def decided_since(conn: sqlite3.Connection, id_: int, since_ms: int) -> int:
    """How many registros of a hearing were decided from an instant on."""
    row = conn.execute(
        "SELECT count(*) FROM audiencia_registros r JOIN dictamenes f ON f.id = r.dictamen_final "
        "WHERE r.audiencia_id = ? AND f.en_ms >= ?",
        (id_, since_ms),
    ).fetchone()
    return int(row[0])


def add_registros(conn: sqlite3.Connection, id_: int, found: Iterable[tuple[int, int]], argumento: str) -> int:
    """Contest these, (apoyo, dictamen in force); those in an open hearing already stay there. How many came."""
    before = conn.total_changes
    conn.executemany(
        "INSERT INTO audiencia_registros (audiencia_id, apoyo_id, dictamen_inicial, argumento) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [(id_, apoyo, dictamen, argumento) for apoyo, dictamen in found],
    )
    return conn.total_changes - before


def remove_registros(conn: sqlite3.Connection, id_: int, which: Collection[int] | None) -> int:
    """No longer contested: these, or all (None). Returns how many."""
    if which is None:
        return conn.execute("DELETE FROM audiencia_registros WHERE audiencia_id = ?", (id_,)).rowcount
    before = conn.total_changes
    conn.executemany(
        "DELETE FROM audiencia_registros WHERE audiencia_id = ? AND apoyo_id = ?", [(id_, one) for one in which]
    )
    return conn.total_changes - before


def set_argumento(conn: sqlite3.Connection, id_: int, apoyo_id: int, argumento: str) -> bool:
    """What the aspirante says of one registro."""
    cursor = conn.execute(
        "UPDATE audiencia_registros SET argumento = ? WHERE audiencia_id = ? AND apoyo_id = ?",
        (argumento, id_, apoyo_id),
    )
    return cursor.rowcount == 1


def set_final(conn: sqlite3.Connection, id_: int, apoyo_id: int, dictamen: int) -> None:
    """What was decided in the hearing."""
    conn.execute(
        "UPDATE audiencia_registros SET dictamen_final = ?, sin_revisar = '' WHERE audiencia_id = ? AND apoyo_id = ?",
        (dictamen, id_, apoyo_id),
    )


def set_sin_revisar(conn: sqlite3.Connection, id_: int, apoyo_id: int, why: SinRevisar) -> None:
    """Why it is not looked at; `SinRevisar.NO`: it will be."""
    conn.execute(
        "UPDATE audiencia_registros SET sin_revisar = ? WHERE audiencia_id = ? AND apoyo_id = ?",
        (why.value, id_, apoyo_id),
    )


def set_revisores_de(conn: sqlite3.Connection, id_: int, de: Mapping[int, int]) -> None:
    """Whose each registro is: apoyo to account."""
    conn.executemany(
        "UPDATE audiencia_registros SET revisor = ? WHERE audiencia_id = ? AND apoyo_id = ?",
        [(cuenta, id_, apoyo) for apoyo, cuenta in de.items()],
    )


_IMPUGNABLE = (
    "FROM apoyos p JOIN dictamenes i ON i.id = "  # noqa: S608
    "(SELECT max(d.id) FROM dictamenes d WHERE d.apoyo_id = p.id AND d.firme = 1 "
    f"AND {EN_PIE}) "
    "WHERE p.solicitud = :solicitud AND p.resultado = 'inconsistente' AND i.resultado = 'inconsistente' "
    "AND i.ronda <> 'audiencia' AND (:inciso = '' OR p.inciso = :inciso) AND (:desde IS NULL OR p.dia >= :desde) "
    "AND (:hasta IS NULL OR p.dia <= :hasta) AND (:auxiliar IS NULL OR p.auxiliar = :auxiliar) "
    "AND (:folio = '' OR p.folio = :folio) AND (:corte = 0 OR i.id <= :corte) "
    "AND NOT EXISTS (SELECT 1 FROM audiencia_registros r WHERE r.apoyo_id = p.id AND r.abierta = 1)"
)


def _asked(solicitud: int, filtro: Impugnables) -> dict[str, object]:
    return {
        "solicitud": solicitud, "inciso": filtro.inciso, "desde": filtro.desde, "hasta": filtro.hasta,
        "auxiliar": filtro.auxiliar, "folio": filtro.folio, "corte": filtro.corte,
    }  # fmt: skip


def impugnables(
    conn: sqlite3.Connection, solicitud: int, filtro: Impugnables, clave: PorClave, limit: int
) -> tuple[list[Impugnable], bool, bool]:
    """A page of what an aspirante may contest: found inconsistent by the mesa, by a dictamen that no hearing gave, and
    in no hearing that is still open."""
    select, _, where = _IMPUGNABLE.partition("WHERE ")
    rows, newer, older = by_key(
        conn, f"SELECT p.id, p.folio, p.auxiliar, p.recibido_ms, p.via, {_DICHO.format('i', 'antes')} {select}", "p.id",
        where, _asked(solicitud, filtro), clave, limit,
    )  # fmt: skip
    found = [
        Impugnable(row["id"], row["folio"], row["auxiliar"], row["recibido_ms"], row["via"], _dicho(row, "antes"))
        for row in rows
    ]
    return found, newer, older


def count_impugnables(conn: sqlite3.Connection, solicitud: int, filtro: Impugnables) -> tuple[int, int]:
    """(how many, the newest dictamen among them): with that as `corte` the same ones are found again later."""
    row = conn.execute(f"SELECT count(*), coalesce(max(i.id), 0) {_IMPUGNABLE}", _asked(solicitud, filtro)).fetchone()
    return int(row[0]), int(row[1])


def all_impugnables(
    conn: sqlite3.Connection, solicitud: int, filtro: Impugnables, only: Collection[int] | None = None
) -> list[tuple[int, int]]:
    """(apoyo, dictamen in force) of all that the filter leaves, or of those of `only` among them."""
    rows = conn.execute(f"SELECT p.id, i.id {_IMPUGNABLE} ORDER BY p.id", _asked(solicitud, filtro))
    wanted = None if only is None else set(only)
    return [(int(row[0]), int(row[1])) for row in rows if wanted is None or row[0] in wanted]


def of_apoyo(conn: sqlite3.Connection, apoyo_id: int) -> int | None:
    """The newest hearing in which a registro is or was contested; withdrawn ones do not count."""
    row = conn.execute(
        "SELECT max(r.audiencia_id) FROM audiencia_registros r JOIN audiencias a ON a.id = r.audiencia_id "
        "WHERE r.apoyo_id = ? AND a.estado <> 'desistida'",
        (apoyo_id,),
    ).fetchone()
    return None if row[0] is None else int(row[0])
