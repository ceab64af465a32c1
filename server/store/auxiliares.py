"""Auxiliares as aspirante and OPL see them: their data, their movimientos, and the lists (rows C2, C4, B4; P7.3-7.7).

`catalogo` has what phones are enrolled against; here is the rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.auxiliar import DatosAuxiliar

MAX_ID = 999_999


@dataclass(frozen=True, slots=True)
class Auxiliar:
    """One auxiliar, whole. Instants in ms; `fecha_nacimiento` aaaa-mm-dd; what was never given is empty."""

    id: int
    aspirante_id: int
    nombre: str
    apellido_paterno: str
    apellido_materno: str
    correo: str
    tipo_cuenta: str
    estatus: str
    baja_ms: int | None
    baja_causa: str | None
    baja_por: str
    creado_ms: int
    fecha_nacimiento: str
    telefono: str
    clave_elector: str
    curp: str
    referencia: str
    situacion: str
    revision: str
    revisado_ms: int | None
    revisado_por: int | None

    @property
    def nombre_completo(self) -> str:
        """Name and surnames in one line."""
        return " ".join(part for part in (self.nombre, self.apellido_paterno, self.apellido_materno) if part)


_COLUMNS = ", ".join(f"a.{name}" for name in Auxiliar.__slots__)


@dataclass(frozen=True, slots=True)
class Movimiento:
    """An alta or baja. `por`: opl, aspirante, padron or consola."""

    id: int
    movimiento: str
    causa: str
    por: str
    en_ms: int


@dataclass(frozen=True, slots=True)
class Telefono:
    """A phone of an auxiliar, without its keys."""

    id: int
    modelo: str
    alta_ms: int
    baja_ms: int | None


def free_id(conn: sqlite3.Connection) -> int | None:
    """The next Id: after the largest, and where that is the last one, the first that was never given."""
    newest = conn.execute("SELECT max(id) FROM auxiliares").fetchone()[0] or 0
    if newest < MAX_ID:
        return int(newest) + 1
    row = conn.execute(
        "SELECT min(n) FROM (SELECT 1 AS n WHERE NOT EXISTS (SELECT 1 FROM auxiliares WHERE id = 1) "
        "UNION ALL SELECT a.id + 1 FROM auxiliares a WHERE a.id < ? "
        "AND NOT EXISTS (SELECT 1 FROM auxiliares b WHERE b.id = a.id + 1))",
        (MAX_ID,),
    ).fetchone()
    return int(row[0]) if row[0] is not None else None


def insert(
    conn: sqlite3.Connection, id_: int, aspirante_id: int, datos: DatosAuxiliar, situacion: str, now_ms: int
) -> None:
    """A new auxiliar, active."""
    conn.execute(
        "INSERT INTO auxiliares (id, aspirante_id, nombre, apellido_paterno, apellido_materno, correo, tipo_cuenta, "
        "estatus, creado_ms, fecha_nacimiento, telefono, clave_elector, curp, referencia, situacion) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'activo', ?, ?, ?, ?, ?, ?, ?)",
        (
            id_, aspirante_id, datos.nombre, datos.apellido_paterno, datos.apellido_materno, datos.correo,
            datos.tipo_cuenta, now_ms, datos.fecha_nacimiento, datos.telefono, datos.clave_elector, datos.curp,
            datos.referencia, situacion,
        ),
    )  # fmt: skip


def update(conn: sqlite3.Connection, id_: int, datos: DatosAuxiliar) -> None:
    """Other data of an auxiliar; one that came back from the diario without any is active with them."""
    conn.execute(
        "UPDATE auxiliares SET nombre = ?, apellido_paterno = ?, apellido_materno = ?, correo = ?, tipo_cuenta = ?, "
        "fecha_nacimiento = ?, telefono = ?, clave_elector = ?, curp = ?, referencia = ?, "
        "estatus = CASE estatus WHEN 'por_restaurar' THEN 'activo' ELSE estatus END WHERE id = ?",
        (
            datos.nombre, datos.apellido_paterno, datos.apellido_materno, datos.correo, datos.tipo_cuenta,
            datos.fecha_nacimiento, datos.telefono, datos.clave_elector, datos.curp, datos.referencia, id_,
        ),
    )  # fmt: skip


def set_situacion(conn: sqlite3.Connection, id_: int, situacion: str) -> None:
    """What the padrón says."""
    conn.execute("UPDATE auxiliares SET situacion = ? WHERE id = ?", (situacion, id_))


def set_baja(conn: sqlite3.Connection, id_: int, causa: str, por: str, now_ms: int) -> None:
    """Baja with its cause. One that was already de baja keeps the instant since which what it sends is marked."""
    conn.execute(
        "UPDATE auxiliares SET estatus = 'baja', baja_ms = coalesce(baja_ms, ?), baja_causa = ?, baja_por = ? "
        "WHERE id = ?",
        (now_ms, causa, por, id_),
    )


def set_activo(conn: sqlite3.Connection, id_: int) -> None:
    """Active again."""
    conn.execute(
        "UPDATE auxiliares SET estatus = 'activo', baja_ms = NULL, baja_causa = NULL, baja_por = '' WHERE id = ?",
        (id_,),
    )


def set_revision(conn: sqlite3.Connection, id_: int, revision: str, cuenta: int, now_ms: int) -> None:
    """What the OPL found when it compared the testigos visuales with who is registered."""
    conn.execute(
        "UPDATE auxiliares SET revision = ?, revisado_ms = ?, revisado_por = ? WHERE id = ?",
        (revision, now_ms, cuenta, id_),
    )


def add_movimiento(
    conn: sqlite3.Connection, auxiliar_id: int, movimiento: str, causa: str, por: str, now_ms: int
) -> int:
    """One more alta or baja; returns its id."""
    cursor = conn.execute(
        "INSERT INTO movimientos_auxiliar (auxiliar_id, movimiento, causa, por, en_ms) VALUES (?, ?, ?, ?, ?)",
        (auxiliar_id, movimiento, causa, por, now_ms),
    )
    return int(cursor.lastrowid or 0)


def movimientos_of(conn: sqlite3.Connection, auxiliar_id: int) -> list[Movimiento]:
    """Every alta and baja, newest first."""
    rows = conn.execute(
        "SELECT id, movimiento, causa, por, en_ms FROM movimientos_auxiliar WHERE auxiliar_id = ? ORDER BY id DESC",
        (auxiliar_id,),
    )
    return [Movimiento(**dict(row)) for row in rows]


def get(conn: sqlite3.Connection, id_: int, aspirante_id: int | None = None) -> Auxiliar | None:
    """One auxiliar; with `aspirante_id` only if it is that aspirante's."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM auxiliares a WHERE a.id = ? AND (? IS NULL OR a.aspirante_id = ?)",  # noqa: S608
        (id_, aspirante_id, aspirante_id),
    ).fetchone()
    return Auxiliar(**dict(row)) if row else None


def with_mail(conn: sqlite3.Connection, aspirante_id: int, correo: str) -> list[Auxiliar]:
    """The auxiliares of an aspirante with this address (lower case)."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM auxiliares a WHERE a.aspirante_id = ? AND a.correo = ? ORDER BY a.id",  # noqa: S608
        (aspirante_id, correo),
    )
    return [Auxiliar(**dict(row)) for row in rows]


def with_clave(conn: sqlite3.Connection, aspirante_id: int, clave_elector: str) -> list[Auxiliar]:
    """The auxiliares of an aspirante with this clave de elector."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM auxiliares a "  # noqa: S608
        "WHERE a.aspirante_id = ? AND a.clave_elector = ? ORDER BY a.id",
        (aspirante_id, clave_elector),
    )
    return [Auxiliar(**dict(row)) for row in rows]


def unanswered(conn: sqlite3.Connection, despues_de: int = 0, limite: int = 500) -> list[Auxiliar]:
    """Active auxiliares about whom no padrón could be asked until now: the next ones after this Id."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM auxiliares a "  # noqa: S608
        "WHERE a.estatus = 'activo' AND a.situacion = 'SIN_RESPUESTA' AND a.clave_elector <> '' "
        "AND a.id > ? ORDER BY a.id LIMIT ?",
        (despues_de, limite),
    )
    return [Auxiliar(**dict(row)) for row in rows]


def phones_of(conn: sqlite3.Connection, auxiliar_id: int) -> list[Telefono]:
    """The phones of an auxiliar, newest first."""
    rows = conn.execute(
        "SELECT id, modelo, alta_ms, baja_ms FROM dispositivos WHERE auxiliar_id = ? ORDER BY id DESC", (auxiliar_id,)
    )
    return [Telefono(**dict(row)) for row in rows]


def has_phones(conn: sqlite3.Connection, auxiliar_id: int) -> bool:
    """Whether a phone was ever enrolled."""
    row = conn.execute("SELECT EXISTS (SELECT 1 FROM dispositivos WHERE auxiliar_id = ?)", (auxiliar_id,)).fetchone()
    return bool(row[0])


def newest_mail(conn: sqlite3.Connection, auxiliar_id: int, clase: str) -> tuple[str, int] | None:
    """(estado, when it was queued) of the newest mail of a class to an auxiliar: keys are `clase:auxiliar:which`."""
    row = conn.execute(
        "SELECT estado, creado_ms FROM correos WHERE clave > ? AND clave < ? ORDER BY id DESC LIMIT 1",
        (f"{clase}:{auxiliar_id}:", f"{clase}:{auxiliar_id};"),
    ).fetchone()
    return (row["estado"], row["creado_ms"]) if row else None


def aspirante_estatus(conn: sqlite3.Connection, aspirante_id: int) -> str | None:
    """Whether an aspirante is activo, inactivo or por_restaurar; None when there is none."""
    row = conn.execute("SELECT estatus FROM aspirantes WHERE id = ?", (aspirante_id,)).fetchone()
    return str(row[0]) if row else None


@dataclass(frozen=True, slots=True)
class Proceso:
    """What «Ver detalle» says of an aspirante's proceso (W)."""

    folio: int
    aspirante: str
    tipo: str
    proceso: str
    cargo: str
    ambito: str
    entidad: str
    inicia_ms: int
    termina_ms: int
    activo: bool


def proceso_of(conn: sqlite3.Connection, aspirante_id: int) -> Proceso | None:
    """The proceso of an aspirante; None while its periodo is to be restored."""
    row = conn.execute(
        "SELECT s.id AS folio, trim(s.nombre || ' ' || s.apellido_paterno || ' ' || s.apellido_materno) AS aspirante, "
        "p.tipo, p.nombre AS proceso, o.nombre AS cargo, o.ambito, o.entidad, o.inicia_ms, o.termina_ms, "
        "o.estatus = 'activo' AND s.estatus = 'activo' AS activo FROM aspirantes s "
        "JOIN periodos o ON o.id = s.periodo_id JOIN procesos p ON p.id = o.proceso_id WHERE s.id = ?",
        (aspirante_id,),
    ).fetchone()
    return Proceso(**{**dict(row), "activo": bool(row["activo"])}) if row else None


@dataclass(frozen=True, slots=True)
class Filtro:
    """What a list of an aspirante's auxiliares is narrowed to; what is empty does not narrow.

    `motivo`: who gave the baja (opl, aspirante, padron). `nombre`: words, any case, with or without accents.
    """

    nombre: str = ""
    id: int | None = None
    correo: str = ""
    estatus: str = ""
    situacion: str = ""
    motivo: str = ""


@dataclass(frozen=True, slots=True)
class Renglon:
    """A line of the lists: an auxiliar with how many phones and registros."""

    auxiliar: Auxiliar
    telefonos: int
    registros: int
    testigos: bool = False
    aspirante: str = ""


_VARIANTS = {"a": "aáàäâ", "e": "eéèëê", "i": "iíìïî", "o": "oóòöô", "u": "uúùüû", "n": "nñ"}
_LETTER_OF = {variant: letter for letter, variants in _VARIANTS.items() for variant in variants}
_NAME = "a.nombre || ' ' || a.apellido_paterno || ' ' || a.apellido_materno"


def _glob(word: str) -> str:
    """A pattern of SQLite's GLOB for a word anywhere, in any case, with or without its accents."""
    parts = []
    for sign in word.lower():
        variants = _VARIANTS.get(_LETTER_OF.get(sign, ""), sign)
        parts.append(f"[{variants}{variants.upper()}]" if sign.isalpha() or sign in "*?[" else sign)
    return f"*{''.join(parts)}*"


def _like(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _name_terms(nombre: str) -> tuple[list[str], list[object]]:
    words = nombre.split()[:8]
    return [f"({_NAME}) GLOB ?" for _ in words], [_glob(word) for word in words]


def _where(aspirante_id: int, filtro: Filtro) -> tuple[str, list[object]]:
    terms = ["a.aspirante_id = ?"]
    values: list[object] = [aspirante_id]
    if filtro.id is not None:
        terms.append("a.id = ?")
        values.append(filtro.id)
    for column, value in (("estatus", filtro.estatus), ("situacion", filtro.situacion), ("baja_por", filtro.motivo)):
        if value:
            terms.append(f"a.{column} = ?")
            values.append(value)
    if filtro.correo:
        terms.append("a.correo LIKE ? ESCAPE '\\'")
        values.append(_like(filtro.correo))
    more, words = _name_terms(filtro.nombre)
    return " AND ".join([*terms, *more]), [*values, *words]


def page(
    conn: sqlite3.Connection, aspirante_id: int, filtro: Filtro, *, before: int | None, after: int | None, limit: int
) -> list[Renglon]:
    """A page of an aspirante's auxiliares, newest first: those with an Id below `before`, or nearest above `after`."""
    where, values = _where(aspirante_id, filtro)
    rows = _keyset(conn, where, values, before, after, limit)
    ids = [row.id for row in rows]
    phones, registros = _phones(conn, ids), _registros(conn, {aspirante_id}, ids)
    return [Renglon(row, phones.get(row.id, 0), registros.get(row.id, 0)) for row in rows]


def _keyset(
    conn: sqlite3.Connection, where: str, values: list[object], before: int | None, after: int | None, limit: int
) -> list[Auxiliar]:
    if after is not None:
        where, values, order = f"{where} AND a.id > ?", [*values, after], "ASC"
    else:
        where, values, order = f"{where} AND (? IS NULL OR a.id < ?)", [*values, before, before], "DESC"
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM auxiliares a WHERE {where} ORDER BY a.id {order} LIMIT ?",  # noqa: S608
        (*values, limit),
    ).fetchall()
    found = [Auxiliar(**dict(row)) for row in rows]
    return found if after is None else found[::-1]


def count(conn: sqlite3.Connection, aspirante_id: int, filtro: Filtro) -> int:
    """How many auxiliares a filter leaves."""
    where, values = _where(aspirante_id, filtro)
    return int(conn.execute(f"SELECT count(*) FROM auxiliares a WHERE {where}", values).fetchone()[0])  # noqa: S608


def by_estatus(conn: sqlite3.Connection, aspirante_id: int) -> dict[str, int]:
    """How many auxiliares an aspirante has, by estatus."""
    rows = conn.execute(
        "SELECT estatus, count(*) FROM auxiliares WHERE aspirante_id = ? GROUP BY estatus", (aspirante_id,)
    )
    return {row[0]: row[1] for row in rows}


def registros_of(conn: sqlite3.Connection, auxiliar: Auxiliar) -> int:
    """How many apoyos arrived from an auxiliar."""
    return _registros(conn, {auxiliar.aspirante_id}, [auxiliar.id]).get(auxiliar.id, 0)


def _marks(values: Sequence[object] | set[int]) -> str:
    return ", ".join("?" for _ in values)


def _phones(conn: sqlite3.Connection, ids: list[int]) -> dict[int, int]:
    rows = conn.execute(
        "SELECT auxiliar_id, count(*) FROM dispositivos WHERE baja_ms IS NULL "  # noqa: S608
        f"AND auxiliar_id IN ({_marks(ids)}) GROUP BY auxiliar_id",
        ids,
    )
    return {row[0]: row[1] for row in rows}


def _registros(conn: sqlite3.Connection, solicitudes: set[int], ids: list[int]) -> dict[int, int]:
    rows = conn.execute(
        f"SELECT auxiliar, sum(recibidos) FROM conteos WHERE solicitud IN ({_marks(solicitudes)}) "  # noqa: S608
        f"AND eje = 'auxiliar' AND dia = 0 AND auxiliar IN ({_marks(ids)}) GROUP BY auxiliar",
        [*solicitudes, *ids],
    )
    return {int(row[0]): int(row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class FiltroOpl:
    """What «Auxiliares registrados en dispositivos» is narrowed to. `testigos`: con, sin or both (empty)."""

    aspirante: int | None = None
    id: int | None = None
    nombre: str = ""
    revision: str = ""
    testigos: str = ""
    estatus: str = ""


_TESTIGOS = "EXISTS (SELECT 1 FROM registros r WHERE r.auxiliar = a.id AND r.tipo = 'testigos')"


def _where_opl(filtro: FiltroOpl) -> tuple[str, list[object]]:
    terms = ["EXISTS (SELECT 1 FROM dispositivos d WHERE d.auxiliar_id = a.id)"]
    values: list[object] = []
    columns = (
        ("aspirante_id", filtro.aspirante), ("id", filtro.id), ("revision", filtro.revision or None),
        ("estatus", filtro.estatus or None),
    )  # fmt: skip
    for column, value in columns:
        if value is not None:
            terms.append(f"a.{column} = ?")
            values.append(value)
    if filtro.testigos:
        terms.append(_TESTIGOS if filtro.testigos == "con" else f"NOT {_TESTIGOS}")
    more, words = _name_terms(filtro.nombre)
    return " AND ".join([*terms, *more]), [*values, *words]


def page_opl(
    conn: sqlite3.Connection, filtro: FiltroOpl, *, before: int | None, after: int | None, limit: int
) -> list[Renglon]:
    """A page of the auxiliares that have a phone, of every aspirante, newest first."""
    where, values = _where_opl(filtro)
    rows = _keyset(conn, where, values, before, after, limit)
    ids = [row.id for row in rows]
    solicitudes = {row.aspirante_id for row in rows}
    phones, registros, testigos = _phones(conn, ids), _registros(conn, solicitudes, ids), _with_testigos(conn, ids)
    names = _names(conn, solicitudes)
    return [
        Renglon(
            row, phones.get(row.id, 0), registros.get(row.id, 0), row.id in testigos, names.get(row.aspirante_id, "")
        )
        for row in rows
    ]


def count_opl(conn: sqlite3.Connection, filtro: FiltroOpl) -> int:
    """How many auxiliares with a phone a filter leaves."""
    where, values = _where_opl(filtro)
    return int(conn.execute(f"SELECT count(*) FROM auxiliares a WHERE {where}", values).fetchone()[0])  # noqa: S608


def neighbour(conn: sqlite3.Connection, filtro: FiltroOpl, id_: int, *, older: bool) -> int | None:
    """The auxiliar after (`older`) or before this one in the list that a filter leaves."""
    where, values = _where_opl(filtro)
    sign, order = ("<", "DESC") if older else (">", "ASC")
    row = conn.execute(
        f"SELECT a.id FROM auxiliares a WHERE {where} AND a.id {sign} ? ORDER BY a.id {order} LIMIT 1",  # noqa: S608
        (*values, id_),
    ).fetchone()
    return int(row[0]) if row else None


def _with_testigos(conn: sqlite3.Connection, ids: list[int]) -> set[int]:
    rows = conn.execute(
        f"SELECT DISTINCT auxiliar FROM registros WHERE tipo = 'testigos' AND auxiliar IN ({_marks(ids)})",  # noqa: S608
        ids,
    )
    return {row[0] for row in rows}


def _names(conn: sqlite3.Connection, aspirantes: set[int]) -> dict[int, str]:
    rows = conn.execute(
        "SELECT id, trim(nombre || ' ' || apellido_paterno || ' ' || apellido_materno) AS nombre FROM aspirantes "  # noqa: S608
        f"WHERE id IN ({_marks(aspirantes)})",
        [*aspirantes],
    )
    return {row["id"]: row["nombre"] for row in rows}


def aspirante_name(conn: sqlite3.Connection, aspirante_id: int) -> str:
    """Name of an aspirante, empty where it is not known."""
    return _names(conn, {aspirante_id}).get(aspirante_id, "")
