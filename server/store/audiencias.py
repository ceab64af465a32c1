"""Rows of the garantía de audiencia: hearings, what is contested, who reviews, on which days they were held (B8, C7).

What an aspirante sees passes `solicitud`, and finds nothing of another's. Instants in ms.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from server.domain.garantia_audiencia import Cita, Estado, SinRevisar
from server.store.dictamenes import _STANDS as EN_PIE
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
class EnLista:
    """One hearing in a list. `aspirante`: whose; their name."""

    audiencia: Audiencia
    aspirante: str
    totales: Totales


@dataclass(frozen=True, slots=True)
class Revisor:
    """A functionary: named for a hearing, or who may be."""

    cuenta: int
    nombre: str
    cargo: str
    rol: str
    correo: str


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


# -- one hearing ----------------------------------------------------------------------------------------------------


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


# -- lists ----------------------------------------------------------------------------------------------------------


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


# -- what is contested ----------------------------------------------------------------------------------------------

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


# -- who reviews, and when it was held ------------------------------------------------------------------------------

_REVISOR = "SELECT c.id AS cuenta, c.nombre, c.cargo, c.rol, c.correo FROM cuentas c "


def revisores(conn: sqlite3.Connection, id_: int) -> list[Revisor]:
    """Who was named for a hearing."""
    rows = conn.execute(
        f"{_REVISOR}JOIN audiencia_revisores v ON v.cuenta_id = c.id WHERE v.audiencia_id = ? ORDER BY c.id", (id_,)
    )
    return [Revisor(**dict(row)) for row in rows]


def revisaron(conn: sqlite3.Connection, id_: int) -> list[Revisor]:
    """Who is named for a hearing, and whoever decided something in it before others took their place."""
    rows = conn.execute(
        f"{_REVISOR}WHERE c.id IN (SELECT cuenta_id FROM audiencia_revisores WHERE audiencia_id = ?1 UNION "  # noqa: S608
        "SELECT f.cuenta_id FROM audiencia_registros r JOIN dictamenes f ON f.id = r.dictamen_final "
        "WHERE r.audiencia_id = ?1) ORDER BY c.id",
        (id_,),
    )
    return [Revisor(**dict(row)) for row in rows]


def is_revisor(conn: sqlite3.Connection, id_: int, cuenta: int) -> bool:
    """Whether this account was named for it."""
    row = conn.execute(
        "SELECT 1 FROM audiencia_revisores WHERE audiencia_id = ? AND cuenta_id = ?", (id_, cuenta)
    ).fetchone()
    return row is not None


def candidatos(conn: sqlite3.Connection) -> list[Revisor]:
    """Active accounts of the OPL that may review in hearings."""
    rows = conn.execute(
        f"{_REVISOR}WHERE c.estatus = 'activa' AND c.rol IN ('audiencia', 'administracion') "
        "ORDER BY c.nombre COLLATE NOCASE, c.id"
    )
    return [Revisor(**dict(row)) for row in rows]


def impedidos(conn: sqlite3.Connection, id_: int) -> set[int]:
    """Accounts that gave any opinion on any contested registro outside this hearing: first, second, third, of a
    reopened case, of another hearing."""
    rows = conn.execute(
        "SELECT DISTINCT d.cuenta_id FROM audiencia_registros r JOIN dictamenes d ON d.apoyo_id = r.apoyo_id "
        "WHERE r.audiencia_id = ?1 AND d.audiencia_id IS NOT ?1",
        (id_,),
    )
    return {int(row[0]) for row in rows}


def put_revisores(conn: sqlite3.Connection, id_: int, cuentas: Collection[int]) -> None:
    """Name these and nobody else; who stays keeps what they have before the room."""
    before = {
        row[0] for row in conn.execute("SELECT cuenta_id FROM audiencia_revisores WHERE audiencia_id = ?", (id_,))
    }
    conn.executemany(
        "DELETE FROM audiencia_revisores WHERE audiencia_id = ? AND cuenta_id = ?",
        [(id_, one) for one in before - set(cuentas)],
    )
    conn.executemany(
        "INSERT INTO audiencia_revisores (audiencia_id, cuenta_id) VALUES (?, ?)",
        [(id_, one) for one in sorted(set(cuentas) - before)],
    )


def set_mirando(conn: sqlite3.Connection, id_: int, cuenta: int, apoyo_id: int | None) -> None:
    """What this reviewer has before the room; None for every reviewer's nothing, when a sitting ends."""
    conn.execute(
        "UPDATE audiencia_revisores SET mirando = ? WHERE audiencia_id = ? AND cuenta_id = ?", (apoyo_id, id_, cuenta)
    )


def mirando(conn: sqlite3.Connection, id_: int, cuenta: int) -> int | None:
    """The registro that this reviewer has before the room."""
    row = conn.execute(
        "SELECT mirando FROM audiencia_revisores WHERE audiencia_id = ? AND cuenta_id = ?", (id_, cuenta)
    ).fetchone()
    return row["mirando"] if row else None


def en_la_sala(conn: sqlite3.Connection, id_: int, apoyo_id: int) -> bool:
    """Whether some reviewer of a hearing has this registro before the room, now that it is held."""
    row = conn.execute(
        "SELECT 1 FROM audiencia_revisores v JOIN audiencias a ON a.id = v.audiencia_id "
        "WHERE v.audiencia_id = ? AND v.mirando = ? AND a.estado = 'en_desahogo'",
        (id_, apoyo_id),
    ).fetchone()
    return row is not None


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
